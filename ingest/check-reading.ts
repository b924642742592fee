import type { z } from 'zod'
import { minuteMs } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import { inPlainWords, numberInWords } from '../core/issue-words.ts'
import type { Fault, QuarantineReason } from '../core/quarantine.ts'
import type { Reading, Values } from '../core/reading.ts'
import type { DeviceKind } from '../devices/kind.ts'

const maxAheadMs = 5 * minuteMs
/** Year 5138 in milliseconds: beyond it, it is another unit. */
const latestPlausibleMs = 1e14

interface Metric {
  readonly schema: z.ZodType
  readonly isPlainlyGood: (value: unknown) => boolean
}

/** What is asked of the readings of one kind. */
export interface KindChecks {
  readonly kind: DeviceKind
  readonly metrics: ReadonlyMap<string, Metric>
  /** Metrics that others have and this kind has not. */
  readonly foreign: ReadonlySet<string>
}

export interface ReadingChecks extends KindChecks {
  readonly device: Device
  readonly receivedAt: number
  /** Older readings are faults, ms. */
  readonly oldestAt: number
  /** What is found wrong is added here. */
  readonly faults: Fault[]
  /** How far ahead of ours the clock behind the last reading was that is refused for it, ms; undefined while none was. */
  aheadMs?: number
}

/** By kind. */
export function kindChecks(kinds: readonly DeviceKind[]): ReadonlyMap<string, KindChecks> {
  return new Map(
    kinds.map((kind) => [kind.id, { kind, metrics: metricsOf(kind), foreign: metricsOfOthers(kinds, kind) }]),
  )
}

/** One reading as a gateway or a file says it; undefined when nothing of it can be used. Each fault has its JSON path. */
export function readingOf(item: unknown, path: string, checks: ReadingChecks): Reading | undefined {
  const { device, kind, receivedAt } = checks
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
  if (at > receivedAt + maxAheadMs) {
    checks.aheadMs = at - receivedAt
    return fault('clock-ahead', `${iso(at)} is in the future; received at ${iso(receivedAt)}`, `${path}.at`)
  }
  if (at < checks.oldestAt) {
    return fault('clock-too-old', `${iso(at)} is too long ago (seconds instead of milliseconds?)`, `${path}.at`)
  }
  if (!isObject(values)) {
    return fault('bad-reading', `"values" is an object of metrics, this is ${shown(values)}`, `${path}.values`)
  }

  const accepted = acceptedValues(values, `${path}.values`, checks)
  if (accepted === undefined) return undefined
  return { deviceId: device.id, kind: kind.id, at, receivedAt, values: accepted }
}

/** What of a reading's values can be used: mostly all of it, and then it is the very object that was parsed. */
function acceptedValues(values: Record<string, unknown>, path: string, checks: ReadingChecks): Values | undefined {
  const { kind, metrics, faults } = checks
  let count = 0
  let known = 0
  let refused: Set<string> | undefined
  const faultsBefore = faults.length

  for (const name in values) {
    const value = values[name]
    const metric = metrics.get(name)
    if (metric !== undefined) known += 1
    const wrong = wrongWith(metric, value, kind)
    if (wrong === undefined) {
      // as JSON, which the state of the detectors goes through, knows no other zero; printf writes -0.0 of a car that stands
      if (value === 0) values[name] = 0
      count += 1
    } else {
      faults.push({ path: memberOf(path, name), ...wrong })
      refused = (refused ?? new Set()).add(name)
    }
  }
  if (count > 0) return (refused === undefined ? values : without(values, refused)) as Values
  faultsOfNone(values, path, checks, known, faultsBefore)
  return undefined
}

function without(values: Record<string, unknown>, names: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name)))
}

/** When no metric of a reading can be used: one word on all of it says more than one on each. */
function faultsOfNone(
  values: Record<string, unknown>,
  path: string,
  { kind, foreign, faults }: ReadingChecks,
  known: number,
  faultsBefore: number,
): void {
  const names = Object.keys(values)
  if (names.length === 0) {
    faults.push({ path, reason: 'bad-reading', text: '"values" has no metric' })
  } else if (known === 0 && names.some((name) => foreign.has(name))) {
    faults.length = faultsBefore
    const shortNames = names.slice(0, 5).map((name) => name.slice(0, 64))
    const text = `none of these is a metric of ${kind.id}: ${shortNames.join(', ')}`
    faults.push({ path, reason: 'wrong-kind', text })
  }
}

function wrongWith(
  metric: Metric | undefined,
  value: unknown,
  kind: DeviceKind,
): Pick<Fault, 'reason' | 'text'> | undefined {
  if (metric === undefined) return { reason: 'unknown-metric', text: `${kind.id} has no metric of this name` }
  if (metric.isPlainlyGood(value)) return undefined
  const { success, error } = metric.schema.safeParse(value, { error: inPlainWords })
  if (success) return undefined
  const issue = error.issues[0]
  const found = typeof value === 'number' ? numberInWords(value) : shown(value)
  return { reason: reasonOfIssue(issue, value), text: `${issue?.message ?? 'is not accepted'}, this is ${found}` }
}

function reasonOfIssue(issue: z.core.$ZodIssue | undefined, value: unknown): QuarantineReason {
  switch (issue?.code) {
    case 'invalid_value':
      return typeof value === 'string' ? 'unknown-value' : 'wrong-type'
    case 'invalid_type':
      // 1e999 is valid JSON and reads as Infinity
      return typeof value === 'number' && !Number.isFinite(value) ? 'not-a-number' : 'wrong-type'
    default:
      return typeof value === 'number' ? 'out-of-range' : 'unknown-value'
  }
}

function metricsOf(kind: DeviceKind): ReadonlyMap<string, Metric> {
  const shape = Object.entries(kind.telemetry.shape) as [string, z.ZodType][]
  return new Map(shape.map(([name, schema]) => [name, { schema, isPlainlyGood: plainCheckOf(schema) }]))
}

/**
 * A short cut through the commonest schemas (a number, whole or not, between two bounds, an enumeration, a flag), for this
 * runs for every value of every message. It only says what is surely good; zod has the word on everything else, and on what
 * is wrong.
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
  const isWhole = 'format' in def && def.format === 'safeint'
  const isPlain = def.type === 'number' && (isWhole || !('format' in def)) && checks.every(isInclusiveBound)
  if (!isPlain) return () => false

  const min = Math.max(-Number.MAX_VALUE, ...checks.filter((it) => it.check === 'greater_than').map((it) => it.value))
  const max = Math.min(Number.MAX_VALUE, ...checks.filter((it) => it.check === 'less_than').map((it) => it.value))
  if (isWhole) return (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
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
