import { expect, test } from 'vitest'
import { dayMs } from '../clock.ts'
import { forecastByLaw, learnGrowthLaw, leaveOneOut, type WearLife } from './growth-law.ts'
import { newWear, observeWear, wearPoints } from './wear-history.ts'

const settings = { periodHours: 24, fewestValues: 1, resolution: 0.1 }
const limit = 100

/** A part's level is a power of time; its life, to the level it came to, is remembered at nine times. */
function lifeOf(part: { pace: number; days: number; endLevel?: number }, remembered = 9): WearLife {
  const { pace, days, endLevel = limit } = part
  const end = days * (endLevel / limit) ** pace
  const life: WearLife[number][] = []
  let wear = newWear
  for (let day = 0.5; day < end + 1; day++) {
    wear = observeWear(wear, day * dayMs, limit * (day / days) ** (1 / pace), settings)
    if (day >= ((life.length + 1) * end) / (remembered + 1)) life.push(wearPoints(wear))
  }
  return life
}

/** Parts that live 60 to 240 days, of which the paces differ. */
const paces = [0.3, 0.34, 0.38, 0.42, 0.46, 0.5, 0.36, 0.44, 0.4, 0.32, 0.48]
const lives = paces.map((pace, i) => lifeOf({ pace, days: 60 + 18 * i }))

test('a part with its own pace is foretold from its own pace, however long it lives', () => {
  const law = learnGrowthLaw(lives, limit)
  for (const [pace, days] of [
    [0.35, 90],
    [0.45, 200],
  ] as const) {
    const halfway = lifeOf({ pace, days })[5] ?? []
    const forecast = forecastByLaw(halfway, limit, law)
    const life = (forecast?.elapsed ?? 0) * Math.exp(forecast?.mean ?? 0)
    expect(life / days).toBeGreaterThan(0.95)
    expect(life / days).toBeLessThan(1.05)
  }
  expect(law.ownPace).toBeGreaterThan(0.7)
})

test('parts that were taken out early tell of the way they went', () => {
  const taken = paces.map((pace, i) => lifeOf({ pace, days: 60 + 18 * i, endLevel: 40 + 5 * i }))
  const forecast = forecastByLaw(lifeOf({ pace: 0.4, days: 120 })[5] ?? [], limit, learnGrowthLaw(taken, limit))
  expect((forecast?.elapsed ?? 0) * Math.exp(forecast?.mean ?? 0)).toBeGreaterThan(110)
  expect((forecast?.elapsed ?? 0) * Math.exp(forecast?.mean ?? 0)).toBeLessThan(130)
})

test('eight of ten ends lie in their interval when foretold by the other parts, and it narrows towards the end', () => {
  const law = learnGrowthLaw(lives, limit)
  const all = leaveOneOut(lives, limit)
  const inside = all.filter(
    ({ forecast: { elapsed, mean, deviation }, life }) =>
      Math.abs(Math.log(life / elapsed) - mean) <= 1.2816 * law.miss * deviation,
  )
  expect(all.length).toBeGreaterThan(60)
  expect(inside.length / all.length).toBeGreaterThan(0.78)
  expect(inside.length / all.length).toBeLessThan(0.83)

  const part = lifeOf({ pace: 0.4, days: 120 })
  const early = forecastByLaw(part[3] ?? [], limit, law)?.deviation ?? 0
  const late = forecastByLaw(part[8] ?? [], limit, law)?.deviation ?? 0
  expect(late).toBeLessThan(early)
  const atLimit = forecastByLaw(part.at(-1) ?? [], limit, law)
  expect(atLimit?.mean).toBeCloseTo(0, 1)
  expect(atLimit?.deviation).toBeGreaterThan(0.1 * early)
})

test('nothing is said of a part that is hardly worn, nor of one that jumped to its level', () => {
  const law = learnGrowthLaw(lives, limit)
  expect(forecastByLaw([], limit, law)).toBeUndefined()
  expect(forecastByLaw(lifeOf({ pace: 0.4, days: 120, endLevel: 4 }).at(-1) ?? [], limit, law)).toBeUndefined()

  const jumped = Array.from({ length: 10 }, (_, day) => ({ from: day, periods: 1, level: 50 }))
  expect(forecastByLaw(jumped, limit, law)).toBeUndefined()
})

test('a level that wavers is taken as the rising one nearest to it', () => {
  const law = learnGrowthLaw(lives, limit)
  const part = lifeOf({ pace: 0.4, days: 120 })[5] ?? []
  const wavering = part.map((point, i) => ({ ...point, level: point.level * (i % 2 === 0 ? 1.03 : 0.97) }))
  const [calm, restless] = [part, wavering].map((points) => {
    const forecast = forecastByLaw(points, limit, law)
    return (forecast?.elapsed ?? 0) * Math.exp(forecast?.mean ?? 0)
  })
  expect((restless ?? 0) / (calm ?? 1)).toBeGreaterThan(0.9)
  expect((restless ?? 0) / (calm ?? 1)).toBeLessThan(1.1)
})

test('a law is not learned from one life, nor from lives that ended before they told anything', () => {
  expect(() => learnGrowthLaw([], limit)).toThrow(/more/)
  expect(() => learnGrowthLaw([lifeOf({ pace: 0.4, days: 100 })], limit)).toThrow(/more/)
  const early = paces.map((pace, i) => lifeOf({ pace, days: 60 + 18 * i, endLevel: 20 }))
  expect(() => learnGrowthLaw(early, limit)).toThrow(/more/)
})
