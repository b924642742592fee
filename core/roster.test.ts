import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from './clock.ts'
import type { Roster, Shift } from './people.ts'
import { commonStretches, gapsAhead, isOnDutyWithin, onDuty, onDutySince, staffedBy, unchangedUntil } from './roster.ts'

const everyDay = [1, 2, 3, 4, 5, 6, 7]

/** "2026-11-24 20:00" on a clock in Shanghai, which is 8 hours before UTC all year. */
function shanghai(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}:00Z`) - 8 * hourMs
}

function shift(from: string, until: string, memberIds: string[], more: Partial<Shift> = {}): Shift {
  return { days: everyDay, from, until, memberIds, validFrom: null, validUntil: null, holidays: true, ...more }
}

function roster(shifts: Shift[], more: Partial<Roster> = {}): Roster {
  return { teamId: 'crew', timeZone: 'Asia/Shanghai', shifts, swaps: [], holidays: [], version: 1, ...more }
}

test.each([
  ['an ordinary night', '2026-11-24'],
  ['the end of a month', '2026-11-30'],
  ['the end of a year', '2026-12-31'],
  ['a leap day', '2028-02-28'],
  ['what was the first night of summer time in China, long ago', '2026-05-04'],
])('20:00 to 05:00 is on at each of its minutes and at no other: %s', (_, date) => {
  const nights = roster([shift('20:00', '05:00', ['li'])])
  const noon = shanghai(`${date} 12:00`)
  const wrong: string[] = []
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    const at = noon + minute * minuteMs
    const isNight = minute >= 8 * 60 && minute < 17 * 60
    if (onDuty(nights, at).length !== (isNight ? 1 : 0)) wrong.push(new Date(at).toISOString())
    if (onDuty(nights, at + minuteMs - 1).length !== (isNight ? 1 : 0)) wrong.push(new Date(at).toISOString())
  }
  expect(wrong).toEqual([])
})

test('a shift belongs to the weekday on which it begins', () => {
  const fridays = roster([shift('20:00', '05:00', ['li'], { days: [5] })])
  expect(onDuty(fridays, shanghai('2026-11-27 20:00'))).toEqual(['li'])
  expect(onDuty(fridays, shanghai('2026-11-28 04:59'))).toEqual(['li'])
  expect(onDuty(fridays, shanghai('2026-11-28 20:00'))).toEqual([])
  expect(onDuty(fridays, shanghai('2026-11-27 04:59'))).toEqual([])
})

test('equal times are 24 hours', () => {
  const sundays = roster([shift('08:00', '08:00', ['li'], { days: [7] })])
  expect(onDuty(sundays, shanghai('2026-11-29 07:59'))).toEqual([])
  expect(onDuty(sundays, shanghai('2026-11-29 08:00'))).toEqual(['li'])
  expect(onDuty(sundays, shanghai('2026-11-30 07:59'))).toEqual(['li'])
  expect(onDuty(sundays, shanghai('2026-11-30 08:00'))).toEqual([])
})

test('a shift is valid on the dates on which it begins, both ends included', () => {
  const december = roster([shift('20:00', '05:00', ['li'], { validFrom: '2026-12-01', validUntil: '2026-12-31' })])
  expect(onDuty(december, shanghai('2026-12-01 04:00'))).toEqual([])
  expect(onDuty(december, shanghai('2026-12-01 20:00'))).toEqual(['li'])
  expect(onDuty(december, shanghai('2027-01-01 04:59'))).toEqual(['li'])
  expect(onDuty(december, shanghai('2027-01-01 20:00'))).toEqual([])
})

test('on a holiday the holiday shifts are on, the others off, and its night runs into the next day', () => {
  const workdays = shift('08:00', '20:00', ['li'], { days: [1, 2, 3, 4, 5], holidays: false })
  const nights = shift('20:00', '08:00', ['wang'])
  const stand = shift('08:00', '20:00', ['zhou'], { days: [] })
  const given = roster([workdays, nights, stand], { holidays: ['2026-10-01'] })
  expect(onDuty(given, shanghai('2026-10-01 12:00'))).toEqual(['zhou'])
  expect(onDuty(given, shanghai('2026-10-02 07:59'))).toEqual(['wang'])
  expect(onDuty(given, shanghai('2026-10-02 12:00'))).toEqual(['li'])
  expect(onDuty(given, shanghai('2026-10-03 12:00'))).toEqual([])
})

test('a swap puts somebody else, or nobody, in the place of one who is on, to the minute', () => {
  const swap = { from: shanghai('2026-11-24 22:00'), until: shanghai('2026-11-25 02:00'), memberId: 'li', reason: null }
  const nights = [shift('20:00', '05:00', ['li', 'wang'])]
  const swapped = roster(nights, { swaps: [{ ...swap, insteadId: 'zhou' }] })
  expect(onDuty(swapped, shanghai('2026-11-24 21:59'))).toEqual(['li', 'wang'])
  expect(onDuty(swapped, shanghai('2026-11-24 22:00'))).toEqual(['zhou', 'wang'])
  expect(onDuty(swapped, shanghai('2026-11-25 02:00'))).toEqual(['li', 'wang'])

  const ill = roster(nights, { swaps: [{ ...swap, insteadId: null }] })
  expect(onDuty(ill, shanghai('2026-11-24 22:00'))).toEqual(['wang'])
  const both = roster(nights, { swaps: [{ ...swap, insteadId: 'wang' }] })
  expect(onDuty(both, shanghai('2026-11-24 22:00'))).toEqual(['wang'])
  const again = roster(nights, {
    swaps: [
      { ...swap, insteadId: 'zhou' },
      { ...swap, memberId: 'zhou', insteadId: 'chen' },
    ],
  })
  expect(onDuty(again, shanghai('2026-11-24 23:00'))).toEqual(['chen', 'wang'])
})

test('a swap for somebody who is not on brings nobody in', () => {
  const swaps = [{ from: shanghai('2026-11-24 06:00'), until: shanghai('2026-11-24 10:00'), memberId: 'li' }].map(
    (swap) => ({ ...swap, insteadId: 'zhou', reason: null }),
  )
  expect(onDuty(roster([shift('20:00', '05:00', ['li'])], { swaps }), shanghai('2026-11-24 07:00'))).toEqual([])
})

test('the hours that nobody covers are named once each, as long as they are', () => {
  const swaps = [{ from: shanghai('2026-11-24 22:00'), until: shanghai('2026-11-24 23:00'), memberId: 'li' }].map(
    (swap) => ({ ...swap, insteadId: null, reason: 'ill' }),
  )
  const given = roster([shift('08:00', '20:00', ['wang']), shift('20:00', '06:00', ['li'])], { swaps })
  expect(gapsAhead(given, shanghai('2026-11-24 12:00'), shanghai('2026-11-26 12:00'))).toEqual([
    { from: shanghai('2026-11-24 22:00'), until: shanghai('2026-11-24 23:00') },
    { from: shanghai('2026-11-25 06:00'), until: shanghai('2026-11-25 08:00') },
    { from: shanghai('2026-11-26 06:00'), until: shanghai('2026-11-26 08:00') },
  ])
})

test('who works around the clock has no gap, and an empty roster is nothing but one', () => {
  const [from, until] = [shanghai('2026-12-30 00:00'), shanghai('2027-01-02 00:00')]
  const round = roster([shift('08:00', '20:00', ['li']), shift('20:00', '08:00', ['wang'])])
  expect(gapsAhead(round, from, until)).toEqual([])
  expect(gapsAhead(roster([]), from, until)).toEqual([{ from, until }])
})

test('a gap that has begun already is cut at both ends of the time asked for', () => {
  const days = roster([shift('08:00', '20:00', ['li'])])
  const [from, until] = [shanghai('2026-11-24 22:00'), shanghai('2026-11-24 23:00')]
  expect(gapsAhead(days, from, until)).toEqual([{ from, until }])
})

test('when those on duty change next; never, for one who is always there', () => {
  const at = shanghai('2026-11-24 22:00')
  const change = unchangedUntil(roster([shift('20:00', '08:00', ['li']), shift('08:00', '20:00', ['wang'])]), at)
  expect(change).toBe(shanghai('2026-11-25 08:00'))
  expect(unchangedUntil(roster([shift('08:00', '08:00', ['li'])]), at)).toBeNull()
})

test('who has left the team covers nothing, neither by shift nor by swap', () => {
  const at = shanghai('2026-11-24 22:00')
  const swaps = [{ from: at, until: at + hourMs, memberId: 'wang', insteadId: 'gone', reason: null }]
  const given = staffedBy(roster([shift('20:00', '08:00', ['gone', 'wang'])], { swaps }), new Set(['wang']))
  expect(onDuty(given, at)).toEqual([])
  expect(onDuty(given, at + hourMs)).toEqual(['wang'])
})

test('what several teams leave open is what all of them leave open', () => {
  const lists = [
    [
      { from: 0, until: 10 },
      { from: 20, until: 30 },
    ],
    [{ from: 5, until: 25 }],
    [{ from: 0, until: 22 }],
  ]
  expect(commonStretches(lists)).toEqual([
    { from: 5, until: 10 },
    { from: 20, until: 22 },
  ])
  expect(commonStretches([[{ from: 0, until: 10 }], []])).toEqual([])
})

test('gaps are exactly the minutes in which nobody is on duty, for any roster', () => {
  const time = fc.integer({ min: 0, max: 95 }).map((quarter) => {
    const hours = String(Math.floor(quarter / 4)).padStart(2, '0')
    return `${hours}:${String((quarter % 4) * 15).padStart(2, '0')}`
  })
  const anyShift = fc
    .record({ from: time, until: time, days: fc.uniqueArray(fc.integer({ min: 1, max: 7 })), holidays: fc.boolean() })
    .map(({ from, until, ...more }) => shift(from, until, ['li'], more))
  const begin = shanghai('2026-12-30 07:00')
  const anySwap = fc
    .tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 60 }))
    .map(([start, quarters]) => {
      const from = begin + start * 15 * minuteMs
      return { from, until: from + quarters * 15 * minuteMs, memberId: 'li', insteadId: null, reason: null }
    })
  fc.assert(
    fc.property(fc.array(anyShift, { maxLength: 4 }), fc.array(anySwap, { maxLength: 2 }), (shifts, swaps) => {
      const given = roster(shifts, { swaps, holidays: ['2027-01-01'] })
      const gaps = gapsAhead(given, begin, begin + 3 * dayMs)
      for (let at = begin; at < begin + 3 * dayMs; at += 15 * minuteMs) {
        const isGap = gaps.some((gap) => gap.from <= at && at < gap.until)
        expect(isGap).toBe(onDuty(given, at).length === 0)
      }
      for (const [index, gap] of gaps.entries()) expect(gap.from).toBeGreaterThan(gaps[index - 1]?.until ?? 0)
    }),
    { numRuns: 60 },
  )
})

test('since when somebody is there: over midnight, over two shifts in a row, by a swap, and from the minute itself on', () => {
  const shifts = [shift('20:00', '05:00', ['li']), shift('05:00', '09:00', ['li', 'wang'])]
  const given = roster(shifts, {
    swaps: [
      {
        from: shanghai('2026-11-25 06:30'),
        until: shanghai('2026-11-25 07:00'),
        memberId: 'wang',
        insteadId: 'zhou',
        reason: null,
      },
    ],
  })
  const since = (memberId: string, at: string) => onDutySince(given, memberId, shanghai(`2026-11-25 ${at}`))
  expect(since('li', '04:59')).toBe(shanghai('2026-11-24 20:00'))
  expect(since('li', '08:00')).toBe(shanghai('2026-11-24 20:00'))
  expect(since('wang', '05:00')).toBe(shanghai('2026-11-25 05:00'))
  expect(since('zhou', '06:59')).toBe(shanghai('2026-11-25 06:30'))
  expect(since('wang', '07:00')).toBe(shanghai('2026-11-25 07:00'))
  expect(onDutySince(roster([shift('00:00', '00:00', ['li'])]), 'li', shanghai('2026-11-25 12:00'))).toBeNull()
})

test('somebody is on duty within a stretch that their shift touches, not in one that ends as it begins', () => {
  const nights = roster([shift('20:00', '05:00', ['li'])])
  const within = (from: string, until: string) =>
    isOnDutyWithin(nights, 'li', { from: shanghai(`2026-11-25 ${from}`), until: shanghai(`2026-11-25 ${until}`) })
  expect([within('04:59', '09:00'), within('09:00', '20:01'), within('08:00', '23:00')]).toEqual([true, true, true])
  expect([within('05:00', '20:00'), within('09:00', '10:00')]).toEqual([false, false])
})
