import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHealthWatch, type DeviceStatus } from '../analytics/health.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../core/clock.ts'
import { silentLog } from '../core/log.ts'
import type { Values } from '../core/reading.ts'
import type { Severity } from '../core/severity.ts'
import { kinds, metricCatalogue } from '../devices/index.ts'
import { fleetReadings } from '../simulators/fleet.ts'
import { planFleet } from '../simulators/fleet-plan.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../stores/operations/embedded-postgres.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { openPostgresOperations } from '../stores/operations/postgres.ts'
import { openInfluxReadings } from '../stores/readings/influx.ts'
import { describeWithEngine } from '../test/engines/describe.ts'
import { type RunningInfluxd, startInfluxd } from '../test/engines/influxd.ts'
import { testDevice, testIncident } from '../test/fixtures/rows.ts'
import { createWorkOrders } from '../workorders/life/act.ts'
import { openOrder, upgradeOrder } from '../workorders/life/open.ts'
import { dashboards } from './dashboards.ts'
import type { InfluxTarget, Panel, PostgresTarget } from './grafana.ts'

// What Grafana does to a query before the database sees it is done here as its sources do it, and every query then runs on
// real engines with the rights that Grafana has.

const now = Date.now()
/** What not every device of a kind can say: each says it here, so that every curve has something to draw. */
const saidBySome: Readonly<Record<string, Values>> = {
  elevator: { relevels: 1, doorLockRetries: 2 },
  'electricity-meter': {
    ...{ hertz: 50, neutralAmps: 2, cableCelsius: 31, ambientCelsius: 28, meterCelsius: 29 },
    ...{ powerFactor: 1, arcHalfCycles: 0, breaker: 'closed', occupied: true },
  },
}
const panels = dashboards.flatMap((board) => board.panels).filter((panel): panel is Panel => panel.type !== 'row')
const pickers = dashboards.flatMap(({ templating }) => templating.list)
const asks = <T>(type: string) =>
  panels.flatMap((panel) =>
    panel.targets
      .filter((target) => target.datasource.type === type)
      .map((target) => [`${panel.title} ${target.refId}`, target as T, panel] as const),
  )

await describeWithEngine('influxd', 'every InfluxQL query on InfluxDB 1.6', () => {
  const admin = { username: 'admin', password: 'admin-secret' }
  const fleet = planFleet({
    devices: 4,
    shares: { elevator: 1, 'electricity-meter': 1 },
    devicesPerGateway: 2,
    seed: 7,
    prefix: 'test',
  })
  const range = { from: now - 6 * hourMs, to: now }
  const silent = 'test-elevator-0002'
  let influxd: RunningInfluxd

  beforeAll(async () => {
    influxd = await startInfluxd({ admin })
    await administer('CREATE DATABASE "liftwatt"')
    // as the image of docker-compose.yml makes them from INFLUXDB_USER and INFLUXDB_READ_USER
    await administer(`CREATE USER "liftwatt" WITH PASSWORD 'w'; GRANT ALL ON "liftwatt" TO "liftwatt"`)
    await administer(`CREATE USER "grafana" WITH PASSWORD 'r'; GRANT READ ON "liftwatt" TO "grafana"`)
    await seedReadings()
  })
  afterAll(() => influxd?.remove())

  async function seedReadings() {
    const store = await openInfluxReadings({
      url: influxd.url,
      database: 'liftwatt',
      username: 'liftwatt',
      password: 'w',
      catalogue: metricCatalogue,
      log: silentLog,
    })
    const readings = [...fleetReadings({ kinds, devices: fleet, intervalSeconds: 10 }, range.from, range.to)]
      // one of them falls silent for the last hour
      .filter(({ deviceId, at }) => deviceId !== silent || at < now - hourMs)
      .map(({ deviceId, kind, at, values }) => ({
        deviceId,
        kind,
        at,
        values: { ...saidBySome[kind], ...values },
        receivedAt: at + 150,
      }))
    const { refused } = await store.write(readings, { journalId: randomUUID(), position: 1 })
    expect(refused).toEqual([])
    await store.close()
  }

  async function administer(q: string) {
    const { status } = await ask(q, `${admin.username}:${admin.password}`)
    expect(status).toBe(200)
  }

  async function ask(q: string, login = 'grafana:r') {
    const response = await fetch(`${influxd.url}/query?db=liftwatt&epoch=ms`, {
      method: 'POST',
      body: new URLSearchParams({ q }),
      headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
    })
    const body = (await response.json()) as { error?: string; results?: { error?: string; series?: Series[] }[] }
    const error = body.error ?? body.results?.[0]?.error
    return { status: response.status, error, series: body.results?.[0]?.series ?? [] }
  }

  function withMacros(query: string, devices: readonly string[]): string {
    return query
      .replaceAll(/\$\{\w+:regex\}/g, devices.length === 1 ? (devices[0] ?? '') : `(${devices.join('|')})`)
      .replaceAll('$timeFilter', `time >= ${range.from}ms and time <= ${range.to}ms`)
      .replaceAll('$__interval', '30s')
  }

  const devicesFor = (query: string) => fleet.filter(({ kind }) => query.includes(`FROM "${kind}"`)).map(({ id }) => id)

  test.each(pickers.filter(({ datasource }) => datasource.type === 'influxdb'))(
    'picker $name lists its devices',
    async (picker) => {
      const { error, series } = await ask(withMacros(picker.query, []))

      expect(error).toBeUndefined()
      expect(series[0]?.values.map(([, device]) => device)).toEqual(devicesFor(picker.query))
    },
  )

  const curves = asks<InfluxTarget>('influxdb').filter(([, { resultFormat, query }]) => {
    return resultFormat === 'time_series' && query.includes('$timeFilter')
  })

  test.each(curves)('%s: curves of every device, values that such a sensor can say', async (_title, { query }) => {
    const devices = devicesFor(query)
    const { error, series } = await ask(withMacros(query, devices))

    expect(error).toBeUndefined()
    expect(series.map(({ tags }) => tags?.device)).toEqual(devices)
    for (const { name, columns, values } of series) {
      expect(values.length).toBeGreaterThan(100)
      const schema = kinds.find(({ id }) => id === name)?.telemetry.shape
      columns.slice(1).forEach((column, index) => {
        const said = values.map((row) => row[index + 1]).filter((value) => value !== null)
        const metric = column.replace(/ (min|max)$/, '')
        for (const value of said) expect(schema?.[metric]?.safeParse(value).success, `${column} ${value}`).toBe(true)
      })
      const silentColumns = columns.filter((_, index) => values.every((row) => row[index] === null))
      expect(silentColumns).toEqual([])
    }
  })

  test('curves show one device when one is chosen', async () => {
    for (const [title, { query }] of curves) {
      const [device = ''] = devicesFor(query)
      const { series } = await ask(withMacros(query, [device]))
      expect(
        series.map(({ tags }) => tags?.device),
        title,
      ).toEqual([device])
    }
  })

  test('an hour without data is a gap of nulls, not the last value drawn on', async () => {
    const temperature = curves.find(([title]) => title.startsWith('Motor temperature'))?.[1]
    const { series } = await ask(withMacros(temperature?.query ?? '', [silent]))
    const lastHour = series[0]?.values.filter(([at]) => Number(at) > now - hourMs + minuteMs)

    expect(lastHour?.length).toBeGreaterThan(100)
    expect(lastHour?.every(([, value]) => value === null)).toBe(true)
  })

  test('what goes past a limit for one reading is seen in a day of 5-minute points', async () => {
    const at = now - 3 * hourMs
    const line = `elevator,device=test-elevator-0001 motorCelsius=151,receivedAt=${at} ${at}`
    const url = `${influxd.url}/write?db=liftwatt&precision=ms`
    await fetch(url, { method: 'POST', body: line, headers: { authorization: `Basic ${btoa('liftwatt:w')}` } })
    const query = curves.find(([title]) => title.startsWith('Motor temperature'))?.[1].query ?? ''
    const { series } = await ask(withMacros(query, ['test-elevator-0001']).replace('30s', '5m'))

    expect(Math.max(...(series[0]?.values ?? []).map(([, value]) => Number(value)))).toBe(151)
  })

  test('last data: the newest reading of each kind, seconds old', async () => {
    const ages = asks<InfluxTarget>('influxdb').filter(([title]) => title.startsWith('Last data'))
    expect(ages).toHaveLength(kinds.length)
    for (const [, { query }] of ages) {
      const { error, series } = await ask(query)
      expect(error).toBeUndefined()
      const receivedAt = Number(series[0]?.values[0]?.[1])
      expect(receivedAt).toBeGreaterThan(now - 30 * secondMs)
      expect(receivedAt).toBeLessThanOrEqual(now + 150)
    }
  })

  test('quietest: the device that fell silent an hour ago comes before the one that talks', async () => {
    const [, target] = asks<InfluxTarget>('influxdb').find(([title]) => title.startsWith('Quietest: Elevator')) ?? []
    const { error, series } = await ask(target?.query ?? '')

    expect(error).toBeUndefined()
    expect(series[0]?.columns).toEqual(['time', 'lastReceived', 'device'])
    const rows = (series[0]?.values ?? []).toSorted((one, other) => Number(one[1]) - Number(other[1]))
    expect(rows.map((row) => row[2])).toEqual([silent, 'test-elevator-0001'])
    expect(Number(rows[0]?.[1])).toBeLessThan(now - hourMs + minuteMs)
  })

  test('a kind without any reading answers nothing, which the panel shows as "no data"', async () => {
    await administer('CREATE DATABASE "empty"')
    for (const [title, { query }] of asks<InfluxTarget>('influxdb')) {
      const { error, series } = await ask(
        withMacros(query.replaceAll('FROM "', 'FROM "empty".."'), ['nobody']),
        'admin:admin-secret',
      )
      expect(error, title).toBeUndefined()
      expect(series, title).toEqual([])
    }
  })

  test('the user of Grafana reads and cannot write or delete', async () => {
    const headers = { authorization: `Basic ${btoa('grafana:r')}` }
    const line = 'elevator,device=forged motorCelsius=20'
    const written = await fetch(`${influxd.url}/write?db=liftwatt`, { method: 'POST', body: line, headers })

    expect(written.status).toBe(403)
    expect((await ask('DROP MEASUREMENT "elevator"')).error).toMatch(/not authorized|requires/)
  })
})

interface Series {
  readonly name: string
  readonly tags?: Record<string, string>
  readonly columns: string[]
  readonly values: (string | number | boolean | null)[][]
}

describe('every SQL query on PostgreSQL', () => {
  const passwords = { POSTGRES_LIFTWATT_PASSWORD: "lift'watt", POSTGRES_GRAFANA_PASSWORD: 'graf"ana' }
  let directory: string
  let postgres: EmbeddedPostgres
  let operations: OperationsStore
  let grafana: pg.Client

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'liftwatt-dashboards-'))
    postgres = await startEmbeddedPostgres({ directory, log: silentLog })
    await makeRoles()
    operations = await openPostgresOperations({
      connection: { ...postgres.connection, password: passwords.POSTGRES_LIFTWATT_PASSWORD },
      connections: 2,
      log: silentLog,
    })
    grafana = await connect({ user: 'grafana', password: passwords.POSTGRES_GRAFANA_PASSWORD, database: 'liftwatt' })
  })
  afterAll(async () => {
    await grafana?.end()
    await operations?.close()
    await postgres?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  async function connect(who: { user: string; password: string; database: string }) {
    const client = new pg.Client({ ...postgres.connection, ...who })
    await client.connect()
    return client
  }

  /** `deploy/postgres/10-roles.sql` as psql runs it, on a server that has neither its roles nor its database yet. */
  async function makeRoles() {
    const { superuserPassword } = JSON.parse(readFileSync(join(directory, 'secret.json'), 'utf8'))
    const superuser = { user: 'postgres', password: superuserPassword, database: 'postgres' }
    const script = readFileSync(join(import.meta.dirname, '../deploy/postgres/10-roles.sql'), 'utf8')
    const variables = new Map(
      [...script.matchAll(/^\\getenv (\w+) (\w+)$/gm)].map(([, variable = '', name = '']) => [
        variable,
        passwords[name as keyof typeof passwords],
      ]),
    )
    const [first = '', second = ''] = script
      .replaceAll(/^\\getenv .*$/gm, '')
      .replaceAll(/:'(\w+)'/g, (_, variable) => pg.escapeLiteral(variables.get(variable) ?? ''))
      .split('\\connect liftwatt')

    const server = await connect(superuser)
    await server.query('drop database liftwatt')
    await server.query('drop role liftwatt')
    // one by one: `create database` cannot run beside others
    for (const statement of first.split(/;\n/).filter((part) => part.trim() !== '')) await server.query(statement)
    await server.end()
    const database = await connect({ ...superuser, database: 'liftwatt' })
    await database.query(second)
    await database.end()
  }

  /**
   * First the choices, each in quotes with commas in between, none as ''. Then, as Grafana's PostgreSQL source does it: an argument ends at
   * the first `)`, and only what is before a comma counts.
   */
  function withMacros(sql: string, range: { from: number; to: number }, chosen = everything): string {
    const withChoices = sql.replaceAll(/\$\{(\w+):sqlstring\}/g, (_, name: string) => {
      const names = chosen[name as keyof Chosen] ?? []
      return names.length === 0 ? "''" : names.map((one) => pg.escapeLiteral(one)).join(',')
    })
    return withChoices.replaceAll(/\$([_a-zA-Z0-9]+)\(([^)]*)\)/g, (_, macro: string, text: string) => {
      if (macro !== '__timeFilter') throw new Error(`Grafana has no macro $${macro}, or this test does not know it`)
      const [column = ''] = text.split(',')
      return `${column.trim()} BETWEEN '${new Date(range.from).toISOString()}' AND '${new Date(range.to).toISOString()}'`
    })
  }

  const lastMonth = { from: now - 30 * dayMs, to: now }
  const sqlAsks = asks<PostgresTarget>('postgres')

  async function answerOf(title: string, range = lastMonth, chosen = everything): Promise<pg.QueryResultRow[]> {
    const target = sqlAsks.find(([name]) => name === `${title} A`)?.[1]
    if (target === undefined) throw new Error(`no panel ${title}`)
    return (await grafana.query(withMacros(target.rawSql, range, chosen))).rows
  }

  test('the role of Grafana reads what its boards show, no credentials, contacts or raw messages, and changes nothing', async () => {
    for (const table of ['incidents', 'work_orders', 'device_health', 'device_forecasts']) {
      await expect(grafana.query(`select * from ${table}`), table).resolves.toBeDefined()
    }
    const closed = [
      'gateway_credentials',
      'gateways',
      'quarantine',
      'audit',
      'settings',
      'work_order_events',
      'accounts',
    ]
    for (const table of [...closed, 'devices', 'sites']) {
      await expect(grafana.query(`select * from ${table}`), table).rejects.toThrow('permission denied')
    }
    await expect(grafana.query('select contacts from sites')).rejects.toThrow('permission denied')
    await expect(grafana.query('select facts from devices')).rejects.toThrow('permission denied')
    await grafana.query('set default_transaction_read_only = off')
    await expect(grafana.query("update work_orders set state = 'closed'")).rejects.toThrow('permission denied')
    await expect(grafana.query('create table mine (id int)')).rejects.toThrow('permission denied')
    await expect(grafana.query('create temp table mine (id int)')).rejects.toThrow('permission denied')
  })

  describe('before the first order', () => {
    test.each(['On site within 30 minutes', 'Closed as false alarm'])('%s: no data, never nought', async (title) => {
      expect(await answerOf(title)).toEqual([{ share: null }])
    })

    test('what is counted is 0, and lists are empty', async () => {
      expect(await answerOf('Overdue now')).toEqual([{ overdue: '0' }])
      expect(await answerOf('Open orders')).toEqual([{ emergency: '0', planned: '0', other: '0' }])
      expect(await answerOf('Emergency orders: time to each step')).toEqual([])
      expect(await answerOf('By finding')).toEqual([])
      expect(await answerOf('Orders raised per day')).toEqual([])
    })

    test('before the first health: nobody is well, and nothing is chosen', async () => {
      const nothing = { site: [], device: [] }
      expect(await answerOf('Devices by health')).toEqual([{ 'need work': '0', well: '0', 'nothing known': '0' }])
      expect(await answerOf('Written down')).toEqual([{ 'written down': null }])
      for (const [name] of sqlAsks.filter(([, , panel]) => healthPanels.includes(panel))) {
        if (/^(Devices by health|Written down) /.test(name)) continue
        expect(await answerOf(name.replace(/ A$/, ''), lastMonth, nothing), name).toEqual([])
      }
    })
  })

  describe('with a month of orders', () => {
    beforeAll(async () => {
      await seedOrders(operations)
      await seedHealth(operations)
    })

    test.each(sqlAsks)('%s: rows; in a time series, rising by a first column "time"', async (_title, target) => {
      const { rows, fields } = await grafana.query(withMacros(target.rawSql, lastMonth))

      expect(rows.length).toBeGreaterThan(0)
      if (target.format !== 'time_series') return
      expect(fields[0]?.name).toBe('time')
      const times = rows.map(({ time }) => (time as Date).getTime())
      expect(times).toEqual(times.toSorted((one, other) => one - other))
      // one point of each curve and time
      expect(new Set(rows.map(({ time, metric = '' }) => `${(time as Date).getTime()} ${metric}`)).size).toBe(
        rows.length,
      )
    })

    test('on site within 30 minutes: 44 in time of 53 decided', async () => {
      // 40 in 12 min, 3 exactly at the deadline, 1 upgraded long after its detection; 8 late, 1 where nobody came
      const [row] = await answerOf('On site within 30 minutes')
      expect(Number(row?.share)).toBeCloseTo(44 / 53, 6)
    })

    test('overdue now: the one order that nobody has reached, not the one that has 20 minutes left', async () => {
      expect(await answerOf('Overdue now')).toEqual([{ overdue: '1' }])
    })

    test('open orders and incidents', async () => {
      expect(await answerOf('Open orders')).toEqual([{ emergency: '2', planned: '4', other: '0' }])
      const [incidents] = await answerOf('Open incidents by severity')
      expect(incidents).toEqual({ critical: '2', urgent: '0', warning: '4', info: '3', unknown: '0' })
    })

    test('closed as false alarm: 5 of 57 closed', async () => {
      const [row] = await answerOf('Closed as false alarm')
      expect(Number(row?.share)).toBeCloseTo(5 / 57, 6)
    })

    test('time to each step: percentiles from those that reached it; the upgraded one counts from its upgrade', async () => {
      const rows = await answerOf('Emergency orders: time to each step')
      expect(rows.map(({ step, orders }) => [step, Number(orders)])).toEqual([
        ['acknowledged', 52],
        ['accepted', 52],
        ['arrived', 52],
        ['restored', 52],
      ])
      const [acknowledged, accepted, arrived, restored] = rows
      expect(acknowledged?.p50).toBe(40)
      expect(accepted?.p50).toBe(180)
      expect(arrived).toMatchObject({ p50: 12 * 60, p90: 45 * 60, p99: 45 * 60 })
      expect(restored?.p50).toBe(12 * 60 + 20 * 60)
    })

    test('orders raised per day sum to all, by type, in days of Hangzhou', async () => {
      const rows = await answerOf('Orders raised per day')
      const sum = (type: string) => rows.reduce((total, row) => total + Number(row[type]), 0)
      expect([sum('emergency'), sum('planned'), sum('inspection'), sum('manual')]).toEqual([59, 4, 0, 0])
      for (const { time } of rows) expect((time as Date).getTime() % dayMs).toBe(16 * hourMs)
    })

    test('by finding: a finding that nobody was sent out for has no share, not 0 %', async () => {
      const rows = await answerOf('By finding')
      const drift = rows.find(({ finding }) => finding === 'elevator/door-close-drift')
      expect(drift).toMatchObject({ orders: '4', emergency: '0', 'within 30 min': null, 'median arrival': null })
      const meters = rows.find(({ finding }) => finding === 'electricity-meter/residual-current')
      expect(meters).toMatchObject({ orders: '8', 'median arrival': 45 * 60 })
      expect(Number(meters?.['within 30 min'])).toBe(0)
    })

    test('newest orders: the newest first, each with its verdict on the 30 minutes', async () => {
      const rows = await answerOf('Newest orders')
      expect(rows).toHaveLength(63)
      const raised = rows.map((row) => (row.raised as Date).getTime())
      expect(raised).toEqual(raised.toSorted((one, other) => other - one))
      const verdicts = ['in time', 'late', 'overdue', ''].map(
        (verdict) => rows.filter((row) => row['30 minutes'] === verdict).length,
      )
      expect(verdicts).toEqual([44, 8, 1, 10])
    })

    test('a time range before the first order shows none of them', async () => {
      const before = { from: now - 90 * dayMs, to: now - 60 * dayMs }
      expect(await answerOf('On site within 30 minutes', before)).toEqual([{ share: null }])
      expect(await answerOf('Newest orders', before)).toEqual([])
      expect(await answerOf('Orders raised per day', before)).toEqual([])
    })

    test('the pickers list sites by name and devices', async () => {
      const answers = pickers.filter(({ datasource }) => datasource.type === 'postgres')
      const [sites, devices] = await Promise.all(answers.map(({ query }) => grafana.query(query)))
      expect(sites?.rows).toEqual([
        { __value: 'garden', __text: 'Garden' },
        { __value: 'garden-1', __text: 'House 1' },
        { __value: 'lake', __text: 'Lake' },
      ])
      expect(devices?.rows.map(({ id }) => id)).toEqual([worn, ill, trapped, mute])
    })

    test('devices by health: one never heard of is neither well nor in need of work, one that was removed is not counted', async () => {
      expect(await answerOf('Devices by health')).toEqual([{ 'need work': '1', well: '2', 'nothing known': '1' }])
      expect(await answerOf('Written down')).toEqual([{ 'written down': new Date(now) }])
    })

    test('worst devices: the fewest points first, each with what costs most', async () => {
      expect(await answerOf('Worst devices')).toEqual([
        { device: trapped, score: 35, coverage: 1, 'costs most': 'elevator/entrapment is critical' },
        { device: ill, score: 75, coverage: 0.5, 'costs most': 'elevator/door-close-drift is warning' },
        {
          device: worn,
          score: 85,
          coverage: 1,
          'costs most': 'stoppingMetres reaches its limit in 20 days (15 to 30)',
        },
      ])
    })

    test('least known devices: no data has no score', async () => {
      expect(await answerOf('Least known devices')).toEqual([
        { device: mute, coverage: 0, score: null },
        { device: ill, coverage: 0.5, score: 75 },
      ])
    })

    test('what costs points: every point of every device, the dearest first', async () => {
      const rows = await answerOf('What costs points, all devices')
      expect(rows.map((row) => [row.cause, row.finding, Number(row.devices), row['points of all']])).toEqual([
        ['finding', 'elevator/entrapment', 1, 60],
        ['coverage', null, 2, 30],
        ['finding', 'elevator/door-close-drift', 1, 15],
        ['forecast', 'elevator/brake-drift', 1, 15],
        ['repeats', null, 1, 5],
      ])
      const chosen = await answerOf('Where the points went', lastMonth, { site: [], device: [ill] })
      expect(chosen.map(({ device, points, cause }) => [device, points, cause])).toEqual([
        [ill, 15, 'finding'],
        [ill, 10, 'coverage'],
      ])
    })

    test('nearest forecasts: days from now, not from the sample; a part that was renewed has none any more', async () => {
      const rows = await answerOf('Nearest forecasts')
      expect(rows.map(({ device, finding, level, limit }) => [device, finding, level, limit])).toEqual([
        [worn, 'elevator/brake-drift', 0.8, 1],
        [ill, 'elevator/levelling-drift', 9, 10],
      ])
      const shown = rows.map((row) => ['days left', 'earliest', 'latest'].map((name) => Math.round(Number(row[name]))))
      expect(shown).toEqual([
        [19, 14, 29],
        [99, 79, 139],
      ])
      expect(await answerOf('Without a forecast')).toEqual([
        { finding: 'elevator/door-close-drift', why: 'no-trend', devices: '1' },
      ])
    })

    test('forecasts of the chosen devices: those that there are, then those that are refused, with the reason', async () => {
      const rows = await answerOf('Forecasts of the chosen devices', lastMonth, { site: [], device: [ill] })
      expect(rows.map((row) => [row.finding, row['why none']])).toEqual([
        ['elevator/levelling-drift', null],
        ['elevator/door-close-drift', 'no-trend'],
      ])
      expect(rows[1]).toMatchObject({ 'days left': null, earliest: null, latest: null })
    })

    test('a site is all that lies in it, in its houses too, and nothing else', async () => {
      const health = async (site: string) => {
        const rows = await answerOf('Health of the site by day', lastMonth, { site: [site], device: [] })
        return rows.map(({ mean, lowest }) => [mean, lowest])
      }
      expect(await health('garden')).toEqual(Array(3).fill([55, 35]))
      expect(await health('garden-1')).toEqual(Array(3).fill([55, 35]))
      expect((await health('lake')).at(-1)).toEqual([85, 85])
      const [first] = await answerOf('Devices of the site by day', lastMonth, { site: ['garden'], device: [] })
      expect(first).toMatchObject({ 'need work': '1', well: '1', 'nothing known': '1' })
    })

    test('curves of the chosen devices, in days of Hangzhou; what is not known is a gap, not the last value', async () => {
      const chosen = { site: [], device: [ill, mute] }
      const rows = await answerOf('Health by day', lastMonth, chosen)
      expect(rows.map(({ metric, value }) => [metric, value])).toEqual(
        Array(3)
          .fill([
            [ill, 75],
            [mute, null],
          ])
          .flat(),
      )
      for (const { time } of rows) expect((time as Date).getTime() % dayMs).toBe(16 * hourMs)
      const known = await answerOf('Data coverage by day', lastMonth, chosen)
      expect(known.slice(-2).map(({ value }) => value)).toEqual([0.5, 0])
      const points = await answerOf('Points lost by day and finding', lastMonth, { site: [], device: [ill] })
      expect(points.slice(-2).map(({ metric, value }) => [metric, value])).toEqual([
        ['coverage', 10],
        ['elevator/door-close-drift', 15],
      ])
    })

    test('days left by day: the forecast and both ends, and of the renewed part only while it was there', async () => {
      const rows = await answerOf('Days left to the limit, by day', lastMonth, { site: [], device: [worn] })
      expect(rows.slice(-3).map(({ metric, value }) => [metric, value])).toEqual([
        [`${worn} stoppingMetres`, 20],
        [`${worn} stoppingMetres earliest`, 15],
        [`${worn} stoppingMetres latest`, 30],
      ])
      expect(rows.filter(({ metric }) => metric === `${worn} slipMm`)).toHaveLength(1)
    })

    test('a time range before the first health shows no curves, and "now" all the same', async () => {
      const before = { from: now - 90 * dayMs, to: now - 60 * dayMs }
      for (const title of ['Health by day', 'Health of the site by day', 'Days left to the limit, by day']) {
        expect(await answerOf(title, before), title).toEqual([])
      }
      expect(await answerOf('Worst devices', before)).toHaveLength(3)
    })
  })
})

interface Chosen {
  readonly site: readonly string[]
  readonly device: readonly string[]
}

/** Of `seedOrders`: only false alarms, an open warning, people inside. */
const [worn, ill, trapped, mute] = ['device-53', 'device-58', 'device-65', 'mute'] as const
const everything: Chosen = { site: ['garden'], device: [worn, ill, trapped, mute] }
const healthPanels = panels.filter((panel) =>
  dashboards.find(({ uid }) => uid === 'liftwatt-health')?.panels.includes(panel),
)

/** Three days of health, as it is written down in service; of one device that was removed since, it is older. */
async function seedHealth(operations: OperationsStore): Promise<void> {
  const site = {
    ...{ use: null, address: null, entrance: null, emergencyPlan: null, contacts: [] },
    ...{ latitude: null, longitude: null, createdAt: now },
  }
  await operations.saveSites([
    { ...site, id: 'garden', type: 'estate', name: 'Garden', parentId: null },
    { ...site, id: 'garden-1', type: 'building', name: 'House 1', parentId: 'garden' },
    { ...site, id: 'lake', type: 'estate', name: 'Lake', parentId: null },
  ])
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: now, revokedAt: null })
  for (const id of [ill, trapped, mute]) await operations.insertDevice(testDevice({ id, siteId: 'garden-1' }))
  await operations.insertDevice(testDevice({ id: worn, siteId: 'lake' }))

  const heardFrom = now - 10 * dayMs
  let at = now
  const watch = createHealthWatch({
    operations,
    clock: () => at,
    heardAtOf: async () => new Map(),
    statusOf: async () => {
      const heard = { newestAt: at, firstAt: heardFrom, coveredMs: at - heardFrom, forecasts: [] }
      const common = { quantity: 'stoppingMetres', level: 0.8, limit: 1, at: now - dayMs }
      const brake = { ...common, finding: 'elevator/brake-drift', days: 20, lowDays: 15, highDays: 30 }
      const rope = { ...common, finding: 'elevator/rope-slip', quantity: 'slipMm', days: 5, lowDays: 3, highDays: 8 }
      const level = { ...common, finding: 'elevator/levelling-drift', quantity: 'levellingMm', level: 9, limit: 10 }
      const none = { days: null, lowDays: null, highDays: null, refused: 'no-trend' }
      const door = { ...common, finding: 'elevator/door-close-drift', quantity: 'doorCloseSeconds', ...none }
      const wellKnown: DeviceStatus = { ...heard, forecasts: at === now - 2 * dayMs ? [brake, rope] : [brake] }
      const halfKnown: DeviceStatus = {
        ...heard,
        coveredMs: heard.coveredMs / 2,
        forecasts: [{ ...level, days: 100, lowDays: 80, highDays: 140 }, door],
      }
      return new Map<string, DeviceStatus>([
        [worn, wellKnown],
        [ill, halfKnown],
        [trapped, heard],
      ])
    },
  })
  for (const days of [2, 1, 0]) {
    at = now - days * dayMs
    await watch.recordDay()
  }
  const old = new Date(now - 5 * dayMs).toISOString().slice(0, 10)
  await operations.putHealthDays([
    { deviceId: 'removed', day: old, at: now - 5 * dayMs, score: 1, coverage: 1, parts: [], coveredMs: 0 },
  ])
}

/**
 * A month as the rules and people make it, through the code that makes it: 59 emergencies (41 reached in 12 minutes, one of
 * them after its upgrade from planned; 3 exactly at the deadline; 8 late; 5 false alarms to which nobody went; 1 overdue and
 * 1 fresh, both open), 4 planned orders, 3 incidents for information.
 */
async function seedOrders(operations: OperationsStore): Promise<void> {
  const entrapment = { finding: 'elevator/entrapment', severity: 'critical' as const }
  const leakage = { finding: 'electricity-meter/residual-current', severity: 'urgent' as const }
  const terminal = { finding: 'electricity-meter/terminal-over-temperature', severity: 'urgent' as const }
  const drift = { finding: 'elevator/door-close-drift', severity: 'warning' as const }
  const ago = (days: number) => now - days * dayMs

  for (let nr = 0; nr < 40; nr++)
    await served(operations, { ...entrapment, detectedAt: ago(1 + nr * 0.7) }, 12 * minuteMs)
  for (let nr = 0; nr < 3; nr++) await served(operations, { ...entrapment, detectedAt: ago(2.1 + nr) }, 30 * minuteMs)
  for (let nr = 0; nr < 8; nr++) await served(operations, { ...leakage, detectedAt: ago(1.5 + nr * 3) }, 45 * minuteMs)
  await served(operations, { ...terminal, detectedAt: ago(20), upgradedAt: ago(17) }, 12 * minuteMs)
  for (let nr = 0; nr < 5; nr++) await falseAlarm(operations, { ...entrapment, detectedAt: ago(1.2 + nr * 4) })
  for (let nr = 0; nr < 4; nr++) await raised(operations, { ...drift, detectedAt: ago(1.7 + nr * 5) })
  for (let nr = 0; nr < 3; nr++) await raised(operations, { ...drift, severity: 'info', detectedAt: ago(1.9 + nr) })
  await raised(operations, { ...entrapment, detectedAt: now - 2 * hourMs })
  await raised(operations, { ...entrapment, detectedAt: now - 10 * minuteMs })
}

interface Happening {
  readonly finding: string
  readonly severity: Severity
  readonly detectedAt: number
  /** Until then it was a warning. */
  readonly upgradedAt?: number
}

let devices = 0

async function raised(operations: OperationsStore, { finding, severity, detectedAt, upgradedAt }: Happening) {
  devices += 1
  const deviceId = `device-${devices}`
  const incident = testIncident({
    deviceId,
    finding,
    severity: upgradedAt === undefined ? severity : ('warning' as const),
    summary: `${finding} on ${deviceId}`,
    occurredAt: detectedAt - 30 * secondMs,
    detectedAt,
  })
  const { orderId: _, ...fresh } = incident
  await operations.insertIncident({ ...fresh, followed: { journalId: randomUUID(), position: devices } })
  let order = await openOrder(operations, incident, detectedAt + 50)
  if (upgradedAt !== undefined) {
    await operations.updateIncident(incident.id, { severity })
    order = await upgradeOrder(operations, { ...incident, severity }, upgradedAt, upgradedAt + 50)
  }
  return { incidentId: incident.id, orderId: order?.id ?? '', from: upgradedAt ?? detectedAt }
}

async function served(operations: OperationsStore, happening: Happening, arrivesAfterMs: number): Promise<void> {
  const { incidentId, orderId, from } = await raised(operations, happening)
  let at = from
  const people = createWorkOrders({ operations, clock: () => at })
  const actor = 'technician'
  for (const [action, after] of [
    ['acknowledge', 40 * secondMs],
    ['accept', 3 * minuteMs],
    ['arrive', arrivesAfterMs],
    ['restore', arrivesAfterMs + 20 * minuteMs],
  ] as const) {
    at = from + after
    await people.act({ orderId, action, actor })
  }
  await operations.updateIncident(incidentId, { state: 'cleared', clearedAt: at })
  at += hourMs
  await people.act({ orderId, action: 'close', actor, causeClass: 'equipment', outcome: 'repaired' })
}

async function falseAlarm(operations: OperationsStore, happening: Happening): Promise<void> {
  const { incidentId, orderId, from } = await raised(operations, happening)
  const people = createWorkOrders({ operations, clock: () => from + 4 * minuteMs })
  await people.act({ orderId, action: 'close', actor: 'duty-room', outcome: 'false-alarm' })
  await operations.updateIncident(incidentId, { state: 'cleared', clearedAt: from + 4 * minuteMs })
}
