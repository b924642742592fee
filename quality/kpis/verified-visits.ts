import { shareInterval } from '../intervals.ts'
import { defineKpi, share } from './kpi.ts'

/**
 * Of the visits that were claimed, those that telemetry proves; coverage is the share of which it tells anything. One that it cannot judge is
 * neither proven nor not: the interval reaches from none of those to all of them, and where it can judge none there is no figure.
 *
 * Source  C. F. Manski, "Nonparametric Bounds on Treatment Effects", American Economic Review 80 (1990), 319–323
 */
export const verifiedVisits = defineKpi({
  id: 'verified-visits',
  unit: 'share',
  better: 'higher',
  figure: ({ sums }) => {
    const { visitsProven, visitsNotProven, visitsClaimed } = sums
    const told = visitsProven + visitsNotProven
    const figure = share(visitsProven, visitsClaimed, visitsClaimed === 0 ? null : told / visitsClaimed)
    if (told === 0) return { ...figure, value: null, interval: null }
    const most = shareInterval(visitsClaimed - visitsNotProven, visitsClaimed)
    return { ...figure, interval: { low: figure.interval?.low ?? 0, high: most?.high ?? 1 } }
  },
  cases: ['visitsNotProven', 'visitsClaimed'],
})
