import { expect, test } from 'vitest'
import { hourMs } from './clock.ts'
import {
  addDays,
  addMonths,
  instantOfText,
  instantOfWall,
  localDate,
  localTime,
  shanghai,
  startOfDate,
  wallClock,
  weekdayOfWall,
} from './local-time.ts'

test('a day in Shanghai begins at 16:00 UTC of the day before, also over New Year', () => {
  const newYear = Date.UTC(2026, 11, 31, 16)
  expect(startOfDate('2027-01-01', shanghai)).toBe(newYear)
  expect(localDate(newYear - 1, shanghai)).toBe('2026-12-31')
  expect(localDate(newYear, shanghai)).toBe('2027-01-01')
  expect(localTime(newYear - 1, shanghai)).toBe('23:59')
  expect(localTime(newYear, shanghai)).toBe('00:00')
  expect(wallClock(newYear - 1, shanghai)).toBe(Date.UTC(2026, 11, 31, 23, 59, 59, 999))
})

test('where there is summer time, a wall clock is still found, and the missing hour is the one behind it', () => {
  const zone = 'Europe/Berlin'
  expect(instantOfWall(Date.UTC(2026, 2, 29, 1, 59), zone)).toBe(Date.UTC(2026, 2, 29, 0, 59))
  expect(instantOfWall(Date.UTC(2026, 2, 29, 3), zone)).toBe(Date.UTC(2026, 2, 29, 1))
  expect(instantOfWall(Date.UTC(2026, 2, 29, 2, 30), zone)).toBe(Date.UTC(2026, 2, 29, 1, 30))
  expect(instantOfWall(Date.UTC(2026, 9, 25, 12), zone)).toBe(Date.UTC(2026, 9, 25, 11))
})

test.each([
  ['2026-01-31', 1, '2026-02-28'],
  ['2028-01-31', 1, '2028-02-29'],
  ['2028-02-29', 12, '2029-02-28'],
  ['2026-11-30', 3, '2027-02-28'],
  ['2026-12-15', 1, '2027-01-15'],
  ['2026-08-31', 6, '2027-02-28'],
  ['2026-10-31', -1, '2026-09-30'],
])('%s and %d months is %s', (date, months, expected) => {
  expect(addMonths(date, months)).toBe(expected)
})

test('days are added over month, year and leap day', () => {
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
  expect(addDays('2026-02-28', 1)).toBe('2026-03-01')
  expect(addDays('2026-12-25', 15)).toBe('2027-01-09')
})

test('weekdays are 1 for Monday to 7 for Sunday', () => {
  const monday = Date.UTC(2026, 10, 23)
  const days = Array.from({ length: 7 }, (_, day) => weekdayOfWall(monday + day * 24 * hourMs))
  expect(days).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(weekdayOfWall(monday - 1)).toBe(7)
})

test.each([
  ['2026-11-24T08:00:00Z', Date.UTC(2026, 10, 24, 8)],
  ['2026-11-24T16:00+08:00', Date.UTC(2026, 10, 24, 8)],
  ['2026-11-24 16:00', Date.UTC(2026, 10, 24, 8)],
  ['2026-11-24T16:00:30', Date.UTC(2026, 10, 24, 8, 0, 30)],
  ['24.11.2026', undefined],
  ['2026-11-24T16:00:30.5+08:00', Date.UTC(2026, 10, 24, 8, 0, 30, 500)],
  ['2028-02-29 16:00', Date.UTC(2028, 1, 29, 8)],
  ['2026-13-24 16:00', undefined],
  ['2026-02-30 16:00', undefined],
  ['2026-02-29T16:00:00Z', undefined],
  ['2026-11-24 24:00', undefined],
  ['2026-11-24T16:00+25:00', undefined],
  ['2026-11-24 16:00 and more', undefined],
  ['', undefined],
])('"%s" is read as people write it', (text, expected) => {
  expect(instantOfText(text, shanghai)).toBe(expected)
})
