import type { Sample } from './extra-trees.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

/** Directions that tell classes apart, and where the training days lie along them. */
export interface Discriminant {
  /** One row a direction, over the features; `offsets` is what the mean day comes to. */
  readonly axes: readonly Float32Array[]
  readonly offsets: Float32Array
  /** One row a training day. */
  readonly points: readonly Float32Array[]
  readonly classes: Uint8Array
  readonly weights: Float32Array
}

export interface DiscriminantSettings {
  readonly axes: number
  /** Added to the variance of each standardised feature. */
  readonly ridge: number
}

/** Of the kernel around a training day, in standard deviations within a class. Unverified default. */
const bandwidth = 1.5

/**
 * Linear discriminant analysis whose "within" is the scatter of all days of a class, so most of all that between its devices: a direction
 * counts for what it tells of a device that was not there. Many features are alike, so their covariance is shrunk by a ridge.
 *
 * Source  C. R. Rao, J. Royal Statistical Society B 10 (1948), 159–203; shrinking: J. H. Friedman, J. American Statistical
 *         Association 84 (1989), 165–175
 */
export function fitDiscriminant(
  samples: readonly Sample[],
  classes: number,
  settings: DiscriminantSettings,
): Discriminant {
  const { means, scales } = standard(samples)
  const rows = samples.map(({ features }) =>
    means.map((mean, index) => ((features[index] ?? 0) - mean) / (scales[index] ?? 1)),
  )
  const centres = classMeans(samples, rows, classes)
  const deviations = rows.map((row, index) => minus(row, centres.means[samples[index]?.class ?? 0]))
  const within = covariance(
    deviations,
    samples.map(({ weight }) => weight),
  )
  for (const [index, row] of within.entries()) row[index] = (row[index] ?? 0) + settings.ridge

  const whitening = symmetricEigen(within).map(({ value, vector }) => vector.map((part) => part / Math.sqrt(value)))
  const whitened = centres.means.map((mean) => Float64Array.from(whitening, (axis) => dot(axis, mean)))
  const between = symmetricEigen(covariance(whitened, centres.weights)).slice(0, settings.axes)

  const axes = between.map(({ vector }) =>
    Float32Array.from(
      scales,
      (scale, feature) =>
        dot(
          vector,
          Float64Array.from(whitening, (axis) => axis[feature] ?? 0),
        ) / scale,
    ),
  )
  const offsets = Float32Array.from(axes, (axis) => dot(axis, means))
  return {
    axes,
    offsets,
    points: samples.map(({ features }) => project({ axes, offsets }, features)),
    classes: Uint8Array.from(samples, (sample) => sample.class),
    weights: Float32Array.from(samples, ({ weight }) => weight),
  }
}

/** Probability of each class: Gaussian kernels around the training days, as many a class as it has devices. */
export function densities(discriminant: Discriminant, features: ArrayLike<number>, classes: number): Float64Array {
  const place = project(discriminant, features)
  const distances = discriminant.points.map((point) => squaredDistance(point, place))
  const nearest = Math.min(...distances)
  const shares = new Float64Array(classes)
  let sum = 0
  for (const [index, distance] of distances.entries()) {
    // Relative to the nearest: far from all of them the kernels would all be 0.
    const kernel = (discriminant.weights[index] ?? 0) * Math.exp((nearest - distance) / (2 * bandwidth ** 2))
    const of = discriminant.classes[index] ?? 0
    shares[of] = (shares[of] ?? 0) + kernel
    sum += kernel
  }
  return shares.map((share) => share / sum)
}

function project({ axes, offsets }: Pick<Discriminant, 'axes' | 'offsets'>, features: ArrayLike<number>): Float32Array {
  return Float32Array.from(axes, (axis, index) => dot(axis, features) - (offsets[index] ?? 0))
}

function standard(samples: readonly Sample[]): { means: Float64Array; scales: Float64Array } {
  const count = samples[0]?.features.length ?? 0
  const means = new Float64Array(count)
  const scales = new Float64Array(count)
  const total = samples.reduce((sum, { weight }) => sum + weight, 0)
  for (const { features, weight } of samples)
    for (let index = 0; index < count; index++)
      means[index] = (means[index] ?? 0) + (weight * (features[index] ?? 0)) / total
  for (const { features, weight } of samples)
    for (let index = 0; index < count; index++)
      scales[index] = (scales[index] ?? 0) + (weight * ((features[index] ?? 0) - (means[index] ?? 0)) ** 2) / total
  // A feature that never varies says nothing.
  return { means, scales: scales.map((variance) => (variance > 1e-12 ? Math.sqrt(variance) : 1)) }
}

function classMeans(samples: readonly Sample[], rows: readonly Float64Array[], classes: number) {
  const weights = new Float64Array(classes)
  const means = Array.from({ length: classes }, () => new Float64Array(rows[0]?.length ?? 0))
  for (const { class: index, weight } of samples) weights[index] = (weights[index] ?? 0) + weight
  for (const [at, { class: index, weight }] of samples.entries()) {
    const mean = means[index] ?? new Float64Array()
    const share = weight / (weights[index] ?? 1)
    for (let feature = 0; feature < mean.length; feature++)
      mean[feature] = (mean[feature] ?? 0) + share * (rows[at]?.[feature] ?? 0)
  }
  return { means, weights: [...weights] }
}

/** Weighted mean of the outer products. */
function covariance(rows: readonly Float64Array[], weights: readonly number[]): Float64Array[] {
  const count = rows[0]?.length ?? 0
  const matrix = Array.from({ length: count }, () => new Float64Array(count))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  for (const [at, row] of rows.entries()) {
    for (const [a, target] of matrix.entries()) {
      const share = ((weights[at] ?? 0) / total) * (row[a] ?? 0)
      for (let b = 0; b < count; b++) target[b] = (target[b] ?? 0) + share * (row[b] ?? 0)
    }
  }
  return matrix
}

function minus(row: Float64Array, other: Float64Array | undefined): Float64Array {
  return row.map((value, index) => value - (other?.[index] ?? 0))
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0)
  return sum
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum += ((a[index] ?? 0) - (b[index] ?? 0)) ** 2
  return sum
}
