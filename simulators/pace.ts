import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, hourMs } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import type { Gateway } from './gateway.ts'
import type { GatewayReading } from './message.ts'

/** How many seconds of readings pass in one second; `max` is as fast as the service acknowledges them. */
export type Speed = number | 'max'

/**
 * `10`, `x10`, `×10` or `max`. Not below 1: stretched times would run ahead of the clock.
 * @throws {ExpectedError} `invalid`
 */
export function parseSpeed(text: string): Speed {
  if (text === 'max') return 'max'
  const speed = Number(text.replace(/^[x×]/, ''))
  if (text === '' || !Number.isFinite(speed) || speed < 1) {
    throw new ExpectedError('invalid', `The speed "${text}" is neither "max" nor a number from 1 on`)
  }
  return speed
}

/** How long readings that span `spanMs` take at this speed, ms. */
export function durationAt(speed: Speed, spanMs: number): number {
  return speed === 'max' ? 0 : spanMs / speed
}

export interface PacedReading extends GatewayReading {
  readonly deviceId: string
}

/** Readings wait for each other so long at most, so that thousands a second need only a hundred timers. */
const shortestPauseMs = 10
const readingsAtOnce = 1_000

/**
 * Hands readings (in the order of their times) to their gateways, each when its moment comes: `from` is now, and the rest
 * follow at `speed`. A gateway whose outbox is full is waited for. Ends early, without an error, when `signal` is aborted.
 * Answers how many readings it has handed over; all of them are in an outbox by then.
 */
export async function recordAtPace<R extends PacedReading>(
  readings: Iterable<R> | AsyncIterable<R>,
  pace: {
    readonly from: number
    readonly speed: Speed
    readonly clock: Clock
    readonly signal?: AbortSignal | undefined
  },
  gatewayOf: (reading: R) => Gateway,
): Promise<number> {
  const begunAt = pace.clock()
  let underWay: Promise<void>[] = []
  let handedOver = 0

  async function settle(): Promise<void> {
    const settling = underWay
    underWay = []
    await Promise.all(settling)
  }

  for await (const reading of readings) {
    const dueAt = begunAt + durationAt(pace.speed, reading.at - pace.from)
    if (dueAt > pace.clock() || underWay.length >= readingsAtOnce) await settle()
    await waitUntil(dueAt, pace.clock, pace.signal)
    if (pace.signal?.aborted) break

    const gateway = gatewayOf(reading)
    if (!gateway.hasRoom()) {
      await settle()
      await gateway.room()
    }
    const recorded = gateway.record(reading.deviceId, { at: reading.at, values: reading.values })
    recorded.catch(() => {}) // It is reported by `settle`, which may come later than Node's patience with rejections.
    underWay.push(recorded)
    handedOver += 1
  }
  await settle()
  return handedOver
}

async function waitUntil(dueAt: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  for (let earlyMs = dueAt - clock(); earlyMs > 0 && !signal?.aborted; earlyMs = dueAt - clock()) {
    const pauseMs = Math.min(Math.max(earlyMs, shortestPauseMs), hourMs)
    await sleep(pauseMs, undefined, signal ? { signal } : {}).catch((cause: unknown) => {
      if (!signal?.aborted) throw cause
    })
  }
}
