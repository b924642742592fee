import type { z } from 'zod'
import { dayMs, minuteMs } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import { reasonOf } from '../core/errors.ts'
import type { Fault, QuarantineItem, QuarantineReason } from '../core/quarantine.ts'
import type { Reading, Values } from '../core/reading.ts'
import type { DeviceKind } from '../devices/kind.ts'

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
}

export interface DecodeRules {
  readonly kinds: readonly DeviceKind[]
  /** Older readings are quarantined. */
  readonly maxAgeDays: number
}

export const maxReadingsPerMessage = 500
const maxAheadMs = 5 * minuteMs
const maxFaultsKept = 20
/** Year 5138 in milliseconds: beyond it, it is another unit. */
const latestPlausibleMs = 1e14

type Decode = (message: Message, device: Device | undefined) => Decoded

/** Checks one message against its device's kind. What can be used is used; the rest is named, with its JSON path. */
export function createDecoder({ kinds, maxAgeDays }: DecodeRules): Decode {
  const byId = new Map(kinds.map((kind) => [kind.id, kind]))
  const foreignMetrics = new Map(kinds.map((kind) => [kind.id, metricsOfOthers(kinds, kind)]))

  return (message, device) => {
    const refuse = (reason: QuarantineReason, text: string, path = '$'): Decoded => ({
      readings: [],
      quarantined: quarantine(message, [{ path, reason, text }]),
    })

    if (device === undefined) return refuse('unknown-device', `No device ${message.deviceId} is registered`)
    if (device.gatewayId !== message.gatewayId) {
      return refuse('foreign-device', `Device ${device.id} belongs to another gateway`)
    }
    const kind = byId.get(device.kind)
    if (kind === undefined) return refuse('unknown-device', `Device ${device.id} is of the unknown kind ${device.kind}`)

    const text = Buffer.from(message.payload.buffer, message.payload.byteOffset, message.payload.byteLength).toString()
    let body: unknown
    try {
      body = JSON.parse(text)
    } catch {
      return refuse('bad-json', whereJsonBreaks(text))
    }
    if (Array.isArray(body) && body.length > maxReadingsPerMessage) {
      return refuse('too-many', `${body.length} readings in one message; at most ${maxReadingsPerMessage}`)
    }

    const checks: Checks = {
      message,
      device,
      kind,
      oldestAt: message.receivedAt - maxAgeDays * dayMs,
      foreign: foreignMetrics.get(kind.id) ?? new Set(),
      faults: [],
    }
    const readings = Array.isArray(body)
      ? body.flatMap((item, index) => readingOf(item, `$[${index}]`, checks) ?? [])
      : [readingOf(body, '$', checks)].filter((reading) => reading !== undefined)
    const sorted = readings.length > 1 ? merged(readings) : readings
    return checks.faults.length === 0
      ? { readings: sorted }
      : { readings: sorted, quarantined: quarantine(message, checks.faults) }
  }
}

interface Checks {
  readonly message: Message
  readonly device: Device
  readonly kind: DeviceKind
  readonly oldestAt: number
  readonly foreign: ReadonlySet<string>
  readonly faults: Fault[]
}

function readingOf(item: unknown, path: string, checks: Checks): Reading | undefined {
  const { message, device, kind } = checks
  const fault = (reason: QuarantineReason, text: string, at = path) => {
    checks.faults.push({ path: at, reason, text })
    return undefined
  }

  if (!isObject(item))
    return fault('bad-reading', `a reading is an object with "at" and "values", this is ${shown(item)}`)
  for (const key in item) {
    if (key === 'at' || key === 'values' || key === 'seq') continue
    if ((key === 'device' || key === 'deviceId') && item[key] !== device.id) {
      return fault(
        'foreign-device',
        `the topic says device ${device.id}, the payload ${shown(item[key])}`,
        `${path}.${key}`,
      )
    }
    fault('unknown-metric', 'only "at", "seq" and "values" stand here; metrics go into "values"', `${path}.${key}`)
  }

  const { at, values } = item
  if (typeof at !== 'number' || !Number.isSafeInteger(at)) {
    return fault('bad-time', `"at" is milliseconds since 1970 as a whole number, this is ${shown(at)}`, `${path}.at`)
  }
  if (at < 0 || at >= latestPlausibleMs) {
    return fault('bad-time', `${at} is no time in milliseconds since 1970 (microseconds?)`, `${path}.at`)
  }
  if (at > message.receivedAt + maxAheadMs) {
    return fault('clock-ahead', `${iso(at)} is in the future; received at ${iso(message.receivedAt)}`, `${path}.at`)
  }
  if (at < checks.oldestAt) {
    return fault('clock-too-old', `${iso(at)} is too long ago (seconds instead of milliseconds?)`, `${path}.at`)
  }
  if (!isObject(values)) {
    return fault('bad-reading', `"values" is an object of metrics, this is ${shown(values)}`, `${path}.values`)
  }

  const accepted = acceptedValues(values, `${path}.values`, checks)
  if (accepted === undefined) return undefined
  return { deviceId: device.id, kind: kind.id, at, receivedAt: message.receivedAt, values: accepted }
}

function acceptedValues(values: Record<string, unknown>, path: string, checks: Checks): Values | undefined {
  const { kind, foreign, faults } = checks
  const names = Object.keys(values)
  if (names.length === 0) {
    faults.push({ path, reason: 'bad-reading', text: '"values" has no metric' })
    return undefined
  }
  // `__proto__` is an own key here, but no schema library sees it as one
  const parsed = Object.hasOwn(values, '__proto__') ? undefined : kind.telemetry.safeParse(values)
  if (parsed?.success) return values as Values

  const { shape } = kind.telemetry
  const known = names.filter((name) => Object.hasOwn(shape, name))
  if (known.length === 0 && names.some((name) => foreign.has(name))) {
    const text = `none of these is a metric of ${kind.id}: ${names.slice(0, 5).join(', ')}`
    faults.push({ path, reason: 'wrong-kind', text })
    return undefined
  }

  const accepted: Record<string, Values[string]> = {}
  for (const name of names) {
    const at = `${path}.${name.slice(0, 64)}`
    if (!Object.hasOwn(shape, name)) {
      faults.push({ path: at, reason: 'unknown-metric', text: `${kind.id} has no metric of this name` })
      continue
    }
    const result = (shape[name] as z.ZodType).safeParse(values[name])
    if (result.success) accepted[name] = values[name] as Values[string]
    else faults.push({ path: at, ...reasonOfIssue(result.error.issues[0], values[name]) })
  }
  return Object.keys(accepted).length > 0 ? accepted : undefined
}

function reasonOfIssue(issue: z.core.$ZodIssue | undefined, value: unknown): Pick<Fault, 'reason' | 'text'> {
  const text = `${issue?.message ?? 'not accepted'}; this is ${shown(value)}`
  switch (issue?.code) {
    case 'too_big':
    case 'too_small':
      return { reason: typeof value === 'number' ? 'out-of-range' : 'unknown-value', text }
    case 'invalid_value':
      return { reason: typeof value === 'string' ? 'unknown-value' : 'wrong-type', text }
    case 'invalid_type':
      // 1e999 is valid JSON and reads as Infinity
      return { reason: typeof value === 'number' && !Number.isFinite(value) ? 'not-a-number' : 'wrong-type', text }
    default:
      return { reason: typeof value === 'number' ? 'out-of-range' : 'unknown-value', text }
  }
}

/** Oldest first; two readings for one time become one, the first value of each metric stays. */
function merged(readings: readonly Reading[]): Reading[] {
  const byTime = new Map<number, Reading>()
  for (const reading of readings) {
    const first = byTime.get(reading.at)
    byTime.set(reading.at, first ? { ...first, values: { ...reading.values, ...first.values } } : reading)
  }
  return [...byTime.values()].sort((a, b) => a.at - b.at)
}

function quarantine(message: Message, faults: readonly Fault[]): QuarantineItem {
  const { position, receivedAt, gatewayId, deviceId, payload } = message
  const reason = faults[0]?.reason ?? 'bad-reading'
  return { position, receivedAt, gatewayId, deviceId, reason, faults: faults.slice(0, maxFaultsKept), raw: payload }
}

function metricsOfOthers(kinds: readonly DeviceKind[], own: DeviceKind): ReadonlySet<string> {
  return new Set(kinds.filter((kind) => kind !== own).flatMap((kind) => Object.keys(kind.telemetry.shape)))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'number') return String(value)
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

const longestSearched = 4096

/**
 * The column at which a person should look. V8 does not always say it: but up to the character that breaks it, every
 * beginning of the text only "ends too early", so the place is found by halving.
 */
function whereJsonBreaks(text: string): string {
  if (text === '') return 'the payload is empty; a JSON object or array is expected'
  if (endsTooEarly(text)) return `not JSON: it ends too early, after column ${text.length}`
  if (text.length > longestSearched) return 'not JSON'

  let good = 0
  let bad = text.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (endsTooEarly(text.slice(0, middle))) good = middle
    else bad = middle
  }
  return `not JSON: it breaks at column ${bad}`
}

function endsTooEarly(text: string): boolean {
  try {
    JSON.parse(text)
    return true // a complete value; more may follow where it is a number
  } catch (cause) {
    return /end of JSON|Unterminated/.test(reasonOf(cause))
  }
}
