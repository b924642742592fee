import { ExpectedError } from '../core/errors.ts'
import type { OrderEvent, WorkOrder } from '../core/incident.ts'
import { isMoreSevere } from '../core/severity.ts'
import type { Operations } from '../stores/operations/port.ts'
import { recordEvent } from './chain.ts'
import { armMissingDeadlines } from './deadlines.ts'
import { notify } from './notify.ts'
import { certain } from './same-event.ts'
import { type ActionRequest, decide, isEntrapment, latestTimeOf } from './transitions.ts'
import { type AfterChange, writeDecision } from './write-decision.ts'

const system = 'liftwatt'

/**
 * An order that was raised before the larger incident was known ends as a part of that one's order, in the caller's transaction.
 * Nobody may be reached later by it. Where the earlier clock is that of the order that would end, and somebody is shut in, that
 * one goes on instead, with all that people have done about the other; else both run.
 * @param into locked by the caller
 * @param now ms since 1970
 * @returns the order that goes on
 */
export async function absorbOrder(
  unit: Operations,
  incidentId: string,
  into: WorkOrder,
  now: number,
  afterChange: AfterChange,
): Promise<WorkOrder> {
  const found = await unit.orderOfIncident(incidentId)
  const order = found && (await unit.lockOrder(found.id))
  if (order === undefined || order.id === into.id || order.state !== 'raised') return into
  if (await tryToMerge(unit, order, into, now, afterChange)) return into
  return isToBeReachedSooner(order, into) ? goOnWithEarlier(unit, order, into, now, afterChange) : into
}

function isToBeReachedSooner(order: WorkOrder, into: WorkOrder): boolean {
  const isSameCar = order.deviceId !== null && order.deviceId === into.deviceId
  const isOnTheWay = into.state === 'raised' || into.state === 'acknowledged' || into.state === 'accepted'
  if (!isSameCar || !isOnTheWay || !isEntrapment(into)) return false
  return order.arriveBy !== null && into.arriveBy !== null && order.arriveBy < into.arriveBy
}

/** Answers false when the guard refuses it. */
async function tryToMerge(
  unit: Operations,
  order: WorkOrder,
  into: WorkOrder,
  now: number,
  afterChange: AfterChange,
): Promise<boolean> {
  try {
    await act(unit, order, { action: 'merge', intoId: into.id }, now, afterChange, into)
    return true
  } catch (cause) {
    if (cause instanceof ExpectedError && cause.code === 'order-state') return false
    throw cause
  }
}

/** As the service itself. Answers the order as it is afterwards. @throws {ExpectedError} as `decide` */
async function act(
  unit: Operations,
  order: WorkOrder,
  given: Pick<ActionRequest, 'action' | 'technicianId' | 'teamId' | 'intoId' | 'reason'>,
  now: number,
  afterChange: AfterChange,
  into?: WorkOrder,
): Promise<WorkOrder> {
  const request: ActionRequest = { orderId: order.id, actor: system, ...given }
  const decision = decide(order, { ...request, ...(into && { into }) }, now)
  await writeDecision(unit, order, decision, request)
  if (into !== undefined) await takeOver(unit, order, into, system, decision.at, afterChange)
  const changed = { ...order, ...decision.change }
  await afterChange(unit, changed, now, { action: given.action, event: decision.event, before: order })
  return changed
}

/**
 * The order with the earlier clock, which nobody has answered, becomes the one about who is shut in: with the callers, the crew
 * and the times of the other, as far as it has any, which ends as merged.
 */
async function goOnWithEarlier(
  unit: Operations,
  earlier: WorkOrder,
  other: WorkOrder,
  now: number,
  afterChange: AfterChange,
): Promise<WorkOrder> {
  const reportedBy = { ...other.reportedBy, ...earlier.reportedBy }
  const about = { finding: certain, ...(other.reportedBy && { reportedBy }) }
  await unit.updateOrder(earlier.id, earlier.state, about)
  const data = { action: 'report', source: system, summary: other.summary, findingBefore: earlier.finding }
  await recordEvent(unit, earlier.id, { at: Math.max(now, latestTimeOf(earlier)), type: 'noted', actor: system, data })
  // it was explained a moment ago; now its order is the one that people are sent for
  await unit.updateIncident(earlier.incidentId, { state: 'open', suppressed: null, parentId: null })
  let order: WorkOrder = { ...earlier, ...about }
  await armMissingDeadlines(unit, order)

  for (const step of doneWith(other, order.teamId)) order = await act(unit, order, step, now, afterChange)
  await act(unit, other, { action: 'merge', intoId: order.id }, now, afterChange, order)
  const merged = (await unit.lockOrder(order.id)) ?? order
  const heard = { summary: other.summary, occasion: `merged ${other.id}` }
  await notify(unit, { order: merged, reason: 'reported-again', parties: ['duty-room', 'crew'], heard, now })
  return merged
}

/** What people have done about an order that has not been reached yet, to be done to the one that goes on for it. */
function doneWith(
  order: WorkOrder,
  assignedTo: string | null,
): Pick<ActionRequest, 'action' | 'technicianId' | 'teamId' | 'reason'>[] {
  const { acknowledgedAt, acceptedAt, technicianId, teamId, passengerToldAt } = order
  const reason = `As in the order ${order.id}, which it takes over`
  const team = teamId === null ? {} : { teamId }
  const steps: ReturnType<typeof doneWith> = []
  if (acceptedAt !== null && technicianId !== null) steps.push({ action: 'accept', technicianId, ...team, reason })
  else if (acknowledgedAt !== null) steps.push({ action: 'acknowledge', reason })
  // it was given to another crew, and nobody of it has answered yet
  const isHandedOver = acceptedAt !== null && technicianId === null && teamId !== null && teamId !== assignedTo
  if (isHandedOver) steps.push({ action: 'reassign', teamId, reason })
  if (passengerToldAt !== null) steps.push({ action: 'tell-passenger', reason })
  return steps
}

/** The order that goes on says what it took over, and is as severe as the more severe of the two. */
export async function takeOver(
  unit: Operations,
  merged: WorkOrder,
  into: WorkOrder,
  actor: string,
  at: number,
  afterChange: AfterChange,
): Promise<void> {
  const raises = isMoreSevere(merged.severity, into.severity)
  const change = raises ? { severity: merged.severity } : {}
  if (raises) await unit.updateOrder(into.id, into.state, change)
  const severities = raises ? { from: into.severity, to: merged.severity } : {}
  const data = { action: 'merge', mergedOrderId: merged.id, ...severities }
  const type: OrderEvent['type'] = raises ? 'upgraded' : 'noted'
  const event = { at: Math.max(at, latestTimeOf(into)), type, actor, data }
  await recordEvent(unit, into.id, event)
  await afterChange(unit, { ...into, ...change }, at, { action: 'merge', event, before: into })
}
