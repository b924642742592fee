import { expect, test } from 'vitest'
import { replay } from '../../replay.ts'
import { doorReopens } from './door-reopens.ts'
import { dayOf, days, noise, parked } from './wear-days.ts'

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
  [
    'one re-opening that the gateway repeats until the next cycle',
    [...well(20), ...parked(19, { doorReopens: 1, doorCycles: 408_808 }), ...days(3, () => ({ doorReopens: 0 }), 20)],
  ],
])('stays silent for %s', (_, readings) => {
  expect(replay(doorReopens, readings)).toEqual([])
})

test('fifteen of a hundred cycles instead of one, without anyone in the doorway, are found within four days', () => {
  const oneOf = (share: number) => (day: number, n: number) => ({
    doorReopens: noise(day, n) > 1 - 2 * share ? 1 : 0,
    doorCycles: 100 * day + n,
  })
  const [first] = replay(doorReopens, [...days(12, oneOf(0.01)), ...days(14, oneOf(0.15), 12)])

  expect(dayOf(first ?? { at: 0 })).toBeGreaterThanOrEqual(15)
  expect(dayOf(first ?? { at: 0 })).toBeLessThanOrEqual(18)
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
