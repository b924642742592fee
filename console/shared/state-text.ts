import { isGivenOn } from '../../core/incident.ts'
import type { WorkOrder } from './wire.ts'
import { words } from './words.ts'

/** Of an order in a list of earlier ones nobody asks who has it. */
type Progress = Pick<WorkOrder, 'state'> & Partial<Pick<WorkOrder, 'technicianId'>>

/** How an order ended, else how far it is. */
export function stateText(order: Pick<WorkOrder, 'outcome'> & Progress): string {
  return order.outcome === null ? progressText(order) : words().outcomes[order.outcome]
}

/** How far it is: nobody is on the way by what somebody had accepted who gave it on. */
export function progressText(order: Progress): string {
  return isGivenOn(order) ? words().notAccepted : words().states[order.state]
}
