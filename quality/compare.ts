import { elevatorYears, type Figure, type Tally } from '../core/kpi.ts'
import { orderValueOf } from '../core/least-figures.ts'
import { rateInterval } from './intervals.ts'

export interface Ranked {
  readonly id: string
  /** 1 = the best; null = nothing is known. Who cannot be told apart from the best shares rank 1, and so on. */
  readonly rank: number | null
}

/**
 * Each group's rank is one more than the number of groups that are certainly better: those whose whole interval lies beyond its own. So
 * groups whose intervals overlap are not ranked against each other; an open bound is certain of nothing.
 *
 * Source  H. Goldstein and D. J. Spiegelhalter, "League Tables and Their Limitations", Journal of the Royal Statistical Society A 159
 *         (1996), 385–443. Intervals of 95 % each: for two groups, stricter than a test at 5 %.
 */
export function sharedRanks(
  groups: readonly { readonly id: string; readonly figure: Figure }[],
  better: 'higher' | 'lower',
): Ranked[] {
  // turned round where less is better, so that the low bound is always the one that must lie beyond
  const spans = groups.map(({ figure }) => {
    if (figure.value === null) return null
    const { low = null, high = null } = figure.interval ?? {}
    return better === 'higher' ? { low, high } : { low: negative(high), high: negative(low) }
  })
  const lows = spans.flatMap((span) => span?.low ?? []).sort((a, b) => a - b)
  return groups.map(({ id }, index) => {
    const own = spans[index]
    if (own == null) return { id, rank: null }
    return { id, rank: 1 + (own.high === null ? 0 : countAbove(lows, own.high)) }
  })
}

/** By one figure; what is not known last, and groups alike in the order that they had. */
export function worstFirst<Group extends { readonly figures: { readonly [id: string]: Figure | undefined } }>(
  groups: readonly Group[],
  { id, better }: { readonly id: string; readonly better: 'higher' | 'lower' | null },
): Group[] {
  const sign = better === 'higher' ? 1 : -1
  const badness = ({ figures: { [id]: figure } }: Group) => {
    const value = figure === undefined ? null : orderValueOf(id, figure)
    return value === null ? Number.POSITIVE_INFINITY : value * sign
  }
  return groups.toSorted((a, b) => badness(a) - badness(b) || 0)
}

const negative = (bound: number | null) => (bound === null ? null : -bound)

/** @param sorted the smallest first */
function countAbove(sorted: readonly number[], bound: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) > bound) high = middle
    else low = middle + 1
  }
  return sorted.length - low
}

/** What was seen, and what a portfolio of the same mix would have seen. */
export interface Standardised {
  readonly observed: number
  readonly expected: number
  /** Observed by expected: 1 = as its like; null = nothing to expect. */
  readonly ratio: Figure['value']
  readonly interval: Figure['interval']
}

/**
 * Faults against those expected if every elevator had failed as often as all elevators of its age, floors and use in the reference:
 * indirect standardisation. The reference holds the group itself, so that a group that is most of it is compared with itself.
 *
 * Source  N. E. Breslow and N. E. Day, "Statistical Methods in Cancer Research" II (1987), 65–72
 * @param group, reference by stratum
 */
export function standardised(
  group: ReadonlyMap<string, Tally>,
  reference: ReadonlyMap<string, Tally>,
  eventsOf: (tally: Tally) => number = ({ sums }) => sums.faultsEquipment,
): Standardised {
  let [observed, expected] = [0, 0]
  for (const [stratum, tally] of group) {
    const like = reference.get(stratum)
    const years = like === undefined ? 0 : elevatorYears(like)
    observed += eventsOf(tally)
    if (like !== undefined && years > 0) expected += (eventsOf(like) / years) * elevatorYears(tally)
  }
  const ratio = expected > 0 ? observed / expected : null
  return { observed, expected, ratio, interval: rateInterval(observed, expected) }
}

const years = [5, 10, 15]
const floors = [7, 18]

/** Elevators of one stratum are alike in age, floors and use; what is not known of one is a value of its own. */
export function stratumOf(known: { ageYears: number | null; stops: number | null; use: string | null }): string {
  const age = known.ageYears === null ? '?' : bandOf(known.ageYears, years)
  const height = known.stops === null ? '?' : bandOf(known.stops, floors)
  return `age ${age}, floors ${height}, ${known.use ?? '?'}`
}

/** "5-10", the upper end not in it. Unverified default bounds. */
function bandOf(value: number, bounds: readonly number[]): string {
  const next = bounds.findIndex((bound) => value < bound)
  if (next === 0) return `0-${bounds[0]}`
  return next === -1 ? `${bounds.at(-1)}+` : `${bounds[next - 1]}-${bounds[next]}`
}
