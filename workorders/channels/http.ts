import { z } from 'zod'
import { minuteMs, secondMs } from '../../core/clock.ts'
import { type Reach, type SafeAnswer, safeFetch } from '../notices/safe-fetch.ts'
import type { ChannelTools, Delivery } from './port.ts'

/** What every channel over HTTP is told about its receiver. */
export const webShape = {
  url: z.string().trim().min(1).max(2_000),
  allowPrivate: z
    .boolean()
    .default(false)
    .describe('It may be in a private network or on this machine, at any port. Off, unless the receiver is yours'),
}

export function reachOf(settings: { allowPrivate: boolean }, { resolve }: ChannelTools): Reach {
  return { allowPrivate: settings.allowPrivate, ...(resolve && { resolve }) }
}

export function postJson(
  url: string,
  body: unknown,
  options: { signal: AbortSignal; reach: Reach; headers?: Readonly<Record<string, string>> },
): Promise<SafeAnswer> {
  const { signal, reach, headers } = options
  const type = { 'content-type': 'application/json; charset=utf-8' }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return safeFetch(url, { method: 'POST', headers: { ...type, ...headers }, body: text, signal }, reach)
}

/** Statuses after which the same request cannot succeed. 404 and 410: the address is gone. */
const hopeless = new Set([400, 401, 403, 404, 405, 406, 410, 411, 413, 414, 415, 422, 431, 501])

/** What a status says; 2xx is undefined, for a robot says in the body whether it took the message. */
export function statusProblem({
  status,
  headers,
}: SafeAnswer): Exclude<Delivery, { outcome: 'delivered' }> | undefined {
  if (status >= 200 && status < 300) return undefined
  const reason = `it answered ${status}`
  if (status >= 300 && status < 400) {
    return { outcome: 'refused', reason: `${reason}, a redirect; redirects are not followed` }
  }
  if (hopeless.has(status)) return { outcome: 'refused', reason }
  const afterMs = retryAfterMs(headers['retry-after'])
  return { outcome: 'retry', reason, ...(afterMs !== undefined && { afterMs }) }
}

/** In seconds (RFC 9110, 10.2.3); dates, which need both clocks to be right, are not heeded. Ten minutes at most. */
function retryAfterMs(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,9}$/.test(text)) return undefined
  return Math.min(Number(text) * secondMs, 10 * minuteMs)
}

/** How a robot says in its answer that it took the message, and what its error codes mean. */
export interface RobotCodes {
  /** The field with the code, 0 = taken: `errcode`, `code`. */
  readonly field: string
  readonly text: string
  /** Wrong key, wrong signature, wrong message: trying again does not help. */
  readonly hopeless: readonly number[]
  /** Too many messages: wait. */
  readonly busy: readonly number[]
}

const busyForMs = minuteMs

/** The robots answer 200 to everything. An unknown code is tried again: rather twice than never. */
export function robotDelivery(answer: SafeAnswer, codes: RobotCodes): Delivery {
  const problem = statusProblem(answer)
  if (problem !== undefined) return problem
  const said = jsonOf(answer.body)
  const code = said?.[codes.field]
  if (typeof code !== 'number') return { outcome: 'retry', reason: `it answered 200 without ${codes.field}` }
  if (code === 0) return { outcome: 'delivered' }
  const reason = `${codes.field} ${code}: ${String(said?.[codes.text] ?? '').slice(0, 200)}`
  if (codes.hopeless.includes(code)) return { outcome: 'refused', reason }
  return { outcome: 'retry', reason, ...(codes.busy.includes(code) && { afterMs: busyForMs }) }
}

export function jsonOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
