import { dayMs, hourMs } from '../clock.ts'
import { addOne, countAt, noCounts } from './small-counts.ts'

/**
 * What is usual at this time of the day: one mean per two hours. It is subtracted as a profile around the day's own mean, so the
 * level of the series stays in what is left.
 *
 * A mean of k samples is trusted by k / (k + 3), and what is forgotten goes by time. It takes a whole day to be of use. Whose clock the
 * hours are is of no matter, as long as it is always the same.
 *
 * Memory   twelve means and twelve characters
 */
export type DayProfile = readonly [
  means: readonly number[],
  /** Samples of each, see small-counts.ts. */
  seen: string,
]

const bins = 12
const trust = 3

export const noDayProfile: DayProfile = [Array<number>(bins).fill(0), noCounts(bins)]

const binOf = (at: number) => Math.floor((at % dayMs) / (dayMs / bins))

/** How far this time of the day usually lies above the mean of the day; below it is negative. */
export function usualOffset([means, seen]: DayProfile, at: number): number {
  const bin = binOf(at)
  const samples = countAt(seen, bin)
  if (samples === 0) return 0
  let sum = 0
  let known = 0
  for (let index = 0; index < bins; index++) {
    if (countAt(seen, index) === 0) continue
    sum += means[index] ?? 0
    known++
  }
  return (samples / (samples + trust)) * ((means[bin] ?? 0) - sum / known)
}

/** `elapsedMs` since the sample before, so that one a second and one an hour forget alike; the memory is `memoryMs`. */
export function learnDayProfile(
  [means, seen]: DayProfile,
  at: number,
  value: number,
  elapsedMs: number,
  memoryMs: number,
  turn: number,
): DayProfile {
  const bin = binOf(at)
  const counted = addOne(seen, bin, turn)
  const binMemoryMs = memoryMs / bins
  const weight = Math.max(1 / Math.max(1, countAt(counted, bin)), Math.min(elapsedMs, 2 * hourMs) / binMemoryMs)
  const mean = means[bin] ?? 0
  return [means.with(bin, mean + Math.min(1, weight) * (value - mean)), counted]
}
