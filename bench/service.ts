import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { FleetDevice } from '../simulators/fleet.ts'
import type { Load } from './load.ts'

export interface BareBroker {
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

export async function startBareAedes(nodeFlags: readonly string[]): Promise<BareBroker> {
  const child = fork(fileURLToPath(new URL('./bare-aedes.js', import.meta.url)), { execArgv: [...nodeFlags] })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    pid: child.pid ?? 0,
    port,
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** The built service as `npm start` runs it, every role on, with data of its own that `stop` removes. */
export interface MeasuredService {
  readonly pid: number
  readonly port: number
  readonly url: string
  /** How it was started. */
  readonly command: string
  readonly startSeconds: number
  /** @param body an object goes as JSON, a text as CSV */
  api<T>(method: string, path: string, body?: object | string): Promise<T>
  progress(): Promise<Progress>
  /** Resolves when every consumer has read what the journal has. */
  caughtUp(): Promise<void>
  stop(): Promise<void>
}

/** Journal positions: of the newest entry and of its readers. */
export interface Progress {
  readonly atMs: number
  readonly head: number
  readonly history: number
  readonly analytics: number
  /** Messages with something not accepted, and episodes opened, since the start: a load of healthy devices has neither. */
  readonly quarantined: number
  readonly opened: number
  /** What of the service's memory can be told apart: the heaps of its two threads, and the history's engine, bytes. */
  readonly memory: { readonly mainHeap: number; readonly dataHeap: number; readonly history: number }
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const readyWithinMs = 120_000
const catchUpWithinMs = 300_000

/** @param from the checkout that is started */
export async function startService(from = root): Promise<MeasuredService> {
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-bench-'))
  const [http, mqtt] = [await freePort(), await freePort()]
  const command = startCommandOf(from)
  const startedAt = performance.now()
  const child = spawn(command, {
    shell: true,
    cwd: from,
    env: {
      ...foreignEnvironment(),
      LIFTWATT_DATA: directory,
      HTTP_PORT: `${http}`,
      MQTT_PORT: `${mqtt}`,
      MQTT_HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${http}`
  await isReady(child, url)
  const startSeconds = (performance.now() - startedAt) / 1000
  const token = (await readFile(join(directory, 'operator-token'), 'utf8')).trim()

  async function api<T>(method: string, path: string, body?: object | string): Promise<T> {
    const isText = typeof body === 'string'
    const type = isText ? 'text/csv' : 'application/json'
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': type }) },
      ...(body && { body: isText ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text) as T
  }

  async function progress(): Promise<Progress> {
    const text = await (await fetch(`${url}/metrics`)).text()
    const sum = (name: string) =>
      [...text.matchAll(new RegExp(`^${name} (\\S+)$`, 'gm'))].reduce((total, match) => total + Number(match[1]), 0)
    return {
      atMs: performance.now(),
      head: sum('liftwatt_journal_head'),
      history: sum('liftwatt_consumer_position\\{consumer="history"\\}'),
      analytics: sum('liftwatt_consumer_position\\{consumer="analytics"\\}'),
      quarantined: sum('liftwatt_quarantined_total\\{[^}]*\\}'),
      opened: sum('liftwatt_episode_events_total\\{change="opened"\\}'),
      memory: {
        mainHeap: sum('nodejs_heap_size_used_bytes'),
        dataHeap: sum('liftwatt_data_thread_heap_bytes'),
        history: sum('liftwatt_history_memory_bytes'),
      },
    }
  }

  return {
    pid: child.pid ?? 0,
    port: mqtt,
    url,
    command,
    startSeconds,
    api,
    progress,
    async caughtUp() {
      const until = performance.now() + catchUpWithinMs
      const { head } = await progress()
      for (;;) {
        const { history, analytics } = await progress()
        if (Math.min(history, analytics) >= head) return
        if (performance.now() > until)
          throw new Error(`${head - Math.min(history, analytics)} entries are still unread`)
        await sleep(100)
      }
    },
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Gateways that register their device by themselves; answers their passwords. */
export async function registerGateways(
  service: MeasuredService,
  devices: readonly FleetDevice[],
): Promise<Map<string, string>> {
  const passwords = new Map<string, string>()
  for (let first = 0; first < devices.length; first += 20) {
    const some = devices.slice(first, first + 20)
    await Promise.all(
      some.map(async ({ gatewayId, kind }) => {
        const made = await service.api<{ password: string }>('POST', '/gateways', { id: gatewayId, autoRegister: kind })
        passwords.set(gatewayId, made.password)
      }),
    )
  }
  await sleep(1_000) // the MQTT door takes a new credential over a moment after it is made
  return passwords
}

/** Every device has sent something and is registered: from here on nothing is new. */
export async function settle(service: MeasuredService, load: Load, connections: number): Promise<void> {
  load.startOpenLoop(connections)
  await sleep(2_000)
  await load.rest()
  await service.caughtUp()
}

/** What `npm start` runs, without npm: it begins with `exec`, so that the process we see is the service itself. */
function startCommandOf(from: string): string {
  const { scripts } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as { scripts: { start: string } }
  if (!scripts.start.startsWith('exec '))
    throw new Error(`"npm start" replaces its shell, this does not: ${scripts.start}`)
  return scripts.start
}

async function isReady(child: ChildProcess, url: string): Promise<void> {
  const until = performance.now() + readyWithinMs
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the service did not start, exit code ${child.exitCode}`)
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer?.ok) return
    if (performance.now() > until) throw new Error('the service was not ready in time')
    await sleep(20)
  }
}

/** Settings of the shell must not reach the service that is measured. */
function foreignEnvironment(): Record<string, string | undefined> {
  const ours = /^(LIFTWATT|HTTP|MQTTS?|TLS|INFLUX|GATEWAY|JOURNAL|READINGS|NATS|DATABASE)_/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
