import type { Clock } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
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

export function createCorrections({ operations, clock }: { operations: Operations; clock: Clock }): Corrections {
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
        await unit.insertOrderCorrection({ orderId, at, ...correction, actor })
        const { causeClass, outcome } = before ?? order
        const data = { ...correction, before: { causeClass, outcome } }
        await unit.insertAudit({ at, actor, action: 'order-corrected', subject: orderId, data })
        return unit.orderCorrections(orderId)
      }),
    of: (orderId) => operations.orderCorrections(orderId),
  }
}
