import type { Journal } from './port.ts'

export interface LevelJournalWriter extends Journal {
  /** Why nothing is accepted at present; null when all is well. It becomes null by itself once the disk takes writes again. */
  readonly lastError: Error | null

  /**
   * Before this was opened, a reader had done everything before `position`. Where the disk has lost entries that it had called safe, that may lie beyond the head
   * with which this was opened: positions that someone has passed are given out no more, and what was appended under such ones since
   * then is appended again, behind.
   */
  passed(position: number): Promise<void>
}

export interface LevelJournalReader extends Journal {
  /** What the writer says is durable: `read` finds it in any case, but only up to here does it miss what is lost at the end. */
  advanceTo(head: number): void
}
