import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Step } from '../../../core/detector.ts'
import { electricityMeterTelemetry } from '../telemetry.ts'

type Breaker = 'closed' | 'open' | 'tripped'

interface State {
  /** The worst since it was last closed for good; and since when, ms. */
  readonly worst: Breaker
  readonly since: number
  /** When it was closed again, ms; null while it is not. */
  readonly closedAt: number | null
}

const closed: State = { worst: 'closed', since: 0, closedAt: null }

/**
 * The room's breaker has acted, or was opened by hand. A trip has a cause that is still there: overload, a short circuit, leakage.
 *
 * A tripped breaker is moved to open before it can be closed again: it stays a trip. Closed onto a fault it trips at once: only one that
 * stays closed for `stayClosedSeconds` ends the episode, by samples or by ticks while the device is heard.
 *
 * Input    `breaker`, often told only when it changes; ticks
 * Finding  warning for a trip, info for one opened by hand
 * Clears   when it has stayed closed
 * Memory   three values
 * Source   the severities: the project's specification; the duration is an unverified default
 */
export const breakerTripped = defineDetector({
  id: 'electricity-meter/breaker-tripped',
  about: {
    finds: 'The room’s breaker has tripped, or was opened by hand.',
    severities: ['info', 'warning'],
    source: 'The duration is an unverified default',
    traps: ['a closed breaker, told again and again', 'a meter that says nothing of its breaker'],
  },
  clears: true,
  reads: electricityMeterTelemetry.pick({ breaker: true }),
  ticks: true,
  settings: { stayClosedSeconds: 60 },
  initial: closed,

  step(state, input, settings): Step<State> {
    const since = state.worst === 'closed' ? input.at : state.since
    if (!input.tick && input.breaker !== 'closed') {
      const worst = state.worst === 'tripped' ? 'tripped' : input.breaker
      const same = worst === state.worst && state.closedAt === null
      return { state: same ? state : { worst, since, closedAt: null }, finding: findingOf(worst, since) }
    }

    if (state.worst === 'closed' || (input.tick && !input.fresh)) return { state }
    if (state.closedAt === null) return { state: input.tick ? state : { ...state, closedAt: input.at } }
    const stayed = input.at - state.closedAt >= settings.stayClosedSeconds * secondMs
    return stayed ? { state: closed, cleared: true } : { state }
  },
})

function findingOf(breaker: Breaker, since: number): Finding {
  const tripped = breaker === 'tripped'
  return {
    severity: tripped ? 'warning' : 'info',
    summary: tripped ? 'The room’s breaker has tripped' : 'The room’s breaker was opened by hand',
    evidence: { breaker },
    since,
  }
}
