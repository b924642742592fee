import { elevatorYears } from '../../core/kpi.ts'
import { dataCoverage, defineKpi, rate } from './kpi.ts'

/** Confirmed faults per elevator-year. Only those of the equipment count against the maintainer. */
export const failureRate = defineKpi({
  id: 'failure-rate',
  unit: 'per-elevator-year',
  better: 'lower',
  figure: (tally) => rate(tally.sums.faultsEquipment, elevatorYears(tally), dataCoverage(tally)),
  cases: ['faultsEquipment'],
})

export const failureRatePeople = defineKpi({
  id: 'failure-rate-people',
  unit: 'per-elevator-year',
  better: null,
  figure: (tally) => rate(tally.sums.faultsPeople, elevatorYears(tally), dataCoverage(tally)),
  cases: ['faultsPeople'],
})

export const failureRateExternal = defineKpi({
  id: 'failure-rate-external',
  unit: 'per-elevator-year',
  better: null,
  figure: (tally) => rate(tally.sums.faultsExternal, elevatorYears(tally), dataCoverage(tally)),
  cases: ['faultsExternal'],
})

/** Nobody wrote a cause down: charged to nobody, and seen by all. */
export const failureRateUnknown = defineKpi({
  id: 'failure-rate-unknown',
  unit: 'per-elevator-year',
  better: null,
  figure: (tally) => rate(tally.sums.faultsUnknown, elevatorYears(tally), dataCoverage(tally)),
  cases: ['faultsUnknown'],
})
