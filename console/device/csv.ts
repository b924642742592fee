import { isFormula } from '../../core/formula.ts'
import type { MetricBucket } from '../shared/wire.ts'

/** Metric → its windows, rising. */
export type Windows = ReadonlyMap<string, readonly MetricBucket[]>

/** One line per window in which anything came; a cell that nobody measured is empty. Numbers are mean, lowest and highest of the window. */
export function csvOf(windows: Windows, starts: readonly number[]): string {
  const columns = [...windows].flatMap(([metric, buckets]) => columnsOf(metric, buckets))
  const head = ['time', ...columns.map(({ name }) => name)].join(',')
  const lines = starts.map((start) =>
    [new Date(start).toISOString(), ...columns.map(({ cell }) => cell(start))].join(','),
  )
  return `${[head, ...lines].join('\r\n')}\r\n`
}

function columnsOf(metric: string, buckets: readonly MetricBucket[]) {
  const byStart = new Map(buckets.map((bucket) => [Date.parse(bucket.at), bucket]))
  const column = (name: string, of: (bucket: MetricBucket) => unknown) => ({
    name,
    cell(start: number) {
      const bucket = byStart.get(start)
      return bucket === undefined ? '' : cellOf(of(bucket))
    },
  })
  if (buckets.every(({ mean }) => mean === null)) return [column(metric, ({ last }) => last)]
  return [
    column(metric, ({ mean }) => mean),
    column(`${metric} min`, ({ min }) => min),
    column(`${metric} max`, ({ max }) => max),
  ]
}

/** A device may say any text as its fault code: one that a spreadsheet would calculate gets an apostrophe in front. */
function cellOf(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(7)))
  if (typeof value !== 'string') return value === null || value === undefined ? '' : String(value)
  const safe = isFormula(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
