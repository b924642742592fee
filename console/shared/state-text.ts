import type { WorkOrder } from './wire.ts'
import { words } from './words.ts'

/** How an order ended, else how far it is. */
export function stateText({ state, outcome }: Pick<WorkOrder, 'state' | 'outcome'>): string {
  return outcome === null ? words().states[state] : words().outcomes[outcome]
}
