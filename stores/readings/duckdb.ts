import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { reasonOf } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { MetricValue, Reading } from '../../core/reading.ts'
import { appendReadings } from './duckdb-chunks.ts'
import { openDuckdbFile } from './duckdb-file.ts'
import { type KindTables, prepareTables, quoted } from './duckdb-tables.ts'
import { type LastValues, lastReading, takeReading } from './last-known.ts'
import { partByNewest } from './newest.ts'
import type {
  BetweenQuery,
  MetricBucket,
  MetricCatalogue,
  MetricType,
  RangeQuery,
  ReadingStore,
  StoredReading,
} from './port.ts'
import { mergeRepeats, sift } from './sift.ts'

export interface DuckdbReadingsOptions {
  readonly file: string
  readonly catalogue: MetricCatalogue
  readonly log: Log
  /** What the engine may use for its buffers; the process needs some 100 MB more. Unverified default: 1,024. */
  readonly memoryLimitMegabytes?: number
  /** A write-ahead log above this is folded into the file. Unverified default: 64 MiB. */
  readonly checkpointAtBytes?: number
  /** So many recent rows of a kind are moved to its sorted table. Unverified default: 8 million, 250 MB. */
  readonly sortAtRows?: number
}

/** What is remembered of an open file. Nothing here is ahead of the last commit. */
interface Remembered {
  readonly kinds: ReadonlyMap<string, KindTables>
  /** Device → its number in the tables. */
  readonly numbers: Map<string, number>
  /** Device → its newest stored time, for those met since the file was opened. */
  readonly newest: Map<string, number>
  /** Kind → rows in its recent table. */
  readonly recentRows: Map<string, number>
  /** Device → what is last known of it, for those asked for since; `write` keeps them up to date. */
  readonly last: Map<string, LastValues>
}

const mostBuckets = 2_000
const mostLastKnown = 20_000
const sliceRows = 250_000

/**
 * Readings in one DuckDB file: a table per kind, a column per metric (see `duckdb-tables.ts` for their order on disk).
 * Of all callers' text only a device's id and string values reach the engine, as data, never as SQL.
 *
 * @throws {ExpectedError} another process holds the file, or it is not one of ours
 */
export async function openDuckdbReadings(options: DuckdbReadingsOptions): Promise<ReadingStore> {
  const {
    catalogue,
    log,
    memoryLimitMegabytes = 1_024,
    checkpointAtBytes = 64 * 2 ** 20,
    sortAtRows = 8_000_000,
  } = options
  await mkdir(dirname(options.file), { recursive: true })
  const file = await openDuckdbFile({
    file: options.file,
    log,
    memoryLimitMegabytes,
    checkpointAtBytes,
    prepare: (writer) => remember(writer, catalogue),
  })

  /** In slices of devices, so that writes in between wait for a moment only. */
  async function sortRecent(kind: string): Promise<void> {
    const slices = await file.read(async (reader, { kinds, recentRows }) => {
      recentRows.set(kind, 0)
      const tables = kinds.get(kind)
      return tables ? slicesOf(reader, tables) : []
    })
    for (const slice of slices) {
      await file.write(
        async (writer, { kinds }) => {
          const tables = kinds.get(kind)
          if (tables) await moveSlice(writer, tables, slice)
          return () => {}
        },
        { commit: 'alone' },
      )
    }
  }

  function sortInBackground(kind: string): void {
    sortRecent(kind).catch((cause: unknown) => {
      log.warn({ kind, reason: reasonOf(cause) }, 'recent readings are not sorted yet')
    })
  }

  return {
    async write(readings, { journalId, position }, keepRefused) {
      const { accepted, refused } = sift(readings, catalogue)
      if (refused.length > 0) await keepRefused?.(refused)
      const grown = await file.write(async (writer, memory) => {
        const remembering = await store(writer, memory, accepted)
        await setPosition(writer, journalId, position)
        return () => {
          remembering()
          return [...memory.recentRows].filter(([, rows]) => rows >= sortAtRows).map(([kind]) => kind)
        }
      })
      grown.forEach(sortInBackground)
      return { refused }
    },

    position: (journalId) =>
      file.read(async (reader) => {
        const sql = `SELECT position::DOUBLE FROM ${quoted('liftwatt positions')} WHERE "journalId" = $1`
        return Number((await rowsOf(reader, sql, [journalId]))[0]?.[0] ?? 0)
      }),

    between: ({ metric, metrics, ...range }) =>
      file.read(async (reader, memory) => {
        const tables = memory.kinds.get(range.kind)
        const number = memory.numbers.get(range.deviceId)
        if (!tables || number === undefined || (metric !== undefined && !Object.hasOwn(tables.metrics, metric)))
          return []
        const only = { ...(metric !== undefined && { metric }), ...(metrics !== undefined && { metrics }) }
        return between(reader, tables, number, { ...range, ...only })
      }),

    last: (deviceId, kind) =>
      file.read(async (reader, memory) => {
        const tables = memory.kinds.get(kind)
        const number = memory.numbers.get(deviceId)
        if (!tables || number === undefined) return undefined
        return lastReading(await lastKnown(reader, memory, tables, deviceId, number))
      }),

    downsampled: ({ metric, stepSeconds, ...range }) =>
      file.read(async (reader, memory) => {
        const tables = memory.kinds.get(range.kind)
        const number = memory.numbers.get(range.deviceId)
        if (!tables || number === undefined || !Object.hasOwn(tables.metrics, metric)) return []
        return downsampled(reader, tables, number, { ...range, metric, stepSeconds })
      }),

    engineBytes: () =>
      file.read(async (reader) => {
        const [row] = await rowsOf(reader, 'SELECT sum(memory_usage_bytes)::DOUBLE FROM duckdb_memory()')
        return Number(row?.[0] ?? 0)
      }),

    close: () => file.close(),
  }
}

async function remember(writer: DuckDBConnection, catalogue: MetricCatalogue): Promise<Remembered> {
  const kinds = await prepareTables(writer, catalogue)
  const devices = await rowsOf(writer, `SELECT id, number FROM ${quoted('liftwatt devices')}`)
  const recentRows = new Map<string, number>()
  for (const [kind, { recent }] of kinds) {
    const [row] = await rowsOf(writer, `SELECT count(*)::DOUBLE FROM ${quoted(recent.table)}`)
    recentRows.set(kind, Number(row?.[0]))
  }
  const numbers = new Map(devices.map(([id, number]) => [String(id), Number(number)]))
  return { kinds, numbers, newest: new Map(), recentRows, last: new Map() }
}

/** Within a transaction; answers what to remember when it is committed. */
async function store(writer: DuckDBConnection, memory: Remembered, readings: readonly Reading[]): Promise<() => void> {
  const added = await numberNewDevices(writer, memory, readings)
  const numberOf = (deviceId: string) => memory.numbers.get(deviceId) ?? added.get(deviceId) ?? -1
  await learnNewest(writer, memory, readings, numberOf)
  const { fresh, late, newest } = partByNewest(readings, memory.newest)

  const rows = new Map<string, number>()
  for (const [kind, tables] of memory.kinds) {
    const freshOfKind = fresh.filter((reading) => reading.kind === kind)
    const lateOfKind = late.filter((reading) => reading.kind === kind)
    await appendReadings(writer, tables.recent, freshOfKind, numberOf, false)
    await storeLate(writer, tables, mergeRepeats(lateOfKind), numberOf)
    rows.set(kind, freshOfKind.length + lateOfKind.length)
  }

  return () => {
    for (const [deviceId, number] of added) memory.numbers.set(deviceId, number)
    for (const [deviceId, at] of newest) memory.newest.set(deviceId, at)
    for (const [kind, count] of rows) memory.recentRows.set(kind, (memory.recentRows.get(kind) ?? 0) + count)
    if (memory.last.size > 0) keepLast(memory, readings)
  }
}

async function numberNewDevices(
  writer: DuckDBConnection,
  { numbers }: Remembered,
  readings: readonly Reading[],
): Promise<Map<string, number>> {
  const added = new Map<string, number>()
  for (const { deviceId } of readings) {
    if (!numbers.has(deviceId) && !added.has(deviceId)) added.set(deviceId, numbers.size + added.size)
  }
  if (added.size === 0) return added
  const appender = await writer.createAppender('liftwatt devices')
  for (const [deviceId, number] of added) {
    appender.appendInteger(number)
    appender.appendVarchar(deviceId)
    appender.endRow()
  }
  appender.closeSync()
  return added
}

/**
 * Finds the newest stored time of devices met for the first time since the file was opened. Only times from the batch's
 * oldest on matter, so this looks at the end of the tables, not at all of them.
 */
async function learnNewest(
  writer: DuckDBConnection,
  { kinds, numbers, newest }: Remembered,
  readings: readonly Reading[],
  numberOf: (deviceId: string) => number,
): Promise<void> {
  const unknown = readings.filter(({ deviceId }) => !newest.has(deviceId))
  if (unknown.length === 0) return
  const oldest = unknown.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY)
  const found = new Map(unknown.map(({ deviceId }) => [deviceId, oldest - 1]))
  const stored = new Map([...found.keys()].filter((id) => numbers.has(id)).map((id) => [numberOf(id), id]))

  for (const { recent, sorted } of stored.size === 0 ? [] : kinds.values()) {
    for (const { table } of [recent, sorted]) {
      const sql = `SELECT device, max("at")::DOUBLE FROM ${quoted(table)}
        WHERE "at" >= ${whole(oldest)} AND device IN (${[...stored.keys()].join(', ')}) GROUP BY device`
      for (const [number, at] of await rowsOf(writer, sql)) {
        const deviceId = stored.get(Number(number)) ?? ''
        found.set(deviceId, Math.max(Number(at), found.get(deviceId) ?? oldest))
      }
    }
  }
  for (const [deviceId, at] of found) newest.set(deviceId, at)
}

/** Adds to readings of the same time the metrics that they lack, and appends what has no such reading. */
async function storeLate(
  writer: DuckDBConnection,
  tables: KindTables,
  readings: readonly Reading[],
  numberOf: (deviceId: string) => number,
): Promise<void> {
  if (readings.length === 0) return
  const late = quoted(tables.late.table)
  const metrics = [...new Set(readings.flatMap(({ values }) => Object.keys(values)))].map(quoted)
  const times = readings.map(({ at }) => at)
  const oldest = times.reduce((least, at) => Math.min(least, at))
  const newest = times.reduce((most, at) => Math.max(most, at))
  const same = `stored.device = late.device AND stored."at" = late."at"
    AND stored."at" BETWEEN ${whole(oldest)} AND ${whole(newest)}`
  const lacking = metrics.map((metric) => `(stored.${metric} IS NULL AND late.${metric} IS NOT NULL)`).join(' OR ')
  const completed = metrics.map((metric) => `${metric} = coalesce(stored.${metric}, late.${metric})`).join(', ')
  const columns = tables.late.columns.map(({ name }) => quoted(name)).join(', ')

  await writer.run(`DELETE FROM ${late}`)
  await appendReadings(writer, tables.late, readings, numberOf, true)
  for (const { table } of [tables.recent, tables.sorted]) {
    await writer.run(
      `UPDATE ${quoted(table)} AS stored SET ${completed} FROM ${late} AS late WHERE ${same} AND (${lacking})`,
    )
    await writer.run(`DELETE FROM ${late} AS late USING ${quoted(table)} AS stored WHERE ${same}`)
  }
  await writer.run(`INSERT INTO ${quoted(tables.recent.table)} (${columns}) SELECT ${columns} FROM ${late}`)
}

async function setPosition(writer: DuckDBConnection, journalId: string, position: number): Promise<void> {
  const table = quoted('liftwatt positions')
  const updated = await writer.run(`UPDATE ${table} SET position = $1 WHERE "journalId" = $2`, [
    BigInt(position),
    journalId,
  ])
  if (updated.rowsChanged === 0) await writer.run(`INSERT INTO ${table} VALUES ($1, $2)`, [journalId, BigInt(position)])
}

/** Device numbers, both inclusive. */
interface Slice {
  readonly first: number
  readonly last: number
}

/** Parts the devices so that each part has about a quarter million recent rows: some 0.3 s of sorting. */
async function slicesOf(reader: DuckDBConnection, { recent }: KindTables): Promise<Slice[]> {
  const sql = `SELECT min(device), max(device) FROM (
      SELECT device, sum(count(*)) OVER (ORDER BY device) // ${sliceRows} AS slice FROM ${quoted(recent.table)} GROUP BY device
    ) GROUP BY slice ORDER BY slice`
  return (await rowsOf(reader, sql)).map(([first, last]) => ({ first: Number(first), last: Number(last) }))
}

async function moveSlice(writer: DuckDBConnection, tables: KindTables, { first, last }: Slice): Promise<void> {
  const columns = tables.sorted.columns.map(({ name }) => quoted(name)).join(', ')
  const from = `FROM ${quoted(tables.recent.table)} WHERE device BETWEEN ${first} AND ${last}`
  await writer.run(
    `INSERT INTO ${quoted(tables.sorted.table)} (${columns}) SELECT ${columns} ${from} ORDER BY device, "at"`,
  )
  await writer.run(`DELETE ${from}`)
}

async function between(
  reader: DuckDBConnection,
  tables: KindTables,
  number: number,
  { from, to, metric, limit, arrival = false, ...only }: BetweenQuery,
): Promise<StoredReading[]> {
  const metrics = (only.metrics ?? Object.keys(tables.metrics)).filter((name) => Object.hasOwn(tables.metrics, name))
  const wanted = metric !== undefined ? [metric] : only.metrics === undefined ? [] : metrics
  if (only.metrics !== undefined && metrics.length === 0) return []
  const having = wanted.length === 0 ? '' : `AND (${wanted.map((name) => `${quoted(name)} IS NOT NULL`).join(' OR ')})`
  const values = metrics.map((name) => wholeText(tables.metrics[name], quoted(name)))
  const selected = ['"at"::DOUBLE', ...(arrival ? ['"receivedAt"::DOUBLE', 'late'] : []), ...values]
  const sql = `SELECT ${selected.join(', ')}
    FROM ${rowsOfKind(tables, arrival ? ['receivedAt', 'late', ...metrics] : metrics)} WHERE device = ${number} AND ${within(from, to)} ${having}
    ORDER BY "at" LIMIT ${whole(limit)}`
  const rows = await rowsOf(reader, sql)
  if (!arrival) return rows.map(([at, ...values]) => ({ at: Number(at), values: present(metrics, values) }))
  return rows.map(([at, receivedAt, late, ...values]) => ({
    ...{ at: Number(at), values: present(metrics, values), receivedAt: Number(receivedAt) },
    // not of what was stored by a version that did not know
    ...(typeof late === 'boolean' && { late }),
  }))
}

function present(metrics: readonly string[], row: readonly DuckDBValue[]): Record<string, MetricValue> {
  const values: Record<string, MetricValue> = {}
  metrics.forEach((metric, index) => {
    const value = row[index]
    if (value !== null && value !== undefined) values[metric] = value as MetricValue
  })
  return values
}

async function downsampled(
  reader: DuckDBConnection,
  tables: KindTables,
  number: number,
  { from, to, metric, stepSeconds }: RangeQuery & { metric: string; stepSeconds: number },
): Promise<MetricBucket[]> {
  const step = whole(stepSeconds * 1_000)
  const value = quoted(metric)
  const measures =
    tables.metrics[metric] === 'number' ? `avg(${value}), min(${value}), max(${value})` : 'NULL, NULL, NULL'
  const sql = `SELECT (("at" // ${step}) * ${step})::DOUBLE AS start,
      ${measures}, ${wholeText(tables.metrics[metric], `arg_max(${value}, "at")`)}, count(${value})::DOUBLE
    FROM ${rowsOfKind(tables, [metric])} WHERE device = ${number} AND ${within(from, to)} AND ${value} IS NOT NULL
    GROUP BY start ORDER BY start LIMIT ${mostBuckets}`
  const rows = await rowsOf(reader, sql)
  return rows.map(([at, mean, min, max, last, count]) => ({
    at: Number(at),
    mean: mean as number | null,
    min: min as number | null,
    max: max as number | null,
    last: last as MetricValue,
    count: Number(count),
  }))
}

/** From memory, or once from all that is stored of the device. */
async function lastKnown(
  reader: DuckDBConnection,
  { last }: Remembered,
  tables: KindTables,
  deviceId: string,
  number: number,
): Promise<LastValues> {
  const key = `${tables.kind} ${deviceId}`
  const remembered = last.get(key)
  if (remembered) return remembered

  // It is there before the query, so that what is committed meanwhile is not missed.
  const committedMeanwhile: LastValues = new Map()
  last.set(key, committedMeanwhile)
  try {
    const stored = await lastStored(reader, tables, number)
    for (const [metric, { at, value }] of committedMeanwhile) takeReading(stored, { at, values: { [metric]: value } })
    for (const [metric, dated] of stored) committedMeanwhile.set(metric, dated)
  } catch (cause) {
    last.delete(key)
    throw cause
  }
  const [oldest] = last.keys()
  if (last.size > mostLastKnown && oldest !== undefined) last.delete(oldest)
  return committedMeanwhile
}

async function lastStored(reader: DuckDBConnection, tables: KindTables, number: number): Promise<LastValues> {
  const metrics = Object.keys(tables.metrics)
  const newest = metrics.map((metric) => `max(CASE WHEN ${quoted(metric)} IS NOT NULL THEN "at" END)::DOUBLE`)
  const values = metrics.map((metric) => wholeText(tables.metrics[metric], `arg_max(${quoted(metric)}, "at")`))
  const sql = `SELECT ${[...newest, ...values].join(', ')} FROM ${rowsOfKind(tables, metrics)} WHERE device = ${number}`
  const [row = []] = await rowsOf(reader, sql)
  const last: LastValues = new Map()
  metrics.forEach((metric, index) => {
    const at = row[index]
    const value = row[metrics.length + index]
    if (typeof at === 'number' && value !== null) last.set(metric, { at, value: value as MetricValue })
  })
  return last
}

function keepLast({ last }: Remembered, readings: readonly Reading[]): void {
  for (const reading of readings) {
    const known = last.get(`${reading.kind} ${reading.deviceId}`)
    if (known) takeReading(known, reading)
  }
}

function rowsOfKind({ recent, sorted }: KindTables, metrics: readonly string[]): string {
  const columns = ['device', 'at', ...metrics].map(quoted).join(', ')
  return `(SELECT ${columns} FROM ${quoted(sorted.table)} UNION ALL SELECT ${columns} FROM ${quoted(recent.table)})`
}

/** @duckdb/node-api takes a U+FEFF with which a text begins for a byte order mark and drops it: then it is given one more to drop. */
function wholeText(type: MetricType | undefined, value: string): string {
  const mark = 'chr(65279)'
  return type === 'string'
    ? `CASE WHEN starts_with(${value}, ${mark}) THEN ${mark} || ${value} ELSE ${value} END`
    : value
}

function within(from: number, to: number): string {
  return `"at" >= ${whole(Math.ceil(from))} AND "at" < ${whole(Math.ceil(to))}`
}

/** As SQL: a whole number, whatever comes. */
function whole(value: number): string {
  if (Number.isNaN(value)) throw new RangeError('not a number')
  return BigInt(Math.trunc(Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value)))).toString()
}

async function rowsOf(connection: DuckDBConnection, sql: string, values: DuckDBValue[] = []): Promise<DuckDBValue[][]> {
  return (await connection.runAndReadAll(sql, values)).getRows()
}
