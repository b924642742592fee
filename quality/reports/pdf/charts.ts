import type { Interval } from '../../../core/kpi.ts'
import { ink, left, type Paper, wide } from './paper.ts'

export interface Bar {
  readonly name: string
  /** Null = unknown: nothing is drawn. */
  readonly value: number | null
  readonly interval: Interval | null
  /** As it stands behind the bar. */
  readonly text: string
}

export interface Axis {
  /** Where it ends, when that is known: a share ends at 1. */
  readonly most?: number
  readonly text: (value: number) => string
}

const small = { size: 7.5 }
const rowHeight = 15
const nameWidth = 150
const textWidth = 78
const plotWidth = wide - nameWidth - textWidth

/** A value and its interval for each group; where the interval goes on beyond the axis, so does its line. */
export function drawBars(paper: Paper, title: string, bars: readonly Bar[], axis: Axis): void {
  const most = axis.most ?? roundUp(Math.max(...bars.map(({ value }) => value ?? 0)) * 1.6)
  const x0 = left + nameWidth
  const xOf = (value: number) => x0 + Math.min(1, value / most) * plotWidth
  paper.room(40 + bars.length * rowHeight)
  paper.put(title, left, paper.y, wide, { size: 10, weight: 'bold' })
  paper.y += 18
  const under = paper.y + bars.length * rowHeight
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
    const x = x0 + tick * plotWidth
    paper.line(x, paper.y, x, under, ink.line)
    paper.put(axis.text(tick * most), x - 25, under + 2, 50, { ...small, colour: ink.soft, align: 'center' })
  }
  for (const { name, value, interval, text } of bars) {
    const middle = paper.y + rowHeight / 2
    paper.putLine(name, left, paper.y + 3, nameWidth - 8, small)
    if (value !== null) paper.box(x0, middle - 4, Math.max(0.5, xOf(value) - x0), 8, ink.band)
    if (value !== null && interval !== null) drawInterval(paper, interval, middle, xOf, most)
    paper.put(text, x0 + plotWidth + 8, paper.y + 3, textWidth - 8, { ...small, align: 'right' })
    paper.y += rowHeight
  }
  paper.y += 24
}

/** An end that is known has a stroke across. */
function drawInterval(paper: Paper, interval: Interval, y: number, xOf: (value: number) => number, most: number): void {
  const low = interval.low ?? 0
  const high = interval.high ?? most
  paper.line(xOf(low), y, xOf(high), y, ink.accent, 1)
  if (interval.low !== null && low <= most) paper.line(xOf(low), y - 3, xOf(low), y + 3, ink.accent, 1)
  if (interval.high !== null && high <= most) paper.line(xOf(high), y - 3, xOf(high), y + 3, ink.accent, 1)
}

export interface Point {
  /** "2026-11" */
  readonly month: string
  readonly value: number | null
  readonly interval: Interval | null
}

const panelHeight = 118
const panelGap = 18
const panelWidth = (wide - panelGap) / 2

/** Small charts, two beside each other, each on its own axis. */
export function drawMonths(
  paper: Paper,
  panels: readonly { readonly title: string; readonly points: readonly Point[]; readonly axis: Axis }[],
): void {
  for (const [index, panel] of panels.entries()) {
    const isRight = index % 2 === 1
    if (!isRight) paper.room(panelHeight)
    drawPanel(paper, left + (isRight ? panelWidth + panelGap : 0), panel)
    if (isRight || index === panels.length - 1) paper.y += panelHeight
  }
}

function drawPanel(
  paper: Paper,
  x: number,
  { title, points, axis }: { readonly title: string; readonly points: readonly Point[]; readonly axis: Axis },
): void {
  const values = points.map(({ value }) => value ?? 0)
  const most = axis.most ?? roundUp(Math.max(...values) * 1.6)
  const [plotX, plotY, width, tall] = [x + 34, paper.y + 20, panelWidth - 38, 74]
  const step = width / points.length
  const xOf = (index: number) => plotX + (index + 0.5) * step
  const yOf = (value: number) => plotY + tall - Math.max(0, Math.min(1, value / most)) * tall
  paper.putLine(title, x, paper.y, panelWidth, { size: 8, weight: 'bold' })
  for (const tick of [0, 0.5, 1]) {
    const y = yOf(tick * most)
    paper.line(plotX, y, plotX + width, y, ink.line)
    paper.put(axis.text(tick * most), x, y - 5, 31, { size: 6.5, colour: ink.soft, align: 'right' })
  }
  for (const [index, { month, value, interval }] of points.entries()) {
    if (index % 3 === 0 || index === points.length - 1) {
      const at = { size: 6.5, colour: ink.soft, align: 'center' } as const
      paper.put(month.slice(2), xOf(index) - 20, plotY + tall + 3, 40, at)
    }
    if (value === null) continue
    if (interval !== null) {
      paper.line(xOf(index), yOf(interval.low ?? 0), xOf(index), yOf(interval.high ?? most), ink.band, 3)
    }
    const before = points[index - 1]?.value ?? null
    if (before !== null) paper.line(xOf(index - 1), yOf(before), xOf(index), yOf(value), ink.accent, 1)
  }
  for (const [index, { value }] of points.entries()) {
    if (value !== null) paper.pdf.circle(xOf(index), yOf(value), 1.8).fill(ink.accent)
  }
}

/** 1, 2 or 5 times a power of ten, not below it. */
function roundUp(value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power
}
