import { ClassicLevel } from 'classic-level'
import { StoreUnavailable } from '../../core/errors.ts'
import type { SnapshotStore } from './port.ts'

const markKey = 'mark'
const entryPrefix = 'entry/'
const entryEnd = 'entry0' // '0' is the character after '/'

export async function openLevelSnapshots(directory: string): Promise<SnapshotStore> {
  const level = new ClassicLevel<string, string>(directory)
  try {
    await level.open()
  } catch (cause) {
    throw new StoreUnavailable('snapshots', cause instanceof Error ? (cause.cause ?? cause) : cause)
  }

  return {
    async load() {
      const mark = await level.get(markKey)
      if (mark === undefined) return undefined
      const entries = new Map<string, string>()
      for await (const [key, value] of level.iterator({ gte: entryPrefix, lt: entryEnd })) {
        entries.set(key.slice(entryPrefix.length), value)
      }
      return { ...(JSON.parse(mark) as { journalId: string; position: number }), entries }
    },

    async save({ journalId, position, entries }) {
      const batch = level.batch()
      for (const [key, value] of entries) {
        if (value === '') batch.del(entryPrefix + key)
        else batch.put(entryPrefix + key, value)
      }
      batch.put(markKey, JSON.stringify({ journalId, position }))
      // `sync`: a position that outlives a power cut without its entries would skip what they have to say
      await batch.write({ sync: true }).catch((cause: unknown) => {
        throw new StoreUnavailable('snapshots', cause)
      })
    },

    close: () => level.close(),
  }
}
