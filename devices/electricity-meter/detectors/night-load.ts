import { dayMs, hourMs, minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import { shanghai, wallClock } from '../../../core/local-time.ts'
import type { ElectricityMeterFacts } from '../facts.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { answer, type Climb, climb, type Ladder } from './climb.ts'
import { isWithin } from './local-hour.ts'

const defaults = {
  /** When people sleep. */
  fromHour: 23,
  toHour: 6,
  /** Over the highest half hour of the last nights: so many times, and so much more. */
  timesUsual: 2,
  extraWatts: 1_000,
  hysteresisWatts: 200,
  confirmSeconds: 3_600,
  clearSeconds: 900,
  learnNights: 3,
  nights: 7,
  freshSeconds,
}

type Settings = typeof defaults

const halfHourMs = 30 * minuteMs
/** A night of which less was seen tells nothing, half hours. */
const fewestHalfHours = 6

interface State {
  readonly at: number
  readonly watts: number
  /** Number of the present half hour; its energy and length as far as samples vouch for them, W s, s. */
  readonly halfHour: number
  readonly wattSeconds: number
  readonly seconds: number
  /** Of the present night: how many half hours were seen, and the highest mean of one, W. */
  readonly seen: number
  readonly highest: number
  /** The highest of each of the last nights, W, the newest last. */
  readonly nights: readonly number[]
  readonly climb: Climb | null
}

/**
 * While people sleep, the room draws for an hour far more than in any of its last nights: a heater left on, a stove, a workshop in a flat.
 * Most people who die in fires die at night.
 *
 * Usual    the highest mean of half an hour in each of the last `nights` nights between `fromHour` and `toHour`, the highest of them. It speaks
 *          after `learnNights` nights. A night that was too high is learned up to the limit only, so that a new habit becomes usual in days
 * Limit    `timesUsual` of it, and `extraWatts` above it, for `confirmSeconds` of samples. The first night of the air conditioner stays below
 * Off      where `use` is `feeder`, `workshop`, `hotel` or `medical`: there the night is no rest
 * Input    `watts`
 * Finding  warning; evidence in W
 * Clears   `hysteresisWatts` below the limit for `clearSeconds` of samples, by day too
 * Memory   a dozen numbers per meter
 * Source   more than half of the deaths in fires are from 22 to 8 o'clock (fire bureau of China, 2022); all values are unverified defaults
 */
export const nightLoad = defineDetector({
  id: 'electricity-meter/night-load',
  about: {
    finds: 'While people sleep, the room draws far more than in any of its last nights.',
    severities: ['warning'],
    source: 'All values are unverified defaults',
    traps: [
      'the first hot night with the air conditioner',
      'a kettle and a stove at night',
      'a heater in the evening, off before people sleep',
      'a room whose heater runs every night',
      'a hotel',
    ],
  },
  lasts: 'confirmSeconds',
  rising: [['learnNights', 'nights']],
  clears: true,
  reads: electricityMeterTelemetry.pick({ watts: true }),
  settings: defaults,
  initial: {
    at: 0,
    watts: 0,
    halfHour: 0,
    wattSeconds: 0,
    seconds: 0,
    seen: 0,
    highest: 0,
    nights: [],
    climb: null,
  } as State,

  step(state, { at, watts }, settings, { use }: ElectricityMeterFacts): Step<State> {
    if (use === 'feeder' || use === 'workshop' || use === 'hotel' || use === 'medical') return { state }
    const wall = wallClock(at, shanghai)
    const isNight = isWithin((wall % dayMs) / hourMs, settings.fromHour, settings.toHour)
    const limitWatts = limitOf(state.nights, settings)
    const night = isNight ? duringNight(state, at, watts, limitWatts) : afterNight(state, limitWatts, settings)

    const counts = limitWatts !== null && (state.climb !== null || (isNight && watts >= limitWatts))
    if (!counts) return { state: night }
    const now = climb(state.climb, at, watts, ladderOf(limitWatts, settings))
    const said = answer(state.climb, now, (climb) => tooMuch(climb, limitWatts, state.nights))
    return { ...said, state: { ...night, climb: said.state } }
  },
})

function limitOf(nights: readonly number[], settings: Settings): number | null {
  if (nights.length < settings.learnNights) return null
  const usual = Math.max(...nights)
  return Math.max(settings.timesUsual * usual, usual + settings.extraWatts)
}

function duringNight(state: State, at: number, watts: number, limitWatts: number | null): State {
  const halfHour = Math.floor(at / halfHourMs)
  const elapsed = Math.min((at - state.at) / secondMs, freshSeconds)
  if (halfHour === state.halfHour) {
    const wattSeconds = Math.round(state.wattSeconds + state.watts * elapsed)
    return { ...state, at, watts, wattSeconds, seconds: state.seconds + elapsed }
  }
  const { seen, highest } = withHalfHour(state, limitWatts)
  return { ...state, at, watts, halfHour, wattSeconds: 0, seconds: 0, seen, highest }
}

function withHalfHour({ seen, highest, wattSeconds, seconds }: State, limitWatts: number | null) {
  if (seconds === 0) return { seen, highest }
  const mean = Math.min(Math.round(wattSeconds / seconds), limitWatts ?? Number.POSITIVE_INFINITY)
  return { seen: seen + 1, highest: Math.max(highest, mean) }
}

function afterNight(state: State, limitWatts: number | null, settings: Settings): State {
  if (state.halfHour === 0) return state
  const { seen, highest } = withHalfHour(state, limitWatts)
  const nights = seen < fewestHalfHours ? state.nights : [...state.nights, highest].slice(-settings.nights)
  return { ...state, halfHour: 0, wattSeconds: 0, seconds: 0, seen: 0, highest: 0, nights }
}

function ladderOf(limitWatts: number, settings: Settings): Ladder {
  return {
    limits: [limitWatts],
    hysteresis: settings.hysteresisWatts,
    confirmSeconds: [settings.confirmSeconds],
    clearSeconds: settings.clearSeconds,
    freshSeconds: settings.freshSeconds,
  }
}

function tooMuch({ value, since }: Climb, limitWatts: number, nights: readonly number[]): Finding {
  const usualWatts = Math.max(...nights)
  return {
    severity: 'warning',
    summary: `${value.toFixed(0)} W run at night; in the last nights at most ${usualWatts} W for half an hour`,
    evidence: { watts: value, usualWatts, limitWatts },
    since,
  }
}
