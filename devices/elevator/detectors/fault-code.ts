import { defineDetector, type Finding } from '../../../core/detector.ts'
import { type Severity, severities } from '../../../core/severity.ts'
import { type ElevatorValues, elevatorTelemetry } from '../telemetry.ts'
import { cityCodes } from './city-codes.ts'
import { answer, type Held, hold } from './held.ts'
import { isAtWork, type Service, serviceAfter, workCodes } from './service.ts'

interface State {
  readonly service: Service
  /** The newest code that means something; null before the first. */
  readonly code: string | null
  /** Whether it stands. */
  readonly stands: boolean
  /** Someone was seen in the car since it came. */
  readonly someone: boolean
  readonly held: Held | null
}

const defaults = {
  confirmSeconds: 10,
  /** For a code that says someone is trapped: by then the car's own sensors have spoken. */
  entrapmentSeconds: 30,
  clearSeconds: 60,
  codes: cityCodes,
}

type Settings = typeof defaults

/**
 * The controller reports a fault in the city's numbers. What we can see by ourselves is not ordered twice: such a code is evidence
 * for the finding that detects the same, and only recorded here.
 *
 * Map       `codes`, per code: a severity; the finding it is evidence for (info here); `work` or `none` (nothing here). A code that is
 *           not in the map takes `*`, and is named
 * Trapped   a code for `elevator/entrapment` is critical by itself unless someone has been seen in the car since it came: then that
 *           rule has all it needs. It takes `entrapmentSeconds`
 * Modes     `inspection`, `fire` and `firefighter`, by mode or by a `work` code, inhibit: what was raised before stays, silent
 * Input     `faultCode`, `mode`, `passengerPresent`; ticks
 * Finding   the severity of the map; evidence is the code and what it means
 * Clears    when no code has stood for `clearSeconds`
 * Memory    four small values, five more while a code stands
 * Source    GB/T 24476 as publicly implemented; severities by this project's list; the durations are unverified defaults
 */
export const faultCode = defineDetector({
  id: 'elevator/fault-code',
  about: {
    finds: 'The controller reports a fault in the city’s numbers.',
    severities: ['info', 'warning', 'critical'],
    source: 'GB/T 24476 as publicly implemented; durations are unverified defaults',
    traps: [
      'no fault, said again and again',
      'a code that is gone at the next reading',
      'the codes of inspection, fire and firefighter mode',
      'codes while a mechanic works',
      'the code that says it is back in automatic mode',
    ],
  },
  lasts: 'confirmSeconds',
  rising: [['confirmSeconds', 'entrapmentSeconds']],
  clears: true,
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({ faultCode: true, mode: true, passengerPresent: true }),
  ticks: true,
  settings: defaults,
  initial: { service: 0, code: null, stands: false, someone: false, held: null } as State,

  step(state, input, settings) {
    if (!input.tick) return judge(state, hear(state, input, settings), input.at, settings)
    return state.held === null || !input.fresh ? { state } : judge(state, state, input.at, settings)
  },
})

type Said = ElevatorValues & { readonly at: number }

/** The last words; the same object when nothing is new. */
function hear(was: State, said: Said, settings: Settings): State {
  const service = serviceAfter(was.service, said, workCodesOf(settings))
  const stands = said.faultCode === undefined ? was.stands : severityOf(said.faultCode, false, settings) !== undefined
  const code = stands ? (said.faultCode ?? was.code) : was.code
  const present = said.passengerPresent === true
  const someone = stands && (present || (was.someone && code === was.code))

  const same = service === was.service && stands === was.stands && code === was.code && someone === was.someone
  return same ? was : { service, code, stands, someone, held: was.held }
}
