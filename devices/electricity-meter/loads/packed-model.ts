import { coarse, leaf, type Tree } from './extra-trees.ts'
import type { LoadModel } from './load-model.ts'
import type { RoomModel } from './room-loads.ts'

export interface PackedTrees {
  /** Of all trees, in the order of a walk: a split's feature, or `firstLeaf` + a leaf's class. One byte each. */
  readonly nodes: string
  /** Of the splits, in the same order; two bytes each, see `coarse`. */
  readonly thresholds: string
}

/** Both models as plain text: numbers are base64 of their bytes, little-endian. */
export interface PackedLoadModels {
  readonly room: PackedTrees
  readonly trees: PackedTrees
  /** With a space between. */
  readonly labels: string
  readonly features: number
  /** Axis by axis, then the offsets; float32. */
  readonly directions: string
  readonly offsets: string
  /** Day by day, two bytes a coordinate. */
  readonly points: string
  readonly classes: string
  readonly weights: string
}

/** So a model has at most 128 features and as many labels. */
const firstLeaf = 128

/** The days' coordinates become coarser by it, all else is kept as learned; packing what was unpacked gives the same text. */
export function packLoadModels({ labels, trees, discriminant }: LoadModel, room: RoomModel): PackedLoadModels {
  return {
    room: packTrees(room.trees),
    trees: packTrees(trees),
    labels: labels.join(' '),
    features: discriminant.axes[0]?.length ?? 0,
    directions: toText(floats(discriminant.axes.flatMap((axis) => [...axis]))),
    offsets: toText(floats(discriminant.offsets)),
    points: toText(halves(discriminant.points.flatMap((point) => [...point]))),
    classes: toText(discriminant.classes),
    weights: toText(floats(discriminant.weights)),
  }
}

/** @throws {RangeError} the text is cut short or no model's */
export function unpackLoadModels(packed: PackedLoadModels): { day: LoadModel; room: RoomModel } {
  const offsets = fromFloats(fromText(packed.offsets))
  const axes = fromFloats(fromText(packed.directions))
  const points = fromHalves(fromText(packed.points))
  const classes = fromText(packed.classes)
  const whole = axes.length === offsets.length * packed.features && points.length === offsets.length * classes.length
  if (!whole) throw new RangeError('the load model is damaged: its axes and points do not fit together')
  const discriminant = {
    axes: rowsOf(axes, packed.features),
    offsets,
    points: rowsOf(points, offsets.length),
    classes,
    weights: fromFloats(fromText(packed.weights)),
  }
  return {
    day: { labels: packed.labels.split(' '), trees: unpackTrees(packed.trees), discriminant },
    room: { trees: unpackTrees(packed.room) },
  }
}

function packTrees(trees: readonly Tree[]): PackedTrees {
  const nodes: number[] = []
  const thresholds: number[] = []
  for (const { feature, threshold, next } of trees) {
    for (const [node, tested] of feature.entries()) {
      nodes.push(tested === leaf ? firstLeaf + (next[node] ?? 0) : tested)
      if (tested !== leaf) thresholds.push(threshold[node] ?? 0)
    }
  }
  return { nodes: toText(Uint8Array.from(nodes)), thresholds: toText(halves(thresholds)) }
}

/** A tree ends where every split has both its branches. */
function unpackTrees(packed: PackedTrees): Tree[] {
  const nodes = fromText(packed.nodes)
  const thresholds = fromHalves(fromText(packed.thresholds))
  const trees: Tree[] = []
  let at = 0
  let splits = 0
  while (at < nodes.length) {
    const feature: number[] = []
    const threshold: number[] = []
    const next: number[] = []
    const read = () => {
      const node = feature.length
      const code = nodes[at++]
      if (code === undefined) throw new RangeError('the load model is damaged: a tree is cut short')
      const isLeaf = code >= firstLeaf
      feature.push(isLeaf ? leaf : code)
      threshold.push(isLeaf ? 0 : (thresholds[splits++] ?? 0))
      next.push(isLeaf ? code - firstLeaf : 0)
      if (isLeaf) return
      read()
      next[node] = feature.length
      read()
    }
    read()
    trees.push({
      feature: Uint8Array.from(feature),
      threshold: Float32Array.from(threshold),
      next: Uint16Array.from(next),
    })
  }
  return trees
}

function rowsOf(values: Float32Array, length: number): Float32Array[] {
  return Array.from({ length: values.length / length }, (_, row) => values.slice(row * length, (row + 1) * length))
}

function halves(values: ArrayLike<number>): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(2 * values.length))
  const scratch = new DataView(new ArrayBuffer(4))
  for (let index = 0; index < values.length; index++) {
    scratch.setFloat32(0, coarse(values[index] ?? 0))
    bytes.setUint16(2 * index, scratch.getUint16(0), true)
  }
  return new Uint8Array(bytes.buffer)
}

function fromHalves(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer)
  const scratch = new DataView(new ArrayBuffer(4))
  return Float32Array.from({ length: bytes.length / 2 }, (_, index) => {
    scratch.setUint16(0, view.getUint16(2 * index, true))
    return scratch.getFloat32(0)
  })
}

function floats(values: ArrayLike<number>): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4 * values.length))
  for (let index = 0; index < values.length; index++) bytes.setFloat32(4 * index, values[index] ?? 0, true)
  return new Uint8Array(bytes.buffer)
}

function fromFloats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer)
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(4 * index, true))
}

function toText(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

function fromText(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
