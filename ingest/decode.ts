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

const good = { success: true } as const

type Decode = (message: Message, device: Device | undefined) => Decoded

/** Checks one message against its device's kind. What can be used is used; the rest is named, with its JSON path. */
export function createDecoder({ kinds, maxAgeDays }: DecodeRules): Decode {
  const byId = new Map(
    kinds.map((kind) => {
      const metrics = metricsOf(kind)
      return [kind.id, { kind, metrics, foreign: metricsOfOthers(kinds, kind) }]
    }),
  )

  return (message, device) => {
    const refuse = (reason: QuarantineReason, text: string, path = '$'): Decoded => ({
      readings: [],
      quarantined: quarantine(message, [{ path, reason, text }]),
    })

    if (device === undefined) return refuse('unknown-device', `No device ${message.deviceId} is registered`)
    if (device.gatewayId !== message.gatewayId) {
      return refuse('foreign-device', `Device ${device.id} belongs to another gateway`)
    }
    const known = byId.get(device.kind)
    if (known === undefined)
      return refuse('unknown-device', `Device ${device.id} is of the unknown kind ${device.kind}`)

    const { buffer, byteOffset, byteLength } = message.payload
    const text = Buffer.from(buffer, byteOffset, byteLength).toString()
    let body: unknown
    try {
      body = JSON.parse(text)
    } catch {
      return refuse('bad-json', whereJsonBreaks(text))
    }
    if (Array.isArray(body) && body.length > maxReadingsPerMessage) {
      return refuse('too-many', `${body.length} readings in one message; at most ${maxReadingsPerMessage}`)
    }
    if (Array.isArray(body) && body.length === 0) return refuse('bad-reading', 'the array has no reading')

    const checks: Checks = {
      message,
      device,
      ...known,
      oldestAt: message.receivedAt - maxAgeDays * dayMs,
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

interface Metric {
  readonly schema: z.ZodType
  readonly isPlainlyGood: (value: unknown) => boolean
}

interface Checks {
  readonly message: Message
  readonly device: Device
  readonly kind: DeviceKind
  readonly metrics: ReadonlyMap<string, Metric>
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

  if (!isObject(item)) {
    return fault('bad-reading', `a reading is an object with "at" and "values", this is ${shown(item)}`)
  }
  for (const key in item) {
    if (key === 'at' || key === 'values' || key === 'seq') continue
    if ((key === 'device' || key === 'deviceId') && item[key] !== device.id) {
      return fault(
        'foreign-device',
        `the topic says device ${device.id}, the payload ${shown(item[key])}`,
        memberOf(path, key),
      )
    }
    if (key === 'device' || key === 'deviceId') continue
    fault('unknown-metric', 'only "at", "seq" and "values" stand here; metrics go into "values"', memberOf(path, key))
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
  const { kind, metrics, foreign, faults } = checks
  const accepted: Record<string, Values[string]> = {}
  let count = 0
  let known = 0
  const faultsBefore = faults.length

  for (const name in values) {
    const value = values[name]
    const metric = metrics.get(name)
    if (metric === undefined) {
      faults.push({
        path: memberOf(path, name),
        reason: 'unknown-metric',
        text: `${kind.id} has no metric of this name`,
      })
      continue
    }
    known += 1
    const result = metric.isPlainlyGood(value) ? good : metric.schema.safeParse(value)
    if (result.success) {
      // as JSON, which the state of the detectors goes through, knows no other zero
      accepted[name] = value === 0 ? 0 : (value as Values[string])
      count += 1
    } else {
      faults.push({ path: memberOf(path, name), ...reasonOfIssue(result.error.issues[0], value) })
    }
  }
  if (count > 0) return accepted

  const names = Object.keys(values)
  if (names.length === 0) {
    faults.push({ path, reason: 'bad-reading', text: '"values" has no metric' })
  } else if (known === 0 && names.some((name) => foreign.has(name))) {
    faults.length = faultsBefore
    const shortNames = names.slice(0, 5).map((name) => name.slice(0, 64))
    const text = `none of these is a metric of ${kind.id}: ${shortNames.join(', ')}`
    faults.push({ path, reason: 'wrong-kind', text })
  }
  return undefined
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

function metricsOf(kind: DeviceKind): ReadonlyMap<string, Metric> {
  const shape = Object.entries(kind.telemetry.shape) as [string, z.ZodType][]
  return new Map(shape.map(([name, schema]) => [name, { schema, isPlainlyGood: plainCheckOf(schema) }]))
}

/**
 * A short cut through the commonest schemas (a number between two bounds, an enumeration, a flag), for this runs for every
 * value of every message. It only says what is surely good; zod has the word on everything else, and on what is wrong.
 */
export function plainCheckOf(schema: z.core.$ZodType): (value: unknown) => boolean {
  const { def } = schema._zod as z.core.$ZodTypes['_zod']
  if (def.type === 'optional') return plainCheckOf(def.innerType)
  if (def.type === 'enum') {
    const names = new Set<unknown>(Object.values(def.entries))
    return (value) => names.has(value)
  }
  const checks = (def.checks ?? []).map((check) => check._zod.def as Bound)
  if (def.type === 'boolean' && checks.length === 0) return (value) => typeof value === 'boolean'
  const isPlain = def.type === 'number' && !('format' in def) && checks.every(isInclusiveBound)
  if (!isPlain) return () => false

  const min = Math.max(-Number.MAX_VALUE, ...checks.filter((it) => it.check === 'greater_than').map((it) => it.value))
  const max = Math.min(Number.MAX_VALUE, ...checks.filter((it) => it.check === 'less_than').map((it) => it.value))
  return (value) => typeof value === 'number' && value >= min && value <= max
}

interface Bound {
  readonly check: string
  readonly value: number
  readonly inclusive: boolean
}

function isInclusiveBound({ check, inclusive }: Bound): boolean {
  return (check === 'greater_than' || check === 'less_than') && inclusive
}

function metricsOfOthers(kinds: readonly DeviceKind[], own: DeviceKind): ReadonlySet<string> {
  return new Set(kinds.filter((kind) => kind !== own).flatMap((kind) => Object.keys(kind.telemetry.shape)))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Never nested: a payload of 64 KiB may be 60,000 arrays deep, and `JSON.stringify` would run out of stack. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value !== 'string') return String(value)
  return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}…` : JSON.stringify(value)
}

/** The JSON path of an object's member (RFC 9535): names that are not plain words stand in brackets. */
function memberOf(path: string, name: string): string {
  return /^[A-Za-z_]\w{0,63}$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name.slice(0, 64))}]`
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

const longestSearched = 4096

/**
 * The character at which a person should look. V8 does not always say it: but up to the character that breaks it, every
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
