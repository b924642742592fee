import { createHash } from 'node:crypto'
import { canonicalJson } from '../../core/canonical.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { OrderEvent, WorkOrder } from '../../core/incident.ts'
import { saidIn, sealSaid } from '../../core/said.ts'
import type { ChainedEvent, Operations } from '../../stores/operations/port.ts'
import type { StepTime } from '../life/transitions.ts'

/**
 * Every event of an order carries the SHA-256 of itself and of the event before it, and the first one that of what the order
 * is about: an event that is changed, taken out, put in or moved afterwards no longer fits. Callers hold the order's row.
 */
export async function recordEvent(
  unit: Operations,
  orderId: string,
  event: OrderEvent,
  idempotencyKey?: string,
): Promise<void> {
  const head = (await unit.chainHead(orderId)) ?? { number: 0, hash: await beginningOf(unit, orderId), at: -Infinity }
  const number = head.number + 1
  const known = notBefore(head.at, event)
  const placed = { ...known, ...sealSaid(known), orderId, number, idempotencyKey: idempotencyKey ?? null }
  await unit.insertChainedEvent({ ...placed, hash: chainHash(head.hash, placed) })
  // whoever watches is told that it happened, and asks for the order to see what: rights are looked at there
  await unit.insertStreamEvent({ at: placed.at, type: `order.${event.type}`, subject: orderId, data: { number } })
}

/**
 * Who noted the event before may have looked at the clock later, while this one waited for the order: no event is earlier than the
 * one before it. A time of the order that it sets stays what it is, and is said.
 */
function notBefore(earliest: number, event: OrderEvent): OrderEvent {
  const at = Math.trunc(event.at)
  const time = at < earliest ? timeSetBy(event) : undefined
  const said = time === undefined ? event.data : { [time]: new Date(at).toISOString(), ...event.data }
  return { ...event, at: Math.max(at, earliest), data: said }
}

const timesByEvent: Readonly<Record<string, StepTime>> = {
  acknowledged: 'acknowledgedAt',
  accepted: 'acceptedAt',
  arrived: 'arrivedAt',
  restored: 'restoredAt',
  closed: 'closedAt',
  cancelled: 'cancelledAt',
  'tell-passenger': 'passengerToldAt',
  inspect: 'inspectedAt',
}

/** The time of an order that is set by what an event says. */
export function timeSetBy({ type, data }: Pick<OrderEvent, 'type' | 'data'>): StepTime | undefined {
  return timesByEvent[type] ?? timesByEvent[String(data.action)]
}

/** What an event that makes or upgrades an order says of its row, for its chain to vouch for. Who called is not there: a person may be forgotten. */
export function rowInChain(order: Omit<WorkOrder, 'incidentId'>): Readonly<Record<string, string | null>> {
  const { type, finding, deviceId, siteId, summary, receivedAt, upgradedAt, arriveBy, dueAt, plan } = order
  const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
  const times = {
    receivedAt: time(receivedAt),
    upgradedAt: time(upgradedAt),
    arriveBy: time(arriveBy),
    dueAt: time(dueAt),
  }
  return { type, finding, deviceId, siteId, summary, ...times, plan: planHash(plan) }
}

/** The same with the plan that the order has from then on, by its name: the row has its hash alone. */
export function rowWithPlan(order: WorkOrder) {
  const { plan } = order
  return { ...(plan && { plan: { id: plan.id, version: plan.version } }), order: rowInChain(order) }
}

/** Of the steps that an order is measured by. Hex. */
export function planHash(plan: WorkOrder['plan']): string {
  return sha256(canonicalJson(plan))
}

async function beginningOf(unit: Operations, orderId: string): Promise<string> {
  const order = await unit.order(orderId)
  if (order === undefined) throw new ExpectedError('not-found', `There is no work order ${orderId}`)
  return orderHash(order)
}

/** Of what never changes about an order: the beginning of its chain. Hex. */
export function orderHash(
  order: Pick<WorkOrder, 'id' | 'incidentId' | 'detectedAt' | 'occurredAt' | 'raisedAt'>,
): string {
  const { id, incidentId, detectedAt, occurredAt, raisedAt } = order
  return sha256(canonicalJson({ id, incidentId, detectedAt, occurredAt, raisedAt }))
}

/** Of an event, upon the hash of the one before it. Hex. */
export function chainHash(before: string, event: Omit<ChainedEvent, 'hash'>): string {
  const { orderId, number, at, type, idempotencyKey } = event
  return sha256(`${before}\n${canonicalJson({ orderId, number, at, type, ...saidIn(event), idempotencyKey })}`)
}

/** Orders of a version that had no chains get one, as they are found. Answers how many. */
export async function chainOldOrders(operations: Operations): Promise<number> {
  let chained = 0
  for (;;) {
    const ids = await operations.unchainedOrderIds(100)
    if (ids.length === 0) return chained
    for (const id of ids) await operations.transaction((unit) => chainOldOrder(unit, id))
    chained += ids.length
  }
}

async function chainOldOrder(unit: Operations, orderId: string): Promise<void> {
  const order = await unit.lockOrder(orderId)
  if (order === undefined) throw new Error(`events of an order that is not there: ${orderId}`)
  const old = (await unit.chainOf(orderId)).filter(({ number }) => number === null)
  let hash = orderHash(order)
  const places = old.map((event, index) => {
    const number = index + 1
    hash = chainHash(hash, { ...event, number })
    return { number, hash }
  })
  await unit.chainOldEvents(orderId, places)
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
