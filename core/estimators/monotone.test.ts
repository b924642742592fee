import { expect, test } from 'vitest'
import { monotone } from './monotone.ts'

test('levels that rise stay as they are', () => {
  expect(monotone([1, 2, 2.5, 7], [1, 1, 1, 1])).toEqual([1, 2, 2.5, 7])
})

test('levels that fall share their mean, by weight', () => {
  expect(monotone([1, 4, 2, 5], [1, 1, 1, 1])).toEqual([1, 3, 3, 5])
  expect(monotone([1, 4, 2, 5], [1, 3, 1, 1])).toEqual([1, 3.5, 3.5, 5])
})

test('a fall reaches as far back as it must', () => {
  expect(monotone([2, 3, 4, -1], [1, 1, 1, 1])).toEqual([2, 2, 2, 2])
})

test('no other rising sequence is nearer', () => {
  const levels = [3, 1, 2, 6, 4, 5, 5, 2]
  const weights = [1, 2, 1, 1, 3, 1, 1, 2]
  const miss = (rising: readonly number[]) =>
    rising.reduce((sum, level, i) => sum + (weights[i] ?? 0) * (level - (levels[i] ?? 0)) ** 2, 0)
  const best = monotone(levels, weights)

  for (const i of levels.keys()) {
    const upFrom = best.map((level, j) => (j >= i ? level + 0.1 : level))
    const downTo = best.map((level, j) => (j <= i ? level - 0.1 : level))
    expect(miss(upFrom)).toBeGreaterThan(miss(best))
    expect(miss(downTo)).toBeGreaterThan(miss(best))
  }
})
