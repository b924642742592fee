import type { Span } from './chart-data.ts'

/*
 * What one chart shows. Times are ms since 1970; colours are names of CSS variables, so that both themes are right.
 */

/** Left of every plot and right of it, CSS pixels: what stands beside a chart on the same time axis leaves as much. */
export const plotEdges = { left: 56, right: 20 }

type Values = readonly (number | null | undefined)[]

export interface ChartLine {
  readonly values: Values
  /** The spread within each window, as a shade around the line. */
  readonly lowest?: Values
  readonly highest?: Values
  readonly colour: string
  readonly isSparse?: boolean
}

export interface ChartLimit {
  readonly value: number
  /** At its end: "urgent 70 °C". */
  readonly text: string
  readonly colour: string
}

/** What is usual for this very device. */
export interface ChartBand {
  readonly low: number
  readonly high: number
}

/** From a level to a limit, and when the 80 % interval reaches it first and last. */
export interface ChartForecast {
  readonly at: number
  readonly level: number
  readonly limit: number
  readonly limitAt: number
  readonly lowAt: number
  readonly highAt: number
}

/** Something that happened at a time: a thin line from top to bottom. */
export interface ChartMoment {
  readonly at: number
  readonly colour: string
}

/** A strip of states instead of curves. */
export interface ChartRow {
  readonly name: string
  readonly segments: readonly (Span & { readonly text: string; readonly colour: string })[]
}

export interface ChartModel {
  /** Of the time axis; it may reach into the future. */
  readonly span: Span
  readonly times: readonly number[]
  readonly lines: readonly ChartLine[]
  readonly limits?: readonly ChartLimit[]
  readonly bands?: readonly ChartBand[]
  readonly forecasts?: readonly ChartForecast[]
  readonly moments?: readonly ChartMoment[]
  /** Hatched: nobody knows. */
  readonly quiet?: readonly Span[]
  /** In the hatching, where there is room: "no data". */
  readonly quietText?: string
  readonly rows?: readonly ChartRow[]
  /** Where the past ends, when the axis goes on. */
  readonly now?: number
}
