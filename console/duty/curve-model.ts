import { quietSpans } from '../shared/components/chart-data.ts'
import type { ChartModel } from '../shared/components/chart-model.ts'
import type { Curve } from './curve-data.ts'

interface Around {
  /** What the rule compared it with. */
  readonly limit: number | undefined
  readonly limitText: string
  /** When it was found, ms since 1970. */
  readonly markedAt: number
  /** In the hatching of what nobody knows. */
  readonly noData: string
}

/** A curve as a chart: with its limit and the moment it was found, hatched where nothing was measured. */
export function chartOf(curve: Curve, { limit, limitText, markedAt, noData }: Around): ChartModel {
  const times = curve.times.map((seconds) => seconds * 1_000)
  const from = times[0] ?? markedAt
  const stepMs = (times[1] ?? from) - from
  const span = { from, to: (times.at(-1) ?? markedAt) + stepMs }
  const heard = times.filter((_, index) => curve.means[index] !== null)
  return {
    ...{ span, times, quiet: quietSpans(heard, span, stepMs, stepMs), quietText: noData },
    lines: [{ values: curve.means, lowest: curve.lowest, highest: curve.highest, colour: '--info' }],
    limits: limit === undefined ? [] : [{ value: limit, text: limitText, colour: '--critical' }],
    moments: [{ at: markedAt, colour: '--critical' }],
  }
}
