import type { Clock } from './core/clock.ts'
import type { Log } from './core/log.ts'
import { createPoll } from './core/poll.ts'
import type { Journal, JournalEntry } from './stores/journal/port.ts'
import type { Operations } from './stores/operations/port.ts'

const notesAtOnce = 500
const everyMs = 1_000

/**
 * Takes what happened in the database and detectors must know in its place among the readings (a rule was changed, work is done)
 * over into the journal. A note is removed when the journal has it on disk: after a crash it may be there twice, which changes nothing.
 */
export function createToJournal(options: {
  operations: Operations
  journal: Pick<Journal, 'append'>
  onAppended: () => void
  clock: Clock
  log: Log
}): { runOnce(): Promise<number>; start(): void; stop(): Promise<void> } {
  const { operations, journal, clock, log } = options

  async function runOnce(): Promise<number> {
    const notes = await operations.journalNotes(notesAtOnce)
    if (notes.length === 0) return 0
    await Promise.all(notes.map(({ note }) => append({ ...note, receivedAt: clock() })))
    await operations.deleteJournalNotes(notes.map(({ id }) => id))
    options.onAppended()
    return notes.length
  }

  function append(entry: JournalEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      journal.append([entry], (error) => (error === null ? resolve() : reject(error)))
    })
  }

  const poll = createPoll({
    work: runOnce,
    everyMs,
    onFailure: (reason) => log.warn({ reason }, 'changed rules and done work wait for the database or the journal'),
  })
  return { runOnce, start: poll.start, stop: poll.stop }
}
