import type { Clock } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import type { CauseClass, OrderOutcome, WorkOrder } from '../core/incident.ts'
import type { Operations, OrderChange } from '../stores/operations/port.ts'
import { closeAsFalseAlarm, type OrderAction, transitions } from './transitions.ts'

export interface ActionRequest {
  readonly orderId: string
  readonly action: OrderAction
  readonly actor: string
  readonly note?: string
  readonly reason?: string
  readonly technicianId?: string
  readonly causeClass?: CauseClass
  readonly outcome?: OrderOutcome
  /** The same key again does nothing more and answers the order as it is now. */
  readonly idempotencyKey?: string
}

export interface WorkOrders {
  /** @throws {ExpectedError} `not-found`; `order-state` when the order is elsewhere; `already-done` for a repeat without its key */
  act(request: ActionRequest): Promise<WorkOrder>
}

export function createWorkOrders(options: {
  operations: Operations
  clock: Clock
  /** Whether nothing but the order's end ends this finding's episode: its detector never says that it is over. */
  endsWithOrder?: (finding: string) => boolean
}): WorkOrders {
  const { operations, clock, endsWithOrder = () => false } = options
  return {
    act: (request) =>
      operations.transaction(async (unit) => {
        const order = await unit.lockOrder(request.orderId)
        if (order === undefined) throw new ExpectedError('not-found', `There is no work order ${request.orderId}`)

        const { action, idempotencyKey } = request
        if (idempotencyKey !== undefined) {
          const done = await unit.orderEventByKey(order.id, idempotencyKey)
          if (done?.type === transitions[action].to) return order
          if (done !== undefined) {
            throw new ExpectedError('already-done', `This Idempotency-Key was used for another action (${done.type})`)
          }
        }
        const now = clock()
        const changed = await step(unit, order, request, now)
        if ((changed.state === 'closed' || changed.state === 'cancelled') && endsWithOrder(order.finding)) {
          await unit.updateIncident(order.incidentId, { state: 'cleared', clearedAt: now })
        }
        return changed
      }),
  }
}

async function step(unit: Operations, order: WorkOrder, request: ActionRequest, now: number): Promise<WorkOrder> {
  const { action, actor, idempotencyKey } = request
  const transition = action === 'close' && request.outcome === 'false-alarm' ? closeAsFalseAlarm : transitions[action]
  if (order.state === transition.to) throw new ExpectedError('already-done', `The order is ${order.state} already`)
  if (!transition.from.includes(order.state)) {
    const allowed = transition.from.join(' or ')
    throw new ExpectedError('order-state', `Cannot ${action}: the order is ${order.state}, it must be ${allowed}`)
  }

  const times = Object.fromEntries(transition.sets.filter((name) => order[name] === null).map((name) => [name, now]))
  const change: OrderChange = {
    state: transition.to,
    ...times,
    ...(action === 'close' && request.causeClass !== undefined && { causeClass: request.causeClass }),
    ...(action === 'close' && request.outcome !== undefined && { outcome: request.outcome }),
  }
  if (!(await unit.updateOrder(order.id, order.state, change))) {
    throw new ExpectedError('order-state', 'The order was changed by someone else at the same moment; look again')
  }
  const { note, reason, technicianId, causeClass, outcome } = request
  const told = { note, reason, technicianId, causeClass, outcome, from: order.state }
  const data = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined))
  await unit.insertOrderEvent(order.id, { at: now, type: transition.to, actor, data }, idempotencyKey)
  return { ...order, ...change }
}
