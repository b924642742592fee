import { max, min } from 'simple-statistics'
import { expect, test } from 'vitest'
import { beyond, nextPeriod, type Range, rangeOf, widen } from './range.ts'

const values = Array.from({ length: 100 }, (_, index) => Number((10 * Math.sin(index * 1.7)).toFixed(3)))
const seen = (of: readonly number[], from: Range = rangeOf(of[0] ?? 0)) => of.reduce(widen, from)

test('within a period it is the least and the greatest value', () => {
  const [low, high] = seen(values)

  expect([low, high]).toEqual([min(values), max(values)])
})

test('a value inside is no excess, one outside counts in widths of the range', () => {
  const range = seen([2, 6, 4])

  expect([beyond(range, 2), beyond(range, 6), beyond(range, 8), beyond(range, 1)]).toEqual([0, 0, 0.5, 0.25])
})

test('leaving a range without width is beyond all measure', () => {
  expect(beyond(rangeOf(5), 5)).toBe(0)
  expect(beyond(rangeOf(5), 5.1)).toBe(Infinity)
})

test('remembers the period before, and forgets the one before that', () => {
  const second = seen([3, 4], nextPeriod(seen([0, 10]), 3))
  const third = seen([3, 4], nextPeriod(second, 3))

  expect(beyond(second, 9)).toBe(0)
  expect(beyond(third, 9)).toBe(5)
})
