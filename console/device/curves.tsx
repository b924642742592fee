import { useEffect, useMemo } from 'preact/hooks'
import { serverNow } from '../shared/clock.ts'
import { Bar } from '../shared/components/bar.tsx'
import { Button } from '../shared/components/button.tsx'
import { Chart } from '../shared/components/chart.tsx'
import type { Span } from '../shared/components/chart-data.ts'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { language } from '../shared/language.ts'
import { problemText } from '../shared/problem-text.ts'
import { place, setQuery } from '../shared/router.ts'
import { words as sharedWords } from '../shared/words.ts'
import { curveChart, type Drawn, stripChart } from './chart-models.ts'
import { CurveFigure } from './curve-figure.tsx'
import { MarkLanes } from './mark-lanes.tsx'
import { marksOf } from './marks.ts'
import { groupsOf, stripOf } from './metrics.ts'
import { point, together } from './point.ts'
import type { Known } from './read.ts'
import { ReadingsTable } from './readings-table.tsx'
import { type TimeRange, zoomedTo } from './time-range.ts'
import { isOpen } from './title.ts'
import { Toolbar } from './toolbar.tsx'
import { useDrawn, useTimeRange } from './use-drawn.ts'
import { words } from './words.ts'

/** All that the device measured on one time axis, with what happened marked on it. */
export function Curves({ known }: { readonly known: Known }) {
  const { device, health, incidents } = known
  const range = useTimeRange()
  const { query } = place.value
  const showsAll = query.get('curves') === 'all'
  const values = device.last?.values ?? {}
  const groups = useMemo(() => groupsOf(values, concerned(known)), [known])
  const shown = showsAll ? groups : groups.filter(({ isMain }) => isMain)
  const strip = stripOf(values)
  const reaches = useMemo(() => reachesOf(known), [health])
  const metrics = [...strip, ...shown.flatMap((group) => group.metrics)]
  const { drawn: read, isReading, problem, again } = useDrawn(device.id, metrics, range, reaches)
  const order = metrics.join(' ')
  const drawn = useMemo(() => read && inOrder(read, metrics), [read, order])
  const [say, common] = [words(), sharedWords()]
  useEffect(() => () => point(null), [])
  return (
    <section class="card device-curves" aria-labelledby="curves-title" aria-busy={isReading}>
      <Toolbar
        known={known}
        range={range}
        drawn={drawn}
        hidden={groups.length - groups.filter((g) => g.isMain).length}
      />
      {problem !== null && (
        <Bar tone="urgent">
          {problemText(problem)} <Button onClick={again}>{common.tryAgain}</Button>
        </Bar>
      )}
      {known.hidden.has('rules') && <p class="muted">{say.limitsHidden}</p>}
      {drawn === null && problem === null && <p class="device-wait muted">{common.loading}</p>}
      {drawn !== null && drawn.heard.length === 0 && <EmptyState title={say.noCurves} hint={say.noCurvesHint} />}
      {drawn !== null && query.get('view') === 'table' && <ReadingsTable drawn={drawn} />}
      {drawn !== null && query.get('view') !== 'table' && (
        <Charts {...{ known, drawn, strip, range }} groups={shown} key={incidents.length} />
      )}
    </section>
  )
}

/** Table and file have their columns as the curves stand. */
function inOrder(drawn: Drawn, metrics: readonly string[]): Drawn {
  const windows = metrics.flatMap((metric) => {
    const found = drawn.windows.get(metric)
    return found === undefined ? [] : [[metric, found] as const]
  })
  return { ...drawn, windows: new Map(windows) }
}

/** Metrics of what is open and of what is foreseen. */
function concerned({ incidents, health }: Known): ReadonlySet<string> {
  const open = incidents.filter((incident) => isOpen(incident) && incident.severity !== 'info')
  const foreseen = (health?.forecasts ?? []).filter(({ days }) => days !== null)
  return new Set([
    ...open.flatMap(({ evidence }) => Object.keys(evidence)),
    ...foreseen.map(({ quantity }) => quantity),
  ])
}

function reachesOf({ health }: Known): number[] {
  return (health?.forecasts ?? []).flatMap(({ at, highDays }) =>
    highDays === null ? [] : [Date.parse(at) + highDays * 86_400_000],
  )
}

interface ChartsProps {
  readonly known: Known
  readonly drawn: Drawn
  readonly strip: readonly string[]
  readonly groups: ReturnType<typeof groupsOf>
  readonly range: TimeRange
}

function Charts({ known, drawn, strip, groups, range }: ChartsProps) {
  const speech = language.value
  const stripNames = strip.join(' ')
  const groupNames = groups.map(({ id }) => id).join(' ')
  const made = useMemo(() => {
    const [say, common] = [words(), sharedWords()]
    const marks = marksOf(known.incidents, known.orders, known.visits)
    const moments = momentsOf(marks)
    const phrases = { ...say, noData: common.noData, severities: common.severities }
    const there = groups.filter(({ metrics }) => metrics.some((metric) => drawn.windows.has(metric)))
    return {
      marks,
      strip: stripChart(strip, drawn, { moments, noData: common.noData }),
      curves: there.map((group) => curveChart(group, drawn, known, { moments, phrases })),
    }
  }, [known, drawn, stripNames, groupNames, speech])
  const zoom = (span: Span) => setQuery(zoomedTo({ from: span.from, to: Math.min(span.to, serverNow()) }))
  const back = () => setQuery({ from: null, to: null, range: range.name })
  const say = words()
  return (
    <div class="device-charts">
      <MarkLanes marks={made.marks} span={drawn.span} />
      {strip.length > 0 && (
        <figure class="curve-figure">
          <figcaption>
            <h3>{say.states}</h3>
            {drawn.stepMs >= 300_000 && <span class="muted">{say.stateWindow(lengthText(drawn.stepMs))}</span>}
          </figcaption>
          <Chart
            model={made.strip.model}
            label={`${say.states}: ${made.strip.text}`}
            height={strip.length * 38 + 30}
            onZoom={zoom}
            onUnzoom={back}
            onPoint={point}
            together={together}
          />
        </figure>
      )}
      {made.curves.map((chart) => (
        <CurveFigure key={chart.group.id} chart={chart} stepMs={drawn.stepMs} onZoom={zoom} onUnzoom={back} />
      ))}
    </div>
  )
}

function momentsOf(marks: ReturnType<typeof marksOf>) {
  return marks.flatMap((mark) => {
    if (mark.type === 'order') return []
    return [{ at: mark.at, colour: mark.type === 'visit' ? '--ok' : `--${mark.incident.severity}` }]
  })
}

function lengthText(ms: number): string {
  const say = sharedWords()
  return ms < 3_600_000 ? say.minutes(ms / 60_000) : say.hours(ms / 3_600_000)
}
