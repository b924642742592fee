import type { Interval } from '../core/kpi.ts'

/*
 * Intervals at 95 %. Each answers null where nothing was counted: no evidence is no figure.
 */

const z = 1.959964
const tail = 0.025
/** Up to here exact sums; beyond, the approximations named below differ from them by less than a thousandth of the width. */
const exactUpTo = 400

/**
 * Of a share.
 *
 * Source  E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927), 209–212
 */
export function shareInterval(hits: number, of: number): Interval | null {
  if (of === 0) return null
  const share = hits / of
  const centre = share + z ** 2 / (2 * of)
  const half = z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))
  const scale = 1 + z ** 2 / of
  return { low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) }
}

/**
 * Of the expected number of events of which so many were seen, exact; for more than 400, Byar's approximation.
 *
 * Source  F. Garwood, "Fiducial Limits for the Poisson Distribution", Biometrika 28 (1936), 437–442; N. E. Breslow and N. E. Day,
 *         "Statistical Methods in Cancer Research" II (1987), 69
 */
export const countInterval = remembered((events: number): { readonly low: number; readonly high: number } => {
  if (events > exactUpTo) return { low: byar(events, -z), high: byar(events + 1, z) }
  const low = events === 0 ? 0 : solve((mean) => 1 - poissonUpTo(events - 1, mean), tail, events)
  const high = solve((mean) => 1 - poissonUpTo(events, mean), 1 - tail, 2 * events + 10)
  return { low, high }
})

/** Of events per unit of exposure. */
export function rateInterval(events: number, exposure: number): Interval | null {
  if (!(exposure > 0)) return null
  const { low, high } = countInterval(events)
  return { low: low / exposure, high: high / exposure }
}

function byar(events: number, sign: number): number {
  return events * (1 - 1 / (9 * events) + sign / (3 * Math.sqrt(events))) ** 3
}

function poissonUpTo(events: number, mean: number): number {
  let term = Math.exp(-mean)
  let sum = term
  for (let n = 1; n <= events; n++) {
    term *= mean / n
    sum += term
  }
  return sum
}

/** Where a rising function of a mean reaches `level`. */
function solve(rising: (mean: number) => number, level: number, highest: number): number {
  let [low, high] = [0, highest]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (rising(middle) < level) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * Ranks between which a quantile of the distribution lies that `of` values came from; null = beyond them all. No assumption about its
 * shape. Exact by the binomial distribution; for more than 400, by its normal approximation.
 *
 * Source  W. J. Conover, "Practical Nonparametric Statistics" (3rd ed., 1999), 143–148
 */
export const quantileRanks = remembered((quantile: number, of: number): Interval | null => {
  if (of === 0) return null
  const [low, high] = of > exactUpTo ? normalRanks(quantile, of) : binomialRanks(quantile, of)
  return { low: low < 1 ? null : low, high: high > of ? null : high }
})

function normalRanks(quantile: number, of: number): [number, number] {
  const spread = z * Math.sqrt(of * quantile * (1 - quantile))
  return [Math.floor(of * quantile - spread), Math.ceil(of * quantile + spread) + 1]
}

/** The largest rank with at most 2.5 % below it, and the smallest with at most 2.5 % beyond it. */
function binomialRanks(quantile: number, of: number): [number, number] {
  let [low, high] = [0, of + 1]
  let logTerm = of * Math.log(1 - quantile) // as such it would be too small for a number
  let sum = 0
  for (let n = 0; n < of; n++) {
    sum += Math.exp(logTerm) // at most n values lie below the quantile
    if (sum <= tail) low = n + 1
    if (sum >= 1 - tail) {
      high = n + 1
      break
    }
    logTerm += Math.log((of - n) / (n + 1)) + Math.log(quantile / (1 - quantile))
  }
  return [low, high]
}

/**
 * Of a mean, from a count, a sum and a sum of squares: Student's t. Null with fewer than five values, and where all are the same: what has
 * shown no spread yet is not certain. Its bounds are not beyond those of the values.
 *
 * Source  "Student", "The Probable Error of a Mean", Biometrika 6 (1908), 1–25; quantiles by R. A. Fisher and E. A. Cornish, "The
 *         Percentile Points of Distributions Having Known Cumulants", Technometrics 2 (1960), 209–225
 */
export function meanInterval(
  values: number,
  sum: number,
  squares: number,
  [least, most]: readonly [number, number] = [-Infinity, Infinity],
): Interval | null {
  if (values < 5) return null
  const mean = sum / values
  const variance = Math.max(0, squares - (sum * sum) / values) / (values - 1)
  if (variance < roundingVariance) return null
  const half = studentQuantile(values - 1) * Math.sqrt(variance / values)
  return { low: Math.max(least, mean - half), high: Math.min(most, mean + half) }
}

/** What sums of values in tenths leave by rounding; a real spread is larger. */
const roundingVariance = 1e-9

function studentQuantile(degrees: number): number {
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  )
}

const mostRemembered = 20_000

/** The same small numbers come again and again, in every group of a page. */
function remembered<Given extends number[], Answer>(work: (...given: Given) => Answer): (...given: Given) => Answer {
  const known = new Map<string, Answer>()
  return (...given) => {
    const key = given.join(' ')
    const before = known.get(key)
    if (before !== undefined) return before
    if (known.size >= mostRemembered) known.clear()
    const answer = work(...given)
    known.set(key, answer)
    return answer
  }
}
