import { type Discriminant, densities, fitDiscriminant } from './discriminant.ts'
import { growTrees, type Sample, type Tree, votes } from './extra-trees.ts'

/** What tells the classes apart. Learned from days, packed by `packed-model.ts`. */
export interface LoadModel {
  readonly labels: readonly string[]
  readonly trees: readonly Tree[]
  readonly discriminant: Discriminant
}

/** A day of one appliance that is known. */
export interface LabelledDay {
  /** Sorts the days, so that their order in a file changes nothing. */
  readonly id: string
  readonly label: string
  readonly device: string
  readonly features: ArrayLike<number>
}

/** Chosen in folds that leave whole devices out; anything near them does as well. */
export const learning = { trees: 100, tried: 25, axes: 12, ridge: 1 }

/**
 * Learns from days of known devices. A device counts as one however many of its days there are, for what matters is the next
 * device of its class.
 *
 * @throws {RangeError} no days
 */
export function learnLoads(days: readonly LabelledDay[], random: () => number, settings = learning): LoadModel {
  if (days.length === 0) throw new RangeError('there are no days to learn from')
  const labels = [...new Set(days.map(({ label }) => label))].sort()
  const daysOf = new Map<string, number>()
  for (const { device } of days) daysOf.set(device, (daysOf.get(device) ?? 0) + 1)
  const samples = [...days]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(
      ({ features, label, device }): Sample => ({
        features,
        class: labels.indexOf(label),
        weight: 1 / (daysOf.get(device) ?? 1),
      }),
    )
  return {
    labels,
    trees: growTrees(samples, labels.length, settings, random),
    discriminant: fitDiscriminant(samples, labels.length, settings),
  }
}

/** What neither learner has seen is unlikely, not impossible: one of them alone must not rule a class out. */
const leastShare = 1e-3
/** The trees' part of the answer is this and the share of those that agree: they do where they know this device or its twin. */
const leastTreePart = 0.3

/**
 * Probability of each of the model's labels: the weighted geometric mean of the trees' votes and the densities, two learners that err
 * in different places.
 */
export function labelProbabilities(
  { labels, trees, discriminant }: LoadModel,
  features: ArrayLike<number>,
): Float64Array {
  const voted = votes(trees, features, labels.length)
  const dense = densities(discriminant, features, labels.length)
  const treePart = Math.min(1, leastTreePart + Math.max(...voted))
  const means = voted.map(
    (share, index) => (share + leastShare) ** treePart * ((dense[index] ?? 0) + leastShare) ** (1 - treePart),
  )
  const sum = means.reduce((total, mean) => total + mean, 0)
  return means.map((mean) => mean / sum)
}
