import type { FastifyRequest } from 'fastify'
import { ExpectedError } from '../core/errors.ts'
import type { WorkOrder } from '../core/incident.ts'
import type { LimitedSight } from '../core/sight.ts'
import type { Operations } from '../stores/operations/port.ts'
import type { WorkOrders } from '../workorders/act.ts'
import type { ActionRequest, OrderAction } from '../workorders/transitions.ts'

/** What a crew does at the lift: whoever maintains it sees also orders that others have, and ends none of their clocks. */
const doneOnSite: readonly OrderAction[] = ['arrive', 'restore', 'close']

/**
 * An action on an order that the caller sees: the crew and the order that it names must be ones that they see too, and a crew
 * that lost the order since it was looked for does nothing to it any more.
 */
export async function actInSight(
  { operations, workOrders }: { operations: Operations; workOrders: Pick<WorkOrders, 'act'> },
  request: FastifyRequest,
  asked: ActionRequest,
): Promise<WorkOrder> {
  const { sight } = request
  if (sight === 'everything') return workOrders.act(asked)
  if (asked.teamId !== undefined) await request.mustSee('team', asked.teamId, 'teamId')
  if (asked.intoId !== undefined) await request.mustSee('order', asked.intoId, 'intoId')

  const before = await operations.order(asked.orderId)
  // looked for again, after it was read: whose it was then, it was while they saw it
  if (before === undefined || !(await operations.sees(sight, 'order', asked.orderId))) {
    throw new ExpectedError('not-found', `There is no work order ${asked.orderId}`)
  }
  const teamId = asked.action === 'accept' ? await teamOf(operations, sight, asked, before) : undefined
  return workOrders.act({ ...asked, ...(teamId && { teamId }) }, (order) => {
    const isAnothers = sight.sites.length === 0 && order.teamId !== null && !sight.teams.includes(order.teamId)
    if (isAnothers && doneOnSite.includes(asked.action)) {
      throw new ExpectedError('order-state', `${order.teamId} has the order now`)
    }
    if (sight.teams.length === 0 || order.teamId === before.teamId) return
    throw new ExpectedError('order-state', 'The order was given to others at the same moment; look again')
  })
}

/** Whoever accepts, accepts for a team that they see: nobody's order goes elsewhere because of a name that is written there. */
async function teamOf(
  operations: Operations,
  sight: LimitedSight,
  { teamId, technicianId }: ActionRequest,
  order: WorkOrder,
): Promise<string | null | undefined> {
  if (teamId !== undefined) return teamId
  if (sight.sites.length === 0) {
    return order.teamId !== null && sight.teams.includes(order.teamId) ? order.teamId : sight.teams[0]
  }
  const member = technicianId === undefined ? undefined : await operations.member(technicianId)
  return member === undefined || (await operations.sees(sight, 'member', member.id)) ? undefined : order.teamId
}
