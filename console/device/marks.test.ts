import { expect, test } from 'vitest'
import type { Incident, WorkOrder } from '../shared/wire.ts'
import { marksOf, placed, worstOf } from './marks.ts'
import type { Visit } from './wire.ts'

const iso = (minute: number) => new Date(minute * 60_000).toISOString()
const incident = (id: string, from: number, to: number | null, severity = 'warning') =>
  ({ id, severity, occurredAt: iso(from), clearedAt: to === null ? null : iso(to) }) as Incident
const order = (id: string, at: number) =>
  ({ id, severity: 'critical', raisedAt: iso(at), closedAt: null, cancelledAt: null }) as WorkOrder
const visit = (id: string, from: number, to: number) => ({ id, startedAt: iso(from), endedAt: iso(to) }) as Visit

const axis = { from: 0, to: 100 * 60_000 }
const spots = (incidents: readonly Incident[], apart = 0.03) =>
  placed(marksOf(incidents, [], []), axis, apart).map(({ share, marks }) => [share, marks.map(({ key }) => key).join()])

test('findings, orders and visits stand at their own time', () => {
  const marks = marksOf([incident('i', 30, 40)], [order('o', 31)], [visit('v', 10, 20)])
  expect(marks.map(({ type, at }) => [type, at / 60_000])).toEqual([
    ['visit', 10],
    ['finding', 30],
    ['order', 31],
  ])
})

test('marks that would lie over each other are one, which holds all of them', () => {
  expect(spots([incident('a', 10, 11), incident('b', 12, 13), incident('c', 14, 15), incident('d', 60, 61)])).toEqual([
    [0.1, 'a,b'],
    [0.14, 'c'],
    [0.6, 'd'],
  ])
})

test('what began before the axis and is not over stands at its beginning; what was over before is not shown', () => {
  expect(spots([incident('open', -50, null), incident('lasts', -40, 5), incident('over', -30, -20)])).toEqual([
    [0, 'open,lasts'],
  ])
})

test('what is after the axis is not shown', () => {
  expect(spots([incident('later', 100, null)])).toEqual([])
})

test('several together look like the worst of them, and a visit like none', () => {
  const marks = marksOf([incident('a', 1, 2, 'info'), incident('b', 1, 2, 'urgent')], [], [])
  expect(worstOf(marks)).toBe('urgent')
  expect(worstOf(marksOf([], [], [visit('v', 1, 2)]))).toBeNull()
})
