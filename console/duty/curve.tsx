import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { shanghai } from '../../core/local-time.ts'
import { currentTheme } from '../shared/theme.ts'
import type { Curve } from './curve-data.ts'

interface CurveProps {
  readonly curve: Curve
  readonly limit: number | undefined
  /** When it was found, ms since 1970. */
  readonly markedAt: number
  /** What it shows, for who cannot see it. */
  readonly label: string
}

const height = 200

/** One figure over time, with the limit it was compared with and the moment it was found. Nothing is drawn where nothing was measured. */
export function CurveChart({ curve, limit, markedAt, label }: CurveProps) {
  const element = useRef<HTMLDivElement>(null)
  const theme = currentTheme()
  useEffect(() => {
    const box = element.current
    if (box === null) return
    const chart = draw(box, curve, limit, markedAt)
    const resized = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height }))
    resized.observe(box)
    return () => {
      resized.disconnect()
      chart.destroy()
    }
    // colours are read when it is drawn
  }, [curve, limit, markedAt, theme])
  return <div ref={element} class="curve" role="img" aria-label={label} />
}

function draw(box: HTMLElement, { times, means, highest }: Curve, limit: number | undefined, markedAt: number): uPlot {
  const style = getComputedStyle(box)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: `14px ${colour('--font')}`,
  }
  const limits = times.map(() => limit ?? null)
  return new uPlot(
    {
      width: box.clientWidth,
      height,
      legend: { show: false },
      cursor: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), shanghai),
      scales: { y: { range: (_, low, high) => rangeOf(low, high, limit) } },
      axes: [
        { ...axis, values: '{HH}:{mm}' },
        { ...axis, size: 56 },
      ],
      series: [
        {},
        { stroke: colour('--info'), width: 2, spanGaps: false, points: { show: false, size: 5, filter: alone } },
        { stroke: colour('--muted'), width: 1, spanGaps: false, points: { show: false } },
        { stroke: colour('--critical'), width: 2, dash: [8, 6], points: { show: false } },
      ],
      hooks: { draw: [(chart) => mark(chart, markedAt / 1_000, colour('--critical'))] },
    },
    [times, means, highest, limits],
    box,
  )
}

/** Where a value has no neighbour: a line of one point would not be seen. */
function alone(chart: uPlot, series: number): number[] {
  const values = chart.data[series] ?? []
  const isThere = (index: number) => typeof values[index] === 'number'
  return [...values.keys()].filter((index) => isThere(index) && !isThere(index - 1) && !isThere(index + 1))
}

/** With the limit in sight, and air above and below. */
function rangeOf(low: number | null, high: number | null, limit: number | undefined): [number, number] {
  const known = [low, high, limit].filter((value): value is number => typeof value === 'number')
  if (known.length === 0) return [0, 1]
  const [least, most] = [Math.min(...known), Math.max(...known)]
  const air = (most - least || Math.abs(most) || 1) * 0.1
  return [least - air, most + air]
}

function mark(chart: uPlot, at: number, colour: string): void {
  const x = Math.round(chart.valToPos(at, 'x', true))
  const { top, height: high, left, width } = chart.bbox
  if (x < left || x > left + width) return
  chart.ctx.save()
  chart.ctx.strokeStyle = colour
  chart.ctx.lineWidth = 2
  chart.ctx.beginPath()
  chart.ctx.moveTo(x, top)
  chart.ctx.lineTo(x, top + high)
  chart.ctx.stroke()
  chart.ctx.restore()
}
