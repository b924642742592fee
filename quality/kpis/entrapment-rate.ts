import { elevatorMonths } from '../../core/kpi.ts'
import { dataCoverage, defineKpi, rate } from './kpi.ts'

const perHundred = 100

/** Entrapments per 100 elevators and month, whatever the cause: what regulators publish. */
export const entrapmentRate = defineKpi({
  id: 'entrapment-rate',
  unit: 'per-100-elevators-month',
  better: 'lower',
  figure: (tally) => rate(tally.sums.entrapments, elevatorMonths(tally), dataCoverage(tally), perHundred),
  cases: ['entrapments'],
})

/** Those of the equipment: what counts against the maintainer. */
export const entrapmentRateEquipment = defineKpi({
  id: 'entrapment-rate-equipment',
  unit: 'per-100-elevators-month',
  better: 'lower',
  figure: (tally) => rate(tally.sums.entrapmentsEquipment, elevatorMonths(tally), dataCoverage(tally), perHundred),
  cases: ['entrapmentsEquipment'],
})
