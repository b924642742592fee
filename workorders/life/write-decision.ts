import { ExpectedError } from '../../core/errors.ts'
import type { OrderEvent, WorkOrder } from '../../core/incident.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { recordEvent } from '../evidence/chain.ts'
import type { ActionRequest, Decision, OrderAction } from './transitions.ts'

/** What was done to an order, for whoever tells people about it. */
export interface Done {
  readonly action: OrderAction
  readonly event: OrderEvent
  readonly before: WorkOrder
}

/** Runs in the transaction of the change. */
export type AfterChange = (unit: Operations, order: WorkOrder, now: number, done: Done) => Promise<void>

/** The change, its event and its line in the audit; the caller has locked the order. @throws {ExpectedError} `order-state` */
export async function writeDecision(
  unit: Operations,
  order: WorkOrder,
  { change, event, at }: Decision,
  { action, actor, idempotencyKey }: ActionRequest,
): Promise<void> {
  if (!(await unit.updateOrder(order.id, order.state, change))) {
    throw new ExpectedError('order-state', 'The order was changed by someone else at the same moment; look again')
  }
  await recordEvent(unit, order.id, event, idempotencyKey)
  await unit.insertAudit({ at, actor, action: `order-${action}`, subject: order.id, data: event.data })
}
