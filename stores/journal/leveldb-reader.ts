import { StoreUnavailable } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { readBatch } from './groups.ts'
import { createLevelAccess, openLevel } from './level.ts'
import { broken, readIdentity, readMarks, readPositions, savePosition } from './marks.ts'
import type { LevelJournalReader } from './roles.ts'
import { joinWriter } from './thread-channel.ts'

const joinLimitMs = 5_000

export async function openLevelReader({
  directory,
  log,
}: {
  directory: string
  log: Log
}): Promise<LevelJournalReader> {
  const id = await readIdentity(directory)
  if (!id) throw broken(directory, 'there is no journal')

  const access = createLevelAccess(() => openLevel(directory))
  const membership = await joinWriter(directory, joinLimitMs, access)
  let head = membership.head

  return {
    id,
    pendingBytes: 0,
    get head() {
      return head
    },

    advanceTo(durable) {
      head = Math.max(head, durable)
    },

    append(_entry, onDurable) {
      const error = new StoreUnavailable('journal', 'this thread has it open for reading only')
      setImmediate(() => onDurable(error))
    },

    async read(from, maxBytes) {
      const known = head
      let batch = await access.use((level) => readBatch(level, from, known, maxBytes))
      if (batch.damaged[0]?.from === from) {
        // What has been trimmed is gone, not damaged.
        const { oldest } = await readMarks(directory)
        if (oldest > from) batch = await access.use((level) => readBatch(level, oldest, known, maxBytes))
      }
      for (const range of batch.damaged) log.error({ ...range }, 'The journal is damaged: entries are skipped')
      head = Math.max(head, batch.next)
      return batch
    },

    positions: () => readPositions(directory),
    savePosition: (reader, position) => savePosition(directory, reader, position),

    trim() {
      return Promise.reject(new StoreUnavailable('journal', 'this thread has it open for reading only'))
    },

    async close() {
      await access.close()
      membership.leave()
    },
  }
}
