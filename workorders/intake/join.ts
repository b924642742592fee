import { type Caller, withNewCaller } from '../../core/callers.ts'
import { hourMs } from '../../core/clock.ts'
import type { Evidence } from '../../core/detector.ts'
import {
  type Incident,
  isEntrapment,
  lookBackMs,
  mayHaveLeft,
  type OrderEvent,
  type WorkOrder,
} from '../../core/incident.ts'
import type { FrozenPlan, Party } from '../../core/plan.ts'
import { isMoreSevere, type Severity } from '../../core/severity.ts'
import type { FollowedIncident, IncidentChange, Operations } from '../../stores/operations/port.ts'
import { recordEvent, rowWithPlan } from '../evidence/chain.ts'
import { scheduleEvidence } from '../evidence/evidence.ts'
import { isEnded, isNobodys, latestTimeOf } from '../life/transitions.ts'
import { verdictOn } from '../life/verdict.ts'
import { notifyFurther } from '../notices/notify.ts'
import { followPlan } from '../plans/deadlines.ts'
import { planAnew } from '../plans/plan-of.ts'
import { watchAcceptance, watchOnSite } from '../plans/told-again.ts'
import { tellNewWords } from './new-words.ts'
import { type Placed, saidBy } from './reported.ts'
import {
  certain,
  isAboutPassengers,
  isFindingOfSameEvent,
  isReportOfSameEvent,
  isSignAt,
  isSignOfPassengers,
} from './same-event.ts'
import { isDanger, isLongDone, tellStillTold } from './still-told.ts'

/** What somebody tells us: a caller, or another system. */
export interface Heard {
  readonly actor: string
  readonly source: string
  /** Its id there, or the caller's Idempotency-Key; null = every telling is another one. */
  readonly externalId: string | null
  /** Its id there before it was told of two places by it: on this device it may have been told under that one. */
  readonly plainExternalId?: string
  /** The incident that was told of under this id before, if what is told now is another thing. */
  readonly formerIncidentId?: string
  readonly state: 'open' | 'cleared'
  readonly finding: string
  readonly severity: Severity
  readonly summary: string
  readonly evidence?: Evidence
  readonly reportedBy?: Readonly<Record<string, string>>
  /** Whether what is told again under the same id counts again; else it is only answered. */
  readonly countsAgain: boolean
}

export interface Joined {
  readonly order: WorkOrder
  /** What was noted when this was told for the first time; undefined = now. */
  readonly told?: OrderEvent
}

/** Makes an order as severe as its incident has become, by what was `said`: `upgradeOrder`. */
type Upgrade = (
  unit: Operations,
  incident: Incident,
  at: number,
  now: number,
  said: string,
) => Promise<WorkOrder | undefined>

/**
 * Unverified default: so long after somebody was to be there, a call is no longer taken for the same entrapment. An order that
 * nobody closed must not swallow the next one.
 */
const takesCallsForMs = 2 * hourMs

/** Among so many of a device's newest orders a report is looked for that comes again. */
const ordersLookedAt = 20

/**
 * Whoever is trapped calls, and so does whoever hears them: a report of somebody who is trapped joins the order that is on its way
 * to that elevator, with its earlier clock, whether that was opened by a sensor or by somebody else. It is counted, noted in the
 * order, told to the crew, and makes it more urgent where it must.
 * @returns undefined when the report is to have an incident of its own
 */
export async function joinRunning(
  unit: Operations,
  { deviceId, place }: Placed,
  heard: Heard,
  now: number,
  upgrade: Upgrade,
): Promise<Joined | undefined> {
  if (deviceId === null || !isAboutPassengers(heard)) return undefined
  // as the detectors' way does: of two who report at once, one opens and the other joins
  await unit.lockPlace(place)
  if (await hasOwnIncident(unit, heard)) return undefined

  const { items } = await unit.orders({ deviceId, limit: ordersLookedAt })
  const sameEvent = items.filter((order) => isReportOfSameEvent(heard, order))
  const told = await toldBefore(unit, sameEvent, heard)
  const before = told !== undefined && (await isNewSince(unit, told.order, heard, now)) ? undefined : told
  const found = before?.order ?? (await firstThatTakes(unit, sameEvent, now))
  if (found === undefined) return undefined

  await unit.lockIncident(found.incidentId)
  const order = await unit.lockOrder(found.id)
  if (order === undefined || (before === undefined && !(await takesCall(unit, order, now)))) return undefined
  if (heard.state === 'cleared') return { order: await noteOver(unit, order, heard, now) }
  if (before !== undefined) {
    const counts = heard.countsAgain && !isEnded(order)
    if (heard.countsAgain) await tellStillTold(unit, order, heard, now)
    if (!counts) return { order, told: before.told }
    const counted = await count(unit, order, heard, now, upgrade)
    await tellNewWords(unit, counted, heard, now)
    return { order: counted, told: before.told }
  }
  return { order: await join(unit, order, heard, now, upgrade) }
}

/**
 * What a sensor finds joins the order of the same event that somebody is on the way for already:
 *
 * - that of a person or another system, under whatever finding;
 * - whoever is found shut in, also that of another sensor of the same car, once people have answered it or somebody's call has
 *   joined it, as long as its clock runs. One that nobody has answered ends as merged instead, see `absorbOrder`.
 *
 * Until that order has ended it sends nobody of its own; if it still holds then, it does.
 * @param incident just stored, by whoever holds its place
 * @returns the order that it joined
 */
export async function joinSameEvent(
  unit: Operations,
  incident: Incident,
  now: number,
  upgrade: Upgrade,
): Promise<WorkOrder | undefined> {
  const { id, deviceId, finding, severity, summary, evidence, source } = incident
  if (deviceId === null || source !== 'liftwatt') return undefined
  if (!isSignOfPassengers(incident)) return undefined

  const { items } = await unit.orders({ deviceId, state: 'open', limit: ordersLookedAt })
  const others = items.filter((order) => order.incidentId !== id && isUnderWay(order, now))
  for (const candidate of others.toSorted(earlierFirst)) {
    await unit.lockIncident(candidate.incidentId)
    const order = await unit.lockOrder(candidate.id)
    const first = await unit.incident(candidate.incidentId)
    if (order === undefined || first === undefined || !makesSomebodyCome(order, first, now)) continue
    if (!takesFinding(order, first, incident, now)) continue
    if (first.parentId === id) await takeBack(unit, first)
    const said = { actor: source, source, externalId: id, finding, severity, summary, evidence }
    const joined = await join(unit, order, { ...said, state: 'open', countsAgain: false }, now, upgrade)
    await scheduleEvidence(unit, incident, now)
    const text = `It is what somebody is on the way for already: it joined the order ${order.id}`
    const suppressed = { by: 'inhibition', id: first.id, text, at: now, orderId: order.id } as const
    await unit.updateIncident(id, { state: 'suppressed', parentId: first.id, suppressed })
    return joined
  }
  return undefined
}

/** The clock of the one that began first is the one to be kept. */
function earlierFirst(one: WorkOrder, other: WorkOrder): number {
  return (one.arriveBy ?? 0) - (other.arriveBy ?? 0)
}

/** @param first the incident that the order was opened for */
function takesFinding(order: WorkOrder, first: Incident, incident: Incident, now: number): boolean {
  if (!hasClockFor(order, first, now)) return false
  if (first.source !== 'liftwatt') return first.state !== 'cleared' && isFindingOfSameEvent(incident, order)
  if (!isEntrapment(incident) || (order.state === 'raised' && !isEntrapment(order))) return false
  // a door that does not open is no sign of people by itself, but a moment before them it is of the same event
  const isEffect = isSignOfPassengers(first) && incident.detectedAt - first.detectedAt <= lookBackMs
  return isSignAt(order) || isEffect
}

/**
 * Whether an order still makes sure that somebody comes for what is found now. When it is late, all has been
 * escalated; when the crew came long ago, or what it came for is over, it may have left without saying so.
 */
function hasClockFor({ arriveBy, arrivedAt }: WorkOrder, first: Incident, now: number): boolean {
  if (arrivedAt === null) return arriveBy !== null && now <= arriveBy
  return first.state !== 'cleared' && now - arrivedAt <= lookBackMs
}

/** It had just been explained by what joins it now. */
async function takeBack(unit: Operations, { id, suppressed }: Incident): Promise<void> {
  await unit.updateIncident(id, { parentId: null, ...(suppressed && { suppressed: null, state: 'open' }) })
}

async function hasOwnIncident(unit: Operations, { source, externalId, formerIncidentId }: Heard): Promise<boolean> {
  const own = externalId === null ? undefined : await unit.lockReportedIncident({ source, externalId })
  return own !== undefined && own.id !== formerIncidentId
}

/** Somebody is to be there within 30 minutes, and has not said yet that everybody is out. */
function isUnderWay({ state, arriveBy }: WorkOrder, now: number): boolean {
  const isGoingOn = state === 'raised' || state === 'acknowledged' || state === 'accepted' || state === 'arrived'
  return isGoingOn && arriveBy !== null && now <= arriveBy + takesCallsForMs
}

async function firstThatTakes(
  unit: Operations,
  orders: readonly WorkOrder[],
  now: number,
): Promise<WorkOrder | undefined> {
  for (const order of orders) if (await takesCall(unit, order, now)) return order
  return undefined
}

async function takesCall(unit: Operations, order: WorkOrder, now: number): Promise<boolean> {
  const first = isUnderWay(order, now) ? await unit.incident(order.incidentId) : undefined
  return first !== undefined && makesSomebodyCome(order, first, now)
}

/**
 * Whether somebody comes of an order for what is told now. When nobody has it, it must still be in time, for when it is late all has
 * been escalated, and what it was opened for must not have been over for long.
 * @param first the incident that it was opened for
 */
function makesSomebodyCome(order: WorkOrder, { clearedAt }: Incident, now: number): boolean {
  if (!isUnderWay(order, now)) return false
  if (!isNobodys(order)) return true
  return order.arriveBy !== null && now <= order.arriveBy && (clearedAt === null || now - clearedAt <= lookBackMs)
}

async function toldBefore(
  unit: Operations,
  orders: readonly WorkOrder[],
  heard: Heard,
): Promise<{ order: WorkOrder; told: OrderEvent } | undefined> {
  const { plainExternalId: externalId } = heard
  const plain = externalId === undefined ? undefined : keyOf({ ...heard, externalId })
  const keys = [keyOf(heard), plain].filter((key) => key !== undefined)
  for (const order of orders) {
    for (const key of keys) {
      const told = await unit.orderEventByKey(order.id, key)
      if (told !== undefined) return { order, told }
    }
  }
  return undefined
}

/** It became worse after people were done with it, or is still told of long after: what they were sent for is not what it is now. */
async function isNewSince(unit: Operations, order: WorkOrder, heard: Heard, now: number): Promise<boolean> {
  if (!heard.countsAgain || heard.state !== 'open') return false
  const isOver = isEnded(order) || mayHaveLeft(order, now)
  if (isOver && isMoreSevere(heard.severity, order.severity)) return true
  return isDanger(heard) && isLongDone(unit, order, now)
}

/** With a space, which no Idempotency-Key of an action has. */
function keyOf({ source, externalId }: Heard): string | undefined {
  return externalId === null ? undefined : `${source} ${externalId}`
}

/** What is told is of the event that this order, which is locked, is about: it counts there, and may make it an entrapment. */
export async function join(
  unit: Operations,
  order: WorkOrder,
  heard: Heard,
  now: number,
  upgrade: Upgrade,
): Promise<WorkOrder> {
  const { actor, source, finding, severity, summary, evidence } = heard
  // only now it is certain: the passenger is to be told, and whoever opens the order reads what it is about
  const becomes = isEntrapment(heard) && !isEntrapment(order) ? await asEntrapment(unit, order, now) : undefined
  const said = { action: 'report', source, finding, severity, summary, ...(evidence && { evidence }) }
  const data = { ...said, ...(becomes && becameIn(order, becomes)) }
  await note(unit, order, { actor, data }, keyOf(heard), now)
  await unit.insertAudit({ at: now, actor, action: 'order-joined', subject: order.id, data: { source, severity } })
  // who called is not in the chain: a person may be forgotten, the chain forgets nothing
  const caller = callerOf(heard)
  // whoever gets the order later reads what was said, too
  const change = { ...becomes, ...(caller && { reportedBy: withNewCaller(order.reportedBy ?? {}, caller) }) }
  if (Object.keys(change).length > 0) await unit.updateOrder(order.id, order.state, change)
  if (becomes) await followPlan(unit, { ...order, ...change }, now)
  const joined = await count(unit, { ...order, ...change }, heard, now, upgrade)
  if (isNobodys(joined)) await watchAcceptance(unit, joined, now)
  await watchOnSite(unit, joined, now)
  const { number } = (await unit.chainHead(order.id)) ?? { number: 0 }
  const told = { summary, occasion: `event ${number}` }
  // whoever announced a drill is to say whether this is one
  const isDrill = (await verdictOn(unit, order)) === 'drill'
  const further: readonly Party[] = becomes?.plan?.tell ?? []
  const parties: readonly Party[] = becomes || isDrill ? ['duty-room', 'crew', ...further] : ['crew']
  await notifyFurther(unit, { order: joined, reason: 'reported-again', parties, heard: told, now })
  return joined
}

/** Who said what; with the words that a caller left beside it. Undefined: nobody did. */
function callerOf({ source, summary, reportedBy }: Heard): Caller | undefined {
  const own = saidBy(source, summary)
  return own && { ...own, ...reportedBy, words: [...new Set([summary, reportedBy?.words ?? summary])].join('; ') }
}

/** What an order is about when it is certain that somebody is shut in, and the plan of that, where it has another one. */
export async function asEntrapment(
  unit: Operations,
  order: WorkOrder,
  now: number,
): Promise<{ finding: string; plan?: FrozenPlan }> {
  const plan = await planAnew(unit, { ...order, finding: certain }, now)
  return { finding: certain, ...(plan && { plan }) }
}

/** What the event says by which it became one. */
export function becameIn(before: WorkOrder, becomes: { finding: string; plan?: FrozenPlan }) {
  return { findingBefore: before.finding, ...(becomes.plan && rowWithPlan({ ...before, ...becomes })) }
}

/** What another system says of its own sight of it: noted once, and the crew goes on. */
async function noteOver(unit: Operations, order: WorkOrder, heard: Heard, now: number): Promise<WorkOrder> {
  const key = `${keyOf(heard) ?? heard.source} cleared`
  if (isEnded(order) || (await unit.orderEventByKey(order.id, key)) !== undefined) return order
  const { actor, source, summary } = heard
  await note(unit, order, { actor, data: { action: 'report', source, summary, state: 'cleared' } }, key, now)
  return order
}

async function note(
  unit: Operations,
  order: WorkOrder,
  said: Pick<OrderEvent, 'actor' | 'data'>,
  key: string | undefined,
  now: number,
): Promise<void> {
  await recordEvent(unit, order.id, { at: Math.max(now, latestTimeOf(order)), type: 'noted', ...said }, key)
}

/** What its sensor has called over goes on, for somebody says so: nothing measures when that ends, so it ends with its order. */
function heldByWord({ state, suppressed, clearedAt }: Incident): IncidentChange {
  if (state === 'unknown') return { state: 'open', clearsAt: null }
  if (state !== 'cleared') return { clearsAt: null }
  return { state: suppressed === null ? 'open' : 'suppressed', clearedAt: null, overAt: clearedAt, clearsAt: null }
}

/** Whether somebody's word alone keeps it from being cleared. */
export function isHeldByWord({ state, overAt, clearsAt }: FollowedIncident): boolean {
  return (state === 'open' || state === 'suppressed') && overAt !== null && clearsAt === null
}

async function count(
  unit: Operations,
  order: WorkOrder,
  { severity, source, summary }: Heard,
  now: number,
  upgrade: Upgrade,
): Promise<WorkOrder> {
  const incident = await unit.incident(order.incidentId)
  if (incident === undefined) throw new Error(`order ${order.id} has no incident`)
  const rises = isMoreSevere(severity, order.severity)
  const change = { ...(source !== 'liftwatt' && heldByWord(incident)), ...(rises && { severity }) }
  await unit.updateIncident(incident.id, { count: incident.count + 1, ...change })
  return (rises && (await upgrade(unit, { ...incident, severity }, now, now, summary))) || order
}
