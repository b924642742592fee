import { metricWords } from '../../core/evidence-words.ts'
import { plainMetric, unitOf } from '../duty/curve-data.ts'
import { now } from '../shared/clock.ts'
import { language } from '../shared/language.ts'
import { clockTime, timeText } from '../shared/time.ts'
import { phoneNow } from './phone-clock.ts'
import type { KeptCurve } from './wire.ts'
import { words } from './words.ts'

const [width, height, edge] = [340, 96, 4]

/** A day in one line, with its limit. Where nothing was measured there is no line. */
export function Curve({ curve }: { readonly curve: KeptCurve }) {
  const say = words()
  const measured = curve.means.filter((mean) => mean !== null)
  const { highest, last } = curve
  // what a phone kept of an older version has neither
  if (measured.length === 0 || highest == null || last == null) return <p class="muted">{say.noCurve}</p>
  const all = curve.limit === null ? measured : [...measured, curve.limit]
  const [least, most] = [Math.min(...all), Math.max(...all)]
  const x = (index: number) => edge + (index / Math.max(1, curve.means.length - 1)) * (width - 2 * edge)
  const y = (value: number) => height - edge - ((value - least) / (most - least || 1)) * (height - 2 * edge)
  const name = metricName(curve.metric)
  const figure = (value: number) => [Number(value.toPrecision(3)), unitOf(curve.metric)].join('\u00a0').trim()
  const peak = `${say.highest} ${figure(highest)}`
  const figures = `${peak} · ${say.lastAt(figure(last.value), clockTime(last.at, phoneNow()))}`
  const limit = curve.limit === null ? '' : ` · ${say.limit} ${figure(curve.limit)}`
  return (
    <figure class="crew-curve">
      <figcaption>{say.dayCurve(name)}</figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${say.dayCurve(name)}: ${figures}${limit}`}>
        {curve.limit !== null && (
          <line class="crew-limit" x1={edge} x2={width - edge} y1={y(curve.limit)} y2={y(curve.limit)} />
        )}
        <path d={pathOf(curve.means, x, y)} />
      </svg>
      <p class="muted">
        {peak} · <Last figure={figure(last.value)} at={last.at} />
        {limit}
      </p>
    </figure>
  )
}

function Last({ figure, at }: { readonly figure: string; readonly at: number }) {
  now.value // once a tick: it grows older by itself
  return <>{words().lastAt(figure, timeText(at, phoneNow()))}</>
}

/** A point that stands alone is drawn, too. */
function pathOf(means: KeptCurve['means'], x: (index: number) => number, y: (value: number) => number): string {
  let path = ''
  let pen = false
  for (const [index, mean] of means.entries()) {
    if (mean !== null)
      path += pen ? `L${x(index).toFixed(1)} ${y(mean).toFixed(1)}` : `M${x(index).toFixed(1)} ${y(mean).toFixed(1)}h.1`
    pen = mean !== null
  }
  return path
}

function metricName(metric: string): string {
  const word = Object.entries(metricWords).find(([name]) => name === metric)?.[1]
  if (language.value !== 'zh-CN' || word === undefined) return plainMetric(metric)
  return typeof word === 'string' ? word : ('name' in word && word.name) || plainMetric(metric)
}
