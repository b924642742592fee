import { mean } from 'simple-statistics'
import { expect, test } from 'vitest'
import { dayMs } from '../clock.ts'
import { newWear, observeWear, type WearState, wearPoints } from './wear-history.ts'

const settings = { periodHours: 24, fewestValues: 3, resolution: 0.05 }

/** So many values a day, restless as a door is, whose mean is the day's level. */
function days(levels: readonly (number | null)[], perDay = 10, state: WearState = newWear, from = 20_000): WearState {
  return levels.reduce<WearState>((before, level, day) => {
    if (level === null) return before
    const restless = Array.from({ length: perDay }, (_, i) => level + 0.1 * Math.sin((2 * Math.PI * 3 * i) / perDay))
    return values(before, from + day, restless)
  }, state)
}

function values(state: WearState, day: number, some: readonly number[]): WearState {
  return some.reduce((s, value, i) => observeWear(s, (day + (i + 0.5) / some.length) * dayMs, value, settings), state)
}

const levelsOf = (state: WearState) => wearPoints(state).map(({ level }) => level)

test("a day's level is the mean of its values, and a day that is not over has none", () => {
  const morning = [2.9, 3.1, 3.05, 2.95, 3.2, 3.0]
  const state = values(newWear, 20_000, morning)
  expect(wearPoints(state)).toEqual([])

  const [point] = wearPoints(values(state, 20_001, [3]))
  expect(point).toEqual({ from: 20_000, periods: 1, level: expect.closeTo(mean(morning), 2) })
})

test('days become pairs and fours as they age: all of them are remembered, none twice', () => {
  const points = wearPoints(days(Array.from({ length: 201 }, (_, day) => 100 + day)))

  expect(points.at(-1)).toMatchObject({ from: 20_199, periods: 1, level: 299 })
  expect(points.length).toBeLessThanOrEqual(20)
  expect(points.reduce((sum, { periods }) => sum + periods, 0)).toBe(200)
  for (const [i, { from, periods, level }] of points.entries()) {
    expect(from).toBe(i === 0 ? 20_000 : (points[i - 1]?.from ?? 0) + (points[i - 1]?.periods ?? 0))
    expect(level).toBeCloseTo(100 + from - 20_000 + (periods - 1) / 2, 0)
  }
})

test('one closing in fifty that jams for a minute does not move the level', () => {
  const withJams = Array.from({ length: 50 }, (_, i) => (i === 30 ? 60 : 3 + 0.1 * Math.sin(i)))
  const state = Array.from({ length: 6 }, (_, day) => 20_000 + day).reduce(
    (s, day) => values(s, day, withJams),
    newWear,
  )

  for (const level of levelsOf(state).slice(1)) expect(level).toBeCloseTo(3, 1)
})

test('a jam as the very first value is forgotten by the end of the day', () => {
  const state = values(newWear, 20_000, [60, ...Array<number>(99).fill(3)])
  expect(levelsOf(values(state, 20_001, [3]))[0]).toBeLessThan(4)
})

test('a door that is slower from one day on is believed within two days', () => {
  const before = days(Array<number>(10).fill(3), 100)
  const [first, second] = levelsOf(days([9, 9, 9], 100, before, 20_010)).slice(-2)

  expect(first).toBeLessThan(9)
  expect(second).toBeCloseTo(9, 0)
})

test('a value that never varied may still change', () => {
  const steady = Array.from({ length: 20 }, (_, day) => day).reduce(
    (s, day) => values(s, 20_000 + day, Array<number>(10).fill(3)),
    newWear,
  )
  const slower = values(values(steady, 20_020, Array<number>(10).fill(3.2)), 20_021, [3.2])
  expect(levelsOf(slower).at(-1)).toBeCloseTo(3.2, 1)
})

test('silent days leave a gap, and a day with two values counts as silent', () => {
  const state = days([3, 3, null, null, 3.2, 3.2, 3.2])
  expect(wearPoints(state)).toEqual([
    { from: 20_000, periods: 2, level: expect.closeTo(3, 1) },
    { from: 20_004, periods: 1, level: expect.closeTo(3.2, 1) },
    { from: 20_005, periods: 1, level: expect.closeTo(3.2, 1) },
  ])

  const sparse = days([3, 3], 10, values(newWear, 19_999, [7, 7]), 20_000)
  expect(wearPoints(sparse)).toHaveLength(1)
})

test('after years of silence nothing is left of what was before, however many they were', () => {
  const back = days([5, 5, 5], 100, days([3, 3, 3], 100), 90_000_000)
  expect(wearPoints(back).map(({ from }) => from)).toEqual([90_000_000, 90_000_001])
})

test('what a gateway sends late, of a day that is over, is not used', () => {
  const state = days([3, 3, 3])
  expect(observeWear(state, 20_000 * dayMs, 60, settings)).toBe(state)
})

test('a day without values is a gap however much came before it', () => {
  const year = days(Array<number>(400).fill(3))
  const points = wearPoints(days([3, 3], 10, year, 20_405))
  expect(points.at(-1)).toMatchObject({ from: 20_405, periods: 1 })
  expect(points.at(-2)).toMatchObject({ from: 20_396, periods: 4 })
})

test.each([
  ['a season', 90, 175],
  ['a year', 365, 210],
])('%s of a restless, wearing door stays small and survives JSON', (_, count, bytes) => {
  const state = days(
    Array.from({ length: count }, (_, day) => 3 + day / 1_000 + 0.02 * Math.sin(day)),
    7,
  )
  const text = JSON.stringify(state)
  expect(text.length).toBeLessThanOrEqual(bytes)
  expect(wearPoints(JSON.parse(text) as WearState)).toEqual(wearPoints(state))
})
