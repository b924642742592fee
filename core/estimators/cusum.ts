import { significant } from './significant.ts'

/**
 * Two-sided cumulative sum of what exceeds `allowance`, both in standard deviations: evidence that the mean has moved up or down by
 * about twice the allowance. It is bounded by `most`, so that it falls again soon after the cause is gone, however long that lasted.
 *
 * Memory   two numbers
 * Source   E. S. Page, "Continuous Inspection Schemes", Biometrika 41 (1954), 100–115; the bound: Lucas and Crosier's worry about slow
 *          recovery, "Fast initial response for CUSUM quality-control schemes", Technometrics 24 (1982), 199–205
 */
export interface Cusum {
  readonly up: number
  readonly down: number
}

export const noCusum: Cusum = { up: 0, down: 0 }

export function addToCusum({ up, down }: Cusum, deviations: number, allowance: number, most: number): Cusum {
  return {
    up: significant(Math.min(most, Math.max(0, up + deviations - allowance))),
    down: significant(Math.min(most, Math.max(0, down - deviations - allowance))),
  }
}
