import { max, mean, min } from 'simple-statistics'
import { expect, test } from 'vitest'
import { dayMs, hourMs } from '../../core/clock.ts'
import type { Values } from '../../core/reading.ts'
import { replay } from '../replay.ts'
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

/** One room's readings, one per 10 s, with perhaps a fault after 30 hours. */
function readings(seed: number, from: number, days: number, fault?: string): Reading[] {
  const room = roomFor(seed, from)
  if (fault !== undefined) room.inject(fault, from + 30 * hourMs)
  return Array.from({ length: days * 8_640 }, (_, index) => {
    const at = from + index * 10_000
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
}

/** One per episode: what was found, and every severity it had. Not `replay`, whose JSON at each step makes weeks long. */
function episodes(inputs: readonly Reading[]): Episode[] {
  return electricityMeter.detectors.flatMap((detector) => {
    const found: Episode[] = []
    let open: Episode | undefined
    let state = detector.initial
    for (const { at, values } of inputs) {
      if (!detector.reads.every((metric) => metric in values)) continue
      const step = detector.step(state, { ...values, at }, detector.settings, electricityMeter.factDefaults)
      state = step.state
      if (step.cleared) open = undefined
      if (!step.finding) continue
      if (!open) {
        open = { finding: detector.id, severities: [] }
        found.push(open)
      }
      if (!open.severities.includes(step.finding.severity)) open.severities.push(step.finding.severity)
    }
    return found
  })
}

test('says the same for the same seed and another thing for another one', () => {
  const first = readings(1, april, 1)

  expect(readings(1, april, 1)).toEqual(first)
  expect(readings(2, april, 1)).not.toEqual(first)
})

test.each(Object.keys(electricityMeterSimulator.faults))(
  'with %s it still says only what the telemetry accepts',
  (fault) => {
    const said = readings(3, july, 2, fault).map(({ values }) => electricityMeterTelemetry.parse(values))

    expect(new Set(said.flatMap(Object.keys))).toEqual(new Set(Object.keys(electricityMeterTelemetry.shape)))
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
])('ten days of %s in four sound rooms raise nothing', (_, from) => {
  for (const seed of [11, 12, 13, 14]) expect(episodes(readings(seed, from, 10))).toEqual([])
})

test.each([
  ['loose-terminal', ['warning', 'urgent', 'critical']],
  ['leakage-step', ['urgent']],
  ['leakage-growth', ['urgent']],
])('%s raises its finding, once, and nothing else', (fault, severities) => {
  const finding = electricityMeterSimulator.faults[fault]

  for (const from of [january, july])
    for (const seed of [21, 22]) expect(episodes(readings(seed, from, 2, fault))).toEqual([{ finding, severities }])
})

test('a repaired fault is over', () => {
  for (const fault of Object.keys(electricityMeterSimulator.faults)) {
    const room = roomFor(5, april)
    room.inject(fault, april)
    const broken = Array.from({ length: 8_640 }, (_, index) => room.step(april + index * 10_000))
    room.inject(undefined, april + dayMs)
    const sound = Array.from({ length: 8_640 }, (_, index) => room.step(april + dayMs + index * 10_000))
    const inputs = [...broken, ...sound].map((values, index) => ({ at: april + index * 10_000, values }))

    const detector = electricityMeter.detectors.find(({ id }) => id === electricityMeterSimulator.faults[fault])
    expect(detector && replay(detector, inputs).at(-1)?.cleared).toBe(true)
  }
})
