import { StoreUnavailable } from '../../core/errors.ts'
import { type CallPort, remoteCalls, serveCalls } from '../../core/remote-calls.ts'
import type { ReadingStore } from './port.ts'

/** The part of a reading store that another thread may use: DuckDB belongs to the one thread that opened it. */
export type ReadableReadings = Pick<ReadingStore, 'between' | 'last' | 'downsampled'>

/** Answers the questions of `remoteReadings` at the other end of the channel. */
export function serveReadings(port: CallPort, store: ReadableReadings): void {
  serveCalls(port, store)
}

/** A reading store whose engine is in another thread. @throws {StoreUnavailable} when that thread does not answer in time */
export function remoteReadings(port: CallPort, timeoutMs = 30_000): ReadableReadings {
  const ask = remoteCalls(
    port,
    timeoutMs,
    (seconds) => new StoreUnavailable('readings', `no answer within ${seconds} s`),
  )
  return {
    between: (query) => ask('between', query),
    last: (deviceId, kind) => ask('last', deviceId, kind),
    downsampled: (query) => ask('downsampled', query),
  }
}
