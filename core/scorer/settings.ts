import { dayMs } from '../clock.ts'

/**
 * One setting for every series: no test set, kind or metric has its own. Where nothing is said it is an unverified default, chosen in
 * the middle of a plateau (`liftwatt bench nab` and `skab`), not at its peak.
 *
 * What is about the information in a series counts samples; what is about days and weeks counts time.
 */
export interface ScorerSettings {
  /** Weights of the newest sample in the four moving means, fast to slow; each about a quarter of the one before. */
  readonly bandRates: readonly [number, number, number, number]
  /** Weight in the moving means of level and activity, whose density is watched. */
  readonly shapeRate: number
  /** Ranges and daily profile remember at least so long, and at least so many samples. */
  readonly memoryMs: number
  readonly memorySamples: number
  /** An excess of 1/50 of the range counts as ln 2. */
  readonly excessFactor: number
  /** Share of the ranges (their mean) and of the density (per decade) in what is new. */
  readonly rangeShare: number
  readonly densityShare: number
  /** Something new is told again only when it is so many times as new, or so many samples later. */
  readonly again: number
  readonly againSamples: number
  /** From here on something new deserves an alarm. */
  readonly newnessAlarm: number

  /** A sample proves something from so many standard deviations on, and `alarm` of proof are a shift, at most `mostProof`. */
  readonly allowance: number
  readonly alarm: number
  readonly mostProof: number
  /** No shift is told before so many samples; a centre that does not hold within them is learned anew. */
  readonly learnSamples: number
  /** Weight of the newest sample in what is normal, once learned. */
  readonly normalRate: number
  /** A shift is over when less than this share of its largest extent is left: machines settle at a new normal. */
  readonly settledShare: number
  readonly settleSamples: number
  /** A shift that lasts so many samples is the new normal. */
  readonly adoptSamples: number
}

export const scorerSettings: ScorerSettings = {
  bandRates: [0.2, 0.05, 0.0125, 0.003],
  shapeRate: 0.06,
  memoryMs: 14 * dayMs,
  memorySamples: 4_096,
  excessFactor: 50,
  rangeShare: 2,
  densityShare: 0.5,
  again: 1.5,
  againSamples: 120,
  newnessAlarm: 0.6,
  allowance: 1.1,
  alarm: 5,
  mostProof: 15,
  learnSamples: 400,
  normalRate: 1 / 2_000,
  settledShare: 0.3,
  settleSamples: 40,
  adoptSamples: 2_000,
}
