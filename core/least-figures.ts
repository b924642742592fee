import type { Figure } from './kpi.ts'

/** Figures whose value is the least that may be true: what nobody can tell stands in the denominator alone. */
const leastFigures: ReadonlySet<string> = new Set(['maintenance-on-time', 'verified-visits'])

/** Of what was counted, so much can be told to be good or not. */
export function toldOf(id: string, { denominator, coverage }: Pick<Figure, 'denominator' | 'coverage'>): number {
  return leastFigures.has(id) ? Math.round(denominator * (coverage ?? 1)) : denominator
}

/**
 * By what groups are put in order: the value, but where that is the least that may be true, the most, so that nobody stands worse for a
 * sensor that is silent. Null = not known.
 */
export function orderValueOf(id: string, { value, coverage }: Pick<Figure, 'value' | 'coverage'>): number | null {
  return value === null || !leastFigures.has(id) ? value : value + 1 - (coverage ?? 1)
}
