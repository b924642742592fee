import { dayMs, minuteMs } from '../../core/clock.ts'
import { exposureMinutes, type Figure, type Tally } from '../../core/kpi.ts'
import { defineKpi } from './kpi.ts'

const minutesOfDay = dayMs / minuteMs

/** Mean score of the days on which it was known, 0 to 100. */
export const meanHealth = defineKpi({
  id: 'mean-health',
  unit: 'points',
  better: 'higher',
  figure: healthOf,
  cases: ['healthDays'],
})

function healthOf(tally: Tally): Figure {
  const { healthPoints, healthDays } = tally.sums
  const days = exposureMinutes(tally) / minutesOfDay
  return {
    value: healthDays === 0 ? null : healthPoints / healthDays,
    numerator: healthPoints,
    denominator: healthDays,
    interval: null,
    coverage: days === 0 ? null : Math.min(1, healthDays / days),
  }
}
