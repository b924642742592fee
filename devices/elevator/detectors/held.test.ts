import { expect, test } from 'vitest'
import type { Finding } from '../../../core/detector.ts'
import { answer, type Held, hold } from './held.ts'

const raiseSeconds = 30
const clearSeconds = 60

type Word = readonly [seconds: number, holds: boolean | undefined]

/** What is held after these words. */
function after(words: readonly Word[], from: Held | null = null): Held | null {
  return words.reduce((held, [seconds, holds]) => hold(held, seconds * 1_000, holds, raiseSeconds, clearSeconds), from)
}

/** Held by words or fresh ticks every 10 s, from one second to another. */
const every10s = (from: number, to: number, holds: boolean | undefined): Word[] =>
  Array.from({ length: (to - from) / 10 + 1 }, (_, i) => [from + i * 10, holds] as const)

const isRaised = (words: readonly Word[]) => after(words)?.raised ?? false

const raised = after(every10s(0, 30, true))

test('it is raised when it has held for long enough, counted from the first word on, and not earlier', () => {
  expect(
    isRaised([
      [0, true],
      [29.999, true],
    ]),
  ).toBe(false)
  expect(
    isRaised([
      [0, true],
      [30, true],
    ]),
  ).toBe(true)
  expect(
    after([
      [5, true],
      [35, true],
    ]),
  ).toEqual({ raised: true, since: 5_000, at: 35_000, ms: 30_000, calm: false })
})

test('with nothing to wait for the first word raises it', () => {
  expect(hold(null, 5_000, true, 0, clearSeconds)).toEqual({
    raised: true,
    since: 5_000,
    at: 5_000,
    ms: 0,
    calm: false,
  })
})

test.each([false, undefined])('nothing begins with a word that is %s', (holds) => {
  expect(hold(null, 5_000, holds, 0, clearSeconds)).toBeNull()
})

test('before it is raised, one word against it begins the count anew', () => {
  expect(
    after([
      [0, true],
      [20, false],
    ]),
  ).toBeNull()
  expect(
    isRaised([
      [0, true],
      [20, false],
      [25, true],
      [54, true],
    ]),
  ).toBe(false)
  expect(
    isRaised([
      [0, true],
      [20, false],
      [25, true],
      [55, true],
    ]),
  ).toBe(true)
})

test('time of which nobody knows counts neither for it nor against it', () => {
  expect(
    isRaised([
      [0, true],
      [20, undefined],
      [40, true],
      [49, true],
    ]),
  ).toBe(false)
  expect(
    isRaised([
      [0, true],
      [10, true],
      [20, undefined],
      [40, true],
      [50, true],
    ]),
  ).toBe(true)
  expect(
    after([
      [0, true],
      [10, true],
      [20, undefined],
    ]),
  ).toMatchObject({ since: 0, ms: 10_000 })
})

test('of a gap 90 s count, for so long its last sample was fresh', () => {
  const gap = (seconds: number) => hold(after([[0, true]]), seconds * 1_000, true, 100, clearSeconds)

  expect(gap(90)?.ms).toBe(90_000)
  expect(gap(86_400)?.ms).toBe(90_000)
  expect(gap(86_400)?.raised).toBe(false)
})

test('a word that is older than the last one counts nothing', () => {
  expect(
    after([
      [20, true],
      [10, true],
    ])?.ms,
  ).toBe(0)
})

test('raised, it ends when words against it have held for long enough, the first of them included', () => {
  expect(
    after(
      [
        [40, false],
        [99.999, false],
      ],
      raised,
    ),
  ).toMatchObject({ raised: true, calm: true, since: 0 })
  expect(
    after(
      [
        [40, false],
        [100, false],
      ],
      raised,
    ),
  ).toBeNull()
  // the time before the first word against it is not calm
  expect(
    after(
      [
        [130, false],
        [140, false],
      ],
      raised,
    ),
  ).toMatchObject({ raised: true })
})

test('a gap ends nothing beyond the 90 s, and silence nothing at all', () => {
  const calm = after([[40, false]], raised)

  expect(hold(calm, 86_400_000, false, raiseSeconds, 91)).toMatchObject({ raised: true, calm: true, ms: 90_000 })
  expect(after([[86_400, undefined]], raised)).toBe(raised)
})

test('calm that is interrupted begins anew, calm of which nobody knows waits', () => {
  expect(
    after(
      [
        [40, false],
        [90, true],
        [95, false],
        [154, false],
      ],
      raised,
    ),
  ).toMatchObject({ raised: true, calm: true })
  expect(
    after(
      [
        [40, false],
        [90, true],
        [95, false],
        [155, false],
      ],
      raised,
    ),
  ).toBeNull()
  expect(
    after(
      [
        [40, false],
        [90, false],
        [95, undefined],
        [104, false],
      ],
      raised,
    ),
  ).toMatchObject({ ms: 59_000 })
  expect(
    after(
      [
        [40, false],
        [90, false],
        [95, undefined],
        [105, false],
      ],
      raised,
    ),
  ).toBeNull()
})

test('while it is raised and holds on, the same object stays, so that nothing is written', () => {
  expect(after(every10s(40, 3_600, true), raised)).toBe(raised)
})

test('the answer is the finding while it is raised, `cleared` once, and else nothing', () => {
  const finding: Finding = { severity: 'warning', summary: 'It holds', evidence: {} }
  const answerOf = (before: Held | null, held: Held | null) =>
    answer({ held: before }, { held }, held?.raised && finding)
  const waiting = after([[0, true]])

  expect(answerOf(waiting, raised)).toEqual({ state: { held: raised }, finding })
  expect(answerOf(raised, null)).toEqual({ state: { held: null }, cleared: true })
  expect(answerOf(null, waiting)).toEqual({ state: { held: waiting } })
  expect(answerOf(waiting, null)).toEqual({ state: { held: null } })
})
