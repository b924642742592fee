import { expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from '../../../core/clock.ts'
import { eventOf, isOfNewEvent, repeatedEvent, type SaidOfEvent } from './repeats.ts'

/** A value of 1 at 0 and again at `at`; what else each says is given. */
const isNew = (then: Partial<SaidOfEvent>, now: Partial<SaidOfEvent>) =>
  isOfNewEvent(eventOf({ value: 1, at: 0, ...then }), { value: 1, at: secondMs, ...now })

test('beside neither counter nor floor the same again is new after three minutes, a 0 at once', () => {
  expect(isNew({}, { at: 3 * minuteMs })).toBe(false)
  expect(isNew({}, { at: 3 * minuteMs + secondMs })).toBe(true)
  expect(isNew({ value: 0 }, { value: 0 })).toBe(true)
})

test('another value is new, also beside the same counter', () => {
  expect(isNew({ count: 7, floor: 3 }, { value: 2, count: 7, floor: 3 })).toBe(true)
  expect(isNew({ count: 7, floor: 3 }, { count: 7, floor: 4, stands: true })).toBe(false)
})

test('a counter that was reset has changed', () => {
  expect(isNew({ count: 7, floor: 3 }, { count: 0, floor: 3 })).toBe(true)
})

test('a counter that is told no more is forgotten after an hour', () => {
  expect(isNew({ count: 7 }, { at: hourMs })).toBe(false)
  expect(isNew({ count: 7 }, { at: hourMs + secondMs })).toBe(true)
})

test('a counter that is told after the value is that of its event', () => {
  const last = repeatedEvent(eventOf({ value: 1, at: 0 }), { value: 1, at: secondMs, count: 7 })
  expect(last).toEqual([1, 7, null, secondMs])
})
