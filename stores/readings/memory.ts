import type { MetricValue, Values } from '../../core/reading.ts'
import { type LastValues, lastReading, takeReading } from './last-known.ts'
import type { MetricBucket, MetricCatalogue, RangeQuery, ReadingStore } from './port.ts'
import { mergedValues, sift } from './sift.ts'

const mostBuckets = 2_000

/** Readings in memory, for tests: the same promise, gone with the process. */
export function memoryReadings({ catalogue }: { catalogue: MetricCatalogue }): ReadingStore {
  const byDevice = new Map<string, Map<number, Kept>>()
  const newest = new Map<string, number>()
  const positions = new Map<string, number>()

  function inRange({ deviceId, kind, from, to }: RangeQuery): (Kept & { at: number })[] {
    const stored = [...(byDevice.get(seriesOf(deviceId, kind)) ?? [])].map(([at, kept]) => ({ at, ...kept }))
    return stored.filter(({ at }) => at >= from && at < to).sort((a, b) => a.at - b.at)
  }

  return {
    async write(readings, { journalId, position }, keepRefused) {
      const { accepted, refused } = sift(readings, catalogue)
      if (refused.length > 0) await keepRefused?.(refused)
      for (const { deviceId, kind, at, receivedAt, values } of accepted) {
        const series = byDevice.get(seriesOf(deviceId, kind)) ?? new Map<number, Kept>()
        const first = series.get(at)
        const late = at < (newest.get(deviceId) ?? at)
        series.set(at, first ? { ...first, values: mergedValues(first.values, values) } : { values, receivedAt, late })
        newest.set(deviceId, Math.max(at, newest.get(deviceId) ?? at))
        byDevice.set(seriesOf(deviceId, kind), series)
      }
      positions.set(journalId, position)
      return { refused }
    },

    async position(journalId) {
      return positions.get(journalId) ?? 0
    },

    async between({ metric, metrics, arrival = false, limit, ...range }) {
      const having = inRange(range).filter(({ values }) => metric === undefined || values[metric] !== undefined)
      const asked = having.map(({ values, at, ...kept }) => ({
        ...{ at, values: metrics === undefined ? values : only(values, metrics) },
        ...(arrival && kept),
      }))
      return asked.filter(({ values }) => Object.keys(values).length > 0).slice(0, limit)
    },

    async last(deviceId, kind) {
      const last: LastValues = new Map()
      for (const [at, { values }] of byDevice.get(seriesOf(deviceId, kind)) ?? []) takeReading(last, { at, values })
      return lastReading(last)
    },

    async downsampled({ metric, stepSeconds, ...range }) {
      const stepMs = stepSeconds * 1_000
      const windows = new Map<number, MetricValue[]>()
      for (const { at, values } of inRange(range)) {
        const value = values[metric]
        if (value === undefined) continue
        const start = Math.floor(at / stepMs) * stepMs
        windows.set(start, [...(windows.get(start) ?? []), value])
      }
      return [...windows].slice(0, mostBuckets).map(([at, values]) => bucketOf(at, values))
    },

    engineBytes: async () => null,

    async close() {},
  }
}

/** What is kept of one time. */
interface Kept {
  readonly values: Values
  readonly receivedAt: number
  readonly late: boolean
}

function seriesOf(deviceId: string, kind: string): string {
  return `${kind} ${deviceId}`
}

function bucketOf(at: number, values: readonly MetricValue[]): MetricBucket {
  const last = values.at(-1) as MetricValue
  const numbers = values.filter((value) => typeof value === 'number')
  if (numbers.length === 0) return { at, mean: null, min: null, max: null, last, count: values.length }
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  return { at, mean, min: Math.min(...numbers), max: Math.max(...numbers), last, count: values.length }
}

function only(values: Values, metrics: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => metrics.includes(name)))
}
