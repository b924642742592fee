import { defineKpi, share } from './kpi.ts'

/** Of the visits that were claimed, those that telemetry proves; coverage is the share of which it tells anything. */
export const verifiedVisits = defineKpi({
  id: 'verified-visits',
  unit: 'share',
  better: 'higher',
  figure: ({ sums }) => {
    const { visitsProven, visitsNotProven, visitsClaimed } = sums
    const told = visitsClaimed === 0 ? null : (visitsProven + visitsNotProven) / visitsClaimed
    return share(visitsProven, visitsClaimed, told)
  },
  cases: ['visitsNotProven', 'visitsClaimed'],
})
