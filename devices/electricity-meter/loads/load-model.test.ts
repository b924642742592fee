import { expect, test } from 'vitest'
import { coarse, growTrees, votes } from './extra-trees.ts'
import { groupOfLoad } from './load-groups.ts'
import { type LabelledDay, labelProbabilities, learnLoads } from './load-model.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

/** Any sequence will do; the same at every call. */
function sequence(): () => number {
  let state = 1
  return () => {
    state = (state * 16_807) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Three devices a class: the class tells in the first feature, the device in the second, and the third is always the same. */
const days: LabelledDay[] = ['Lamp', 'Router', 'Toaster'].flatMap((label, kind) =>
  Array.from({ length: 12 }, (_, index) => ({
    id: `${label}-${index}`,
    label,
    device: `${label}-${index % 3}`,
    features: [10 * kind + Math.sin(index), Math.cos(index + kind) + 5 * (index % 3), 7],
  })),
)

function likeliest(features: readonly number[], known = days): string | undefined {
  const model = learnLoads(known, sequence())
  const probabilities = [...labelProbabilities(model, features)]
  expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1)
  return model.labels[probabilities.indexOf(Math.max(...probabilities))]
}

test('names a device that was not there by what its class has in common', () => {
  for (const [kind, label] of ['Lamp', 'Router', 'Toaster'].entries()) {
    const others = days.filter(({ device }) => device !== `${label}-1`)
    expect(likeliest([10 * kind, 5, 7], others)).toBe(label)
  }
})

test('the order of the days changes nothing, another seed does', () => {
  const packed = (known: readonly LabelledDay[], skip = 0) => {
    const random = sequence()
    for (let call = 0; call < skip; call++) random()
    return JSON.stringify(learnLoads(known, random))
  }

  expect(packed([...days].reverse())).toBe(packed(days))
  expect(packed(days, 1)).not.toBe(packed(days))
})

test('a device with many days weighs no more than one with a single day', () => {
  const crowd = Array.from({ length: 30 }, (_, index) => ({
    id: `a${index}`,
    label: 'Lamp',
    device: 'a',
    features: [index % 2],
  }))
  const pair = ['b', 'c'].map((device, index) => ({ id: device, label: 'Router', device, features: [index] }))

  expect(likeliest([0], [...crowd, ...pair])).toBe('Router')
})

test('there is nothing to learn from no days', () => {
  expect(() => learnLoads([], sequence())).toThrow('no days')
})

test('trees separate what can be separated and vote for the weightier class where nothing can', () => {
  const samples = [
    { features: [0], class: 0, weight: 1 },
    { features: [1], class: 1, weight: 1 },
    { features: [1], class: 0, weight: 3 },
  ]
  const trees = growTrees(samples, 2, { trees: 20, tried: 1 }, sequence())

  expect([...votes(trees, [1], 2)].map((share) => Math.round(share))).toEqual([1, 0])
  const apart = growTrees(samples.slice(0, 2), 2, { trees: 20, tried: 1 }, sequence())
  expect([...votes(apart, [0], 2)][0]).toBeCloseTo(1)
  expect([...votes(apart, [1], 2)][1]).toBeCloseTo(1)
})

test('a coarse number keeps two to three digits and stays what it is when made coarse again', () => {
  for (const value of [0, 1, -2.5, 3.21, 1_234.5, 1e-5]) {
    expect(Math.abs(coarse(value) - value)).toBeLessThanOrEqual(Math.abs(value) / 256)
    expect(coarse(coarse(value))).toBe(coarse(value))
  }
})

test('eigenvectors of a symmetric matrix, the largest value first', () => {
  const matrix = [
    [2, 1, 0],
    [1, 2, 0],
    [0, 0, 5],
  ].map((row) => Float64Array.from(row))
  const pairs = symmetricEigen(matrix)

  expect(pairs.map(({ value }) => Math.round(value * 1e9) / 1e9)).toEqual([5, 3, 1])
  for (const { value, vector } of pairs)
    for (const [index, row] of matrix.entries())
      expect(row.reduce((sum, element, column) => sum + element * (vector[column] ?? 0), 0)).toBeCloseTo(
        value * (vector[index] ?? 0),
      )
})

test('a class that the groups do not list is in none of them', () => {
  expect(groupOfLoad('Dishwasher')).toBe('wash')
  expect(groupOfLoad('Sauna')).toBe('other')
})
