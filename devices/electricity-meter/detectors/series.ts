import { secondMs } from '../../../core/clock.ts'
import type { Detector } from '../../../core/detector.ts'
import type { Values } from '../../../core/reading.ts'
import { type ReplayInput, replay } from '../../replay.ts'

/** Monday, 12 January 2026, 12:00 in Hangzhou. */
export const noon = Date.parse('2026-01-12T12:00:00+08:00')

interface Reading {
  readonly at: number
  readonly values: Values
}

/** For tests: readings that lie equally far apart. */
export function series(values: readonly Values[], everySeconds = 10, from = noon): Reading[] {
  return values.map((each, index) => ({ at: from + index * everySeconds * secondMs, values: each }))
}

/** For tests: the same reading so many times. */
export function times(count: number, values: Values): Values[] {
  return Array<Values>(count).fill(values)
}

/** For tests: what is news, as "60 s warning" or "600 s cleared" since the first input. */
export function news(detector: Detector, inputs: readonly ReplayInput[], facts: object = {}): string[] {
  const from = inputs[0]?.at ?? 0
  return replay(detector, inputs, { facts }).map(
    ({ at, finding }) => `${Math.round((at - from) / secondMs)} s ${finding?.severity ?? 'cleared'}`,
  )
}
