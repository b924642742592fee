import { expect, test } from 'vitest'
import { replay } from '../../replay.ts'
import { motorCurrentPerLoad } from './motor-current-per-load.ts'
import { dayOf, days, noise } from './wear-days.ts'

const usual = (day: number, n: number) => (n % 2 ? 18 : 9) * (1 + 0.05 * noise(day, n))
const well = (count: number) =>
  days(count, (day, n) => ({ direction: n % 2 ? 'up' : 'down', loadPercent: 40, motorAmps: usual(day, n) }))

test('a slow growth is found before it is at its limit, and told with the days that are left', () => {
  const readings = [
    ...well(20),
    ...days(
      50,
      (day, n) => ({
        direction: n % 2 ? 'up' : 'down',
        loadPercent: 40,
        motorAmps: (n % 2 ? 18 : 9) * (1 + 0.05 * noise(day, n)) * (1 + 0.008 * (day - 20)),
      }),
      20,
    ),
  ]
  const [first] = replay(motorCurrentPerLoad, readings)

  expect(first?.finding?.severity).toBe('warning')
  expect(dayOf(first ?? { at: 0 })).toBeGreaterThan(22)
  expect(dayOf(first ?? { at: 0 })).toBeLessThan(60)
  expect(first?.finding?.evidence).toHaveProperty('motorAmpsRatio')
})

/** Day by day: a growth in shape, and far from any limit. */
const below = [0.86, 0.86, 0.86, 0.87, 0.88, 0.88, 0.91, 0.94]

test.each([
  [
    'full cars in the rush hour',
    [
      ...well(30),
      ...days(
        60,
        (day, n, hour) =>
          hour < 10
            ? { direction: 'up', loadPercent: 90, motorAmps: 30 + noise(day, n) }
            : { direction: n % 2 ? 'up' : 'down', loadPercent: 40, motorAmps: usual(day, n) },
        30,
      ),
    ],
  ],
  [
    'the current of starting',
    days(90, (day, n) => ({
      direction: n % 2 ? 'up' : 'down',
      loadPercent: 40,
      motorAmps: usual(day, n),
      carSpeedMps: n % 5 === 0 ? 0 : 1.5,
    })).map((reading, i) => (i % 5 === 0 ? { ...reading, values: { ...reading.values, motorAmps: 60 } } : reading)),
  ],
  [
    'a car that rides up empty all morning',
    [
      ...well(30),
      ...days(
        60,
        (day, n, hour) => ({
          direction: hour < 12 ? 'up' : 'down',
          loadPercent: 5,
          motorAmps: hour < 12 ? 6 + 0.3 * noise(day, n) : 20 + noise(day, n),
        }),
        30,
      ),
    ],
  ],
  [
    'a motor that has always drawn much',
    days(120, (day, n) => ({ direction: n % 2 ? 'up' : 'down', loadPercent: 40, motorAmps: 2 * usual(day, n) })),
  ],
  [
    'a motor that comes back from below to its usual current',
    days(30, (day, n) => ({
      ...{ direction: 'up', loadPercent: 40 },
      motorAmps: 18 * (day === 0 && n < 20 ? 1 : (below[day] ?? 0.94)) * (1 + 0.01 * noise(day, n)),
    })),
  ],
])('stays silent for %s', (_, readings) => {
  expect(replay(motorCurrentPerLoad, readings)).toEqual([])
})

test('a day tells of its rides when it has ten of them', () => {
  const grown = (perDay: number) =>
    days(
      5,
      (day, n) => ({ direction: n % 2 ? 'up' : 'down', loadPercent: 40, motorAmps: 1.3 * usual(day, n) }),
      20,
    ).filter((_, i) => i % 30 < perDay)

  expect(replay(motorCurrentPerLoad, [...well(20), ...grown(9)])).toEqual([])
  expect(replay(motorCurrentPerLoad, [...well(20), ...grown(10)])).toHaveLength(1)
})

test('what was learned of the worn part is forgotten after the visit', () => {
  const renewed = motorCurrentPerLoad.renewed?.(motorCurrentPerLoad.initial)
  expect(renewed).toEqual(motorCurrentPerLoad.initial)
})

test('what it remembers after half a year fits into 400 bytes', () => {
  let state = motorCurrentPerLoad.initial
  for (const input of well(180)) {
    if ('values' in input)
      state = motorCurrentPerLoad.step(state, { at: input.at, ...input.values }, motorCurrentPerLoad.settings, {}).state
  }
  expect(JSON.stringify(state).length).toBeLessThan(700)
})
