import { expect, test } from 'vitest'
import { z } from 'zod'
import { hourMs } from '../core/clock.ts'
import type { Values } from '../core/reading.ts'
import { electricityMeterFrozenSensor } from './electricity-meter/detectors/frozen-sensor.ts'
import { elevatorFrozenSensor } from './elevator/detectors/frozen-sensor.ts'
import { defineFrozenSensor } from './frozen-sensor.ts'
import { replay, replayAll } from './replay.ts'

const from = 1_800_000_000_000

type Reading = { at: number; values: Values }

/** One reading every five minutes over these hours; what it has is told from the hour. */
function readings(fromHour: number, toHour: number, valuesAt: (hour: number) => Values): Reading[] {
  return Array.from({ length: (toHour - fromHour) * 12 }, (_, index) => {
    const hour = fromHour + index / 12
    return { at: from + hour * hourMs, values: valuesAt(hour) }
  })
}

/** Something that is never twice the same. */
const restless = (hour: number) => Math.round(Math.sin(hour * 7.3) * 1_000) / 100
const all = (hour: number): Values => ({
  volts: 226 + restless(hour),
  terminalCelsius: 30 + restless(hour + 1),
  ambientCelsius: 22 + Math.round(4 * Math.sin((hour * Math.PI) / 12)),
  amps: hour % 24 < 8 ? 0 : 2 + restless(hour) / 10,
})
const stuck = (hour: number): Values => ({ ...all(hour), terminalCelsius: 31.4 })
const hoursOf = (at: number) => (at - from) / hourMs

test('a probe that repeats one value is named after six hours, a visit after a day, and over when it moves again', () => {
  const said = replay(electricityMeterFrozenSensor, [
    ...readings(0, 30, all),
    ...readings(30, 60, stuck),
    ...readings(60, 62, all),
  ])

  expect(said).toMatchObject([
    { finding: { severity: 'info', evidence: { metrics: 'terminalCelsius', stoodHours: 6 } } },
    { finding: { severity: 'warning', evidence: { metrics: 'terminalCelsius', stoodHours: 24 } } },
    { cleared: true },
  ])
  expect(said[0]?.finding?.summary).toBe('For 6 h the same value again and again: terminalCelsius 31.4')
  expect(hoursOf(said[0]?.at ?? 0)).toBeCloseTo(36, 0)
  expect(hoursOf(said[1]?.at ?? 0)).toBeCloseTo(54, 0)
  expect(hoursOf(said[2]?.at ?? 0)).toBeLessThan(61)
})

test('a second sensor that joins is named beside the first; while they stand it is said once a day', () => {
  const said = replayAll(electricityMeterFrozenSensor, [
    ...readings(0, 30, all),
    ...readings(30, 33, stuck),
    ...readings(33, 90, (hour) => ({ ...stuck(hour), volts: 226 })),
  ])

  expect(said[0]?.finding?.evidence.metrics).toBe('terminalCelsius')
  expect(said[1]?.finding?.evidence.metrics).toBe('volts, terminalCelsius')
  expect(said.length).toBeLessThanOrEqual(6)
})

test('a gateway that sends its last reading for ever is found by all that used to vary', () => {
  const last = all(33)
  const [first] = replay(electricityMeterFrozenSensor, [...readings(0, 30, all), ...readings(30, 40, () => last)])

  expect(first?.finding?.evidence.metrics).toContain('volts, amps, terminalCelsius')
})

test('an elevator’s winding that never changes is one, its resting load cell is none', () => {
  const rides = (hour: number) => ({
    motorCelsius: 40 + restless(hour),
    loadPercent: hour % 24 < 12 ? 0 : Math.abs(restless(hour)),
  })
  const said = replay(elevatorFrozenSensor, [
    ...readings(0, 40, rides),
    ...readings(40, 60, () => ({ motorCelsius: 41, loadPercent: 0 })),
  ])

  expect(said.map(({ finding }) => finding?.evidence.metrics)).toEqual(['motorCelsius'])
})

const wholeDegrees = (hour: number) => ({
  ambientCelsius: hour % 24 < 7 ? 21 : 21 + Math.round(Math.abs(restless(hour))),
})

test.each<[string, Reading[]]>([
  ['a device whose values vary', readings(0, 100, all)],
  ['a value in whole degrees that stands for hours every night', readings(0, 240, wholeDegrees)],
  [
    'a device that is silent for two days',
    [...readings(0, 30, all), ...readings(30, 31, stuck), ...readings(79, 80, stuck)],
  ],
  [
    'a value that is told only when it changes',
    readings(0, 120, (hour) =>
      hour < 37 || hour % 9 < 0.1 ? all(Math.floor(hour * 12)) : { ambientCelsius: 22 + restless(hour) },
    ),
  ],
  [
    'an empty room in which nothing flows',
    readings(0, 120, (hour) => ({ ...all(hour), amps: hour < 40 ? 1 + restless(hour) / 20 : 0 })),
  ],
  ['a value that never varied', readings(0, 100, (hour) => ({ ...all(hour), terminalCelsius: 20 }))],
  ['five hours of the same', [...readings(0, 30, all), ...readings(30, 35, stuck), ...readings(35, 60, all)]],
])('stays silent for %s', (_, stream) => {
  expect(replay(electricityMeterFrozenSensor, stream)).toEqual([])
})

test('what usually stands for two hours is frozen after three times that, what stands for four after twelve', () => {
  const often = (hours: number) => (hour: number) => {
    return { ...all(hour), terminalCelsius: hour % 12 < hours ? 31.4 : 30 + restless(hour) }
  }
  const after = (hours: number) => {
    const said = replay(electricityMeterFrozenSensor, [...readings(0, 72, often(hours)), ...readings(72, 100, stuck)])
    return Math.round(hoursOf(said[0]?.at ?? 0) - 72)
  }
  expect(after(1)).toBe(6)
  expect(after(4)).toBeGreaterThanOrEqual(10)
})

test('what it remembers of nine metrics fits into 400 bytes, and a reading that adds nothing changes nothing', () => {
  const { settings } = electricityMeterFrozenSensor
  let state = electricityMeterFrozenSensor.initial
  const full = (hour: number) =>
    Object.fromEntries(electricityMeterFrozenSensor.mayRead.map((metric) => [metric, 226.25 + restless(hour)]))
  for (const { at, values } of [...readings(0, 60, full), ...readings(60, 90, () => full(60))])
    state = electricityMeterFrozenSensor.step(state, { at, ...values }, settings, {}).state
  expect(JSON.stringify(state).length).toBeLessThanOrEqual(400)

  const again = electricityMeterFrozenSensor.step(
    state,
    { at: from + 90 * hourMs - 1, ...full(60) },
    settings,
    {},
  ).state
  expect(again).toBe(state)
})

test('more metrics than bits are refused at once', () => {
  const shape = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`metric${index}`, z.number()]))
  const define = () => defineFrozenSensor({ id: 'toy/frozen-sensor', measured: z.object(shape), restsAtZero: [] })
  expect(define).toThrow(TypeError)
})
