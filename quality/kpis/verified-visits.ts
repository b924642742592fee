import { defineKpi, provenShare } from './kpi.ts'

/** Of the visits that were claimed, those that telemetry proves. */
export const verifiedVisits = defineKpi({
  id: 'verified-visits',
  unit: 'share',
  better: 'higher',
  figure: ({ sums: { visitsProven, visitsNotProven, visitsClaimed } }) =>
    provenShare(visitsProven, visitsClaimed - visitsProven - visitsNotProven, visitsClaimed),
  cases: ['visitsNotProven', 'visitsClaimed'],
})
