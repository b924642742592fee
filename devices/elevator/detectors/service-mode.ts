import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding } from '../../../core/detector.ts'
import { elevatorTelemetry } from '../telemetry.ts'
import { answer, type Held, hold } from './held.ts'
import { isAtWork, type Service, serviceAfter, workCodes } from './service.ts'

interface State {
  readonly service: Service
  readonly held: Held | null
}

/**
 * Somebody works on the elevator, or the fire brigade has it: inspection, fire or firefighter mode. What else it shows meanwhile is
 * recorded and sends nobody, but for danger to a life; and it proves a maintainer's visit.
 *
 * Input    `mode`, else a fault code of an elevator that never tells its mode; ticks
 * Finding  info after `confirmSeconds`; evidence says for how long
 * Clears   when another mode has been said for `clearSeconds`; never by silence
 * Memory   one small value, five more while it lasts
 * Source   modes: GB/T 24476 as publicly implemented; the durations are unverified defaults
 */
export const serviceMode = defineDetector({
  id: 'elevator/service-mode',
  about: {
    finds: 'Somebody works on the elevator, or the fire brigade has it.',
    severities: ['info'],
    source: 'Modes: GB/T 24476 as publicly implemented; durations are unverified defaults',
    traps: ['a mode that flickers for a moment', 'an elevator that is out of service'],
  },
  lasts: 'confirmSeconds',
  clears: true,
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({ mode: true, faultCode: true }),
  ticks: true,
  settings: { confirmSeconds: 10, clearSeconds: 60, workCodes },
  initial: { service: 0, held: null } as State,

  step(state, input, settings) {
    if (input.tick && (!input.fresh || state.held === null)) return { state }
    const service = input.tick ? state.service : serviceAfter(state.service, input, settings.workCodes)
    const held = hold(state.held, input.at, isAtWork(service), settings.confirmSeconds, settings.clearSeconds)
    const same = service === state.service && held === state.held
    return answer(state, same ? state : { service, held }, held?.raised && findingOf(held.since, input.at))
  },
})

function findingOf(since: number, at: number): Finding {
  return {
    severity: 'info',
    summary: 'Somebody works on the elevator, or the fire brigade has it',
    evidence: { lastedSeconds: Math.round((at - since) / secondMs) },
    since,
  }
}
