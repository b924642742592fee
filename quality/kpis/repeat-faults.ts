import { defineKpi, share } from './kpi.ts'

/** Of the equipment's faults, those that came within 30 days after the same was repaired on the same elevator. */
export const repeatFaults = defineKpi({
  id: 'repeat-faults',
  unit: 'share',
  better: 'lower',
  figure: ({ sums }) => share(sums.repeatFaults, sums.faultOccurrences),
  cases: ['repeatFaults'],
})
