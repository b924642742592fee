import { expect, test } from 'vitest'
import { replay } from '../../replay.ts'
import { levellingDrift } from './levelling-drift.ts'
import { dayOf, days, noise } from './wear-days.ts'

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
])('stays silent for %s', (_, readings) => {
  expect(replay(levellingDrift, readings)).toEqual([])
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
