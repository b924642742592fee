import { randomUUID } from 'node:crypto'
import { minuteMs } from '../../core/clock.ts'
import { type Incident, untouched, type WorkOrder } from '../../core/incident.ts'
import type { Party } from '../../core/plan.ts'
import { isMoreSevere, type OrderType, orderTypeOf } from '../../core/severity.ts'
import type { Operations, OrderChange } from '../../stores/operations/port.ts'
import { chooseCrew } from '../crews/dispatch.ts'
import { recordEvent, rowWithPlan } from '../evidence/chain.ts'
import { scheduleEvidence } from '../evidence/evidence.ts'
import { joinSameEvent } from '../intake/join.ts'
import { proposedDate } from '../maintenance/proposed-date.ts'
import { notify, notifyFurther, tellFormerCrew, tellOfTrapped, tellOutageCrews } from '../notices/notify.ts'
import { armDeadlines, followPlan, rearmDeadlines } from '../plans/deadlines.ts'
import { planAnew, planFor } from '../plans/plan-of.ts'
import { watchOnSite } from '../plans/told-again.ts'
import { isEnded } from './transitions.ts'

/** From detection to arrival, for an emergency; the clock never pauses. */
export const arriveWithinMs = 30 * minuteMs

const system = 'liftwatt'

/**
 * One order for an incident that needs one, in the incident's own transaction: with the plan as it is now, the crew that is to
 * go, its due times, what is to be frozen, and the notices that leave when the transaction commits. What somebody is on the way
 * for already joins their order.
 * @param now ms since 1970, by our clock
 * @returns the new order, or the one that it joined
 */
export async function openOrder(
  unit: Operations,
  incident: Incident,
  now: number,
  given: { readonly dueAt?: number; readonly type?: OrderType } = {},
): Promise<WorkOrder | undefined> {
  const bySeverity = orderTypeOf(incident.severity)
  const type = given.type ?? bySeverity
  if (type === null || incident.state !== 'open' || incident.suppressed !== null) return undefined
  const joined = await joinSameEvent(unit, incident, now, upgradeOrder)
  if (joined !== undefined) return joined
  const raised: WorkOrder = {
    ...untouched,
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
    arriveBy: bySeverity === 'emergency' ? incident.detectedAt + arriveWithinMs : null,
    siteId: incident.place.siteId,
    dueAt: bySeverity === 'planned' ? (given.dueAt ?? proposedDate(incident.severity, incident.finding, now)) : null,
  }
  const { plan, tell, untold } = await planFor(unit, raised, incident, now)
  const { teamId, because } = await chooseCrew(unit, raised, { exclude: [] }, now)
  const order = { ...raised, plan, teamId, assignedBecause: because }
  if (!(await unit.insertOrder(order))) return undefined

  const nobody = untold.length > 0 && { untold: { parties: untold, because: 'nobody insures the device' } }
  const data = { severity: order.severity, teamId, because, ...nobody, ...rowWithPlan(order) }
  await recordEvent(unit, order.id, { at: now, type: 'raised', actor: system, data })
  await armDeadlines(unit, order)
  await scheduleEvidence(unit, incident, now)
  await askFirst(unit, order, now)
  await notify(unit, { order, reason: 'raised', parties: tell, now })
  await tellOutageCrews(unit, order, incident, now)
  await tellOfTrapped(unit, order, incident, now)
  return order
}

/**
 * Rising severity goes to the same order, or to the one that took it over. A planned order becomes an emergency: its 30
 * minutes start when the rise was detected, and, unless somebody is there, who goes is chosen as for a new one, for whoever
 * accepted a date has not said that they come now. An emergency keeps its clock, and gets the plan of what it has become. An incident
 * that had no order (it was for information) gets one.
 * @param upgradedAt ms since 1970, when the rise was detected
 * @param now ms since 1970, by our clock
 * @param said by whom it became worse, where that is not what the order says from now on
 */
export async function upgradeOrder(
  unit: Operations,
  incident: Incident,
  upgradedAt: number,
  now: number,
  said?: string,
): Promise<WorkOrder | undefined> {
  const own = await unit.orderOfIncident(incident.id)
  const found = own?.mergedIntoId == null ? own : await unit.orderInPlaceOf(own.id)
  // locked, for a technician may act on it at this very moment, and neither may be lost
  const order = found && (await unit.lockOrder(found.id))
  if (order === undefined) return openOrder(unit, { ...incident, detectedAt: upgradedAt }, now)
  const isOwn = order.incidentId === incident.id
  if (isEnded(order) || (!isOwn && !isMoreSevere(incident.severity, order.severity))) return undefined

  const becomesEmergency = orderTypeOf(incident.severity) === 'emergency' && order.arriveBy === null
  const worse = { severity: incident.severity, ...(isOwn && { summary: incident.summary }) }
  const risen = { ...order, ...worse }
  const { change, tell }: Rise = becomesEmergency
    ? await asEmergency(unit, risen, incident, upgradedAt, now)
    : await asWorse(unit, risen, now)
  if (!(await unit.updateOrder(order.id, order.state, { ...worse, ...change }))) return undefined

  const upgraded = { ...risen, ...change }
  const { teamId, assignedBecause: because } = upgraded
  const data = {
    from: order.severity,
    to: incident.severity,
    ...(change.technicianId !== undefined && {
      ...{ teamId, because, fromTeamId: order.teamId, fromTechnicianId: order.technicianId },
    }),
    ...rowWithPlan(upgraded),
  }
  await recordEvent(unit, order.id, { at: now, type: 'upgraded', actor: system, data })
  if (becomesEmergency) await rearmDeadlines(unit, upgraded, now)
  else if (change.plan !== undefined) await followPlan(unit, upgraded, now)
  await watchOnSite(unit, upgraded, now)
  await tellFormerCrew(unit, order, upgraded, now)
  await askFirst(unit, upgraded, now)
  await notifyFurther(unit, {
    order: upgraded,
    reason: 'upgraded',
    parties: tell,
    ...(said && { heard: { summary: said } }),
    now,
  })
  return upgraded
}

/** What a rise changes beside the severity, and who is told. */
interface Rise {
  readonly change: OrderChange
  readonly tell: readonly Party[]
}

/** What is worse may be of another plan. @param order as severe as it has become */
async function asWorse(unit: Operations, order: WorkOrder, now: number): Promise<Rise> {
  const plan = await planAnew(unit, order, now)
  return plan === undefined ? { change: {}, tell: order.plan?.tell ?? [] } : { change: { plan }, tell: plan.tell }
}

/** What makes a planned order an emergency. @param order as severe as it has become */
async function asEmergency(
  unit: Operations,
  order: WorkOrder,
  incident: Incident,
  upgradedAt: number,
  now: number,
): Promise<Rise> {
  const clock = { type: 'emergency', upgradedAt, arriveBy: upgradedAt + arriveWithinMs, dueAt: null } as const
  const { plan, tell } = await planFor(unit, { ...order, ...clock }, incident, now)
  if (order.arrivedAt !== null) return { change: { ...clock, plan }, tell }
  const { teamId, because } = await chooseCrew(unit, { ...order, ...clock }, { exclude: [] }, now)
  // where nobody is found who has it keeps it, and is to accept it again
  const isKept = teamId === null && order.teamId !== null
  const who = isKept ? { assignedBecause: `who had it keeps it; ${because}` } : { teamId, assignedBecause: because }
  return { change: { ...clock, plan, technicianId: null, technicianName: null, ...who }, tell }
}

async function askFirst(unit: Operations, order: WorkOrder, now: number): Promise<void> {
  const ask = order.plan?.askFirst
  if (ask) await notify(unit, { order, reason: 'ask-first', parties: [ask.party], now })
}
