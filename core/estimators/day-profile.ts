import { dayMs, hourMs } from '../clock.ts'
import { significant } from './significant.ts'
import { addOne, countAt, noCounts } from './small-counts.ts'

/**
 * What is usual at this time of the day: one mean per two hours. It is subtracted as a profile around the day's own mean, so the
 * level of the series stays in what is left.
 *
 * A mean is trusted by k / (k + `trust`) after k samples. It remembers `memoryMs` of samples of its own two hours. Whose clock the hours
 * are is of no matter, as long as it is always the same.
 *
 * Memory   twelve means and twelve characters
 */
export interface DayProfile {
  readonly means: readonly number[]
  /** Samples of each, see small-counts.ts. */
  readonly seen: string
}

const bins = 12
const trust = 3

export const noDayProfile: DayProfile = { means: Array<number>(bins).fill(0), seen: noCounts(bins) }

const binOf = (at: number) => Math.floor((at % dayMs) / (dayMs / bins))

/** How far this time of the day usually lies above the mean of the day; below it is negative. */
export function usualOffset({ means, seen }: DayProfile, at: number): number {
  let sum = 0
  let known = 0
  for (let index = 0; index < bins; index++) {
    if (countAt(seen, index) === 0) continue
    sum += means[index] ?? 0
    known++
  }
  const bin = binOf(at)
  const samples = countAt(seen, bin)
  if (samples === 0) return 0
  return (samples / (samples + trust)) * ((means[bin] ?? 0) - sum / known)
}

/** `elapsedMs` since the sample before: what it forgets goes by time, so that it is the same for one a second and one an hour. */
export function learnDayProfile(
  { means, seen }: DayProfile,
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
  return { means: means.with(bin, significant(mean + Math.min(1, weight) * (value - mean))), seen: counted }
}
