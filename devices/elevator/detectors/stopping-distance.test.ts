import { expect, test } from 'vitest'
import { replay } from '../../replay.ts'
import { stoppingDistance } from './stopping-distance.ts'
import { dayOf, days, noise } from './wear-days.ts'

const usual = (day: number, n: number) => 60 + 5 * noise(day, n)
const well = (count: number) => days(count, (day, n) => ({ stopDistanceMm: usual(day, n) }))

test('a slow growth is found before it is at its limit, and told with the days that are left', () => {
  const readings = [
    ...well(20),
    ...days(50, (day, n) => ({ stopDistanceMm: 60 + 5 * noise(day, n) + 0.8 * (day - 20) }), 20),
  ]
  const [first] = replay(stoppingDistance, readings)

  expect(first?.finding?.severity).toBe('warning')
  expect(dayOf(first ?? { at: 0 })).toBeGreaterThan(22)
  expect(dayOf(first ?? { at: 0 })).toBeLessThan(60)
  expect(first?.finding?.evidence).toHaveProperty('stopDistanceMm')
})

test.each([
  ['a car with a long but steady way', days(120, (day, n) => ({ stopDistanceMm: 140 + 10 * noise(day, n) }))],
  [
    'one hard stop',
    [
      ...well(30),
      ...days(1, (_, n) => ({ stopDistanceMm: n === 3 ? 400 : 60 }), 30),
      ...days(20, (day, n) => ({ stopDistanceMm: usual(day, n) }), 31),
    ],
  ],
  [
    'full and empty cars through the day',
    days(120, (day, n) => ({ stopDistanceMm: n % 3 === 0 ? 75 + 3 * noise(day, n) : 55 + 3 * noise(day, n) })),
  ],
])('stays silent for %s', (_, readings) => {
  expect(replay(stoppingDistance, readings)).toEqual([])
})

test('what was learned of the worn part is forgotten after the visit', () => {
  const renewed = stoppingDistance.renewed?.(stoppingDistance.initial)
  expect(renewed).toEqual(stoppingDistance.initial)
})

test('what it remembers after half a year fits into 400 bytes', () => {
  let state = stoppingDistance.initial
  for (const input of well(180)) {
    if ('values' in input)
      state = stoppingDistance.step(state, { at: input.at, ...input.values }, stoppingDistance.settings, {}).state
  }
  expect(JSON.stringify(state).length).toBeLessThan(450)
})
