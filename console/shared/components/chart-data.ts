import type { MetricBucket } from '../wire.ts'

/** ms since 1970; `to` exclusive. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** One metric over time. Null = nothing was measured and the line breaks; undefined = another metric's moment, and the line goes on. */
export interface Curve {
  readonly means: readonly (number | null | undefined)[]
  readonly lowest: readonly (number | null | undefined)[]
  readonly highest: readonly (number | null | undefined)[]
  /** Measured now and then (once per door cycle): points, for a line between them would say what nobody measured. */
  readonly isSparse: boolean
}

export interface AlignedCurves {
  /** Middles of the windows, ms since 1970, rising. */
  readonly times: readonly number[]
  readonly curves: readonly Curve[]
  /** Where nothing came that should have come. */
  readonly quiet: readonly Span[]
}

/** Lengths of windows, s: of those that divide a day, no more than are needed. */
const steps = [1, 5, 10, 30, 60, 300, 600, 900, 1_800, 3_600, 5_400, 7_200, 14_400, 21_600, 43_200, 86_400]
/** Points of one curve: more than a wide screen has columns for, and within the 2,000 that the API answers. */
const mostPoints = 1_600
/** A metric that is in this share of the windows in which the device was heard comes all the time. Unverified default. */
const denseShare = 0.6

/** The finest windows in which this span is drawn, s. */
export function stepSecondsFor({ from, to }: Span): number {
  return steps.find((step) => Math.ceil((to - from) / (step * 1_000)) < mostPoints) ?? 86_400
}

/** Where nothing came for so long that what is there no longer speaks for it. @param starts of the windows that have something */
export function quietSpans(starts: readonly number[], within: Span, stepMs: number, freshMs: number): Span[] {
  const spans: Span[] = []
  let covered = within.from
  for (const start of [...starts, within.to]) {
    if (start - covered >= Math.max(freshMs, 1)) spans.push({ from: covered, to: Math.min(start, within.to) })
    covered = Math.max(covered, start + stepMs)
  }
  return spans.filter(({ from, to }) => to > from)
}

/** The windows in which any of these has something, rising. */
export function windowsOf(metrics: readonly (readonly MetricBucket[])[]): number[] {
  return [...new Set(metrics.flat().map(({ at }) => Date.parse(at)))].sort((one, other) => one - other)
}

interface AlignOptions {
  readonly heard: readonly number[]
  readonly within: Span
  readonly stepMs: number
  readonly freshMs: number
  readonly perEvent: boolean
}

/**
 * Curves that share one time axis, as uPlot wants them.
 *
 * @param heard the windows in which the device said anything at all
 * @param perEvent they come with rides or door cycles: while none is, nothing is missing as long as the device is heard
 * @param within what is drawn, as far as it is past
 */
export function aligned(
  metrics: readonly (readonly MetricBucket[])[],
  { heard, within, stepMs, freshMs, perEvent }: AlignOptions,
): AlignedCurves {
  const found = metrics.map((buckets) => {
    const byStart = new Map(buckets.map((bucket) => [Date.parse(bucket.at), bucket]))
    const isSparse = byStart.size < denseShare * heard.length
    return { byStart, isSparse, holes: quietSpans([...byStart.keys()], within, stepMs, freshMs) }
  })
  const dense = found.filter(({ isSparse }) => !isSparse)
  const starts = new Set(found.flatMap(({ byStart }) => [...byStart.keys()]))
  for (const { holes } of dense) for (const { from } of holes) starts.add(from)
  const rising = [...starts].sort((one, other) => one - other)
  return {
    times: rising.map((start) => start + stepMs / 2),
    curves: found.map(({ byStart, isSparse, holes }) => {
      const absent = absenceIn(isSparse ? [] : holes)
      const column = (of: (bucket: MetricBucket) => unknown) =>
        rising.map((start) => {
          const bucket = byStart.get(start)
          return bucket === undefined ? absent(start) : figure(of(bucket))
        })
      return { isSparse, means: column((b) => b.mean), lowest: column((b) => b.min), highest: column((b) => b.max) }
    }),
    quiet: quietSpans(dense.length > 0 && !perEvent ? windowsIn(dense) : heard, within, stepMs, freshMs),
  }
}

function windowsIn(found: readonly { readonly byStart: ReadonlyMap<number, unknown> }[]): number[] {
  return [...new Set(found.flatMap(({ byStart }) => [...byStart.keys()]))].sort((one, other) => one - other)
}

/** Asked with rising times. */
function absenceIn(holes: readonly Span[]): (at: number) => null | undefined {
  let sorted = [...holes]
  return (at) => {
    if (sorted[0] !== undefined && at < sorted[0].from) return undefined
    sorted = sorted.filter(({ to }) => to > at)
    return sorted[0] !== undefined && at >= sorted[0].from ? null : undefined
  }
}

function figure(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

/** The index of the time that is nearest, or -1 where it is farther than `within`. */
export function nearest(times: readonly number[], at: number, within: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) < at) low = middle + 1
    else high = middle
  }
  const distance = (index: number) => Math.abs((times[index] ?? Number.POSITIVE_INFINITY) - at)
  const best = distance(low) <= distance(low - 1) ? low : low - 1
  return distance(best) <= within ? best : -1
}

/** So many times the curves' own range away from them, a limit or a single high value would press them flat. */
const farTimes = 1.5
const farSpreadTimes = 4

/**
 * What the value axis shows: the curves with air around them, each limit that is not far from them, and the spread of their windows
 * unless one odd value would press them flat. Of curves that have limits, nothing beyond twice the highest one's distance, or twice the usual range, is shown. What is
 * outside is named at the edge.
 * @param spread lowest and highest of all windows, where they are drawn
 * @param usualTop below which nearly all of the curves is
 */
export function valueRange(curves: Extent | null, { spread, limits, usualTop }: RangeOptions): Extent {
  if (curves === null) return limits.length === 0 ? [0, 1] : withAir(Math.min(...limits), Math.max(...limits))
  const [least, top] = curves
  // a single obstructed closing of a minute must not press the wear of weeks flat
  const most = limits.length === 0 ? top : Math.min(top, Math.max(beyond(least, limits), 2 * usualTop - least))
  const length = Math.max(most - least, 0.05 * Math.abs(most))
  const near = limits.filter((limit) => limit <= most + farTimes * length && limit >= least - farTimes * length)
  const drawn = [least, most, ...near]
  const [low, high] = [Math.min(...drawn), Math.max(...drawn)]
  const [lowest, highest] = spread ?? [least, most]
  const tooFar = farSpreadTimes * Math.max(high - low, length)
  return withAir(
    low - lowest > tooFar ? low : Math.min(low, lowest),
    highest - high > tooFar ? high : Math.max(high, highest),
  )
}

interface RangeOptions {
  readonly spread: Extent | null
  readonly limits: readonly number[]
  readonly usualTop: number
}

/** Twice as far from the lowest as the highest limit. */
function beyond(least: number, limits: readonly number[]): number {
  const highest = Math.max(...limits)
  return highest + Math.abs(highest - least)
}

/** Below it are 98 % of the values of each column; of several columns, the highest one's. */
export function usualTopOf(columns: readonly (readonly (number | null | undefined)[])[]): number {
  const tops = columns.map((column) => {
    const values = column
      .filter((value): value is number => typeof value === 'number')
      .sort((one, other) => one - other)
    return values[Math.floor(values.length * 0.98)] ?? Number.NEGATIVE_INFINITY
  })
  return Math.max(Number.NEGATIVE_INFINITY, ...tops)
}

/** The indices of what belongs together: a null ends a run, undefined is another metric's moment. */
export function runsOf(values: readonly (number | null | undefined)[]): number[][] {
  const runs: number[][] = []
  let run: number[] = []
  for (const [index, value] of values.entries()) {
    if (typeof value === 'number') run.push(index)
    if (value !== null || run.length === 0) continue
    runs.push(run)
    run = []
  }
  return run.length === 0 ? runs : [...runs, run]
}

/** Lowest and highest. */
export type Extent = [low: number, high: number]

export function extentOf(columns: readonly (readonly (number | null | undefined)[])[]): Extent | null {
  let extent: Extent | null = null
  for (const column of columns) {
    for (const value of column) {
      if (value == null) continue
      extent = extent === null ? [value, value] : [Math.min(extent[0], value), Math.max(extent[1], value)]
    }
  }
  return extent
}

function withAir(least: number, most: number): Extent {
  const air = (most - least || Math.abs(most) || 1) * 0.08
  return [least - air, most + air]
}
