import {
  type Countable,
  type Duration,
  exposureMinutes,
  type Figure,
  type Interval,
  type Tally,
} from '../../core/kpi.ts'
import { quantileRanks, rateInterval, shareInterval } from '../intervals.ts'

export const kpiUnits = ['per-elevator-year', 'per-100-elevators-month', 'share', 'seconds', 'days', 'points'] as const
export type KpiUnit = (typeof kpiUnits)[number]

/** One figure of the insurer's review, defined once: page, report, export and drill-down all ask it. */
export interface Kpi<Id extends string = string> {
  readonly id: Id
  readonly unit: KpiUnit
  /** Null = neither is good or bad by itself. */
  readonly better: 'higher' | 'lower' | null
  readonly figure: (tally: Tally) => Figure
  /** The records behind it: those that count against it or for it first, then those that it is compared with. */
  readonly cases: readonly Countable[]
}

export function defineKpi<const Id extends string>(kpi: Kpi<Id>): Kpi<Id> {
  return kpi
}

/** Wilson's interval. */
export function share(numerator: number, denominator: number, coverage: number | null = null): Figure {
  const value = denominator === 0 ? null : numerator / denominator
  return { value, numerator, denominator, interval: shareInterval(numerator, denominator), coverage }
}

/**
 * Of all, those that are proven; coverage is the share of which anything can be told. What cannot be told is neither: the interval reaches
 * from none of it to all of it, and where nothing can be told there is no figure.
 *
 * Source  C. F. Manski, "Nonparametric Bounds on Treatment Effects", American Economic Review 80 (1990), 319–323
 */
export function provenShare(proven: number, untold: number, all: number): Figure {
  const figure = share(proven, all, all === 0 ? null : (all - untold) / all)
  if (untold === all) return { ...figure, value: null, interval: null }
  const most = shareInterval(proven + untold, all)
  return { ...figure, interval: { low: figure.interval?.low ?? 0, high: most?.high ?? 1 } }
}

/** Events per `per` units of exposure, with Garwood's interval. */
export function rate(numerator: number, denominator: number, coverage: number | null, per = 1): Figure {
  const value = denominator > 0 ? (numerator / denominator) * per : null
  const of = rateInterval(numerator, denominator)
  const interval = of === null ? null : { low: (of.low ?? 0) * per, high: of.high === null ? null : of.high * per }
  return { value, numerator, denominator, interval, coverage }
}

/** A sum by a count, of which no spread is kept. */
export function ratio(numerator: number, denominator: number, coverage: number | null = null): Figure {
  return {
    value: denominator === 0 ? null : numerator / denominator,
    numerator,
    denominator,
    interval: null,
    coverage,
  }
}

/**
 * The smallest of the values that at least this share of them does not exceed (nearest rank), s; the interval has the values at Conover's
 * ranks.
 */
export function percentile(tally: Tally, duration: Duration, quantile: number, coverage: number | null): Figure {
  const sorted = [...tally.durations[duration]].sort(([a], [b]) => a - b)
  const of = sorted.reduce((sum, [, times]) => sum + times, 0)
  const rank = Math.ceil(quantile * of)
  const ranks = quantileRanks(quantile, of)
  const interval: Interval | null =
    ranks === null ? null : { low: valueAt(sorted, ranks.low), high: valueAt(sorted, ranks.high) }
  return { value: valueAt(sorted, rank), numerator: rank, denominator: of, interval, coverage }
}

function valueAt(sorted: readonly (readonly [number, number])[], rank: number | null): number | null {
  if (rank === null) return null
  let passed = 0
  for (const [value, times] of sorted) {
    passed += times
    if (passed >= rank) return value
  }
  return null
}

/** For how much of the time under contract it is known whether the elevator could be used. */
export function dataCoverage(tally: Tally): number | null {
  const known = knownMinutes(tally)
  const all = exposureMinutes(tally)
  return all === 0 ? null : Math.min(1, known / all)
}

export function knownMinutes({ sums }: Tally): number {
  return sums.inServiceMinutes + sums.outOfServiceMinutes + sums.plannedMinutes
}
