import { dayMs, hourMs, minuteMs } from '../../../core/clock.ts'
import type { Values } from '../../../core/reading.ts'
import type { ReplayInput } from '../../replay.ts'

const start = Date.parse('2025-06-02T00:00:00+08:00')
const perDay = 30

/** For tests: so many days of readings, each half an hour from 8 in the morning to 11 at night; what a day's n-th reading says is given. */
export function days(
  count: number,
  values: (day: number, n: number, hour: number) => Values,
  from = 0,
): (ReplayInput & { readonly values: Values })[] {
  return Array.from({ length: count * perDay }, (_, i) => {
    const day = from + Math.floor(i / perDay)
    const n = i % perDay
    const at = start + day * dayMs + 8 * hourMs + n * 30 * minuteMs
    return { at, values: values(day, n, 8 + n / 2) }
  })
}

/** For tests: the car is parked at 23 o'clock, and its gateway says the same again every two minutes for two hours. */
export function parked(day: number, values: Values): (ReplayInput & { readonly values: Values })[] {
  return Array.from({ length: 60 }, (_, i) => ({ at: start + day * dayMs + 23 * hourMs + i * 2 * minuteMs, values }))
}

/** Day of a finding. */
export function dayOf({ at }: { readonly at: number }): number {
  return Math.floor((at - start) / dayMs)
}

/** Noise between -1 and 1 that is the same in every run: the n-th of a day. */
export function noise(day: number, n: number): number {
  const x = Math.sin(day * 127.1 + n * 311.7) * 43_758.5453
  return 2 * (x - Math.floor(x)) - 1
}
