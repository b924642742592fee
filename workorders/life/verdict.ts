import type { WorkOrder } from '../../core/incident.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { ActionRequest } from './transitions.ts'

/** What people last said of it: that it is real, is not, or is a drill. What was merged into it counts, for the event of the merge says it. */
export async function verdictOn(
  unit: Operations,
  { id }: Pick<WorkOrder, 'id'>,
): Promise<ActionRequest['verified'] | undefined> {
  const verdicts = (await unit.orderEvents(id)).map(({ data }) => data.verified)
  return verdicts.findLast((verdict) => verdict !== undefined) as ActionRequest['verified'] | undefined
}
