import type { FastifyRequest } from 'fastify'
import type { WorkOrder } from '../core/incident.ts'
import { sightOf } from '../core/sight.ts'
import type { Operations } from '../stores/operations/port.ts'
import { dispatchers } from './scope.ts'

const goers = ['technician', 'maintainer'] as const

/**
 * Orders as whoever asks may read them: who sends somebody, and who goes there, must be able to call whoever waits; nobody else learns who
 * that is.
 */
export function asMayBeRead<Order extends WorkOrder>(
  operations: Pick<Operations, 'sees'>,
  { viewer: { memberships } }: FastifyRequest,
  orders: readonly Order[],
): Promise<Order[]> {
  const dispatching = sightOf(memberships, dispatchers)
  const isDispatcher = memberships.some(({ role }) => dispatchers.some((one) => one === role))
  const theirs = memberships.filter(({ role }) => goers.some((one) => one === role))
  const isOf = (teamId: string) => theirs.some(({ scope }) => 'teamId' in scope && scope.teamId === teamId)

  const mayRead = async ({ id, teamId }: WorkOrder) => {
    if (theirs.length > 0 && (teamId === null || isOf(teamId))) return true
    return isDispatcher && (dispatching === 'everything' || (await operations.sees(dispatching, 'order', id)))
  }
  return Promise.all(
    orders.map(async (order) =>
      order.reportedBy === null || (await mayRead(order)) ? order : { ...order, reportedBy: null },
    ),
  )
}
