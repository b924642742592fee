import { byteOrderMark, csvLine } from '../../core/csv.ts'
import type { WorkOrder } from '../../core/incident.ts'
import { shanghai, wallClock } from '../../core/local-time.ts'
import { type Operations, type OrderFilter, pagesOf } from '../../stores/operations/port.ts'
import { importSource } from './past-records.ts'

/** Where an order stands, in the words of the regulators' hand-over record. */
export const recordStatuses = ['occurred', 'responded', 'on-site', 'done', 'false-alarm'] as const
export type RecordStatus = (typeof recordStatuses)[number]

/**
 * An order as the regulators' record keeps it: fault id, order number, fault, when it occurred, when somebody responded, arrived
 * and ended it, and where it stands. Times are ms since 1970. `state` is our own word, for what the record does not tell apart;
 * `orderNumber` is that of the books where the order comes from: our own `orderId`, unless it was imported.
 */
export interface OrderRecord {
  readonly faultId: string
  readonly orderNumber: string
  readonly orderId: string
  readonly deviceId: string | null
  readonly siteId: string | null
  readonly type: WorkOrder['type']
  readonly severity: WorkOrder['severity']
  readonly fault: string
  readonly description: string
  readonly occurredAt: number
  readonly respondedAt: number | null
  readonly arrivedAt: number | null
  /** When it worked again; else when the order ended. */
  readonly endedAt: number | null
  readonly status: RecordStatus
  readonly state: WorkOrder['state']
  readonly causeClass: WorkOrder['causeClass']
  readonly outcome: WorkOrder['outcome']
  readonly teamId: string | null
  /** As people called whoever accepted it. */
  readonly technician: string | null
}

function recordOf(order: WorkOrder, numberInBooks: string | undefined): OrderRecord {
  return {
    faultId: order.incidentId,
    orderNumber: numberInBooks ?? order.id,
    orderId: order.id,
    deviceId: order.deviceId,
    siteId: order.siteId,
    type: order.type,
    severity: order.severity,
    fault: order.finding,
    description: order.summary,
    occurredAt: order.occurredAt,
    respondedAt: order.acceptedAt,
    arrivedAt: order.arrivedAt,
    endedAt: order.restoredAt ?? order.closedAt ?? order.cancelledAt,
    status: statusOf(order),
    state: order.state,
    // of what was nothing there is no cause, whatever was said when it was closed; an import refuses one
    causeClass: isNothing(order) ? null : order.causeClass,
    outcome: order.outcome,
    teamId: order.teamId,
    technician: order.technicianName,
  }
}

function isNothing({ outcome }: WorkOrder): boolean {
  return outcome === 'false-alarm' || outcome === 'drill'
}

/** The record knows no "cancelled": such an order is done, without anyone having been there; `state` says it. */
function statusOf({ state, outcome }: WorkOrder): RecordStatus {
  if (outcome === 'false-alarm') return 'false-alarm'
  if (state === 'raised' || state === 'acknowledged') return 'occurred'
  if (state === 'accepted') return 'responded'
  return state === 'arrived' ? 'on-site' : 'done'
}

const pageSize = 500

/** Newest first, a page in memory at a time; what is raised meanwhile is not in it. */
export async function* orderRecords(operations: Operations, filter: OrderFilter): AsyncGenerator<OrderRecord[]> {
  const pages = pagesOf(pageSize, (page) => operations.orders({ ...filter, ...page }))
  for await (const orders of pages) {
    const numbers = await numbersInBooks(operations, orders)
    yield orders.map((order) => recordOf(order, numbers.get(order.incidentId)))
  }
}

/** Of the imported among these orders, by their incident. */
async function numbersInBooks(
  operations: Operations,
  orders: readonly WorkOrder[],
): Promise<ReadonlyMap<string, string>> {
  const incidents = await operations.incidentsByIds(orders.map(({ incidentId }) => incidentId))
  return new Map(
    incidents.flatMap(({ id, source, externalId }) =>
      source === importSource && externalId !== null ? [[id, externalId] as const] : [],
    ),
  )
}

interface Column {
  readonly name: string
  readonly of: (record: OrderRecord) => string | null
}

const word = (name: string, key: keyof OrderRecord): Column => ({ name, of: (record) => record[key] as string | null })

/** Twice: as a clerk in Hangzhou reads it, and as a program does. */
function time(name: string, key: 'occurredAt' | 'respondedAt' | 'arrivedAt' | 'endedAt'): Column[] {
  return [
    { name: `${name}_local`, of: (record) => localTimeOf(record[key]) },
    { name, of: ({ [key]: at }) => (at === null ? null : new Date(at).toISOString()) },
  ]
}

const columns: readonly Column[] = [
  word('fault_id', 'faultId'),
  word('order_number', 'orderNumber'),
  word('order_id', 'orderId'),
  word('device_id', 'deviceId'),
  word('site_id', 'siteId'),
  word('type', 'type'),
  word('severity', 'severity'),
  word('fault', 'fault'),
  word('description', 'description'),
  ...time('occurred_at', 'occurredAt'),
  ...time('responded_at', 'respondedAt'),
  ...time('arrived_at', 'arrivedAt'),
  ...time('ended_at', 'endedAt'),
  word('status', 'status'),
  word('state', 'state'),
  word('cause_class', 'causeClass'),
  word('outcome', 'outcome'),
  word('team_id', 'teamId'),
  word('technician', 'technician'),
]
export const recordColumns: readonly string[] = columns.map(({ name }) => name)

/** "2026-11-24 16:00:00" in Asia/Shanghai. */
export function localTimeOf(at: number | null): string | null {
  return at === null ? null : new Date(wallClock(at, shanghai)).toISOString().slice(0, 19).replace('T', ' ')
}

/** RFC 4180, with a header; it comes with the first page, so that nothing is begun when the store is away. */
export async function* csvOf(pages: AsyncIterable<readonly OrderRecord[]>): AsyncGenerator<string> {
  let head = `${byteOrderMark}${csvLine(recordColumns)}`
  for await (const records of pages) {
    yield head + records.map((record) => csvLine(columns.map(({ of }) => of(record)))).join('')
    head = ''
  }
}

/** `{"items": […]}`; what breaks off before its end is no valid JSON. */
export async function* jsonOf(pages: AsyncIterable<readonly OrderRecord[]>): AsyncGenerator<string> {
  let before = '{"items":['
  for await (const records of pages) {
    const items = records.map((record) => JSON.stringify(record, isoTimes)).join(',')
    yield before + items
    before = items === '' ? '' : ','
  }
  yield ']}\n'
}

function isoTimes(key: string, value: unknown): unknown {
  return key.endsWith('At') && typeof value === 'number' ? new Date(value).toISOString() : value
}
