import { expect, test } from 'vitest'
import { localDate, shanghai } from '../core/local-time.ts'
import type { Regime } from '../core/visit.ts'
import { countsAsDone, dueItems } from '../workorders/maintenance/due-dates.ts'
import { local } from './fixtures/golden-district.ts'
import { obligationsOf } from './obligations.ts'

const calendar: Regime = {
  ...{ deviceId: 'e', type: 'calendar', dueFrom: 'completion', validFrom: local('2024-01-01'), validUntil: null },
}
const visit = (at: string, verdict: 'proven' | 'not-proven' = 'proven') => ({
  ...{ items: ['half-month'] as const, startedAt: local(at), verdict },
})

test('each visit asks for the next, and one that telemetry disproves does nothing', () => {
  const visits = [visit('2024-01-10 09:00'), visit('2024-01-24 09:00', 'not-proven'), visit('2024-01-27 09:00')]
  expect(due([calendar], visits)).toEqual([
    ['2024-01-16', '2024-01-10'], // 15 days after the regime began
    ['2024-01-25', '2024-01-27'],
    ['2024-02-11', null],
  ])
})

test('what nobody comes for is one piece, however long it is overdue', () => {
  expect(due([calendar], [])).toEqual([['2024-01-16', null]])
  // in a later month it is overdue, and still the same
  expect(due([calendar], [], '2024-05-01', '2024-06-01').at(0)).toEqual(['2024-01-16', null])
})

test('dates of a schedule stand, and the visit before one meets it', () => {
  const schedule = { ...calendar, dueFrom: 'schedule' as const }
  const visits = [visit('2024-01-12 09:00'), visit('2024-01-30 09:00')]
  expect(due([schedule], visits)).toEqual([
    ['2024-01-16', '2024-01-12'],
    ['2024-01-27', '2024-01-30'], // 12 + 15: no later than a period after the last visit
    ['2024-01-31', null], // the schedule does not wait for a late visit
  ])
})

test('a piece falls due by the regime that holds on its last day', () => {
  const change = local('2024-01-20')
  const regimes = [
    { ...calendar, validUntil: change },
    { ...calendar, type: 'on-demand' as const, validFrom: change },
  ]
  // the calendar would have asked for the 25th, when it held no more
  expect(due(regimes, [visit('2024-01-10 09:00')])).toEqual([
    ['2024-01-16', '2024-01-10'],
    ['2024-02-10', null],
  ])
  expect(due([], [visit('2024-01-10 09:00')])).toEqual([])
})

function due(
  regimes: readonly Regime[],
  visits: readonly ReturnType<typeof visit>[],
  from = '2024-01-01',
  to = '2024-02-20',
) {
  const period = { from: local(from), to: local(to) }
  const date = (at: number) => localDate(at, shanghai)
  return obligationsOf({ deviceId: 'e', regimes, visits }, period, { dueItems, countsAsDone })
    .filter(({ item }) => item === 'half-month')
    .map(({ dueAt, doneAt }) => [date(dueAt - 1), doneAt === null ? null : date(doneAt)])
}
