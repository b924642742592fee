import type { Detector, Tick } from '../../../core/detector.ts'
import type { Values } from '../../../core/reading.ts'
import { type ReplayInput, replay } from '../../replay.ts'

/** For tests: readings of one elevator, in seconds after this, a Monday morning. */
export const start = Date.parse('2025-06-02T09:00:00+08:00')

export interface Said {
  readonly at: number
  readonly values: Values
}

export function said(seconds: number, values: Values): Said {
  return { at: start + seconds * 1_000, values }
}

/** The same values every 10 s, from one second to another, both included. */
export function every10s(from: number, to: number, values: Values): Said[] {
  return Array.from({ length: Math.floor((to - from) / 10) + 1 }, (_, i) => said(from + i * 10, values))
}

/** Each metric in a reading of its own, 10 ms apart, in the order in which the reading has them or in the reverse. */
export function oneByOne(readings: readonly Said[], order: 'forwards' | 'backwards' = 'forwards'): Said[] {
  return readings.flatMap(({ at, values }) => {
    const metrics = Object.entries(values)
    if (order === 'backwards') metrics.reverse()
    return metrics.map(([metric, value], i) => ({ at: at + i * 10, values: { [metric]: value } }))
  })
}

/** What a gateway sends that tells each change once, each in a reading of its own. */
export function changesOnly(readings: readonly Said[]): Said[] {
  const told: Values = {}
  return oneByOne(readings).filter(({ values }) => {
    const [entry] = Object.entries(values)
    if (entry === undefined || told[entry[0]] === entry[1]) return false
    Object.assign(told, values)
    return true
  })
}

/** What is news, in order: its severity or `cleared`, and when, in whole seconds after the start. */
export function news(
  detector: Detector,
  inputs: readonly ReplayInput[],
  options: { facts?: object; settings?: object } = {},
): string[] {
  return replay(detector, inputs, options).map(
    ({ at, finding }) => `${finding?.severity ?? 'cleared'} ${Math.floor((at - start) / 1_000)}`,
  )
}

export function tick(seconds: number, lastSeconds: number): Tick {
  return { tick: true, at: start + seconds * 1_000, fresh: true, lastReadingAt: start + lastSeconds * 1_000 }
}

/** Whether a reading that says nothing new, and a tick after it, leave the state as it is: the same object, not a copy. */
export function settles(detector: Detector, values: Values, facts: object = {}): boolean {
  const readings = every10s(0, 100, values).map(({ at }) => ({ at, ...values }))
  let state = detector.initial
  let before: unknown
  for (const reading of [...readings, ...(detector.ticks ? [tick(105, 100)] : [])]) {
    before = state
    state = detector.step(state, reading, detector.settings, facts).state
  }
  return state === before
}
