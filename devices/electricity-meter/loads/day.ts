export const minutesPerDay = 1_440

/** One-minute mean powers of a local day, W, from midnight on; null or NaN where there is no reading. */
export type MinuteWatts = ArrayLike<number | null>

/** A stretch of minutes: `from` inclusive, `to` exclusive, minutes since midnight. */
export interface Run {
  readonly from: number
  readonly to: number
}

/** A day as its features read it. */
export interface Day {
  /** W, one a minute; NaN where unknown, 0 where the room feeds in. */
  readonly watts: Float64Array
  /** The known ones, lowest first. */
  readonly sorted: Float64Array
  /** What is drawn when nothing is in use: the 10 % quantile. */
  readonly standbyWatts: number
  readonly peakWatts: number
  /** From above here on it is in use: 8 % of the way from standby to peak, and 2.5 W at least. Unverified defaults. */
  readonly useWatts: number
  readonly runs: readonly Run[]
}

/** @throws {RangeError} it has not one value for each minute of a day */
export function readDay(minuteWatts: MinuteWatts): Day {
  if (minuteWatts.length !== minutesPerDay) throw new RangeError(`a day has ${minutesPerDay} minutes`)
  const watts = Float64Array.from(minuteWatts, (value) => (value === null ? Number.NaN : Math.max(0, value)))
  const sorted = watts.filter((value) => !Number.isNaN(value)).sort()
  const standbyWatts = quantile(sorted, 0.1)
  const peakWatts = quantile(sorted, 1)
  const useWatts = standbyWatts + Math.max(2.5, 0.08 * (peakWatts - standbyWatts))
  return { watts, sorted, standbyWatts, peakWatts, useWatts, runs: runsAbove(watts, useWatts) }
}

/** Where `watts` stays above a level; a minute without a reading ends a run. */
export function runsAbove(watts: Float64Array, level: number): Run[] {
  const runs: Run[] = []
  let from = -1
  for (let minute = 0; minute <= watts.length; minute++) {
    const above = (watts[minute] ?? 0) > level
    if (above && from < 0) from = minute
    if (above || from < 0) continue
    runs.push({ from, to: minute })
    from = -1
  }
  return runs
}

/** Between the neighbours; 0 of nothing, which the quantiles of simple-statistics refuse. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1)
  const below = sorted[Math.floor(position)] ?? 0
  return below + ((sorted[Math.ceil(position)] ?? below) - below) * (position - Math.floor(position))
}

export function medianOf(values: Iterable<number>): number {
  return quantile(Float64Array.from(values).sort(), 0.5)
}

/** 0 of nothing. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0
  return values.length === 0 ? 0 : sum / values.length
}

/** Standard deviation as a share of the mean; 0 of fewer than two. */
export function variation(values: ArrayLike<number>): number {
  const mean = meanOf(values)
  const squares = Float64Array.from(values, (value) => (value - mean) ** 2)
  return mean === 0 ? 0 : Math.sqrt(meanOf(squares)) / mean
}
