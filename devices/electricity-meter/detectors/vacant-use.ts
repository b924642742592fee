import { hourMs, minuteMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { answer, type Climb, climb, type Ladder } from './climb.ts'
import { localHour } from './local-hour.ts'

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

/** Who comes into sight in the morning after so long, and is then seen for so long, is up. Unverified defaults. */
const unseenMs = hourMs
const upMs = 30 * minuteMs
/** The morning begins so long before the set night ends, in its second half; and so long after it those who slept are up. */
const morningHours = 3
const noonHours = 4

interface State {
  /** Since when someone is or was last seen, ms: over breaks shorter than `unseenMs`, but in the morning without any; null if unknown. */
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
 *          between `nightFromHour` and `nightToHour` counts only after `sleepHours`, or from noon on, four hours after the night; at once in the
 *          morning, from three hours before the night ends, when someone came into sight then after an hour and was seen for half an hour.
 *          Some sensors see a sleeper all night and lose him in the morning: who was seen before the morning proves nothing
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
    if (state.vacantSince === null && occupied !== false) return { state }
    if (occupied === true) {
      const next = { seenSince: seenAgain(state, at, settings), vacantSince: null, wasUp: false, climb: null }
      return state.climb !== null && state.climb.level > 0 ? { state: next, cleared: true } : { state: next }
    }

    const vacantSince = state.vacantSince ?? at
    const { seenSince } = state
    const wasUp = state.vacantSince === null ? isUp(seenSince, at, settings) : state.wasUp
    const isLow = watts === undefined || (watts < settings.vacantWatts && state.climb === null)
    if (isLow || !(wasUp || isVacant(vacantSince, at, settings)))
      return {
        state: vacantSince === state.vacantSince ? state : { seenSince, vacantSince, wasUp, climb: state.climb },
      }
    const now = climb(state.climb, at, watts, ladderOf(settings))
    const said = answer(state.climb, now, (climb) => forgotten(climb, vacantSince, at, settings))
    return { ...said, state: { seenSince, vacantSince, wasUp, climb: said.state } }
  },
})

function seenAgain({ seenSince, vacantSince }: State, at: number, settings: Settings): number | null {
  const wasAway = vacantSince !== null && at - vacantSince >= unseenMs
  return wasAway || isOfMorning(seenSince, at, settings) ? at : seenSince
}

/** Someone leaves in the morning who had got up in it: that is no sleeper. */
function isUp(seenSince: number | null, at: number, settings: Settings): boolean {
  return seenSince !== null && at - seenSince >= upMs && isOfMorning(seenSince, at, settings)
}

/** Whether it is morning, and was the same morning already at `since`. */
function isOfMorning(since: number | null, at: number, settings: Settings): boolean {
  const night = nightHours(settings)
  const before = Math.min(morningHours, night / 2)
  const gone = hoursSince(settings.nightToHour - before, at)
  return since !== null && at - since <= gone * hourMs && gone < before + Math.min(noonHours, 24 - night)
}

function isVacant(since: number, at: number, settings: Settings): boolean {
  if (at - since >= settings.sleepHours * hourMs) return true
  const dayHours = 24 - nightHours(settings)
  const awake = hoursSince(settings.nightToHour, at)
  return hoursSince(settings.nightToHour, since) < dayHours || (awake >= noonHours && awake < dayHours)
}

function nightHours({ nightFromHour, nightToHour }: Settings): number {
  return nightToHour - nightFromHour + (nightToHour < nightFromHour ? 24 : 0)
}

/** How long ago it was last that hour of the local day, h. */
function hoursSince(hour: number, at: number): number {
  return (localHour(at) - hour + 24) % 24
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
