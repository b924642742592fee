import { HttpError } from '@influxdata/influxdb-client'
import { reasonOf, StoreUnavailable } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import type { MetricValue, Reading, Values } from '../../core/reading.ts'
import { type InfluxConnection, type InfluxHttp, type InfluxSeries, influxHttp } from './influx-http.ts'
import { identifier, lineOf, literal, positionLine, positionsMeasurement, time } from './influx-lines.ts'
import { partByNewest } from './newest.ts'
import type { MetricBucket, MetricCatalogue, MetricType, ReadingStore, StoredReading, WriteReport } from './port.ts'
import { mergeRepeats, sift } from './sift.ts'

export interface InfluxReadingsOptions extends InfluxConnection {
  readonly catalogue: MetricCatalogue
  readonly log: Log
}

type Refused = WriteReport['refused']

const mostBuckets = 2_000
const linesPerRequest = 10_000
const devicesPerStatement = 200
const statementsPerRequest = 50
const lookUpWindowMs = 10 * 60_000
const hourMs = 3_600_000

/**
 * Readings in InfluxDB, run against 1.6; 2.x (with a DBRP mapping) and 3.x document the same two endpoints, untested.
 * It opens also while the server is away; the database is made at the first call that reaches it.
 * A refused server (429, 503, no answer) is the caller's to wait for: `error.cause` is the client's HttpError, whose
 * `retryAfter()` says how many seconds the server asked for.
 */
export async function openInfluxReadings(options: InfluxReadingsOptions): Promise<ReadingStore> {
  const { catalogue, log, database } = options
  const influx = influxHttp(options)
  const writing = oneAtATime()
  /** Device → its newest stored time, for those met since the start. */
  const newestStored = new Map<string, number>()
  let isThere = false

  /** @throws {StoreUnavailable} */
  async function using<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (!isThere) isThere = await makeDatabase(influx, database, log)
      return await work()
    } catch (cause) {
      if (cause instanceof HttpError && /database not found/i.test(messageOf(cause))) isThere = false
      throw cause instanceof StoreUnavailable ? cause : new StoreUnavailable('readings', cause)
    }
  }

  async function store(accepted: readonly Reading[]): Promise<Refused> {
    await learnNewest(influx, newestStored, accepted)
    const { fresh, late, newest } = partByNewest(accepted, newestStored)
    const additions = await withoutStored(influx, catalogue, mergeRepeats(late))
    const refused = await writeReadings(influx, [...fresh, ...additions])
    for (const [deviceId, at] of newest) newestStored.set(deviceId, at)
    return refused
  }

  /** The metrics of a kind, or none when the caller's names are not ours: those never reach a query. */
  function metricsOf(kind: string): Readonly<Record<string, MetricType>> {
    return Object.hasOwn(catalogue, kind) ? (catalogue[kind] ?? {}) : {}
  }

  await using(async () => {}).catch((cause: unknown) => {
    log.warn({ url: options.url, reason: reasonOf(cause) }, 'InfluxDB is not there yet; readings wait for it')
  })

  return {
    write(readings, { journalId, position }, keepRefused) {
      const { accepted, refused } = sift(readings, catalogue)
      return writing(() =>
        using(async () => {
          const allRefused = [...refused, ...(await store(accepted))]
          if (allRefused.length > 0) await keepRefused?.(allRefused)
          // After the data, so it is never ahead of them. By the hour, as each time is a point and none may be older than
          // what the retention policy keeps.
          await influx.write([positionLine(journalId, position, Math.floor(Date.now() / hourMs) * hourMs)])
          return { refused: allRefused }
        }),
      )
    },

    position: (journalId) =>
      using(async () => {
        const from = `FROM ${identifier(positionsMeasurement)} WHERE "journal" = ${literal(journalId)}`
        const [series] = await influx.query([`SELECT last("position") ${from}`])
        return Number(series?.[0]?.values[0]?.[1] ?? 0)
      }),

    async between({ deviceId, kind, from, to, metric, metrics: only, limit }) {
      const metrics = metricsOf(kind)
      const names = (only ?? Object.keys(metrics)).filter((name) => Object.hasOwn(metrics, name))
      if (names.length === 0 || (metric !== undefined && !Object.hasOwn(metrics, metric))) return []
      const having = metric === undefined ? '' : `AND ${isPresent(metric, metrics[metric])}`
      // a row of a measurement has at least one of the fields that are asked for
      const statement = `SELECT ${names.map(identifier).join(', ')} FROM ${identifier(kind)}
        WHERE ${ofDevice(deviceId)} AND ${within(from, to)} ${having} ORDER BY time ASC LIMIT ${Math.trunc(limit)}`
      const [series] = await using(() => influx.query([statement]))
      return (series ?? []).flatMap(readingsOf)
    },

    async last(deviceId, kind) {
      const metrics = Object.keys(metricsOf(kind)).map(identifier)
      if (metrics.length === 0) return undefined
      const from = `FROM ${identifier(kind)} WHERE ${ofDevice(deviceId)}`
      const [values, newest] = await using(() =>
        influx.query([
          `SELECT ${metrics.map((metric) => `last(${metric}) AS ${metric}`).join(', ')} ${from}`,
          `SELECT ${metrics.join(', ')} ${from} ORDER BY time DESC LIMIT 1`,
        ]),
      )
      // Several selectors in one statement answer with the time 0.
      const [merged] = (values ?? []).flatMap(readingsOf)
      const [newestPart] = (newest ?? []).flatMap(readingsOf)
      return merged && newestPart && { at: newestPart.at, values: merged.values }
    },

    async downsampled({ deviceId, kind, from, to, metric, stepSeconds }) {
      const metrics = metricsOf(kind)
      if (!Object.hasOwn(metrics, metric)) return []
      const field = identifier(metric)
      const isNumber = metrics[metric] === 'number'
      const measures = isNumber ? `mean(${field}), min(${field}), max(${field}), ` : ''
      const statement = `SELECT ${measures}last(${field}), count(${field}) FROM ${identifier(kind)}
        WHERE ${ofDevice(deviceId)} AND ${within(from, to)}
        GROUP BY time(${Math.trunc(stepSeconds * 1_000)}ms) fill(none) ORDER BY time ASC LIMIT ${mostBuckets}`
      const [series] = await using(() => influx.query([statement]))
      return (series ?? []).flatMap(({ values }) => values.map((row) => bucketOf(row, isNumber)))
    },

    engineBytes: async () => null,

    async close() {
      await writing(async () => {})
    },
  }
}

/** A server that does not let us make databases may still have ours; the first write tells. */
async function makeDatabase(influx: InfluxHttp, database: string, log: Log): Promise<boolean> {
  try {
    await influx.query([`CREATE DATABASE ${identifier(database)}`])
  } catch (cause) {
    if (!(cause instanceof HttpError) || cause.statusCode === 429 || cause.statusCode >= 500) throw cause
    log.warn({ database, reason: messageOf(cause) }, 'InfluxDB did not let us create the database')
  }
  return true
}

/** Learns it for devices met for the first time; only times from the batch's oldest on matter. */
async function learnNewest(
  influx: InfluxHttp,
  newest: Map<string, number>,
  readings: readonly Reading[],
): Promise<void> {
  const unknown = readings.filter(({ deviceId }) => !newest.has(deviceId))
  const oldest = unknown.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY)
  const found = new Map(unknown.map(({ deviceId }) => [deviceId, oldest - 1]))

  const statements = [...grouped(unknown, ({ kind }) => kind)].flatMap(([kind, ofKind]) =>
    slices([...new Set(ofKind.map(({ deviceId }) => deviceId))], devicesPerStatement).map(
      (devices) => `SELECT last("receivedAt") FROM ${identifier(kind)}
        WHERE (${devices.map(ofDevice).join(' OR ')}) AND time >= ${time(oldest)} GROUP BY "device"`,
    ),
  )
  for (const { tags, values } of await tablesOf(influx, statements)) {
    const deviceId = tags?.device ?? ''
    found.set(deviceId, Math.max(found.get(deviceId) ?? oldest, Number(values[0]?.[0])))
  }
  for (const [deviceId, at] of found) newest.set(deviceId, at)
}

/** What the readings add to those stored for the same device and time: InfluxDB itself would let the later value win. */
async function withoutStored(
  influx: InfluxHttp,
  catalogue: MetricCatalogue,
  readings: readonly Reading[],
): Promise<Reading[]> {
  const windows = grouped(readings, ({ kind, at }) => `${kind} ${Math.floor(at / lookUpWindowMs)}`)
  const statements = [...windows.values()].flatMap((inWindow) =>
    slices(inWindow, devicesPerStatement).map((slice) => lookUp(slice, catalogue)),
  )
  const stored = new Map<string, Values>()
  for (const series of await tablesOf(influx, statements)) {
    for (const { at, values } of readingsOf(series)) stored.set(`${series.name} ${series.tags?.device} ${at}`, values)
  }

  return readings.flatMap((reading) => {
    const known = stored.get(`${reading.kind} ${reading.deviceId} ${reading.at}`)
    if (!known) return [reading]
    const added = Object.entries(reading.values).filter(([metric]) => !Object.hasOwn(known, metric))
    const receivedAt = Number(known.receivedAt ?? reading.receivedAt)
    return added.length === 0 ? [] : [{ ...reading, receivedAt, values: Object.fromEntries(added) }]
  })
}

function lookUp(readings: readonly Reading[], catalogue: MetricCatalogue): string {
  const kind = readings[0]?.kind ?? ''
  const fields = ['receivedAt', ...Object.keys(catalogue[kind] ?? {})].map(identifier)
  const devices = [...new Set(readings.map(({ deviceId }) => deviceId))]
  const times = readings.map(({ at }) => at)
  return `SELECT ${fields.join(', ')} FROM ${identifier(kind)} WHERE (${devices.map(ofDevice).join(' OR ')})
    AND time >= ${time(Math.min(...times))} AND time <= ${time(Math.max(...times))} GROUP BY "device"`
}

async function writeReadings(influx: InfluxHttp, readings: readonly Reading[]): Promise<Refused> {
  const refused: Refused[number][] = []
  for (const slice of slices(readings, linesPerRequest)) refused.push(...(await writeSplitting(influx, slice)))
  return refused
}

/**
 * The server stores the good points of a request and answers 400 with the first bad one's fault, so halves are tried until
 * each bad one stands alone. A field of another type than others have written goes alone: the reading's rest is stored.
 */
async function writeSplitting(influx: InfluxHttp, readings: readonly Reading[]): Promise<Refused> {
  const cause = await influx.write(readings.map(lineOf)).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (cause === undefined) return []
  if (!isPoison(cause)) throw cause

  const [only, second] = readings
  if (only && second) {
    const half = Math.ceil(readings.length / 2)
    const first = await writeSplitting(influx, readings.slice(0, half))
    return [...first, ...(await writeSplitting(influx, readings.slice(half)))]
  }
  return only ? refuse(influx, only, messageOf(cause)) : []
}

async function refuse(influx: InfluxHttp, reading: Reading, reason: string): Promise<Refused> {
  const field = /input field \\?"(.+?)\\?" on measurement/.exec(reason)?.[1]
  if (field === undefined || !Object.hasOwn(reading.values, field)) return [{ reading, reason }]
  const { [field]: value, ...rest } = reading.values
  const part: Reading = { ...reading, values: { [field]: value as MetricValue } }
  if (Object.keys(rest).length === 0) return [{ reading: part, reason }]
  return [{ reading: part, reason }, ...(await writeSplitting(influx, [{ ...reading, values: rest }]))]
}

/** The data's fault, and no waiting helps. A limit on series is the operator's to raise: that is waited for. */
function isPoison(cause: unknown): cause is HttpError {
  if (!(cause instanceof HttpError)) return false
  return [400, 413, 422].includes(cause.statusCode) && !/max-(series|values)-per/.test(messageOf(cause))
}

/** The server's own words. */
function messageOf(error: HttpError): string {
  const said = (error.json as { error?: unknown } | undefined)?.error
  return typeof said === 'string' ? said : error.body || error.message
}

async function tablesOf(influx: InfluxHttp, statements: readonly string[]): Promise<InfluxSeries[]> {
  const tables: InfluxSeries[] = []
  for (const slice of slices(statements, statementsPerRequest)) tables.push(...(await influx.query(slice)).flat())
  return tables
}

function ofDevice(deviceId: string): string {
  return `"device" = ${literal(deviceId)}`
}

function within(from: number, to: number): string {
  return `time >= ${time(from)} AND time < ${time(to)}`
}

/** InfluxQL has no IS NOT NULL; a comparison with an absent field is false, unless the name is taken for an absent tag's. */
function isPresent(metric: string, type: MetricType | undefined): string {
  const field = identifier(metric)
  if (type === 'string') return `${field}::string =~ /(?s).*/`
  return type === 'boolean' ? `(${field} = true OR ${field} = false)` : `(${field} >= 0 OR ${field} < 0)`
}

function readingsOf({ columns, values }: InfluxSeries): StoredReading[] {
  return values.map(([at, ...row]) => {
    const present: Record<string, MetricValue> = {}
    row.forEach((value, index) => {
      const metric = columns[index + 1]
      if (value !== null && metric !== undefined) present[metric] = value
    })
    return { at: Number(at), values: present }
  })
}

function bucketOf(row: readonly (MetricValue | null)[], isNumber: boolean): MetricBucket {
  if (!isNumber) {
    const [at, last, count] = row
    return { at: Number(at), mean: null, min: null, max: null, last: last as MetricValue, count: Number(count) }
  }
  const [at, mean, min, max, last, count] = row as number[]
  if (at === undefined || mean === undefined || min === undefined || max === undefined || last === undefined) {
    throw new Error('InfluxDB answered a window of another shape')
  }
  return { at, mean, min, max, last, count: Number(count) }
}

function slices<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}
