import { randomUUID } from 'node:crypto'
import type { EpisodeEvent } from '../core/episode.ts'
import { type Incident, isEntrapment, justFound, lookBackMs, mayHaveLeft, stillFeltAfterMs } from '../core/incident.ts'
import { nowhere, type Place } from '../core/scope.ts'
import { isMoreSevere, orderTypeOf } from '../core/severity.ts'
import type { Followed, FollowedIncident, Operations } from '../stores/operations/port.ts'
import {
  type Asked,
  explain,
  explainEarlier,
  type GroupOutcome,
  type IncidentRules,
  shippedRules,
  supersede,
} from './explain.ts'
import { lookingAhead, type PlacedEvent } from './look-ahead.ts'
import { isOfLife, isSilence } from './stages/finding.ts'
import { hasEnded, whenOver } from './stages/hold-off.ts'
import { placeOfScope } from './stages/place.ts'

/**
 * What an episode event did, for whoever opens, upgrades and merges orders in the same transaction: the incident needs an order
 * when it was `opened` and `incident.suppressed` is null; so does the group.
 */
export interface IncidentOutcome {
  readonly incident: Incident
  readonly opened: boolean
  /** More severe than before, and not suppressed. */
  readonly upgraded: boolean
  /** The larger incident that it has become part of: an outage, a storm. */
  readonly group?: GroupOutcome
  /** Explained now, after their orders were raised: those orders end as merged. */
  readonly absorbed: readonly Incident[]
}

/**
 * Joins an episode event to the open incident of its device and finding, or opens one and looks for what explains it. An
 * incident takes repeats until its order is done: one open order per device and finding, however often the condition comes and
 * goes. Applying an event again changes nothing: answers undefined then.
 * @param now ms since 1970, by our clock; windows are counted by the event's own times
 */
export async function recordEpisode(
  unit: Operations,
  event: EpisodeEvent,
  journalId: string,
  now: number,
  rules = shippedRules,
): Promise<IncidentOutcome | undefined> {
  const place = await placeOf(unit, event)
  await unit.lockPlace(place)
  if ((await retiredAmong(unit, [event])).size > 0) return undefined
  return recordAt(unit, event, place, journalId, now, rules)
}

/**
 * The same for several events, one after the other in one transaction. Their places are locked together, before anything else is.
 * @param follow what follows from an event that was new, before the next one is looked at; by the unit that it is given
 * @returns those that were new
 */
export async function recordEpisodes(
  unit: Operations,
  events: readonly EpisodeEvent[],
  journalId: string,
  now: number,
  follow: (unit: Operations, outcome: IncidentOutcome, event: EpisodeEvent) => Promise<void>,
): Promise<EpisodeEvent[]> {
  const ofDevices = await unit.placesOf([...new Set(events.flatMap(({ deviceId }) => deviceId ?? []))])
  const placed: PlacedEvent[] = []
  for (const event of events) {
    const known = event.deviceId === null ? undefined : ofDevices.get(event.deviceId)
    placed.push([event, known ?? (await placeOf(unit, event))])
  }
  await unit.lockPlace(...placed.map(([, place]) => place))
  const retired = await retiredAmong(unit, events)

  const ahead = await lookingAhead(unit, placed, shippedRules.storm.withinMs)
  const fresh: EpisodeEvent[] = []
  for (const [event, place] of placed) {
    if (event.deviceId !== null && retired.has(event.deviceId)) continue
    const outcome = await recordAt(ahead, event, place, journalId, now, shippedRules)
    if (outcome === undefined) continue
    await follow(ahead, outcome, event)
    fresh.push(event)
  }
  return fresh
}

/**
 * Devices that were retired, by whoever has locked their places. What was found on one a moment before opens nothing any more: its
 * incidents have ended, and nothing would ever say that another one is over.
 */
async function retiredAmong(unit: Operations, events: readonly EpisodeEvent[]): Promise<ReadonlySet<string>> {
  const devices = await unit.devicesByIds([...new Set(events.flatMap(({ deviceId }) => deviceId ?? []))])
  return new Set(devices.filter(({ retiredAt }) => retiredAt != null).map(({ id }) => id))
}

/** By whoever has locked the place. */
async function recordAt(
  unit: Operations,
  event: EpisodeEvent,
  place: Place,
  journalId: string,
  now: number,
  rules: IncidentRules,
): Promise<IncidentOutcome | undefined> {
  const newest = await unit.lockNewestIncident(event.scope, event.finding)
  const followed = { journalId, position: event.position }
  if (newest !== undefined && isApplied(newest, followed)) return undefined

  const asked = { at: event.detectedAt, now, rules }
  const goesOn =
    newest !== undefined &&
    (endsOnly(event, newest) || (takesMore(newest, event.detectedAt) && !(await beginsAnew(unit, event, newest))))
  const outcome = goesOn
    ? await goOn(unit, event, newest, followed, asked)
    : await open(unit, event, place, newest, followed, asked)
  if (outcome !== undefined && isSilence(event.finding)) await followSilence(unit, event)
  return outcome
}

/** Its order was ended before it was over; now it is over. */
function endsOnly(event: EpisodeEvent, newest: FollowedIncident): boolean {
  return event.change === 'cleared' && newest.state !== 'cleared'
}

/**
 * What its order was opened for is not what it is now, or its crew may have left: its 30 minutes run from now, and somebody is to answer.
 *
 * - It had joined the order of the same event and is over, and the crew is done there.
 * - The crew is done, and it has become worse since, or somebody is still in danger of life a while later.
 * - A crew came for planned work, it becomes an emergency, and it is not known whether they are still there.
 * - Its order was merged into that of a storm, and it has become critical: nobody put that in a list.
 */
async function beginsAnew(unit: Operations, event: EpisodeEvent, newest: FollowedIncident): Promise<boolean> {
  const { suppressed, overAt, orderState } = newest
  const holds = holdsNow(event)
  const rises = holds && isMoreSevere(event.severity, newest.severity)
  if (rises && leavesStorm(event, newest)) return orderState !== null
  if (suppressed?.by === 'storm' && !rises) return false
  const order = await orderFor(unit, newest)
  if (order === undefined) return false
  const isDone = order.state === 'restored' || order.state === 'closed' || order.state === 'cancelled'
  if (suppressed?.orderId !== undefined && overAt !== null && isDone) return true
  const isRestored = order.state === 'restored'
  const isMoreThanPlanned = isRestored || orderTypeOf(event.severity) === 'emergency'
  if (rises && isMoreThanPlanned && mayHaveLeft(order, event.detectedAt)) return true
  const isLongRestored = order.restoredAt !== null && event.detectedAt - order.restoredAt >= stillFeltAfterMs
  return isRestored && holds && isOfLife(event.finding) && isLongRestored
}

/** The order by which people are sent for an incident: its own, that of what it joined, or of its storm. An outage's says nothing of its effects. */
async function orderFor(unit: Operations, { id, suppressed, parentId, orderState }: FollowedIncident) {
  if (suppressed?.orderId !== undefined) return unit.orderInPlaceOf(suppressed.orderId)
  if (suppressed?.by === 'storm') return parentId === null ? undefined : unit.orderOfIncident(parentId)
  const mayBeDone = orderState === 'arrived' || orderState === 'restored'
  return suppressed === null && mayBeDone ? unit.orderOfIncident(id) : undefined
}

/** A storm is of what is not critical. */
function leavesStorm({ severity }: EpisodeEvent, { suppressed }: FollowedIncident): boolean {
  return severity === 'critical' && suppressed?.by === 'storm'
}

function holdsNow({ change }: EpisodeEvent): boolean {
  return change !== 'cleared' && change !== 'passed'
}

async function placeOf(unit: Operations, { scope, deviceId }: EpisodeEvent): Promise<Place> {
  if (deviceId !== null) return unit.placeOf(deviceId)
  if (scope.type !== 'gateway') return nowhere
  // a gateway is where all of its devices are
  const places = await unit.placesOf(await unit.devicesIn(scope))
  return placeOfScope(scope, [...places.values()])
}

async function open(
  unit: Operations,
  event: EpisodeEvent,
  place: Place,
  newest: FollowedIncident | undefined,
  followed: Followed,
  asked: Asked,
): Promise<IncidentOutcome | undefined> {
  // a clearing of what people closed already: nothing is open to be changed
  if (event.change === 'cleared') return undefined
  const occurredAt = beginningOf(event, newest, followed.journalId)
  const incident: Incident = { ...incidentOf(event), occurredAt, place, orderId: null }
  if (!(await unit.insertIncident({ ...incident, followed }))) return undefined
  if (newest !== undefined && newest.state !== 'cleared') await supersede(unit, newest, incident.id, event.at)
  if (incident.state === 'cleared') return { incident, opened: true, upgraded: false, absorbed: [] }

  const explained = await explain(unit, incident, asked)
  const earlier = await explainEarlier(unit, explained.incident, asked)
  return { ...explained, opened: true, upgraded: false, absorbed: [...explained.absorbed, ...earlier] }
}

async function goOn(
  unit: Operations,
  event: EpisodeEvent,
  newest: FollowedIncident,
  followed: Followed,
  asked: Asked,
): Promise<IncidentOutcome> {
  const over = !holdsNow(event)
  // what passed before we could act sends nobody, so it does not make the incident or its order more urgent either
  const rises = !over && isMoreSevere(event.severity, newest.severity)
  const change = {
    ...endOf(event, newest, over),
    count: event.change === 'cleared' ? newest.count : newest.count + 1,
    ...(rises && { severity: event.severity }),
    // what it says now, and where: a second entrapment is on another floor
    ...((rises || event.change === 'opened') && { summary: event.summary, evidence: event.evidence }),
  }
  await unit.updateIncident(newest.id, { ...change, followed })
  const { clearsAt: _, overAt: __, ...shown } = change
  const incident: Incident = { ...newest, ...shown }
  const outcome = { incident, opened: false, upgraded: rises && newest.suppressed === null, absorbed: [] }
  if (!rises) return outcome
  const leavesShelf = newest.suppressed?.by === 'shelf' && event.severity === 'critical'
  if (leavesShelf || leavesStorm(event, newest)) return onItsOwn(unit, outcome, asked)
  if (newest.suppressed !== null) return risen(unit, outcome)

  // it was for information and would send somebody now: only now does it matter whether something explains it
  const needsOrder = newest.orderId === null && orderTypeOf(newest.severity) === null
  if (!needsOrder) return outcome
  const explained = await explain(unit, incident, asked)
  return { ...outcome, ...explained, upgraded: explained.incident.suppressed === null }
}

/** What was put aside as known, or in the list of a storm, is critical now: nobody put that aside. */
async function onItsOwn(unit: Operations, outcome: IncidentOutcome, asked: Asked): Promise<IncidentOutcome> {
  const open = { state: 'open', parentId: null, suppressed: null } as const
  await unit.updateIncident(outcome.incident.id, open)
  const explained = await explain(unit, { ...outcome.incident, ...open }, asked)
  return { ...outcome, ...explained, upgraded: explained.incident.suppressed === null }
}

/** It is worse than before: then so is the storm that it is a member of, or the event of its device that people are sent for. */
async function risen(unit: Operations, outcome: IncidentOutcome): Promise<IncidentOutcome> {
  const { severity } = outcome.incident
  let larger: Incident = outcome.incident
  // what explains it may itself have joined an order
  for (let steps = 0; steps < 3 && larger.parentId !== null && larger.suppressed !== null; steps++) {
    const above = await unit.lockFollowedIncident(larger.parentId)
    if (above === undefined || !sharesOrder(larger, above)) return outcome
    if (isMoreSevere(severity, above.severity)) await unit.updateIncident(above.id, { severity })
    larger = above
  }
  if (larger.id === outcome.incident.id || larger.suppressed !== null) return outcome
  if (!isMoreSevere(severity, larger.severity)) return outcome
  return { ...outcome, group: { incident: { ...larger, severity }, opened: false, upgraded: true } }
}

/** Whether one order stands for both: of a storm, or of one event of one device. An outage's says nothing of its effects. */
function sharesOrder({ suppressed, deviceId }: Incident, larger: Incident): boolean {
  if (suppressed?.by === 'storm') return larger.state !== 'cleared'
  return suppressed?.by === 'inhibition' && deviceId !== null && deviceId === larger.deviceId
}

/** Its state when the condition holds or is over: cleared only when it has stayed away for a while. */
function endOf(event: EpisodeEvent, newest: FollowedIncident, over: boolean) {
  const state = newest.suppressed === null ? ('open' as const) : ('suppressed' as const)
  if (!over) return { state, clearedAt: null, overAt: null, clearsAt: null }
  const quiet = whenOver(event.at, event.detectedAt)
  // the crew has said that it works again, and so does the device; or it came and went while nobody knew
  const done = newest.orderState === 'restored' || newest.state === 'cleared'
  return done ? { state: 'cleared' as const, clearedAt: event.at, ...quiet } : { state, clearedAt: null, ...quiet }
}

async function followSilence(unit: Operations, { scope, change, detectedAt }: EpisodeEvent): Promise<void> {
  const of = scope.type === 'gateway' ? { gatewayId: scope.id } : { deviceId: scope.id }
  if (change === 'cleared') await unit.markKnown(of, whenOver(detectedAt, detectedAt).clearsAt ?? detectedAt)
  else if (change !== 'passed') await unit.markUnknown(of)
}

function isApplied(incident: FollowedIncident, followed: Followed): boolean {
  return incident.followed?.journalId === followed.journalId && incident.followed.position >= followed.position
}

/**
 * Not when its order is closed; nor when the condition is over and the crew has said that it works again, though nobody has
 * closed the order yet: what comes then is new, and its 30 minutes must run. Without an order of its own it takes more until it
 * has ended.
 */
function takesMore(newest: FollowedIncident, at: number): boolean {
  const { orderState, suppressed, state, overAt } = newest
  if (orderState === null || suppressed !== null) return !hasEnded(newest, at)
  if (orderState === 'restored') return state !== 'cleared' && overAt === null
  // whoever freed the people may have left without saying so: these are others
  const isLongOver = overAt !== null && at - overAt > lookBackMs
  if (orderState === 'arrived' && isLongOver && isEntrapment(newest)) return false
  return orderState !== 'closed' && orderState !== 'cancelled'
}

/**
 * A condition that outlives its closed order begins anew for the people it is sent to: when it was found again, since the
 * first beginning is the first incident's identity. Only another journal can tell the same beginning twice.
 */
function beginningOf(event: EpisodeEvent, newest: FollowedIncident | undefined, journalId: string): number {
  if (newest === undefined || event.occurredAt > newest.occurredAt) return event.occurredAt
  const retold = newest.followed?.journalId !== journalId && (event.change === 'opened' || event.change === 'passed')
  return retold ? event.occurredAt : Math.max(event.at, newest.occurredAt + 1)
}

function incidentOf(event: EpisodeEvent): Omit<Incident, 'orderId' | 'place'> {
  const passed = event.change === 'passed'
  return {
    ...justFound,
    id: randomUUID(),
    state: passed ? 'cleared' : 'open',
    scope: event.scope,
    deviceId: event.deviceId,
    finding: event.finding,
    severity: event.severity,
    summary: event.summary,
    evidence: event.evidence,
    count: 1,
    occurredAt: event.occurredAt,
    receivedAt: event.receivedAt,
    detectedAt: event.detectedAt,
    clearedAt: passed ? event.at : null,
    ruleVersion: event.ruleVersion,
  }
}
