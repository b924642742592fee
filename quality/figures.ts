import type { Figure, Tally } from '../core/kpi.ts'
import { type KpiId, kpis } from './kpis/index.ts'

/** Every figure of one group, from its sums alone. */
export function figuresOf(tally: Tally): Record<KpiId, Figure> {
  return Object.fromEntries(kpis.map(({ id, figure }) => [id, figure(tally)])) as Record<KpiId, Figure>
}
