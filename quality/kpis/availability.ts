import { exposureMinutes, type Figure, type Tally } from '../../core/kpi.ts'
import { dataCoverage, defineKpi, knownMinutes } from './kpi.ts'

/**
 * Of the time that was neither planned maintenance nor unknown, the share in service. No data is neither up nor down: the bounds are what
 * it would be if all that is unknown had been down, or up.
 *
 * Source  C. F. Manski, "Nonparametric Bounds on Treatment Effects", American Economic Review 80 (1990), 319–323
 */
export const availability = defineKpi({
  id: 'availability',
  unit: 'share',
  better: 'higher',
  figure: availabilityOf,
  cases: ['outOfServiceMinutes'],
})

function availabilityOf(tally: Tally): Figure {
  const { inServiceMinutes, outOfServiceMinutes, plannedMinutes } = tally.sums
  const known = inServiceMinutes + outOfServiceMinutes
  const unknown = Math.max(0, exposureMinutes(tally) - knownMinutes(tally))
  const all = known + unknown
  return {
    value: known === 0 ? null : inServiceMinutes / known,
    numerator: inServiceMinutes,
    denominator: known,
    interval: known === 0 ? null : { low: inServiceMinutes / all, high: (inServiceMinutes + unknown) / all },
    coverage: all + plannedMinutes === 0 ? null : dataCoverage(tally),
  }
}
