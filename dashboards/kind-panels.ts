import { z } from 'zod'
import type { DashboardPanel, DeviceKind } from '../devices/kind.ts'
import {
  influxQl,
  type PanelContent,
  picker,
  readings,
  type Section,
  type Threshold,
  type Variable,
} from './grafana.ts'

type MetricTypes = Readonly<Record<string, 'number' | 'string' | 'boolean'>>

/** A curve is drawn through gaps shorter than this, ms: some metrics come once per trip. Longer silence is a gap, never a line. */
const drawnThroughMs = 60 * 60_000
/** A state is held for so long, ms: gateways repeat every state once a minute. Past it nobody knows. */
const heldForMs = 5 * 60_000

/** `electricity-meter` → `electricity_meter`: Grafana's variables have no hyphens. */
export function variableOf(kind: DeviceKind): string {
  return kind.id.replaceAll('-', '_')
}

export function devicePicker(kind: DeviceKind): Variable {
  return picker({
    name: variableOf(kind),
    label: kind.title.en,
    description: `Which devices of the kind "${kind.title.en}" the panels below show; several can be compared`,
    datasource: readings,
    query: `SHOW TAG VALUES FROM "${kind.id}" WITH KEY = "device"`,
    multi: true,
  })
}

export function kindSection(kind: DeviceKind, types: MetricTypes): Section {
  return { title: kind.title.en, panels: kind.dashboard.map((panel) => kindPanel(kind, panel, types)) }
}

function kindPanel(kind: DeviceKind, panel: DashboardPanel, types: MetricTypes): PanelContent {
  const areStates = panel.metrics.every((metric) => types[metric] !== 'number')
  const common = {
    title: panel.title,
    description: describe(panel),
    width: 8,
    height: 8,
    interval: '10s',
    targets: [influxQl('A', curvesQuery(kind, panel, types), { alias: '$tag_device $col' })],
  }
  if (areStates) {
    return {
      ...common,
      type: 'state-timeline',
      field: {
        unit: panel.unit,
        color: { mode: 'palette-classic' },
        custom: { fillOpacity: 70, spanNulls: heldForMs },
      },
      options: {
        mergeValues: true,
        showValue: 'auto',
        rowHeight: 0.85,
        legend: { displayMode: 'list', placement: 'bottom', showLegend: false },
      },
    }
  }
  return {
    ...common,
    type: 'timeseries',
    field: {
      unit: panel.unit,
      color: { mode: 'palette-classic' },
      thresholds: thresholdsOf(panel),
      custom: {
        drawStyle: 'line',
        lineWidth: 1,
        fillOpacity: 0,
        showPoints: 'auto',
        spanNulls: drawnThroughMs,
        thresholdsStyle: { mode: panel.limits ? 'dashed' : 'off' },
      },
    },
    options: { legend: { displayMode: 'list', placement: 'bottom', showLegend: true }, tooltip: { mode: 'multi' } },
  }
}

/**
 * One query for all curves of the panel. `fill(null)` keeps the silence visible. Where there are limits, a point is the
 * extreme of its interval, for a mean over minutes would hide what went past the limit.
 */
function curvesQuery(kind: DeviceKind, panel: DashboardPanel, types: MetricTypes): string {
  const columns = panel.metrics.flatMap((metric) => columnsOf(kind, metric, types[metric], panel))
  return [
    `SELECT ${columns.join(', ')} FROM "${kind.id}"`,
    `WHERE "device" =~ /^\${${variableOf(kind)}:regex}$/ AND $timeFilter`,
    'GROUP BY time($__interval), "device" fill(null)',
  ].join(' ')
}

function columnsOf(
  kind: DeviceKind,
  metric: string,
  type: MetricTypes[string] | undefined,
  { limits }: DashboardPanel,
): string[] {
  const isNamed = limits === undefined && isWhole(kind, metric)
  if (type !== 'number' || isNamed) return [`last("${metric}") AS "${metric}"`]
  if (limits === undefined) return [`mean("${metric}") AS "${metric}"`]
  if (!limits.some(isLower)) return [`max("${metric}") AS "${metric}"`]
  return [`max("${metric}") AS "${metric} max"`, `min("${metric}") AS "${metric} min"`]
}

/** As a floor is: there is none between two of them. */
function isWhole({ telemetry }: DeviceKind, metric: string): boolean {
  const schema = z.toJSONSchema(telemetry).properties?.[metric]
  return typeof schema === 'object' && schema.type === 'integer'
}

type Limit = NonNullable<DashboardPanel['limits']>[number]

/** A limit that is passed downwards: its label says "below", or it is the negative side of a deviation. */
function isLower({ value, label }: Limit): boolean {
  return value < 0 || /\bbelow\b/.test(label)
}

/**
 * Grafana colours from a value upwards; so each lower limit begins the next milder colour. The colour is the severity's where
 * the label names one, else red for the outermost limit of its side and orange for those within.
 */
export function thresholdsOf({ limits = [] }: Pick<DashboardPanel, 'limits'>): Threshold[] {
  const rising = limits.toSorted((one, other) => one.value - other.value)
  const lower = rising.filter(isLower)
  const upper = rising.filter((limit) => !isLower(limit))
  const lowerColours = lower.map((limit, index) => colourOf(limit, index === 0))
  return [
    { color: lowerColours[0] ?? 'green', value: null },
    ...lower.map(({ value }, index) => ({ color: lowerColours[index + 1] ?? 'green', value })),
    ...upper.map((limit, index) => ({ color: colourOf(limit, index === upper.length - 1), value: limit.value })),
  ]
}

function colourOf({ label }: Limit, isOutermost: boolean): string {
  if (label.includes('critical')) return 'dark-red'
  if (label.includes('urgent')) return 'red'
  if (label.includes('warning')) return 'orange'
  return isOutermost ? 'red' : 'orange'
}

/** Grafana's thresholds have no names, so the description tells them. */
function describe({ description, limits }: DashboardPanel): string {
  if (limits === undefined) return description
  return `${description} Limits: ${limits.map(({ value, label }) => `${value} (${label})`).join(', ')}.`
}
