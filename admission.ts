import type { ConsumerHealth } from './ingest/follow.ts'

/**
 * How far stores and detectors may fall behind the journal before gateways are read more slowly, entries: a burst of some
 * seconds at the full speed of the door, as after a power cut in a district, and an alarm is no more than some 20 s late by it.
 * Unverified default.
 */
export const mostBehind = 1_000_000
/** The data thread reads in steps of some ten thousand entries and pauses now and then: that is no falling behind. */
const slack = mostBehind / 20
/** Whoever has not moved for so long hangs. */
const hangsAfterMs = 10_000

/**
 * Says whether gateways must wait because more comes in than is stored and analysed. Only for a consumer that is at work: for
 * one that waits for its store, or hangs, the journal keeps everything. One that works off an old backlog holds nobody up
 * as long as the backlog shrinks; it must not grow again.
 */
export function createAdmission() {
  const seen = new Map<string, { position: number; movedAt: number; allowed: number }>()

  return (head: number, consumers: readonly ConsumerHealth[], now: number): boolean => {
    let mustWait = false
    for (const { name, position, waitingFor } of consumers) {
      const before = seen.get(name)
      const movedAt = before?.position === position ? before.movedAt : now
      const works = waitingFor === null && now - movedAt < hangsAfterMs
      const behind = head - position
      const allowed = works
        ? Math.max(mostBehind, Math.min(behind, before?.allowed ?? behind))
        : Number.POSITIVE_INFINITY
      seen.set(name, { position, movedAt, allowed })
      if (behind > allowed + slack) mustWait = true
    }
    return mustWait
  }
}
