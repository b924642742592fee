import type { Objection, VisitEvidence } from '../../../core/objection.ts'
import type { Visit } from '../../../core/visit.ts'
import type { InSight, Page, PageRequest } from './page.ts'

/** Objections to verdicts of visits, and what was kept for them. */
export interface ObjectionTables {
  /** @throws {ExpectedError} `already-exists`: one a visit */
  insertObjection(objection: Objection): Promise<void>
  updateObjection(
    id: string,
    change: Pick<Objection, 'state' | 'decidedAt' | 'decidedBy' | 'decisionReason'>,
  ): Promise<void>
  objection(id: string): Promise<Objection | undefined>
  objectionOfVisit(visitId: string): Promise<Objection | undefined>
  /** Newest first. */
  objections(page: PageRequest & InSight & { state?: Objection['state']; visitId?: string }): Promise<Page<Objection>>
  setDecision(visitId: string, decision: NonNullable<Visit['decision']>): Promise<void>
  /** What is there already stays as it is. */
  insertVisitEvidence(evidence: Omit<VisitEvidence, 'mediaType' | 'bytes'>): Promise<void>
  /** Oldest first. */
  evidenceOfVisit(visitId: string): Promise<VisitEvidence[]>
}
