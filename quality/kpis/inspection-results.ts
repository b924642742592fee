import type { Figure, Tally } from '../../core/kpi.ts'
import { verdictsOf } from '../counts/care.ts'
import { meanInterval } from '../intervals.ts'
import { defineKpi, share } from './kpi.ts'

type Scores = readonly [inspections: number, tenths: number, tenthsSquared: number]

/**
 * Mean scores of inspections, 0 to 100, by kind: all elevators are seen quarterly, a sample is drawn at random, and unannounced ones go
 * where the risk is. Their mean together tells how an elevator or an estate is, but not which company is better: each has another mix.
 */
export const inspectionScores = [
  defineKpi({
    id: 'inspection-score',
    unit: 'points',
    better: null,
    figure: (tally) => {
      const [quarterly, monthly, unannounced] = [quarterlyOf(tally), monthlyOf(tally), unannouncedOf(tally)]
      const together = (index: 0 | 1 | 2) => quarterly[index] + monthly[index] + unannounced[index]
      return mean([together(0), together(1), together(2)])
    },
    cases: ['inspectionsQuarterly', 'inspectionsMonthly', 'inspectionsUnannounced'],
  }),
  defineKpi({
    id: 'inspection-score-quarterly',
    unit: 'points',
    better: 'higher',
    figure: (tally) => mean(quarterlyOf(tally)),
    cases: ['inspectionsQuarterly'],
  }),
  defineKpi({
    id: 'inspection-score-monthly',
    unit: 'points',
    better: 'higher',
    figure: (tally) => mean(monthlyOf(tally)),
    cases: ['inspectionsMonthly'],
  }),
  defineKpi({
    id: 'inspection-score-unannounced',
    unit: 'points',
    better: 'higher',
    figure: (tally) => mean(unannouncedOf(tally)),
    cases: ['inspectionsUnannounced'],
  }),
] as const

/** Passed at once: what regulators publish of maintainers. Also of those that have a verdict alone; by kind as scores are. */
export const inspectionsPassed = [
  defineKpi({
    id: 'inspections-passed',
    unit: 'share',
    better: null,
    figure: ({ sums }) => {
      const together = (index: 0 | 1) => Object.values(verdictsOf).reduce((sum, of) => sum + sums[of[index]], 0)
      return share(together(1), together(0))
    },
    cases: Object.values(verdictsOf).map(([judged]) => judged),
  }),
  ...[passed('quarterly'), passed('monthly'), passed('unannounced')],
] as const

function passed<const Kind extends keyof typeof verdictsOf>(kind: Kind) {
  const [judged, atOnce] = verdictsOf[kind]
  return defineKpi<`inspections-passed-${Kind}`>({
    id: `inspections-passed-${kind}`,
    unit: 'share',
    better: 'higher',
    figure: ({ sums }) => share(sums[atOnce], sums[judged]),
    cases: [judged],
  })
}

const quarterlyOf = ({ sums }: Tally): Scores => [
  sums.inspectionsQuarterly,
  sums.inspectionTenthsQuarterly,
  sums.inspectionTenthsSquaredQuarterly,
]

const monthlyOf = ({ sums }: Tally): Scores => [
  sums.inspectionsMonthly,
  sums.inspectionTenthsMonthly,
  sums.inspectionTenthsSquaredMonthly,
]

const unannouncedOf = ({ sums }: Tally): Scores => [
  sums.inspectionsUnannounced,
  sums.inspectionTenthsUnannounced,
  sums.inspectionTenthsSquaredUnannounced,
]

function mean([inspections, tenths, tenthsSquared]: Scores): Figure {
  const points = tenths / 10
  return {
    value: inspections === 0 ? null : points / inspections,
    numerator: points,
    denominator: inspections,
    interval: meanInterval(inspections, points, tenthsSquared / 100, [0, 100]),
    coverage: null,
  }
}
