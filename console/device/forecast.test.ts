import { expect, test } from 'vitest'
import { daysLeft, lineOf } from './forecast.ts'
import type { WearForecast } from './wire.ts'

const at = Date.parse('2026-11-29T00:00:00Z')
const dayMs = 86_400_000
const forecast: WearForecast = {
  ...{ finding: 'elevator/door-close-drift', quantity: 'doorCloseSeconds', level: 4.2, limit: 5.04 },
  ...{ at: '2026-11-29T00:00:00.000Z', days: 15.2, lowDays: 11.7, highDays: 18.4 },
}
const refused: WearForecast = { ...forecast, days: null, lowDays: null, highDays: null, refused: 'no-trend' }

test('"limit in 11–19 days": the early end is rounded down and the late one up', () => {
  expect(daysLeft(forecast, at)).toEqual({ days: 15, low: 11, high: 19 })
})

test('days count from now, not from the sample behind it, and never below 0', () => {
  expect(daysLeft(forecast, at + 3 * dayMs)).toEqual({ days: 12, low: 8, high: 16 })
  expect(daysLeft(forecast, at + 30 * dayMs)).toEqual({ days: 0, low: 0, high: 0 })
})

test('the dotted line goes from the level to the limit, with the interval there', () => {
  expect(lineOf(forecast)).toEqual({
    ...{ at, level: 4.2, limit: 5.04, limitAt: at + 15.2 * dayMs, lowAt: at + 11.7 * dayMs, highAt: at + 18.4 * dayMs },
  })
})

test('where data support no forecast, nothing is drawn and no days are said', () => {
  expect(daysLeft(refused, at)).toBeNull()
  expect(lineOf(refused)).toBeNull()
})
