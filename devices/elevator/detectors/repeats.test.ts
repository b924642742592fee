import { expect, test } from 'vitest'
import { minuteMs, secondMs } from '../../../core/clock.ts'
import { countedAs, isOfNewEvent } from './repeats.ts'

/** Told at `at` after the same value at 0; of one that is told in both, whether it is another event. */
const isNew = (value: number, at: number) =>
  isOfNewEvent(countedAs(value, 0, undefined, undefined), countedAs(value, at, undefined, undefined), false)

test('beside neither counter nor floor the same again is new after three minutes, a 0 at once', () => {
  expect(isNew(1, 3 * minuteMs)).toBe(false)
  expect(isNew(1, 3 * minuteMs + secondMs)).toBe(true)
  expect(isNew(0, secondMs)).toBe(true)
})

test('another value is new, also beside the same counter', () => {
  expect(isOfNewEvent(countedAs(1, 0, 7, 3), countedAs(2, 0, 7, 3), false)).toBe(true)
  expect(isOfNewEvent(countedAs(1, 0, 7, 3), countedAs(1, 0, 7, 4), false)).toBe(false)
})

test('a counter that was reset has changed', () => {
  expect(isOfNewEvent(countedAs(1, 0, 7, 3), countedAs(1, 0, 0, 3), false)).toBe(true)
})
