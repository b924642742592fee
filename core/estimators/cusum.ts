/**
 * Two-sided cumulative sum of what exceeds `allowance`, both in standard deviations: evidence that the mean has moved up or down by
 * about twice the allowance. It is bounded by `most`, so that it falls again soon after the cause is gone, however long that lasted.
 *
 * Memory   two numbers
 * Source   E. S. Page, "Continuous Inspection Schemes", Biometrika 41 (1954), 100–115. The bound is our own
 */
export type Cusum = readonly [up: number, down: number]

export const noCusum: Cusum = [0, 0]

export function addToCusum([up, down]: Cusum, deviations: number, allowance: number, most: number): Cusum {
  return [
    Math.min(most, Math.max(0, up + deviations - allowance)),
    Math.min(most, Math.max(0, down - deviations - allowance)),
  ]
}
