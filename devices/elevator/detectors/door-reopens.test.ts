import { expect, test } from 'vitest'
import { replay } from '../../replay.ts'
import { doorReopens } from './door-reopens.ts'
import { dayOf, days, noise } from './wear-days.ts'

const usual = (day: number, n: number) => (noise(day, n) > 0.85 ? 1 : 0)
const well = (count: number) => days(count, (day, n) => ({ doorReopens: usual(day, n) }))

test('a slow growth is found before it is at its limit, and told with the days that are left', () => {
  const readings = [
    ...well(20),
    ...days(50, (day, n) => ({ doorReopens: noise(day, n) > 0.85 - 0.05 * (day - 20) ? 1 : 0 }), 20),
  ]
  const [first] = replay(doorReopens, readings)

  expect(first?.finding?.severity).toBe('warning')
  expect(dayOf(first ?? { at: 0 })).toBeGreaterThan(22)
  expect(dayOf(first ?? { at: 0 })).toBeLessThan(60)
  expect(first?.finding?.evidence).toHaveProperty('doorReopens')
})

test.each([
  [
    'people who hold the door in the rush hour',
    [
      ...well(20),
      ...days(60, (day, n, hour) => ({ doorReopens: hour < 10 || (hour >= 17 && hour < 20) ? 2 : usual(day, n) }), 20),
    ],
  ],
  [
    'a delivery that holds it for a morning',
    [
      ...well(30),
      ...days(1, (_, n) => ({ doorReopens: n < 12 ? 3 : 0 }), 30),
      ...days(10, (day, n) => ({ doorReopens: usual(day, n) }), 31),
    ],
  ],
  ['a door that has always been touchy', days(120, (day, n) => ({ doorReopens: noise(day, n) > 0.2 ? 1 : 0 }))],
])('stays silent for %s', (_, readings) => {
  expect(replay(doorReopens, readings)).toEqual([])
})

test('its limit is three times as often as usual', () => {
  const after = (times: number) =>
    replay(doorReopens, [...days(12, () => ({ doorReopens: 1 })), ...days(2, () => ({ doorReopens: times }), 12)])

  expect(after(3.1).map(dayOf)).toEqual([13])
  expect(after(3)).toEqual([])
})

test('what was learned of the worn part is forgotten after the visit', () => {
  const renewed = doorReopens.renewed?.(doorReopens.initial)
  expect(renewed).toEqual(doorReopens.initial)
})

test('what it remembers after half a year fits into 400 bytes', () => {
  let state = doorReopens.initial
  for (const input of well(180)) {
    if ('values' in input)
      state = doorReopens.step(state, { at: input.at, ...input.values }, doorReopens.settings, {}).state
  }
  expect(JSON.stringify(state).length).toBeLessThan(450)
})
