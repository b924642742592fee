import { isUtf8 } from 'node:buffer'
import { dayMs } from '../core/clock.ts'
import { type Device, gatewayAt } from '../core/device.ts'
import { reasonOf } from '../core/errors.ts'
import type { Fault, QuarantineItem, QuarantineReason } from '../core/quarantine.ts'
import type { Reading } from '../core/reading.ts'
import type { DeviceKind } from '../devices/kind.ts'
import { type KindChecks, kindChecks, type ReadingChecks, readingOf } from './check-reading.ts'

export interface Message {
  readonly position: number
  readonly receivedAt: number
  readonly gatewayId: string
  readonly deviceId: string
  readonly payload: Uint8Array
}

export interface Decoded {
  /** Accepted, oldest first, one per time. */
  readonly readings: readonly Reading[]
  /** What was not accepted; absent when all was. */
  readonly quarantined?: QuarantineItem
  /** The gateway's clock is so far ahead of ours that a reading was refused for it, ms. */
  readonly aheadMs?: number
}

export interface DecodeRules {
  readonly kinds: readonly DeviceKind[]
  /** Older readings are quarantined. */
  readonly maxAgeDays: number
}

export const maxReadingsPerMessage = 500
export const maxFaultsKept = 20

type Decode = (message: Message, device: Device | undefined) => Decoded

/** Checks one message against its device's kind. What can be used is used; the rest is named, with its JSON path. */
export function createDecoder({ kinds, maxAgeDays }: DecodeRules): Decode {
  const byId = kindChecks(kinds)

  return (message, device) => {
    if (device === undefined) return refused(message, 'unknown-device', `No device ${message.deviceId} is registered`)
    const known = checksFor(device, message, byId)
    if ('reason' in known) return refused(message, known.reason, known.text)

    const { body, problem } = jsonIn(message.payload)
    if (problem !== undefined) return refused(message, 'bad-json', problem)
    if (Array.isArray(body) && body.length > maxReadingsPerMessage) {
      return refused(message, 'too-many', `${body.length} readings in one message; at most ${maxReadingsPerMessage}`)
    }
    if (Array.isArray(body) && body.length === 0) return refused(message, 'bad-reading', 'the array has no reading')

    const checks: ReadingChecks = {
      device,
      receivedAt: message.receivedAt,
      kind: known.kind,
      metrics: known.metrics,
      foreign: known.foreign,
      oldestAt: message.receivedAt - maxAgeDays * dayMs,
      faults: [],
    }
    const readings = readingsIn(body, checks)
    if (checks.faults.length === 0) return { readings }
    const { aheadMs } = checks
    const quarantined = quarantine(message, checks.faults)
    return { readings, quarantined, ...(aheadMs !== undefined && { aheadMs }) }
  }
}

/**
 * What is asked of the readings of a device that a gateway speaks for, or why none is taken; by what was so when they were received, however
 * late we come to them.
 */
export function checksFor(
  device: Device,
  { gatewayId, receivedAt }: Pick<Message, 'gatewayId' | 'receivedAt'>,
  byKind: ReadonlyMap<string, KindChecks>,
): KindChecks | Pick<Fault, 'reason' | 'text'> {
  const { id, kind, retiredAt } = device
  if (retiredAt != null && receivedAt >= retiredAt) {
    return { reason: 'retired-device', text: `Device ${id} is retired; add it again to have it taken` }
  }
  if (gatewayAt(device, receivedAt) !== gatewayId) {
    return { reason: 'foreign-device', text: `Device ${id} belongs to another gateway` }
  }
  return byKind.get(kind) ?? { reason: 'unknown-device', text: `Device ${id} is of the unknown kind ${kind}` }
}

/** One or an array of them; oldest first, one per time. */
function readingsIn(body: unknown, checks: ReadingChecks): readonly Reading[] {
  if (!Array.isArray(body)) {
    const reading = readingOf(body, '$', checks)
    return reading === undefined ? [] : [reading]
  }
  const readings = body.flatMap((item, index) => readingOf(item, `$[${index}]`, checks) ?? [])
  return readings.length > 1 ? merged(readings) : readings
}

/** What a payload says, or where it stops to be JSON, for a person. */
export function jsonIn(payload: Uint8Array): { body?: unknown; problem?: string } {
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const text = bytes.toString()
  // RFC 8259 §8.1. What is not UTF-8 has become U+FFFD: a text without it, as nearly all are, costs nothing more
  if (text.includes('\ufffd') && !isUtf8(bytes)) return { problem: 'not UTF-8' }
  try {
    return { body: JSON.parse(text) }
  } catch {
    return { problem: whereJsonBreaks(text) }
  }
}

/** Oldest first; two readings for one time become one, the first value of each metric stays. */
export function merged(readings: readonly Reading[]): Reading[] {
  const byTime = new Map<number, Reading>()
  for (const reading of readings) {
    const first = byTime.get(reading.at)
    byTime.set(reading.at, first ? { ...first, values: { ...reading.values, ...first.values } } : reading)
  }
  return [...byTime.values()].sort((a, b) => a.at - b.at)
}

function refused(message: Message, reason: QuarantineReason, text: string): Decoded {
  return { readings: [], quarantined: quarantine(message, [{ path: '$', reason, text }]) }
}

function quarantine(message: Message, faults: readonly Fault[]): QuarantineItem {
  const { position, receivedAt, gatewayId, deviceId, payload } = message
  const reason = faults[0]?.reason ?? 'bad-reading'
  return { position, receivedAt, gatewayId, deviceId, reason, faults: faults.slice(0, maxFaultsKept), raw: payload }
}

const longestSearched = 4096

/**
 * The character at which a person should look. V8 does not always say it: but up to the character that breaks it, every
 * beginning of the text only "ends too early", so the place is found by halving.
 */
function whereJsonBreaks(text: string): string {
  if (text === '') return 'the payload is empty; a JSON object or array is expected'
  if (text.startsWith('\ufeff')) return 'not JSON: it begins with a byte order mark'
  if (endsTooEarly(text)) return `not JSON: it ends too early, after column ${text.length}`
  if (text.length > longestSearched) return 'not JSON'

  let good = 0
  let bad = text.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (endsTooEarly(text.slice(0, middle))) good = middle
    else bad = middle
  }
  const line = text.slice(0, good).split('\n')
  const column = (line.at(-1)?.length ?? 0) + 1
  return line.length === 1
    ? `not JSON: it breaks at column ${column}`
    : `not JSON: it breaks at line ${line.length}, column ${column}`
}

function endsTooEarly(text: string): boolean {
  try {
    JSON.parse(text)
    return true // a complete value; more may follow where it is a number
  } catch (cause) {
    const reason = reasonOf(cause)
    const position = / at position (\d+)/.exec(reason)?.[1]
    return position === undefined ? reason.includes('end of JSON') : Number(position) >= text.length
  }
}
