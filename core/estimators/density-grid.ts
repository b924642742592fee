import { addOne, countAt, halved, highestCount, noCounts } from './small-counts.ts'

/**
 * How often two quantities were seen where they are now: a grid of counters over both, in standard deviations, fine in the middle and
 * coarse outside (an infinite tail ends in the last cell). A place's count is smoothed over its neighbours, with half the weight per step.
 *
 * Memory   64 characters and a number. All counts are halved when they reach 8,192 together, so old habits fade
 * Source   smoothing: averaged shifted histograms (D. W. Scott, "Multivariate Density Estimation", Wiley 1992, chapter 5); rarity: the mass
 *          outside a highest-density region (R. Hyndman, "Computing and Graphing Highest Density Regions", The American Statistician 50
 *          (1996), 120–126)
 */
export type DensityGrid = readonly [cells: string, total: number]

const side = 8
const deviationsToHalf = 4
/** 1, four times 1/2 and four times 1/4. */
const weightOfNeighbourhood = 4

export const emptyGrid: DensityGrid = [noCounts(side * side), 0]

/** Along one axis: 0 to 7; `deviations` from the mean. */
export function cellOf(deviations: number): number {
  return Math.min(side - 1, Math.floor((side / 2) * (1 + Math.tanh(deviations / deviationsToHalf))))
}

/**
 * How rare it is to be here: the share of all samples that were seen in places at most as frequented as this one, above 0. Of anything
 * that goes on as ever it falls below p in a share p of the samples.
 */
export function rarityAt([cells, total]: DensityGrid, column: number, row: number): number {
  let around = 0
  for (let x = Math.max(0, column - 1); x <= Math.min(side - 1, column + 1); x++) {
    const weight = x === column ? 1 : 0.5
    for (let y = Math.max(0, row - 1); y <= Math.min(side - 1, row + 1); y++)
      around += countAt(cells, x * side + y) * (y === row ? weight : weight / 2)
  }
  const here = Math.max(countAt(cells, column * side + row), around / weightOfNeighbourhood)
  let rarer = 0
  for (let index = 0; index < cells.length; index++) {
    const count = countAt(cells, index)
    if (count <= here) rarer += count
  }
  return (rarer + 0.5) / (total + 1)
}

export function addToGrid([cells, total]: DensityGrid, column: number, row: number, turn: number): DensityGrid {
  const counted = addOne(cells, column * side + row, turn)
  if (total + 1 < highestCount) return [counted, total + 1]
  return [halved(counted), (total + 1) / 2]
}
