import type { Clock } from '../../core/clock.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { Maintenance } from './maintenance.ts'
import { type OpenDueOrder, openDueMaintenance } from './open-due.ts'

/**
 * Looks again at recent visits, then opens orders for what is due; answers how many. Both do nothing the second time, so a day that was
 * missed is made up for by the next run.
 */
export function createMaintenanceJob(options: {
  operations: Operations
  maintenance: Pick<Maintenance, 'review'>
  openOrder: OpenDueOrder
  clock: Clock
}) {
  const { operations, maintenance, openOrder, clock } = options
  return {
    async runOnce(): Promise<{ opened: number }> {
      await maintenance.review()
      return { opened: await openDueMaintenance({ operations, openOrder, now: clock() }) }
    },
  }
}
