import type { Log } from '../../core/log.ts'
import { openLevelReader } from './leveldb-reader.ts'
import { openLevelWriter } from './leveldb-writer.ts'
import type { Journal } from './port.ts'
import type { LevelJournalReader, LevelJournalWriter } from './roles.ts'

export type { LevelJournalReader, LevelJournalWriter } from './roles.ts'

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
