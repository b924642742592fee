import type { DeviceDetail, MetricBucket } from '../shared/wire.ts'

type Evidence = Readonly<Record<string, number | string | boolean | null>>
type Values = NonNullable<DeviceDetail['last']>['values']

/** Of findings that name no figure of the device: what tells most about it. A floor last: the mean of two is none. */
const telling = ['carSpeedMps', 'loadPercent', 'motorAmps', 'motorCelsius', 'watts', 'amps', 'volts', 'floor']

/** Which metric to draw: the first figure of the evidence that the device measures, else what tells most; undefined = none. */
export function metricFor(evidence: Evidence, last: Values): string | undefined {
  const measured = (name: string) => typeof last[name] === 'number'
  const named = Object.keys(evidence).filter((name) => typeof evidence[name] === 'number' && name !== 'floor')
  return named.find(measured) ?? telling.find(measured)
}

/** The limit that the rule compared it with: `limitCelsius` or `limitMotorCelsius` of `motorCelsius`. */
export function limitFor(metric: string, evidence: Evidence): number | undefined {
  const names = Object.keys(evidence).filter((name) => {
    const [, rest] = /^(?:limit|ceiling|warn)([A-Z].*)$/.exec(name) ?? []
    return rest !== undefined && metric.toLowerCase().endsWith(rest.toLowerCase())
  })
  const limit = evidence[names[0] ?? '']
  return typeof limit === 'number' ? limit : undefined
}

export interface Curve {
  /** s since 1970, one a step, without holes. */
  readonly times: number[]
  /** Null where nothing was measured: no line goes through. */
  readonly means: (number | null)[]
  readonly lowest: (number | null)[]
  readonly highest: (number | null)[]
}

/** Buckets as the API answers them, and the steps between them that have none. Times in ms. */
export function curveOf(buckets: readonly MetricBucket[], from: number, to: number, stepMs: number): Curve {
  const byTime = new Map(buckets.map((bucket) => [Date.parse(bucket.at), bucket]))
  const curve: Curve = { times: [], means: [], lowest: [], highest: [] }
  for (let at = Math.floor(from / stepMs) * stepMs; at < to; at += stepMs) {
    const bucket = byTime.get(at)
    curve.times.push(at / 1_000)
    curve.means.push(bucket?.mean ?? null)
    curve.lowest.push(typeof bucket?.min === 'number' ? bucket.min : null)
    curve.highest.push(typeof bucket?.max === 'number' ? bucket.max : null)
  }
  return curve
}

const units: readonly (readonly [suffix: string, unit: string])[] = [
  ...([
    ['Celsius', '°C'],
    ['Percent', '%'],
    ['Milliamps', 'mA'],
    ['Kwh', 'kWh'],
    ['Hertz', 'Hz'],
  ] as const),
  ...([
    ['MmPerS', 'mm/s'],
    ['Mps2', 'm/s²'],
    ['Mps', 'm/s'],
    ['Mm', 'mm'],
    ['Ms', 'ms'],
    ['Seconds', 's'],
  ] as const),
  ...([
    ['Amps', 'A'],
    ['Volts', 'V'],
    ['Watts', 'W'],
  ] as const),
]

/** The unit at the end of a metric's name, also where the name is nothing else: "motorCelsius" and "volts". */
function suffixOf(name: string): readonly [suffix: string, unit: string] | undefined {
  return units.find(([suffix]) => name.endsWith(suffix) || name.toLowerCase() === suffix.toLowerCase())
}

export const unitOf = (name: string): string => suffixOf(name)?.[1] ?? ''

/** "motorCelsius" as "motor", for a language without a word for it: its unit stands beside it. */
export function plainMetric(name: string): string {
  const [suffix = ''] = suffixOf(name) ?? []
  const rest = name.length > suffix.length ? name.slice(0, name.length - suffix.length) : name
  return rest.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
