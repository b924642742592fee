import { expect, test } from 'vitest'
import { arranged, ranked } from './arrange.ts'

const order = (
  id: string,
  severity: 'critical' | 'urgent' | 'warning',
  minute: number,
  arrivedAt: string | null = null,
) => ({
  ...{ id, severity, arrivedAt, restoredAt: null as string | null, dueAt: null as string | null },
  raisedAt: new Date(Date.UTC(2026, 10, 24, 8, minute)).toISOString(),
})

test('the newest critical order is on top; where somebody is on site already comes after where nobody is', () => {
  const orders = [
    order('warning', 'warning', 9),
    order('old', 'critical', 1),
    order('attended', 'critical', 8, '2026-11-24T08:09:00Z'),
    order('new', 'critical', 5),
    order('urgent', 'urgent', 7),
  ]
  expect(ranked(orders).map(({ id }) => id)).toEqual(['new', 'old', 'attended', 'urgent', 'warning'])
})

test('an entrapment that is over stands below an urgent order whose time runs, and above what can be planned', () => {
  const freed = { ...order('freed', 'critical', 9, '2026-11-24T08:10:00Z'), restoredAt: '2026-11-24T08:12:00Z' }
  const attended = order('attended', 'critical', 8, '2026-11-24T08:09:00Z')
  const orders = [order('warning', 'warning', 9), freed, order('urgent', 'urgent', 7), attended]
  expect(ranked(orders).map(({ id }) => id)).toEqual(['attended', 'urgent', 'freed', 'warning'])
})

test('orders of the same moment have one order, whoever lists them', () => {
  const orders = [order('b', 'urgent', 1), order('a', 'urgent', 1)]
  expect(ranked(orders)).toEqual(ranked([...orders].reverse()))
})

test('under a hand nothing moves: a new order waits, one that ended stays', () => {
  const held = arranged(['a', 'b', 'c'], ['new', 'c', 'a'], true)
  expect(held).toEqual({ shown: ['a', 'b', 'c'], waiting: ['new'] })
  expect(arranged(held.shown, ['new', 'c', 'a'], false)).toEqual({ shown: ['new', 'c', 'a'], waiting: [] })
})

test('an empty list shows what comes at once, hand or no hand', () => {
  expect(arranged([], ['a'], true)).toEqual({ shown: ['a'], waiting: [] })
})

test('planned work stands by its date, the one that is overdue longest on top', () => {
  const due = (id: string, minute: number, dueAt: string) => ({ ...order(id, 'warning', minute), dueAt })
  const orders = [
    due('late', 9, '2026-12-04T00:00:00Z'),
    due('overdue', 1, '2026-11-17T00:00:00Z'),
    order('found', 'warning', 5),
  ]
  expect(ranked(orders).map(({ id }) => id)).toEqual(['found', 'overdue', 'late'])
})
