import { isDeepStrictEqual } from 'node:util'
import type { FastifyRequest } from 'fastify'
import type { WorkOrder } from '../core/incident.ts'
import { sightOf } from '../core/sight.ts'
import type { Operations } from '../stores/operations/port.ts'
import { dispatchers } from './scope.ts'

const goers = ['technician', 'maintainer'] as const

/**
 * Orders as whoever asks may read them: who sends somebody, and the crew that has an order or may take it, must be able to call whoever
 * waits; nobody else learns who that is.
 */
export async function asMayBeRead<Order extends WorkOrder>(
  operations: Pick<Operations, 'sees'>,
  { viewer: { memberships }, sight }: FastifyRequest,
  orders: readonly Order[],
): Promise<readonly Order[]> {
  const dispatching = sightOf(memberships, dispatchers)
  if (isDeepStrictEqual(dispatching, sight)) return orders // whatever they see, they send somebody to
  const going = sightOf(memberships, goers)
  const teams = going === 'everything' ? [] : going.teams

  async function mayRead({ id, teamId }: WorkOrder): Promise<boolean> {
    if (teamId === null ? teams.length > 0 : teams.includes(teamId)) return true
    return operations.sees(dispatching, 'order', id)
  }
  return Promise.all(
    orders.map(async (order) =>
      order.reportedBy === null || (await mayRead(order)) ? order : { ...order, reportedBy: null },
    ),
  )
}
