import { hourMs, minuteMs } from '../core/clock.ts'
import type { Detector, Finding, Step } from '../core/detector.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import { isMoreSevere, orderTypeOf, type Severity } from '../core/severity.ts'

/** What a detector says, without when. */
type Words = Pick<Finding, 'severity' | 'summary' | 'evidence'>

/** A stretch of time in which a detector's condition holds. Plain data; immutable, so that "before" can be compared. */
export interface Episode {
  readonly occurredAt: number
  /** How it is now. */
  readonly now: Words
  /** The worst since people were last told. */
  readonly worst: Words
  /** Device time of its latest finding. */
  readonly at: number
  /** A fresh reading has confirmed it, or it needs none. */
  readonly confirmed: boolean
  /** What people were last told, and when by our clock; null = nothing yet. */
  readonly said: { readonly at: number; readonly severity: Severity } | null
}

/** The episodes as they were before the current journal entry, of the detectors that it touched. */
export type Touched = Map<number, { before: Episode | undefined; ended: Episode | undefined; found: boolean }>

type Change = Pick<EpisodeEvent, 'change' | 'severity' | 'summary' | 'evidence' | 'occurredAt' | 'at'>

/** What one step says of the episode that it finds: the episode after it, undefined when it is over or there is none. */
export function follow(
  touched: Touched,
  index: number,
  episode: Episode | undefined,
  detector: Detector,
  step: Step<unknown>,
  at: number,
  fresh: boolean,
): Episode | undefined {
  const touch = touched.get(index) ?? { before: episode, ended: undefined, found: false }
  touched.set(index, touch)

  if (step.finding !== undefined) {
    const confirms = fresh || !waitsForFresh(detector, step.finding.severity)
    touch.found ||= confirms
    // over and back within one message is the same trouble, not a second one
    const current = episode ?? (touch.before?.said != null ? touch.before : undefined)
    return extended(current, step.finding, at, confirms)
  }
  if (episode !== undefined) touch.ended = { ...episode, at }
  return undefined
}

/** An emergency in old data may be over by now: wait for fresh data, if the detector is one that can tell. */
function waitsForFresh(detector: Detector, severity: Severity): boolean {
  return detector.clears && orderTypeOf(severity) === 'emergency'
}

function extended(current: Episode | undefined, finding: Finding, at: number, confirms: boolean): Episode {
  const { severity, summary, evidence, since } = finding
  const words = { severity, summary, evidence }
  if (current === undefined) {
    const occurredAt = since !== undefined && Number.isFinite(since) ? since : at
    return { occurredAt, now: words, worst: words, at, confirmed: confirms, said: null }
  }
  // what old data has to say of a confirmed episode is over
  if (current.confirmed && !confirms) return { ...current, at }
  // and the finding that confirms it says how bad it is, whatever old data said before
  const begins = confirms && !current.confirmed
  const worst = begins || isMoreSevere(severity, current.worst.severity) ? words : current.worst
  return { ...current, at, now: words, worst, confirmed: confirms }
}

/** What is to be said after the whole entry, and the episode as it is to be remembered. `now` is our clock's. */
export function netEvent(
  { before, ended, found }: { before: Episode | undefined; ended: Episode | undefined; found: boolean },
  after: Episode | undefined,
  now: number,
): { event?: Change; episode: Episode | undefined } {
  if (after === undefined) {
    const over = ended ?? before
    if (over === undefined) return { episode: undefined }
    return { event: changeOf(before?.said == null ? 'passed' : 'cleared', over, over.worst), episode: undefined }
  }
  const { said, worst } = after
  if (said === null) return after.confirmed ? say('opened', after, worst, now) : { episode: after }
  if (isMoreSevere(worst.severity, said.severity)) return say('upgraded', after, worst, now)
  if (found && now - said.at >= repeatAfterMs(after.now.severity)) return say('repeated', after, after.now, now)
  return { episode: after }
}

/** People may close an order by mistake: an emergency that goes on comes back soon. Unverified defaults. */
function repeatAfterMs(severity: Severity): number {
  return orderTypeOf(severity) === 'emergency' ? 5 * minuteMs : hourMs
}

function say(change: Change['change'], episode: Episode, words: Words, now: number) {
  const said = { at: now, severity: words.severity }
  return { event: changeOf(change, episode, words), episode: { ...episode, worst: episode.now, said } }
}

function changeOf(change: Change['change'], { occurredAt, at }: Episode, words: Words): Change {
  return { change, ...words, occurredAt, at }
}
