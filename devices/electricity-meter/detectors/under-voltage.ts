import { defineDetector, type Finding } from '../../../core/detector.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { answer, answerTick, type Climb, climb, type Ladder } from './climb.ts'

const defaults = {
  warningVolts: 187,
  urgentVolts: 160,
  /** Lower, it is an outage. */
  outageVolts: 50,
  hysteresisVolts: 3,
  warningSeconds: 60,
  urgentSeconds: 30,
  clearSeconds: 300,
  freshSeconds,
}

/**
 * The supply's voltage is too low: a loose wire in front of the meter, a neutral that has come off somewhere, a line that is too long or too
 * thin. Compressors stall and burn, and the place where the volts are lost is hot.
 *
 * Delay    under a limit for its seconds, by samples or by ticks while the sample is fresh. Two samples must agree, unless nothing newer
 *          came for 75 s, and the device has said other things since: a dip, or a motor that starts, is no fault
 * Outage   less than `outageVolts` is `electricity-meter/outage`'s: such a sample neither raises nor clears
 * Input    `volts`, V RMS; ticks
 * Finding  warning, urgent; evidence in V
 * Clears   `hysteresisVolts` above for `clearSeconds` of samples
 * Memory   nothing while it is well, else six values; voltages are kept negative, for the limits of a climb rise
 * Source   198 to 235.4 V are normal: GB/T 12325; limits, hysteresis and durations are unverified defaults, as such alarms are usually set
 */
export const underVoltage = defineDetector({
  id: 'electricity-meter/under-voltage',
  about: {
    finds: 'The supply’s voltage is too low.',
    severities: ['warning', 'urgent'],
    source: '198 to 235.4 V are normal: GB/T 12325; limits and durations are unverified defaults',
    traps: ['an evening with 190 V', 'a motor that starts', 'an outage, which has a finding of its own'],
  },
  lasts: 'warningSeconds',
  rising: [['outageVolts', 'urgentVolts', 'warningVolts']],
  clears: true,
  reads: electricityMeterTelemetry.pick({ volts: true }),
  ticks: true,
  bounds: { outageVolts: [10, 150], urgentVolts: [30, 400], warningVolts: [50, 400] },
  settings: defaults,
  initial: null as Climb | null,

  step(state, input, settings) {
    if (state === null && (input.tick || input.volts > settings.warningVolts)) return { state }
    const findingOf = (now: Climb) => tooLow(now, settings)
    if (input.tick) return answerTick(state, input, ladderOf(settings), findingOf)
    if (input.volts < settings.outageVolts) return { state: suspended(state) }
    return answer(state, climb(state, input.at, -input.volts, ladderOf(settings)), findingOf)
  },
})

/** What was said before an outage vouches for nothing after it: time 0 is long ago for every tick. */
function suspended(state: Climb | null): Climb | null {
  return state === null || state.level === 0 ? null : { ...state, at: 0 }
}

function ladderOf(settings: typeof defaults): Ladder {
  return {
    limits: [-settings.warningVolts, -settings.urgentVolts],
    hysteresis: settings.hysteresisVolts,
    confirmSeconds: [settings.warningSeconds, settings.urgentSeconds],
    clearSeconds: settings.clearSeconds,
    freshSeconds: settings.freshSeconds,
    mayBeBrief: true,
  }
}

function tooLow({ level, value, since }: Climb, settings: typeof defaults): Finding {
  const severity = level === 2 ? 'urgent' : 'warning'
  const limitVolts = settings[`${severity}Volts`]
  return {
    severity,
    summary: `The voltage is ${(-value).toFixed(0)} V, too low; ${severity} up to ${limitVolts} V`,
    evidence: { volts: -value, limitVolts },
    since,
  }
}
