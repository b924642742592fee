import { expect, test } from 'vitest'
import type { Roster } from '../wire.ts'
import { gapsOfWeek, rosterOf, weekOf } from './week.ts'

// a Tuesday, 10:00 in Shanghai
const now = Date.parse('2026-11-24T02:00:00Z')
const everyDay = [1, 2, 3, 4, 5, 6, 7]
const sent: Roster = {
  ...{ teamId: 'crew', timeZone: 'Asia/Shanghai', version: 3 },
  shifts: [
    { days: everyDay, from: '08:00', until: '20:00', memberIds: ['li'] },
    { days: [1, 2, 3, 4, 5], from: '20:00', until: '08:00', memberIds: ['wang', 'left'] },
  ],
}
const roster = rosterOf(sent, ['li', 'wang'])
const told = (day: ReturnType<typeof weekOf>[number] | undefined) =>
  day?.parts.map(({ memberIds, share }) => [memberIds.join(), Math.round(share * 24)])

test('a day is shown as the wall shows it: the night before until 8, the day, the night until midnight', () => {
  const [today] = weekOf(roster, now)
  expect([today?.date, today?.weekday]).toEqual(['11-24', 2])
  expect(told(today)).toEqual([
    ['wang', 8],
    ['li', 12],
    ['wang', 4],
  ])
})

test('a night without anybody is a gap, in the week and in the list', () => {
  const week = weekOf(roster, now)
  expect(told(week[4])).toEqual([
    ['wang', 8],
    ['li', 12],
    ['', 4],
  ])
  expect(gapsOfWeek(roster, now)).toEqual([
    { from: Date.parse('2026-11-28T12:00:00Z'), until: Date.parse('2026-11-29T00:00:00Z') },
    { from: Date.parse('2026-11-29T12:00:00Z'), until: Date.parse('2026-11-30T00:00:00Z') },
  ])
})

test('who left the team is on no shift, and a swap counts by its times', () => {
  const swap = { from: '2026-11-24T02:30:00Z', until: '2026-11-24T03:30:00Z', memberId: 'li', insteadId: null }
  const swapped = rosterOf({ ...sent, swaps: [swap] }, ['li'])
  expect(told(weekOf(swapped, now)[0])).toEqual([
    ['', 8],
    ['li', 3],
    ['', 1],
    ['li', 9],
    ['', 4],
  ])
})
