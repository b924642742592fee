import { mean, variance } from 'simple-statistics'
import { expect, test } from 'vitest'
import { learnMean, learnMeanAndVariance, noMean, weightOf } from './ewma.ts'

const values = Array.from({ length: 200 }, (_, index) => 50 + 10 * Math.sin(index) + (index % 7))

test('while 1/n is above the rate it is the ordinary mean and variance', () => {
  let both = noMean
  let alone = 0
  values.forEach((value, index) => {
    both = learnMeanAndVariance(both, value, weightOf(0.001, index + 1))
    alone = learnMean(alone, value, weightOf(0.001, index + 1))
  })

  expect(both[0]).toBeCloseTo(mean(values), 4)
  expect(both[1]).toBeCloseTo(variance(values), 3)
  expect(alone).toBeCloseTo(mean(values), 4)
})

test('later a value that lies n samples back weighs (1 − rate)ⁿ of the newest', () => {
  let both = noMean
  values.forEach((value, index) => {
    both = learnMeanAndVariance(both, value, weightOf(0.2, index + 1))
  })
  const weights = values.map((_, index) => 0.8 ** (values.length - 1 - index))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const weighted = (of: (value: number) => number) =>
    values.reduce((total, value, index) => total + (weights[index] ?? 0) * of(value), 0) / sum
  const centre = weighted((value) => value)

  expect(both[0]).toBeCloseTo(centre, 4)
  expect(both[1]).toBeCloseTo(
    weighted((value) => (value - centre) ** 2),
    3,
  )
})
