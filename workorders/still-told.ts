import { isEntrapment, sentAgainAfterMs, type WorkOrder } from '../core/incident.ts'
import { orderTypeOf, type Severity } from '../core/severity.ts'
import type { Operations } from '../stores/operations/port.ts'

/** What nobody can close away: as long as another system tells of it, somebody is sent. */
export function isDanger({ finding, severity }: { readonly finding: string; readonly severity: Severity }): boolean {
  return severity === 'critical' || isEntrapment({ finding })
}

/** Who is shut in cannot wait for a date, however mildly it is told: somebody goes at once, as for what we find ourselves. */
export function severityTold<S extends Severity>({
  finding,
  severity,
}: {
  finding: string
  severity: S
}): S | 'critical' {
  return isEntrapment({ finding }) && orderTypeOf(severity) !== 'emergency' ? 'critical' : severity
}

/**
 * Whether people were done with an order, or with the one that goes on for it, so long ago that whoever tells of it still tells of
 * something else, or of what was not mended.
 */
export async function isLongDone(unit: Operations, order: WorkOrder, now: number): Promise<boolean> {
  const { restoredAt, closedAt, cancelledAt } = (await unit.orderInPlaceOf(order.id)) ?? order
  const doneAt = restoredAt ?? closedAt ?? cancelledAt
  return doneAt !== null && now >= doneAt + sentAgainAfterMs
}
