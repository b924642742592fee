import { type Incident, justFound } from '../../core/incident.ts'
import { idIn } from '../../core/scope.ts'
import type { Suppression } from '../../core/suppression.ts'
import { isOfLife } from './finding.ts'

/**
 * What people said of this place, or of this finding there, and is in force at `at`. A danger to life always comes through, and so
 * does what a person or another system has seen, unless its finding is named.
 */
export function suppressionOf(
  incident: Incident,
  suppressions: readonly Suppression[],
  at: number,
): Suppression | undefined {
  if (isOfLife(incident.finding)) return undefined
  return suppressions.find(
    ({ scope, finding, ...when }) =>
      idIn(incident, scope.type) === scope.id &&
      (finding === null ? incident.source === justFound.source : finding === incident.finding) &&
      isInForce(when, at),
  )
}

/** From `startsAt` on, until `endsAt` or until somebody ended it; both ends are exclusive. */
export function isInForce(
  { startsAt, endsAt, endedAt }: Pick<Suppression, 'startsAt' | 'endsAt' | 'endedAt'>,
  at: number,
): boolean {
  return startsAt <= at && (endsAt === null || at < endsAt) && (endedAt === null || at < endedAt)
}
