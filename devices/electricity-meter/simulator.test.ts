import { max, mean, min } from 'simple-statistics'
import { expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from '../../core/clock.ts'
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
  over: boolean
}

/** Where nothing was sent, a tick a minute. */
function inputsOf(readings: readonly Reading[]): object[] {
  let lastReadingAt = 0
  return readings.flatMap(({ at, values }): object[] => {
    if (Object.keys(values).length > 0) {
      lastReadingAt = at
      return [{ ...values, at }]
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
])('ten days of %s in four sound rooms raise nothing', { timeout: 120_000 }, (_, from) => {
  for (const seed of [11, 12, 13, 14]) expect(episodes(readings(seed, from, 10))).toEqual([])
})

test.each([
  ['loose-terminal', ['warning', 'urgent', 'critical']],
  ['leakage-step', ['urgent']],
  ['leakage-growth', ['urgent']],
  ['silent', ['info']],
  ['terminal-sensor-silent', ['info']],
])('%s raises its finding, once', (fault, severities) => {
  const finding = electricityMeterSimulator.faults[fault]

  for (const from of [january, july])
    for (const seed of [21, 22])
      expect(episodes(readings(seed, from, 2, fault))).toContainEqual({ finding, severities, over: false })
})

test('an outage is told by the last gasp, once, and its silence is told beside it', () => {
  expect(episodes(readings(21, july, 2, 'outage'))).toEqual([
    { finding: 'electricity-meter/outage', severities: ['info'], over: false },
    { finding: 'electricity-meter/silent', severities: ['info'], over: false },
  ])
})

test.each(Object.entries(electricityMeterSimulator.faults))('%s, repaired, is over', (fault, finding) => {
  const room = roomFor(5, april)
  const stream = Array.from({ length: 3 * 8_640 }, (_, index): Reading => {
    const at = april + index * 10_000
    if (at === april + 30 * hourMs) room.inject(fault, at)
    if (at === april + 54 * hourMs) room.inject(undefined, at)
    return { at, values: room.step(at) }
  })

  expect(episodes(stream).find((episode) => episode.finding === finding)?.over).toBe(true)
})
