import { hourMs, minuteMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { answer, type Climb, climb, type Ladder } from './climb.ts'
import { isWithin, localHour } from './local-hour.ts'

const defaults = {
  vacantWatts: 500,
  hysteresisWatts: 100,
  confirmSeconds: 7_200,
  clearSeconds: 900,
  nightFromHour: 22,
  nightToHour: 8,
  /** A vacancy that began at night is believed after so long. */
  sleepHours: 12,
  freshSeconds,
}

type Settings = typeof defaults

/** In the morning who was seen for so long is up; and who slept at night is up by noon, local hours. Unverified defaults. */
const upMs = 30 * minuteMs
const morningHour = 5
const noonHour = 12

interface State {
  /** Since when someone is seen there without a break, ms; null while nobody is. */
  readonly seenSince: number | null
  /** Since when nobody is there, ms; null while someone is, or nobody knows. */
  readonly vacantSince: number | null
  /** When it was left by people who were up; it began at night all the same. */
  readonly wasUp: boolean
  readonly climb: Climb | null
}

/**
 * Nobody is in the room, and something heavy runs: a heater, a stove, an air conditioner that was forgotten.
 *
 * Vacant   the last word of `occupied`, which many sensors say only when it changes. People who sleep are often not seen: a vacancy that began
 *          between `nightFromHour` and `nightToHour` counts only after `sleepHours`, or from noon on; at once in the morning, when
 *          someone was seen for half an hour before
 * Limit    `vacantWatts` for `confirmSeconds` of samples: above what fridge, standby and router draw, longer than a short way to the shop or a
 *          water heater that warms its tank again after the morning's showers, for people shower and go (80 l by 25 K at 1.5 kW: 1.6 h)
 * Input    `watts`; `occupied`
 * Finding  warning; evidence in W and hours
 * Clears   when someone is there, or `hysteresisWatts` below for `clearSeconds` of samples
 * Memory   three values, six more while it runs
 * Source   all values are unverified defaults
 */
export const vacantUse = defineDetector({
  id: 'electricity-meter/vacant-use',
  about: {
    finds: 'Nobody is in the room, and something heavy runs.',
    severities: ['warning'],
    source: 'All values are unverified defaults',
    traps: [
      'a fridge and standby in an empty room',
      'a water heater that keeps itself warm, or warms up again after the showers',
      'people who sleep, and are not seen',
      'someone who went out for half an hour',
      'a room without a sensor of presence',
    ],
  },
  lasts: 'confirmSeconds',
  clears: true,
  reads: electricityMeterTelemetry.pick({}),
  mayRead: electricityMeterTelemetry.pick({ watts: true, occupied: true }),
  bounds: { vacantWatts: [200, 5_000], hysteresisWatts: [0, 190] },
  settings: defaults,
  initial: { seenSince: null, vacantSince: null, wasUp: false, climb: null } as State,

  step(state, { at, watts, occupied }, settings): Step<State> {
    if (state.vacantSince === null && occupied !== false) {
      return { state: occupied && state.seenSince === null ? { ...state, seenSince: at } : state }
    }
    if (occupied === true) {
      const next = { seenSince: at, vacantSince: null, wasUp: false, climb: null }
      return state.climb !== null && state.climb.level > 0 ? { state: next, cleared: true } : { state: next }
    }

    const vacantSince = state.vacantSince ?? at
    const wasUp = state.vacantSince === null ? isUp(state.seenSince, at) : state.wasUp
    const isLow = watts === undefined || (watts < settings.vacantWatts && state.climb === null)
    if (isLow || !(wasUp || isVacant(vacantSince, at, settings)))
      return {
        state: vacantSince === state.vacantSince ? state : { seenSince: null, vacantSince, wasUp, climb: state.climb },
      }
    const now = climb(state.climb, at, watts, ladderOf(settings))
    const said = answer(state.climb, now, (climb) => forgotten(climb, vacantSince, at, settings))
    return { ...said, state: { seenSince: null, vacantSince, wasUp, climb: said.state } }
  },
})

/** Someone leaves in the morning who was seen for a while: that is no sleeper. */
function isUp(seenSince: number | null, at: number): boolean {
  return seenSince !== null && at - seenSince >= upMs && isWithin(localHour(at), morningHour, noonHour)
}

function isVacant(since: number, at: number, settings: Settings): boolean {
  if (at - since >= settings.sleepHours * hourMs) return true
  const { nightFromHour, nightToHour } = settings
  return !isWithin(localHour(since), nightFromHour, nightToHour) || isWithin(localHour(at), noonHour, nightFromHour)
}

function ladderOf(settings: Settings): Ladder {
  return {
    limits: [settings.vacantWatts],
    hysteresis: settings.hysteresisWatts,
    confirmSeconds: [settings.confirmSeconds],
    clearSeconds: settings.clearSeconds,
    freshSeconds: settings.freshSeconds,
  }
}

function forgotten({ value, since }: Climb, vacantSince: number, at: number, settings: Settings): Finding {
  const vacantHours = Math.round(((at - vacantSince) / hourMs) * 10) / 10
  return {
    severity: 'warning',
    summary: `${value.toFixed(0)} W run in a room where nobody has been for ${vacantHours.toFixed(1)} h`,
    evidence: { watts: value, limitWatts: settings.vacantWatts, vacantHours },
    since,
  }
}
