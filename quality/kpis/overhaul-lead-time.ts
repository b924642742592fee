import { defineKpi, percentile } from './kpi.ts'

/** From the proposal of a part or an overhaul until it is done. */
export const overhaulLeadTime = [
  defineKpi({
    id: 'overhaul-p50',
    unit: 'seconds',
    better: 'lower',
    figure: (tally) => percentile(tally, 'overhaul', 0.5, null),
    cases: ['overhaul'],
  }),
  defineKpi({
    id: 'overhaul-p90',
    unit: 'seconds',
    better: 'lower',
    figure: (tally) => percentile(tally, 'overhaul', 0.9, null),
    cases: ['overhaul'],
  }),
] as const
