import { linearRegression, mean, sampleVariance } from 'simple-statistics'
import { expect, test } from 'vitest'
import { weighStories } from './growth.ts'

/** Levels of ten days, one each. */
const points = (level: (day: number) => number) =>
  Array.from({ length: 10 }, (_, day) => ({ from: day, periods: 1, level: level(day + 0.5) }))
const restless = (day: number) => 0.02 * Math.sin(2 * day * day)

const believed = (level: (day: number) => number) => {
  const { flat, step, growths } = weighStories(points(level), 0.001)
  return { flat, step, growth: growths.reduce((sum, { belief }) => sum + belief, 0) }
}

test('a straight line from the start is that of simple-statistics', () => {
  const some = points((day) => 3 + 0.1 * day + restless(day))
  const line = weighStories(some, 0.001).growths.find(({ onset, power }) => onset === 0 && power === 1)
  const { m, b } = linearRegression(some.map(({ from, level }) => [from + 0.5, level]))

  expect(line?.rate).toBeCloseTo(m, 10)
  expect(line?.base).toBeCloseTo(b, 10)
  const scatter = some.map(({ from, level }) => level - m * (from + 0.5) - b)
  // The textbook's variance of the mean, where a line is surest; seven degrees of freedom are left, the onset took one.
  expect(line?.varianceAt(mean(some.map(({ from }) => from + 0.5)))).toBeCloseTo(
    (sampleVariance(scatter) * 9) / 7 / 10,
    10,
  )
})

test.each([
  ['nothing but noise', restless, 'flat'],
  ['one step', (day: number) => (day < 5 ? 3 : 3.5) + restless(day), 'step'],
  ['one step down', (day: number) => (day < 5 ? 3.5 : 3) + restless(day), 'step'],
  ['growth from the start', (day: number) => 3 + 0.05 * day + restless(day), 'growth'],
  ['growth from the fourth day on', (day: number) => 3 + 0.1 * Math.max(0, day - 3) + restless(day), 'growth'],
  ['growth that gets faster', (day: number) => 3 + 0.005 * day ** 2 + restless(day), 'growth'],
] as const)('of %s that story is believed', (_, level, story) => {
  expect(believed(level)[story]).toBeGreaterThan(0.7)
})

test('what falls is no growth, nor are two bad days at the end', () => {
  expect(believed((day) => 4 - 0.05 * day + restless(day)).growth).toBe(0)
  expect(believed((day) => (day < 8 ? 3 : 3 + 0.2 * (day - 7)) + restless(day)).growth).toBeLessThan(0.5)
})

test('beliefs add up to 1, and the sharper the data the fewer share them', () => {
  for (const scatter of [1, 10]) {
    const { flat, step, growth } = believed((day) => 3 + 0.05 * day + scatter * restless(day))
    expect(flat + step + growth).toBeCloseTo(1, 2)
  }
  expect(believed((day) => 3 + 0.05 * day + restless(day)).growth).toBeGreaterThan(
    believed((day) => 3 + 0.05 * day + 10 * restless(day)).growth,
  )
})

test('the onset that is believed most is the true one', () => {
  const { growths } = weighStories(
    points((day) => 3 + 0.1 * Math.max(0, day - 4) + restless(day) / 4),
    0.001,
  )
  const most = growths.reduce((best, growth) => (growth.belief > best.belief ? growth : best))
  expect(most.onset).toBe(4)
  expect(most.power).toBe(1)
})

test('what cannot be believed far enough is not fitted; what can be, is answered the same', () => {
  const noise = points((day) => restless(day + 20) + day / 1_000)
  expect(weighStories(noise, 0.001, 0.9).growths).toEqual([])
  expect(weighStories(noise, 0.001, 0).growths).not.toEqual([])

  const wear = points((day) => 3 + 0.05 * day + restless(day))
  expect(JSON.stringify(weighStories(wear, 0.001, 0.9))).toBe(JSON.stringify(weighStories(wear, 0.001, 0)))
})
