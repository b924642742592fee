import { expect, test } from 'vitest'
import { replay } from '../../replay.ts'
import { relevelling } from './relevelling.ts'
import { dayOf, days, noise, parked } from './wear-days.ts'

const usual = (day: number, n: number) => (noise(day, n) > 0.7 ? 1 : 0)
const well = (count: number) => days(count, (day, n) => ({ relevels: usual(day, n) }))

test('a slow growth is found before it is at its limit, and told with the days that are left', () => {
  const readings = [
    ...well(20),
    ...days(50, (day, n) => ({ relevels: noise(day, n) > 0.7 - 0.06 * (day - 20) ? 1 : 0 }), 20),
  ]
  const [first] = replay(relevelling, readings)

  expect(first?.finding?.severity).toBe('warning')
  expect(dayOf(first ?? { at: 0 })).toBeGreaterThan(22)
  expect(dayOf(first ?? { at: 0 })).toBeLessThan(60)
  expect(first?.finding?.evidence).toHaveProperty('relevels')
})

test.each([
  [
    'a car that has always re-levelled at every third stop',
    days(120, (day, n) => ({ relevels: noise(day, n) > 0.33 ? 1 : 0 })),
  ],
  [
    'a removal: one day of heavy loads',
    [...well(30), ...days(1, () => ({ relevels: 1 }), 30), ...days(10, (day, n) => ({ relevels: usual(day, n) }), 31)],
  ],
  [
    'a car that never re-levels, and does now and then',
    days(120, (day, n) => ({ relevels: noise(day, n) > 0.96 ? 1 : 0 })),
  ],
  [
    'one stop with re-levelling that the gateway repeats until the next',
    [...well(20), ...parked(19, { relevels: 2, trips: 7 }), ...days(3, (day, n) => ({ relevels: usual(day, n) }), 20)],
  ],
])('stays silent for %s', (_, readings) => {
  expect(replay(relevelling, readings)).toEqual([])
})

test('twice as often as usual for three days is a change, less is none', () => {
  const after = (times: number) =>
    replay(relevelling, [...days(12, () => ({ relevels: 1 })), ...days(6, () => ({ relevels: times }), 12)])

  expect(after(2)).toEqual([])
  expect(after(2.1)).toHaveLength(1)
})

test('a growth from four to forty of a hundred stops is found before it is at thirty', () => {
  const oneOf = (share: number, day: number, n: number) => ({ relevels: noise(day, n) > 1 - 2 * share ? 1 : 0 })
  const [first] = replay(relevelling, [
    ...days(12, (day, n) => oneOf(0.04, day, n)),
    ...days(15, (day, n) => oneOf(0.04 + 0.024 * (day - 12), day, n), 12),
  ])

  expect(dayOf(first ?? { at: 0 })).toBeGreaterThan(15)
  expect(dayOf(first ?? { at: 0 })).toBeLessThan(24)
})

test('what was learned of the worn part is forgotten after the visit', () => {
  const renewed = relevelling.renewed?.(relevelling.initial)
  expect(renewed).toEqual(relevelling.initial)
})

test('what it remembers after half a year fits into 400 bytes', () => {
  let state = relevelling.initial
  for (const input of well(180)) {
    if ('values' in input)
      state = relevelling.step(state, { at: input.at, ...input.values }, relevelling.settings, {}).state
  }
  expect(JSON.stringify(state).length).toBeLessThan(450)
})
