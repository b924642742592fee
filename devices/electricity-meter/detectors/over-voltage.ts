import { defineDetector, type Finding } from '../../../core/detector.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { answer, answerTick, type Climb, climb, type Ladder } from './climb.ts'

const defaults = {
  warningVolts: 253,
  criticalVolts: 275,
  hysteresisVolts: 3,
  warningSeconds: 60,
  criticalSeconds: 10,
  clearSeconds: 300,
  freshSeconds,
}

/**
 * The supply's voltage is too high: a transformer tapped too high, a neutral that has come off somewhere, a phase on the neutral's place.
 * Insulation and capacitors fail, cheap chargers burn.
 *
 * Delay    over a limit for its seconds, by samples or by ticks while the sample is fresh. Two samples must agree, unless nothing newer
 *          came for 75 s: a meter that falls silent after such a word may have burned
 * Input    `volts`, V RMS; ticks
 * Finding  warning, critical; evidence in V
 * Clears   `hysteresisVolts` below for `clearSeconds` of samples
 * Memory   nothing while it is well, else six values
 * Source   198 to 235.4 V are normal: GB/T 12325; limits, hysteresis and durations are unverified defaults, as such alarms are usually set
 */
export const overVoltage = defineDetector({
  id: 'electricity-meter/over-voltage',
  about: {
    finds: 'The supply’s voltage is too high.',
    severities: ['warning', 'critical'],
    source: '198 to 235.4 V are normal: GB/T 12325; limits and durations are unverified defaults',
    traps: ['a night with 250 V', 'a surge of a few seconds', 'a single stray value'],
  },
  lasts: 'warningSeconds',
  rising: [['warningVolts', 'criticalVolts']],
  clears: true,
  reads: electricityMeterTelemetry.pick({ volts: true }),
  ticks: true,
  bounds: { warningVolts: [100, 500], criticalVolts: [100, 600] },
  settings: defaults,
  initial: null as Climb | null,

  step(state, input, settings) {
    if (state === null && (input.tick || input.volts < settings.warningVolts)) return { state }
    const findingOf = (now: Climb) => tooHigh(now, settings)
    if (input.tick) return answerTick(state, input, ladderOf(settings), findingOf)
    return answer(state, climb(state, input.at, input.volts, ladderOf(settings)), findingOf)
  },
})

function ladderOf(settings: typeof defaults): Ladder {
  return {
    limits: [settings.warningVolts, settings.criticalVolts],
    hysteresis: settings.hysteresisVolts,
    confirmSeconds: [settings.warningSeconds, settings.criticalSeconds],
    clearSeconds: settings.clearSeconds,
    freshSeconds: settings.freshSeconds,
  }
}

function tooHigh({ level, value, since }: Climb, settings: typeof defaults): Finding {
  const severity = level === 2 ? 'critical' : 'warning'
  const limitVolts = settings[`${severity}Volts`]
  return {
    severity,
    summary: `The voltage is ${value.toFixed(0)} V, too high; ${severity} from ${limitVolts} V`,
    evidence: { volts: value, limitVolts },
    since,
  }
}
