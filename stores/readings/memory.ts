import type { MetricValue, Values } from '../../core/reading.ts'
import { type LastValues, lastReading, takeReading } from './last-known.ts'
import type { MetricBucket, MetricCatalogue, RangeQuery, ReadingStore, StoredReading } from './port.ts'
import { mergedValues, sift } from './sift.ts'

const mostBuckets = 2_000

/** Readings in memory, for tests: the same promise, gone with the process. */
export function memoryReadings({ catalogue }: { catalogue: MetricCatalogue }): ReadingStore {
  const byDevice = new Map<string, Map<number, Values>>()
  const positions = new Map<string, number>()

  function inRange({ deviceId, kind, from, to }: RangeQuery): StoredReading[] {
    const stored = [...(byDevice.get(seriesOf(deviceId, kind)) ?? [])].map(([at, values]) => ({ at, values }))
    return stored.filter(({ at }) => at >= from && at < to).sort((a, b) => a.at - b.at)
  }

  return {
    async write(readings, { journalId, position }, keepRefused) {
      const { accepted, refused } = sift(readings, catalogue)
      if (refused.length > 0) await keepRefused?.(refused)
      for (const { deviceId, kind, at, values } of accepted) {
        const series = byDevice.get(seriesOf(deviceId, kind)) ?? new Map<number, Values>()
        series.set(at, mergedValues(series.get(at) ?? {}, values))
        byDevice.set(seriesOf(deviceId, kind), series)
      }
      positions.set(journalId, position)
      return { refused }
    },

    async position(journalId) {
      return positions.get(journalId) ?? 0
    },

    async between({ metric, metrics, limit, ...range }) {
      const having = inRange(range).filter(({ values }) => metric === undefined || values[metric] !== undefined)
      if (metrics === undefined) return having.slice(0, limit)
      const cut = having.map(({ at, values }) => ({ at, values: only(values, metrics) }))
      return cut.filter(({ values }) => Object.keys(values).length > 0).slice(0, limit)
    },

    async last(deviceId, kind) {
      const last: LastValues = new Map()
      for (const [at, values] of byDevice.get(seriesOf(deviceId, kind)) ?? []) takeReading(last, { at, values })
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
