import { defineDetector, type Finding } from '../../../core/detector.ts'
import { type Severity, severities } from '../../../core/severity.ts'
import { type ElevatorValues, elevatorTelemetry } from '../telemetry.ts'
import { cityCodes, codeMeanings } from './city-codes.ts'
import { answer, type Held, hold } from './held.ts'
import { isAtWork, type Service, serviceAfter } from './service.ts'

interface State {
  readonly service: Service
  /** The newest code that means something; null before the first. */
  readonly code: string | null
  /** Whether it stands. */
  readonly stands: boolean
  /** The last word of the presence sensor, and whether someone was seen since the code came. */
  readonly present: boolean
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
 * Clears    when no code has stood for `clearSeconds`; a `work` code is no word that what was raised before it is over
 * Memory    five small values, five more while a code stands
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
  bounds: { codes: codeMeanings },
  settings: defaults,
  initial: { service: 0, code: null, stands: false, present: false, someone: false, held: null } as State,

  step(state, input, settings) {
    if (!input.tick) return judge(state, hear(state, input, settings), input.at, settings)
    return state.held === null || !input.fresh ? { state } : judge(state, state, input.at, settings)
  },
})

type Said = ElevatorValues & { readonly at: number }

const noCodes: readonly string[] = []

/** The last words; the same object when nothing is new. */
function hear(was: State, said: Said, { codes }: Settings): State {
  const word = said.faultCode
  const isWork = word !== undefined && codes[word] === 'work'
  const service = serviceAfter(was.service, said, isWork ? [word] : noCodes)
  const means = word !== undefined && severityOf(word, codes, false) !== undefined
  const stays = word === undefined || (isWork && was.held?.raised === true)
  const stands = stays ? was.stands : means
  const code = means ? word : was.code
  const present = said.passengerPresent ?? was.present
  const someone = stands && (present || (was.someone && code === was.code))

  const sameCode = stands === was.stands && code === was.code
  const same = sameCode && service === was.service && present === was.present && someone === was.someone
  return same ? was : { service, code, stands, present, someone, held: was.held }
}

function judge(before: State, heard: State, at: number, settings: Settings) {
  const { service, code, stands, someone } = heard
  if (isAtWork(service)) return { state: heard.held?.raised === false ? { ...heard, held: null } : heard }

  const severity = severityOf(code ?? '', settings.codes, someone) ?? 'info'
  const seconds = severity === 'critical' ? settings.entrapmentSeconds : settings.confirmSeconds
  const held = hold(before.held, at, stands, seconds, settings.clearSeconds)
  const state = held === heard.held ? heard : { ...heard, held }
  return answer(before, state, held?.raised && findingOf(code ?? '', severity, settings, held.since))
}

/** Undefined for a code that means no fault. */
function severityOf(code: string, codes: Settings['codes'], someone: boolean): Severity | undefined {
  const meaning = codes[code] ?? codes['*']
  if (meaning === 'none' || meaning === 'work') return undefined
  if (meaning === 'elevator/entrapment') return someone ? 'info' : 'critical'
  return severities.find((severity) => severity === meaning) ?? 'info'
}

function findingOf(code: string, severity: Severity, { codes }: Settings, since: number): Finding {
  const meaning = codes[code] ?? 'unknown'
  const means = meaning.startsWith('elevator/') ? `evidence for ${meaning}` : `${meaning} in the city's map`
  return {
    severity,
    summary: `The controller reports fault code ${code} (${means})`,
    evidence: { faultCode: code, means: meaning },
    since,
  }
}
