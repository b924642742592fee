import { meanInterval } from '../intervals.ts'
import { defineKpi, share } from './kpi.ts'

/** Mean score of inspections, 0 to 100. */
export const inspectionScore = defineKpi({
  id: 'inspection-score',
  unit: 'points',
  better: 'higher',
  figure: ({ sums }) => {
    const { inspections, inspectionTenths, inspectionTenthsSquared } = sums
    const points = inspectionTenths / 10
    return {
      value: inspections === 0 ? null : points / inspections,
      numerator: points,
      denominator: inspections,
      interval: meanInterval(inspections, points, inspectionTenthsSquared / 100, [0, 100]),
      coverage: null,
    }
  },
  cases: ['inspections'],
})

/** Passed at once: what regulators publish of maintainers. Also of those that have a verdict alone. */
export const inspectionsPassed = defineKpi({
  id: 'inspections-passed',
  unit: 'share',
  better: 'higher',
  figure: ({ sums }) => share(sums.inspectionsPassed, sums.inspectionsJudged),
  cases: ['inspectionsJudged'],
})
