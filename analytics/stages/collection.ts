import type { Incident } from '../../core/incident.ts'
import type { FollowedIncident } from '../../stores/operations/port.ts'

/** Whether people still work on a collection of incidents, or have not been sent: then it takes more members. */
export function isRunning({ state, lastMemberAt, orderState, suppressed }: FollowedIncident): boolean {
  if (lastMemberAt === null) return false
  if (suppressed !== null) return state !== 'cleared'
  return orderState === null ? state !== 'cleared' : !['restored', 'closed', 'cancelled'].includes(orderState)
}

/** Only orders that nobody has answered yet are taken over: who is on the way, stays on the way. */
export function mayBeTaken({ orderState }: FollowedIncident): boolean {
  return orderState === null || orderState === 'raised'
}

export function isNear(incident: Pick<Incident, 'detectedAt'>, at: number, withinMs: number): boolean {
  return Math.abs(incident.detectedAt - at) <= withinMs
}
