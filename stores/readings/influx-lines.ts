import { escape as escaped, Point } from '@influxdata/influxdb-client'
import type { MetricValue, Reading } from '../../core/reading.ts'

export const positionsMeasurement = 'liftwatt_positions'

/**
 * A reading as line protocol, a quarter of what the client's `Point` costs; names and strings are escaped by the client's
 * rules. The kind is the measurement and the device its only tag; every number is a float, as one integer would fix the
 * field's type for all. `receivedAt` is a field too: as a tag it would make a series of each reading.
 */
export function lineOf({ kind, deviceId, at, receivedAt, values }: Reading): string {
  let line = `${nameOf(kind)},device=${nameOf(deviceId)} receivedAt=${receivedAt}`
  for (const metric in values) line += `,${nameOf(metric)}=${fieldOf(values[metric] as MetricValue)}`
  return `${line} ${at}`
}

function fieldOf(value: MetricValue): string {
  return typeof value === 'string' ? escaped.quoted(value) : String(value)
}

const plainName = /^[A-Za-z0-9_-]+$/

function nameOf(name: string): string {
  return plainName.test(name) ? name : escaped.tag(name)
}

/** One point per journal and `at`. */
export function positionLine(journalId: string, position: number, at: number): string {
  const point = new Point(positionsMeasurement).tag('journal', journalId).floatField('position', position).timestamp(at)
  const line = point.toLineProtocol()
  if (line === undefined) throw new Error(`no position can be kept for the journal ${JSON.stringify(journalId)}`)
  return line
}

/** InfluxQL for a name. */
export function identifier(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

/** InfluxQL for a string. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
}

/** The times that InfluxDB can hold, nanoseconds in 64 bits: 1677 to 2262. */
const farthestMs = 9_223_372_036_000

/** InfluxQL for a time in ms. */
export function time(at: number): string {
  if (Number.isNaN(at)) throw new RangeError('not a time')
  return `${Math.max(-farthestMs, Math.min(farthestMs, Math.ceil(at)))}ms`
}
