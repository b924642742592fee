/** What a learner is given: features, the class's index, and how much it counts. */
export interface Sample {
  readonly features: ArrayLike<number>
  readonly class: number
  readonly weight: number
}

/**
 * A tree in the order of a walk: a split is followed by its lower branch (below the threshold); `next` is where its upper branch begins.
 * In a leaf, `feature` is `leaf` and `next` the class.
 */
export interface Tree {
  readonly feature: Uint8Array
  readonly threshold: Float32Array
  readonly next: Uint16Array
}

export const leaf = 255

export interface TreeSettings {
  readonly trees: number
  /** Features tried for each split. */
  readonly tried: number
}

/**
 * Extremely randomised trees: each split is the best of a few random cuts through random features, each tree sees all samples and
 * grows until its leaves hold one class.
 *
 * Source  P. Geurts, D. Ernst, L. Wehenkel, "Extremely randomized trees", Machine Learning 63 (2006), 3–42
 */
export function growTrees(
  samples: readonly Sample[],
  classes: number,
  settings: TreeSettings,
  random: () => number,
): Tree[] {
  return Array.from({ length: settings.trees }, () => growTree(samples, classes, settings.tried, random))
}

/** Share of the trees that vote for each class. */
export function votes(trees: readonly Tree[], features: ArrayLike<number>, classes: number): Float64Array {
  const shares = new Float64Array(classes)
  for (const { feature, threshold, next } of trees) {
    let node = 0
    while (feature[node] !== leaf) {
      const below = (features[feature[node] ?? 0] ?? 0) < (threshold[node] ?? 0)
      node = below ? node + 1 : (next[node] ?? 0)
    }
    const voted = next[node] ?? 0
    shares[voted] = (shares[voted] ?? 0) + 1 / trees.length
  }
  return shares
}

function growTree(all: readonly Sample[], classes: number, tried: number, random: () => number): Tree {
  const feature: number[] = []
  const threshold: number[] = []
  const next: number[] = []
  const grow = (samples: readonly Sample[]) => {
    const node = feature.length
    const cut = bestCut(samples, classes, tried, random)
    feature.push(cut?.feature ?? leaf)
    threshold.push(cut?.threshold ?? 0)
    next.push(heaviest(samples, classes))
    if (cut === undefined) return
    grow(samples.filter((sample) => isBelow(sample, cut)))
    next[node] = feature.length
    grow(samples.filter((sample) => !isBelow(sample, cut)))
  }
  grow(all)
  return { feature: Uint8Array.from(feature), threshold: Float32Array.from(threshold), next: Uint16Array.from(next) }
}

interface Cut {
  readonly feature: number
  readonly threshold: number
}

const isBelow = ({ features }: Sample, cut: Cut) => (features[cut.feature] ?? 0) < cut.threshold

/** Undefined where there is one class only, or nothing to tell samples apart by. */
function bestCut(samples: readonly Sample[], classes: number, tried: number, random: () => number): Cut | undefined {
  const first = samples[0]
  if (first === undefined || samples.every((sample) => sample.class === first.class)) return
  let best: Cut | undefined
  let bestPurity = -1
  const count = first.features.length
  for (let draws = 0, cuts = 0; draws < 3 * count && cuts < tried; draws++) {
    const feature = Math.floor(random() * count)
    const [lowest, highest] = range(samples, feature)
    const threshold = coarse(lowest + random() * (highest - lowest))
    if (!(threshold > lowest && threshold <= highest)) continue
    cuts++
    const cut = { feature, threshold }
    const purity = purityOf(samples, cut, classes)
    if (purity > bestPurity) {
      best = cut
      bestPurity = purity
    }
  }
  return best
}

function range(samples: readonly Sample[], feature: number): [number, number] {
  let lowest = Infinity
  let highest = -Infinity
  for (const { features } of samples) {
    const value = features[feature] ?? 0
    if (value < lowest) lowest = value
    if (value > highest) highest = value
  }
  return [lowest, highest]
}

/** What remains of Gini's impurity, turned round: the higher, the purer both sides. */
function purityOf(samples: readonly Sample[], cut: Cut, classes: number): number {
  const sides = new Float64Array(2 * classes)
  for (const sample of samples) {
    const index = sample.class + (isBelow(sample, cut) ? 0 : classes)
    sides[index] = (sides[index] ?? 0) + sample.weight
  }
  return sidePurity(sides.subarray(0, classes)) + sidePurity(sides.subarray(classes))
}

function sidePurity(weights: Float64Array): number {
  let sum = 0
  let squares = 0
  for (const weight of weights) {
    sum += weight
    squares += weight * weight
  }
  return squares / sum
}

function heaviest(samples: readonly Sample[], classes: number): number {
  const weights = new Float64Array(classes)
  for (const { class: index, weight } of samples) weights[index] = (weights[index] ?? 0) + weight
  return weights.indexOf(Math.max(...weights))
}

const scratch = new DataView(new ArrayBuffer(4))

/** The same number in two bytes (the upper half of a float32, "bfloat16"): what the model's file keeps, so that it is what was grown. */
export function coarse(value: number): number {
  scratch.setFloat32(0, value)
  const rounded = (scratch.getUint32(0) + 0x8000) & 0xffff0000
  scratch.setUint32(0, rounded >>> 0)
  return scratch.getFloat32(0)
}
