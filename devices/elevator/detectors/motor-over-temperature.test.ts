import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay } from '../../replay.ts'
import { motorOverTemperature } from './motor-over-temperature.ts'

const classB = { facts: { insulationClass: 'B' } }

function samples(celsius: readonly number[], secondsApart = 10, from = 0) {
  return celsius.map((motorCelsius, i) => ({
    at: 1_750_000_000_000 + (from + i * secondsApart) * 1_000,
    values: { motorCelsius },
  }))
}

const steady = (celsius: number, count: number) => Array<number>(count).fill(celsius)

function news(celsius: readonly number[], secondsApart = 10, options = classB) {
  return replay(motorOverTemperature, samples(celsius, secondsApart), options).map(
    ({ index, finding }) => `${index} ${finding?.severity ?? 'cleared'}`,
  )
}

test('a class B winding warns 15 K below its limit and is urgent at it', () => {
  expect(news([...steady(100, 10), ...steady(116, 10), ...steady(131, 10)])).toEqual(['12 warning', '22 urgent'])
})

test('it says what was measured, against what, and since when', () => {
  const [raised] = replay(motorOverTemperature, samples([...steady(100, 3), ...steady(135, 5)]), classB)

  expect(raised?.finding).toMatchObject({
    severity: 'urgent',
    summary: 'The motor is at 135 °C, its class B winding stands 130 °C',
    evidence: { motorCelsius: 135, limitCelsius: 130, warnCelsius: 115, insulationClass: 'B' },
    since: 1_750_000_030_000,
  })
})

test.each([
  ['A', 105],
  ['E', 120],
  ['B', 130],
  ['F', 155],
  ['H', 180],
])('class %s stands %i °C (IEC 60085)', (insulationClass, limit) => {
  const facts = { facts: { insulationClass } }
  expect(news(steady(limit - 16, 100), 10, facts)).toEqual([])
  expect(news(steady(limit - 1, 100), 10, facts)).toEqual(['2 warning'])
  expect(news(steady(limit, 100), 10, facts)).toEqual(['2 urgent'])
})

test.each([
  [1, 29],
  [10, 2],
  [60, 2],
  [300, 2],
])('at one sample per %i s it takes 30 s and at least three samples', (secondsApart, index) => {
  const hot = [...steady(90, 60), ...steady(140, 40)]
  expect(news(hot, secondsApart)).toEqual([`${60 + index} urgent`])
})

test('one wrong sample neither delays it by much nor clears it', () => {
  expect(news([...steady(90, 5), 140, 140, 0, ...steady(140, 9)])).toEqual(['9 urgent'])
  expect(news([...steady(140, 9), 0, ...steady(140, 9), -40, ...steady(140, 9)])).toEqual(['2 urgent'])
})

test('it clears when it has stayed 5 K below the warning', () => {
  expect(news([...steady(135, 10), ...steady(112, 100)])).toEqual(['2 urgent'])
  expect(news([...steady(135, 10), ...steady(109, 10)])).toEqual(['2 urgent', '12 cleared'])
})

test('a winding that swings about the warning is one episode', () => {
  expect(news(Array.from({ length: 500 }, (_, i) => 115 + 4 * Math.sin(i / 10)))).toHaveLength(1)
})

test('a gap completes nothing, and clears nothing', () => {
  const hot = samples([140, 140])
  const later = samples([140], 10, 7_200)
  expect(replay(motorOverTemperature, [...hot.slice(0, 1), ...later], classB)).toEqual([])

  const cool = samples([90], 10, 14_400)
  const said = replay(motorOverTemperature, [...samples(steady(140, 5)), ...cool], classB)
  expect(said.map(({ cleared }) => cleared)).toEqual([undefined])
})

test.each([
  ['a hard-working motor', steady(110, 5_000)],
  ['single spikes', Array.from({ length: 5_000 }, (_, i) => (i % 5 === 0 ? 250 : 80))],
  ['pairs of spikes', Array.from({ length: 5_000 }, (_, i) => (i % 10 < 2 ? 250 : 80))],
])('stays silent for %s', (_, celsius) => {
  expect(news(celsius)).toEqual([])
})

test('is off while nobody knows the class and no default is given', () => {
  expect(replay(motorOverTemperature, samples(steady(200, 10)))).toEqual([])
})

test('it is never early, and no gap completes its duration', () => {
  const facts = { insulationClass: 'B' }
  expectNeverEarly(motorOverTemperature, {
    holds: { motorCelsius: 120 },
    calm: { motorCelsius: 60 },
    seconds: 30,
    facts,
  })
})
