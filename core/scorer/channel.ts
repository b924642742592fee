import { type DayProfile, noDayProfile } from '../estimators/day-profile.ts'
import { type Bands, type Newness, noNewness } from './newness.ts'
import { numbers, pack, unpack } from './packed.ts'
import { noShift, type Shift } from './shift.ts'

/** What is remembered of one series, while it is worked with. */
export interface Channel {
  /** Samples so far; counting ends at 2²⁴, when it is only a weight of next to nothing. */
  readonly samples: number
  readonly profile: DayProfile
  /** Moving means of the value without its daily profile, fast to slow. */
  readonly means: readonly [number, number, number, number]
  readonly newness: Newness
  readonly shift: Shift
}

/** The same at rest. */
export type PackedChannel = readonly [periodAt: number, numbers: string, seen: string, cells: string]

export function newChannel(at: number, value: number): Channel {
  const nothing: Bands = { residual: value, fast: 0, slow: 0 }
  return {
    samples: 0,
    profile: noDayProfile,
    means: [value, value, value, value],
    newness: noNewness(at, value, nothing),
    shift: noShift(value),
  }
}

const numberCount = 54
const atMeans = 22
const atRanges = 30
const atProfile = 42

export function packChannel({ samples, profile, means, newness, shift }: Channel): PackedChannel {
  const n = numbers
  n[0] = samples
  n[1] = newness.periodSamples
  n[2] = newness.last
  n[3] = newness.level
  n[4] = newness.activity
  n[5] = newness.peak
  n[6] = newness.peakAgo
  n[7] = newness.density[1]
  n[8] = shift.samples
  n[9] = shift.centre
  n[10] = shift.fast
  n[11] = shift.recent
  n[12] = shift.since
  n[13] = shift.extent
  n[14] = shift.silent
  put(15, shift.reversion)
  put(20, shift.proof)
  put(atMeans, means)
  put(26, newness.usualLevel)
  put(28, newness.usualActivity)
  put(atRanges, newness.ranges[0])
  put(atRanges + 4, newness.ranges[1])
  put(atRanges + 8, newness.ranges[2])
  put(atProfile, profile[0])
  return [newness.periodAt, pack(numberCount), profile[1], newness.density[0]]
}

export function unpackChannel([periodAt, packed, seen, cells]: PackedChannel): Channel {
  unpack(packed)
  const at = (index: number) => numbers[index] ?? 0
  return {
    samples: at(0),
    profile: [taken(atProfile, numberCount), seen],
    means: fourAt(atMeans),
    newness: {
      ranges: [fourAt(atRanges), fourAt(atRanges + 4), fourAt(atRanges + 8)],
      periodAt,
      periodSamples: at(1),
      last: at(2),
      level: at(3),
      activity: at(4),
      usualLevel: [at(26), at(27)],
      usualActivity: [at(28), at(29)],
      density: [cells, at(7)],
      peak: at(5),
      peakAgo: at(6),
    },
    shift: {
      samples: at(8),
      centre: at(9),
      fast: at(10),
      reversion: [at(15), at(16), at(17), at(18), at(19)],
      proof: [at(20), at(21)],
      recent: at(11),
      since: at(12),
      extent: at(13),
      silent: at(14),
    },
  }
}

function fourAt(index: number): readonly [number, number, number, number] {
  return [numbers[index] ?? 0, numbers[index + 1] ?? 0, numbers[index + 2] ?? 0, numbers[index + 3] ?? 0]
}

function put(from: number, values: readonly number[]): void {
  for (let index = 0; index < values.length; index++) numbers[from + index] = values[index] ?? 0
}

function taken(from: number, to: number): number[] {
  const values: number[] = []
  for (let index = from; index < to; index++) values.push(numbers[index] ?? 0)
  return values
}
