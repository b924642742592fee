import { csvLine } from '../../core/csv.ts'
import type { MetricBucket } from '../shared/wire.ts'

/** Metric → its windows, rising. */
export type Windows = ReadonlyMap<string, readonly MetricBucket[]>

/** One line per window in which anything came; a cell that nobody measured is empty. Numbers are mean, lowest and highest of the window. */
export function csvOf(windows: Windows, starts: readonly number[]): string {
  const columns = [...windows].flatMap(([metric, buckets]) => columnsOf(metric, buckets))
  const head = csvLine(['time', ...columns.map(({ name }) => name)])
  const lines = starts.map((start) =>
    csvLine([new Date(start).toISOString(), ...columns.map(({ cell }) => cell(start))]),
  )
  return head + lines.join('')
}

function columnsOf(metric: string, buckets: readonly MetricBucket[]) {
  const byStart = new Map(buckets.map((bucket) => [Date.parse(bucket.at), bucket]))
  const column = (name: string, of: (bucket: MetricBucket) => MetricBucket['last'] | null) => ({
    name,
    cell(start: number) {
      const bucket = byStart.get(start)
      return bucket === undefined ? null : cellOf(of(bucket))
    },
  })
  if (buckets.every(({ mean }) => mean === null)) return [column(metric, ({ last }) => last)]
  return [
    column(metric, ({ mean }) => mean),
    column(`${metric} min`, ({ min }) => min),
    column(`${metric} max`, ({ max }) => max),
  ]
}

function cellOf(value: MetricBucket['last'] | null): MetricBucket['last'] | null {
  return typeof value === 'number' ? Number(value.toPrecision(7)) : value
}
