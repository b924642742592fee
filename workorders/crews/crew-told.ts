import type { WorkOrder } from '../../core/incident.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { noticesOf } from '../notices/notify.ts'
import { recipientsOf } from '../notices/recipients.ts'

/** When the crew that has an order was first sent word of it, ms since 1970; undefined = never. */
export async function firstToldAt(
  unit: Operations,
  { id, teamId }: Pick<WorkOrder, 'id' | 'teamId'>,
): Promise<number | undefined> {
  const times = (await noticesOf(unit, id))
    .filter(({ recipient }) => recipient.teamId === teamId)
    .map(({ createdAt }) => createdAt)
  return times.length === 0 ? undefined : Math.min(...times)
}

/**
 * Whether a crew has an order that nobody has accepted and that it was sent no word of, though it can be told: somebody else is asked
 * first, or its plan names others.
 * @param now ms since 1970
 */
export async function isUntold(unit: Operations, order: WorkOrder, now: number): Promise<boolean> {
  if (order.teamId === null || order.technicianId !== null) return false
  if ((await firstToldAt(unit, order)) !== undefined) return false
  return (await recipientsOf(unit, order, 'crew', now)).some(({ party }) => party === 'crew')
}
