/**
 * How strongly a series returns to its centre, and how far one sample then lies from what the ones before it let expect.
 *
 * The next sample is expected at centre + pull × (recent − centre), with `recent` an exponentially weighted mean of the samples before;
 * `pull` is the least-squares slope without intercept. Noise around a fixed value has a pull of 0: every sample says where the
 * centre is. A temperature that wanders has a pull near 1: only its sudden moves are news, its level is not. That keeps slowly
 * wandering channels silent without being told which they are.
 *
 * Two scales: the standard deviation of the errors, and their long-run standard deviation, which is larger where errors have the
 * same sign for long. Their geometric mean is the yardstick.
 *
 * Memory   five numbers
 * Source   a first-order autoregression with an exponential kernel; long-run variance: P. Newey and K. West, Econometrica 55 (1987),
 *          703–708, here as the variance of exponentially smoothed errors. The geometric mean is an unverified default
 */
export type MeanReversion = readonly [
  /** Mean square of recent − centre. */
  recentSquare: number,
  /** Mean of (sample − centre) × (recent − centre). */
  product: number,
  errorSquare: number,
  smoothError: number,
  smoothErrorSquare: number,
]

export const noMeanReversion: MeanReversion = [0, 0, 0, 0, 0]

const smoothing = 0.15
/** Of smoothed white noise the variance is smaller by this factor. */
const shrinks = smoothing / (2 - smoothing)

export function pullOf([recentSquare, product]: MeanReversion): number {
  return recentSquare > 0 ? Math.min(1, Math.max(0, product / recentSquare)) : 0
}

/** The yardstick, in the unit of the series; 0 while it has never moved. */
export function scaleOf([, , errorSquare, , smoothErrorSquare]: MeanReversion): number {
  return Math.sqrt(Math.sqrt(errorSquare * Math.max(errorSquare, smoothErrorSquare / shrinks)))
}

/** `fromCentre` of the sample, `recentFromCentre` of the samples before it. */
export function learnMeanReversion(
  [recentSquare, product, errorSquare, smoothError, smoothErrorSquare]: MeanReversion,
  fromCentre: number,
  recentFromCentre: number,
  weight: number,
): MeanReversion {
  const square = recentSquare + weight * (recentFromCentre * recentFromCentre - recentSquare)
  const cross = product + weight * (fromCentre * recentFromCentre - product)
  const pull = square > 0 ? Math.min(1, Math.max(0, cross / square)) : 0
  const error = fromCentre - pull * recentFromCentre
  const smooth = smoothError + smoothing * (error - smoothError)
  return [
    square,
    cross,
    errorSquare + weight * (error * error - errorSquare),
    smooth,
    smoothErrorSquare + weight * (smooth * smooth - smoothErrorSquare),
  ]
}

/**
 * What an excursion that is over teaches: the yardstick grows by at most a half, and not beyond the excursion. So one fault changes
 * little, and a load that switches every hour is normal after a dozen times.
 */
export function learnExcursion(reversion: MeanReversion, extent: number): MeanReversion {
  const [recentSquare, product, errorSquare, smoothError, smoothErrorSquare] = reversion
  const grown = Math.min(2.25 * errorSquare, Math.max(errorSquare, extent * extent))
  return [recentSquare, product, grown, smoothError, smoothErrorSquare]
}
