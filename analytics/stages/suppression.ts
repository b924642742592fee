import type { Incident } from '../../core/incident.ts'
import type { Suppression, SuppressionType } from '../../core/suppression.ts'
import { isOfLife } from './finding.ts'
import { idIn } from './place.ts'

/** What people said of this place, or of this finding there, and is in force at `at`. A danger to life always comes through. */
export function suppressionOf(
  incident: Incident,
  suppressions: readonly Suppression[],
  at: number,
): Suppression | undefined {
  if (isOfLife(incident.finding)) return undefined
  return suppressions.find(
    ({ scope, finding, ...when }) =>
      idIn(incident, scope.type) === scope.id &&
      (finding === null || finding === incident.finding) &&
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

const named: Readonly<Record<SuppressionType, string>> = {
  maintenance: 'In maintenance',
  'planned-work': 'Planned work',
  shelf: 'Shelved',
}

export function suppressionText({ type, scope, reason, createdBy, endsAt }: Suppression): string {
  const until = endsAt === null ? 'until it is ended' : `until ${new Date(endsAt).toISOString()}`
  return `${named[type]} (${scope.type} ${scope.id}, by ${createdBy}, ${until}): ${reason}`
}
