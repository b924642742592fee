import { orderValueOf } from '../../core/least-figures.ts'
import type { Definition, Figure, FigureValue, Group, Unit } from './wire.ts'

export type Standing = 'better' | 'worse' | 'alike' | 'unknown'

/**
 * Where a figure stands against all of the portfolio: only what is certain counts. Its whole interval must lie on one side of what the
 * portfolio has, and what was counted must be rarer than 2.5 % if it were as the portfolio, worked out exactly, for the interval of a share
 * of few promises too much. A share of which the portfolio does not know all may be anywhere in the portfolio's own interval.
 *
 * @param among so many: of a thousand that are all alike none should stand out, so each must be that much rarer (Bonferroni)
 */
export function standingOf(
  figure: FigureValue | undefined,
  all: FigureValue | undefined,
  { better, unit }: Pick<Definition, 'better' | 'unit'>,
  among = 1,
): Standing {
  const [value, usual] = [figure?.value ?? null, all?.value ?? null]
  if (figure === undefined || value === null || usual === null) return 'unknown'
  const { low, high } = figure.interval ?? { low: null, high: null }
  const isInPart = unit === 'share' && (all?.coverage ?? 1) < 1
  const { low: least, high: most } = (isInPart && all?.interval) || { low: usual, high: usual }
  const [isAbove, isBelow] = [low !== null && low > (most ?? usual), high !== null && high < (least ?? usual)]
  if (better === null || !(isAbove || isBelow)) return 'alike'
  if (chanceOf(figure, usual, unit, isAbove) >= tail / among) return 'alike'
  return isAbove === (better === 'higher') ? 'better' : 'worse'
}

/** How likely so much or more (`isAbove`), or so little or less, is where the true figure is `usual`; 0 for what is no count. */
function chanceOf({ numerator, denominator }: FigureValue, usual: number, unit: Unit, isAbove: boolean): number {
  // of many, intervals promise no more than they hold
  if (denominator <= 0 || numerator > exactUpTo || (unit === 'share' && denominator > exactUpTo)) return 0
  if (unit === 'share') {
    const upTo = (hits: number) => binomialUpTo(hits, denominator, usual)
    return isAbove ? 1 - upTo(numerator - 1) : upTo(numerator)
  }
  const per = eventsPer[unit]
  if (per === undefined) return 0
  const upTo = (events: number) => poissonUpTo(events, (usual * denominator) / per)
  return isAbove ? 1 - upTo(numerator - 1) : upTo(numerator)
}

const tail = 0.025
const eventsPer: Partial<Record<Unit, number>> = { 'per-elevator-year': 1, 'per-100-elevators-month': 100 }
const exactUpTo = 2_000

function binomialUpTo(hits: number, of: number, share: number): number {
  if (share <= 0) return hits < 0 ? 0 : 1
  if (share >= 1) return hits < of ? 0 : 1
  let logTerm = of * Math.log(1 - share)
  let sum = 0
  for (let n = 0; n <= hits; n++) {
    sum += Math.exp(logTerm)
    logTerm += Math.log((of - n) / (n + 1)) + Math.log(share / (1 - share))
  }
  return sum
}

function poissonUpTo(events: number, mean: number): number {
  if (mean <= 0) return events < 0 ? 0 : 1
  let logTerm = -mean
  let sum = 0
  for (let n = 0; n <= events; n++) {
    sum += Math.exp(logTerm)
    logTerm += Math.log(mean / (n + 1))
  }
  return sum
}

/** What of these figures is certainly worse than the portfolio. */
export function worseIn({ kpis }: Group, total: Group, definitions: readonly Definition[], among = 1): Definition[] {
  return definitions.filter((one) => standingOf(kpis[one.id], total.kpis[one.id], one, among) === 'worse')
}

/** How often a figure is as good as that of the portfolio: 1 = as good, 2 = half as good; 1 where that cannot be said. */
function timesAsBad(figure: Figure | undefined, all: Figure | undefined, { better, unit }: Definition): number {
  const [value, usual] = [figure?.value ?? null, all?.value ?? null]
  if (value === null || usual === null || better === null) return 1
  const [bad, usuallyBad] =
    better === 'lower' ? [value, usual] : unit === 'share' ? [1 - value, 1 - usual] : [usual, value]
  return usuallyBad > 0 ? bad / usuallyBad : 1
}

/** Who has most that is certainly worse first, and of those with as much whose worst is farthest from the portfolio. */
export function worstFirst(
  groups: readonly Group[],
  total: Group,
  definitions: readonly Definition[],
  among = 1,
): Group[] {
  const weigh = (group: Group) => {
    const worse = worseIn(group, total, definitions, among)
    const farthest = worse.map((one) => timesAsBad(group.kpis[one.id], total.kpis[one.id], one))
    return { group, count: worse.length, far: Math.max(0, ...farthest) }
  }
  return groups
    .map(weigh)
    .sort((one, other) => other.count - one.count || other.far - one.far || other.group.elevators - one.group.elevators)
    .map(({ group }) => group)
}

/** By one figure, the worst first; what is not known last. */
export function sortedBy(groups: readonly Group[], { id, better }: Definition, isReversed: boolean): Group[] {
  const sign = (better === 'lower' ? -1 : 1) * (isReversed ? -1 : 1)
  return groups.toSorted((one, other) => {
    const [a = null, b = null] = [one, other].map(({ kpis: { [id]: figure } }) => figure && orderValueOf(id, figure))
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    return sign * (a - b)
  })
}
