import { minuteMs } from '../core/clock.ts'

/**
 * How far a gateway's clock is behind ours, ms (negative: ahead), with the time on the way in it: the smallest
 * `receivedAt - at` of its messages. The smallest, because a message that was stored and sent later only ever looks older.
 *
 * A smaller one is believed at once, a larger one only when a window of 5 minutes began and ended with it: a wrong clock keeps
 * the difference constant, while of a stored backlog that is being sent it shrinks. Whenever it has shrunk by more than the
 * plausible lag, the window begins anew. So a clock that was set back is believed within 10 minutes, and a backlog never,
 * however long it takes, but for one that comes as fast as it was recorded (0.8 to 1.2 times, or 0 to 2 times from a gateway
 * that we have just met): that looks like a wrong clock and is taken for one, an alarm too many rather than one too few.
 */
export interface Skew {
  readonly windowStart: number
  /** Of the message with which the window began. */
  readonly first: number
  readonly smallest: number
  /** What was believed before this window; null = nothing, we have just met the gateway or what we believed was wrong. */
  readonly smallestBefore: number | null
}

const windowMs = 5 * minuteMs
/** A gateway that we meet with old data sends what it has stored, or has a wrong clock: what stays so long is the clock. */
const settledAfterMs = minuteMs
/** Unverified default: beyond it, a lag is not the time on the way. */
const plausibleLagMs = minuteMs

export function observeSkew(skew: Skew | undefined, newestAt: number, receivedAt: number): Skew {
  const behind = receivedAt - newestAt
  if (skew === undefined) return windowFrom(receivedAt, behind, null)

  const { first, smallest, smallestBefore } = skew
  if (behind < first - plausibleLagMs) {
    const refuted = smallestBefore !== null && behind < smallestBefore - plausibleLagMs
    return windowFrom(receivedAt, behind, refuted ? null : smallestBefore)
  }
  if (receivedAt - skew.windowStart >= windowMs) {
    const hasHeld = behind <= first + plausibleLagMs
    return windowFrom(receivedAt, behind, hasHeld ? smallest : skewMs(skew))
  }
  return behind < smallest ? { ...skew, smallest: behind } : skew
}

function windowFrom(windowStart: number, behind: number, smallestBefore: number | null): Skew {
  return { windowStart, first: behind, smallest: behind, smallestBefore }
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

/**
 * The same of a single device that stamps its readings by a clock of its own, behind a gateway whose other devices are in time. Believed
 * as late as a gateway's at its slowest: after two windows, and with nothing of the device in its gateway's time in between, so that
 * what is sent again, or was stored, beside what it measures now is never taken for a clock.
 *
 * @param skew what was observed of it so far; undefined while it is in its gateway's time
 * @param gatewayLagMs how far the gateway's clock is behind ours
 */
export function observeOwnSkew(
  skew: Skew | undefined,
  newestAt: number,
  receivedAt: number,
  gatewayLagMs: number,
): Skew | undefined {
  const behind = receivedAt - newestAt
  if (behind <= gatewayLagMs + plausibleLagMs) return undefined
  const next = skew && observeSkew(skew, newestAt, receivedAt)
  const isRefuted = next === undefined || next.smallestBefore === null
  return isRefuted ? { ...windowFrom(receivedAt, behind, gatewayLagMs), smallest: gatewayLagMs } : next
}
