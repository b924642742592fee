import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import { electricityMeterTelemetry } from '../telemetry.ts'

const defaults = {
  stayClosedSeconds: 60,
  /** One word is believed when nothing else was said for so long: longer than a minute's sampling and what a network adds to it. */
  believeSeconds: 75,
}

type Settings = typeof defaults
type Opened = 'open' | 'tripped'

interface State {
  /** The worst since it was last closed for good; and since when, ms. */
  readonly worst: 'closed' | Opened
  readonly since: number
  /** When it was closed again, ms; null while it is not. */
  readonly closedAt: number | null
  /** The newest word, when it is worse than what is believed: a single one may be stray. */
  readonly doubted: { readonly breaker: Opened; readonly at: number } | null
}

const closed: State = { worst: 'closed', since: 0, closedAt: null, doubted: null }

/**
 * The room's breaker has acted, or was opened by hand. A trip has a cause that is still there: overload, a short circuit, leakage.
 *
 * A tripped breaker is moved to open before it can be closed again: it stays a trip. Closed onto a fault it trips at once: only one that
 * stays closed for `stayClosedSeconds` ends the episode, by samples or by ticks while the device is heard.
 *
 * Delay    two words must agree, or nothing newer came for `believeSeconds` while the device is heard; a word whose reading says that no
 *          current flows is believed at once
 * Input    `breaker`, often told only when it changes; `amps`; ticks
 * Finding  warning for a trip, info for one opened by hand
 * Clears   when it has stayed closed
 * Memory   three values, two more while a word is doubted
 * Source   the severities: the project's specification; the durations are unverified defaults
 */
export const breakerTripped = defineDetector({
  id: 'electricity-meter/breaker-tripped',
  about: {
    finds: 'The room’s breaker has tripped, or was opened by hand.',
    severities: ['info', 'warning'],
    source: 'The durations are unverified defaults',
    traps: [
      'a closed breaker, told again and again',
      'a meter that says nothing of its breaker',
      'a single stray word',
      'stray words now and then',
    ],
  },
  clears: true,
  reads: electricityMeterTelemetry.pick({ breaker: true }),
  mayRead: electricityMeterTelemetry.pick({ amps: true }),
  ticks: true,
  settings: defaults,
  initial: closed,

  step(state, input, settings): Step<State> {
    const { at } = input
    if (input.tick) return input.fresh ? atTick(state, at, settings) : { state }
    if (input.breaker === 'closed') return whileClosed({ ...state, doubted: null }, state, at, settings)

    const { breaker } = input
    const isNews = rank[breaker] > rank[state.worst]
    const isCut = input.amps === 0 && state.worst === 'closed'
    if (!isNews || isCut || agrees(state.doubted, breaker)) return believe(state, breaker, at, isNews)
    const doubting = { ...state, doubted: { breaker, at } }
    return state.worst === 'closed'
      ? { state: doubting }
      : { state: doubting, finding: findingOf(state.worst, state.since) }
  },
})

const rank = { closed: 0, open: 1, tripped: 2 }

/** A tripped breaker that is moved to open is one too. */
function agrees(doubted: State['doubted'], breaker: Opened): boolean {
  return doubted !== null && rank[doubted.breaker] >= rank[breaker]
}

function believe({ worst: was, since: before, doubted }: State, breaker: Opened, at: number, isNews: boolean) {
  const said = isNews && doubted !== null && rank[doubted.breaker] > rank[breaker] ? doubted.breaker : breaker
  const worst: Opened = was === 'tripped' || said === 'tripped' ? 'tripped' : 'open'
  const since = was === 'closed' ? (doubted?.at ?? at) : before
  return { state: { worst, since, closedAt: null, doubted: null }, finding: findingOf(worst, since) }
}

function whileClosed(now: State, before: State, at: number, settings: Settings): Step<State> {
  if (now.worst === 'closed') return { state: before.doubted === null ? before : closed }
  if (now.closedAt === null) return { state: { ...now, closedAt: at } }
  return at - now.closedAt >= settings.stayClosedSeconds * secondMs
    ? { state: closed, cleared: true }
    : { state: before.doubted === null ? before : now }
}

function atTick(state: State, at: number, settings: Settings): Step<State> {
  const { doubted } = state
  if (doubted !== null && at - doubted.at >= settings.believeSeconds * secondMs)
    return believe(state, doubted.breaker, doubted.at, true)
  return state.closedAt === null ? { state } : whileClosed(state, state, at, settings)
}

function findingOf(breaker: Opened, since: number): Finding {
  const tripped = breaker === 'tripped'
  return {
    severity: tripped ? 'warning' : 'info',
    summary: tripped ? 'The room’s breaker has tripped' : 'The room’s breaker was opened by hand',
    evidence: { breaker },
    since,
  }
}
