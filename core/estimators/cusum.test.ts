import { max, sum } from 'simple-statistics'
import { expect, test } from 'vitest'
import { addToCusum, noCusum } from './cusum.ts'

const errors = Array.from({ length: 120 }, (_, index) => 1.5 * Math.sin(index * 2.3) + (index > 60 ? 0.8 : 0))
const after = (values: readonly number[], most: number) =>
  values.reduce((cusum, value) => addToCusum(cusum, value, 0.5, most), noCusum)

test('unbounded, it is the largest sum of the last few errors less their allowance', () => {
  const sums = errors.map((_, from) => sum(errors.slice(from).map((error) => error - 0.5)))
  const [up] = after(errors, Infinity)

  expect(up).toBeCloseTo(Math.max(0, max(sums)), 4)
})

test('the other side is the same of the negated errors', () => {
  const negated = errors.map((error) => -error)

  expect(after(errors, Infinity)).toEqual([...after(negated, Infinity)].reverse())
})

test('the bound lets it fall as fast after a long fault as after a short one', () => {
  const quiet = Array<number>(10).fill(0)
  const [afterShort] = after([...Array<number>(10).fill(3), ...quiet], 8)
  const [afterLong] = after([...Array<number>(1_000).fill(3), ...quiet], 8)

  expect([afterShort, afterLong]).toEqual([3, 3])
})
