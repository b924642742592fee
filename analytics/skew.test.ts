import { expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from '../core/clock.ts'
import { lagMs, observeOwnSkew, observeSkew, type Skew, skewMs } from './skew.ts'

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
  expect(skewMs(after([0, 80], [10, 50], [300, 70]))).toBe(50)
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

/** Every 10 s from `from` to `to` (seconds after the start), each behind by what `behindMs` says of its second. */
function every10(
  from: number,
  to: number,
  behindMs: (seconds: number) => number,
): [seconds: number, behindMs: number][] {
  return Array.from({ length: (to - from) / 10 }, (_, i) => [from + i * 10, behindMs(from + i * 10)])
}

const live = every10(0, 600, () => 50)
/** A day was stored; it is sent within 870 s, while more comes in. */
const backlog = (from: number) => every10(from, from + 870, (s) => 50 + (24 * hourMs * (from + 870 - s)) / 870)

test('a backlog is never taken for a clock, however long it takes to send it', () => {
  const outage = 87_000
  const sent = backlog(outage)
  for (let count = 1; count <= sent.length; count += 1) {
    const receivedAt = start + (outage + count * 10) * secondMs
    expect(lagMs(after(...live, ...sent.slice(0, count)), receivedAt)).toBe(50)
  }
})

test('of a gateway that we meet while it sends a day of backlog nobody knows its clock until that is done', () => {
  const sent = backlog(0).slice(0, -1)
  for (let count = 1; count <= sent.length; count += 1) {
    expect(lagMs(after(...sent.slice(0, count)), start + count * 10 * secondMs)).toBeUndefined()
  }
  const done = every10(870, 890, () => 50)
  expect(lagMs(after(...sent, ...done), start + 890 * secondMs)).toBe(50)
})

test('a clock that is 8 hours behind stays known through an outage and its backlog', () => {
  const behind = (messages: [number, number][]) => messages.map(([s, ms]): [number, number] => [s, ms + 8 * hourMs])
  const sent = backlog(87_000)
  for (let count = 1; count <= sent.length; count += 1) {
    const receivedAt = start + (87_000 + count * 10) * secondMs
    expect(lagMs(after(...behind(live), ...behind(sent.slice(0, count))), receivedAt)).toBe(8 * hourMs + 50)
  }
})

test('met with backlog and a clock 8 hours behind, it is believed a minute after the backlog', () => {
  const met = after(...backlog(0).map(([s, ms]): [number, number] => [s, ms + 8 * hourMs]), [870, 8 * hourMs])
  expect(lagMs(met, start + 890 * secondMs)).toBeUndefined()
  expect(lagMs(met, start + 930 * secondMs)).toBe(8 * hourMs)
})

test('stored messages between the live ones of a clock that was set back only delay that it is believed', () => {
  const mixed = every10(600, 1_810, (s) => 8 * hourMs + (s % 20 === 0 ? 0 : 24 * hourMs - s * 20_000))
  expect(skewMs(after(...live, ...mixed.slice(0, 20)))).toBe(50)
  expect(skewMs(after(...live, ...mixed))).toBe(8 * hourMs)
})

test('a link that comes and goes while a backlog is sent settles nothing', () => {
  const day = 24 * hourMs
  const gaps = after(
    ...live,
    [90_000, day],
    [90_010, day - 50_000],
    [90_380, day + 5 * minuteMs],
    [91_280, day + hourMs],
  )
  expect(skewMs(gaps)).toBe(50)
})

test('an outage within a window of stored data does not make it believed', () => {
  const twice = after(...live, [7_800, 2 * hourMs], [7_830, 2 * hourMs - 20_000], [15_000, 3 * hourMs])
  expect(skewMs(twice)).toBe(50)
  expect(skewMs(after([0, 50], [310, 2 * hourMs], [1_000, 2 * hourMs + 600_000]))).toBe(50)
})

test('a gateway that sends every quarter of an hour is believed at its second message', () => {
  expect(lagMs(after([0, 8 * hourMs], [900, 8 * hourMs + 20]), start + 900 * secondMs)).toBe(8 * hourMs)
})

test('what was believed and shrinks was no clock: nobody knows until it holds', () => {
  // sent as slowly as it was recorded it looks like a clock; then the link gets faster
  const slow = every10(0, 400, () => 5 * hourMs)
  const fast = every10(400, 700, (s) => 5 * hourMs - (s - 390) * 30_000)
  expect(lagMs(after(...slow), start + 400 * secondMs)).toBe(5 * hourMs)
  expect(lagMs(after(...slow, ...fast), start + 700 * secondMs)).toBeUndefined()
})

/** The same of a single device; its gateway's clock is right. */
function own(...messages: [seconds: number, behindMs: number][]): Skew | undefined {
  return messages.reduce<Skew | undefined>((skew, [seconds, behind]) => {
    const receivedAt = start + seconds * secondMs
    return observeOwnSkew(skew, receivedAt - behind, receivedAt, 50)
  }, undefined)
}

test('a clock of a device’s own is believed after ten minutes, and one word in its gateway’s time ends it', () => {
  const fallen = every10(600, 1_210, () => 8 * hourMs)
  expect(own(...live, ...fallen.slice(0, -1), [1_199, 8 * hourMs])).toMatchObject({ smallestBefore: 50 })
  expect(lagMs(own(...live, ...fallen.slice(0, -1)), start + 1_190 * secondMs)).toBe(50)
  expect(lagMs(own(...live, ...fallen), start + 1_200 * secondMs)).toBe(8 * hourMs)
  expect(own(...live, ...fallen, [1_210, minuteMs])).toBeUndefined()
  expect(lagMs(own(...live, ...fallen.slice(0, -1), [1_195, 50], ...fallen.slice(-1)), start + 1_200 * secondMs)).toBe(
    50,
  )
})

test('a backlog of a single device is never taken for its clock, nor is what shrinks after it was believed', () => {
  const sent = backlog(87_000)
  for (let count = 1; count <= sent.length; count += 1) {
    const receivedAt = start + (87_000 + count * 10) * secondMs
    expect(lagMs(own(...live, ...sent.slice(0, count)), receivedAt) ?? 0).toBeLessThanOrEqual(50)
  }
  const slow = every10(0, 700, () => 5 * hourMs)
  const fast = every10(700, 1_000, (s) => 5 * hourMs - (s - 690) * 30_000)
  expect(lagMs(own(...slow), start + 700 * secondMs)).toBe(5 * hourMs)
  expect(lagMs(own(...slow, ...fast), start + 1_000 * secondMs)).toBe(50)
})

test('devices of one gateway with clocks of their own: the quickest counts, in whatever order they send', () => {
  const three = every10(0, 1_200, (s) => [50, 4 * minuteMs, 8 * hourMs][(s / 10) % 3] ?? 0)
  expect(lagMs(after(...three), start + 1_200 * secondMs)).toBe(50)
  // it is gone, and within 10 minutes the next one counts; back, it counts at once
  const two = every10(1_200, 1_810, (s) => (s % 20 === 0 ? 4 * minuteMs : 8 * hourMs))
  expect(lagMs(after(...three, ...two, [1_820, 4 * minuteMs]), start + 1_820 * secondMs)).toBe(4 * minuteMs)
  expect(lagMs(after(...three, ...two, [1_820, 60]), start + 1_820 * secondMs)).toBe(60)
})
