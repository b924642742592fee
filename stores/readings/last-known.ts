import type { MetricValue, Reading } from '../../core/reading.ts'
import type { StoredReading } from './port.ts'

export interface DatedValue {
  readonly at: number
  readonly value: MetricValue
}

/** Metric → its newest value. */
export type LastValues = Map<string, DatedValue>

/** Takes what a stored reading says into what is last known; for one time the first value stays. */
export function takeReading(last: LastValues, { at, values }: Pick<Reading, 'at' | 'values'>): void {
  for (const metric in values) {
    const value = values[metric]
    const known = last.get(metric)
    if (value !== undefined && (known === undefined || at > known.at)) last.set(metric, { at, value })
  }
}

export function lastReading(last: LastValues): StoredReading | undefined {
  if (last.size === 0) return undefined
  const entries = [...last]
  return {
    at: Math.max(...entries.map(([, dated]) => dated.at)),
    values: Object.fromEntries(entries.map(([metric, dated]) => [metric, dated.value])),
  }
}
