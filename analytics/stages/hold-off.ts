import { minuteMs } from '../../core/clock.ts'
import type { IncidentState } from '../../core/incident.ts'

/** A condition must stay away for so long before its incident is cleared. Unverified default. */
export const holdOffMs = 2 * minuteMs

/** How an incident stands to the end of its condition; times in ms since 1970. */
export interface Quiet {
  readonly state: IncidentState
  /** Since when the condition is over, by the device's clock; null while it holds. */
  readonly overAt: number | null
  /** Cleared from then on, by our clock; null while it holds, or while nobody can tell. */
  readonly clearsAt: number | null
}

/**
 * The condition is over: from now on it must stay away.
 * @param at when it ended, by the device's clock
 * @param toldAt when that reached us
 */
export function whenOver(at: number, toldAt: number): Pick<Quiet, 'overAt' | 'clearsAt'> {
  return { overAt: at, clearsAt: toldAt + holdOffMs }
}

/**
 * Whether the incident has ended by `at`: a condition that comes back earlier goes on, and one that comes later is new. It is
 * told by the times alone, for when its row is changed depends on who was running.
 */
export function hasEnded({ state, clearsAt }: Quiet, at: number): boolean {
  return clearsAt === null ? state === 'cleared' : at >= clearsAt
}
