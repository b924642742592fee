import { secondMs } from '../../../core/clock.ts'
import type { Finding, Step } from '../../../core/detector.ts'
import { freshSeconds } from '../telemetry.ts'

export interface TemperatureSettings {
  readonly lowCelsius: number
  readonly highCelsius: number
  /** It is well again so far inside the limits. */
  readonly hysteresisKelvin: number
  readonly confirmSeconds: number
}

/** Null while it is well. */
export type TemperatureState = {
  readonly at: number
  readonly since: number
  /** What the newest sample said, and for how long the samples were outside, less how long they were inside, s. */
  readonly outside: boolean
  readonly seconds: number
  readonly raised: boolean
} | null

/**
 * A step of a rule about a place's temperature: warning while it is over its limit, or under it.
 *
 * A credit of time grows from each sample outside the limits to the next and shrinks from each inside, by `freshSeconds` at most:
 * spikes and noise about a limit neither raise nor clear. Samples only, no ticks: a probe that says nothing more may have lost its
 * wire.
 */
export function temperatureStep(
  state: TemperatureState,
  at: number,
  celsius: number,
  settings: TemperatureSettings,
  place: string,
): Step<TemperatureState> {
  const { lowCelsius, highCelsius, hysteresisKelvin, confirmSeconds } = settings
  const slack = state?.raised ? hysteresisKelvin : 0
  const outside = celsius > highCelsius - slack || celsius < lowCelsius + slack
  if (state === null) return { state: outside ? { at, since: at, outside, seconds: 0, raised: false } : null }

  const gone = Math.min((at - state.at) / secondMs, freshSeconds)
  const seconds = Math.min(state.seconds + (state.outside ? gone : -gone), confirmSeconds)
  if (seconds <= 0 && !outside) return state.raised ? { state: null, cleared: true } : { state: null }

  const raised = state.raised || (outside && seconds >= confirmSeconds)
  const next = { at, since: state.since, outside, seconds: Math.max(0, Math.round(seconds)), raised }
  return raised ? { state: next, finding: findingOf(celsius, settings, place, state.since) } : { state: next }
}

function findingOf(
  celsius: number,
  { lowCelsius, highCelsius }: TemperatureSettings,
  place: string,
  since: number,
): Finding {
  const limitCelsius = celsius > (lowCelsius + highCelsius) / 2 ? highCelsius : lowCelsius
  return {
    severity: 'warning',
    summary: `${place} is at ${celsius.toFixed(1)} °C (limit ${limitCelsius} °C)`,
    evidence: { celsius, limitCelsius },
    since,
  }
}
