import { isSamePlace, type WorkOrder } from '../core/incident.ts'
import type { Operations } from '../stores/operations/port.ts'

/**
 * What a crew goes on with: the order itself, or the one of the same place into which it was merged, where a team of theirs has that. What
 * they did without a network is done to it; of another place nobody has said that they are there.
 * @param teams of whoever acts
 * @returns the order first, the one that goes on last; none when there is no such order
 */
export async function goingOn(
  operations: Pick<Operations, 'order'>,
  orderId: string,
  teams: readonly string[],
): Promise<WorkOrder[]> {
  const orders: WorkOrder[] = []
  for (let id: string | null = orderId; id !== null; ) {
    const order: WorkOrder | undefined = await operations.order(id)
    if (order === undefined) break
    orders.push(order)
    id = teams.length > 0 ? order.mergedIntoId : null
  }
  const [first, last] = [orders[0], orders.at(-1)]
  const isThere = first !== undefined && last !== undefined && isSamePlace(first, last)
  const isTheirs = last?.teamId != null && teams.includes(last.teamId)
  return isThere && isTheirs ? orders : orders.slice(0, 1)
}

/** Whether it was done to one of them already: the answer may be lost, and the order merged since. */
export async function wasDone(
  operations: Pick<Operations, 'orderEventByKey'>,
  orders: readonly WorkOrder[],
  key: string,
): Promise<boolean> {
  const events = await Promise.all(orders.map(({ id }) => operations.orderEventByKey(id, key)))
  return events.some((event) => event !== undefined)
}
