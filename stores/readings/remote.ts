import type { MessagePort } from 'node:worker_threads'
import { ExpectedError, reasonOf, StoreUnavailable } from '../../core/errors.ts'
import type { ReadingStore } from './port.ts'

/** The part of a reading store that another thread may use: DuckDB belongs to the one thread that opened it. */
export type ReadableReadings = Pick<ReadingStore, 'between' | 'last' | 'downsampled'>

interface Question {
  readonly id: number
  readonly method: keyof ReadableReadings
  readonly args: readonly unknown[]
}

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly failure?: { readonly code: ExpectedError['code'] | null; readonly message: string }
}

/** Answers the questions of `remoteReadings` at the other end of the channel. */
export function serveReadings(port: MessagePort, store: ReadableReadings): void {
  port.on('message', async ({ id, method, args }: Question) => {
    let answer: Answer
    try {
      const ask = store[method] as (...given: unknown[]) => Promise<unknown>
      answer = { id, value: await ask.apply(store, [...args]) }
    } catch (cause) {
      answer = { id, failure: { code: cause instanceof ExpectedError ? cause.code : null, message: reasonOf(cause) } }
    }
    port.postMessage(answer)
  })
}

/** A reading store whose engine is in another thread. @throws {StoreUnavailable} when that thread does not answer in time */
export function remoteReadings(port: MessagePort, timeoutMs = 30_000): ReadableReadings {
  const waiting = new Map<number, (answer: Answer) => void>()
  let nextId = 0
  port.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })

  function ask<T>(method: keyof ReadableReadings, ...args: readonly unknown[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const id = nextId++
      const timer = setTimeout(() => {
        waiting.delete(id)
        reject(new StoreUnavailable('readings', `no answer within ${timeoutMs / 1000} s`))
      }, timeoutMs)
      waiting.set(id, ({ value, failure }) => {
        clearTimeout(timer)
        if (failure === undefined) resolve(value as T)
        else
          reject(failure.code === null ? new Error(failure.message) : new ExpectedError(failure.code, failure.message))
      })
      port.postMessage({ id, method, args })
    })
  }

  return {
    between: (query) => ask('between', query),
    last: (deviceId, kind) => ask('last', deviceId, kind),
    downsampled: (query) => ask('downsampled', query),
  }
}
