import type { Journal } from '../stores/journal/port.ts'

/**
 * Answers a function that saves where each named reader of the journal stands now. One that has not moved since costs nothing: each that
 * is saved costs two fsyncs. What could not be saved is tried again with the next call.
 */
export function createPositionKeeper(
  journal: Pick<Journal, 'savePosition'>,
  readers: Readonly<Record<string, () => number>>,
): () => Promise<void> {
  const saved = new Map<string, number>()
  return async () => {
    for (const [reader, positionNow] of Object.entries(readers)) {
      const position = positionNow()
      if (saved.get(reader) === position) continue
      await journal.savePosition(reader, position)
      saved.set(reader, position)
    }
  }
}
