import { defineKpi, share } from './kpi.ts'

export const closureRate = defineKpi({
  id: 'closure-rate',
  unit: 'share',
  better: 'higher',
  figure: ({ sums }) => share(sums.ordersClosed, sums.ordersRaised),
  cases: ['ordersRaised'],
})
