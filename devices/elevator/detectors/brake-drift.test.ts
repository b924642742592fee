import { expect, test } from 'vitest'
import { replay } from '../../replay.ts'
import { brakeDrift } from './brake-drift.ts'
import { dayOf, days, noise } from './wear-days.ts'

const usual = (day: number, n: number) => 180 + 15 * noise(day, n)
const well = (count: number) => days(count, (day, n) => ({ brakeReleaseMs: 250, brakeApplyMs: usual(day, n) }))

test('a slow growth is found before it is at its limit, and told with the days that are left', () => {
  const readings = [
    ...well(20),
    ...days(50, (day, n) => ({ brakeReleaseMs: 250, brakeApplyMs: 180 + 15 * noise(day, n) + 2.5 * (day - 20) }), 20),
  ]
  const [first] = replay(brakeDrift, readings)

  expect(first?.finding?.severity).toBe('warning')
  expect(dayOf(first ?? { at: 0 })).toBeGreaterThan(22)
  expect(dayOf(first ?? { at: 0 })).toBeLessThan(60)
  expect(first?.finding?.evidence).toHaveProperty('brakeApplyMs')
})

test.each([
  [
    'a brake that has always been slow',
    days(120, (day, n) => ({ brakeApplyMs: 400 + 30 * noise(day, n), brakeReleaseMs: 600 + 30 * noise(day, n) })),
  ],
  [
    'one slow application',
    [
      ...well(30),
      ...days(1, (_, n) => ({ brakeApplyMs: n === 3 ? 900 : 180 }), 30),
      ...days(20, (day, n) => ({ brakeApplyMs: usual(day, n) }), 31),
    ],
  ],
  [
    'a cold machine room in the morning',
    days(120, (day, n, hour) => ({
      brakeApplyMs: usual(day, n) + (hour < 10 ? 20 : 0),
      brakeReleaseMs: 250 + (hour < 10 ? 25 : 0),
    })),
  ],
  [
    'a mechanic who tests it in inspection mode',
    [
      ...well(30),
      ...days(1, () => ({ mode: 'inspection', brakeApplyMs: 900 }), 30),
      ...days(5, (day, n) => ({ mode: 'normal', brakeApplyMs: usual(day, n) }), 31),
    ],
  ],
])('stays silent for %s', (_, readings) => {
  expect(replay(brakeDrift, readings)).toEqual([])
})

test('what was learned of the worn part is forgotten after the visit', () => {
  const renewed = brakeDrift.renewed?.(brakeDrift.initial)
  expect(renewed).toEqual(brakeDrift.initial)
})

test('what it remembers after half a year fits into 400 bytes', () => {
  let state = brakeDrift.initial
  for (const input of well(180)) {
    if ('values' in input)
      state = brakeDrift.step(state, { at: input.at, ...input.values }, brakeDrift.settings, {}).state
  }
  expect(JSON.stringify(state).length).toBeLessThan(800)
})
