import { randomUUID } from 'node:crypto'
import { type OrderEvent, untouched, type WorkOrder } from '../../core/incident.ts'
import { sealSaid } from '../../core/said.ts'
import { orderTypeOf } from '../../core/severity.ts'
import type { ChainedEvent, ChainHead, Operations } from '../../stores/operations/port.ts'
import { chainHash, orderHash, rowInChain } from '../evidence/chain.ts'
import { insertReportedMany, isFinding, type Placed, whereDevicesAre, whereIs } from '../intake/reported.ts'
import { arriveWithinMs } from '../life/open.ts'
import {
  type BrokenOrderLine,
  type PastOrder,
  type PastOrderLine,
  type Problem,
  problemsOf,
  readPastOrders,
} from './past-orders.ts'
import { importSource, type PastRecords, shownErrors, type Taken } from './past-records.ts'

export interface ImportResult extends Taken {
  /** In the file. */
  readonly orders: number
}

/**
 * Past orders from another system's books, so that figures begin before us. Each is marked as imported, has the times that the
 * books give and no other, and neither deadlines nor notices. What is here already, of our own or imported, stays as it is. All
 * of the file or nothing of it.
 * @throws {ExpectedError} `invalid` when it is no CSV at all
 */
export async function importOrders(unit: Operations, past: PastRecords, now: number): Promise<ImportResult> {
  const { lines, broken, errors, rows } = await readPastOrders(past.csv)
  const there = await numbersThere(unit, lines)
  const unknown = lines.filter(({ record }) => !there.has(record.order_number))
  const known = await lookUp(unit, [...unknown, ...broken])
  for (const { line, record } of broken) {
    errors.push(...check(record, known, now).problems.map((problem) => ({ line, ...problem })))
  }
  const fresh: Fresh[] = []
  for (const { line, record } of unknown) {
    const { placed, problems } = check(record, known, now)
    if (placed !== undefined && problems.length === 0) fresh.push({ record, placed })
    errors.push(...problems.map((problem) => ({ line, ...problem })))
  }

  const applied = past.apply && errors.length === 0
  const created = applied ? await insertPast(unit, fresh, past.actor) : fresh.length
  const counts = { created, existing: there.size + fresh.length - created }
  if (applied) {
    const { actor } = past
    await unit.insertAudit({ at: now, actor, action: 'orders-imported', subject: importSource, data: counts })
  }
  const inOrder = errors.toSorted((one, other) => one.line - other.line)
  return { orders: rows, ...counts, applied, ...shownErrors(inOrder) }
}

/** The order numbers that need no second order: imported before, or our own, as our export wrote them. */
async function numbersThere(unit: Operations, lines: readonly PastOrderLine[]): Promise<ReadonlySet<string>> {
  const numbers = lines.map(({ record }) => record.order_number)
  const ours = new Set(await unit.ordersAmong(numbers.filter((number) => ourNumber.test(number))))
  const imported = new Set(await unit.reportedBefore(importSource, numbers))
  return new Set(numbers.filter((number) => ours.has(number.toLowerCase()) || imported.has(number)))
}

const ourNumber = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

interface Known {
  readonly devices: ReadonlyMap<string, Placed>
  readonly sites: ReadonlyMap<string, Placed>
  readonly teamIds: ReadonlySet<string>
}

/** What the lines name, each once. */
async function lookUp(unit: Operations, lines: readonly BrokenOrderLine[]): Promise<Known> {
  const named = (column: 'device_id' | 'site_id' | 'team_id') =>
    new Set(lines.flatMap(({ record }) => record[column] ?? []))
  const sites = new Map<string, Placed>()
  for (const { id } of await unit.sitesByIds([...named('site_id')])) sites.set(id, await whereIs(unit, { siteId: id }))
  const teamIds = new Set<string>()
  for (const id of named('team_id')) if ((await unit.team(id)) !== undefined) teamIds.add(id)
  return { devices: await whereDevicesAre(unit, [...named('device_id')]), sites, teamIds }
}

function check(record: Partial<PastOrder>, known: Known, now: number): { placed?: Placed; problems: Problem[] } {
  const problems = problemsOf(record, now)
  const { team_id: teamId = null } = record
  if (teamId !== null && !known.teamIds.has(teamId)) {
    problems.push({ column: 'team_id', message: `there is no team ${teamId}` })
  }
  const placed = placeOf(record, known)
  if (placed === undefined) return { problems }
  if ('scope' in placed) return { placed, problems }
  return { problems: [...problems, placed] }
}

/** Undefined = the cell that says it is wrong. */
function placeOf(
  { device_id: deviceId, site_id: siteId }: Partial<PastOrder>,
  { devices, sites }: Known,
): Placed | Problem | undefined {
  if (deviceId === undefined || siteId === undefined) return undefined
  if (deviceId !== null) {
    return devices.get(deviceId) ?? { column: 'device_id', message: `there is no device ${deviceId}` }
  }
  if (siteId === null) return { column: 'site_id', message: 'is needed where there is no device_id' }
  return sites.get(siteId) ?? { column: 'site_id', message: `there is no site ${siteId}` }
}

interface Fresh {
  readonly record: PastOrder
  readonly placed: Placed
}

const ordersAtOnce = 100

/** Answers how many were new: what somebody else imports at this moment is theirs. */
async function insertPast(unit: Operations, fresh: readonly Fresh[], actor: string): Promise<number> {
  let inserted = 0
  for (let start = 0; start < fresh.length; start += ordersAtOnce) {
    const some = fresh.slice(start, start + ordersAtOnce).map(pastOf)
    const done = await insertReportedMany(
      unit,
      some.map(({ incident }) => incident),
    )
    const orders = some.flatMap(({ order, number }, index) => {
      const incident = done[index]
      return incident === undefined ? [] : [{ order: { ...order, incidentId: incident.id }, number }]
    })
    await unit.insertOrders(orders.map(({ order }) => order))
    await unit.insertChainedEvent(
      ...orders.flatMap(({ order, number }) => chained(order, eventsOf(order, number, actor))),
    )
    inserted += orders.length
  }
  return inserted
}

/** An order, and the incident that it is about. */
function pastOf({ record, placed }: Fresh) {
  const order = pastOrderRow(record, placed)
  const { finding, severity, summary, occurredAt, detectedAt } = order
  const known = { finding, severity, summary, occurredAt, detectedAt, clearedAt: record.ended_at, evidence: {} }
  const number = record.order_number
  const origin = { state: 'cleared', source: importSource, externalId: number } as const
  return { order, number, incident: { ...placed, ...known, ...origin } }
}

/** What the books call a fault in words of their own. */
const wordedFinding = 'import/report'

function pastOrderRow(record: PastOrder, { deviceId, place }: Placed): Omit<WorkOrder, 'incidentId'> {
  const occurredAt = record.occurred_at ?? 0
  const severity = record.severity ?? 'warning'
  const type = record.type ?? orderTypeOf(severity) ?? 'planned'
  const isFalseAlarm = record.status === 'false-alarm' || record.outcome === 'false-alarm'
  const isCancelled = record.state === 'cancelled' && !isFalseAlarm
  const finding = isFinding(record.fault) ? record.fault : wordedFinding
  return {
    ...untouched,
    ...{ id: randomUUID(), type, state: isCancelled ? 'cancelled' : 'closed', deviceId, finding, severity },
    ...{ summary: summaryOf(record, finding), occurredAt, receivedAt: occurredAt, detectedAt: occurredAt },
    ...{ raisedAt: occurredAt, arriveBy: type === 'emergency' ? occurredAt + arriveWithinMs : null },
    ...{ acknowledgedAt: record.responded_at, acceptedAt: record.responded_at, arrivedAt: record.arrived_at },
    ...(isCancelled
      ? { cancelledAt: record.ended_at }
      : { restoredAt: isFalseAlarm ? null : record.ended_at, closedAt: record.ended_at }),
    // what was cancelled was no fault, and has no cause
    ...{ causeClass: isCancelled ? null : record.cause_class, outcome: isFalseAlarm ? 'false-alarm' : record.outcome },
    ...{ siteId: place.siteId, teamId: record.team_id, assignedBecause: 'Imported' },
  }
}

/** Of a fault in words, these words stand before the description. */
function summaryOf({ fault, description }: PastOrder, finding: string): string {
  const said = fault === finding ? [description] : [fault, description]
  return [...new Set(said)].filter((text) => text !== '').join(': ') || finding
}

function eventsOf(order: WorkOrder, orderNumber: string, actor: string): OrderEvent[] {
  const times = [
    ['raised', order.raisedAt],
    ['accepted', order.acceptedAt],
    ['arrived', order.arrivedAt],
    ['restored', order.restoredAt],
    ['closed', order.closedAt],
    ['cancelled', order.cancelledAt],
  ] as const
  const { severity, teamId, outcome, causeClass } = order
  const said: Partial<Record<OrderEvent['type'], object>> = {
    raised: { severity, teamId, order: rowInChain(order) },
    closed: { outcome, causeClass },
  }
  const data = { imported: true, orderNumber }
  return times.flatMap(([type, at]) => (at === null ? [] : [{ at, type, actor, data: { ...data, ...said[type] } }]))
}

type ChainedOrderEvent = ChainedEvent & ChainHead

/** The whole chain of an order that nobody else knows yet. */
function chained(order: WorkOrder, events: readonly OrderEvent[]): ChainedOrderEvent[] {
  let before = orderHash(order)
  return events.map((event, index) => {
    const placed = { ...event, ...sealSaid(event), orderId: order.id, number: index + 1, idempotencyKey: null }
    before = chainHash(before, placed)
    return { ...placed, hash: before }
  })
}
