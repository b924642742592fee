import { defineDetector, type Finding } from '../../../core/detector.ts'
import { type ElectricityMeterFacts, electricityMeterFactDefaults } from '../facts.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'
import { answer, answerTick, type Climb, climb, type Ladder } from './climb.ts'

const defaults = {
  /** So far below what the conductor bears for ever, it is time to plan a visit. */
  warningBelowKelvin: 10,
  hysteresisKelvin: 5,
  confirmSeconds: 30,
  clearSeconds: 600,
  freshSeconds,
}

/**
 * The outgoing cable is hotter than its insulation bears for ever: too much current for its size, too many cables in one pipe, heat from
 * a bad contact near by. Insulation ages, softens, and shorts.
 *
 * Limit    `conductorMaxCelsius` of this cable, 70 °C for PVC, which is assumed where nobody knows
 * Delay    at or over it for `confirmSeconds`, by samples or by ticks while the sample is fresh. Two samples must agree, unless nothing
 *          newer came for 75 s
 * Input    `cableCelsius`, °C; ticks
 * Finding  warning, urgent; evidence in °C
 * Clears   `hysteresisKelvin` below for `clearSeconds` of samples
 * Memory   nothing while it is well, else six values
 * Source   70 °C for PVC, 90 °C for XLPE: IEC 60364-5-52, table 52.1; alarm within 40 s of the limit: GB 14287.3 as commonly quoted, not
 *          checked; margin, hysteresis and durations are unverified defaults
 */
export const cableOverTemperature = defineDetector({
  id: 'electricity-meter/cable-over-temperature',
  about: {
    finds: 'The outgoing cable is hotter than its insulation bears for ever.',
    severities: ['warning', 'urgent'],
    source:
      '70 °C for PVC, 90 °C for XLPE: IEC 60364-5-52, table 52.1; margin, hysteresis and durations are unverified defaults',
    traps: ['a summer afternoon at full load, 58 °C', 'an XLPE cable at 75 °C', 'a single stray value'],
  },
  lasts: 'confirmSeconds',
  clears: true,
  reads: electricityMeterTelemetry.pick({ cableCelsius: true }),
  ticks: true,
  bounds: { warningBelowKelvin: [1, 40] },
  settings: defaults,
  initial: null as Climb | null,

  step(state, input, settings, facts: ElectricityMeterFacts) {
    const maxCelsius = facts.conductorMaxCelsius ?? electricityMeterFactDefaults.conductorMaxCelsius
    const warningCelsius = maxCelsius - settings.warningBelowKelvin
    if (state === null && (input.tick || input.cableCelsius < warningCelsius)) return { state }
    const findingOf = (now: Climb) => tooHot(now, warningCelsius, maxCelsius)
    const ladder = ladderOf(warningCelsius, maxCelsius, settings)
    if (input.tick) return answerTick(state, input, ladder, findingOf)
    return answer(state, climb(state, input.at, input.cableCelsius, ladder), findingOf)
  },
})

function ladderOf(warningCelsius: number, maxCelsius: number, settings: typeof defaults): Ladder {
  return {
    limits: [warningCelsius, maxCelsius],
    hysteresis: settings.hysteresisKelvin,
    confirmSeconds: [settings.confirmSeconds, settings.confirmSeconds],
    clearSeconds: settings.clearSeconds,
    freshSeconds: settings.freshSeconds,
  }
}

function tooHot({ level, value, since }: Climb, warningCelsius: number, maxCelsius: number): Finding {
  const urgent = level === 2
  return {
    severity: urgent ? 'urgent' : 'warning',
    summary: `The cable is at ${value.toFixed(0)} °C; it bears ${maxCelsius} °C for ever`,
    evidence: {
      cableCelsius: value,
      limitCelsius: urgent ? maxCelsius : warningCelsius,
      conductorMaxCelsius: maxCelsius,
    },
    since,
  }
}
