import { hourMs, secondMs } from '../../../core/clock.ts'
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

/**
 * For tests of days: as `news`, without what makes `replay` slow, in hours since the first input. The state goes through JSON once an hour of
 * readings at least.
 */
export function longNews(detector: Detector, inputs: Iterable<Reading>, facts: object = {}): string[] {
  const said: string[] = []
  let state = detector.initial
  let from: number | undefined
  let severity: string | undefined
  let count = 0
  for (const { at, values } of inputs) {
    from ??= at
    const step = detector.step(state, { at, ...values }, detector.settings, facts)
    state = count++ % 360 === 0 ? JSON.parse(JSON.stringify(step.state)) : step.state
    const now = step.finding?.severity ?? severity
    if (step.cleared && severity !== undefined) said.push(`${hours(at - from)} h cleared`)
    else if (now !== severity) said.push(`${hours(at - from)} h ${now}`)
    severity = step.cleared ? undefined : now
  }
  return said
}

function hours(ms: number): string {
  return (ms / hourMs).toFixed(1)
}

/** For tests: readings of so many days, each told from its hour since the first. */
export function* days(count: number, everySeconds: number, from: number, valuesAt: (hour: number) => Values) {
  for (let second = 0; second < count * 86_400; second += everySeconds)
    yield { at: from + second * secondMs, values: valuesAt(second / 3_600) }
}

/** For tests: the minimal standard generator of Park and Miller, Comm. ACM 31 (1988), 1192–1201. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
