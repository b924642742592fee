import { dayMs, hourMs, minuteMs, secondMs } from '../../../core/clock.ts'
import { freshSeconds } from '../telemetry.ts'
import { deadVolts } from './supply-ohms.ts'

export interface JumpSettings {
  readonly aboveVolts: number
  readonly highFromVolts: number
  readonly highToVolts: number
  readonly ordinaryVolts: number
  readonly jumpVolts: number
  readonly supplyOhms: number
  readonly jumpSeconds: number
  readonly jumps: number
  readonly jumpsWithLow: number
  readonly jumpsADay: number
  readonly lowVolts: number
  readonly withinMinutes: number
  readonly clearMinutes: number
}

/** The newest voltage; of a calm supply, the newest that was looked at. */
export interface VoltageSample {
  readonly at: number
  readonly volts: number
  readonly amps: number | null
  readonly rare: boolean
  readonly noLoadVolts: number
}

type Below = readonly [at: number, volts: number, amps: number | null]

export interface Trouble {
  /** The last ordinary sample, where a jump begins. */
  readonly below: Below
  readonly high: boolean
  /** When the first one of the present high samples came, ms; 0 while the newest is not high. */
  readonly highAt: number
  /** When it jumped within a day, ms, the newest last; no more of them than count. */
  readonly jumps: readonly number[]
  /** When it was last below `lowVolts`, ms. */
  readonly lowAt: number
  readonly highestVolts: number
  readonly lowestVolts: number
  /** How long it has been quiet since the last jump, s; null while nothing was found. */
  readonly quietSeconds: number | null
  /** As many jumps as are critical came within the hour, since it was found. */
  readonly often: boolean
}

/** Until this supply is known: the highest that a sound one may have (GB/T 12325). */
export const unseenVolts = 235.4
/** It follows the voltage that is exceeded for 5 % of the time, V per hour. */
const risePerHour = 1.9
const fallPerHour = 0.1
/** Samples further apart are rare: each is believed, and a jump may lie between two of them; but not this far apart. */
export const rareMs = minuteMs
const apartMs = 11 * minuteMs

/** The voltage without load, followed by one more sample. */
export function withoutLoad({ at: before, noLoadVolts }: VoltageSample, at: number, volts: number): number {
  if (before === 0) return noLoadVolts
  const hours = Math.min(at - before, freshSeconds * secondMs) / hourMs
  const next = noLoadVolts + hours * (volts > noLoadVolts ? risePerHour : -fallPerHour)
  return Math.round(next * 1e4) / 1e4
}

/** From this voltage on it is high. */
export function highVolts({ noLoadVolts }: VoltageSample, settings: JumpSettings): number {
  return Math.min(settings.highToVolts, Math.max(settings.highFromVolts, noLoadVolts + settings.aboveVolts))
}

/** One more voltage of a supply that is not calm. */
export function watch(
  before: Trouble | null,
  state: VoltageSample,
  now: VoltageSample,
  settings: JumpSettings,
): Trouble {
  const was = before ?? calmBefore(state)
  const high = highVolts(state, settings)
  const ordinary = state.noLoadVolts + settings.ordinaryVolts
  const believed = now.rare && state.rare
  const near = now.at - state.at <= freshSeconds * secondMs
  const agree = (holds: (volts: number) => boolean) => holds(now.volts) && (believed || holds(state.volts))

  const highAt = now.volts < high ? 0 : (near && was.highAt) || now.at
  const isOrdinary = agree((volts) => volts <= ordinary)
  const isHigh = was.high ? !isOrdinary : agree((volts) => volts >= high)
  const jumped = isHigh && !was.high && isJump(was.below, highAt, now, believed, settings)
  const ofDay = [...was.jumps, ...(jumped ? [now.at] : [])].filter((at) => at > now.at - dayMs)
  const jumps = ofDay.slice(-Math.max(settings.jumps, settings.jumpsWithLow, settings.jumpsADay))
  const lowAt = agree((volts) => volts < settings.lowVolts) ? now.at : was.lowAt
  const swings = lowAt > now.at - settings.withinMinutes * minuteMs
  const recent = jumpsOfHour(jumps, now.at, settings).length
  const often = was.often || recent >= (swings ? settings.jumpsWithLow : settings.jumps)
  const found = often || jumps.length >= settings.jumpsADay

  const quietSeconds = was.quietSeconds === null || jumped || isHigh ? 0 : was.quietSeconds + between(state, now)
  return {
    below: isOrdinary ? [now.at, now.volts, now.amps] : was.below,
    high: isHigh,
    highAt,
    jumps,
    lowAt,
    highestVolts: isHigh ? Math.max(was.highestVolts, now.volts) : was.highestVolts,
    lowestVolts: swings ? Math.min(was.lowestVolts, now.volts) : was.lowestVolts,
    quietSeconds: found || was.quietSeconds !== null ? quietSeconds : null,
    often,
  }
}

/** Those within `withinMinutes`. */
export function jumpsOfHour(jumps: readonly number[], at: number, { withinMinutes }: JumpSettings): readonly number[] {
  return jumps.filter((then) => then > at - withinMinutes * minuteMs)
}

function calmBefore({ at, volts, amps }: VoltageSample): Trouble {
  return {
    below: [at, volts, amps],
    high: false,
    highAt: 0,
    jumps: [],
    lowAt: 0,
    highestVolts: volts,
    lowestVolts: volts,
    quietSeconds: null,
    often: false,
  }
}

/** The time that the two samples vouch for, s. */
function between(before: VoltageSample, now: VoltageSample): number {
  return Math.min((now.at - before.at) / secondMs, freshSeconds)
}

function isJump(
  [at, volts, amps]: Below,
  highAt: number,
  now: VoltageSample,
  rare: boolean,
  settings: JumpSettings,
): boolean {
  const ownVolts = amps === null || now.amps === null ? 0 : settings.supplyOhms * Math.max(0, amps - now.amps)
  const inTime = highAt - at <= (rare ? apartMs : settings.jumpSeconds * secondMs)
  return inTime && volts >= deadVolts && now.volts - volts - ownVolts >= settings.jumpVolts
}

/** What was found is over: it has been quiet for long enough, and no longer jumps too often within a day. */
export function isQuiet({ quietSeconds, often, jumps }: Trouble, { clearMinutes, jumpsADay }: JumpSettings): boolean {
  const isLong = quietSeconds !== null && quietSeconds * secondMs >= clearMinutes * minuteMs
  return isLong && (often || jumps.length < jumpsADay)
}

/** Nothing was found, and nothing is left that could become something. */
export function isOver(trouble: Trouble, at: number, settings: JumpSettings): boolean {
  const { high, highAt, jumps, lowAt, below } = trouble
  const lowIsPast = lowAt <= at - settings.withinMinutes * minuteMs
  return trouble.quietSeconds === null && !high && highAt === 0 && jumps.length === 0 && lowIsPast && below[0] === at
}
