import { hourMs, minuteMs, secondMs } from '../../../core/clock.ts'
import { defineDetector, type Step } from '../../../core/detector.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { saysTheSame } from './reactive.ts'

interface State {
  /** The newest power, and when it was said. */
  readonly watts: number
  readonly wattsAt: number
  /** What has flown from when the counter last rose up to `at`, kWh. */
  readonly since: number
  readonly at: number
  readonly flownKwh: number
  /** The counter; what usually flows from one rise of it to the next, kWh; null before the first rise. */
  readonly energyKwh: number | null
  readonly usualKwh: number | null
  readonly raised: boolean
}

/**
 * Power flows, and the energy counter stands still: the meter is broken, bypassed, or its gateway repeats an old value.
 *
 * Limit    `timesUsual` what usually flows from one rise of the counter to the next, and `leastKwh` at least: a counter may tell hundredths
 *          or whole kWh, every minute or once an hour. `unknownKwh` before the first rise
 * Input    `watts`, what two samples agree on above `startingWatts` and not fed in, for as long as they vouch for it; `energyKwh`
 * Finding  warning; evidence in kWh and hours
 * Clears   when the counter rises, or is another one
 * Memory   eight values
 * Source   a class 1 meter starts at 0.4 % of its basic current: IEC 62053-21; all values are unverified defaults
 */
export const meterFrozen = defineDetector({
  id: 'electricity-meter/meter-frozen',
  about: {
    finds: 'Power flows, and the energy counter stands still.',
    severities: ['warning'],
    source: 'A class 1 meter starts at 0.4 % of its basic current: IEC 62053-21; all values are unverified defaults',
    traps: [
      'an empty room with a router',
      'a counter that tells whole kWh',
      'a counter that is read once an hour',
      'a balcony that feeds in',
      'a meter that was silent for a day',
      'a single stray value',
    ],
  },
  clears: true,
  reads: electricityMeterTelemetry.pick({}),
  mayRead: electricityMeterTelemetry.pick({ watts: true, energyKwh: true }),
  settings: { leastKwh: 0.3, timesUsual: 5, unknownKwh: 2, startingWatts: 10 },
  initial: {
    watts: 0,
    wattsAt: 0,
    since: 0,
    at: 0,
    flownKwh: 0,
    energyKwh: null,
    usualKwh: null,
    raised: false,
  } as State,

  step(state, { at, watts, energyKwh }, settings): Step<State> {
    const isSame = watts !== undefined && saysTheSame(watts, state.watts) && at - state.wattsAt < lookEveryMs
    if (isSame) return { state }
    const vouchedMs = Math.max(0, Math.min(at, state.wattsAt + freshSeconds * secondMs) - state.at)
    // what two samples agree on: a single stray one is no energy
    const agreed = Math.min(state.watts, watts ?? state.watts)
    const flowing = agreed > settings.startingWatts ? agreed : 0
    const flownKwh = Math.round((state.flownKwh + (flowing / 1_000) * (vouchedMs / hourMs)) * 1e6) / 1e6
    // spelled out: spreading costs more than all the rest of the step
    const next = {
      watts: watts ?? state.watts,
      wattsAt: watts === undefined ? state.wattsAt : at,
      since: state.since,
      at,
      flownKwh,
      energyKwh: state.energyKwh,
      usualKwh: state.usualKwh,
      raised: state.raised,
    }
    if (energyKwh === undefined) return { state: next }

    if (state.energyKwh !== energyKwh) {
      const usualKwh = state.energyKwh === null ? null : Math.max(flownKwh, fading * (state.usualKwh ?? 0))
      next.energyKwh = energyKwh
      next.flownKwh = 0
      next.since = at
      next.usualKwh = usualKwh && rounded(usualKwh)
      next.raised = false
      return state.raised ? { state: next, cleared: true } : { state: next }
    }

    const { usualKwh } = state
    const limitKwh =
      usualKwh === null ? settings.unknownKwh : Math.max(settings.leastKwh, settings.timesUsual * usualKwh)
    if (flownKwh < limitKwh) return { state: next }
    return {
      state: { ...next, raised: true },
      finding: {
        severity: 'warning',
        summary: `${flownKwh.toFixed(1)} kWh have flown, and the counter stands at ${energyKwh} kWh`,
        evidence: {
          energyKwh,
          flownKwh: rounded(flownKwh),
          limitKwh: rounded(limitKwh),
          hours: Math.round(((at - state.since) / hourMs) * 10) / 10,
        },
        since: state.since,
      },
    }
  },
})

/** A power that stays is looked at so often. */
const lookEveryMs = minuteMs
/** With each rise the usual one fades by this, so that one long gap is forgotten. */
const fading = 0.98

function rounded(kwh: number): number {
  return Math.round(kwh * 1e4) / 1e4
}
