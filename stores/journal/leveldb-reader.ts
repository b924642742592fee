import { StoreUnavailable } from '../../core/errors.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import { readBatch } from './groups.ts'
import { createLevelAccess, openLevel } from './level.ts'
import { broken, readIdentity, readMarks, readPositions, savePosition } from './marks.ts'
import type { LevelJournalReader } from './roles.ts'
import { endless, joinWriter } from './thread-channel.ts'

const joinLimitMs = 5_000

export async function openLevelReader({ directory }: { directory: string }): Promise<LevelJournalReader> {
  const id = await readIdentity(directory)
  if (!id) throw broken(directory, 'there is no journal')

  const access = createLevelAccess(() => openLevel(directory))
  const inTurn = oneAtATime()
  let end = endless
  const membership = await joinWriter(directory, joinLimitMs, {
    release: access.release,
    resume(allowed) {
      end = allowed
      access.resume()
    },
  })
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

    append(_entries, onDurable) {
      const error = new StoreUnavailable('journal', 'this thread has it open for reading only')
      setImmediate(() => onDurable(error))
    },

    async read(from, maxBytes) {
      const known = head
      const readOn = (position: number) =>
        access.use((level) => readBatch(level, { from: position, head: known, end, maxBytes }))
      let batch = await readOn(from)
      if (batch.damaged[0]?.from === from) {
        // What has been trimmed is gone, not damaged.
        const { oldest } = await readMarks(directory)
        if (oldest > from) batch = await readOn(oldest)
      }
      head = Math.max(head, batch.next)
      return batch
    },

    positions: () => readPositions(directory),
    savePosition: (reader, position) => inTurn(() => savePosition(directory, reader, position)),

    trim() {
      return Promise.reject(new StoreUnavailable('journal', 'this thread has it open for reading only'))
    },

    async close() {
      await access.close()
      membership.leave()
    },
  }
}
