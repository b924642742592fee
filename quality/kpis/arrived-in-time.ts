import { defineKpi, share } from './kpi.ts'

/** On site within 30 minutes. An order whose time is over without anybody there counts as late. */
export const arrivedInTime = defineKpi({
  id: 'arrived-in-30-minutes',
  unit: 'share',
  better: 'higher',
  figure: ({ sums }) => share(sums.arrivalsOnTime, sums.arrivalsDue),
  cases: ['arrivalsDue'],
})
