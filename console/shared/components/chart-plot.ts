import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { localDate, localTime, shanghai } from '../../../core/local-time.ts'
import { type Extent, extentOf, runsOf, type Span, usualTopOf, valueRange } from './chart-data.ts'
import { type ChartLine, type ChartModel, plotEdges } from './chart-model.ts'
import { type Colours, paintBehind, paintOver, rowHeight } from './chart-paint.ts'

/* Loaded when the first chart is shown: uPlot is 20 KB. */

export interface ChartEvents {
  /** A span was dragged over. */
  readonly onZoom?: ((span: Span) => void) | undefined
  /** Two clicks. */
  readonly onUnzoom?: (() => void) | undefined
  /** The time under the pointer; null = it left. */
  readonly onPoint?: ((at: number | null) => void) | undefined
  /** Charts of one name have one cursor. */
  readonly together?: string | undefined
}

const leastDragPixels = 8
const dayMs = 86_400_000
/** Of days, one line of labels is enough. CSS pixels. */
const [oneLine, twoLines] = [22, 36]
const oneLineMs = 10 * dayMs

export function drawChart(box: HTMLElement, height: number, model: ChartModel, events: ChartEvents): uPlot {
  const style = getComputedStyle(box)
  const colour: Colours = (variable) => style.getPropertyValue(variable).trim()
  const isStrip = model.rows !== undefined
  const range: Extent = isStrip ? [0, 1] : rangeOf(model)
  return new uPlot(
    {
      width: box.clientWidth,
      height: isStrip ? stripHeight(model) : height,
      padding: [8, plotEdges.right, 0, 0],
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), shanghai),
      cursor: cursorOf(events),
      scales: {
        x: { range: () => [model.span.from / 1_000, model.span.to / 1_000] },
        y: { range: () => range },
      },
      axes: axesOf(colour, isStrip, model.span),
      series: [{}, ...(isStrip ? [{ show: true }] : model.lines.map((line) => seriesOf(line, colour)))],
      hooks: {
        drawClear: [(chart) => paintBehind(chart, model, colour)],
        draw: [(chart) => paintOver(chart, model, colour)],
        setSelect: [(chart) => zoom(chart, events)],
        setCursor: [
          ({ cursor, posToVal }) =>
            events.onPoint?.(cursor.left == null || cursor.left < 0 ? null : posToVal(cursor.left, 'x') * 1_000),
        ],
      },
    },
    dataOf(model),
    box,
  )
}

function stripHeight({ rows = [], span }: ChartModel): number {
  return rows.length * rowHeight + 8 + (span.to - span.from > oneLineMs ? oneLine : twoLines)
}

function cursorOf({ onUnzoom, onZoom, together }: ChartEvents): uPlot.Cursor {
  return {
    y: false,
    drag: { x: onZoom !== undefined, y: false, setScale: false },
    points: { size: 7 },
    // the pointer is shared, what is dragged is not
    ...(together !== undefined && {
      sync: { key: together, filters: { pub: (type: string) => type === 'mousemove' || type === 'mouseleave' } },
    }),
    bind: {
      dblclick: () => () => {
        onUnzoom?.()
        return null
      },
    },
  } as uPlot.Cursor
}

function zoom(chart: uPlot, { onZoom }: ChartEvents): void {
  const { left, width } = chart.select
  if (width < leastDragPixels) return
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  onZoom?.({ from: chart.posToVal(left, 'x') * 1_000, to: chart.posToVal(left + width, 'x') * 1_000 })
}

function rangeOf({ lines, limits = [], bands = [], forecasts = [] }: ChartModel): Extent {
  const spreads = lines
    .filter(({ isSparse }) => !isSparse)
    .flatMap(({ lowest = [], highest = [] }) => [lowest, highest])
  const near = [...limits.map(({ value }) => value), ...bands.flatMap(({ low, high }) => [low, high])]
  const columns = lines.map(({ values }) => values)
  return valueRange(extentOf(columns), {
    usualTop: usualTopOf(columns),
    spread: extentOf(spreads),
    limits: [...near, ...forecasts.map(({ limit }) => limit)],
  })
}

function axesOf(colour: Colours, isStrip: boolean, { from, to }: Span): uPlot.Axis[] {
  const common: uPlot.Axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${colour('--font')}`,
  }
  return [
    { ...common, size: to - from > oneLineMs ? oneLine : twoLines, space: 72, values: timeLabels },
    {
      ...common,
      size: plotEdges.left,
      ...(isStrip && { grid: { show: false }, values: () => [] }),
    },
  ]
}

function timeLabels(_: uPlot, splits: number[]): string[] {
  const step = ((splits[1] ?? 0) - (splits[0] ?? 0)) * 1_000
  let dated = ''
  return splits.map((seconds) => {
    const at = seconds * 1_000
    const date = localDate(at, shanghai).slice(5)
    if (step >= dayMs) return date
    const isNewDay = date !== dated
    dated = date
    return isNewDay ? `${localTime(at, shanghai)}\n${date}` : localTime(at, shanghai)
  })
}

function seriesOf({ colour: name, isSparse }: ChartLine, colour: Colours): uPlot.Series {
  const stroke = colour(name)
  return isSparse
    ? { stroke, paths: () => null, points: { show: true, size: 4, fill: stroke, width: 0 } }
    : { stroke, width: 1.75, points: { show: false, size: 5, filter: alone } }
}

/** Where a value has no neighbour: a line of one point would not be seen. */
function alone(chart: uPlot, series: number): number[] {
  const runs = runsOf([...(chart.data[series] ?? [])])
  return runs.filter((run) => run.length === 1).flat()
}

function dataOf({ times, lines, rows }: ChartModel): uPlot.AlignedData {
  const seconds = times.map((at) => at / 1_000)
  if (rows !== undefined) return [seconds, times.map(() => null)]
  return [seconds, ...lines.map(({ values }) => [...values])]
}
