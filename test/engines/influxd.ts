import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { findEngine } from './find.ts'
import { runEngine } from './run-engine.ts'

export interface RunningInfluxd {
  /** Such as `http://127.0.0.1:41234`; the same after a restart. */
  url: string
  port: number
  directory: string
  /** Ends the process and keeps the data: an outage, as its clients see it. */
  stop(): Promise<void>
  /** After `stop`: the same port, the same data. */
  start(): Promise<void>
  /** `stop`, and the data goes too unless the caller named the directory. */
  remove(): Promise<void>
}

/**
 * InfluxDB 1.x on free loopback ports, the data in `directory` or a temporary one.
 * With `admin`, authentication is on and that user exists with all rights.
 * @throws {Error} the engine is not to be had (see `describeWithEngine`) or does not start
 */
export async function startInfluxd(
  options: { directory?: string; admin?: { username: string; password: string } } = {},
): Promise<RunningInfluxd> {
  const engine = await findEngine('influxd')
  if (!engine) throw new Error('no influxd; put the test into describeWithEngine')

  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'liftwatt-influxd-'))
  mkdirSync(directory, { recursive: true })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const launch = () =>
    runEngine(engine, {
      args: ['run', '-config', '/dev/null'],
      env: settings(directory, port, options.admin !== undefined),
      logFile: join(directory, 'influxd.log'),
      isReady: () => answersPing(url),
    })

  let running = await launch()
  if (options.admin) await createAdmin(url, options.admin)

  return {
    url,
    port,
    directory,
    stop: () => running.stop(),
    async start() {
      running = await launch()
    },
    async remove() {
      await running.stop()
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true })
    },
  }
}

function settings(directory: string, port: number, withLogin: boolean): Record<string, string> {
  return {
    INFLUXDB_META_DIR: join(directory, 'meta'),
    INFLUXDB_DATA_DIR: join(directory, 'data'),
    INFLUXDB_DATA_WAL_DIR: join(directory, 'wal'),
    INFLUXDB_DATA_INDEX_VERSION: 'tsi1',
    INFLUXDB_BIND_ADDRESS: '127.0.0.1:0',
    INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
    INFLUXDB_HTTP_AUTH_ENABLED: String(withLogin),
    INFLUXDB_HTTP_LOG_ENABLED: 'false',
    INFLUXDB_MONITOR_STORE_ENABLED: 'false',
    // Else it reports its use to its maker every day.
    INFLUXDB_REPORTING_DISABLED: 'true',
  }
}

async function answersPing(url: string): Promise<boolean> {
  return fetch(`${url}/ping`, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.status === 204,
    () => false,
  )
}

/** The first user may be created without a login, and must be an administrator. */
async function createAdmin(url: string, { username, password }: { username: string; password: string }) {
  const quoted = password.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  const q = `CREATE USER "${username}" WITH PASSWORD '${quoted}' WITH ALL PRIVILEGES`
  const response = await fetch(`${url}/query`, { method: 'POST', body: new URLSearchParams({ q }) })
  if (!response.ok) throw new Error(`influxd refused the administrator: ${await response.text()}`)
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  // it answers before it knows them
  for (let tries = 0; tries < 50; tries++) {
    const asked = await fetch(`${url}/query?q=SHOW+DATABASES`, { headers: { authorization } })
    if (asked.ok) return
    await delay(100)
  }
  throw new Error(`influxd does not know ${username}`)
}
