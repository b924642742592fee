import { minuteMs } from '../../../core/clock.ts'
import { powerFactorOf } from './reactive.ts'

/**
 * The quietest moment of a window of 20 minutes, when its power was lowest: what runs all the time. A fridge, an air conditioner or a
 * kettle comes and goes within it, so what is left are appliances that stay on for long. Its minute within the window, whole W and var;
 * no var where the power factor is not known. With them, what was suddenly switched on, less what off, since that of the window before,
 * without what is heavy: it is off again by now, and its own drift is as large as a charger. Last what the room then hummed, W.
 */
export type Quiet = readonly [minute: number, watts: number, vars: number | null, ...Steps, hum: number]
export type Steps = readonly [watts: number, vars: number]

/** A step of this many times the hum is seen as one. */
export const humSteps = 3
/** A step of so many W is heavy; and so much above the lowest window something heavy runs. */
export const heavyWatts = 600

export const windowMinutes = 20
export const windowMs = windowMinutes * minuteMs
/** Eight hours are remembered, the newest last. */
export const mostWindows = 24

export interface Taper {
  /** What was plugged in, W, how long ago, and what runs without it. */
  readonly addedWatts: number
  readonly minutes: number
  readonly restWatts: number
  /** By how much it has fallen, W, and of which power factor that was: null where it is not known, or not that of what was plugged in. */
  readonly fallenWatts: number
  readonly powerFactor: number | null
}

export interface TaperSettings {
  readonly leastWatts: number
  readonly mostWatts: number
  readonly leastPowerFactor: number
  readonly mostPowerFactor: number
  readonly flatMinutes: number
  readonly fallingMinutes: number
  readonly hummingMinutes: number
  readonly fallenShare: number
}

/** A window that is so much higher than the ones around it had a fridge running all through it, W. */
const bumpWatts = 30
/** Two moments are taken to be so far apart at least: nearer, noise would be a rate. */
const leastMinutes = 8
/** It falls in a window by this at least, W or var, or this share of its fastest. */
const fallLeast = 4
const fallLeastShare = 0.08
/** Right before, it was flat: so many windows in which it moved by less, W or var, or share of the fall. */
const flatWindows = 3
const flatMost = 8
const flatShare = 0.15
/** A rise within the taper of less than this share of the fall in a window is a neighbour's. */
const riseShare = 0.5
/** It falls steadily, or more and more slowly: from the third window on, between these times the fall in the one before. */
export const slowestShare = 1.4
const fastestShare = 0.3
/** No single window has more of the fall than this. */
const mostOfFall = 0.75
/** When it was plugged in it drew this share of its last flat power at least: the current is constant, the battery's voltage rises. */
const constantShare = 0.75
/** If what falls is what was plugged in, their power factors differ by no more. */
const mostFactorApart = 0.15
/** By its reactive power, which is less well known beside a heater, it is on while it has this share of it. */
const onShare = 0.5
/** The power itself, and the reactive power, has fallen by this share of it: not everything is explained away. */
const trueShare = 0.6

interface Moment {
  /** Minutes since the first window began. */
  readonly at: number
  readonly watts: number
  readonly vars: number | null
  readonly steps: Steps
  readonly hum: number
}

/** From one moment to the next, without what was switched: by how much, and how fast, per window. */
interface Change {
  readonly by: number
  readonly rate: number
}

/** The end of a charge, where the newest windows show one. */
export function taperOf(quiet: readonly Quiet[], settings: TaperSettings): Taper | undefined {
  const moments = withoutOthers(momentsOf(quiet))
  const byWatts = changesOf(moments, 'watts', 0)
  const byVars = moments.every(({ vars }) => vars !== null) ? changesOf(moments, 'vars', 1) : null
  const shape = byVars ?? byWatts
  const begin = beginOfFall(shape, settings)
  if (begin === undefined) return undefined

  const falls = byWatts.slice(begin + 1)
  if (!isLongEnough(falls, moments.slice(begin + 1), settings)) return undefined
  const fallenWatts = -sum(falls)
  const powerFactor = powerFactorOf(fallenWatts, byVars && sum(byVars.slice(begin + 1)))
  const nowWatts = moments.at(-1)?.watts ?? 0
  // what falls drew no more than it has fallen by and what all together still draw
  if (fallenWatts + nowWatts < settings.leastWatts) return undefined
  const fallenVars = byVars && -sum(byVars.slice(begin + 1))
  const [flat, now] = [moments[begin], moments.at(-1)]
  const hasFallen = isTrue(flat?.watts, now?.watts, fallenWatts) && isTrue(flat?.vars, now?.vars, fallenVars)
  if (fallenWatts <= 0 || !hasFallen || !isLike(powerFactor, settings)) return undefined

  const plugged =
    pluggedIn(moments, begin, fallenWatts, settings) ??
    pluggedByVars(momentsOf(quiet), moments[begin], { watts: fallenWatts, vars: fallenVars }, settings)
  if (plugged === undefined || fallenWatts < settings.fallenShare * plugged.watts) return undefined
  const minutes = quiet.length * windowMinutes - plugged.at
  const restWatts = nowWatts - Math.max(0, plugged.watts - fallenWatts)
  const agreed = isNearly(plugged.powerFactor, powerFactor) ? powerFactor : null
  return { addedWatts: plugged.watts, minutes, restWatts, fallenWatts, powerFactor: agreed }
}

/** Where it is not known, nothing says otherwise. */
function isTrue(before: number | null | undefined, now: number | null | undefined, fallen: number | null): boolean {
  if (typeof before !== 'number' || typeof now !== 'number' || fallen === null) return true
  return before - now >= trueShare * fallen
}

function momentsOf(quiet: readonly Quiet[]): readonly Moment[] {
  return quiet.map(([minute, watts, vars, byWatts, byVars, hum], index) => {
    return { at: index * windowMinutes + minute, watts, vars, steps: [byWatts, byVars], hum }
  })
}

/** Windows through which something else ran tell nothing; what was switched in them counts for the next one. */
function without(moments: readonly Moment[], isLoud: (moment: Moment, index: number) => boolean): readonly Moment[] {
  let skipped: Steps = noSteps
  return moments.flatMap((moment, index): Moment[] => {
    const steps = added(skipped, moment.steps)
    const loud = isLoud(moment, index)
    skipped = loud ? steps : noSteps
    return loud ? [] : [{ ...moment, steps }]
  })
}

function withoutOthers(all: readonly Moment[]): readonly Moment[] {
  const lowest = Math.min(...all.map(({ watts }) => watts))
  const light = without(all, ({ watts }) => watts > lowest + heavyWatts)
  return without(light, ({ watts }, index) => {
    return watts > bumpWatts + Math.max(light[index - 1]?.watts ?? watts, light[index + 1]?.watts ?? watts)
  })
}

export const noSteps: Steps = [0, 0]

export function added(one: Steps, other: Steps): Steps {
  return [one[0] + other[0], one[1] + other[1]]
}

/** What was switched is taken out where it explains some of the change. */
function changesOf(moments: readonly Moment[], of: 'watts' | 'vars', part: 0 | 1): readonly Change[] {
  return moments.map((moment, index) => {
    const before = moments[index - 1]
    if (before === undefined) return { by: 0, rate: 0 }
    const change = (moment[of] ?? 0) - (before[of] ?? 0)
    const rest = change - moment.steps[part]
    const by = Math.abs(rest) < Math.abs(change) ? rest : change
    return { by, rate: (by * windowMinutes) / Math.max(leastMinutes, moment.at - before.at) }
  })
}

/**
 * The moment after which the newest fall began: the last level one that was flat before and from which it falls smoothly. Nothing before a
 * rise, or before two level windows in a row, belongs to it.
 */
function beginOfFall(changes: readonly Change[], settings: TaperSettings): number | undefined {
  let level = 0
  let most = 0
  for (let index = changes.length - 1; index >= 0; index--) {
    const { rate } = changes[index] ?? { rate: 0 }
    const isRise = rate >= Math.max(fallLeast, riseShare * most)
    const isLevel = rate > -Math.max(fallLeast, fallLeastShare * most)
    const falls = changes.slice(index + 1)
    const isEnd = isFlat(changes, index) || isDecay(falls, settings)
    if ((isRise || isLevel) && isSmooth(falls, settings) && isEnd) return index
    most = Math.max(most, -rate)
    level = isLevel ? level + 1 : 0
    if (isRise || level === 2) return undefined
  }
  return undefined
}

/** What is switched off unseen, one after the other, may look like a taper; but not for as long. */
function isLongEnough(falls: readonly Change[], moments: readonly Moment[], settings: TaperSettings): boolean {
  const unseenWatts = humSteps * Math.max(...moments.map(({ hum }) => hum))
  if (-sum(falls) >= unseenWatts * falls.length) return true
  return falls.filter(({ by }) => by <= -fallLeast).length * windowMs >= settings.hummingMinutes * minuteMs
}

function isSmooth(falls: readonly Change[], settings: TaperSettings): boolean {
  const falling = falls.filter(({ rate }) => rate <= -fallLeast).length
  if (falling * windowMs < settings.fallingMinutes * minuteMs) return false
  const largest = Math.max(...falls.map(({ by }) => -by))
  if (largest > mostOfFall * -sum(falls)) return false
  // the first window begins before the taper
  return falls.every(({ rate }, index) => {
    const before = -(falls[index - 1]?.rate ?? 0)
    return index < 2 || (-rate <= slowestShare * before + flatMost && -rate >= fastestShare * before - flatMost)
  })
}

/** For long, and less and less in each window: at constant voltage the current decays, whatever else went off before. */
function isDecay(falls: readonly Change[], settings: TaperSettings): boolean {
  const falling = falls.filter(({ by }) => by <= -fallLeast).length
  if (falling * windowMs < settings.hummingMinutes * minuteMs) return false
  const rates = falls.map(({ rate }) => -rate)
  // the first window begins before the taper
  if (rates.indexOf(Math.max(...rates)) > 1) return false
  return rates.every((rate, index) => index < 2 || rate <= flatMost + (rates[index - 1] ?? 0))
}

function isFlat(changes: readonly Change[], begin: number): boolean {
  const most = Math.max(flatMost, -flatShare * sum(changes.slice(begin + 1)))
  return changes.slice(begin + 1 - flatWindows, begin + 1).every(({ by }) => Math.abs(by) <= most)
}

/** A charger that a room has had, by its power and power factor; and how far another charge of it may be off. */
export type KnownCharger = readonly [watts: number, powerFactor: number]
const sameShare = 0.12
const sameFactor = 0.08
/** Its windows from the second on differ by no more, W, or share of it. */
const evenWatts = 8
const evenShare = 0.08

export interface Plateau {
  readonly addedWatts: number
  readonly powerFactor: number
  readonly minutes: number
  readonly restWatts: number
}

/**
 * A known charger that joined and has been flat since for `flatMinutes`. By power and flatness alone it cannot be told from a lamp for plants,
 * a dehumidifier or a television: only that this very power and power factor has tapered here before makes it one.
 */
export function plateauOf(
  quiet: readonly Quiet[],
  [knownWatts, knownFactor]: KnownCharger,
  settings: TaperSettings,
): Plateau | undefined {
  const moments = withoutOthers(momentsOf(quiet))
  const end = quiet.length * windowMinutes
  const index = moments.findLastIndex(({ watts }, i) => watts - (moments[i - 1]?.watts ?? watts) > knownWatts / 2)
  const before = lower(moments[index - 1], moments[index - 2])
  const flat = moments.slice(index + 1)
  const last = flat.at(-1)
  if (before === undefined || last === undefined || end - before.at < settings.flatMinutes) return undefined

  const watts = (moments[index + 1]?.watts ?? 0) - before.watts
  const vars = before.vars === null || last.vars === null ? null : last.vars - before.vars
  const powerFactor = powerFactorOf(last.watts - before.watts, vars)
  const isSame = Math.abs(watts - knownWatts) <= sameShare * knownWatts
  if (!isSame || powerFactor === null || Math.abs(powerFactor - knownFactor) > sameFactor) return undefined
  const spread = Math.max(...flat.map((each) => each.watts)) - Math.min(...flat.map((each) => each.watts))
  if (spread > Math.max(evenWatts, evenShare * knownWatts)) return undefined
  return { addedWatts: watts, powerFactor, minutes: end - before.at, restWatts: before.watts }
}

/** When something joined that is large enough for what has fallen, of a charger's power factor, long enough before. */
function pluggedIn(moments: readonly Moment[], begin: number, fallenWatts: number, settings: TaperSettings) {
  const least = Math.max(settings.leastWatts, constantShare * fallenWatts)
  const latest = (moments[begin]?.at ?? 0) - settings.flatMinutes
  for (let index = begin; index > 0; index--) {
    const now = moments[index]
    const before = lower(moments[index - 1], moments[index - 2])
    if (now === undefined || before === undefined || before.at > latest) continue
    const watts = now.watts - before.watts
    const vars = now.vars === null || before.vars === null ? null : now.vars - before.vars
    const powerFactor = powerFactorOf(watts, vars)
    if (watts < least || watts > settings.mostWatts || !isLike(powerFactor, settings)) continue
    return isOnSince(moments.slice(index, begin), before.watts, watts)
      ? { at: before.at, watts, powerFactor }
      : undefined
  }
  return undefined
}

/**
 * The same by reactive power, where a heater ran while it was plugged in and hides its watts: heaters and lamps have hardly any, so that of
 * the charger stands out, and at the power factor of what has fallen it tells the watts.
 */
function pluggedByVars(
  moments: readonly Moment[],
  flat: Moment | undefined,
  fallen: { readonly watts: number; readonly vars: number | null },
  settings: TaperSettings,
) {
  const flatVars = flat?.vars ?? null
  if (flat === undefined || flatVars === null || fallen.vars === null) return undefined
  const onVars = flatVars - onShare * fallen.vars
  const isOn = ({ vars }: Moment) => vars === null || vars >= onVars
  const before = moments.findLast((moment) => moment.at <= flat.at && !isOn(moment))
  if (before === undefined || before.vars === null || flat.at - before.at < settings.flatMinutes) return undefined
  const vars = flatVars - before.vars
  const watts = Math.round((vars * fallen.watts) / fallen.vars)
  if (vars < constantShare * fallen.vars || watts < settings.leastWatts || watts > settings.mostWatts) return undefined
  return { at: before.at, watts, powerFactor: null }
}

/** Nothing says that it was off in between, also when others went off meanwhile. */
function isOnSince(moments: readonly Moment[], restWatts: number, watts: number): boolean {
  const flatWatts = moments.at(-1)?.watts ?? 0
  const least = Math.min(restWatts, flatWatts - watts) + constantShare * watts
  return moments.every((moment) => moment.watts >= least)
}

/** A fridge may have run through the window in which it was plugged in. */
function lower(one: Moment | undefined, other: Moment | undefined): Moment | undefined {
  return other !== undefined && one !== undefined && other.watts < one.watts ? other : one
}

function isLike(powerFactor: number | null, { leastPowerFactor, mostPowerFactor }: TaperSettings): boolean {
  return powerFactor === null || (powerFactor >= leastPowerFactor && powerFactor <= mostPowerFactor)
}

/** Where one is not known, nothing says otherwise. */
function isNearly(one: number | null, other: number | null): boolean {
  return one === null || other === null || Math.abs(one - other) <= mostFactorApart
}

function sum(changes: readonly Change[]): number {
  return changes.reduce((total, { by }) => total + by, 0)
}
