import { sum, variance } from 'simple-statistics'
import { expect, test } from 'vitest'
import { learnExcursion, learnMeanReversion, noMeanReversion, pullOf, scaleOf } from './mean-reversion.ts'
import { noise } from './noise.ts'

/** Of a series around 0, with an exponential mean of rate 0.4 before each sample. */
function learned(values: readonly number[]) {
  const pairs: { value: number; recent: number }[] = []
  let recent = 0
  let reversion = noMeanReversion
  values.forEach((value, index) => {
    pairs.push({ value, recent })
    reversion = learnMeanReversion(reversion, value, recent, 1 / (index + 1))
    recent += 0.4 * (value - recent)
  })
  return { pairs, reversion }
}

const white = noise(7, 3_000)
const pulled = (share: number) => {
  let at = 0
  return white.map((step) => {
    at = share * at + step
    return at
  })
}
const wandering = pulled(1)

test('the pull is the least-squares slope without intercept', () => {
  const { pairs, reversion } = learned(pulled(0.8))
  const slope = sum(pairs.map(({ value, recent }) => value * recent)) / sum(pairs.map(({ recent }) => recent ** 2))

  expect(pullOf(reversion)).toBeCloseTo(slope, 4)
})

test('white noise has its own deviation as yardstick, and next to no pull', () => {
  const { reversion } = learned(white)

  expect(pullOf(reversion)).toBeLessThan(0.1)
  expect(scaleOf(reversion) / Math.sqrt(variance(white))).toBeCloseTo(1, 1)
})

test('a series that wanders is expected where it was', () => {
  expect(pullOf(learned(wandering).reversion)).toBeGreaterThan(0.95)
})

test('errors that keep their sign for long raise the yardstick above their own deviation', () => {
  const { reversion } = learned(white.map((value, index) => value + 3 * Math.sin(index / 8)))

  expect(scaleOf(reversion)).toBeGreaterThan(1.2 * Math.sqrt(reversion[2]))
})

test('an excursion widens the yardstick by a half at most, and never beyond itself', () => {
  const { reversion } = learned(white)
  const scale = scaleOf(reversion)
  const after = (excursions: number, extent: number) => {
    let widened = reversion
    for (let count = 0; count < excursions; count++) widened = learnExcursion(widened, extent)
    return scaleOf(widened)
  }

  expect(after(1, 500) / scale).toBeCloseTo(1.5, 1)
  expect(after(50, 500)).toBeCloseTo(500, 0)
  expect(after(1, 0.1)).toBe(scale)
})
