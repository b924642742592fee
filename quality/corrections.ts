import type { Clock } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import type { OrderEvent } from '../core/incident.ts'
import type { Operations, OrderCorrection } from '../stores/operations/port.ts'

export type NewCorrection = Pick<OrderCorrection, 'causeClass' | 'outcome' | 'reason'>

export interface Corrections {
  /**
   * Puts cause and outcome of a closed order right, for figures: the order stays as it was closed. Answers all of its corrections.
   * @throws {ExpectedError} `not-found`; `order-state` while it is open
   */
  correct(orderId: string, correction: NewCorrection, actor: string): Promise<OrderCorrection[]>
  /** Oldest first. */
  of(orderId: string): Promise<OrderCorrection[]>
}

/** Writes an event to the end of an order's chain: whoever owns orders does it. */
export type RecordOrderEvent = (unit: Operations, orderId: string, event: OrderEvent) => Promise<void>

export function createCorrections(options: {
  operations: Operations
  clock: Clock
  recordEvent: RecordOrderEvent
}): Corrections {
  const { operations, clock, recordEvent } = options
  return {
    correct: (orderId, correction, actor) =>
      operations.transaction(async (unit) => {
        const order = await unit.lockOrder(orderId)
        if (order === undefined) throw new ExpectedError('not-found', `There is no work order ${orderId}`)
        if (order.state !== 'closed') {
          throw new ExpectedError('order-state', `The order is ${order.state}: its cause is said when it is closed`)
        }
        const before = (await unit.orderCorrections(orderId)).at(-1)
        // of two in one millisecond, both are kept
        const at = Math.max(clock(), (before?.at ?? 0) + 1)
        const corrected = { orderId, at, ...correction, actor }
        await unit.insertOrderCorrection(corrected)
        await recordEvent(unit, orderId, eventOf(corrected))
        const { causeClass, outcome } = before ?? order
        const data = { ...correction, before: { causeClass, outcome } }
        await unit.insertAudit({ at, actor, action: 'order-corrected', subject: orderId, data })
        return unit.orderCorrections(orderId)
      }),
    of: (orderId) => operations.orderCorrections(orderId),
  }
}

/** What the order's chain says of a correction. */
function eventOf({ at, actor, causeClass, outcome, reason }: OrderCorrection): OrderEvent {
  const correctedAt = new Date(at).toISOString()
  return { at, type: 'noted', actor, data: { action: 'correct', correctedAt, causeClass, outcome, reason } }
}

/** Corrections of a version that wrote no event for them get one, as they are found. Answers how many. */
export async function recordOldCorrections(operations: Operations, recordEvent: RecordOrderEvent): Promise<number> {
  for (let count = 0; ; ) {
    const some = await operations.unrecordedCorrections(correctionsAtOnce)
    for (const correction of some) {
      await operations.transaction(async (unit) => {
        await unit.lockOrder(correction.orderId)
        await recordEvent(unit, correction.orderId, eventOf(correction))
      })
    }
    count += some.length
    if (some.length < correctionsAtOnce) return count
  }
}

const correctionsAtOnce = 100
