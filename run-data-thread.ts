import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { DeviceStatus } from './analytics/health.ts'
import { type Clock, secondMs } from './core/clock.ts'
import { reasonOf, StoreUnavailable } from './core/errors.ts'
import type { Log } from './core/log.ts'
import { remoteCalls } from './core/remote-calls.ts'
import {
  type DataThreadStart,
  type DataThreadStatus,
  dataThreadNurseryMegabytes,
  type FromDataThread,
  type ToDataThread,
} from './data-thread.ts'
import { type DataThreadProgress, noteProgress } from './health.ts'
import type { HeardGateway } from './registry/liveness.ts'
import { remoteReadings } from './stores/readings/remote.ts'

const statusPatienceMs = 30 * secondMs
/** Of the 10 s within which a stop ends: for a data thread that is just being started. Unverified default. */
const startingPatienceMs = 2 * secondMs

/** It loads its code, DuckDB above all, while the database and the journal are opened here: most of a second of each start. */
export function loadDataThread() {
  setFlagsFromString(`--max-semi-space-size=${dataThreadNurseryMegabytes}`)
  const thread = new Worker(new URL('./worker.js', import.meta.url))
  const ended = new Promise<string>((resolveEnded) => {
    thread.once('error', (cause) => resolveEnded(reasonOf(cause)))
    thread.once('exit', (code) => resolveEnded(`it exited with code ${code}`))
  })
  const loaded = once(thread, 'message').catch(() => {}) // one that ends before is loaded no more
  return {
    thread,
    ended,
    /** Not while it loads: a native module that is cut off there takes the whole process along. */
    async terminate() {
      await Promise.race([loaded, ended, delay(startingPatienceMs, undefined, { ref: false })])
      await thread.terminate()
    },
  }
}

/** The data thread (`worker.ts`) as the main thread sees it: told of what the journal has, asked for readings and states. */
export function startDataThread(
  { thread, ended }: ReturnType<typeof loadDataThread>,
  start: Omit<DataThreadStart, 'readings' | 'deviceStatus'>,
  /** `head`: how far the journal is durable. */
  { head, clock, log }: { head: () => number; clock: Clock; log: Log },
) {
  const readings = new MessageChannel()
  const status = new MessageChannel()
  const ask = remoteCalls(
    status.port1,
    statusPatienceMs,
    (seconds) => new StoreUnavailable('detectors', `no answer within ${seconds} s`),
  )
  let seen: { status: DataThreadStatus; progress: DataThreadProgress } | undefined
  let onStatus: (status: DataThreadStatus) => void = () => {}
  let onOrdersChanged = () => {}
  let failure: string | null = null
  let stopping = false
  let fail: (reason: string) => void = () => {}
  const failed = new Promise<string>((resolveFailed) => {
    fail = (reason) => {
      if (failure !== null || stopping) return
      failure = reason
      resolveFailed(reason)
      if (seen === undefined) return // then it is the start that fails, with that reason
      log.error(
        { reason },
        'the data thread ended: nothing is stored or analysed until a restart; the journal keeps everything',
      )
    }
  })
  ended.then(fail)

  /** It listens from its first status on. */
  const say = (message: ToDataThread) => thread.postMessage(message)
  let waking = false
  /** Once per group of messages that became durable together. */
  const wake = () => {
    if (waking || seen === undefined) return
    waking = true
    setImmediate(() => {
      waking = false
      say({ type: 'head', head: head() })
    })
  }
  const ready = new Promise<number>((resolveReady, reject) => {
    thread.on('message', (message: FromDataThread) => {
      if (message.type === 'ready') resolveReady(message.passed)
      if (message.type === 'orders-changed') onOrdersChanged()
      if (message.type === 'status') {
        const { status } = message
        seen = { status, progress: noteProgress(seen, status, head(), clock()) }
        onStatus(status)
      }
      if (message.type === 'failed') {
        reject(new Error(message.reason))
        fail(message.reason)
      }
    })
    ended.then((reason) => reject(new Error(reason)))
    const ports = { readings: readings.port2, deviceStatus: status.port2 }
    thread.postMessage({ ...start, ...ports } satisfies DataThreadStart, Object.values(ports))
  })
  ready.catch(() => {}) // whoever waits for it is told

  return {
    /** How far it had read the journal before. */
    ready,
    readings: remoteReadings(readings.port1),
    deviceStatus: (ids: readonly string[]) => ask<ReadonlyMap<string, DeviceStatus>>('statusOf', ids),
    heardAt: (ids: readonly string[]) => ask<ReadonlyMap<string, number>>('heardAtOf', ids),
    gateways: (ids: readonly string[]) => ask<ReadonlyMap<string, HeardGateway>>('gatewaysOf', ids),
    seen: () => seen,
    onStatus(listener: typeof onStatus) {
      onStatus = listener
    },
    onOrdersChanged(listener: typeof onOrdersChanged) {
      onOrdersChanged = listener
    },
    failure: () => failure,
    failed,
    say,
    /** Lets others ask for readings at this port. */
    serveReadings: (port: MessagePort) =>
      thread.postMessage({ type: 'serve-readings', port } satisfies ToDataThread, [port]),
    wake,
    async stop() {
      stopping = true
      const started = ready.then(
        () => true,
        () => false,
      )
      // one that still recovers a store knows nothing that is not in the journal
      if (!(await Promise.race([started, delay(startingPatienceMs, false, { ref: false })]))) return
      say({ type: 'stop' })
      await ended
    },
  }
}
