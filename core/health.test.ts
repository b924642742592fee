import { expect, test } from 'vitest'
import { type HealthInput, healthOf, rollUp } from './health.ts'

const well: HealthInput = { findings: [], forecasts: [], emergencies: 0, coverage: 1 }
const forecast = {
  finding: 'elevator/door-close-drift',
  ...{ quantity: 'doorCloseSeconds', level: 3.4, limit: 4, at: 0, days: 40, lowDays: 30, highDays: 55 },
}

test('a device about which all is known and nothing is found has 100', () => {
  expect(healthOf(well)).toEqual({ score: 100, coverage: 1, parts: [] })
})

test('every point that is missing stands in a part', () => {
  const { score, parts } = healthOf({
    findings: [
      { finding: 'elevator/motor-over-temperature', severity: 'urgent' },
      { finding: 'elevator/door-reopens', severity: 'warning' },
    ],
    forecasts: [forecast],
    emergencies: 2,
    coverage: 0.9,
  })
  expect(parts.map(({ cause, points }) => [cause, points])).toEqual([
    ['finding', 40],
    ['finding', 15],
    ['forecast', 10],
    ['repeats', 10],
    ['coverage', 2],
  ])
  expect(score).toBe(100 - 40 - 15 - 10 - 10 - 2)
})

test('no data is not healthy: nobody knows', () => {
  expect(healthOf({ ...well, coverage: 0 })).toMatchObject({ score: null, parts: [{ cause: 'coverage', points: 20 }] })
  expect(healthOf({ ...well, coverage: 0.09 }).score).toBeNull()
  expect(healthOf({ ...well, coverage: 0.5 }).score).toBe(90)
})

test('it never goes below nothing', () => {
  const critical = { finding: 'elevator/entrapment', severity: 'critical' } as const
  expect(healthOf({ ...well, findings: [critical, critical] }).score).toBe(0)
})

test.each([
  ['one that is far away', { lowDays: 60, highDays: 90, days: 70 }],
  ['one that the data do not support', { days: null, lowDays: null, highDays: null, refused: 'no-trend' }],
])('a forecast takes no points: %s', (_, given) => {
  expect(healthOf({ ...well, forecasts: [{ ...forecast, ...given }] }).score).toBe(100)
})

test('a building has the mean of what is known, and says what is not', () => {
  expect(rollUp([100, 50, null])).toEqual({ devices: 3, unknown: 1, mean: 75, lowest: 50, needWork: 1 })
  expect(rollUp([null])).toEqual({ devices: 1, unknown: 1, mean: null, lowest: null, needWork: 0 })
  expect(rollUp([])).toMatchObject({ devices: 0, mean: null })
})
