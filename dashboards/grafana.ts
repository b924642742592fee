/**
 * The part of Grafana's classic dashboard JSON that we emit, and builders for it. Classic, for Grafana 10 to 13 read it;
 * newer ones migrate it as they load it. `id` of a dashboard is left out, for it belongs to one installation.
 */

export interface DataSourceRef {
  readonly type: string
  readonly uid: string
}

/** Fixed names of the two data sources in `provisioning/datasources/liftwatt.yaml`. */
export const readings: DataSourceRef = { type: 'influxdb', uid: 'liftwatt-readings' }
export const operations: DataSourceRef = { type: 'postgres', uid: 'liftwatt-operations' }

export interface InfluxTarget {
  readonly refId: string
  readonly datasource: DataSourceRef
  readonly rawQuery: true
  readonly query: string
  readonly resultFormat: 'time_series' | 'table'
  /** Names the curves: `$col` is the column, `$tag_device` the device. */
  readonly alias?: string
}

export interface PostgresTarget {
  readonly refId: string
  readonly datasource: DataSourceRef
  readonly editorMode: 'code'
  readonly rawQuery: true
  readonly rawSql: string
  readonly format: 'time_series' | 'table'
}

export type Target = InfluxTarget | PostgresTarget

export interface Threshold {
  readonly color: string
  /** From this value up; null = from the very bottom. */
  readonly value: number | null
}

export interface FieldConfig {
  readonly unit: string
  readonly noValue: string
  readonly thresholds: { readonly mode: 'absolute'; readonly steps: readonly Threshold[] }
  readonly color?: { readonly mode: 'palette-classic' | 'thresholds' | 'fixed'; readonly fixedColor?: string }
  readonly decimals?: number
  readonly min?: number
  readonly max?: number
  readonly custom?: Readonly<Record<string, unknown>>
}

export interface FieldOverride {
  readonly matcher: { readonly id: 'byName' | 'byRegexp'; readonly options: string }
  readonly properties: readonly { readonly id: string; readonly value: unknown }[]
}

export interface GridPos {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

export interface Panel {
  readonly id: number
  readonly type: 'stat' | 'timeseries' | 'state-timeline' | 'table'
  readonly title: string
  readonly description: string
  readonly gridPos: GridPos
  readonly datasource: DataSourceRef
  readonly targets: readonly Target[]
  readonly fieldConfig: { readonly defaults: FieldConfig; readonly overrides: readonly FieldOverride[] }
  readonly options: Readonly<Record<string, unknown>>
  /** The shortest `$__interval`. */
  readonly interval?: string
  /** The panel's own time range up to now, whatever the dashboard's: `30d`. */
  readonly timeFrom?: string
}

export interface Row {
  readonly id: number
  readonly type: 'row'
  readonly title: string
  readonly gridPos: GridPos
  readonly collapsed: false
  readonly panels: readonly []
}

export interface Variable {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly type: 'query'
  readonly datasource: DataSourceRef
  readonly query: string
  /** 2 = again whenever the time range changes. */
  readonly refresh: 2
  readonly sort: 1
  readonly multi: boolean
  readonly includeAll: false
  readonly hide: 0
  readonly regex: ''
  readonly options: readonly []
  readonly current: Readonly<Record<string, never>>
}

export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly tags: readonly string[]
  readonly schemaVersion: number
  readonly timezone: string
  readonly time: { readonly from: string; readonly to: string }
  readonly refresh: string
  readonly editable: false
  /** 1 = the hover line is shared by all panels. */
  readonly graphTooltip: 1
  readonly templating: { readonly list: readonly Variable[] }
  readonly links: readonly Readonly<Record<string, unknown>>[]
  readonly annotations: { readonly list: readonly [] }
  readonly panels: readonly (Panel | Row)[]
}

/** What a panel is before it has its place. */
export interface PanelContent extends Omit<Panel, 'id' | 'gridPos' | 'datasource' | 'options' | 'fieldConfig'> {
  readonly width: number
  readonly height: number
  readonly field: Omit<FieldConfig, 'noValue' | 'thresholds'> & { readonly thresholds?: readonly Threshold[] }
  readonly overrides?: readonly FieldOverride[]
  readonly options?: Readonly<Record<string, unknown>>
}

export interface Section {
  readonly title: string
  readonly panels: readonly PanelContent[]
}

/** Grafana's grid is 24 columns wide. */
const gridWidth = 24

export function dashboard(
  about: Pick<Dashboard, 'uid' | 'title' | 'description' | 'time' | 'refresh'>,
  variables: readonly Variable[],
  sections: readonly Section[],
): Dashboard {
  return {
    ...about,
    tags: ['liftwatt'],
    schemaVersion: 39,
    timezone: 'Asia/Shanghai',
    editable: false,
    graphTooltip: 1,
    templating: { list: variables },
    links: [{ type: 'dashboards', title: 'Liftwatt', tags: ['liftwatt'], asDropdown: false, keepTime: true }],
    annotations: { list: [] },
    panels: placed(sections),
  }
}

/** Each section below the last: a row as its heading, then its panels from left to right, wrapping. */
function placed(sections: readonly Section[]): (Panel | Row)[] {
  const result: (Panel | Row)[] = []
  let y = 0
  for (const { title, panels } of sections) {
    const gridPos = { x: 0, y, w: gridWidth, h: 1 }
    result.push({ id: result.length + 1, type: 'row', title, gridPos, collapsed: false, panels: [] })
    y += 1
    let x = 0
    let lineHeight = 0
    for (const content of panels) {
      if (x + content.width > gridWidth) {
        x = 0
        y += lineHeight
        lineHeight = 0
      }
      result.push(panel(result.length + 1, content, { x, y, w: content.width, h: content.height }))
      x += content.width
      lineHeight = Math.max(lineHeight, content.height)
    }
    y += lineHeight
  }
  return result
}

function panel(id: number, content: PanelContent, gridPos: GridPos): Panel {
  const { width: _, height: __, field, overrides = [], options = {}, targets, ...rest } = content
  const { thresholds = [{ color: 'green', value: null }], ...defaults } = field
  const datasource = targets[0]?.datasource
  if (datasource === undefined) throw new Error(`The panel "${content.title}" asks nothing`)
  return {
    id,
    ...rest,
    gridPos,
    datasource,
    targets,
    fieldConfig: {
      // no data is never shown as 0
      defaults: { ...defaults, noValue: 'no data', thresholds: { mode: 'absolute', steps: thresholds } },
      overrides,
    },
    options,
  }
}

/** A choice that a query fills. */
export function picker(
  about: Pick<Variable, 'name' | 'label' | 'description' | 'datasource' | 'query' | 'multi'>,
): Variable {
  return {
    ...about,
    type: 'query',
    refresh: 2,
    sort: 1,
    includeAll: false,
    hide: 0,
    regex: '',
    options: [],
    current: {},
  }
}

export function influxQl(refId: string, query: string, more: { alias?: string; table?: true } = {}): InfluxTarget {
  return {
    refId,
    datasource: readings,
    rawQuery: true,
    query,
    resultFormat: more.table ? 'table' : 'time_series',
    ...(more.alias !== undefined && { alias: more.alias }),
  }
}

/** @param format `time_series` wants a first column `time`, rising */
export function sqlQuery(rawSql: string, format: PostgresTarget['format'] = 'table'): PostgresTarget {
  return { refId: 'A', datasource: operations, editorMode: 'code', rawQuery: true, rawSql, format }
}

/** A `stat` panel shows every number of its one row, large. */
export const statOptions = {
  reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
  colorMode: 'value',
  graphMode: 'none',
  textMode: 'auto',
  orientation: 'auto',
} as const
