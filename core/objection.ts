import type { Visit } from './visit.ts'

export const objectionStates = ['open', 'accepted', 'rejected'] as const

/** A maintainer's objection to what telemetry said of a visit, and what was decided about it. Times are ms since 1970. */
export interface Objection {
  readonly id: string
  readonly visitId: string
  readonly deviceId: string
  /** The verdict that it is about, as it was then. */
  readonly verdict: NonNullable<Visit['verdict']>
  readonly verdictText: string | null
  readonly reason: string
  readonly state: (typeof objectionStates)[number]
  readonly raisedAt: number
  readonly raisedBy: string
  readonly decidedAt: number | null
  readonly decidedBy: string | null
  readonly decisionReason: string | null
}

/** What was frozen or added for a visit. */
export interface VisitEvidence {
  readonly visitId: string
  readonly part: 'readings' | 'photo'
  readonly name: string
  readonly sha256: string
  readonly mediaType: string
  readonly bytes: number
  readonly addedAt: number
  readonly addedBy: string
}
