import { expect, test } from 'vitest'
import { dayMs } from '../core/clock.ts'
import { leftEvidence, lookAhead, newOutlook, type Outlook, outlookDefaults, wearForecast } from './outlook.ts'

const settings = { ...outlookDefaults, periodHours: 24, fewestValues: 1, resolution: 1 }
const limit = 15

/** One value a day, with a wobble of a few tenths; what is seen each day. */
function seen(days: number, level: (day: number) => number, changed: Partial<typeof settings> = {}): Outlook[] {
  let outlook = newOutlook
  return Array.from({ length: days }, (_, day) => {
    const wobble = 0.3 * Math.sin(day * 2.4)
    outlook = lookAhead(outlook, day * dayMs, level(day) + wobble, limit, { ...settings, ...changed })
    return outlook
  })
}

const growing = (perDay: number) => (day: number) => 4 + Math.max(0, day - 10) * perDay
const isDue = ({ dueDays }: Outlook) => dueDays !== null
const isNear = (days: number) => (outlook: Outlook) => outlook.left !== null && outlook.left[1] <= days

test('a visit is due when two days in a row say so, near enough and high enough', () => {
  const all = seen(90, growing(0.15))
  const near = all.map((outlook) => isNear(30)(outlook) && outlook.wear.usual >= limit / 2)
  const first = all.findIndex(isDue)

  expect(first).toBeGreaterThan(10)
  expect(near[first]).toBe(true)
  expect(isNear(30)(all[first - 1] ?? newOutlook)).toBe(true)
  const once = seen(90, growing(0.15), { noticeShare: 0 })
  const firstNear = once.findIndex(isNear(30))
  const second = once.findIndex((outlook, day) => isNear(30)(outlook) && isNear(30)(once[day - 1] ?? newOutlook))
  expect(once.findIndex(isDue)).toBe(second)
  // one such day stands alone in between
  expect(second).toBeGreaterThan(firstNear + 1)
})

test('a slow growth that is known already is not due before it is near', () => {
  const all = seen(260, growing(0.05))
  const first = all.findIndex(isDue)

  expect(
    all.slice(0, first).filter((outlook) => outlook.left !== null && outlook.wear.usual >= limit / 2).length,
  ).toBeGreaterThan(5)
  expect(all[first]?.left?.[1]).toBeLessThanOrEqual(30)
})

test('it stays due while a day now and then has no answer, and is over two weeks after the growth stopped', () => {
  const stopped = seen(140, (day) => Math.min(growing(0.15)(day), 10))
  const [from, to] = [stopped.findIndex(isDue), stopped.findLastIndex(isDue)]

  expect(from).toBeGreaterThan(0)
  expect(stopped.slice(from, to + 1).every(isDue)).toBe(true)
  expect(to).toBeLessThan(139)
  expect(stopped.slice(to - 12, to + 1).some(isNear(60))).toBe(false)
})

const seenAfter = (outlook: Outlook) => lookAhead(outlook, 41 * dayMs, 9, limit, settings)

test('it looks ahead once a day, and goes on after a restart', () => {
  const before = seen(40, growing(0.15)).at(-1) ?? newOutlook
  const noon = lookAhead(before, 39.5 * dayMs, 9, limit, settings)

  expect(noon.left).toBe(before.left)
  const restored = JSON.parse(JSON.stringify(before))
  expect(seenAfter(restored)).toEqual(seenAfter(before))
})

test('a forecast is told with its interval, or with the reason why there is none', () => {
  const grown = seen(60, growing(0.15)).at(-1) ?? newOutlook

  expect(wearForecast('milliamps', grown, limit, settings)).toMatchObject({
    limit,
    days: grown.left?.[0],
    at: 59 * dayMs,
  })
  expect(leftEvidence(grown.left)).toEqual({
    ...{ leftDays: grown.left?.[0], leftLowDays: grown.left?.[1], leftHighDays: grown.left?.[2] },
  })
  const steady = seen(60, () => 6).at(-1) ?? newOutlook
  expect(wearForecast('milliamps', steady, limit, settings)).toMatchObject({ days: null, refused: 'no-trend' })
  expect(leftEvidence(steady.left)).toEqual({})
  expect(wearForecast('milliamps', newOutlook, limit, settings)).toBeUndefined()
})
