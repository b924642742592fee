import { addToGrid, cellOf, type DensityGrid, emptyGrid, rarityAt } from '../estimators/density-grid.ts'
import { learnMean, learnMeanAndVariance, type MeanAndVariance, noMean, weightOf } from '../estimators/ewma.ts'
import { beyond, nextPeriod, type Range, rangeOf, widen } from '../estimators/range.ts'
import type { ScorerSettings } from './settings.ts'

/**
 * Has this series ever been like this? Two kinds of evidence, added:
 *
 * - ranges: how far the value, its fast band and its slow band (differences of moving means) lie beyond everything remembered, in
 *   widths of their own range; logarithmic, so that the first excess counts most
 * - density: how rarely level and activity (moving means of the value and of its absolute change) were where they are now
 *
 * It marks beginnings: what has been seen once is no longer new, and a peak silences what is not clearly higher for a while.
 */
export interface Newness {
  readonly ranges: readonly [Range, Range, Range]
  /** When the present period of the ranges began, and its samples. */
  readonly periodAt: number
  readonly periodSamples: number
  readonly last: number
  readonly level: number
  readonly activity: number
  readonly usualLevel: MeanAndVariance
  readonly usualActivity: MeanAndVariance
  readonly density: DensityGrid
  /** The last peak, and how many samples ago it was. */
  readonly peak: number
  readonly peakAgo: number
}

/** Before this many samples nothing is new. */
const firstSamples = 100
const usualRate = 0.0005

export interface Bands {
  /** The value without what is usual at this time of the day. */
  readonly residual: number
  readonly fast: number
  readonly slow: number
}

export function noNewness(at: number, value: number, { residual, fast, slow }: Bands): Newness {
  return {
    ranges: [rangeOf(residual), rangeOf(fast), rangeOf(slow)],
    periodAt: at,
    periodSamples: 0,
    last: value,
    level: value,
    activity: 0,
    usualLevel: noMean,
    usualActivity: noMean,
    density: emptyGrid,
    peak: 0,
    peakAgo: 0,
  }
}

/** `samples` counts this one too. Answers how new it is: 0 for the usual, about 1 for what deserves a look. */
export function stepNewness(
  state: Newness,
  at: number,
  value: number,
  bands: Bands,
  samples: number,
  settings: ScorerSettings,
): { state: Newness; newness: number } {
  const { ranges, density } = state
  const shapeWeight = weightOf(settings.shapeRate, samples)
  const level = learnMean(state.level, value, shapeWeight)
  const activity = learnMean(state.activity, Math.abs(value - state.last), shapeWeight)
  const column = cellOf(deviations(level, state.usualLevel))
  const row = cellOf(deviations(activity, state.usualActivity))

  let newness = 0
  if (samples > firstSamples) {
    const excess =
      excessOf(ranges[0], bands.residual, settings) +
      excessOf(ranges[1], bands.fast, settings) +
      excessOf(ranges[2], bands.slow, settings)
    const rarity = Math.max(0, -Math.log10(rarityAt(density, column, row)) - 1)
    newness = (settings.rangeShare / 3) * excess + settings.densityShare * rarity
  }

  const peakAgo = state.peakAgo + 1
  const peak = peakAgo > settings.againSamples ? 0 : state.peak
  const told = newness > settings.again * peak ? newness : 0
  const usualWeight = weightOf(usualRate, samples)
  const full = state.periodSamples >= settings.memorySamples && at - state.periodAt >= settings.memoryMs
  const learn = full ? nextPeriod : widen
  return {
    newness: told,
    state: {
      ranges: [learn(ranges[0], bands.residual), learn(ranges[1], bands.fast), learn(ranges[2], bands.slow)],
      periodAt: full ? at : state.periodAt,
      periodSamples: full ? 1 : state.periodSamples + 1,
      last: value,
      level,
      activity,
      usualLevel: learnMeanAndVariance(state.usualLevel, level, usualWeight),
      usualActivity: learnMeanAndVariance(state.usualActivity, activity, usualWeight),
      density: addToGrid(density, column, row, density[1] + 1),
      peak: told > 0 ? told : peak,
      peakAgo: told > 0 ? 0 : peakAgo,
    },
  }
}

function deviations(value: number, [mean, variance]: MeanAndVariance): number {
  return variance > 0 ? (value - mean) / Math.sqrt(variance) : 0
}

/** A range without width has never been left: then leaving it is as new as it gets. */
const firstMove = 4

function excessOf(range: Range, value: number, { excessFactor }: ScorerSettings): number {
  const excess = beyond(range, value)
  if (excess === 0) return 0
  return excess === Infinity ? firstMove : Math.log(1 + excessFactor * excess)
}
