import { secondMs } from '../../../core/clock.ts'
import type { Finding, Step } from '../../../core/detector.ts'
import { freshSeconds } from '../telemetry.ts'

/**
 * A condition over time, for a detector's state; null while it neither holds nor is raised.
 *
 * Time counts only as far as samples and fresh ticks vouch for it: of a gap, what its last sample was fresh for. Before it is raised
 * one word against it begins the count anew; afterwards it ends when words against it have held for long enough.
 */
export interface Held {
  readonly raised: boolean
  /** Since when it holds, ms. */
  readonly since: number
  /** Up to when `ms` is counted. A tick may be ahead of what is on its way: that counts no time anew. */
  readonly at: number
  /** For how long it has held; once raised, for how long it has been `calm`. */
  readonly ms: number
  readonly calm: boolean
}

const freshMs = freshSeconds * secondMs

/** @param holds undefined when nobody knows: that counts neither for it nor against it */
export function hold(
  held: Held | null,
  now: number,
  holds: boolean | undefined,
  raiseSeconds: number,
  clearSeconds: number,
): Held | null {
  if (held === null) {
    return holds === true ? { raised: raiseSeconds <= 0, since: now, at: now, ms: 0, calm: false } : null
  }
  const { raised, since } = held
  const at = Math.max(now, held.at)
  if (holds === undefined) return held.calm || !raised ? { raised, since, at, ms: held.ms, calm: held.calm } : held

  const goneMs = Math.min(at - held.at, freshMs)
  if (!raised) {
    if (!holds) return null
    const ms = held.ms + goneMs
    return { raised: ms >= raiseSeconds * secondMs, since, at, ms, calm: false }
  }
  if (holds) return held.calm ? { raised, since, at, ms: 0, calm: false } : held

  const ms = held.calm ? held.ms + goneMs : 0
  return ms >= clearSeconds * secondMs ? null : { raised, since, at, ms, calm: true }
}

/**
 * The step's answer: the finding while it is raised, `cleared` when it has ended.
 * @param finding made only where it is raised; a value, for a function made at every reading costs as much as the rest of a rule
 */
export function answer<State extends { readonly held: Held | null }>(
  before: State,
  state: State,
  finding: Finding | false | undefined,
): Step<State> {
  if (finding) return { state, finding }
  return before.held?.raised && !state.held?.raised ? { state, cleared: true } : { state }
}
