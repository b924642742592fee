import type { Log } from '../../core/log.ts'
import { openLevelReader } from './leveldb-reader.ts'
import { openLevelWriter } from './leveldb-writer.ts'
import type { Journal } from './port.ts'

export interface LevelJournalWriter extends Journal {
  /** Why nothing is accepted at present; null when all is well. It becomes null by itself once the disk takes writes again. */
  readonly lastError: Error | null
}

export interface LevelJournalReader extends Journal {
  /** What the writer says is durable: `read` finds it in any case, but only up to here does it miss what is lost at the end. */
  advanceTo(head: number): void
}

interface Options {
  readonly directory: string
  readonly log: Log
}

/**
 * The journal in a directory of its own: `entries/` is a LevelDB, `journal.json` the identity, `positions/` one file per reader.
 *
 * One thread opens it as the writer, first. Other threads of the same process open it as readers, read LevelDB themselves and
 * close before the writer does. A reader whose thread is killed without `close` keeps the writer from recovering; restart then.
 *
 * @throws {StoreUnavailable} in one sentence: held by another process, damaged beyond opening, of another format, no writer
 */
export function openLevelJournal(options: Options & { role: 'writer' }): Promise<LevelJournalWriter>
export function openLevelJournal(options: Options & { role: 'reader' }): Promise<LevelJournalReader>
export function openLevelJournal(options: Options & { role: 'writer' | 'reader' }): Promise<Journal> {
  return options.role === 'writer' ? openLevelWriter(options) : openLevelReader(options)
}
