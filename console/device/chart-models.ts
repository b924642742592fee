import { aligned, type Curve, type Span } from '../shared/components/chart-data.ts'
import type { ChartLimit, ChartModel, ChartMoment } from '../shared/components/chart-model.ts'
import type { DeviceDetail, MetricBucket } from '../shared/wire.ts'
import { lineOf } from './forecast.ts'
import { limitsOf, usualOf } from './limits.ts'
import type { MetricGroup } from './metrics.ts'
import { isCount, isPerEvent, measure, metricName, stateColour, stateText } from './metrics.ts'
import type { Known } from './read.ts'
import { rowOf, sharesText, stateSegments } from './states.ts'

/** What the charts of one time range are made of. */
export interface Drawn {
  /** What was asked for, as far as it is past. */
  readonly past: Span
  /** The axis, which may reach into the future. */
  readonly span: Span
  readonly stepMs: number
  readonly windows: ReadonlyMap<string, readonly MetricBucket[]>
  /** Windows in which the device said anything. */
  readonly heard: readonly number[]
  /** Where it said nothing. */
  readonly quiet: readonly Span[]
}

export interface Phrases {
  readonly noData: string
  readonly limit: string
  usual(value: string): string
  readonly severities: Readonly<Record<'critical' | 'urgent' | 'warning' | 'info', string>>
}

export interface CurveChart {
  readonly group: MetricGroup
  readonly lines: readonly { readonly metric: string; readonly colour: string; readonly curve: Curve }[]
  readonly model: ChartModel
}

/** A sample speaks for so long, as both kinds have it (`freshSeconds`). */
export const freshMs = 90_000

/** Whether a device is heard now: what is not says nothing about how it is. */
export function isHeard({ last }: Pick<DeviceDetail, 'last'>, now: number): boolean {
  return last !== null && now - Date.parse(last.at) < freshMs
}
const colours = ['--curve-1', '--curve-2', '--curve-3', '--curve-4']

export function curveChart(
  group: MetricGroup,
  drawn: Drawn,
  known: Known,
  { moments, phrases }: { moments: readonly ChartMoment[]; phrases: Phrases },
): CurveChart {
  const { past, span, stepMs, heard } = drawn
  const windows = group.metrics.map((metric) => drawn.windows.get(metric) ?? [])
  const { times, curves, quiet } = aligned(windows, {
    ...{ heard, within: past, stepMs, freshMs },
    perEvent: group.metrics.every(isPerEvent),
  })
  const lines = group.metrics.flatMap((metric, index) => {
    const measured = curves[index]
    const curve = measured !== undefined && isCount(metric) ? { ...measured, means: measured.highest } : measured
    return curve === undefined ? [] : [{ metric, colour: colours[index % colours.length] ?? '--text', curve }]
  })
  const usual = group.metrics.flatMap((metric) => usualOf(metric, sourcesOf(known)) ?? [])
  const forecasts = (known.health?.forecasts ?? []).filter(({ quantity }) => group.metrics.includes(quantity))
  return {
    group,
    lines,
    model: {
      ...{ span, times, moments, quiet, now: past.to, quietText: phrases.noData },
      lines: lines.map(({ colour, curve: { means, lowest, highest, isSparse } }) => {
        return { values: means, colour, isSparse, ...(means !== highest && { lowest, highest }) }
      }),
      limits: [
        ...limitLines(group, known, phrases),
        ...usual.map(({ metric, value }) => {
          return { value, text: withName(group, metric, phrases.usual(measure(value, metric))), colour: '--ok' }
        }),
      ],
      bands: usual.flatMap(({ value, reach }) => (reach === 0 ? [] : [{ low: value - reach, high: value + reach }])),
      // without the future on the axis it would be a line that goes nowhere
      forecasts: span.to > past.to ? forecasts.flatMap((forecast) => lineOf(forecast) ?? []) : [],
    },
  }
}

function sourcesOf({ rules, health, incidents, device }: Known) {
  return { rules, facts: device.facts, forecasts: health?.forecasts ?? [], incidents }
}

function limitLines(group: MetricGroup, known: Known, { severities, limit }: Phrases): ChartLimit[] {
  return group.metrics.flatMap((metric) =>
    limitsOf(metric, sourcesOf(known)).map(({ value, severity }) => ({
      value,
      text: withName(group, metric, `${severity === null ? limit : severities[severity]} ${measure(value, metric)}`),
      colour: severity === null ? '--critical' : `--${severity}`,
    })),
  )
}

/** Where curves share a chart, a limit says whose it is. */
function withName({ metrics }: MetricGroup, metric: string, text: string): string {
  return metrics.length > 1 ? `${metricName(metric)}: ${text}` : text
}

/** The strip of states, and the same in words. */
export function stripChart(
  metrics: readonly string[],
  { windows, quiet, past, span }: Drawn,
  { moments, noData }: { moments: readonly ChartMoment[]; noData: string },
): { model: ChartModel; text: string } {
  const rows = metrics.map((metric) => {
    const segments = stateSegments(windows.get(metric) ?? [], quiet, past.to)
    const textOf = (state: MetricBucket['last']) => stateText(metric, state)
    const row = rowOf(metricName(metric), segments, textOf, (state) => stateColour(metric, state))
    return { row, text: `${metricName(metric)}: ${segments.length === 0 ? noData : sharesText(segments, textOf)}` }
  })
  return {
    model: {
      ...{ span, lines: [], moments, quiet, quietText: noData, now: past.to },
      times: [past.from, past.to],
      rows: rows.map(({ row }) => row),
    },
    text: rows.map(({ text }) => text).join('; '),
  }
}
