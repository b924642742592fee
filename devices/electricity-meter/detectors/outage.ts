import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding } from '../../../core/detector.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'

interface State {
  /** The last sample without supply, ms, V; and since when there is none: null while there is. */
  readonly at: number
  readonly volts: number
  readonly since: number | null
  readonly raised: boolean
}

/**
 * The room has no supply. Alone it is only information: a main switch, a fuse, an unpaid bill; many in a building are the building's
 * outage. It says nothing of the room's breaker, for `volts` are those in front of it.
 *
 * Last gasp `volts: 0` is what a meter says with the last energy it has: believed at once, and it stays true in the silence after it
 * Delay     otherwise under `outageVolts` for `confirmSeconds`, by readings or by ticks while the sample is fresh; a dip is no outage
 * Sensor    where current flows there is a supply: a broken voltage input, or a short circuit for its moment. Such a sample says nothing
 * Input     `volts`, V RMS; `amps`, A RMS; ticks
 * Finding   info; evidence in V
 * Clears    with a sample from `restoredVolts` on; never by silence
 * Memory    four values per meter
 * Source    the last gasp: the project's specification; limits and delay are unverified defaults
 */
export const outage = defineDetector({
  id: 'electricity-meter/outage',
  about: {
    finds: 'The room has no supply.',
    severities: ['info'],
    source: 'Limits and delay are unverified defaults',
    traps: ['a dip', 'a low voltage', 'a broken voltage input, where current flows'],
  },
  lasts: 'confirmSeconds',
  rising: [['outageVolts', 'restoredVolts']],
  clears: true,
  reads: electricityMeterTelemetry.pick({ volts: true }),
  mayRead: electricityMeterTelemetry.pick({ amps: true }),
  ticks: true,
  bounds: { outageVolts: [10, 150], restoredVolts: [20, 250] },
  settings: { outageVolts: 50, restoredVolts: 100, confirmSeconds: 30, flowingAmps: 0.5, freshSeconds },
  initial: { at: 0, volts: 0, since: null, raised: false } as State,

  step(state, input, settings) {
    const freshMs = settings.freshSeconds * secondMs
    if (input.tick) {
      const waits = state.since !== null && !state.raised && input.at - state.at <= freshMs
      if (!waits || !lasts(state.since, input.at, settings)) return { state }
      return { state: { ...state, raised: true }, finding: findingOf(state.volts, state.since, settings) }
    }

    const { at, volts, amps = 0 } = input
    if (volts >= settings.outageVolts) {
      if (state.since === null || (state.raised && volts < settings.restoredVolts)) return { state }
      const next = { at: 0, volts: 0, since: null, raised: false }
      return state.raised ? { state: next, cleared: true } : { state: next }
    }
    if (amps > settings.flowingAmps) return { state }

    const heldOn = state.since !== null && (state.raised || at - state.at <= freshMs)
    const since = (heldOn ? state.since : null) ?? at
    const raised = state.raised || volts === 0 || lasts(since, at, settings)
    const next = { at, volts, since, raised }
    return raised ? { state: next, finding: findingOf(volts, since, settings) } : { state: next }
  },
})

function lasts(since: number, at: number, { confirmSeconds }: { confirmSeconds: number }): boolean {
  return at - since >= confirmSeconds * secondMs
}

function findingOf(volts: number, since: number, { outageVolts }: { outageVolts: number }): Finding {
  const lastGasp = volts === 0
  return {
    severity: 'info',
    summary: lastGasp
      ? 'The room has no supply: 0 V'
      : `The room has no supply: ${volts.toFixed(0)} V, an outage below ${outageVolts} V`,
    evidence: { volts, outageVolts, lastGasp },
    since,
  }
}
