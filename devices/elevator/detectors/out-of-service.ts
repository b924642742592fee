import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding } from '../../../core/detector.ts'
import { elevatorTelemetry } from '../telemetry.ts'
import { codesOf } from './city-codes.ts'
import { answer, type Held, hold } from './held.ts'

interface State {
  /** It tells its mode: a code has no say then. */
  readonly told: boolean
  readonly off: boolean
  readonly held: Held | null
}

/**
 * The elevator is out of service: switched off, or stopped by its controller. Alone it is only information, as people know why; how long
 * it lasted counts for the insurer. Who is in it is found by `elevator/entrapment`.
 *
 * Input    `mode`, else a fault code (`faultCodes`) of an elevator that never tells its mode; ticks
 * Finding  info after `confirmSeconds`; evidence says for how long
 * Clears   when another mode has been said for `clearSeconds`; never by silence
 * Memory   two small values, five more while it is out of service
 * Source   modes: GB/T 24476 as publicly implemented; the durations are unverified defaults
 */
export const outOfService = defineDetector({
  id: 'elevator/out-of-service',
  about: {
    finds: 'The elevator is out of service.',
    severities: ['info'],
    source: 'Modes: GB/T 24476 as publicly implemented; durations are unverified defaults',
    traps: [
      'a restart of its controller within half a minute',
      'inspection, which is not out of service',
      'a code beside a mode that says normal',
    ],
  },
  lasts: 'confirmSeconds',
  clears: true,
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({ mode: true, faultCode: true }),
  ticks: true,
  settings: { confirmSeconds: 60, clearSeconds: 60, faultCodes: codesOf('elevator/out-of-service') },
  initial: { told: false, off: false, held: null } as State,

  step(state, input, settings) {
    if (input.tick && (!input.fresh || state.held === null)) return { state }

    const mode = input.tick ? undefined : input.mode
    const code = input.tick || mode !== undefined || state.told ? undefined : input.faultCode
    const byCode = code === undefined ? state.off : settings.faultCodes.includes(code)
    const off = mode === undefined ? byCode : mode === 'out-of-service'
    const told = state.told || mode !== undefined

    const held = hold(state.held, input.at, off, settings.confirmSeconds, settings.clearSeconds)
    const same = told === state.told && off === state.off && held === state.held
    return answer(state, same ? state : { told, off, held }, held?.raised && findingOf(held.since, input.at))
  },
})

function findingOf(since: number, at: number): Finding {
  return {
    severity: 'info',
    summary: 'The elevator is out of service',
    evidence: { outOfServiceSeconds: Math.round((at - since) / secondMs) },
    since,
  }
}
