import { existsSync, mkdtempSync, rmdirSync } from 'node:fs'
import { readFile, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import pg from 'pg'
import { tlsOf } from '../broker/tls.ts'
import { isErrno, reasonOf } from '../core/errors.ts'
import { readSettings, type Settings } from '../core/settings.ts'
import { holderOf, makeDataDirectory } from '../stores/data-directory.ts'
import { findBinaries } from '../stores/operations/postgres-binaries.ts'
import { version } from '../version.ts'
import { print } from './output.ts'

interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly text: string
}

const minFreeBytes = 2 * 1024 ** 3
const maxClockErrorMs = 30_000

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'Look at ports, TLS, disk, clock, engines, versions and permissions, and say what would stand in the way',
    )
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  LIFTWATT_DATA=/var/lib/liftwatt liftwatt doctor')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await examine(process.env)
      const lines = findings.map(({ name, ok, text }) => `${ok ? 'ok  ' : 'BAD '} ${name.padEnd(16)} ${text}`)
      print(json === true, { ok: findings.every(({ ok }) => ok), findings }, lines)
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1
    })
}

/** Everything that can be looked at without a running service; works beside one too. Exported for its tests. */
export async function examine(environment: Readonly<Record<string, string | undefined>>): Promise<Finding[]> {
  let settings: Settings
  try {
    settings = readSettings(environment)
  } catch (cause) {
    return [{ name: 'settings', ok: false, text: reasonOf(cause) }]
  }
  const directory = resolve(settings.LIFTWATT_DATA)
  const holder = holderIfSeen(directory)
  const checks: [string, () => Promise<string>][] = [
    ['version', async () => `Liftwatt ${version}, Node.js ${process.version}, ${process.platform} ${process.arch}`],
    ['data directory', () => writable(directory)],
    ['lock', async () => lock(directory)],
    ['disk', () => roomOn(directory)],
    ['HTTP port', () => port(settings.HTTP_HOST, settings.HTTP_PORT, holder)],
    ['MQTT port', () => port(settings.MQTT_HOST, settings.MQTT_PORT, holder)],
    ['MQTTS port', () => tlsPort(settings, holder)],
    ['TLS', async () => tls(settings, holder)],
    ['journal, history', () => loads()],
    ['database', () => database(settings)],
    ['InfluxDB', () => influx(settings)],
    ['clock', () => clock(settings)],
  ]
  return Promise.all(
    checks.map(([name, look]) =>
      look().then(
        (text) => ({ name, ok: true, text }),
        (cause: unknown) => ({ name, ok: false, text: reasonOf(cause) }),
      ),
    ),
  )
}

/** Leaves nothing: a directory made for whoever only looks would be in the way of the account that starts the service. */
async function writable(directory: string): Promise<string> {
  const there = nearestThere(directory)
  makeDataDirectory(there) // of one that is there, it only sees whether it can be used
  try {
    rmdirSync(mkdtempSync(join(there, '.liftwatt-doctor-'))) // what the permissions promise, /proc and others do not keep
  } catch (cause) {
    throw new Error(`in ${there} nothing can be made (${reasonOf(cause)}); set LIFTWATT_DATA to another directory`)
  }
  return there === directory
    ? `${directory}, can be written`
    : `${directory} is not there yet; it can be made, for ${there} can be written`
}

/** The directory itself or, while it is not there, the nearest one above it that is. */
function nearestThere(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestThere(dirname(path))
}

async function roomOn(directory: string): Promise<string> {
  const { bavail, bsize } = await statfs(nearestThere(directory))
  const text = `${(bytesToGiB(bavail * bsize)).toFixed(1)} GiB free`
  if (bavail * bsize < minFreeBytes) throw new Error(`only ${text}`)
  return text
}

function bytesToGiB(bytes: number): number {
  return bytes / 1024 ** 3
}

function lock(directory: string): string {
  const holder = holderOf(directory)
  return holder === undefined
    ? 'free'
    : `held by the running service, process ${holder}; what is said here of settings is of those given to doctor, which may be others than its`
}

/** A lock that cannot be read is told once, as the lock. */
function holderIfSeen(directory: string): number | undefined {
  try {
    return holderOf(directory)
  } catch {
    return undefined
  }
}

/** Which ports the running service has is not written down anywhere: one that is taken beside it may be its own. */
function port(host: string, wanted: number, holder: number | undefined): Promise<string> {
  const isRunning = holder !== undefined
  return new Promise((fine, taken) => {
    const probe = createServer()
    probe.once('error', (cause) => {
      if (isRunning && isErrno(cause, 'EADDRINUSE')) {
        fine(`${host}:${wanted} is in use; whether by the running service cannot be seen from here`)
      } else {
        taken(new Error(`${host}:${wanted} cannot be opened: ${cause.message}`))
      }
    })
    probe.listen({ host, port: wanted }, () =>
      probe.close(() =>
        fine(`${host}:${wanted} is free${isRunning ? ': the running service does not listen there' : ''}`),
      ),
    )
  })
}

async function tlsPort({ MQTT_HOST, MQTTS_PORT }: Settings, holder: number | undefined): Promise<string> {
  return MQTTS_PORT === undefined ? notUsed(holder) : port(MQTT_HOST, MQTTS_PORT, holder)
}

function notUsed(holder: number | undefined): string {
  return holder === undefined ? 'not used' : 'not used by these settings'
}

function tls(settings: Settings, holder: number | undefined): string {
  return tlsOf(settings) === undefined
    ? `${notUsed(holder)}: what gateways send is not encrypted`
    : 'certificate and key can be read and are of each other'
}

async function loads(): Promise<string> {
  await import('classic-level')
  const { version: duckdbVersion } = await import('@duckdb/node-api')
  return `LevelDB and DuckDB ${duckdbVersion()} load`
}

async function database({ DATABASE_URL }: Settings): Promise<string> {
  if (DATABASE_URL === undefined) {
    findBinaries()
    return 'embedded PostgreSQL is there'
  }
  const client = new pg.Client({ connectionString: DATABASE_URL, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    const found = rows[0]?.server_version ?? 'unknown'
    if (Number.parseInt(found, 10) < 15) throw new Error(`PostgreSQL ${found} is too old; 15 or newer is needed`)
    return `PostgreSQL ${found} answers`
  } finally {
    await client.end()
  }
}

/** Asks where readings are written: below the same path, with the same credentials. Only the origin is told. */
export async function influx(settings: Settings): Promise<string> {
  const { INFLUX_URL } = settings
  if (INFLUX_URL === undefined) return 'not used: history goes into a DuckDB file'
  const { origin } = new URL(INFLUX_URL)
  let response: Response
  try {
    const signal = AbortSignal.timeout(5_000)
    response = await fetch(`${INFLUX_URL.replace(/\/+$/, '')}/ping`, { headers: influxCredentials(settings), signal })
  } catch (cause) {
    throw new Error(
      `${origin} does not answer: ${reasonOf(cause instanceof Error && cause.cause ? cause.cause : cause)}`,
    )
  }
  if (!response.ok) throw new Error(`${origin} answers with status ${response.status}`)
  return `answers at ${origin}, version ${response.headers.get('x-influxdb-version') ?? 'unknown'}`
}

function influxCredentials({ INFLUX_TOKEN, INFLUX_USERNAME, INFLUX_PASSWORD }: Settings): Record<string, string> {
  if (INFLUX_TOKEN !== undefined) return { authorization: `Token ${INFLUX_TOKEN}` }
  if (INFLUX_USERNAME === undefined) return {}
  return { authorization: `Basic ${Buffer.from(`${INFLUX_USERNAME}:${INFLUX_PASSWORD ?? ''}`).toString('base64')}` }
}

/** Against a database on another machine; otherwise against the kernel's own word for it. */
async function clock({ DATABASE_URL }: Settings): Promise<string> {
  if (DATABASE_URL === undefined) {
    const adjusted = await readFile('/run/systemd/timesync/synchronized').then(
      () => true,
      () => false,
    )
    const now = new Date().toISOString()
    return adjusted ? `${now}, kept by time synchronisation` : `${now}; whether it is synchronised cannot be seen here`
  }
  const client = new pg.Client({ connectionString: DATABASE_URL, connectionTimeoutMillis: 5_000 })
  try {
    await client.connect()
  } catch {
    return 'cannot be compared: the database, whose clock it would be, cannot be asked'
  }
  try {
    const { rows } = await client.query<{ ms: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
    )
    const apartMs = Date.now() - (rows[0]?.ms ?? Number.NaN)
    if (!(Math.abs(apartMs) <= maxClockErrorMs))
      throw new Error(`is ${Math.round(apartMs / 1000)} s apart from the database's`)
    return `within ${Math.ceil(Math.abs(apartMs) / 1000)} s of the database's`
  } finally {
    await client.end()
  }
}
