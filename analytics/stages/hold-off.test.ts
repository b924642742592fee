import { expect, test } from 'vitest'
import { minuteMs } from '../../core/clock.ts'
import { hasEnded, holdOffMs, type Quiet, whenOver } from './hold-off.ts'

const holding: Quiet = { state: 'open', overAt: null, clearsAt: null }

/** The life of a condition: `over` and `back` at minutes; answers whether it had ended just before and at each of `asked`. */
function timeline(events: readonly (readonly [minute: number, what: 'over' | 'back' | 'silent'])[], asked: number[]) {
  let quiet = holding
  for (const [minute, what] of events) {
    if (what === 'over') quiet = { ...quiet, ...whenOver(minute * minuteMs, minute * minuteMs) }
    else quiet = what === 'back' ? holding : { ...quiet, state: 'unknown', clearsAt: null }
  }
  return asked.flatMap((minute) => [hasEnded(quiet, minute * minuteMs - 1), hasEnded(quiet, minute * minuteMs)])
}

test('an incident ends when its condition has stayed away for two minutes, to the millisecond', () => {
  expect(holdOffMs).toBe(2 * minuteMs)
  expect(timeline([[5, 'over']], [7])).toEqual([false, true])
})

test.each([
  ['a condition that holds', []],
  [
    'one that came back within the two minutes',
    [
      [5, 'over'],
      [6, 'back'],
    ] as const,
  ],
  [
    'one that nobody can see any more',
    [
      [5, 'over'],
      [6, 'silent'],
    ] as const,
  ],
])('%s never ends by itself', (_, events) => {
  expect(timeline(events, [6, 7, 600])).toEqual(Array(6).fill(false))
})

test('the two minutes run anew each time it is over', () => {
  expect(
    timeline(
      [
        [5, 'over'],
        [6, 'back'],
        [6.5, 'over'],
      ],
      [8.5],
    ),
  ).toEqual([false, true])
})

test('what was cleared otherwise, by the end of its order say, has ended', () => {
  expect(hasEnded({ state: 'cleared', overAt: null, clearsAt: null }, 0)).toBe(true)
})
