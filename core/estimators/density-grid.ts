import { addOne, countAt, halved, highestCount, noCounts } from './small-counts.ts'

/**
 * How often two quantities were seen where they are now: a grid of counters over both, in standard deviations, fine in the middle and
 * coarse outside (an infinite tail ends in the last cell). The density is smoothed over the neighbouring cells.
 *
 * Memory   64 characters and a number. All counts are halved when they reach 8,192 together, so old habits fade
 * Source   an averaged shifted histogram (D. W. Scott, "Multivariate Density Estimation", Wiley 1992, chapter 5)
 */
export type DensityGrid = readonly [cells: string, total: number]

const side = 8
const deviationsToHalf = 3

export const emptyGrid: DensityGrid = [noCounts(side * side), 0]

/** Along one axis: 0 to 7; `deviations` from the mean. */
export function cellOf(deviations: number): number {
  return Math.min(side - 1, Math.floor((side / 2) * (1 + Math.tanh(deviations / deviationsToHalf))))
}

/** Share of all samples that were seen in this cell and, with half the weight per step, around it; above 0. */
export function densityAt([cells, total]: DensityGrid, column: number, row: number): number {
  let seen = 0
  for (let x = Math.max(0, column - 1); x <= Math.min(side - 1, column + 1); x++) {
    const weight = x === column ? 1 : 0.5
    for (let y = Math.max(0, row - 1); y <= Math.min(side - 1, row + 1); y++)
      seen += countAt(cells, x * side + y) * (y === row ? weight : weight / 2)
  }
  return (seen + 0.5) / (total + 1)
}

export function addToGrid([cells, total]: DensityGrid, column: number, row: number, turn: number): DensityGrid {
  const counted = addOne(cells, column * side + row, turn)
  if (total + 1 < highestCount) return [counted, total + 1]
  return [halved(counted), (total + 1) / 2]
}
