import type { Figure, Tally } from '../../core/kpi.ts'
import { meanInterval } from '../intervals.ts'
import { defineKpi } from './kpi.ts'

/** Mean health of the seven days after a visit less that of the seven before, points. */
export const visitEffect = defineKpi({
  id: 'visit-effect',
  unit: 'points',
  better: 'higher',
  figure: effectOf,
  cases: ['effectVisits'],
})

function effectOf({ sums }: Tally): Figure {
  const { effectVisits, effectTenths, effectTenthsSquared, visitsClaimed } = sums
  return {
    value: effectVisits === 0 ? null : effectTenths / 10 / effectVisits,
    numerator: effectTenths / 10,
    denominator: effectVisits,
    interval: meanInterval(effectVisits, effectTenths / 10, effectTenthsSquared / 100),
    coverage: visitsClaimed === 0 ? null : effectVisits / visitsClaimed,
  }
}
