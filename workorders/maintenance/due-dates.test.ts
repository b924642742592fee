import { expect, test } from 'vitest'
import { shanghai, startOfDate } from '../../core/local-time.ts'
import type { MaintenanceItem, Regime } from '../../core/visit.ts'
import { type DoneVisit, dueItems } from './due-dates.ts'

function regime(from: string, given: Partial<Regime> = {}): Regime {
  const validFrom = startOfDate(from, shanghai)
  return { deviceId: 'elv-1', type: 'calendar', dueFrom: 'completion', validFrom, validUntil: null, ...given }
}

function visits(...dates: string[]): DoneVisit[] {
  return dates.map((date) => visit(date, ['half-month', 'quarter', 'half-year', 'year']))
}

function visit(date: string, items: MaintenanceItem[], verdict: DoneVisit['verdict'] = 'proven'): DoneVisit {
  return { items, startedAt: Date.parse(`${date}T10:00:00+08:00`), verdict }
}

function due(of: Regime, done: DoneVisit[], on: string, item: MaintenanceItem = 'half-month') {
  return dueItems(of, done, Date.parse(`${on}T12:00:00+08:00`)).find((one) => one.item === item)
}

test.each<[string, MaintenanceItem, Regime['type'], string]>([
  ['15 days', 'half-month', 'calendar', '2026-02-15'],
  ['a calendar month, to its last day', 'half-month', 'on-demand', '2026-02-28'],
  ['three months', 'half-month', 'on-demand-iot', '2026-04-30'],
  ['a quarter', 'quarter', 'on-demand-iot', '2026-04-30'],
  ['half a year', 'half-year', 'on-demand', '2026-07-31'],
  ['a year', 'year', 'calendar', '2027-01-31'],
])('after a visit on 31 January: %s', (_, item, type, expected) => {
  expect(due(regime('2026-01-01', { type }), visits('2026-01-31'), '2026-01-31', item)?.dueDate).toBe(expected)
})

test('a leap day is a month end like any other', () => {
  const iot = regime('2027-01-01', { type: 'on-demand-iot' })
  expect(due(iot, visits('2027-11-30'), '2027-12-01')?.dueDate).toBe('2028-02-29')
  expect(due(iot, visits('2028-02-29'), '2028-03-01', 'year')?.dueDate).toBe('2029-02-28')
})

test('without any visit everything is due one period after the regime began, and is late from the day after on', () => {
  const calendar = regime('2026-11-01')
  expect(due(calendar, [], '2026-11-16')).toMatchObject({ dueDate: '2026-11-16', overdueDays: 0, lastDoneAt: null })
  expect(due(calendar, [], '2026-11-16')?.dueAt).toBe(Date.parse('2026-11-17T00:00:00+08:00'))
  expect(due(calendar, [], '2026-11-17')).toMatchObject({ overdueDays: 1 })
  expect(due(calendar, [], '2026-12-16')).toMatchObject({ overdueDays: 30 })
})

test('from the schedule a late visit does not move the dates, an early one never stretches the period', () => {
  const schedule = regime('2026-11-01', { dueFrom: 'schedule' }) // 16 November, 1, 16, 31 December
  expect(due(schedule, visits('2026-11-16'), '2026-11-17')?.dueDate).toBe('2026-12-01')
  expect(due(schedule, visits('2026-11-19'), '2026-11-20')?.dueDate).toBe('2026-12-01')
  expect(due(schedule, visits('2026-11-10'), '2026-11-11')?.dueDate).toBe('2026-11-25')
  expect(due(schedule, visits('2026-11-10', '2026-11-24'), '2026-11-25')?.dueDate).toBe('2026-12-01')
  expect(due(schedule, visits('2026-12-20'), '2026-12-21')?.dueDate).toBe('2026-12-31')
})

test('dates of a schedule of months stay at the day they began with', () => {
  const schedule = regime('2026-01-31', { dueFrom: 'schedule', type: 'on-demand' })
  expect(due(schedule, [], '2026-02-01')?.dueDate).toBe('2026-02-28')
  expect(due(schedule, visits('2026-02-28'), '2026-03-01')?.dueDate).toBe('2026-03-28')
  expect(due(schedule, visits('2026-03-05'), '2026-03-06')?.dueDate).toBe('2026-03-31')
})

test('visits from before a regime count in it', () => {
  const onDemand = regime('2026-11-10', { type: 'on-demand' })
  expect(due(onDemand, visits('2026-11-05'), '2026-11-11')?.dueDate).toBe('2026-12-05')
})

test('a visit counts for its items only, and not when telemetry disproves it', () => {
  const calendar = regime('2026-11-01')
  const halfMonth = visit('2026-11-10', ['half-month'])
  expect(due(calendar, [halfMonth], '2026-11-11')?.dueDate).toBe('2026-11-25')
  expect(due(calendar, [halfMonth], '2026-11-11', 'quarter')?.dueDate).toBe('2027-02-01')
  const verdicts = ['cannot-tell', null, 'not-proven'] as const
  const dates = verdicts.map((verdict) => due(calendar, [visit('2026-11-10', ['half-month'], verdict)], '2026-11-11'))
  expect(dates.map((one) => one?.dueDate)).toEqual(['2026-11-25', '2026-11-25', '2026-11-16'])
})

test('the local day counts: shortly before midnight in Shanghai it is still the day before', () => {
  const calendar = regime('2026-11-01')
  const late = { items: ['half-month' as const], startedAt: Date.parse('2026-11-10T23:59:00+08:00'), verdict: null }
  const after = { ...late, startedAt: Date.parse('2026-11-11T00:00:00+08:00') }
  expect(due(calendar, [late], '2026-11-12')?.dueDate).toBe('2026-11-25')
  expect(due(calendar, [after], '2026-11-12')?.dueDate).toBe('2026-11-26')
})

test('when a condition of on-demand maintenance lapses, half-month items are due as by the calendar, from then on', () => {
  const iot = regime('2026-01-01', { type: 'on-demand-iot' })
  const dueAfter = (lapsedOn: string, item: MaintenanceItem, ...dates: string[]) =>
    dueItems(iot, visits(...dates), Date.parse('2026-02-20T12:00:00+08:00'), {
      since: iot.validFrom,
      lapsedAt: startOfDate(lapsedOn, shanghai),
    }).find((one) => one.item === item)?.dueDate
  expect(dueAfter('2026-02-10', 'half-month')).toBe('2026-02-25')
  expect(dueAfter('2026-02-10', 'half-month', '2026-02-14')).toBe('2026-03-01')
  expect(dueAfter('2026-03-28', 'half-month')).toBe('2026-04-01')
  expect(dueAfter('2026-02-10', 'quarter')).toBe('2026-04-01')
})
