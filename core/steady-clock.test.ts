import { expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from './clock.ts'
import { behindRecords, startSteadyClock, systemSources } from './steady-clock.ts'

const start = Date.UTC(2026, 10, 24, 8)

/** A machine whose clock can be set; time passes on both. */
function machine() {
  let wall = start
  let monotonic = 5_000
  return {
    sources: { wall: () => wall, monotonic: () => monotonic },
    pass(ms: number) {
      wall += ms
      monotonic += ms
    },
    set(ms: number) {
      wall += ms
    },
  }
}

test.each([
  ['an hour ahead', hourMs],
  ['two hours back', -2 * hourMs],
  ['ten seconds ahead', 10 * secondMs],
])('the machine is set %s: 30 minutes stay 30 minutes, and it is said', (_, jump) => {
  const { sources, pass, set } = machine()
  const clock = startSteadyClock({ sources })
  pass(minuteMs)
  expect([clock.now(), clock.problem()]).toEqual([start + minuteMs, null])

  set(jump)
  expect(clock.now()).toBe(start + minuteMs)
  for (let minute = 0; minute < 30; minute++) {
    pass(minuteMs)
    clock.now()
  }
  expect(clock.now()).toBe(start + 31 * minuteMs)
  expect(clock.apart()).toBeCloseTo(jump)
  expect(clock.problem()).toMatch(jump > 0 ? /set \d+ s ahead, or the machine slept/ : /set \d+ s back/)
})

test('a small correction is followed, by no more than a second in 30 minutes, until there is none left', () => {
  const { sources, pass, set } = machine()
  const clock = startSteadyClock({ sources })
  set(2 * secondMs)
  for (let second = 0; second < 1_800; second++) {
    pass(secondMs)
    clock.now()
  }
  const early = clock.now() - (start + 30 * minuteMs)
  expect(early).toBeGreaterThan(850)
  expect(early).toBeLessThanOrEqual(1_000)
  pass(2 * hourMs)
  clock.now()
  expect(Math.abs(clock.apart())).toBeLessThan(1)
  expect(clock.problem()).toBeNull()
})

test('it never goes back, not even by the millisecond of a correction', () => {
  const { sources, pass, set } = machine()
  const clock = startSteadyClock({ sources })
  set(-4 * secondMs)
  let before = clock.now()
  for (let step = 0; step < 5_000; step++) {
    pass(0.3)
    const now = clock.now()
    expect(now).toBeGreaterThanOrEqual(before)
    expect(Number.isInteger(now)).toBe(true)
    before = now
  }
})

test('two threads that begin with one epoch read one time, whatever happened between their starts', () => {
  const { sources, pass, set } = machine()
  const first = startSteadyClock({ sources })
  set(hourMs)
  pass(minuteMs)
  const second = startSteadyClock({ sources, epoch: first.epoch })
  pass(minuteMs)
  expect(second.now()).toBe(first.now())
  expect(startSteadyClock({ sources }).now()).toBe(start + hourMs + 2 * minuteMs) // a new start takes the machine's word
})

test('a start before the newest record is told, until it is passed', () => {
  expect(behindRecords(undefined, start)).toBeNull()
  expect(behindRecords(start + 5 * secondMs, start)).toBeNull()
  expect(behindRecords(start + 2 * hourMs, start)).toMatch(/^the machine's clock is 7200 s behind what Liftwatt wrote/)
  expect(behindRecords(start + 2 * hourMs, start + 2 * hourMs)).toBeNull()
})

test("by the machine's own clocks it begins now", () => {
  expect(Math.abs(startSteadyClock().now() - Date.now())).toBeLessThan(1_000)
  expect(systemSources.monotonic()).toBeLessThanOrEqual(systemSources.monotonic())
})
