import type { Page, PageRequest } from './page.ts'

/** A row with the columns in which people write, as JSON. */
export interface WordedRow {
  readonly table: string
  /** Column → value of its primary key. */
  readonly key: Readonly<Record<string, unknown>>
  readonly cells: Readonly<Record<string, unknown>>
  /** All columns, by their names in the database. */
  readonly whole: Readonly<Record<string, unknown>>
}

/** Where a person may be named. */
export interface ErasureTables {
  /**
   * Rows of whatever table, but telemetry, in which the text of a column matches; of each table at most `limit`.
   * @param pattern regular expression of PostgreSQL, in any case of letters, over the cells as JSON
   */
  rowsNaming(pattern: string, limit: number): Promise<WordedRow[]>
  /** Until the transaction ends, what is append-only may be changed. */
  beginErasing(): Promise<void>
  /** @param cells that are new. Answers false, and changes nothing, when one of them is not as it was read any more. */
  updateWordedRow(read: WordedRow, cells: WordedRow['cells']): Promise<boolean>
  /** Answers kept for idempotency keys. How many went. */
  deleteAnswersNaming(pattern: string): Promise<number>
  /** Notices to these that wait are not sent any more. */
  voidNoticesTo(noticeIds: readonly string[]): Promise<void>
  insertErasure(id: string): Promise<void>
  /** Ids, newest first. */
  erasures(page: PageRequest): Promise<Page<string>>
  insertRedactedFile(sha256: string, redactedAs: string): Promise<void>
  /** Original → what it is without the names. */
  redactedFiles(): Promise<Map<string, string>>
}
