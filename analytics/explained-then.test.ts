import { expect, test } from 'vitest'
import { hourMs, minuteMs } from '../core/clock.ts'
import { orderBeside } from './explained-then.ts'

const at = Date.UTC(2026, 5, 1)
const minute = (minutes: number) => at + minutes * minuteMs
const from20to60 = [{ from: minute(20), to: minute(60) }]

const order = (detected: number, cleared: number | null, explaining = from20to60) =>
  orderBeside(
    { order: 'planned', detectedAt: minute(detected), clearedAt: cleared === null ? null : minute(cleared) },
    explaining,
  )

test('what is found and over while something else explains it has no order', () => {
  expect(order(30, 40)).toBeNull()
  expect(order(30, 59)).toBeNull()
  expect(order(30, null, [{ from: minute(20), to: Number.POSITIVE_INFINITY }])).toBeNull()
})

test('what outlasts its explanation is sent when that is over', () => {
  expect(order(30, 90)).toBe('planned')
  expect(order(30, null)).toBe('planned')
})

test('what was found ten minutes before its cause is merged into it, unless it was over by then', () => {
  expect(order(12, 40)).toBeNull()
  expect(order(12, 14)).toBe('planned')
  expect(order(5, 40)).toBe('planned')
})

test('what is found afterwards, or beside nothing, keeps its order', () => {
  expect(order(60, 70)).toBe('planned')
  expect(order(30, 40, [])).toBe('planned')
  expect(orderBeside({ order: null, detectedAt: at, clearedAt: at + hourMs }, [])).toBeNull()
})
