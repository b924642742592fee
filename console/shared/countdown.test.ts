import { expect, test } from 'vitest'
import { clockText, countdown } from './countdown.ts'

const until = Date.UTC(2026, 10, 24, 8, 30)
const before = (seconds: number) => countdown(until, until - seconds * 1_000)

test.each([
  [30 * 60, '30:00', 'calm'],
  [601, '10:01', 'calm'],
  [600, '10:00', 'amber'],
  [301, '05:01', 'amber'],
  [300, '05:00', 'red'],
  [0.4, '00:01', 'red'],
  [0, '00:00', 'red'],
  [-1, '00:01', 'over'],
  [-754, '12:34', 'over'],
  [-3_723, '1:02:03', 'over'],
  [86_400, '24:00:00', 'calm'],
] as const)('%d s before the deadline it says %s and is %s', (seconds, text, tone) => {
  expect(before(seconds)).toEqual({ text, tone })
})

test('a length of time has two digits each, and hours from an hour on', () => {
  expect([0, 59.9, 61, 3_600].map(clockText)).toEqual(['00:00', '00:59', '01:01', '1:00:00'])
})
