import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isPostmaster, signalPostmaster } from '../stores/operations/postmaster.ts'
import { freePort } from './free-port.ts'

const launcher = join(import.meta.dirname, '../bin/liftwatt.js')
/** With a build before it, on a busy machine. */
const readyWithinMs = 300_000

/** The built service in a process of its own, as `npm start` runs it. */
export interface ServiceUnderTest {
  readonly directory: string
  readonly httpUrl: string
  readonly mqttPort: number
  readonly token: string
  readonly pid: number
  /** What it printed so far, both streams. */
  output(): string
  /** The parsed body; throws with status and body when the status is not 2xx. */
  api<T = Record<string, unknown>>(method: string, path: string, body?: object, headers?: object): Promise<T>
  /** Every item of a list. */
  list<T>(path: string): Promise<T[]>
  /** Rejects with what it printed when it ends without having been asked to. Race it with whatever waits for the service. */
  readonly died: Promise<never>
  /** SIGKILL: no goodbye. PostgreSQL is left alive, as a killed Node leaves it. */
  kill(): Promise<void>
  /** SIGTERM, waits for the end. Answers the exit code. */
  stop(): Promise<number | null>
  /** Starts again on the same data and the same ports. */
  restart(): Promise<ServiceUnderTest>
  /** Kills what is left and removes the data. */
  remove(): Promise<void>
}

export interface ServiceOptions {
  readonly directory?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: { readonly http: number; readonly mqtt: number }
}

export async function startService(options: ServiceOptions = {}): Promise<ServiceUnderTest> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'liftwatt-test-')))
  const ports = options.ports ?? { http: await freePort(), mqtt: await freePort() }
  let printed = ''
  const child = spawn(process.execPath, [launcher, 'start'], {
    env: {
      ...cleanEnvironment(),
      LIFTWATT_DATA: directory,
      HTTP_PORT: String(ports.http),
      MQTT_PORT: String(ports.mqtt),
      MQTT_HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  let asked = false
  const died = new Promise<never>((_, reject) => {
    child.once('close', (code, signal) => {
      if (!asked)
        reject(new Error(`the service ended by itself (${signal ?? `exit code ${code}`}):\n${printed.slice(-20_000)}`))
    })
  })
  died.catch(() => {}) // nobody need wait for it
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  }
  await isRunning(child, () => printed).catch(async (cause: unknown) => {
    child.kill('SIGKILL')
    await ended
    await stopPostgres(directory)
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true })
    throw cause
  })
  const token =
    options.environment?.LIFTWATT_OPERATOR_TOKEN ?? (await readFile(join(directory, 'operator-token'), 'utf8')).trim()
  const httpUrl = `http://127.0.0.1:${ports.http}`

  async function api<T>(method: string, path: string, body?: object, headers: object = {}): Promise<T> {
    const response = await fetch(`${httpUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  return {
    directory,
    httpUrl,
    mqttPort: ports.mqtt,
    token,
    pid: child.pid ?? 0,
    output: () => printed,
    died,
    api,
    async list<T>(path: string) {
      const items: T[] = []
      let cursor: string | null = null
      do {
        const next = `${path}${path.includes('?') ? '&' : '?'}limit=1000${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`
        const page: { items: T[]; nextCursor: string | null } = await api('GET', next)
        items.push(...page.items)
        cursor = page.nextCursor
      } while (cursor !== null)
      return items
    },
    async kill() {
      asked = true
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      asked = true
      if (hasEnded(child)) return child.exitCode
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
    restart: () => startService({ ...options, directory, ports }),
    async remove() {
      asked = true
      child.kill('SIGKILL')
      await stopPostgres(directory)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/**
 * Starts the service where it is expected to refuse: answers how it ended and what it said. Fails when it runs after all.
 */
export async function startRefused(environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [launcher, 'start'], {
    env: { ...cleanEnvironment(), LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      if (printed.includes('Liftwatt is running.')) child.kill('SIGTERM')
    })
  }
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (printed.includes('Liftwatt is running.')) throw new Error('the service started, and should have refused')
  if (signal !== null) throw new Error(`the service ended by ${signal}, and should have refused:\n${printed}`)
  return { exitCode, printed }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function isRunning(child: ChildProcess, printed: () => string): Promise<void> {
  const until = performance.now() + readyWithinMs
  while (!printed().includes('Liftwatt is running.')) {
    if (hasEnded(child)) throw new Error(`the service did not start:\n${printed()}`)
    if (performance.now() > until)
      throw new Error(`the service was not ready within ${readyWithinMs / 1000} s:\n${printed()}`)
    await delay(20)
  }
}

/** A SIGKILLed service leaves its PostgreSQL alive, to be adopted; a test that is over must not. */
async function stopPostgres(directory: string): Promise<void> {
  const cluster = join(directory, 'postgres', 'cluster')
  const pid = await postmasterPid(directory)
  if (pid === undefined) return
  signalPostmaster(cluster, pid, 'SIGINT')
  while (isPostmaster(cluster, pid)) await delay(50)
}

export async function postmasterPid(directory: string): Promise<number | undefined> {
  const text = await readFile(join(directory, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : Number(text.split('\n')[0])
}

/** Settings of the shell that runs the tests must not reach the service under test. */
function cleanEnvironment(): Record<string, string> {
  const ours = /^(LIFTWATT|HTTP|MQTTS?|TLS|INFLUX|GATEWAY|JOURNAL|READINGS|NATS|DATABASE)_/
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => !ours.test(entry[0]) && entry[1] !== undefined,
    ),
  )
}

/** Polls until `look` answers something; throws with `what` when it does not in time. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const until = performance.now() + withinMs
  let last: unknown
  while (performance.now() < until) {
    try {
      const found = await look()
      if (found !== undefined && found !== false) return found
    } catch (cause) {
      last = cause
    }
    await delay(50)
  }
  throw new Error(`not within ${withinMs / 1000} s: ${what}${last === undefined ? '' : ` (${last})`}`)
}
