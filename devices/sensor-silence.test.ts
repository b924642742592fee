import { expect, test } from 'vitest'
import { z } from 'zod'
import { dayMs, hourMs, minuteMs } from '../core/clock.ts'
import type { Values } from '../core/reading.ts'
import { elevatorSensorSilent } from './elevator/detectors/sensor-silent.ts'
import { replay, replayAll } from './replay.ts'
import { defineSensorSilent } from './sensor-silence.ts'

const from = 1_800_000_000_000

type Reading = { at: number; values: Values }

/** One reading a minute over these hours; what it has is told from the hour. */
function minutes(fromHour: number, toHour: number, valuesAt: (hour: number, minute: number) => Values): Reading[] {
  return Array.from({ length: (toHour - fromHour) * 60 }, (_, index) => ({
    at: from + fromHour * hourMs + index * minuteMs,
    values: valuesAt(fromHour + Math.floor(index / 60), index),
  }))
}

const all: Values = { floor: 1, motorCelsius: 40, cabinetCelsius: 30, passengerPresent: false }
const { motorCelsius: _, ...noMotor } = all
const { cabinetCelsius: __, ...neither } = noMotor
const hoursOf = (at: number) => (at - from) / hourMs

test('a sensor that dies is named an hour later, is a visit after a day, and over when it is back', () => {
  const said = replay(elevatorSensorSilent, [
    ...minutes(0, 30, () => all),
    ...minutes(30, 60, () => noMotor),
    ...minutes(60, 61, () => all),
  ])

  expect(said).toMatchObject([
    { finding: { severity: 'info', evidence: { metrics: 'motorCelsius', awayHours: 1 } } },
    { finding: { severity: 'warning', evidence: { metrics: 'motorCelsius', awayHours: 24 } } },
    { cleared: true },
  ])
  expect(hoursOf(said[0]?.at ?? 0)).toBeCloseTo(31, 0)
  expect(said[0]?.finding?.since).toBe(from + 30 * hourMs)
  expect(hoursOf(said[1]?.at ?? 0)).toBeCloseTo(54, 0)
  expect(hoursOf(said[2]?.at ?? 0)).toBeLessThan(60.4)
})

test('a second sensor that joins is named beside the first, and it is over only when both are back', () => {
  const stream = [
    ...minutes(0, 30, () => all),
    ...minutes(30, 40, () => noMotor),
    ...minutes(40, 45, () => neither),
    ...minutes(45, 46, () => noMotor),
    ...minutes(46, 47, () => all),
  ]
  const said = replayAll(elevatorSensorSilent, stream)

  expect(said.map(({ finding }) => finding?.evidence.metrics)).toEqual([
    'motorCelsius',
    'motorCelsius, cabinetCelsius',
    undefined,
  ])
  expect(hoursOf(said[2]?.at ?? 0)).toBeGreaterThan(46)
})

test.each<[string, Reading[]]>([
  ['a device that sends everything', minutes(0, 100, () => all)],
  ['a device that is silent itself for two days', [...minutes(0, 30, () => all), ...minutes(78, 100, () => all)]],
  ['a sensor that pauses for 50 minutes', minutes(0, 100, (hour, i) => (hour > 30 && i % 600 < 50 ? noMotor : all))],
  [
    'a state that is told when it changes: not at night, and not on a quiet weekend',
    minutes(0, 15 * 24, (hour, i) => {
      const quiet = hour % 24 < 7 || hour >= 12 * 24
      return { ...all, ...(!quiet && i % 8 === 0 && { doorState: 'closed' }) }
    }),
  ],
  ['what came for a few hours only', [...minutes(0, 20, () => all), ...minutes(20, 100, () => noMotor)]],
  [
    'a figure that comes once a day',
    minutes(0, 400, (_, i) => ({ ...noMotor, ...(i % 1_440 === 0 && { runHours: i }) })),
  ],
  [
    'an hourly counter that once came late',
    minutes(0, 400, (hour, i) => (i % 60 === 0 && hour !== 300 ? { ...noMotor, trips: i } : noMotor)),
  ],
  [
    'times of door cycles, which a device that rests does not send',
    minutes(0, 60, (hour) => (hour < 40 ? { ...all, doorCloseSeconds: 3 } : all)),
  ],
])('stays silent for %s', (_, stream) => {
  expect(replay(elevatorSensorSilent, stream)).toEqual([])
})

test('an hourly counter that stays away is found by its own measure: not after an hour, but within a shift', () => {
  const stream = minutes(0, 500, (hour, i) => (i % 60 === 0 && hour < 400 ? { ...noMotor, trips: i } : noMotor))
  const [first] = replay(elevatorSensorSilent, stream)

  expect(first?.finding?.evidence.metrics).toBe('trips')
  expect(hoursOf(first?.at ?? 0)).toBeGreaterThan(402)
  expect(hoursOf(first?.at ?? 0)).toBeLessThan(405)
})

test('while it is away it is said once a day; after 30 days it was taken out, which is no all-clear', () => {
  const stream = [...minutes(0, 30, () => all), ...minutes(30, 30 + 33 * 24, () => noMotor)]
  const said = replayAll(elevatorSensorSilent, stream)

  expect(said).toHaveLength(1 + 29)
  expect(said.every(({ finding }) => finding)).toBe(true)
  expect(said.at(-1)?.at).toBeLessThan(from + 30 * hourMs + 30 * dayMs)
})

test('a sensor that came back after a repair is missed again as soon as at first', () => {
  const stream = [
    ...minutes(0, 30, () => all),
    ...minutes(30, 200, () => noMotor),
    ...minutes(200, 1_000, () => all),
    ...minutes(1_000, 1_010, () => noMotor),
  ]
  const again = replay(elevatorSensorSilent, stream).filter(({ at }) => at > from + 201 * hourMs)

  expect(again).toHaveLength(1)
  expect(hoursOf(again[0]?.at ?? 0)).toBeLessThan(1_002)
})

test('what it remembers of all metrics fits into 400 bytes, at its largest', () => {
  const full: Values = Object.fromEntries(elevatorSensorSilent.mayRead.map((metric) => [metric, 1]))
  const stream = [...minutes(0, 30, () => full), ...minutes(30, 30 + 29 * 24, () => ({ floor: 1 }))]
  let state = elevatorSensorSilent.initial
  for (const { at, values } of stream) {
    state = elevatorSensorSilent.step(state, { at, ...values }, elevatorSensorSilent.settings, {}).state
  }
  expect(JSON.stringify(state).length).toBeLessThanOrEqual(400)
})

test('readings that add nothing to the present window change nothing', () => {
  const { settings } = elevatorSensorSilent
  const first = elevatorSensorSilent.step(elevatorSensorSilent.initial, { at: from, ...all }, settings, {}).state
  expect(elevatorSensorSilent.step(first, { at: from + 10_000, ...all }, settings, {}).state).toBe(first)
})

test('more metrics than bits are refused at once', () => {
  const shape = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`metric${index}`, z.number()]))
  expect(() => defineSensorSilent({ id: 'toy/sensor-silent', sampled: z.object(shape) })).toThrow(TypeError)
})
