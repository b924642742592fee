import { minuteMs } from '../core/clock.ts'

/**
 * How far a gateway's clock is behind ours, ms (negative: ahead), with the time on the way in it: the smallest
 * `receivedAt - at` of its messages in the last 5 to 10 minutes in which it sent. The smallest, because a message that was
 * stored and sent later only ever looks older; two windows, because a clock that was set must be believed in the end; and
 * minutes in which it sent, because what comes first after an outage is what was stored.
 */
export interface Skew {
  readonly windowStart: number
  readonly smallest: number
  readonly smallestBefore: number | null
}

const windowMs = 5 * minuteMs
/** A gateway that we meet with old data sends what it has stored, or has a wrong clock: after so long it is the clock. */
const settledAfterMs = minuteMs
/** Unverified default: beyond it, a lag is not the time on the way. */
const plausibleLagMs = minuteMs

export function observeSkew(skew: Skew | undefined, newestAt: number, receivedAt: number): Skew {
  const behind = receivedAt - newestAt
  if (skew === undefined) return { windowStart: receivedAt, smallest: behind, smallestBefore: null }

  const age = receivedAt - skew.windowStart
  if (age >= windowMs) {
    const smallestBefore = age >= 2 * windowMs ? skewMs(skew) : skew.smallest
    return { windowStart: receivedAt, smallest: behind, smallestBefore }
  }
  return behind < skew.smallest ? { ...skew, smallest: behind } : skew
}

/** Take it from our time to get the gateway's. */
export function skewMs(skew: Skew | undefined): number {
  if (skew === undefined) return 0
  return skew.smallestBefore === null ? skew.smallest : Math.min(skew.smallest, skew.smallestBefore)
}

/**
 * What the age of a gateway's readings is forgiven, ms: a clock that is behind makes them look old. One that is ahead may be that
 * of a single device behind the gateway, and must not make the others' readings look older than they are.
 * @returns undefined while nobody can know whether its clock is wrong or its data is old
 */
export function lagMs(skew: Skew | undefined, receivedAt: number): number | undefined {
  const lag = Math.max(0, skewMs(skew))
  const isNew = skew !== undefined && skew.smallestBefore === null && receivedAt - skew.windowStart < settledAfterMs
  return isNew && lag > plausibleLagMs ? undefined : lag
}
