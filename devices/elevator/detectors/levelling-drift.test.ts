import { expect, test } from 'vitest'
import { type ReplayInput, replay, replayAll } from '../../replay.ts'
import { levellingDrift } from './levelling-drift.ts'
import { dayOf, days, noise, parked } from './wear-days.ts'

const usual = (day: number, n: number) => 3 + 2 * noise(day, n)
const well = (count: number) => days(count, (day, n) => ({ levellingErrorMm: usual(day, n) }))

test('a slow growth is found before it is at its limit, and told with the days that are left', () => {
  const readings = [
    ...well(20),
    ...days(50, (day, n) => ({ levellingErrorMm: 3 + 2 * noise(day, n) + 0.25 * (day - 20) }), 20),
  ]
  const [first] = replay(levellingDrift, readings)

  expect(first?.finding?.severity).toBe('warning')
  expect(dayOf(first ?? { at: 0 })).toBeGreaterThan(22)
  expect(dayOf(first ?? { at: 0 })).toBeLessThan(60)
  expect(first?.finding?.evidence).toHaveProperty('levellingErrorMm')
})

test.each([
  ['a car that has always stopped 6 mm off', days(120, (day, n) => ({ levellingErrorMm: -6 + 2 * noise(day, n) }))],
  [
    'one stop of 30 mm',
    [
      ...well(30),
      ...days(1, (_, n) => ({ levellingErrorMm: n === 7 ? 30 : 3 }), 30),
      ...parked(30, { levellingErrorMm: 30, trips: 7, floor: 4 }),
      ...days(30, (day, n) => ({ levellingErrorMm: usual(day, n) }), 31),
    ],
  ],
  [
    'a mechanic who levels it in inspection mode',
    [
      ...well(30),
      ...days(1, () => ({ mode: 'inspection', levellingErrorMm: 60 }), 30),
      ...days(5, (day, n) => ({ mode: 'normal', levellingErrorMm: usual(day, n) }), 31),
    ],
  ],
  [
    'a hot afternoon that adds 1 mm',
    days(120, (day, n, hour) => ({ levellingErrorMm: usual(day, n) + (hour > 14 && hour < 18 ? 1 : 0) })),
  ],
  [
    'one floor where it stops 15 mm off now and then',
    days(60, (day, n) => ({ floor: n % 6, levellingErrorMm: n % 6 === 4 && noise(day, n) > 0.4 ? 15 : usual(day, n) })),
  ],
])('stays silent for %s', (_, readings) => {
  expect(replay(levellingDrift, readings)).toEqual([])
})

test.each([
  ['with its floor', 0],
  ['after the word on its floor', 5_000],
])('one floor where it stops 16 mm off is named at its fifth stop there and once a day, told %s', (_, laterMs) => {
  const readings = [
    ...days(12, (day, n) => ({ floor: n % 6, levellingErrorMm: usual(day, n) })),
    ...days(2, (day, n) => ({ floor: n % 6, levellingErrorMm: n % 6 === 4 ? -16 : usual(day, n) }), 12),
  ].flatMap<ReplayInput>(({ at, values: { floor = 0, levellingErrorMm = 0 } }) =>
    laterMs === 0
      ? [{ at, values: { floor, levellingErrorMm } }]
      : [
          { at, values: { floor } },
          { at: at + laterMs, values: { levellingErrorMm } },
        ],
  )
  const found = replayAll(levellingDrift, readings)

  expect(found.map(dayOf)).toEqual([12, 13])
  expect(found[0]?.finding?.evidence).toEqual({ levellingErrorMm: 16, limitLevellingErrorMm: 10, floor: 4 })
})

test('an error that is told half a second before its floor is of that floor', () => {
  const readings = Array.from({ length: 6 }, (_, n) => [
    { at: n * 60_000, values: { levellingErrorMm: 16 + n / 10 } },
    { at: n * 60_000 + 500, values: { floor: 5 } },
    { at: n * 60_000 + 40_000, values: { levellingErrorMm: 2 + n / 10 } },
    { at: n * 60_000 + 40_500, values: { floor: 1 } },
  ]).flat()
  const found = replayAll(levellingDrift, readings)

  expect(found.map(({ finding }) => finding?.evidence.floor)).toEqual([5])
})

test('two floors where it stops off are both named', () => {
  const readings = days(3, (day, n) => ({
    floor: n % 6,
    levellingErrorMm: n % 6 > 3 ? 16 + noise(day, n) : usual(day, n),
  }))
  const [first, second] = replayAll(levellingDrift, readings)

  expect(first?.finding?.summary).toMatch(/at floor 4 is .* mm$/)
  expect(second?.finding?.summary).toMatch(/at floor 4 is .*; so it is at floor 5$/)
})

test('what a floor that passes by says of the stop before is no stop there', () => {
  const passing = days(12, (day, n) => ({
    ...{ floor: n % 6, carSpeedMps: n % 6 === 4 ? 1.5 : 0, trips: 30 * day + n },
    levellingErrorMm: n % 6 === 4 ? 16 : usual(day, n),
  }))
  expect(replay(levellingDrift, passing)).toEqual([])
})

test('where the car stops 16 mm off at one floor after the other, eight floors are remembered', () => {
  let state = levellingDrift.initial
  for (let n = 0; n < 40; n++) {
    const input = { at: n * 600_000, floor: n % 20, levellingErrorMm: n % 2 === 0 ? 16 : 1 }
    state = levellingDrift.step(state, input, levellingDrift.settings, {}).state
  }
  const { floors } = state as { floors: [number, object, null] }
  expect(Object.keys(floors[1])).toHaveLength(8)
})

test('what was learned of the worn part is forgotten after the visit', () => {
  const renewed = levellingDrift.renewed?.(levellingDrift.initial)
  expect(renewed).toEqual(levellingDrift.initial)
})

test('what it remembers after half a year fits into 400 bytes', () => {
  let state = levellingDrift.initial
  for (const input of well(180)) {
    if ('values' in input)
      state = levellingDrift.step(state, { at: input.at, ...input.values }, levellingDrift.settings, {}).state
  }
  expect(JSON.stringify(state).length).toBeLessThan(450)
})
