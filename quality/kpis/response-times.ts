import type { Duration, Tally } from '../../core/kpi.ts'
import { defineKpi, percentile } from './kpi.ts'

const quantiles = { p50: 0.5, p90: 0.9, p99: 0.99 } as const
type Quantile = keyof typeof quantiles

/** From detection until somebody accepted, was on site, had it working again. */
export const responseTimes = [
  ...[times('respond', 'p50'), times('respond', 'p90'), times('respond', 'p99')],
  ...[times('arrive', 'p50'), times('arrive', 'p90'), times('arrive', 'p99')],
  ...[times('restore', 'p50'), times('restore', 'p90'), times('restore', 'p99')],
] as const

function times<const Of extends Exclude<Duration, 'overhaul'>, const At extends Quantile>(duration: Of, at: At) {
  return defineKpi<`${Of}-${At}`>({
    id: `${duration}-${at}`,
    unit: 'seconds',
    better: 'lower',
    figure: (tally) => percentile(tally, duration, quantiles[at], happened(tally, duration)),
    cases: [duration],
  })
}

/** Of the orders that somebody should have gone for. */
function happened({ sums, durations }: Tally, duration: Duration): number | null {
  const times = [...durations[duration].values()].reduce((sum, each) => sum + each, 0)
  const due = Math.max(times, sums.arrivalsDue)
  return due === 0 ? null : times / due
}
