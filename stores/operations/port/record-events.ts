import type { NewRecordEvent, RecordEvent } from '../../../core/record-chain.ts'

/** What happened to records that are no orders, each in a chain of its own. The database refuses to change or delete it. */
export interface RecordEventTables {
  /**
   * Each at the end of its subject's chain, in this order, and on the list of what is to be sealed. Callers hold the subject's row. Answers
   * them as they are kept: none is earlier than the one before it.
   * @throws {ExpectedError} `invalid` when somebody else has written to a chain at the same moment
   */
  appendRecordEvents(...events: readonly NewRecordEvent[]): Promise<RecordEvent[]>
  /** In order of their numbers. */
  recordEventsOf(subjectId: string): Promise<RecordEvent[]>
  /** The same of each; one without any is absent. */
  recordEventsOfEach(subjectIds: readonly string[]): Promise<Map<string, RecordEvent[]>>
  /** Ids of what has a chain, each after the one before: for whoever checks them all. */
  recordSubjects(after: string | null, limit: number): Promise<{ subjectType: string; subjectId: string }[]>
  /** Ids of rows that should have a chain and have none: nobody has written down how they came to be. `visitsToRecord` are to get theirs. */
  recordsWithoutEvents(limit: number): Promise<string[]>
  /** How many of `visitsToRecord` have no chain yet. */
  countVisitsToRecord(): Promise<number>
}
