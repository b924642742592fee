import { monotone } from './monotone.ts'
import type { WearPoint } from './wear-history.ts'

/**
 * What may be going on with a level: nothing, one step, or growth from some time on as a power of the time since.
 *
 * Every such story is fitted to the points by weighted least squares and weighed by how well it explains them for the
 * numbers it needs (Bayesian information criterion), so a step, or noise, competes with the growth it may be mistaken for.
 * Powers: below 1 a new part settles, 1 wears evenly, above 1 wear breeds wear. None of them is picked: a forecast mixes all,
 * and what the points leave open widens its interval.
 *
 * Source   G. Schwarz, "Estimating the Dimension of a Model", Ann. Statist. 6 (1978), 461–464; model averaging: J. A. Hoeting
 *          et al., Statistical Science 14 (1999), 382–417. The powers and their weights are unverified defaults
 */
export interface Stories {
  /** Shares of belief; with the growths' they add up to 1. */
  readonly flat: number
  readonly step: number
  readonly growths: readonly Growth[]
}

/** level(t) = base + rate × (t − onset)^power, t in periods. */
export interface Growth {
  readonly belief: number
  readonly onset: number
  readonly power: number
  readonly base: number
  readonly rate: number
  /** Variance of the fitted level at t, from the scatter of the points. */
  varianceAt(t: number): number
}

/** Belief in each before any data: most levels do not grow. */
const prior = { flat: 0.5, step: 0.25, growth: 0.25 }
const powers = [
  { power: 0.5, belief: 0.15 },
  { power: 0.75, belief: 0.2 },
  { power: 1, belief: 0.25 },
  { power: 1.5, belief: 0.2 },
  { power: 2, belief: 0.1 },
  { power: 3, belief: 0.1 },
]
/** What a point counts for: weather and habits make neighbours alike, so ten of them say less than ten of chance would. */
const independent = 0.6
/** Growth is seen in so many points at least, or it could be a step or two bad days. */
const fewestGrowing = 4

/**
 * Oldest point first, at least one. `grain`: a scatter that cannot be told from none. `worth`: growths that together cannot be
 * believed so far are left out, unfitted: so it is for most levels on most days.
 */
export function weighStories(points: readonly WearPoint[], grain: number, worth = 0): Stories {
  const samples = weighted(points)
  const scale = Math.max(...samples.map(({ level }) => Math.abs(level)), grain)
  const evidence = (residual: number, numbers: number, belief: number) =>
    Math.log(belief) -
    ((independent * samples.length) / 2) * Math.log((residual + samples.length * grain ** 2) / scale ** 2) -
    (numbers / 2) * Math.log(samples.length)

  const flat = evidence(leastSquares(samples, () => 0).residual, 1, prior.flat)
  const onsets = points.map(({ from }) => from)
  const steps = onsets.slice(1).map((at) => {
    const { residual } = leastSquares(samples, (t) => (t < at ? 0 : 1))
    return evidence(residual, 2, prior.step / (onsets.length - 1))
  })
  const atMost = evidence(risingResidual(samples), 2, prior.growth)
  const hopeless = 1 / (1 + Math.exp(Math.max(flat, ...steps) - atMost)) < worth
  const growths = hopeless
    ? []
    : growthsFrom(onsets.slice(0, -fewestGrowing)).map(({ onset, power, belief }) => {
        const fitted = leastSquares(samples, (t) => Math.max(0, t - onset) ** power)
        const log = fitted.rate > 0 ? evidence(fitted.residual, 2, prior.growth * belief) : -Infinity
        return { log, onset, power, ...fitted }
      })

  const highest = Math.max(flat, ...steps, ...growths.map(({ log }) => log))
  const share = (log: number) => Math.exp(log - highest)
  const total = share(flat) + sum(steps.map(share)) + sum(growths.map(({ log }) => share(log)))
  return {
    flat: share(flat) / total,
    step: sum(steps.map(share)) / total,
    growths: growths
      .map(({ log, ...growth }) => ({ ...growth, belief: share(log) / total }))
      .filter(({ belief }) => belief > leastBelief),
  }
}

/** Every growth from one of the onsets, with its share of the belief in growth. */
function growthsFrom(onsets: readonly number[]) {
  return onsets.flatMap((onset) =>
    powers.map(({ power, belief }) => ({ onset, power, belief: belief / onsets.length })),
  )
}

/** What no growth can explain, whatever its shape: the scatter about the nearest rising sequence. */
function risingResidual(samples: readonly Sample[]): number {
  const rising = monotone(
    samples.map(({ level }) => level),
    samples.map(({ weight }) => weight),
  )
  return sum(samples.map(({ level, weight }, i) => weight * (level - (rising[i] ?? level)) ** 2))
}

const leastBelief = 1e-4

interface Sample {
  readonly t: number
  readonly level: number
  readonly weight: number
}

/** A mean over n periods counts for √n, not for n: weather and habits last longer than a period. */
function weighted(points: readonly WearPoint[]): Sample[] {
  const weights = points.map(({ periods }) => Math.sqrt(periods))
  const mean = sum(weights) / points.length
  return points.map(({ from, periods, level }, i) => ({
    t: from + periods / 2,
    level,
    weight: (weights[i] ?? 1) / mean,
  }))
}

/** Weighted least squares of level = base + rate × shape(t). */
function leastSquares(samples: readonly Sample[], shape: (t: number) => number) {
  let w = 0
  let x = 0
  let y = 0
  let xx = 0
  let xy = 0
  let yy = 0
  // About the first level, so that a small change of a large level keeps its digits.
  const zero = samples[0]?.level ?? 0
  for (const { t, level, weight } of samples) {
    const at = shape(t)
    const above = level - zero
    w += weight
    x += weight * at
    y += weight * above
    xx += weight * at * at
    xy += weight * at * above
    yy += weight * above * above
  }
  const meanX = x / w
  const meanY = y / w
  const spreadX = xx - x * meanX
  const rate = spreadX > 0 ? (xy - x * meanY) / spreadX : 0
  const residual = Math.max(0, yy - y * meanY - rate * (xy - x * meanY))
  const variance = residual / Math.max(1, samples.length - 3)
  return {
    base: zero + meanY - rate * meanX,
    rate,
    residual,
    varianceAt: (t: number) => variance * (1 / w + (spreadX > 0 ? (shape(t) - meanX) ** 2 / spreadX : 0)),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
