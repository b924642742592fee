import { ExpectedError } from '../core/errors.ts'
import type { Incident } from '../core/incident.ts'
import type { Operations } from '../stores/operations/port.ts'

export interface Acknowledgement {
  readonly id: string
  readonly actor: string
  /** ms since 1970, by our clock. */
  readonly now: number
  /** The same key again does nothing more and answers the incident as it is now. */
  readonly idempotencyKey?: string
}

/**
 * Somebody has seen the incident; whether it is open or cleared, and what becomes of its order, is another matter.
 * @throws {ExpectedError} `not-found`; `already-done` for a repeat without its key
 */
export function acknowledgeIncident(operations: Operations, given: Acknowledgement): Promise<Incident> {
  const { id, actor, now, idempotencyKey } = given
  return operations.transaction(async (unit) => {
    const incident = await unit.lockFollowedIncident(id)
    if (incident === undefined) throw new ExpectedError('not-found', `There is no incident ${id}`)
    if (incident.acknowledgedAt !== null) {
      if (idempotencyKey !== undefined && incident.acknowledgedKey === idempotencyKey) return incident
      throw new ExpectedError('already-done', `${incident.acknowledgedBy} has acknowledged this incident already`)
    }
    const change = { acknowledgedAt: now, acknowledgedBy: actor }
    await unit.updateIncident(id, { ...change, ...(idempotencyKey && { acknowledgedKey: idempotencyKey }) })
    await unit.insertAudit({ at: now, actor, action: 'incident-acknowledged', subject: id, data: {} })
    return { ...incident, ...change }
  })
}
