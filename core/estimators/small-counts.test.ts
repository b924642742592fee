import { mean } from 'simple-statistics'
import { expect, test } from 'vitest'
import { addOne, countAt, halved, noCounts } from './small-counts.ts'

const after = (additions: number, index = 1) => {
  let counts = noCounts(3)
  for (let turn = 1; turn <= additions; turn++) counts = addOne(counts, index, turn)
  return counts
}

test('counts exactly up to 40, beside counters that stay as they were', () => {
  for (let additions = 0; additions <= 40; additions++) {
    const counts = after(additions)

    expect([countAt(counts, 0), countAt(counts, 1), countAt(counts, 2)]).toEqual([0, additions, 0])
  }
})

test('from there on it is right on average, and always within a third', () => {
  const ratios = Array.from({ length: 80 }, (_, step) => {
    const additions = 100 + 97 * step
    return countAt(after(additions), 1) / additions
  })

  expect(mean(ratios)).toBeGreaterThan(0.9)
  expect(mean(ratios)).toBeLessThan(1.1)
  expect(Math.min(...ratios)).toBeGreaterThan(0.67)
  expect(Math.max(...ratios)).toBeLessThan(1.33)
})

test('a full counter stays full', () => {
  expect(countAt(after(60_000), 1)).toBeCloseTo(8_192, 6)
})

test('halving halves small counts to the next whole number and large ones to the next step', () => {
  for (const additions of [0, 1, 2, 9, 40, 400, 4_000]) {
    const counts = after(additions)
    const before = countAt(counts, 1)
    const now = countAt(halved(counts), 1)

    expect(Math.abs(now - before / 2)).toBeLessThanOrEqual(Math.max(0.5, 0.06 * before))
    expect(countAt(halved(counts), 0)).toBe(0)
  }
})

test('is one printable character per counter, which JSON keeps', () => {
  const counts = after(5_000)

  expect(counts).toMatch(/^[#-~]{3}$/)
  expect(JSON.parse(JSON.stringify(counts))).toBe(counts)
})
