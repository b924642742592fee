import { median } from 'simple-statistics'
import { minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import type { ElectricityMeterFacts } from '../facts.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { answer, type Climb, climb, type Ladder } from './climb.ts'
import { isWithin, localHour } from './local-hour.ts'
import { saysTheSame } from './reactive.ts'

const defaults = {
  /** When people sleep. */
  fromHour: 0,
  toHour: 6,
  /** More than the highest half hour of a usual night. */
  extraWatts: 1_000,
  hysteresisWatts: 200,
  confirmSeconds: 3_600,
  /** Of what ran already when the night began: a water heater that was emptied in the evening takes until past midnight. */
  eveningSeconds: 7_200,
  clearSeconds: 900,
  learnNights: 3,
  nights: 7,
  freshSeconds,
}

type Settings = typeof defaults

/** A power that stays is looked at so often. */
const lookEveryMs = minuteMs
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
  /** What climbs ran already when the night began. */
  readonly fromEvening: boolean
}

/**
 * While people sleep, the room draws for an hour far more than it usually does at night: a heater left on, a stove, a workshop in a flat.
 * Most people who die in fires die at night.
 *
 * Usual    the highest mean of half an hour in each of the last `nights` nights between `fromHour` and `toHour`, the median of them: one late
 *          shower does not count, nor would it last for long enough. It speaks after `learnNights` nights. A night that was too high is learned
 *          up to the limit only, so that a new habit becomes usual in days
 * Limit    `extraWatts` above it for `confirmSeconds` of samples within the night, for `eveningSeconds` where it ran already when the night began. The first
 *          night of the air conditioner stays below
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
    finds: 'While people sleep, the room draws far more than it usually does at night.',
    severities: ['warning'],
    source: 'All values are unverified defaults',
    traps: [
      'the first hot night with the air conditioner',
      'a kettle and a stove at night',
      'a heater for somebody who gets up half an hour before the night ends',
      'a heater in the evening, off before people sleep',
      'a water heater that was emptied late in the evening',
      'a room whose heater runs every night',
      'a hotel',
    ],
  },
  lasts: 'confirmSeconds',
  rising: [
    ['learnNights', 'nights'],
    ['confirmSeconds', 'eveningSeconds'],
  ],
  clears: true,
  reads: electricityMeterTelemetry.pick({ watts: true }),
  bounds: { extraWatts: [250, 10_000], hysteresisWatts: [0, 200] },
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
    fromEvening: false,
  } as State,

  step(state, { at, watts }, settings, { use }: ElectricityMeterFacts): Step<State> {
    if (use === 'feeder' || use === 'workshop' || use === 'hotel' || use === 'medical') return { state }
    const isNight = isWithin(localHour(at), settings.fromHour, settings.toHour)
    const isRest = !isNight && state.halfHour === 0
    const isSame = isNight && at - state.at < lookEveryMs && saysTheSame(watts, state.watts)
    if ((isRest || isSame) && state.climb === null) return { state }

    const limitWatts = limitOf(state.nights, settings)
    const night = isNight ? duringNight(state, at, watts, limitWatts) : afterNight(state, limitWatts, settings)

    // what has not run for long enough when the night ends is somebody who got up
    const was = isNight || (state.climb?.level ?? 0) > 0 ? state.climb : null
    const counts = limitWatts !== null && (was !== null || (isNight && watts >= limitWatts))
    if (!counts) return { state: night.climb === null ? night : { ...night, climb: null } }
    const fromEvening = was === null ? state.halfHour === 0 : state.fromEvening
    const now = climb(was, at, watts, ladderOf(limitWatts, fromEvening, settings))
    const said = answer(was, now, (climb) => tooMuch(climb, limitWatts, state.nights))
    return { ...said, state: { ...night, climb: said.state, fromEvening } }
  },
})

function limitOf(nights: readonly number[], settings: Settings): number | null {
  if (nights.length < settings.learnNights) return null
  return median([...nights]) + settings.extraWatts
}

function duringNight(state: State, at: number, watts: number, limitWatts: number | null): State {
  const halfHour = Math.floor(at / halfHourMs)
  const elapsed = Math.min((at - state.at) / secondMs, freshSeconds)
  if (halfHour === state.halfHour) {
    const wattSeconds = Math.round(state.wattSeconds + state.watts * elapsed)
    const { seconds, seen, highest, nights, climb, fromEvening } = state
    return { at, watts, halfHour, wattSeconds, seconds: seconds + elapsed, seen, highest, nights, climb, fromEvening }
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

function ladderOf(limitWatts: number, fromEvening: boolean, settings: Settings): Ladder {
  return {
    limits: [limitWatts],
    hysteresis: settings.hysteresisWatts,
    confirmSeconds: [fromEvening ? settings.eveningSeconds : settings.confirmSeconds],
    clearSeconds: settings.clearSeconds,
    freshSeconds: settings.freshSeconds,
  }
}

function tooMuch({ value, since }: Climb, limitWatts: number, nights: readonly number[]): Finding {
  const usualWatts = median([...nights])
  return {
    severity: 'warning',
    summary: `${value.toFixed(0)} W run at night; usually at most ${usualWatts.toFixed(0)} W for half an hour`,
    evidence: { watts: value, usualWatts, limitWatts },
    since,
  }
}
