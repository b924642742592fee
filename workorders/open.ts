import { randomUUID } from 'node:crypto'
import { minuteMs } from '../core/clock.ts'
import type { Incident, WorkOrder } from '../core/incident.ts'
import { orderTypeOf } from '../core/severity.ts'
import type { Operations } from '../stores/operations/port.ts'

/** From detection to arrival, for an emergency; the clock never pauses. */
export const arriveWithinMs = 30 * minuteMs

const system = 'liftwatt'

/**
 * One order for an incident that needs one, in the incident's own transaction.
 * @param now ms since 1970, by our clock
 */
export async function openOrder(unit: Operations, incident: Incident, now: number): Promise<WorkOrder | undefined> {
  const type = orderTypeOf(incident.severity)
  if (type === null || incident.state !== 'open') return undefined
  const order: WorkOrder = {
    id: randomUUID(),
    incidentId: incident.id,
    type,
    state: 'raised',
    deviceId: incident.deviceId,
    finding: incident.finding,
    severity: incident.severity,
    summary: incident.summary,
    occurredAt: incident.occurredAt,
    receivedAt: incident.receivedAt,
    detectedAt: incident.detectedAt,
    raisedAt: now,
    upgradedAt: null,
    arriveBy: type === 'emergency' ? incident.detectedAt + arriveWithinMs : null,
    acknowledgedAt: null,
    acceptedAt: null,
    arrivedAt: null,
    restoredAt: null,
    closedAt: null,
    cancelledAt: null,
    causeClass: null,
    outcome: null,
    siteId: incident.place.siteId,
    plan: null,
    teamId: null,
    assignedBecause: '',
    technicianId: null,
    passengerToldAt: null,
    inspectedAt: null,
    dueAt: null,
    followsId: null,
    mergedIntoId: null,
    note: null,
    parts: [],
    reportedBy: null,
  }
  if (!(await unit.insertOrder(order))) return undefined
  await unit.insertOrderEvent(order.id, { at: now, type: 'raised', actor: system, data: { severity: order.severity } })
  return order
}

/**
 * Rising severity goes to the same order. A planned order becomes an emergency, and its 30 minutes start when the rise was
 * detected. An incident that had no order (it was for information) gets one.
 * @param upgradedAt ms since 1970, when the rise was detected
 * @param now ms since 1970, by our clock
 */
export async function upgradeOrder(
  unit: Operations,
  incident: Incident,
  upgradedAt: number,
  now: number,
): Promise<WorkOrder | undefined> {
  const found = await unit.orderOfIncident(incident.id)
  // locked, for a technician may act on it at this very moment, and neither may be lost
  const order = found && (await unit.lockOrder(found.id))
  if (order === undefined) return openOrder(unit, { ...incident, detectedAt: upgradedAt }, now)

  const type = orderTypeOf(incident.severity) ?? order.type
  const becomesEmergency = type === 'emergency' && order.type !== 'emergency'
  const change = {
    severity: incident.severity,
    summary: incident.summary,
    type,
    ...(becomesEmergency && { upgradedAt, arriveBy: upgradedAt + arriveWithinMs }),
  }
  if (!(await unit.updateOrder(order.id, order.state, change))) return undefined
  const data = { from: order.severity, to: incident.severity }
  await unit.insertOrderEvent(order.id, { at: now, type: 'upgraded', actor: system, data })
  return { ...order, ...change }
}
