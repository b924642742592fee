import { metricName, stateColour, stateText } from '../../device/metrics.ts'
import { rowOf, stateSegments } from '../../device/states.ts'
import { quietSpans, type Span } from '../../shared/components/chart-data.ts'
import type { ChartModel, ChartMoment } from '../../shared/components/chart-model.ts'
import type { MetricBucket } from '../../shared/wire.ts'
import type { VisitCurve } from '../wire-records.ts'

/** A reading says what was so for at most so long, as the verdict takes it. */
const freshMs = 5 * 60_000
const states = ['mode', 'doorState', 'direction'] as const
const counters = ['trips', 'doorCycles'] as const

export interface Drawn {
  readonly strip: ChartModel
  /** Null = not measured. */
  readonly floor: ChartModel | null
  /** By how much each counter rose since the beginning of the window. */
  readonly counts: Readonly<Partial<Record<(typeof counters)[number], number>>>
}

/** What there is to see of a visit: states, floors and how often something moved. Null = nothing was measured. */
export function drawnOf(curve: VisitCurve, claimed: Span, noData: string): Drawn | null {
  const span = { from: Date.parse(curve.from), to: Date.parse(curve.to) }
  if (curve.items.length === 0) return null
  const times = curve.items.map(({ at }) => Date.parse(at))
  const quiet = quietSpans(times, span, 0, freshMs)
  const moments: ChartMoment[] = [claimed.from, claimed.to].map((at) => ({ at, colour: '--critical' }))
  const shared = { span, moments, quiet, quietText: noData }
  const rows = states.flatMap((metric) => {
    const segments = stateSegments(bucketsOf(curve, metric), quiet, span.to)
    if (segments.length === 0) return []
    return [
      rowOf(
        metricName(metric),
        segments,
        (state) => stateText(metric, state),
        (state) => stateColour(metric, state),
      ),
    ]
  })
  const floors = numbersOf(curve, 'floor')
  return {
    strip: { ...shared, times: [span.from, span.to], lines: [], rows },
    floor: floors.every((value) => value === null)
      ? null
      : { ...shared, times, lines: [{ values: floors, colour: '--info' }] },
    counts: Object.fromEntries(counters.flatMap((metric) => riseOf(curve, metric))),
  }
}

function bucketsOf({ items }: VisitCurve, metric: string): MetricBucket[] {
  return items.flatMap(({ at, values }) => {
    const last = values[metric]
    return last === undefined ? [] : [{ at, count: 1, last, mean: null, min: null, max: null } as MetricBucket]
  })
}

function numbersOf({ items }: VisitCurve, metric: string): (number | null)[] {
  return items.map(({ values }) => {
    const value = values[metric]
    return typeof value === 'number' ? value : null
  })
}

function riseOf(curve: VisitCurve, metric: (typeof counters)[number]): [string, number][] {
  const said = numbersOf(curve, metric).filter((value) => value !== null)
  const [first, last] = [said[0], said.at(-1)]
  return first === undefined || last === undefined || said.length < 2 ? [] : [[metric, last - first]]
}
