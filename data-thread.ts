import type { MessagePort } from 'node:worker_threads'
import type { EpisodeChange } from './core/episode.ts'
import type { Settings } from './core/settings.ts'
import type { ConsumerHealth } from './ingest/follow.ts'
import type { PostgresOptions } from './stores/operations/postgres.ts'

/**
 * A batch of messages and the states of all rules outlive a small nursery and are copied each time that it is full, so this thread gets
 * twice the main thread's (docs/performance.md). A thread's own `resourceLimits` do not count while the flag is set for the process; the flag
 * itself is read when a thread's heap is made: set it, then start the thread.
 */
export const dataThreadNurseryMegabytes = 32

/** What main.ts and worker.ts, its data thread, say to each other. */
export interface DataThreadStart {
  readonly settings: Settings
  readonly directory: string
  readonly database: PostgresOptions['connection']
  /** Of the steady clock: both threads read the same time. */
  readonly clockEpoch: number
  /** API queries for readings come in here. */
  readonly readings: MessagePort
  /** And for what the detectors know of devices. */
  readonly deviceStatus: MessagePort
}

export type ToDataThread =
  /** More is durable, up to here. */
  | { readonly type: 'head'; readonly head: number }
  | { readonly type: 'registry-changed' | 'stop' }
  /** Somebody else will ask for readings here. */
  | { readonly type: 'serve-readings'; readonly port: MessagePort }

export type FromDataThread =
  /** `loaded`: all of its code is, and it may be ended. `orders-changed`: incidents, orders or notices were committed. */
  | { readonly type: 'loaded' | 'stopped' | 'orders-changed' }
  /** `passed`: as far as anybody had read the journal before this start. */
  | { readonly type: 'ready'; readonly passed: number }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'status'; readonly status: DataThreadStatus }

export interface DataThreadStatus {
  readonly consumers: readonly ConsumerHealth[]
  readonly devices: number
  readonly written: number
  readonly analysed: number
  readonly quarantined: Readonly<Record<string, number>>
  readonly episodes: Readonly<Partial<Record<EpisodeChange, number>>>
  /** Rules that threw on a device, since the start: blind there. */
  readonly brokenRules: number
  /** Episode events that the database will never take, since the start: dangers that nobody was told of. */
  readonly leftOut: number
  /** Entries of the journal that could not be read back, since the start: skipped, their readings are lost. */
  readonly damagedEntries: number
  /** Of its own heap, and of the history's engine where that runs in this process. */
  readonly memory: { readonly heapBytes: number; readonly historyBytes: number | null }
}
