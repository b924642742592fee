import { useComputed } from '@preact/signals'
import { serverNow } from '../shared/clock.ts'
import { Chart } from '../shared/components/chart.tsx'
import { nearest, type Span } from '../shared/components/chart-data.ts'
import { clockTime } from '../shared/time.ts'
import { words as sharedWords } from '../shared/words.ts'
import type { CurveChart } from './chart-models.ts'
import { measure, metricName } from './metrics.ts'
import { point, pointAt, together } from './point.ts'
import { words } from './words.ts'

interface CurveFigureProps {
  readonly chart: CurveChart
  readonly stepMs: number
  onZoom(span: Span): void
  onUnzoom(): void
}

/** One chart with what its lines are called, and their values under the pointer. */
export function CurveFigure({ chart, stepMs, onZoom, onUnzoom }: CurveFigureProps) {
  const { lines, model } = chart
  return (
    <figure class="curve-figure">
      <figcaption>
        {lines.map((line) => (
          <Legend key={line.metric} line={line} times={model.times} stepMs={stepMs} />
        ))}
      </figcaption>
      <Chart
        model={model}
        label={labelOf(chart)}
        onZoom={onZoom}
        onUnzoom={onUnzoom}
        onPoint={point}
        together={together}
      />
    </figure>
  )
}

interface LegendProps {
  readonly line: CurveChart['lines'][number]
  readonly times: readonly number[]
  readonly stepMs: number
}

function Legend({ line: { metric, colour, curve }, times, stepMs }: LegendProps) {
  const [say, common] = [words(), sharedWords()]
  const text = useComputed(() => {
    const at = pointAt.value
    if (at === null) {
      const latest = curve.means.findLast((value) => value !== null && value !== undefined)
      return latest == null ? common.noData : `${say.latest} ${measure(latest, metric)}`
    }
    const index = nearest(times, at, stepMs)
    const [mean, low, high] = [curve.means[index], curve.lowest[index], curve.highest[index]]
    const time = say.at(clockTime(at, serverNow()))
    if (mean == null) return `${common.noData} ${time}`
    const spread =
      low == null || high == null || low === high ? '' : ` (${say.spread(measure(low, ''), measure(high, ''))})`
    return `${measure(mean, metric)}${spread} ${time}`
  })
  return (
    <h3 class="curve-legend">
      <span class="curve-swatch" style={{ background: `var(${colour})` }} aria-hidden="true" />
      {metricName(metric)} <span class="curve-value muted">{text}</span>
    </h3>
  )
}

/** The same for who cannot see it; each value is in the table. */
function labelOf({ lines, model: { limits = [], quiet = [] } }: CurveChart): string {
  const say = words()
  const time = (at: number) => clockTime(at, serverNow())
  return [
    ...lines.map(({ metric, curve }) => {
      const latest = curve.means.findLast((value) => value != null)
      return `${metricName(metric)}: ${latest == null ? sharedWords().noData : `${say.latest} ${measure(latest, metric)}`}`
    }),
    ...limits.map(({ text }) => text),
    ...quiet.slice(0, 5).map(({ from, to }) => say.noDataFrom(time(from), time(to))),
  ].join('; ')
}
