import { sum } from 'simple-statistics'
import { expect, test } from 'vitest'
import { addToGrid, cellOf, type DensityGrid, emptyGrid, rarityAt } from './density-grid.ts'

type Place = readonly [column: number, row: number]

const filled = (places: readonly Place[], from: DensityGrid = emptyGrid) =>
  places.reduce((grid, [column, row], index) => addToGrid(grid, column, row, index + 1), from)
const times = (count: number, column: number, row: number) => Array<Place>(count).fill([column, row])

test('cells split deviations at 0, fine in the middle, and at the same distances on both sides', () => {
  expect([-50, -4, -2.5, -1.5, -0.1, 0.1, 1.5, 2.5, 4, 50].map(cellOf)).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 7])
})

test('how rare a place is: the share of samples from places at most as frequented', () => {
  const counts = [4, 8, 16, 32]
  const grid = filled(counts.flatMap((count, index) => times(count, 2 * index, 0)))

  counts.forEach((count, index) => {
    const rarer = sum(counts.filter((other) => other <= count))
    expect(rarityAt(grid, 2 * index, 0)).toBeCloseTo((rarer + 0.5) / (sum(counts) + 1), 12)
  })
})

test('a place never seen is as rare as can be, and less so among places that are well known', () => {
  const grid = filled([
    ...times(3, 0, 7),
    ...times(20, 3, 2),
    ...times(20, 5, 2),
    ...times(20, 4, 1),
    ...times(20, 4, 3),
  ])

  expect(rarityAt(grid, 7, 7)).toBeCloseTo(0.5 / 84, 12)
  expect(rarityAt(grid, 4, 2)).toBeCloseTo(3.5 / 84, 12)
})

test('a series that never moves is never rare', () => {
  expect(rarityAt(filled(times(500, 4, 4)), 4, 4)).toBeGreaterThan(0.9)
})

test('old habits fade: after tens of thousands of samples elsewhere a place is rare again', () => {
  const here = filled([...times(2_000, 1, 1), ...times(1_000, 6, 6)])
  const later = filled(times(60_000, 6, 6), here)

  expect(rarityAt(here, 1, 1)).toBeGreaterThan(0.9)
  expect(rarityAt(later, 1, 1)).toBeLessThan(0.02)
  expect(later[0]).toHaveLength(64)
})
