import type { Journal } from './port.ts'

export interface LevelJournalWriter extends Journal {
  /** Why nothing is accepted at present; null when all is well. It becomes null by itself once the disk takes writes again. */
  readonly lastError: Error | null
}

export interface LevelJournalReader extends Journal {
  /** What the writer says is durable: `read` finds it in any case, but only up to here does it miss what is lost at the end. */
  advanceTo(head: number): void
}
