import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayMs } from '../core/clock.ts'
import { localDate, shanghai } from '../core/local-time.ts'
import { type Regime, regimeTypes, type Visit } from '../core/visit.ts'
import { countsAsDone, dueItems } from '../workorders/maintenance/due-dates.ts'
import { countMaintenance } from './counts/care.ts'
import { local } from './fixtures/golden-district.ts'
import { obligationsOf, recentObligationsOf } from './obligations.ts'

const rules = { dueItems, countsAsDone }
const calendar: Regime = {
  ...{ deviceId: 'e', type: 'calendar', dueFrom: 'completion', validFrom: local('2024-01-01'), validUntil: null },
}
const visit = (at: string, verdict: Visit['verdict'] = 'proven', decision: 'accepted' | null = null) => ({
  ...{ items: ['half-month'] as const, startedAt: local(at), verdict, decision },
})

test('each visit asks for the next, and one that telemetry disproves does nothing', () => {
  const visits = [visit('2024-01-10 09:00'), visit('2024-01-24 09:00', 'not-proven'), visit('2024-01-27 09:00')]
  expect(due([calendar], visits)).toEqual([
    ['2024-01-16', '2024-01-10'], // 15 days after the regime began
    ['2024-01-25', '2024-01-27'],
    ['2024-02-11', null],
  ])
})

test('where nobody comes, every further period is another missed piece, and the last of them is overdue', () => {
  const missed = [
    ['2024-01-16', null],
    ['2024-01-31', null],
    ['2024-02-15', null],
  ]
  expect(due([calendar], [])).toEqual(missed)
  expect(due([{ ...calendar, dueFrom: 'schedule' }], [])).toEqual(missed)
  // on 1 May, what fell due on 30 April is overdue, in place of what was missed before it
  expect(due([calendar], [], '2024-05-01', '2024-06-01')).toEqual([
    ...[['2024-04-30', null]],
    ...[['2024-05-15', null]],
    ...[['2024-05-30', null]],
  ])
  // who comes at last meets the last one; the next is due from then on
  expect(due([calendar], [visit('2024-02-03 09:00')])).toEqual([
    ...[['2024-01-16', null]],
    ...[['2024-01-31', '2024-02-03']],
    ...[['2024-02-18', null]],
  ])
  const ended = { ...calendar, validUntil: local('2024-02-01') }
  expect(due([ended], [])).toEqual(missed.slice(0, 2))
})

test('a piece is proven by any visit until its last day, and by no other', () => {
  const claimed = (at: string) => visit(at, 'cannot-tell')
  const proven = (...visits: ReturnType<typeof visit>[]) =>
    obligationsOf(
      { deviceId: 'e', regimes: [calendar], visits },
      { from: local('2024-01-01'), to: local('2024-02-01') },
      rules,
    )
      .filter(({ item, dueAt }) => item === 'half-month' && dueAt <= local('2024-01-18'))
      .map(({ doneAt, isProven }) => [doneAt !== null, isProven])
  expect(proven()).toEqual([[false, false]])
  expect(proven(claimed('2024-01-10 09:00'))).toEqual([[true, false]])
  expect(proven(visit('2024-01-10 09:00', 'not-proven', 'accepted'))).toEqual([[true, true]])
  // whoever came again in time was there, whichever of the two met it
  expect(proven(claimed('2024-01-03 09:00'), visit('2024-01-12 09:00'))).toEqual([[true, true]])
  expect(proven(visit('2024-01-03 09:00'), claimed('2024-01-12 09:00'))).toEqual([[true, true]])
  // a claim for the last day does not become true by coming too late
  expect(proven(claimed('2024-01-16 09:00'), visit('2024-01-17 09:00'))).toEqual([[true, false]])
})

test('a day is overdue once, however many pieces were missed before it', () => {
  const period = { from: local('2024-01-01'), to: local('2024-02-20') }
  const pieces = obligationsOf({ deviceId: 'e', regimes: [calendar], visits: [] }, period, rules)
  const days: string[] = []
  countMaintenance({ due: pieces.filter(({ item }) => item === 'half-month') }, period.to, ({ what, at }) => {
    if (what === 'overdueDays') days.push(localDate(at, shanghai))
  })
  expect(days).toHaveLength(34) // 17 January to 19 February
  expect(new Set(days).size).toBe(34)
})

test('who comes more often than asked for moves the date, and has no further pieces', () => {
  const daily = Array.from({ length: 16 }, (_, day) => visit(`2024-01-${String(day + 1).padStart(2, '0')} 10:00`))
  const some = [visit('2024-01-01 10:00'), visit('2024-01-16 10:00'), visit('2024-01-30 10:00')]
  expect(due([calendar], some)).toEqual([
    ['2024-01-16', '2024-01-01'],
    ['2024-01-16', '2024-01-16'],
    ['2024-02-14', null],
  ])
  // every further claim leaves as many
  expect(due([calendar], [...daily, visit('2024-01-30 10:00')])).toEqual([
    ['2024-01-16', '2024-01-01'],
    ['2024-01-30', '2024-01-16'],
    ['2024-02-14', null],
  ])
  // of a month's period, the last of each month counts
  const weekly = ['02-01', '02-08', '02-15', '02-22', '03-01'].map((date) => visit(`2024-${date} 10:00`))
  expect(due([{ ...calendar, type: 'on-demand' }], weekly, '2024-01-01', '2024-05-01')).toEqual([
    ['2024-02-01', '2024-02-01'],
    ['2024-03-22', '2024-03-01'],
    ['2024-04-01', null],
  ])
  // one that was missed counts always: the schedule asked for the 16th and the 31st
  const late = [visit('2024-01-17 09:00'), visit('2024-01-31 09:00')]
  expect(due([{ ...calendar, dueFrom: 'schedule' }], late)).toEqual([
    ['2024-01-16', '2024-01-17'],
    ['2024-01-31', '2024-01-31'],
    ['2024-02-15', null],
  ])
})

test('nothing fell due before the first regime, whoever came before it', () => {
  const begun = { ...calendar, validFrom: local('2024-02-01') }
  const of = (at: string) => due([begun], [visit(at)], '2023-01-01', '2024-03-04')
  expect(of('2023-06-10 09:00')).toEqual([
    ['2024-02-16', null],
    ['2024-03-02', null],
  ])
  // a date that had not passed stands
  expect(of('2024-01-25 09:00')).toEqual([
    ['2024-02-09', null],
    ['2024-02-24', null],
  ])
})

test('dates of a schedule stand, and the visit before one meets it', () => {
  const schedule = { ...calendar, dueFrom: 'schedule' as const }
  const visits = [visit('2024-01-12 09:00'), visit('2024-01-30 09:00')]
  expect(due([schedule], visits)).toEqual([
    ['2024-01-16', '2024-01-12'],
    ['2024-01-27', '2024-01-30'], // 12 + 15: no later than a period after the last visit
    ['2024-01-31', null], // the schedule does not wait for a late visit
    ['2024-02-15', null],
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

test('from recent visits alone comes what comes from all of them, or nothing', () => {
  const begin = local('2023-01-01')
  const period = { from: local('2024-06-01'), to: local('2024-07-01') }
  const since = period.from - 45 * dayMs
  const regime = fc.record({
    type: fc.constantFrom(...regimeTypes),
    dueFrom: fc.constantFrom('completion' as const, 'completion' as const, 'schedule' as const),
    day: fc.integer({ min: 0, max: 540 }),
  })
  const visited = fc.record({
    items: fc.constantFrom(
      ['half-month'],
      ['half-month'],
      ['half-month', 'quarter'],
      ['year', 'half-month'],
      ['quarter'],
    ),
    day: fc.integer({ min: 3_000, max: 5_500 }),
    verdict: fc.constantFrom('proven', 'not-proven', null),
  })
  let answered = 0
  // as in the service, where it outlives elevators and months
  const asked = new Map<string, number>()
  const holds = fc.property(
    fc.array(regime, { minLength: 1, maxLength: 2 }),
    fc.array(visited, { minLength: 20, maxLength: 120, size: 'max' }),
    (given, visits) => {
      const inOrder = given.toSorted((a, b) => a.day - b.day)
      const regimes = inOrder.map(({ type, dueFrom, day }, index): Regime => {
        const next = inOrder[index + 1]
        const validUntil = next === undefined ? null : begin + next.day * dayMs
        return { deviceId: 'e', type, dueFrom, validFrom: begin + day * dayMs, validUntil }
      })
      const all = visits.map(({ items, day, verdict }) => {
        return {
          items: items as Visit['items'],
          startedAt: begin + (day * dayMs) / 10,
          verdict,
          decision: null,
        } as const
      })
      const recent = all.filter(({ items, startedAt }) => startedAt >= since || String(items) !== 'half-month')
      const of = { deviceId: 'e', regimes }
      const due = recentObligationsOf({ ...of, visits: recent }, since, period, rules, asked)
      if (due === undefined) return
      answered++
      expect(due).toEqual(obligationsOf({ ...of, visits: all }, period, rules))
    },
  )
  fc.assert(holds, { numRuns: 200 })
  expect(answered).toBeGreaterThan(20)
})

function due(
  regimes: readonly Regime[],
  visits: readonly ReturnType<typeof visit>[],
  from = '2024-01-01',
  to = '2024-02-20',
) {
  const period = { from: local(from), to: local(to) }
  const date = (at: number) => localDate(at, shanghai)
  return obligationsOf({ deviceId: 'e', regimes, visits }, period, rules)
    .filter(({ item }) => item === 'half-month')
    .map(({ dueAt, doneAt }) => [date(dueAt - 1), doneAt === null ? null : date(doneAt)])
}
