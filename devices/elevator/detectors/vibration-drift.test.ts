import { expect, test } from 'vitest'
import { replay } from '../../replay.ts'
import { vibrationDrift } from './vibration-drift.ts'
import { dayOf, days, noise } from './wear-days.ts'

const usual = (day: number, n: number) => 0.8 + 0.1 * noise(day, n)
const well = (count: number) => days(count, (day, n) => ({ vibrationMmPerS: usual(day, n) }))

test('a slow growth is found before it is at its limit, and told with the days that are left', () => {
  const readings = [
    ...well(20),
    ...days(50, (day, n) => ({ vibrationMmPerS: 0.8 + 0.1 * noise(day, n) + 0.03 * (day - 20) }), 20),
  ]
  const [first] = replay(vibrationDrift, readings)

  expect(first?.finding?.severity).toBe('warning')
  expect(dayOf(first ?? { at: 0 })).toBeGreaterThan(22)
  expect(dayOf(first ?? { at: 0 })).toBeLessThan(60)
  expect(first?.finding?.evidence).toHaveProperty('vibrationMmPerS')
})

test.each([
  ['an old machine that has always shaken', days(120, (day, n) => ({ vibrationMmPerS: 3.2 + 0.3 * noise(day, n) }))],
  [
    'a rough start and stop of every ride',
    days(120, (day, n) =>
      n % 2 ? { vibrationMmPerS: 4, carSpeedMps: 0.02 } : { vibrationMmPerS: usual(day, n), carSpeedMps: 1.6 },
    ),
  ],
  [
    'a day of heavy goods',
    [
      ...well(30),
      ...days(1, (day, n) => ({ vibrationMmPerS: 1.3 + 0.1 * noise(day, n) }), 30),
      ...days(20, (day, n) => ({ vibrationMmPerS: usual(day, n) }), 31),
    ],
  ],
  [
    'a mechanic who runs it in inspection mode',
    [
      ...well(30),
      ...days(4, () => ({ mode: 'inspection', vibrationMmPerS: 5 }), 30),
      ...days(5, (day, n) => ({ mode: 'normal', vibrationMmPerS: usual(day, n) }), 34),
    ],
  ],
])('stays silent for %s', (_, readings) => {
  expect(replay(vibrationDrift, readings)).toEqual([])
})

test('twenty more values over the limit than under it are enough, and not one less', () => {
  const [first] = replay(vibrationDrift, [...well(12), ...days(1, () => ({ vibrationMmPerS: 5 }), 12)])
  expect(first?.index).toBe(12 * 30 + 19)
})

test('what was learned of the worn part is forgotten after the visit', () => {
  const renewed = vibrationDrift.renewed?.(vibrationDrift.initial)
  expect(renewed).toEqual(vibrationDrift.initial)
})

test('what it remembers after half a year fits into 400 bytes', () => {
  let state = vibrationDrift.initial
  for (const input of well(180)) {
    if ('values' in input)
      state = vibrationDrift.step(state, { at: input.at, ...input.values }, vibrationDrift.settings, {}).state
  }
  expect(JSON.stringify(state).length).toBeLessThan(450)
})
