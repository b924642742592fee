/**
 * Exponentially weighted mean and variance. The first values weigh the same, as in an ordinary mean, until 1/n falls to `rate`; from
 * there on a value that lies n samples back weighs (1 − rate)ⁿ of the newest.
 *
 * Memory   two numbers; the caller counts the samples
 * Source   T. Finch, "Incremental calculation of weighted mean and variance", University of Cambridge, 2009, equations 124 and 143
 */
export type MeanAndVariance = readonly [
  mean: number,
  /** Of the population: divided by n, not n − 1. */
  variance: number,
]

export const noMean: MeanAndVariance = [0, 0]

/** `samples` counts this one too, so it is 1 at the first. */
export function weightOf(rate: number, samples: number): number {
  return Math.max(rate, 1 / samples)
}

export function learnMean(mean: number, value: number, weight: number): number {
  return mean + weight * (value - mean)
}

export function learnMeanAndVariance(
  [mean, variance]: MeanAndVariance,
  value: number,
  weight: number,
): MeanAndVariance {
  const away = value - mean
  return [mean + weight * away, (1 - weight) * (variance + weight * away * away)]
}
