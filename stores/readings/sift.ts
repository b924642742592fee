import { identityOf, type Reading, type Values } from '../../core/reading.ts'
import type { MetricCatalogue, WriteReport } from './port.ts'

export interface Sifted {
  readonly accepted: readonly Reading[]
  readonly refused: WriteReport['refused']
}

/**
 * Parts readings that fit the catalogue from those that no adapter can store. Ingest lets none of the second sort through;
 * should one come, it is answered with a reason instead of holding up its whole batch for ever.
 */
export function sift(readings: readonly Reading[], catalogue: MetricCatalogue): Sifted {
  const refused = new Map<Reading, string>()
  for (const reading of readings) {
    const reason = misfit(reading, catalogue)
    if (reason !== undefined) refused.set(reading, reason)
  }
  if (refused.size === 0) return { accepted: readings, refused: [] }
  return {
    accepted: readings.filter((reading) => !refused.has(reading)),
    refused: [...refused].map(([reading, reason]) => ({ reading, reason })),
  }
}

function misfit({ kind, at, values }: Reading, catalogue: MetricCatalogue): string | undefined {
  const metrics = Object.hasOwn(catalogue, kind) ? catalogue[kind] : undefined
  if (!metrics) return `no kind is called ${kind}`
  if (!Number.isSafeInteger(at)) return `${at} is not a time in whole milliseconds`

  let count = 0
  for (const metric in values) {
    const value = values[metric]
    if (typeof value !== metrics[metric]) {
      return Object.hasOwn(metrics, metric)
        ? `${metric} is not a ${metrics[metric]}`
        : `${kind} has no metric ${metric}`
    }
    if (typeof value === 'number' && !Number.isFinite(value)) return `${metric} is not a finite number`
    count += 1
  }
  return count === 0 ? 'it has no metric' : undefined
}

/** Two messages for one time: the first value of each metric stays, the later one adds what was missing. */
export function mergedValues(first: Values, later: Values): Values {
  return { ...later, ...first }
}

/** One reading per (device, time), in order of first appearance. */
export function mergeRepeats(readings: readonly Reading[]): Reading[] {
  const byIdentity = new Map<string, Reading>()
  for (const reading of readings) {
    const identity = identityOf(reading)
    const first = byIdentity.get(identity)
    byIdentity.set(identity, first ? { ...first, values: mergedValues(first.values, reading.values) } : reading)
  }
  return [...byIdentity.values()]
}
