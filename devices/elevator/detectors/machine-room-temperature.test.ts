import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { machineRoomTemperature } from './machine-room-temperature.ts'
import { every10s, news, type Said, said, start } from './said.ts'

const at = (machineRoomCelsius: number) => ({ machineRoomCelsius })

const found = (stream: readonly Said[]) => news(machineRoomTemperature, stream)

/** One sample every 10 s, of each of these. */
const series = (celsius: readonly number[]) => celsius.map((value, i) => said(i * 10, at(value)))

test.each([
  ['hot', 41, 40],
  ['cold', 4, 5],
])('a room that is %s for ten minutes is a warning, and the reason is in words', (_, celsius, limitCelsius) => {
  const [raised] = replay(machineRoomTemperature, [said(0, at(20)), ...every10s(10, 900, at(celsius))])

  expect(raised?.at).toBe(start + 610_000)
  expect(raised?.finding).toEqual({
    severity: 'warning',
    summary: `The machine room is at ${celsius.toFixed(1)} °C (limit ${limitCelsius} °C)`,
    evidence: { celsius, limitCelsius },
    since: start + 10_000,
  })
})

test('noise about a room that is a degree too hot does not hide it', () => {
  const noisy = Array.from({ length: 200 }, (_, i) => 41 + 1.3 * Math.sin(i * 2.4))
  expect(found(series(noisy))).toHaveLength(1)
})

test('at one sample a minute it takes as long, at one in ten minutes seven samples', () => {
  const every = (seconds: number) => Array.from({ length: 12 }, (_, i) => said(i * seconds, at(45)))

  expect(found(every(60))).toEqual(['warning 600'])
  expect(found(every(600))).toEqual([`warning ${7 * 600}`])
})

test('it clears when it has been two degrees inside for as long, and not by silence', () => {
  const hot = every10s(0, 900, at(42))

  expect(replayAll(machineRoomTemperature, hot)).toHaveLength(31)
  expect(found([...hot, ...every10s(910, 7_200, at(38.5))])).toEqual(['warning 600'])
  expect(found([...hot, ...every10s(910, 1_500, at(37.5))])).toEqual(['warning 600'])
  expect(found([...hot, ...every10s(910, 1_510, at(37.5))])).toEqual(['warning 600', 'cleared 1510'])
  expect(found([...hot, said(86_400, at(20))])).toEqual(['warning 600'])
  expect(found([...every10s(0, 900, at(4)), ...every10s(910, 7_200, at(6.5))])).toEqual(['warning 600'])
})

test.each<[string, Said[]]>([
  ['a hot afternoon at 39.5 °C', every10s(0, 36_000, at(39.5))],
  ['a cold night at 5.5 °C', every10s(0, 36_000, at(5.5))],
  ['single spikes of a loose wire', series(Array.from({ length: 5_000 }, (_, i) => (i % 3 === 0 ? 250 : 30)))],
  ['ten minutes in the heat of an open hatch', [...every10s(0, 580, at(45)), ...every10s(590, 3_600, at(30))]],
  [
    'one hot sample and a probe that then says nothing',
    withTicks([said(0, at(60))], { until: start + 7_200_000 }) as Said[],
  ],
])('stays silent for %s', (_, stream) => {
  expect(found(stream)).toEqual([])
})

test('it is never early, and no gap completes its time', () => {
  expectNeverEarly(machineRoomTemperature, { holds: at(50), calm: at(25), seconds: 600 })
})
