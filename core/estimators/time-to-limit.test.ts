import { median } from 'simple-statistics'
import { expect, test } from 'vitest'
import { dayMs } from '../clock.ts'
import { type NoForecast, type TimeToLimit, timeToLimit, wearDefaults } from './time-to-limit.ts'
import { newWear, observeWear } from './wear-history.ts'

const settings = { ...wearDefaults, resolution: 0.05 }
const limit = 4

/** The level of a door that closes in 3 s when sound, on each day; null on a day of silence. */
type Course = (day: number) => number | null

type Said = TimeToLimit | NoForecast

/** What is said in the evening of each day, or of each from one on, of a restless door with 20 closings a day. */
function evenings(days: number, course: Course, seed = 1, from = 0): Said[] {
  const random = randomFrom(seed)
  let wear = newWear
  return Array.from({ length: days }, (_, day) => {
    for (let i = 0; i < 20; i++) {
      const at = day + (i + 0.5) / 20
      const level = course(at)
      const jam = random() < 0.02 ? 5 * random() : 0
      if (level !== null) wear = observeWear(wear, at * dayMs, level + 0.2 * normal(random) + jam, settings)
    }
    return day < from ? [] : [timeToLimit(wear, (day + 1) * dayMs, limit, settings)]
  }).flat()
}

/** What is said on the last evening; the middle of nine such doors. */
function middle(days: number, course: Course): { days: number; lowDays: number; highDays: number } {
  const said = Array.from({ length: 9 }, (_, i) => evenings(days, course, i + 1, days - 1)[0] as TimeToLimit)
  return {
    days: median(said.map((one) => one.days)),
    lowDays: median(said.map((one) => one.lowDays)),
    highDays: median(said.map((one) => one.highDays)),
  }
}

const steady: Course = () => 3
const linear: Course = (day) => 3 + day / 40
const accelerating: Course = (day) => 3 + (day / 40) ** 2

const forecasts = (said: readonly Said[]) => said.filter((one) => one.refused === undefined)
const refusals = (said: readonly Said[]) => new Set(said.map(({ refused }) => refused))

test.each([
  ['evenly', linear, 40],
  ['faster and faster', accelerating, 40],
  ['evenly, after a month of health', (day: number) => linear(Math.max(0, day - 30)), 70],
])('of a door that wears %s the end is known ten days ahead, then ever better', (_, course, end) => {
  const tenAhead = middle(end - 10, course)
  expect(tenAhead.days).toBeGreaterThan(7)
  expect(tenAhead.days).toBeLessThan(14)
  expect(tenAhead.lowDays).toBeLessThan(10)
  expect(tenAhead.highDays).toBeGreaterThan(10)

  const twoAhead = middle(end - 2, course)
  expect(twoAhead.days).toBeGreaterThan(0.5)
  expect(twoAhead.days).toBeLessThan(3)
  expect(twoAhead.highDays - twoAhead.lowDays).toBeLessThan((tenAhead.highDays - tenAhead.lowDays) / 2)
})

test('level, level before and growth are those of the door', () => {
  const said = evenings(30, linear).at(-1) as TimeToLimit
  expect(said.level).toBeCloseTo(3.75, 0)
  expect(said.baseLevel).toBeCloseTo(3, 0)
  expect(said.perDay).toBeGreaterThan(0.5 / 40)
  expect(said.perDay).toBeLessThan(2 / 40)
})

test('at the limit and beyond the time is over', () => {
  expect(evenings(44, linear).at(-1)).toMatchObject({ days: 0, lowDays: 0 })
})

test.each([
  ['a steady door', steady, 'no-trend'],
  ['weather that comes and goes', (day: number) => 3 + 0.2 * Math.sin(day / 2), 'no-trend'],
  ['a door that became faster', (day: number) => 4 - day / 100, 'step'],
])('%s is given no end, on any of 90 days', (_, course, reason) => {
  const said = evenings(90, course)
  expect(forecasts(said)).toEqual([])
  expect(refusals(said)).toContain(reason)
})

test('a door that was set slower is no wear, the days after it', () => {
  const said = evenings(37, (day) => (day < 30 ? 3 : 3.6))
  expect(forecasts(said)).toEqual([])
  expect(said.at(-1)).toEqual({ refused: 'step' })
})

test("a season's swing is given no end, or one beyond all planning", () => {
  const said = evenings(365, (day) => 3 - 0.2 * Math.cos((2 * Math.PI * day) / 365))
  for (const { lowDays } of forecasts(said)) expect(lowDays).toBeGreaterThan(30)
})

test('what would come much later than was watched is refused', () => {
  const said = evenings(100, (day) => 3 + day / 600)
  expect(forecasts(said)).toEqual([])
  expect(refusals(said)).toContain('too-far')
})

test('a growth far below its limit is refused, however fast it seems to become', () => {
  const levels = [0.86, 0.86, 0.86, 0.87, 0.88, 0.88, 0.91, 0.94, 0.94]
  const wear = levels
    .flatMap((level, day) => Array.from({ length: 20 }, (_, i) => ({ at: day + (i + 0.5) / 20, level })))
    .reduce(
      (state, { at, level }) => observeWear(state, at * dayMs, level, { ...settings, resolution: 0.005 }),
      newWear,
    )
  const until = (end: number) => timeToLimit(wear, 8 * dayMs, end, { ...settings, resolution: 0.005 })

  expect(until(1.4)).toEqual({ refused: 'too-far' })
  expect(until(1.3)).not.toHaveProperty('refused')
})

test('a limit that is never reached is too far, and no endless search', () => {
  const wear = Array.from({ length: 30 * 20 }, (_, i) => (i + 0.5) / 20).reduce(
    (state, day) => observeWear(state, day * dayMs, 3 + day / 40, settings),
    newWear,
  )
  expect(timeToLimit(wear, 30 * dayMs, limit, settings)).not.toHaveProperty('refused')
  expect(timeToLimit(wear, 30 * dayMs, Infinity, settings)).toEqual({ refused: 'too-far' })
})

test('nothing is said from a week, nor of a door that has not been heard for a week', () => {
  const fast = evenings(12, (day) => 3 + day / 10)
  expect(refusals(fast.slice(0, 8))).toEqual(new Set(['too-little-data']))
  expect(fast[8]).not.toEqual({ refused: 'too-little-data' })
  expect(forecasts(fast)).not.toEqual([])

  const silent = evenings(50, (day) => (day < 30 ? linear(day) : null))
  expect(silent[35]).not.toHaveProperty('refused')
  expect(silent[38]).toEqual({ refused: 'too-little-data' })
})

test('in doubt nothing is said: twelve days of slow wear may as well be noise or a step', () => {
  const said = Array.from({ length: 9 }, (_, i) => evenings(12, linear, i + 1, 11)[0]?.refused)
  expect(said.filter((why) => why === 'no-trend' || why === 'step').length).toBeGreaterThanOrEqual(8)
})

test('a gap of a week in the readings does not hide the wear', () => {
  const { days } = middle(32, (day) => (day > 12 && day < 20 ? null : linear(day)))
  expect(days).toBeGreaterThan(6)
  expect(days).toBeLessThan(11)
})

test('one bad day neither makes nor hides a forecast', () => {
  const bad =
    (course: Course): Course =>
    (day) =>
      Math.floor(day) === 25 ? 8 : course(day)
  expect(forecasts(evenings(40, bad(steady)))).toEqual([])

  const { days } = middle(34, bad(linear))
  expect(days).toBeGreaterThan(4)
  expect(days).toBeLessThan(9)
})

test('with the law of its make, a part is foretold by it alone', () => {
  // Levels of all such parts grow with the square of time: pace 1/2.
  const law = { constant: 0.5, ownPace: 0, nearness: 0, miss: 0.05 }
  const perDay = (day: number) => 4 * (day / 40) ** 2
  const wear = Array.from({ length: 21 * 20 }, (_, i) => (i + 0.5) / 20).reduce(
    (state, day) => observeWear(state, day * dayMs, perDay(day), settings),
    newWear,
  )
  const said = timeToLimit(wear, 21 * dayMs, limit, settings, law) as TimeToLimit
  expect(said.days).toBeCloseTo(19, 0)
  expect(said.lowDays).toBeGreaterThan(14)
  expect(said.lowDays).toBeLessThan(said.days)
  expect(said.highDays).toBeGreaterThan(said.days)
  expect(said.highDays).toBeLessThan(24)

  expect(timeToLimit(wear, 21 * dayMs, 100 * limit, settings, law)).toEqual({ refused: 'too-little-data' })
  expect(timeToLimit(wear, 21 * dayMs, 4 * limit, settings, { ...law, constant: 2 })).toEqual({ refused: 'too-far' })
})

test('eight of ten ends of simulated wear lie within their interval', () => {
  const counts = { inside: 0, early: 0, late: 0 }
  for (let seed = 1; seed <= 30; seed++) {
    const random = randomFrom(seed * 7_919)
    const power = [0.7, 1, 1.3, 2, 3][Math.floor(random() * 5)] ?? 1
    const healthyDays = Math.floor(random() * 40)
    const lifeDays = 15 + random() * 45
    const end = healthyDays + lifeDays
    const said = evenings(Math.floor(end), (day) => 3 + (Math.max(0, day - healthyDays) / lifeDays) ** power, seed)
    for (const [day, one] of said.entries()) {
      if (one.refused !== undefined) continue
      const left = end - day - 1
      counts[left < one.lowDays ? 'early' : left > one.highDays ? 'late' : 'inside'] += 1
    }
  }
  const { inside, early, late } = counts
  expect(inside + early + late).toBeGreaterThan(400)
  expect(inside / (inside + early + late)).toBeGreaterThan(0.7)
  expect(inside / (inside + early + late)).toBeLessThan(0.9)
})

/** Repeatable random numbers in [0, 1): mulberry32, T. Ettinger 2017, public domain. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
