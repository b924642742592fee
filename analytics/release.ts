import { randomUUID } from 'node:crypto'
import { minuteMs } from '../core/clock.ts'
import { type Incident, stillFeltAfterMs, type WorkOrder } from '../core/incident.ts'
import { orderTypeOf } from '../core/severity.ts'
import type { FollowedIncident, Operations } from '../stores/operations/port.ts'
import { type Explained, explain, type IncidentRules, shippedRules, supersede } from './explain.ts'

/** Opens the order of an incident, in its transaction; orders of `absorbed` end as merged into it. */
export type OnReleased = (unit: Operations, incident: Incident, absorbed: readonly Incident[]) => Promise<unknown>

interface Release {
  readonly operations: Operations
  /** ms since 1970, by our clock. */
  readonly now: number
  readonly onReleased?: OnReleased
  readonly rules?: IncidentRules
  /** The time of each device's newest reading, by its clock, but not after it reached us; undefined while nobody can say. */
  readonly lastHeard?: (deviceIds: readonly string[]) => Promise<ReadonlyMap<string, number> | undefined>
}

/** More than there are at once, even after a storm; the rest comes with the next run. */
const atOnce = 1_000
/** While its condition lasts, an outage or a storm whose order people ended is sent again after so long. Unverified default. */
const againAfterMs = 5 * minuteMs

/**
 * What time does to incidents, to be called every few seconds: clears what has stayed away, ends outages and storms that nothing
 * is part of any more, sends again for who is still shut in though the crew has left, and releases what is still active though its
 * suppression or its larger incident is over.
 * Each release is one transaction and happens once, whoever else runs this at the same time.
 * @returns the incidents that need an order now: `onReleased` has been called for each
 */
export async function releaseSuppressed(given: Release): Promise<Incident[]> {
  const { operations, now } = given
  await operations.clearQuietIncidents(now)
  await endEmptyGroups(operations, now)

  const defaults = { rules: shippedRules, onReleased: async () => undefined, lastHeard: async () => undefined }
  const run: Run = { ...defaults, ...given, released: [] }
  const sent: Incident[] = []
  for (const id of await stillShutIn(run)) sent.push(...(await inTransaction(run, id, sendForStillShutIn)))
  for (const id of await operations.groupsWithoutOrder(now - againAfterMs, atOnce)) {
    sent.push(...(await inTransaction(run, id, sendAgain)))
  }
  for (const id of await operations.releasableIncidents(now, atOnce)) {
    sent.push(...(await inTransaction(run, id, release)))
  }
  return sent
}

interface Run extends Required<Release> {
  /** Those released so far: if they are many of one place, they are an outage or a storm. */
  readonly released: string[]
}

/** Smaller groups end before the larger ones that they are a part of. */
async function endEmptyGroups(operations: Operations, now: number): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const ids = await operations.emptyGroups(atOnce)
    if (ids.length === 0) return
    for (const id of ids) await endGroup(operations, id, now)
  }
}

function endGroup(operations: Operations, id: string, now: number): Promise<void> {
  return operations.transaction(async (unit) => {
    if ((await lockPlaceAndIncident(unit, id)) === undefined) return
    const { active, lastClearedAt } = await unit.childrenOf(id)
    if (active === 0) await unit.updateIncident(id, { state: 'cleared', clearedAt: lastClearedAt ?? now })
  })
}

type Step = (unit: Operations, incident: FollowedIncident, run: Run) => Promise<Explained | undefined>

async function inTransaction(run: Run, id: string, step: Step): Promise<Incident[]> {
  const done = await run.operations.transaction(async (unit) => {
    const incident = await lockPlaceAndIncident(unit, id)
    const explained = incident && (await step(unit, incident, run))
    if (explained === undefined) return undefined
    const toSend = whatToSend(explained)
    if (toSend !== undefined) await run.onReleased(unit, toSend, explained.absorbed)
    return { explained, toSend }
  })
  if (done?.explained.incident.suppressed === null) run.released.push(done.explained.incident.id)
  return done?.toSend === undefined ? [] : [done.toSend]
}

/** The incident itself, or the larger one that it opened. */
function whatToSend({ incident, group }: Explained): Incident | undefined {
  const candidates = [incident, ...(group?.opened || group?.upgraded ? [group.incident] : [])]
  return candidates.find(({ suppressed, severity }) => suppressed === null && orderTypeOf(severity) !== null)
}

/** Entrapments of which a car has told since, long enough after its crew had said that all is well, that they are not over. */
async function stillShutIn({ operations, now, lastHeard }: Run): Promise<string[]> {
  const felt = await operations.feltAfterRestored(now - stillFeltAfterMs, atOnce)
  if (felt.length === 0) return []
  const heard = await lastHeard(felt.map(({ deviceId }) => deviceId))
  return felt.flatMap(({ incidentId, deviceId, restoredAt }) => {
    const heardAt = heard?.get(deviceId)
    return heardAt !== undefined && heardAt >= restoredAt + stillFeltAfterMs ? incidentId : []
  })
}

async function sendForStillShutIn(unit: Operations, incident: FollowedIncident, { now, rules }: Run) {
  const { state, suppressed, overAt } = incident
  if ((state !== 'open' && state !== 'suppressed') || overAt !== null) return undefined
  const sentBy = suppressed?.orderId ?? incident.orderId
  const order = sentBy === null ? undefined : await unit.orderInPlaceOf(sentBy)
  if (order?.state !== 'restored' && order?.state !== 'closed') return undefined
  return explain(unit, await successorOf(unit, incident, now), { at: now, now, rules })
}

/**
 * An outage or a storm goes on though people ended its order: nobody can close a danger away. While its gateway is silent nobody
 * knows whether it does; when that one is back, its devices have as long to say so.
 */
async function sendAgain(unit: Operations, group: FollowedIncident, run: Run): Promise<Explained | undefined> {
  const ended = group.orderState === 'closed' || group.orderState === 'cancelled'
  if (group.state !== 'open' || !ended) return undefined
  const { now, rules } = run
  const knownSince = await heardAgainAt(unit, group)
  if (knownSince === undefined) await unit.updateIncident(group.id, { state: 'unknown' })
  if (knownSince === undefined || knownSince > now - againAfterMs) return undefined
  return explain(unit, await successorOf(unit, group, now), { at: now, now, rules })
}

/** When the gateway of an incident was last heard again after a silence, ms since 1970; undefined while it is silent. */
async function heardAgainAt(unit: Operations, { place: { gatewayId } }: FollowedIncident): Promise<number | undefined> {
  if (gatewayId === null) return 0
  const silence = await unit.lockNewestIncident({ type: 'gateway', id: gatewayId }, 'gateway/silent')
  if (silence === undefined) return 0
  return silence.overAt ?? silence.clearedAt ?? undefined
}

async function release(unit: Operations, incident: FollowedIncident, run: Run): Promise<Explained | undefined> {
  if (!(await isReleasable(unit, incident, run.now))) return undefined
  const { now, rules, released } = run
  const { orderState } = incident
  const freed = { state: 'open', parentId: null, suppressed: null } as const
  if (orderState !== null && orderState !== 'closed' && orderState !== 'cancelled') {
    // nobody merged its order, so that is still its own
    await unit.updateIncident(incident.id, freed)
    return undefined
  }
  if (orderState === null) await unit.updateIncident(incident.id, freed)
  // an order that was merged stays merged: what goes on is sent as something new
  const next = orderState === null ? { ...incident, ...freed } : await successorOf(unit, incident, now)
  return explain(unit, next, { at: now, now, rules, released })
}

async function isReleasable(unit: Operations, { state, suppressed, overAt, parentId }: FollowedIncident, now: number) {
  if (state !== 'suppressed' || suppressed === null || overAt !== null) return false
  const { by, id, orderId } = suppressed
  if (by === 'maintenance' || by === 'planned-work' || by === 'shelf') {
    const suppression = id === null ? undefined : await unit.suppression(id)
    const end = Math.min(suppression?.endsAt ?? Infinity, suppression?.endedAt ?? Infinity)
    return suppression === undefined || end <= now
  }
  // whatever became of what it had joined: while somebody is on the way to that event, this needs nobody else
  if (orderId !== undefined) return isOver(await unit.orderInPlaceOf(orderId))
  const parent = parentId === null ? undefined : await unit.incident(parentId)
  return parent === undefined || parent.state === 'cleared'
}

function isOver(order: WorkOrder | undefined): boolean {
  return order === undefined || order.state === 'closed' || order.state === 'cancelled'
}

/** Another incident of the same condition, found again at `now`, since an incident has one order and never a second. */
async function successorOf(unit: Operations, incident: FollowedIncident, now: number): Promise<FollowedIncident> {
  const next: FollowedIncident = {
    ...incident,
    id: randomUUID(),
    state: 'open',
    occurredAt: Math.max(now, incident.occurredAt + 1),
    detectedAt: now,
    parentId: null,
    suppressed: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    orderId: null,
    orderState: null,
    externalId: null,
    lastMemberAt: incident.lastMemberAt === null ? null : now,
  }
  await unit.insertIncident(next)
  await supersede(unit, incident, next.id, now)
  return next
}

/** Places first, as everywhere: who needs both takes them in one order. */
async function lockPlaceAndIncident(unit: Operations, id: string): Promise<FollowedIncident | undefined> {
  const incident = await unit.incident(id)
  if (incident === undefined) return undefined
  await unit.lockPlace(incident.place)
  return unit.lockFollowedIncident(id)
}
