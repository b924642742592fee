import { minuteMs } from '../../core/clock.ts'
import type { Incident } from '../../core/incident.ts'
import { orderTypeOf, type Severity, severities } from '../../core/severity.ts'
import type { FollowedIncident } from '../../stores/operations/port.ts'
import { isNear, isRunning } from './collection.ts'
import { isOfLife } from './finding.ts'

/** So many devices of one gateway with one finding within so long are one incident, with a list. */
export interface StormRule {
  readonly atLeast: number
  readonly withinMs: number
}

/** Unverified defaults: a gateway serves a few dozen devices, and of 2,763 elevators 4 to 15 fail in a day. */
export const shippedStorm: StormRule = { atLeast: 10, withinMs: 5 * minuteMs }

/**
 * Only what would send somebody, and nothing critical: each of those has an order of its own, however many there are. One
 * gateway's flood is nothing to another's devices.
 */
export function mayBeStorm({ deviceId, place, finding, severity }: Incident): boolean {
  if (severity === 'critical' || orderTypeOf(severity) === null || isOfLife(finding)) return false
  return deviceId !== null && place.gatewayId !== null
}

/** The storm that the incident belongs to; a storm has passed when nothing was added for a while. */
export function stormToJoin(
  incident: Incident,
  at: number,
  active: readonly FollowedIncident[],
  rule: StormRule,
): FollowedIncident | undefined {
  if (!mayBeStorm(incident)) return undefined
  return active.find(
    ({ finding, scope, lastMemberAt, ...storm }) =>
      finding === incident.finding &&
      scope.type === 'gateway' &&
      scope.id === incident.place.gatewayId &&
      lastMemberAt !== null &&
      at - lastMemberAt <= rule.withinMs &&
      isRunning({ finding, scope, lastMemberAt, ...storm }),
  )
}

/** The storm that begins with the incident; undefined while there are too few. `released` count whenever they were detected. */
export function membersOfStorm(
  incident: Incident,
  at: number,
  free: readonly FollowedIncident[],
  rule: StormRule,
  released: readonly string[] = [],
): FollowedIncident[] | undefined {
  if (!mayBeStorm(incident)) return undefined
  const members = free.filter(
    (other) =>
      mayBeStorm(other) &&
      other.finding === incident.finding &&
      other.place.gatewayId === incident.place.gatewayId &&
      (other.id === incident.id || released.includes(other.id) || isNear(other, at, rule.withinMs)),
  )
  const devices = new Set(members.map(({ deviceId }) => deviceId))
  return devices.size < rule.atLeast ? undefined : members
}

export function worstOf(incidents: readonly { readonly severity: Severity }[]): Severity {
  const ranks = incidents.map(({ severity }) => severities.indexOf(severity))
  return severities[Math.max(0, ...ranks)] ?? 'info'
}

export function stormSummary({ finding, place }: Incident, rule: StormRule): string {
  return `${finding} on at least ${rule.atLeast} devices of gateway ${place.gatewayId} within ${rule.withinMs / minuteMs} min`
}
