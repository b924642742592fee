import { randomUUID } from 'node:crypto'
import { dayMs } from '../../core/clock.ts'
import { type Incident, justFound, type WorkOrder } from '../../core/incident.ts'
import { localDate, shanghai } from '../../core/local-time.ts'
import type { Scope } from '../../core/scope.ts'
import type { MaintenanceItem, Regime, Visit } from '../../core/visit.ts'
import { type FollowedIncident, type Operations, pagesOf } from '../../stores/operations/port.ts'
import { isEnded } from '../life/transitions.ts'
import { firstOf, type Lapse, lapsesOf } from './conditions.ts'
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
 * date, however often it runs and in however many processes, for that is the identity of the incident. While an order for the item
 * is open that no visit has answered, another date (of another regime) gets none. Answers how many.
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
    for (const due of await dueOf(operations, regimes, now)) {
      opened += (await openOnce(operations, due, openOrder, now)) ? 1 : 0
    }
  }
  return opened
}

interface Due extends DueItem {
  readonly deviceId: string
  /** Why on-demand maintenance is due as by the calendar. */
  readonly lapsed: readonly Lapse[]
}

async function dueOf(operations: Operations, regimes: readonly Regime[], now: number): Promise<Due[]> {
  const ids = regimes.map(({ deviceId }) => deviceId)
  const visits = new Map<string, Visit[]>()
  for (const visit of await operations.visitsSince(ids, now - visitsLookedAtMs)) {
    visits.set(visit.deviceId, [...(visits.get(visit.deviceId) ?? []), visit])
  }
  const began = await operations.firstRegimesOf(ids)
  const parties = await operations.partiesOf(
    regimes.filter(({ type }) => type !== 'calendar').map(({ deviceId }) => deviceId),
    now,
  )
  const due: Due[] = []
  for (const regime of regimes) {
    const { deviceId, validFrom } = regime
    const isLapsed = Object.values(parties.get(deviceId) ?? {}).includes(null)
    const lapsed = isLapsed ? lapsesOf(regime, await operations.partyHistory(deviceId), now) : []
    const upkept = { since: began.get(deviceId) ?? validFrom, lapsedAt: firstOf(lapsed) }
    const items = dueItems(regime, visits.get(deviceId) ?? [], now, upkept)
    const soon = items.filter(({ dueAt }) => dueAt - openAheadMs <= now)
    due.push(...soon.map((item) => ({ ...item, deviceId, lapsed: item.item === 'half-month' ? lapsed : [] })))
  }
  return due
}

function openOnce(operations: Operations, due: Due, openOrder: OpenDueOrder, now: number): Promise<boolean> {
  const { deviceId } = due
  const scope: Scope = { type: 'device', id: deviceId }
  const finding = maintenanceFinding(due.item)
  const lapsed = namesOf(due.lapsed)
  return operations.transaction(async (unit) => {
    if (isAskedFor(due, await unit.lockNewestIncident(scope, finding))) return false
    const incident: Incident = {
      ...justFound,
      id: randomUUID(),
      state: 'open',
      scope,
      deviceId,
      finding,
      severity: 'warning',
      summary: summaryOf(due),
      evidence: { dueDate: due.dueDate, overdueDays: due.overdueDays, ...(lapsed && { lapsed }) },
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

function namesOf([first, second]: readonly Lapse[]): Lapse['name'] | 'liability-insurance and maintainer' | undefined {
  return second === undefined ? first?.name : 'liability-insurance and maintainer'
}

/** Whether somebody was sent for it, under whatever date, and nobody has been there since. */
function isAskedFor({ lastDoneAt }: Due, newest: FollowedIncident | undefined): boolean {
  if (newest === undefined || newest.state === 'cleared') return false
  const isOpen = newest.orderState !== null && !isEnded({ state: newest.orderState })
  return isOpen && (lastDoneAt === null || lastDoneAt < newest.detectedAt)
}

function summaryOf({ item, dueDate, overdueDays, lastDoneAt, lapsed }: Due): string {
  const last = lastDoneAt === null ? 'no visit is known' : `last done ${localDate(lastDoneAt, shanghai)}`
  const late = overdueDays > 0 ? `, ${overdueDays} day${overdueDays === 1 ? '' : 's'} overdue` : ''
  const why = lapsed.map(({ text }) => `; ${text}`).join('')
  return `The ${item} maintenance is due on ${dueDate}${late}; ${last}${why}`
}
