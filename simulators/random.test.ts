import { expect, test } from 'vitest'
import { seededRandom } from './random.ts'

const draw = (seed: number, count: number) => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => random())
}

test('the same seed gives the same numbers, today and on another machine', () => {
  expect(draw(42, 3)).toEqual(draw(42, 3))
  expect(draw(42, 3)).toMatchInlineSnapshot(`
    [
      0.456255805445835,
      0.5641753580421209,
      0.5743777174502611,
    ]
  `)
})

test('numbers are spread evenly over [0, 1)', () => {
  const numbers = draw(7, 100_000)
  const tenths = Array.from({ length: 10 }, (_, tenth) => numbers.filter((n) => Math.floor(n * 10) === tenth).length)

  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...numbers)).toBeLessThan(1)
  // 100,000 draws into 10 bins: one standard deviation is 95.
  for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500)
})

test('neighbouring seeds, and seeds beyond 32 bits, have nothing in common', () => {
  const firsts = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 40].map((seed) => draw(seed, 1)[0])

  expect(new Set(firsts).size).toBe(6)
})
