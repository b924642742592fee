import type { Definition, Figure, FigureValue, Group } from './wire.ts'

export type Standing = 'better' | 'worse' | 'alike' | 'unknown'

/**
 * Where a figure stands against all of the portfolio: only what is certain counts, so that its whole interval must lie on one side
 * of what the portfolio has.
 */
export function standingOf(
  figure: FigureValue | undefined,
  all: FigureValue | undefined,
  better: Definition['better'],
): Standing {
  const [value, usual] = [figure?.value ?? null, all?.value ?? null]
  if (figure === undefined || value === null || usual === null) return 'unknown'
  const { low, high } = figure.interval ?? { low: null, high: null }
  const [isAbove, isBelow] = [low !== null && low > usual, high !== null && high < usual]
  if (better === null || !(isAbove || isBelow)) return 'alike'
  return isAbove === (better === 'higher') ? 'better' : 'worse'
}

/** What of these figures is certainly worse than the portfolio. */
export function worseIn({ kpis }: Group, total: Group, definitions: readonly Definition[]): Definition[] {
  return definitions.filter(({ id, better }) => standingOf(kpis[id], total.kpis[id], better) === 'worse')
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
export function worstFirst(groups: readonly Group[], total: Group, definitions: readonly Definition[]): Group[] {
  const weigh = (group: Group) => {
    const worse = worseIn(group, total, definitions)
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
    const [a, b] = [one.kpis[id]?.value ?? null, other.kpis[id]?.value ?? null]
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    return sign * (a - b)
  })
}
