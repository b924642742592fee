import type { Detector, Finding, Step } from '../core/detector.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import { isMoreSevere, orderTypeOf, type Severity } from '../core/severity.ts'

/** A stretch of time in which a detector's condition holds. Plain data; immutable, so that "before" can be compared. */
export interface Episode {
  readonly occurredAt: number
  readonly severity: Severity
  readonly summary: string
  readonly evidence: Finding['evidence']
  /** Device time of its latest finding. */
  readonly at: number
  /** A fresh reading has confirmed it, or it needs none. */
  readonly confirmed: boolean
  /** By our clock, when people were last told of it; null = not yet. */
  readonly saidAt: number | null
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
    const current = episode ?? (touch.before?.saidAt != null ? touch.before : undefined)
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
  if (current === undefined) {
    const occurredAt = since !== undefined && Number.isFinite(since) ? since : at
    return { occurredAt, severity, summary, evidence, at, confirmed: confirms, saidAt: null }
  }
  const rises = isMoreSevere(severity, current.severity)
  // the finding that confirms it says how bad it is now; what old data had to say is over
  const tells = current.confirmed ? confirms && (rises || severity === current.severity) : confirms || rises
  return {
    ...current,
    at,
    confirmed: current.confirmed || confirms,
    ...(tells && { severity, summary, evidence }),
  }
}

/** What is to be said after the whole entry, and the episode as it is to be remembered. */
export function netEvent(
  { before, ended, found }: { before: Episode | undefined; ended: Episode | undefined; found: boolean },
  after: Episode | undefined,
  now: number,
  repeatAfterMs: number,
): { event?: Change; episode: Episode | undefined } {
  const said = before?.saidAt ?? null

  if (after === undefined) {
    const over = ended ?? before
    if (over === undefined) return { episode: undefined }
    return { event: changeOf(said === null ? 'passed' : 'cleared', over), episode: undefined }
  }
  if (said === null) {
    if (!after.confirmed) return { episode: after }
    return { event: changeOf('opened', after), episode: { ...after, saidAt: now } }
  }
  if (before !== undefined && isMoreSevere(after.severity, before.severity)) {
    return { event: changeOf('upgraded', after), episode: { ...after, saidAt: now } }
  }
  if (found && now - said >= repeatAfterMs) {
    return { event: changeOf('repeated', after), episode: { ...after, saidAt: now } }
  }
  return { episode: after }
}

function changeOf(change: Change['change'], { severity, summary, evidence, occurredAt, at }: Episode): Change {
  return { change, severity, summary, evidence, occurredAt, at }
}
