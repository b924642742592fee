import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { orders } from './board.ts'
import { testOrder } from './order.fixture.ts'
import { hiddenCritical, hiddenUrgent, hold, list, noteInSight, rests, select, selectedRow, stay } from './view.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  vi.runAllTimers()
  vi.useRealTimers()
})

const older = testOrder({ id: 'older', severity: 'warning' })
const seen = testOrder({ id: 'seen', state: 'acknowledged' })
const raisedNow = testOrder({ id: 'new', raisedAt: '2026-11-24T09:00:00.000Z' })

function show(...all: ReturnType<typeof testOrder>[]): void {
  orders.value = new Map(all.map((order) => [order.id, order]))
}

test('whoever has left finds the most urgent order selected and on top, and whoever is there keeps theirs', () => {
  show(seen, older)
  stay()
  hold()
  select('older')
  show(seen, older, raisedNow)
  const before = rests.value
  vi.advanceTimersByTime(20_000)
  stay() // the pointer is on what stands beside the list
  vi.advanceTimersByTime(20_000)
  expect([selectedRow.value?.key, rests.value - before]).toEqual(['older', 0])
  vi.advanceTimersByTime(10_000)
  expect([selectedRow.value?.key, rests.value - before]).toEqual(['new', 1])
  expect(list.value.rows[0]?.key).toBe('new')
})

test('a new critical order is named as long as its row cannot be seen, and until somebody has acknowledged it', () => {
  const named = () => hiddenCritical.value.map(({ id }) => id)
  noteInSight(new Set())
  show(seen, older, raisedNow)
  expect(named()).toEqual(['new'])
  noteInSight(new Set(['new', 'seen']))
  expect(named()).toEqual([])
  noteInSight(new Set(['seen']))
  expect(named()).toEqual(['new'])
  show(seen, older, { ...raisedNow, state: 'acknowledged' })
  expect(named()).toEqual([])
})

test('urgent orders that nobody has acknowledged are counted while their rows are out of sight, in a storm or not', () => {
  const count = () => hiddenUrgent.value.length
  const one = testOrder({ id: 'one', severity: 'urgent', finding: 'manual/report' })
  const many = Array.from({ length: 6 }, (_, n) =>
    testOrder({ id: `m-${n}`, severity: 'urgent', finding: 'elevator/power-outage' }),
  )
  noteInSight(new Set())
  show(raisedNow, one, ...many, { ...one, id: 'taken', state: 'acknowledged' })
  expect(count()).toBe(7)
  noteInSight(new Set(['one']))
  expect(count()).toBe(6)
  noteInSight(new Set(['one', 'storm urgent elevator/power-outage']))
  expect(count()).toBe(0)
})
