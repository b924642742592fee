import { randomUUID } from 'node:crypto'
import { dayMs } from '../../core/clock.ts'
import { type Incident, justFound, type WorkOrder } from '../../core/incident.ts'
import type { MaintenanceItem, Regime, Visit } from '../../core/visit.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { pagesOf } from '../pages.ts'
import { type DueItem, dueItems, visitsLookedAtMs } from './due-dates.ts'

/** Orders for maintenance are opened so long before the end of its last day. */
export const openAheadMs = 3 * dayMs
const elevatorsAtOnce = 500

export type OpenDueOrder = (
  unit: Operations,
  incident: Incident,
  now: number,
  planned: { readonly dueAt: number },
) => Promise<WorkOrder | undefined>

export function maintenanceFinding(item: MaintenanceItem): string {
  return `maintenance/${item}`
}

/**
 * Opens a planned order for each piece of maintenance that is overdue or due within three days: once per elevator, item and due
 * date, however often it runs and in however many processes, for that is the identity of the incident. Answers how many.
 *
 * @param now ms since 1970
 */
export async function openDueMaintenance(options: {
  operations: Operations
  openOrder: OpenDueOrder
  now: number
}): Promise<number> {
  const { operations, openOrder, now } = options
  let opened = 0
  for await (const regimes of pagesOf(elevatorsAtOnce, (page) => operations.regimesAt(now, page))) {
    for (const { regime, due } of await dueOf(operations, regimes, now)) {
      opened += (await openOnce(operations, regime.deviceId, due, openOrder, now)) ? 1 : 0
    }
  }
  return opened
}

async function dueOf(operations: Operations, regimes: readonly Regime[], now: number) {
  const ids = regimes.map(({ deviceId }) => deviceId)
  const visits = new Map<string, Visit[]>()
  for (const visit of await operations.visitsSince(ids, now - visitsLookedAtMs)) {
    visits.set(visit.deviceId, [...(visits.get(visit.deviceId) ?? []), visit])
  }
  return regimes.flatMap((regime) =>
    dueItems(regime, visits.get(regime.deviceId) ?? [], now)
      .filter(({ dueAt }) => dueAt - openAheadMs <= now)
      .map((due) => ({ regime, due })),
  )
}

function openOnce(
  operations: Operations,
  deviceId: string,
  due: DueItem,
  openOrder: OpenDueOrder,
  now: number,
): Promise<boolean> {
  return operations.transaction(async (unit) => {
    const incident: Incident = {
      ...justFound,
      id: randomUUID(),
      state: 'open',
      scope: { type: 'device', id: deviceId },
      deviceId,
      finding: maintenanceFinding(due.item),
      severity: 'warning',
      summary: summaryOf(due),
      evidence: { dueDate: due.dueDate, overdueDays: due.overdueDays },
      count: 1,
      // the same for the same due date, and never in the future
      occurredAt: due.dueAt - openAheadMs,
      receivedAt: now,
      detectedAt: now,
      clearedAt: null,
      orderId: null,
      place: await unit.placeOf(deviceId),
    }
    const { orderId: _, ...fresh } = incident
    if (!(await unit.insertIncident({ ...fresh, followed: null }))) return false
    return (await openOrder(unit, incident, now, { dueAt: due.dueAt })) !== undefined
  })
}

function summaryOf({ item, dueDate, overdueDays, lastDoneAt }: DueItem): string {
  const last =
    lastDoneAt === null ? 'no visit is known' : `last done ${new Date(lastDoneAt).toISOString().slice(0, 10)}`
  const late = overdueDays > 0 ? `, ${overdueDays} day${overdueDays === 1 ? '' : 's'} overdue` : ''
  return `The ${item} maintenance is due on ${dueDate}${late}; ${last}`
}
