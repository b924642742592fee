import { toldOf } from '../../../core/least-figures.ts'
import type { Definition, Figure, FigureValue, Group } from '../wire.ts'

/**
 * From whom most that is bad comes: so many visits that are not proven, so many faults, not the worst value, for one of one is the worst there
 * is. Of a figure that counts nothing, how far off the value of all it is, times what it was counted upon. Of those alike the worse value
 * first. Pure.
 */
export function largestContributions(
  groups: readonly Group[],
  all: Figure | undefined,
  definition: Definition,
  most: number,
): Group[] {
  if (all === undefined || all.value === null) return []
  const usual = all.value
  return groups
    .flatMap((group) => {
      const figure = group.kpis[definition.id]
      if (figure === undefined || figure.value === null) return []
      const off = offBy(figure, usual, definition)
      return [{ group, off, bad: badOf(figure, definition) ?? off * figure.denominator }]
    })
    .filter(({ bad }) => bad > 0)
    .sort((one, other) => other.bad - one.bad || other.off - one.off || (idOf(one.group) < idOf(other.group) ? -1 : 1))
    .slice(0, most)
    .map(({ group }) => group)
}

/** Of what is counted, how many are told to be bad; null = the figure counts nothing. */
function badOf(figure: FigureValue, { id, better, unit }: Definition): number | null {
  const { numerator } = figure
  if (unit === 'share') return better === 'higher' ? toldOf(id, figure) - numerator : numerator
  return unit === 'per-elevator-year' || unit === 'per-100-elevators-month' ? numerator : null
}

function offBy({ value }: FigureValue, usual: number, { better }: Definition): number {
  const off = (value ?? usual) - usual
  return better === 'lower' ? off : -off
}

const idOf = ({ id }: Group) => id ?? ''
