import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { kinds, metricCatalogue } from '../devices/index.ts'
import { generatedFiles } from './dashboards.ts'
import { thresholdsOf } from './kind-panels.ts'

const here = import.meta.dirname

/** The subset of Grafana's classic dashboard that we emit: a field that is not in here has not been thought about. */
const GridPos = z.strictObject({
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  w: z.int().min(1).max(24),
  h: z.int().min(1),
})
const DataSource = z.strictObject({ type: z.string(), uid: z.string() })
const InfluxTarget = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource: DataSource.extend({ type: z.literal('influxdb') }),
  rawQuery: z.literal(true),
  query: z.string().min(1),
  resultFormat: z.enum(['time_series', 'table']),
  alias: z.string().optional(),
})
const PostgresTarget = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource: DataSource.extend({ type: z.literal('postgres') }),
  editorMode: z.literal('code'),
  rawQuery: z.literal(true),
  rawSql: z.string().min(1),
  format: z.enum(['time_series', 'table']),
})
const Panel = z.strictObject({
  id: z.int().min(1),
  type: z.enum(['stat', 'timeseries', 'state-timeline', 'table']),
  title: z.string().min(1),
  description: z.string().min(1),
  gridPos: GridPos,
  datasource: DataSource,
  targets: z.array(z.union([InfluxTarget, PostgresTarget])).min(1),
  fieldConfig: z.strictObject({
    defaults: z.strictObject({
      unit: z.string().min(1),
      noValue: z.literal('no data'),
      thresholds: z.strictObject({
        mode: z.literal('absolute'),
        steps: z.array(z.strictObject({ color: z.string(), value: z.number().nullable() })).min(1),
      }),
      color: z.strictObject({ mode: z.string(), fixedColor: z.string().optional() }).optional(),
      decimals: z.int().optional(),
      min: z.number().optional(),
      max: z.number().optional(),
      custom: z.record(z.string(), z.unknown()).optional(),
    }),
    overrides: z.array(
      z.strictObject({
        matcher: z.strictObject({ id: z.enum(['byName', 'byRegexp']), options: z.string().min(1) }),
        properties: z.array(z.strictObject({ id: z.string(), value: z.unknown() })).min(1),
      }),
    ),
  }),
  options: z.record(z.string(), z.unknown()),
  interval: z.string().optional(),
  timeFrom: z.string().optional(),
})
const Row = z.strictObject({
  id: z.int().min(1),
  type: z.literal('row'),
  title: z.string().min(1),
  gridPos: GridPos,
  collapsed: z.literal(false),
  panels: z.tuple([]),
})
const Dashboard = z.strictObject({
  uid: z.string().regex(/^[a-z-]{1,40}$/),
  title: z.string().min(1),
  description: z.string().min(1),
  tags: z.array(z.string()),
  schemaVersion: z.int().min(36),
  timezone: z.literal('Asia/Shanghai'),
  time: z.strictObject({ from: z.string(), to: z.literal('now') }),
  refresh: z.string(),
  editable: z.literal(false),
  graphTooltip: z.literal(1),
  templating: z.strictObject({
    list: z.array(
      z.object({ name: z.string().regex(/^\w+$/), label: z.string(), query: z.string(), datasource: DataSource }),
    ),
  }),
  links: z.array(z.record(z.string(), z.unknown())),
  annotations: z.strictObject({ list: z.tuple([]) }),
  panels: z.array(z.union([Panel, Row])).min(1),
})
type Dashboard = z.infer<typeof Dashboard>

const files = readdirSync(join(here, 'generated'))
const boards = files.map((file) => Dashboard.parse(JSON.parse(readFileSync(join(here, 'generated', file), 'utf8'))))

test('what is committed is what the code makes; else: npm run build && node dist/dashboards/build.js', () => {
  const made = generatedFiles()

  expect(files.toSorted()).toEqual([...made.keys()].toSorted())
  for (const [name, content] of made) expect(readFileSync(join(here, 'generated', name), 'utf8')).toBe(content)
})

test('there are the three dashboards, with uids of their own', () => {
  expect(boards.map(({ uid }) => uid).toSorted()).toEqual([
    'liftwatt-fleet',
    'liftwatt-health',
    'liftwatt-response-times',
  ])
})

describe.each(boards.map((board) => [board.uid, board] as const))('%s', (_uid, board) => {
  test('no two panels have one id', () => {
    const ids = board.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('no panel lies on another, and none leaves the 24 columns', () => {
    const taken = new Map<string, string>()
    for (const { title, gridPos } of board.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.get(`${x} ${y}`), `${title} at ${x}, ${y}`).toBeUndefined()
          taken.set(`${x} ${y}`, title)
        }
      }
    }
  })

  test('no two panels have one title', () => {
    const titles = panelsOf(board).map(({ title }) => title)
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
  })

  test('a panel asks the data source that it names, each question with a letter of its own', () => {
    for (const { title, datasource, targets } of panelsOf(board)) {
      for (const target of targets) expect(target.datasource, title).toEqual(datasource)
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length)
    }
  })

  test('every $variable of a query is defined, and every defined one is used', () => {
    const used = new Set(textsOf(board).flatMap(variablesIn))
    expect([...used].toSorted()).toEqual(board.templating.list.map(({ name }) => name).toSorted())
  })

  test('every query keeps to a time range, but for those about now', () => {
    for (const { title, targets } of panelsOf(board)) {
      if (aboutNow.includes(title)) continue
      for (const target of targets) expect(textOf(target)).toMatch(/\$timeFilter|\$__timeFilter\(|time > now\(\) - 30d/)
    }
  })

  test('no device, gateway or host is written into a query', () => {
    for (const text of textsOf(board)) {
      expect(text).not.toMatch(/"device"\s*=\s*'|device_id\s*=|sim-|elv-|localhost|\d+\.\d+\.\d+\.\d+/)
    }
  })

  test('every unit is one of Grafana', () => {
    for (const { title, fieldConfig } of panelsOf(board)) {
      const overridden = fieldConfig.overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === 'unit'))
      for (const unit of [fieldConfig.defaults.unit, ...overridden.map(({ value }) => value)]) {
        expect(units, `${title}: ${unit}`).toContain(unit)
      }
    }
  })
})

test('every measurement, tag and metric in a query is in the catalogue', () => {
  const influx = boards.flatMap(textsOf).filter((text) => /^(SELECT|SHOW)/.test(text))
  expect(influx.length).toBeGreaterThan(30)
  for (const query of influx) {
    const kind = /FROM "([^"]+)"/.exec(query)?.[1] ?? ''
    const metrics = Object.keys(metricCatalogue[kind] ?? {})
    expect(metrics, query).not.toEqual([])
    const withoutAliases = query.replaceAll(/ AS "[^"]+"/g, '')
    const aliases = [...query.matchAll(/ AS "([^"]+)"/g)].map(([, alias]) => alias)
    for (const [, name] of withoutAliases.matchAll(/"([^"]+)"/g)) {
      expect([kind, 'device', 'receivedAt', ...metrics, ...aliases], query).toContain(name)
    }
  }
})

test('every metric of every kind has its place on the fleet dashboard', () => {
  const fleet = boards.find(({ uid }) => uid === 'liftwatt-fleet')
  for (const { id } of kinds) {
    const queries = fleet ? textsOf(fleet).filter((text) => text.includes(`FROM "${id}"`)) : []
    const missing = Object.keys(metricCatalogue[id] ?? {}).filter(
      (metric) => !queries.some((query) => query.includes(`("${metric}")`)),
    )
    expect(missing, id).toEqual([])
  }
})

test('a limit colours from its value up, a lower one up to its value', () => {
  expect(
    thresholdsOf({
      limits: [
        { value: 160, label: 'urgent below' },
        { value: 187, label: 'warning below' },
        { value: 253, label: 'warning' },
        { value: 275, label: 'critical' },
      ],
    }),
  ).toEqual([
    { color: 'red', value: null },
    { color: 'orange', value: 160 },
    { color: 'green', value: 187 },
    { color: 'orange', value: 253 },
    { color: 'dark-red', value: 275 },
  ])
  expect(thresholdsOf({ limits: [{ value: 110, label: 'overload' }] })).toEqual([
    { color: 'green', value: null },
    { color: 'red', value: 110 },
  ])
  expect(thresholdsOf({})).toEqual([{ color: 'green', value: null }])
  expect(
    thresholdsOf({ limits: [-20, -10, 10, 20].map((value) => ({ value, label: 'levelling' })) }).map(
      ({ color }) => color,
    ),
  ).toEqual(['red', 'orange', 'green', 'orange', 'red'])
})

describe('provisioning', () => {
  const sources = z
    .strictObject({
      apiVersion: z.literal(1),
      datasources: z.array(
        z.strictObject({
          name: z.string().min(1),
          uid: z.string().min(1),
          type: z.enum(['influxdb', 'postgres']),
          access: z.literal('proxy'),
          url: z.string().min(1),
          user: z.string().min(1),
          jsonData: z.record(z.string(), z.unknown()),
          secureJsonData: z.strictObject({
            password: z.string().regex(/^\$[A-Z_]+$/, 'a secret from the environment'),
          }),
          isDefault: z.boolean().optional(),
          editable: z.literal(false),
        }),
      ),
    })
    .parse(parse(readFileSync(join(here, 'provisioning/datasources/liftwatt.yaml'), 'utf8'))).datasources

  test('the data sources that panels and pickers use are those that are provisioned', () => {
    const provisioned = sources.map(({ uid, type }) => `${type} ${uid}`)
    const used = boards.flatMap((board) => [
      ...panelsOf(board).flatMap(({ targets }) => targets.map(({ datasource }) => datasource)),
      ...board.templating.list.map(({ datasource }) => datasource),
    ])
    expect([...new Set(used.map(({ uid, type }) => `${type} ${uid}`))].toSorted()).toEqual(provisioned.toSorted())
    expect(sources.filter(({ isDefault }) => isDefault)).toHaveLength(1)
  })

  test('InfluxDB is asked in InfluxQL, by POST', () => {
    const influx = sources.find(({ type }) => type === 'influxdb')
    expect(influx?.jsonData).toMatchObject({ version: 'InfluxQL', httpMode: 'POST', dbName: '$INFLUXDB_DATABASE' })
  })

  test('the dashboards come from a folder and cannot be changed in the browser, where the change would be lost', () => {
    const file = parse(readFileSync(join(here, 'provisioning/dashboards/liftwatt.yaml'), 'utf8'))
    expect(file).toMatchObject({
      apiVersion: 1,
      providers: [
        { type: 'file', allowUiUpdates: false, disableDeletion: true, options: { path: '$LIFTWATT_DASHBOARDS' } },
      ],
    })
  })
})

/** What these panels say is as of now, or as of the last time that health was written down. */
const aboutNow = [
  ...['Open orders', 'Open incidents by severity', 'Overdue now'],
  ...['Devices by health', 'Written down', 'Worst devices', 'Least known devices', 'What costs points, all devices'],
  ...['Nearest forecasts', 'Without a forecast', 'Where the points went', 'Forecasts of the chosen devices'],
]

/** Units of Grafana by their ids; `mm/s` is none, and what Grafana does not know it shows as written. */
const units = [
  ...[
    'none',
    'short',
    'string',
    'percent',
    'percentunit',
    's',
    'ms',
    'h',
    'celsius',
    'volt',
    'amp',
    'mamp',
    'watt',
    'kwatth',
  ],
  ...['hertz', 'velocityms', 'accMS2', 'lengthmm', 'mm/s', 'dateTimeFromNow', 'dateTimeAsLocal'],
]

function panelsOf(board: Dashboard) {
  return board.panels.filter((panel) => panel.type !== 'row')
}

function textOf(target: z.infer<typeof InfluxTarget> | z.infer<typeof PostgresTarget>): string {
  return 'query' in target ? target.query : target.rawSql
}

function textsOf(board: Dashboard): string[] {
  return [
    ...panelsOf(board).flatMap(({ targets }) => targets.map(textOf)),
    ...board.templating.list.map(({ query }) => query),
  ]
}

/** `$name` and `${name:format}`, but for those that Grafana itself replaces. */
function variablesIn(text: string): string[] {
  const names = [...text.matchAll(/\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g)].map(([, braced, plain]) => braced ?? plain ?? '')
  return names.filter((name) => name !== 'timeFilter' && !name.startsWith('__'))
}
