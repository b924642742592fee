import type { QuarantineItem } from '../core/quarantine.ts'
import type { Reading } from '../core/reading.ts'
import type { ReadingStore } from '../stores/readings/port.ts'
import type { DecodedBatch } from './batch.ts'
import type { Consumer } from './follow.ts'

/** Writes accepted readings into the history, at the history's own pace: it may be down while everything else goes on. */
export async function createHistory(options: {
  readings: ReadingStore
  journalId: string
  /** Where it may read on when the store cannot be asked now: its last known position. */
  rememberedPosition: number
  /** Readings that the store can never take. */
  onRefused: (items: readonly QuarantineItem[]) => Promise<void>
}): Promise<Consumer<DecodedBatch> & { readonly written: number }> {
  const { readings, journalId, onRefused } = options
  let position = await readings.position(journalId).catch(() => options.rememberedPosition)
  let written = 0

  return {
    name: 'history',
    get position() {
      return position
    },
    get written() {
      return written
    },
    async take({ items, next }) {
      const batch: Reading[] = []
      for (const item of items) if (item.type === 'message') batch.push(...item.readings)
      const { refused } = await readings.write(batch, { journalId, position: next })
      if (refused.length > 0) {
        const refusedReadings = new Map(refused.map(({ reading, reason }) => [reading, reason]))
        await onRefused(items.flatMap((item) => refusedItem(item, refusedReadings)))
      }
      written += batch.length - refused.length
      position = next
    },
  }
}

function refusedItem(item: DecodedBatch['items'][number], refused: ReadonlyMap<unknown, string>): QuarantineItem[] {
  if (item.type !== 'message') return []
  const readings = item.readings.filter((reading) => refused.has(reading))
  const [first] = readings
  if (first === undefined) return []
  const text = `the history store will not take it: ${refused.get(first)}`
  return [
    {
      position: item.position,
      receivedAt: item.receivedAt,
      gatewayId: item.device.gatewayId,
      deviceId: item.device.id,
      reason: 'store-refused',
      faults: [{ path: '$', reason: 'store-refused', text }],
      raw: Buffer.from(JSON.stringify(readings.map(({ at, values }) => ({ at, values })))),
    },
  ]
}
