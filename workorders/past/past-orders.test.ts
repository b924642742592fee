import { expect, test } from 'vitest'
import { problemsOf } from './past-orders.ts'

const now = Date.UTC(2026, 10, 24, 8)

test('a year that is a slip of the pen is a fault of its cell, as is what has not been yet', () => {
  const times = { occurred_at: Date.UTC(1026, 2, 1), ended_at: Date.UTC(2027, 2, 1) }
  expect(problemsOf({ ...times, status: 'done' }, now)).toEqual([
    { column: 'occurred_at', message: 'is before 1980' },
    { column: 'ended_at', message: 'lies in the future' },
  ])
})

test('nothing was the cause of a false alarm or of a drill', () => {
  const times = { occurred_at: Date.UTC(2026, 2, 1), ended_at: Date.UTC(2026, 2, 2), cause_class: 'equipment' } as const
  const fault = [{ column: 'cause_class', message: 'is said of what was found, and not of a false alarm or a drill' }]
  expect(problemsOf({ ...times, outcome: 'false-alarm' }, now)).toEqual(fault)
  expect(problemsOf({ ...times, outcome: 'drill' }, now)).toEqual(fault)
  expect(problemsOf({ ...times, status: 'false-alarm' }, now)).toEqual(fault)
  expect(problemsOf({ ...times, outcome: 'repaired' }, now)).toEqual([])
  expect(problemsOf({ ...times, cause_class: null, outcome: 'false-alarm' }, now)).toEqual([])
})
