import { expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from '../core/clock.ts'
import { lagMs, observeSkew, type Skew, skewMs } from './skew.ts'

const start = 1_800_000_000_000

/** Messages as [seconds after the start, ms that they are behind]. */
function after(...messages: [seconds: number, behindMs: number][]): Skew | undefined {
  return messages.reduce<Skew | undefined>((skew, [seconds, behind]) => {
    const receivedAt = start + seconds * secondMs
    return observeSkew(skew, receivedAt - behind, receivedAt)
  }, undefined)
}

test('is what the quickest message took, in ms', () => {
  expect(skewMs(undefined)).toBe(0)
  expect(skewMs(after([0, 80], [10, 50], [20, 4_000]))).toBe(50)
})

test('a clock that is ahead is a negative skew, and forgives nothing', () => {
  const ahead = after([0, -2_000], [10, -1_900])
  expect(skewMs(ahead)).toBe(-2_000)
  expect(lagMs(ahead, start)).toBe(0)
})

test('stored messages between live ones change nothing', () => {
  expect(skewMs(after([0, 50], [10, hourMs], [20, 2 * hourMs]))).toBe(50)
})

test('a clock that was set back is believed within 10 minutes', () => {
  const messages = Array.from({ length: 63 }, (_, i): [number, number] => [600 + i * 10, 8 * hourMs])
  const live = Array.from({ length: 60 }, (_, i): [number, number] => [i * 10, 50])
  expect(skewMs(after(...live, ...messages.slice(0, 20)))).toBe(50)
  expect(skewMs(after(...live, ...messages))).toBe(8 * hourMs)
})

test('a clock that was set right is believed at once', () => {
  expect(skewMs(after([0, 8 * hourMs], [90, 8 * hourMs], [100, 50]))).toBe(50)
})

test('after an outage of hours, what was stored does not pass for a clock that is hours behind', () => {
  const skew = after([0, 50], [7_200, 2 * hourMs], [7_210, 2 * hourMs - 60_000], [7_490, hourMs])
  expect(lagMs(skew, start + 7_490 * secondMs)).toBe(50)
})

test('a gateway that we meet with old data: nobody knows for a minute, then its clock is behind', () => {
  const met = after([0, 8 * hourMs], [30, 8 * hourMs + 20])
  expect(lagMs(met, start + 59_999)).toBeUndefined()
  expect(lagMs(met, start + minuteMs)).toBe(8 * hourMs)
  expect(lagMs(after([0, 8 * hourMs], [30, 100]), start + 30_000)).toBe(100)
  expect(lagMs(after([0, 20_000]), start)).toBe(20_000)
})
