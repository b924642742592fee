import { minuteMs } from '../../core/clock.ts'
import { reasonOf } from '../../core/errors.ts'
import type { OrderEvent } from '../../core/incident.ts'
import type { Log } from '../../core/log.ts'
import type { Notice } from '../../core/notice.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { tellNotReached } from './not-reached.ts'

/** Who has 30 minutes and has not been told for so long is to be called by those above. Unverified default. */
export const crewUnreachedAfterMs = 2 * minuteMs
const atATime = 100

/** @param now ms since 1970, by our clock */
export type WatchWaiting = (now: number) => Promise<void>

/**
 * A receiver that is away, hangs or asks us to come later is tried on for a day; those above a crew hear much sooner that it does not
 * know of an emergency yet. Each notice is looked after once; one that the team was given later has its own time.
 */
export function createWatchWaiting(options: {
  operations: Operations
  recordEvent: (unit: Operations, orderId: string, event: OrderEvent, idempotencyKey?: string) => Promise<void>
  log: Log
}): WatchWaiting {
  const { operations, recordEvent, log } = options

  async function lookAfter(unit: Operations, notice: Notice, now: number): Promise<void> {
    const order = notice.orderId === null ? undefined : await unit.lockOrder(notice.orderId)
    // looked at again, now that nobody acts on its order
    const waiting = await unit.notice(notice.id)
    if (order !== undefined && waiting?.state === 'waiting') {
      const minutes = Math.floor((now - waiting.createdAt) / minuteMs)
      const reason = `not told for ${minutes} min, and tried on: ${waiting.lastError ?? 'the notice has not left yet'}`
      const reached = ({ state, createdAt }: Notice) =>
        state === 'sent' || (state === 'waiting' && createdAt > now - crewUnreachedAfterMs)
      await tellNotReached(unit, { order, notice: waiting, reached, reason, now }, recordEvent)
    }
    await unit.markLookedAfter(notice.id, now)
  }

  /** Answers whether it was seen to. */
  async function isSeenTo(notice: Notice, now: number): Promise<boolean> {
    try {
      await operations.transaction((unit) => lookAfter(unit, notice, now))
      return true
    } catch (cause) {
      log.warn({ key: notice.key, reason: reasonOf(cause) }, 'a notice that waits long was not seen to')
      return false
    }
  }

  // those that cannot be seen to stay the oldest: the next look goes on behind them, and the one after that tries them again
  let after: Notice | undefined
  return async (now) => {
    const waiting = await operations.waitingToGive(now - crewUnreachedAfterMs, atATime, after)
    let areAllSeenTo = true
    for (const notice of waiting) areAllSeenTo = (await isSeenTo(notice, now)) && areAllSeenTo
    after = areAllSeenTo ? undefined : waiting.at(-1)
  }
}
