import type { Scope } from './scope.ts'

export const suppressionTypes = ['maintenance', 'planned-work', 'shelf'] as const
export type SuppressionType = (typeof suppressionTypes)[number]

/** People said that nobody is to be sent: work goes on there, or it is known. What is found meanwhile is recorded. */
export interface Suppression {
  readonly id: string
  readonly type: SuppressionType
  readonly scope: Scope
  /** Null = every finding of the scope. */
  readonly finding: string | null
  readonly reason: string
  readonly startsAt: number
  /** A shelf always ends; null = until somebody ends it. */
  readonly endsAt: number | null
  readonly createdAt: number
  readonly createdBy: string
  readonly endedAt: number | null
  readonly endedBy: string | null
}

export const suppressedBy = [...suppressionTypes, 'inhibition', 'group', 'storm', 'service-mode'] as const

/** Why an incident has no order of its own. */
export interface Suppressed {
  readonly by: (typeof suppressedBy)[number]
  /** The suppression or the larger incident behind it. */
  readonly id: string | null
  /** One English sentence for a person. */
  readonly text: string
  readonly at: number
  /** The order of the same event that it has joined. Until that has ended, this incident needs none of its own. */
  readonly orderId?: string
}

const named: Readonly<Record<SuppressionType, string>> = {
  maintenance: 'In maintenance',
  'planned-work': 'Planned work',
  shelf: 'Shelved',
}

/** Who said so, of what, until when and why. */
export function suppressionText({ type, scope, reason, createdBy, endsAt }: Suppression): string {
  const until = endsAt === null ? 'until it is ended' : `until ${new Date(endsAt).toISOString()}`
  return `${named[type]} (${scope.type} ${scope.id}, by ${createdBy}, ${until}): ${reason}`
}
