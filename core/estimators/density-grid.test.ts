import { quantileRank } from 'simple-statistics'
import { expect, test } from 'vitest'
import { addToGrid, cellOf, densityAt, emptyGrid } from './density-grid.ts'

const filled = (cells: readonly (readonly [number, number])[]) =>
  cells.reduce((grid, [column, row], index) => addToGrid(grid, column, row, index + 1), emptyGrid)

test('cells split deviations at 0, and at the same distances on both sides', () => {
  expect([-50, -3.5, -2, -1, -0.1, 0.1, 1, 2, 3.5, 50].map(cellOf)).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 7])
})

test('the density counts a cell in full, its neighbours half, its corners a quarter, and nothing farther', () => {
  const grid = filled([
    [3, 3],
    [3, 4],
    [4, 4],
    [6, 3],
    [3, 1],
  ])

  expect(densityAt(grid, 3, 3)).toBeCloseTo((1 + 0.5 + 0.25 + 0.5) / 6, 12)
  expect(densityAt(grid, 0, 7)).toBeCloseTo(0.5 / 6, 12)
})

test('far from the edges of a cell it agrees with the share of samples that simple-statistics counts', () => {
  const values = Array.from({ length: 30 }, (_, index) => (index < 24 ? -1 : 5))
  const grid = filled(values.map((value) => [cellOf(value), 0] as const))

  expect(densityAt(grid, cellOf(5), 0)).toBeCloseTo(1 - quantileRank(values, 0), 1)
})

test('old habits fade: after 8,192 samples elsewhere a place is rare again', () => {
  const here = filled(Array.from({ length: 4_096 }, () => [1, 1] as const))
  let grid = here
  for (let turn = 1; turn <= 40_000; turn++) grid = addToGrid(grid, 6, 6, turn)

  expect(densityAt(here, 1, 1)).toBeGreaterThan(0.9)
  expect(densityAt(grid, 1, 1)).toBeLessThan(0.01)
  expect(grid[0]).toHaveLength(64)
})
