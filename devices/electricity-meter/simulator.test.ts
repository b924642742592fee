import { max, mean, min } from 'simple-statistics'
import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { Detector } from '../../core/detector.ts'
import type { Values } from '../../core/reading.ts'
import { electricityMeter } from './index.ts'
import { electricityMeterSimulator } from './simulator.ts'
import { electricityMeterTelemetry } from './telemetry.ts'

const january = Date.parse('2026-01-12T00:00:00+08:00')
const april = Date.parse('2026-04-13T00:00:00+08:00')
const july = Date.parse('2026-07-20T00:00:00+08:00')

/** The minimal standard generator of Park and Miller, Comm. ACM 31 (1988), 1192–1201. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function roomFor(seed: number, startAt: number) {
  return electricityMeterSimulator.create({ random: seeded(seed * 7_919), facts: {}, startAt })
}

interface Told {
  readonly everySeconds?: number
  /** After 30 hours; repaired after so many days. */
  readonly fault?: string
  readonly repairedAfterDays?: number
}

/** One room's readings. */
function readings(seed: number, from: number, days: number, told: Told = {}): Reading[] {
  const { everySeconds = 10, fault, repairedAfterDays } = told
  const room = roomFor(seed, from)
  if (fault !== undefined) room.inject(fault, from + 30 * hourMs)
  return Array.from({ length: (days * dayMs) / (everySeconds * secondMs) }, (_, index) => {
    const at = from + index * everySeconds * secondMs
    if (repairedAfterDays !== undefined && at === from + repairedAfterDays * dayMs) room.inject(undefined, at)
    return { at, values: room.step(at) }
  })
}

interface Reading {
  at: number
  values: Values
}

interface Episode {
  finding: string
  severities: string[]
  over: boolean
}

/** Where nothing was sent, a tick a minute, and one when something is again. */
function inputsOf(readings: readonly Reading[]): object[] {
  let lastReadingAt = 0
  return readings.flatMap(({ at, values }): object[] => {
    if (Object.keys(values).length > 0) {
      const isBack = at - lastReadingAt > minuteMs
      lastReadingAt = at
      const reading = { ...values, at }
      return isBack ? [reading, { tick: true, at: at + 1, fresh: true, lastReadingAt }] : [reading]
    }
    const fresh = at - lastReadingAt <= electricityMeter.freshSeconds * secondMs
    return at % minuteMs === 0 ? [{ tick: true, at, fresh, lastReadingAt }] : []
  })
}

function concerns(detector: Detector, input: object): boolean {
  return 'tick' in input ? detector.ticks : detector.reads.every((metric) => metric in input)
}

/** One per episode: what was found, and every severity it had. Not `replay`, whose JSON at each step makes weeks long. */
function episodes(readings: readonly Reading[]): Episode[] {
  const inputs = inputsOf(readings)
  return electricityMeter.detectors.flatMap((detector) => {
    const found: Episode[] = []
    let state = detector.initial
    for (const input of inputs) {
      if (!concerns(detector, input)) continue
      const step = detector.step(state, input, detector.settings, electricityMeter.factDefaults)
      state = step.state
      const open = found.at(-1)
      if (step.cleared && open) open.over = true
      if (!step.finding) continue
      const { severity } = step.finding
      if (!open || open.over) found.push({ finding: detector.id, severities: [severity], over: false })
      else if (!open.severities.includes(severity)) open.severities.push(severity)
    }
    return found
  })
}

test('says the same for the same seed and another thing for another one', () => {
  const first = readings(1, april, 1)

  expect(readings(1, april, 1)).toEqual(first)
  expect(readings(2, april, 1)).not.toEqual(first)
})

test.each(Object.keys(electricityMeterSimulator.faults))('with %s it says only what the telemetry accepts', (fault) => {
  const room = roomFor(3, july)
  room.inject(fault, july + 2 * hourMs)
  const said = Array.from({ length: 240 }, (_, minute) => room.step(july + minute * minuteMs))

  expect(said.map((values) => electricityMeterTelemetry.safeParse(values).error).filter(Boolean)).toEqual([])
  expect(new Set(said.flatMap(Object.keys))).toEqual(new Set(Object.keys(electricityMeterTelemetry.shape)))
})

test('one box in five sends half of the metrics, and with a fault those that see it', () => {
  const metricsOf = (seed: number, fault?: string) => {
    const room = roomFor(seed, july)
    room.inject(fault, july)
    const values = [0, 1, 2, 3].map((minute) => room.step(july + minute * minuteMs))
    return new Set(values.flatMap(Object.keys))
  }
  const all = Object.keys(electricityMeterTelemetry.shape).length
  const half = Array.from({ length: 60 }, (_, seed) => seed + 1).filter((seed) => metricsOf(seed).size < all)

  expect(half.length).toBeGreaterThan(4)
  expect(half.length).toBeLessThan(20)
  const [seed = 0] = half
  expect(metricsOf(seed)).not.toContain('arcHalfCycles')
  expect(metricsOf(seed, 'arc')).toContain('arcHalfCycles')
})

test('its radio is away for some minutes now and then, and never so long that it is missed', () => {
  const times = readings(6, april, 14).flatMap(({ at, values }) => (Object.keys(values).length > 0 ? [at] : []))
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at))
  const long = gaps.filter((gap) => gap > 10_000)

  expect(long.length).toBeGreaterThan(0)
  expect(max(gaps)).toBeLessThan(7 * minuteMs)
})

test.each(['residential', 'dormitory', 'hotel', 'shop', 'office', 'workshop', 'medical', 'feeder'])(
  'a %s uses more while its people are there, by day or in the evening',
  (use) => {
    const room = electricityMeterSimulator.create({ random: seeded(77), facts: { use }, startAt: april })
    const watts = Array.from({ length: 7 * 1_440 }, (_, minute) =>
      Number(room.step(april + minute * minuteMs).watts ?? 0),
    )
    const mean = (from: number, to: number) => {
      const during = watts.filter((_, minute) => (minute / 60) % 24 >= from && (minute / 60) % 24 < to)
      return during.reduce((sum, each) => sum + each, 0) / during.length
    }
    const isBusiness = ['shop', 'office', 'workshop', 'medical'].includes(use)

    expect(isBusiness ? mean(9, 18) : mean(18, 23)).toBeGreaterThan(1.3 * mean(1, 5))
  },
)

test('a room uses what a room in Hangzhou uses, and sags, warms and leaks as one', () => {
  const said = readings(4, july, 14).map(({ values }) => values)
  const range = (metric: string) => {
    const numbers = said.flatMap((values) => (typeof values[metric] === 'number' ? [values[metric]] : []))
    return { lowest: min(numbers), highest: max(numbers), usual: mean(numbers) }
  }

  const kwhPerMonth = (range('energyKwh').highest - range('energyKwh').lowest) * (30 / 14)
  expect(kwhPerMonth).toBeGreaterThan(60)
  expect(kwhPerMonth).toBeLessThan(400)
  expect(range('watts').usual * 24 * 30).toBeCloseTo(kwhPerMonth * 1_000, -4)
  expect(range('volts').lowest).toBeGreaterThan(198)
  expect(range('volts').highest).toBeLessThan(235.4)
  expect(range('amps').highest).toBeGreaterThan(8)
  expect(range('amps').highest).toBeLessThan(40)
  expect(range('terminalCelsius').highest).toBeLessThan(50)
  expect(range('residualMilliamps').usual).toBeGreaterThan(2)
  expect(range('residualMilliamps').highest).toBeLessThan(14)
})

test.each([
  ['January', january],
  ['April', april],
  ['July', july],
])('days of %s in four sound rooms raise nothing, told often or once a minute', { timeout: 120_000 }, (_, from) => {
  for (const seed of [11, 12]) expect(episodes(readings(seed, from, 4))).toEqual([])
  for (const seed of [13, 14]) expect(episodes(readings(seed, from, 10, { everySeconds: 60 }))).toEqual([])
})

/** What each fault raises within two days, or as many as it takes, and what else belongs to it; over a day after its repair. */
interface Raised {
  readonly severities: readonly string[]
  readonly days?: number
  readonly afterDays?: number
  readonly beside?: readonly string[]
  readonly everySeconds?: number
}
const raised: Readonly<Record<string, Raised>> = {
  'loose-terminal': { severities: ['warning', 'urgent', 'critical'], beside: ['terminal-heating', 'vacant-use'] },
  'leakage-step': { severities: ['urgent'] },
  'leakage-growth': { severities: ['urgent'] },
  outage: { severities: ['info'], beside: ['silent'] },
  silent: { severities: ['info'] },
  'terminal-sensor-silent': { severities: ['info'] },
  'contact-wear': { severities: ['warning'], days: 4, afterDays: 2 },
  'loose-neutral': { severities: ['critical'], afterDays: 2, beside: ['under-voltage'] },
  overload: {
    severities: ['urgent'],
    beside: ['terminal-over-temperature', 'cable-over-temperature', 'vacant-use'],
  },
  'over-voltage': { severities: ['warning'] },
  'under-voltage': { severities: ['warning'] },
  arc: { severities: ['critical'] },
  'cable-heat': { severities: ['warning', 'urgent'] },
  'neutral-borrowed': { severities: ['warning'] },
  'e-bike': { severities: ['urgent'], days: 3 },
  'heater-forgotten': { severities: ['warning'] },
  'heater-at-night': { severities: ['warning'], days: 4 },
  'breaker-trip': { severities: ['warning'] },
  'counter-stands': { severities: ['warning'] },
  'counter-slow': { severities: ['warning'], days: 6, afterDays: 3 },
  'terminal-sensor-frozen': { severities: ['info'] },
  'insulation-ageing': {
    severities: ['warning', 'urgent'],
    days: 26,
    afterDays: 16,
    everySeconds: 60,
    beside: ['anomaly'],
  },
  'contact-corrosion': { severities: ['warning'], days: 32, afterDays: 16, everySeconds: 60, beside: ['anomaly'] },
}

test('every fault is in the list', () => {
  expect(Object.keys(raised)).toEqual(Object.keys(electricityMeterSimulator.faults))
})

const seasons = [january, april, july]

test.each(
  Object.entries(raised).map(([fault, expected], index) => [fault, expected, seasons[index % 3] ?? april] as const),
)(
  '%s raises its finding and nothing else, and is over after its repair',
  { timeout: 60_000 },
  (fault, { severities, days = 2, afterDays = 1, beside = [], everySeconds = 20 }, from) => {
    const own = electricityMeterSimulator.faults[fault]
    const told = { everySeconds, fault, repairedAfterDays: days }
    const found = episodes(readings(21, from, days + afterDays, told))

    expect(found.find(({ finding }) => finding === own)?.severities).toEqual(severities)
    const others = found.map(({ finding }) => finding).filter((finding) => finding !== own)
    expect(others.filter((finding) => !beside.some((name) => finding === `electricity-meter/${name}`))).toEqual([])
    const clears = electricityMeter.detectors.find(({ id }) => id === own)?.clears
    expect(found.findLast(({ finding }) => finding === own)?.over).toBe(clears)
  },
)

test('what grows has a time at which its limit is reached: of a failure within a day, of wear after weeks', () => {
  const limits = electricityMeterSimulator.limitAfterMs ?? {}
  const within = (from: number, to: number) =>
    Object.keys(limits).filter((fault) => (limits[fault] ?? 0) > from && (limits[fault] ?? 0) <= to)
  expect(within(0, dayMs)).toEqual(['loose-terminal', 'leakage-growth', 'contact-wear', 'loose-neutral', 'cable-heat'])
  expect(within(dayMs, 20 * dayMs)).toEqual([])
  expect(within(20 * dayMs, 60 * dayMs)).toEqual(['insulation-ageing', 'contact-corrosion'])
})
