import { minuteMs } from '../../../core/clock.ts'
import { powerFactorOf } from './reactive.ts'

/**
 * The quietest moment of a window of 20 minutes, when its power was lowest: what runs all the time. A fridge, an air conditioner or a
 * kettle comes and goes within it, so what is left are appliances that stay on for long. Whole W and var; no var where the power
 * factor is not known. With them, what was suddenly switched on, less what off, since that of the window before.
 */
export type Quiet = readonly [watts: number, vars: number | null, switchedWatts: number, switchedVars: number]

export const windowMs = 20 * minuteMs
/** Eight hours are remembered, the newest last. */
export const mostWindows = 24

export interface Taper {
  /** By how much it has fallen, W, and of which power factor that was. */
  readonly fallenWatts: number
  readonly powerFactor: number | null
  /** What was drawn before it was plugged in, and when it began to fall, W. */
  readonly restWatts: number
  readonly flatWatts: number
  /** For how many windows it has been on, the taper included. */
  readonly windows: number
}

export interface TaperSettings {
  readonly leastWatts: number
  readonly mostWatts: number
  readonly leastPowerFactor: number
  readonly mostPowerFactor: number
  readonly flatMinutes: number
  readonly fallingMinutes: number
  readonly fallenShare: number
}

/** So much above the lowest window something heavy runs: more than a charger and what people have on of an evening. */
const heavyWatts = 700
/** It falls in a window by this at least, W or var; two windows in a row with less end the taper, going back. */
const fallLeast = 4
/** While it was flat it moved by less in each window, W or var, or share of the fall. */
const flatMost = 8
const flatShare = 0.15
/** No single window has more of the fall than this. */
const mostOfFall = 0.7
/** While it was flat it drew this share of its last flat power at least: the current is constant, the battery's voltage rises. */
const constantShare = 0.7
/** The power itself has fallen by this share of it: not everything is explained away. */
const trueShare = 0.6

/** The end of a charge, where the newest windows show one. */
export function taperOf(all: readonly Quiet[], settings: TaperSettings): Taper | undefined {
  const quiet = withoutHeavy(all)
  const watts = gradual(
    quiet,
    (each) => each[0],
    (each) => each[2],
  )
  const known = quiet.every((each) => each[1] !== null)
  const vars = known
    ? gradual(
        quiet,
        (each) => each[1] ?? 0,
        (each) => each[3],
      )
    : undefined
  const shape = vars ?? watts
  const begin = beginOfFall(shape)
  if (!isSmooth(shape, begin, settings) || !isFlat(shape, begin, settings)) return undefined

  const fallenWatts = -sum(watts.slice(begin + 1))
  const powerFactor = vars === undefined ? null : powerFactorOf(fallenWatts, sum(vars.slice(begin + 1)))
  if (powerFactor !== null && !(powerFactor >= settings.leastPowerFactor && powerFactor <= settings.mostPowerFactor))
    return undefined

  const floor = quiet.map((each) => each[0])
  const flatWatts = floor[begin] ?? 0
  const restWatts = Math.min(...floor.slice(0, begin + 1))
  const addedWatts = Math.min(flatWatts - restWatts, settings.mostWatts)
  if (addedWatts < settings.leastWatts || fallenWatts < settings.fallenShare * addedWatts) return undefined
  if (fallenWatts > settings.mostWatts) return undefined
  if (flatWatts - (floor.at(-1) ?? 0) < trueShare * fallenWatts) return undefined
  const windows = windowsOn(floor, begin, restWatts + constantShare * addedWatts)
  if (windows > begin || windows * windowMs < settings.flatMinutes * minuteMs) return undefined
  return { fallenWatts, powerFactor, restWatts, flatWatts, windows: windows + quiet.length - 1 - begin }
}

/** Windows that were never quiet, for a heavy load ran through them, tell nothing; what was switched in them counts for the next. */
function withoutHeavy(all: readonly Quiet[]): readonly Quiet[] {
  const lowest = Math.min(...all.map(([watts]) => watts))
  let skippedWatts = 0
  let skippedVars = 0
  return all.flatMap(([watts, vars, switchedWatts, switchedVars]): Quiet[] => {
    skippedWatts += switchedWatts
    skippedVars += switchedVars
    if (watts > lowest + heavyWatts) return []
    const each = [watts, vars, skippedWatts, skippedVars] as const
    skippedWatts = 0
    skippedVars = 0
    return [each]
  })
}

/** How it changed by itself in each window: without what was switched, where that explains some of it. */
function gradual(
  quiet: readonly Quiet[],
  of: (quiet: Quiet) => number,
  switched: (quiet: Quiet) => number,
): readonly number[] {
  return quiet.map((each, index) => {
    const before = quiet[index - 1]
    if (before === undefined) return 0
    const change = of(each) - of(before)
    const rest = change - switched(each)
    return Math.abs(rest) < Math.abs(change) ? rest : change
  })
}

/** The window after which the newest fall began; the newest itself where nothing falls. */
function beginOfFall(changes: readonly number[]): number {
  let level = 0
  for (let index = changes.length - 1; index > 0; index--) {
    const change = changes[index] ?? 0
    if (change >= fallLeast) return index
    level = change > -fallLeast ? level + 1 : 0
    if (level === 2) return index + 1
  }
  return 0
}

function isSmooth(changes: readonly number[], begin: number, settings: TaperSettings): boolean {
  const falls = changes.slice(begin + 1).map((change) => -change)
  const fallen = sum(falls)
  const falling = falls.filter((fall) => fall >= fallLeast).length
  return falling * windowMs >= settings.fallingMinutes * minuteMs && Math.max(...falls) <= mostOfFall * fallen
}

function isFlat(changes: readonly number[], begin: number, settings: TaperSettings): boolean {
  const windows = Math.ceil((settings.flatMinutes * minuteMs) / windowMs)
  const most = Math.max(flatMost, -flatShare * sum(changes.slice(begin + 1)))
  const flat = changes.slice(Math.max(0, begin + 1 - windows), begin + 1)
  return flat.length === windows && flat.every((change) => Math.abs(change) <= most)
}

/** For how many windows up to `begin` the floor was no lower than this. */
function windowsOn(floor: readonly number[], begin: number, leastWatts: number): number {
  let index = begin
  while (index >= 0 && (floor[index] ?? 0) >= leastWatts) index -= 1
  return begin - index
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
