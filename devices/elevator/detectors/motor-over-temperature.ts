import { defineDetector } from '../../../core/detector.ts'
import { type InsulationClass, windingLimitCelsius } from '../facts.ts'
import { elevatorTelemetry } from '../telemetry.ts'

interface Confirmation {
  /** How long it has been hot, less how long it has been cool; between 0 and `confirmSeconds`. */
  readonly seconds: number
  readonly raised: boolean
}

const cool: Confirmation = { seconds: 0, raised: false }

/**
 * The motor's winding is near or over the temperature that its insulation stands: overload, a dragging brake, a blower
 * that no longer turns. Every 8 to 10 K above the limit halve the life of the insulation (Montsinger's rule).
 *
 * A credit of time grows with each hot sample and shrinks with each cool one, by the time since the last sample but at
 * most `sampleSeconds`: a gap counts as one sample and nothing more, a single wrong sample neither raises nor clears, and
 * at least three in a row are needed whatever the rate.
 *
 * Input    `motorCelsius`, °C; fact `insulationClass`, class B when unknown (unverified default)
 * Finding  warning from 15 K below the limit of the class, urgent from the limit; evidence in °C
 * Clears   when it has stayed `hysteresisKelvin` below the warning for as long as raising takes
 * Source   IEC 60085 for the limits; the margin of 15 K and the durations are unverified defaults
 */
export const motorOverTemperature = defineDetector({
  id: 'elevator/motor-over-temperature',
  about: {
    finds: 'The motor’s winding is near or over the temperature that its insulation stands.',
    severities: ['warning', 'urgent'],
    source: 'IEC 60085 for the limits; the margin of 15 K and the durations are unverified defaults',
    traps: ['a hard-working motor', 'single spikes', 'pairs of spikes'],
  },
  lasts: 'confirmSeconds',
  clears: true,
  reads: elevatorTelemetry.pick({ motorCelsius: true }),
  needs: ['insulationClass'],
  bounds: { warnBelowLimitKelvin: [1, 60] },
  settings: { warnBelowLimitKelvin: 15, hysteresisKelvin: 5, confirmSeconds: 30, sampleSeconds: 10 },
  initial: { at: 0, since: 0, near: cool, over: cool },

  step(state, { at, motorCelsius }, settings, facts: { insulationClass: InsulationClass }) {
    const limitCelsius = windingLimitCelsius[facts.insulationClass]
    const warnCelsius = limitCelsius - settings.warnBelowLimitKelvin
    const seconds = Math.min((at - state.at) / 1_000, settings.sampleSeconds)

    const near = confirm(state.near, motorCelsius, warnCelsius, seconds, settings)
    const over = confirm(state.over, motorCelsius, limitCelsius, seconds, settings)
    const since = state.near.seconds === 0 && !state.near.raised ? at : state.since
    const next = { at, since, near, over }

    if (!near.raised) return state.near.raised ? { state: next, cleared: true } : { state: next }
    return {
      state: next,
      finding: {
        severity: over.raised ? 'urgent' : 'warning',
        summary: `The motor is at ${motorCelsius.toFixed(0)} °C, its class ${facts.insulationClass} winding stands ${limitCelsius} °C`,
        evidence: { motorCelsius, limitCelsius, warnCelsius, insulationClass: facts.insulationClass },
        since,
      },
    }
  },
})

function confirm(
  { seconds, raised }: Confirmation,
  celsius: number,
  thresholdCelsius: number,
  elapsedSeconds: number,
  settings: { hysteresisKelvin: number; confirmSeconds: number },
): Confirmation {
  const hot = celsius >= (raised ? thresholdCelsius - settings.hysteresisKelvin : thresholdCelsius)
  const credit = seconds + (hot ? elapsedSeconds : -elapsedSeconds)
  if (credit >= settings.confirmSeconds) return { seconds: settings.confirmSeconds, raised: true }
  if (credit <= 0) return cool
  return { seconds: credit, raised }
}
