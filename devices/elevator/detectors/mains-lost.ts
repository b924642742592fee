import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding } from '../../../core/detector.ts'
import { elevatorTelemetry, freshSeconds } from '../telemetry.ts'
import { codesOf } from './city-codes.ts'

interface State {
  /** When the last word on the mains came, ms, and since when it is "lost"; null while it is not. */
  readonly at: number
  readonly since: number | null
  readonly raised: boolean
  /** It has a contact for the mains: mode and code have no say then. */
  readonly told: boolean
  /** The last words on mode and code are that the mains are lost. */
  readonly dark: boolean
  readonly coded: boolean
}

/**
 * The elevator has no mains: it stands, or its battery brings it to a floor. Alone it is only information; several in a building are
 * the building's outage, and who is trapped is found by `elevator/entrapment`.
 *
 * The word of `mainsLost` holds. An elevator that has never sent one is believed by its mode, `emergency-power`, or by the city's code
 * (`faultCodes`), so that a building's outage explains it as any other.
 *
 * Delay    `confirmSeconds`, by a second reading or by ticks while the word is fresh: a dip is no outage, a last word before the
 *          gateway's battery is empty is one
 * Input    `mainsLost`, `mode`, `faultCode`; ticks
 * Finding  info; evidence says for how long
 * Clears   when the mains are said to be back; never by silence
 * Memory   six values per elevator
 * Source   modes: GB/T 24476 as publicly implemented; the delay is an unverified default
 */
export const mainsLost = defineDetector({
  id: 'elevator/mains-lost',
  about: {
    finds: 'The elevator has no mains.',
    severities: ['info'],
    source: 'Modes: GB/T 24476 as publicly implemented; the delay is an unverified default',
    traps: ['an elevator that says nothing of its mains', 'two words with a gap in between, of which nobody knows'],
  },
  lasts: 'confirmSeconds',
  clears: true,
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({ mainsLost: true, mode: true, faultCode: true }),
  ticks: true,
  settings: { confirmSeconds: 5, freshSeconds, faultCodes: codesOf('elevator/mains-lost') },
  initial: { at: 0, since: null, raised: false, told: false, dark: false, coded: false } as State,

  step(state, input, settings) {
    const freshMs = settings.freshSeconds * secondMs
    if (input.tick) {
      const waits = state.since !== null && !state.raised && input.at - state.at <= freshMs
      if (!waits || !lasts(state.since, input.at, settings)) return { state }
      return { state: { ...state, raised: true }, finding: findingOf(state.since, input.at) }
    }

    const told = state.told || input.mainsLost !== undefined
    const { mode, faultCode } = input
    const dark = mode === undefined ? state.dark : mode === 'emergency-power'
    const coded = faultCode === undefined ? state.coded : settings.faultCodes.includes(faultCode)
    const isUnsaid = mode === undefined && faultCode === undefined
    const lost = input.mainsLost ?? (told || isUnsaid ? undefined : dark || coded)
    if (lost === undefined) return { state }
    const { at } = input
    if (!lost) {
      // written only when it changes: most elevators have mains most of the time
      const same = state.since === null && state.told === told
      const next = same ? state : { at, since: null, raised: false, told, dark: false, coded: false }
      return state.raised ? { state: next, cleared: true } : { state: next }
    }

    const heldOn = state.since !== null && (state.raised || at - state.at <= freshMs)
    const since = (heldOn ? state.since : null) ?? at
    const raised = state.raised || lasts(since, at, settings)
    const next = { at, since, raised, told, dark, coded }
    return raised ? { state: next, finding: findingOf(since, at) } : { state: next }
  },
})

function lasts(since: number, at: number, { confirmSeconds }: { confirmSeconds: number }): boolean {
  return at - since >= confirmSeconds * secondMs
}

function findingOf(since: number, at: number): Finding {
  return {
    severity: 'info',
    summary: 'The elevator has no mains',
    evidence: { lostSeconds: Math.round((at - since) / secondMs) },
    since,
  }
}
