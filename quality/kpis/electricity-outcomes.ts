import type { Measure, Tally } from '../../core/kpi.ts'
import { defineKpi, share } from './kpi.ts'

const outcomes = {
  'self-corrected': 'electricitySelfCorrected',
  serviced: 'electricityServiced',
  repaired: 'electricityRepaired',
  enforcement: 'electricityEnforcement',
} as const satisfies Readonly<Record<string, Measure>>
type Outcome = keyof typeof outcomes

/** How what was found in rental rooms ended: the four shares are one in all. */
export const electricityOutcomes = [
  ...[outcome('self-corrected'), outcome('serviced'), outcome('repaired'), outcome('enforcement')],
] as const

function outcome<const Of extends Outcome>(of: Of) {
  return defineKpi<`electricity-${Of}`>({
    id: `electricity-${of}`,
    unit: 'share',
    better: null,
    figure: (tally) => share(tally.sums[outcomes[of]], endedOf(tally)),
    cases: [outcomes[of]],
  })
}

function endedOf({ sums }: Tally): number {
  return Object.values(outcomes).reduce((sum, measure) => sum + sums[measure], 0)
}
