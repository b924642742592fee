import { randomUUID } from 'node:crypto'
import type { EpisodeEvent } from '../core/episode.ts'
import type { Incident } from '../core/incident.ts'
import { nowhere } from '../core/scope.ts'
import { isMoreSevere } from '../core/severity.ts'
import type { Followed, FollowedIncident, Operations } from '../stores/operations/port.ts'

/** What an episode event did to its incident, for whoever opens or upgrades the order in the same transaction. */
export interface IncidentOutcome {
  readonly incident: Incident
  readonly opened: boolean
  readonly upgraded: boolean
}

/**
 * Joins an episode event to the open incident of its device and finding, or opens one. An incident takes repeats until its
 * order is done: one open order per device and finding, however often the condition comes and goes.
 * Applying an event again changes nothing: answers undefined then.
 */
export async function recordEpisode(
  unit: Operations,
  event: EpisodeEvent,
  journalId: string,
): Promise<IncidentOutcome | undefined> {
  const newest = await unit.lockNewestIncident(event.scope, event.finding)
  const followed = { journalId, position: event.position }
  if (newest !== undefined && isApplied(newest, followed)) return undefined

  if (newest === undefined || !takesMore(newest)) {
    // a clearing of what people closed already, or a condition that passed: nothing is open to be changed
    if (event.change === 'cleared') return undefined
    const incident = { ...incidentOf(event), occurredAt: beginningOf(event, newest, journalId) }
    return (await unit.insertIncident({ ...incident, followed }))
      ? { incident: { ...incident, orderId: null }, opened: true, upgraded: false }
      : undefined
  }

  const over = event.change === 'cleared' || event.change === 'passed'
  // what passed before we could act sends nobody, so it does not make the incident or its order more urgent either
  const upgraded = !over && isMoreSevere(event.severity, newest.severity)
  const change = {
    state: over ? ('cleared' as const) : ('open' as const),
    clearedAt: over ? event.at : null,
    count: event.change === 'cleared' ? newest.count : newest.count + 1,
    ...(upgraded && { severity: event.severity }),
    // what it says now, and where: a second entrapment is on another floor
    ...((upgraded || event.change === 'opened') && { summary: event.summary, evidence: event.evidence }),
  }
  await unit.updateIncident(newest.id, { ...change, followed })
  return { incident: { ...newest, ...change }, opened: false, upgraded }
}

function isApplied(incident: FollowedIncident, followed: Followed): boolean {
  return incident.followed?.journalId === followed.journalId && incident.followed.position >= followed.position
}

/**
 * Not when its order is closed; nor when the condition is over and the crew has said that it works again, though nobody has
 * closed the order yet: what comes then is new, and its 30 minutes must run.
 */
function takesMore({ state, orderState }: FollowedIncident): boolean {
  if (orderState === null) return state !== 'cleared'
  if (orderState === 'restored') return state !== 'cleared'
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

function incidentOf(event: EpisodeEvent): Omit<Incident, 'orderId'> {
  const passed = event.change === 'passed'
  return {
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
    place: nowhere,
    parentId: null,
    suppressed: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    source: 'liftwatt',
    externalId: null,
  }
}
