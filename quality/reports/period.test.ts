import { expect, test } from 'vitest'
import { instantOfText, shanghai } from '../../core/local-time.ts'
import { nameOfPeriod, periodNamed, periodsEnded, twelveMonthsUpTo } from './period.ts'

const at = (text: string) => instantOfText(text, shanghai) ?? Number.NaN

test('a month and a quarter begin and end at midnight in Shanghai', () => {
  expect(periodNamed('2024-02')).toEqual({ type: 'monthly', from: at('2024-02-01 00:00'), to: at('2024-03-01 00:00') })
  expect(periodNamed('2026-Q4')).toEqual({
    type: 'quarterly',
    from: at('2026-10-01 00:00'),
    to: at('2027-01-01 00:00'),
  })
  for (const name of ['2026-11', '2026-Q1']) expect(nameOfPeriod(periodNamed(name) ?? never())).toBe(name)
  const days = { type: 'custom', from: at('2026-11-03 00:00'), to: at('2026-11-21 00:00') } as const
  expect(nameOfPeriod(days)).toBe('2026-11-03/2026-11-20')
  for (const wrong of ['2026-13', '2026-00', '2026-Q5', '2026', '26-01', '2026-11-01']) {
    expect(periodNamed(wrong)).toBeUndefined()
  }
})

test('after downtime every period that ended meanwhile is due, and none that runs or had begun before', () => {
  const names = (type: 'monthly' | 'quarterly', since: string, now: string) =>
    periodsEnded(type, at(since), at(now)).map(nameOfPeriod)
  expect(names('monthly', '2026-08-01 00:00', '2026-10-31 23:59')).toEqual(['2026-08', '2026-09'])
  expect(names('monthly', '2026-08-01 00:01', '2026-11-01 00:00')).toEqual(['2026-09', '2026-10'])
  expect(names('quarterly', '2025-12-31 00:00', '2026-12-31 23:59')).toEqual(['2026-Q1', '2026-Q2', '2026-Q3'])
  expect(names('quarterly', '2026-12-01 00:00', '2026-12-31 23:59')).toEqual([])
})

test('twelve months end with the one in which the period ends', () => {
  const names = twelveMonthsUpTo(periodNamed('2026-Q1') ?? never()).map(nameOfPeriod)
  expect([names.length, names[0], names.at(-1)]).toEqual([12, '2025-04', '2026-03'])
})

function never(): never {
  throw new Error('it is one')
}
