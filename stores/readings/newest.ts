import type { Reading } from '../../core/reading.ts'
import { mergedValues } from './sift.ts'

export interface Parted {
  /** Newer than everything known of their device, and only one for each time: can be appended unseen. */
  readonly fresh: Reading[]
  /** As old as something stored or older: may meet a reading of the same time, to be looked up. */
  readonly late: Reading[]
  /** Device → its newest time once all of them are stored; to be kept after the commit. */
  readonly newest: Map<string, number>
}

/**
 * Parts a batch by each device's newest stored time, which `known` holds for every device of the batch (`-Infinity` when
 * nothing of it is stored). Messages for one time within the batch become one reading.
 */
export function partByNewest(readings: readonly Reading[], known: ReadonlyMap<string, number>): Parted {
  const fresh: Reading[] = []
  const late: Reading[] = []
  const newest = new Map<string, number>()
  const indexOfNewest = new Map<string, number>()

  for (const reading of readings) {
    const { deviceId, at } = reading
    const mark = newest.get(deviceId) ?? known.get(deviceId) ?? Number.POSITIVE_INFINITY
    if (at > mark) {
      newest.set(deviceId, at)
      indexOfNewest.set(deviceId, fresh.push(reading) - 1)
      continue
    }
    const index = indexOfNewest.get(deviceId)
    const pending = index === undefined ? undefined : fresh[index]
    if (index !== undefined && pending?.at === at && pending.kind === reading.kind) {
      fresh[index] = { ...pending, values: mergedValues(pending.values, reading.values) }
    } else {
      late.push(reading)
    }
  }
  return { fresh, late, newest }
}
