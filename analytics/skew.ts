import { minuteMs } from '../core/clock.ts'

/**
 * How far a gateway's clock is behind ours, ms (negative: ahead), with the time on the way in it: the smallest
 * `receivedAt - at` of its messages in the last 5 to 10 minutes. The smallest, because a message that was stored and sent
 * later only ever looks older; two windows, because a clock that was set must be believed in the end.
 */
export interface Skew {
  readonly windowStart: number
  readonly smallest: number
  readonly smallestBefore: number | null
}

const windowMs = 5 * minuteMs

export function observeSkew(skew: Skew | undefined, newestAt: number, receivedAt: number): Skew {
  const behind = receivedAt - newestAt
  if (skew === undefined || receivedAt - skew.windowStart >= 2 * windowMs) {
    return { windowStart: receivedAt, smallest: behind, smallestBefore: null }
  }
  if (receivedAt - skew.windowStart >= windowMs) {
    return { windowStart: receivedAt, smallest: behind, smallestBefore: skew.smallest }
  }
  return behind < skew.smallest ? { ...skew, smallest: behind } : skew
}

/** Take it from our time to get the gateway's. */
export function skewMs(skew: Skew | undefined): number {
  if (skew === undefined) return 0
  return skew.smallestBefore === null ? skew.smallest : Math.min(skew.smallest, skew.smallestBefore)
}
