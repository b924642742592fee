import type uPlot from 'uplot'
import { extentOf, runsOf, type Span } from './chart-data.ts'
import type { ChartForecast, ChartLimit, ChartLine, ChartModel, ChartRow } from './chart-model.ts'

/* What is painted around the curves, on uPlot's canvas: its pixels are the screen's own. */

export type Colours = (variable: string) => string

interface Painter {
  readonly chart: uPlot
  readonly context: CanvasRenderingContext2D
  readonly colour: Colours
  /** Pixels of the screen in one of CSS. */
  readonly ratio: number
  x(at: number): number
  y(value: number): number
}

function painterOf(chart: uPlot, colour: Colours): Painter {
  return {
    chart,
    context: chart.ctx,
    colour,
    ratio: devicePixelRatio,
    x: (at) => chart.valToPos(at / 1_000, 'x', true),
    y: (value) => chart.valToPos(value, 'y', true),
  }
}

/** Nothing gets out of the plot. */
function clipped(chart: uPlot, paint: () => void): void {
  const { left, top, width, height } = chart.bbox
  chart.ctx.save()
  chart.ctx.beginPath()
  chart.ctx.rect(left, top, width, height)
  chart.ctx.clip()
  paint()
  chart.ctx.restore()
}

export function paintBehind(chart: uPlot, model: ChartModel, colour: Colours): void {
  const painter = painterOf(chart, colour)
  clipped(chart, () => {
    for (const { low, high } of model.bands ?? []) shade(painter, low, high)
    for (const chartLine of model.lines) spread(painter, model.times, chartLine)
    for (const span of model.quiet ?? []) hatch(painter, span, model.quietText ?? '')
    for (const forecast of model.forecasts ?? []) cone(painter, forecast)
    paintRows(painter, model.rows ?? [])
  })
}

export function paintOver(chart: uPlot, model: ChartModel, colour: Colours): void {
  const painter = painterOf(chart, colour)
  clipped(chart, () => {
    for (const { at, colour: name } of model.moments ?? []) upright(painter, at, name, [3, 4], 1)
    if (model.now !== undefined && model.now < model.span.to) upright(painter, model.now, '--muted', [], 1)
    for (const forecast of model.forecasts ?? []) dotted(painter, forecast)
    limitLines(painter, model.limits ?? [])
    beyond(painter, model)
  })
}

function shade({ chart, context, colour, y }: Painter, low: number, high: number): void {
  context.globalAlpha = 0.16
  context.fillStyle = colour('--ok')
  context.fillRect(chart.bbox.left, y(high), chart.bbox.width, y(low) - y(high))
  context.globalAlpha = 1
}

/** Between the lowest and the highest of each window; not through a hole. */
function spread(
  painter: Painter,
  times: readonly number[],
  { lowest, highest, colour: name, isSparse }: ChartLine,
): void {
  if (lowest === undefined || highest === undefined || isSparse) return
  const { context, colour, x, y } = painter
  context.globalAlpha = 0.2
  context.fillStyle = colour(name)
  for (const run of runsOf(lowest)) {
    context.beginPath()
    for (const index of run) context.lineTo(x(times[index] ?? 0), y(highest[index] ?? 0))
    for (const index of run.reverse()) context.lineTo(x(times[index] ?? 0), y(lowest[index] ?? 0))
    context.fill()
  }
  context.globalAlpha = 1
}

function hatch({ chart, context, colour, ratio, x }: Painter, { from, to }: Span, text: string): void {
  const { top, height, left: edge, width: all } = chart.bbox
  const left = Math.max(edge, x(from))
  const width = Math.min(edge + all, x(to)) - left
  if (width <= 0) return
  context.save()
  context.beginPath()
  context.rect(left, top, Math.max(width, ratio), height)
  context.clip()
  context.fillStyle = colour('--raised')
  context.fillRect(left, top, Math.max(width, ratio), height)
  context.strokeStyle = colour('--edge')
  context.globalAlpha = 0.55
  context.lineWidth = ratio
  context.beginPath()
  const gap = 8 * ratio
  // from a grid of the whole chart, so that neighbours fit together
  const first = Math.floor((left - edge - height) / gap) * gap + edge
  for (let at = first; at < left + width; at += gap) {
    context.moveTo(at, top + height)
    context.lineTo(at + height, top)
  }
  context.stroke()
  context.globalAlpha = 1
  label(context, text, { x: left + width / 2, y: top + height / 2, room: width, ratio, colour })
  context.restore()
}

interface LabelPlace {
  readonly x: number
  readonly y: number
  readonly room: number
  readonly ratio: number
  readonly colour: Colours
}

function label(context: CanvasRenderingContext2D, text: string, { x, y, room, ratio, colour }: LabelPlace): void {
  context.font = `${12 * ratio}px ${colour('--font')}`
  const width = context.measureText(text).width + 12 * ratio
  if (text === '' || width > room) return
  context.fillStyle = colour('--raised')
  context.fillRect(x - width / 2, y - 10 * ratio, width, 20 * ratio)
  context.fillStyle = colour('--text')
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillText(text, x, y)
}

function cone({ context, colour, x, y }: Painter, { at, level, limit, lowAt, highAt }: ChartForecast): void {
  context.globalAlpha = 0.14
  context.fillStyle = colour('--urgent')
  context.beginPath()
  context.moveTo(x(at), y(level))
  context.lineTo(x(lowAt), y(limit))
  context.lineTo(x(highAt), y(limit))
  context.closePath()
  context.fill()
  context.globalAlpha = 1
}

function dotted({ context, colour, ratio, x, y }: Painter, forecast: ChartForecast): void {
  const { at, level, limit, limitAt, lowAt, highAt } = forecast
  context.strokeStyle = colour('--urgent')
  context.lineWidth = 2 * ratio
  context.setLineDash([2 * ratio, 4 * ratio])
  line(context, [x(at), y(level)], [x(limitAt), y(limit)])
  context.setLineDash([])
  context.lineWidth = 4 * ratio
  line(context, [x(lowAt), y(limit)], [x(highAt), y(limit)])
}

type Point = readonly [x: number, y: number]

function line(context: CanvasRenderingContext2D, from: Point, to: Point): void {
  context.beginPath()
  context.moveTo(...from)
  context.lineTo(...to)
  context.stroke()
}

function upright(
  { chart, context, colour, ratio, x }: Painter,
  at: number,
  name: string,
  dash: number[],
  width: number,
) {
  const { top, height } = chart.bbox
  context.strokeStyle = colour(name)
  context.lineWidth = width * ratio
  context.setLineDash(dash.map((length) => length * ratio))
  line(context, [x(at), top], [x(at), top + height])
  context.setLineDash([])
}

/** Lines first, then what they are called, each name beside those that are in its way. */
function limitLines(painter: Painter, limits: readonly ChartLimit[]): void {
  const { chart, context, colour, ratio, y } = painter
  const { left, width, top, height } = chart.bbox
  context.lineWidth = 1.5 * ratio
  context.setLineDash([8 * ratio, 5 * ratio])
  for (const { value, colour: name } of limits) {
    const at = y(value)
    context.strokeStyle = colour(name)
    if (at >= top && at <= top + height) line(context, [left, at], [left + width, at])
  }
  context.setLineDash([])
  const taken: Box[] = []
  for (const limit of limits) limitName(painter, limit, taken)
}

interface Box {
  readonly left: number
  readonly bottom: number
}

/** One that is outside of the axis stands at the edge, with an arrow to where it is. */
function limitName({ chart, context, colour, ratio, y }: Painter, limit: ChartLimit, taken: Box[]): void {
  const { left, width, top, height } = chart.bbox
  const at = y(limit.value)
  const text = `${at < top ? '↑ ' : at > top + height ? '↓ ' : ''}${limit.text}`
  context.font = `${12 * ratio}px ${colour('--font')}`
  const [high, wide] = [14 * ratio, context.measureText(text).width + 8 * ratio]
  const bottom = Math.min(Math.max(at - 2 * ratio, top + high), top + height - 2 * ratio)
  const inTheWay = taken.filter((box) => Math.abs(box.bottom - bottom) < high)
  const right = Math.min(left + width, ...inTheWay.map((box) => box.left - 4 * ratio))
  if (right - wide < left) return
  taken.push({ left: right - wide, bottom })
  context.textAlign = 'right'
  context.textBaseline = 'bottom'
  context.fillStyle = colour('--surface')
  context.globalAlpha = 0.8
  context.fillRect(right - wide, bottom - high, wide, high)
  context.globalAlpha = 1
  context.fillStyle = colour(limit.colour)
  context.fillText(text, right - 4 * ratio, bottom)
}

/** How far a spread goes that the axis does not show. */
function beyond({ chart, context, colour, ratio }: Painter, { lines }: ChartModel): void {
  const { max } = chart.scales.y ?? {}
  const highest = extentOf(lines.flatMap(({ highest: column = [], isSparse }) => (isSparse ? [] : [column])))?.[1]
  if (max == null || highest === undefined || highest <= max) return
  context.font = `${12 * ratio}px ${colour('--font')}`
  context.textAlign = 'left'
  context.textBaseline = 'top'
  context.fillStyle = colour('--muted')
  context.fillText(`↑ ${Number(highest.toPrecision(3))}`, chart.bbox.left + 4 * ratio, chart.bbox.top + 2 * ratio)
}

/** Height of a row: its name, and the strip below it. CSS pixels. */
export const rowHeight = 38
const nameHeight = 18

function paintRows({ chart, context, colour, ratio, x }: Painter, rows: readonly ChartRow[]): void {
  const { left, top, width } = chart.bbox
  context.font = `${12 * ratio}px ${colour('--font')}`
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  for (const [index, { name, segments }] of rows.entries()) {
    const rowTop = top + index * rowHeight * ratio
    const stripTop = rowTop + nameHeight * ratio
    const stripHeight = (rowHeight - nameHeight - 4) * ratio
    context.fillStyle = colour('--muted')
    context.fillText(name, left, rowTop + (nameHeight / 2) * ratio)
    for (const { from, to, text, colour: fill } of segments) {
      const start = Math.max(left, x(from))
      const length = Math.min(left + width, x(to)) - start
      if (length <= 0) continue
      context.fillStyle = colour(fill)
      context.fillRect(start, stripTop, Math.max(length, ratio), stripHeight)
      if (context.measureText(text).width + 12 * ratio > length) continue
      context.fillStyle = colour(fill === '--raised' ? '--text' : '--on-fill')
      context.fillText(text, start + 6 * ratio, stripTop + stripHeight / 2)
    }
  }
}
