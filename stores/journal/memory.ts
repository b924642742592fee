import { randomUUID } from 'node:crypto'
import type { Journal, JournalEntry, PositionedEntry } from './port.ts'

/** Keeps the promise for as long as the process lives; "durable" is the next turn of the event loop. */
export function memoryJournal(): Journal {
  const entries: PositionedEntry[] = []
  const positions = new Map<string, number>()
  let waiting: PositionedEntry[] = []
  let callbacks: ((error: Error | null) => void)[] = []
  let oldest = 0
  let head = 0
  let pendingBytes = 0

  function makeDurable(): void {
    const whoWait = callbacks
    entries.push(...waiting)
    head += waiting.length
    waiting = []
    callbacks = []
    pendingBytes = 0
    for (const onDurable of whoWait) onDurable(null)
  }

  return {
    id: randomUUID(),
    get head() {
      return head
    },
    get pendingBytes() {
      return pendingBytes
    },

    append(added, onDurable) {
      if (callbacks.length === 0) setImmediate(makeDurable)
      callbacks.push(onDurable)
      for (const entry of added) {
        const copy = 'payload' in entry ? { ...entry, payload: Uint8Array.from(entry.payload) } : entry
        waiting.push({ ...copy, position: head + waiting.length })
        pendingBytes += bytesOf(entry)
      }
    },

    async read(from, maxBytes) {
      const start = Math.max(from, oldest)
      const batch: PositionedEntry[] = []
      let bytes = 0
      for (const entry of entries.slice(start - oldest)) {
        if (bytes > maxBytes) break
        batch.push(entry)
        bytes += bytesOf(entry)
      }
      return { entries: batch, damaged: [], next: batch.length === 0 ? from : start + batch.length }
    },

    async positions() {
      return new Map(positions)
    },
    async savePosition(reader, position) {
      positions.set(reader, position)
    },

    async trim({ receivedBefore, maxBytes }) {
      const slowest = positions.size === 0 ? oldest : Math.min(...positions.values())
      let bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0)
      let dropped = 0
      for (const entry of entries) {
        if (entry.position >= slowest || (entry.receivedAt >= receivedBefore && bytes <= maxBytes)) break
        bytes -= bytesOf(entry)
        dropped += 1
      }
      entries.splice(0, dropped)
      oldest += dropped
      return oldest
    },

    async close() {
      if (callbacks.length > 0) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

function bytesOf(entry: JournalEntry): number {
  if (entry.type === 'raw') return 24 + entry.gatewayId.length + entry.topic.length + entry.payload.length
  if (entry.type !== 'message') return 9
  return 15 + entry.gatewayId.length + entry.deviceId.length + entry.payload.length
}
