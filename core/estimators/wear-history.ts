import { hourMs } from '../clock.ts'

/**
 * What a device's wear was, in two hundred bytes of JSON at most: the levels of the last periods one by one, of older ones in twos, of still
 * older ones in fours, and so on. So a year is remembered, and last week is remembered well.
 *
 * A period's level is the mean of its values, each cut at `cutAt` mean deviations from the mean so far: a door that jams
 * for a minute, once, is people. The deviation grows when values stay away, so a real change is followed within days.
 *
 * Memory   a dozen numbers after two weeks, some twenty after a year, whatever the rate of samples
 * Source   buckets of doubling width: M. Datar et al., "Maintaining Stream Statistics over Sliding Windows", SIAM J.
 *          Comput. 31 (2002), 1794–1813; the cut: P. J. Huber, "Robust Estimation of a Location Parameter", Ann. Math.
 *          Statist. 35 (1964), 73–101. `cutAt` and the widths are unverified defaults
 */
export interface WearState {
  /** Number of the present period, counted from 1970; -1 before the first value. */
  readonly period: number
  /** Of the present period: how many values, and the sum of what they lie above `usual`. */
  readonly count: number
  readonly sum: number
  /** The level of the last period that had values. */
  readonly usual: number
  /** Mean absolute deviation of a value from its period's level. */
  readonly spread: number
  /** Levels of past periods: `history[j]` holds those of 2^j periods each, oldest first; null where nothing was heard. */
  readonly history: readonly (readonly (number | null)[])[]
}

export interface HistorySettings {
  /** Values of so many hours make one level. Of a day, so that its hours do not look like wear. */
  readonly periodHours: number
  /** A period with fewer values tells nothing. */
  readonly fewestValues: number
  /** The smallest difference that the sensor tells, in the unit of the value; above 0. */
  readonly resolution: number
}

/** One remembered level: the mean over `periods`, from `from` on; counted in periods since 1970. */
export interface WearPoint {
  readonly from: number
  readonly periods: number
  readonly level: number
}

export const newWear: WearState = { period: -1, count: 0, sum: 0, usual: 0, spread: 0, history: [] }

const cutAt = 3
/** And so many times the resolution, so that a value which never varied may still change. */
const leastCut = 5
/** So many first values are believed as they are: before them nobody knows what is far. */
const believed = 10
/** Values so far back hardly count for the deviation any more. */
const spreadMemory = 100
/** Of one width; one more, and the two oldest become one of twice the width. */
const mostOfOneWidth = 3
const mostWidths = 10
/** What the widths hold at least: of days, more than five years. */
const memoryPeriods = (mostOfOneWidth - 1) * (2 ** mostWidths - 1)

/** Takes in one value; time goes on or stays. A value older than the present period is not used. */
export function observeWear(state: WearState, at: number, value: number, settings: HistorySettings): WearState {
  const period = Math.floor(at / (settings.periodHours * hourMs))
  if (period < state.period) return state
  return add(period === state.period ? state : advance(state, period, settings), value, settings.resolution)
}

/** The remembered levels, oldest first, without the period that is not over. */
export function wearPoints(state: WearState): WearPoint[] {
  const points: WearPoint[] = []
  let to = state.period
  for (const [power, levels] of state.history.entries()) {
    const periods = 2 ** power
    for (let i = levels.length - 1; i >= 0; i--) {
      to -= periods
      const level = levels[i]
      if (typeof level === 'number') points.push({ from: to, periods, level })
    }
  }
  return points.reverse()
}

function add(state: WearState, value: number, resolution: number): WearState {
  const first = state.history.length === 0
  if (first && state.count === 0) return { ...state, count: 1, usual: value }

  const count = state.count + 1
  const mean = levelOf(state)
  const cut = first && count <= believed ? Infinity : cutAt * state.spread + leastCut * resolution
  const above = Math.max(-cut, Math.min(cut, value - mean))
  const weight = 1 / (first ? Math.min(count - 1, spreadMemory) : spreadMemory)
  const grains = 100 / resolution
  return {
    period: state.period,
    count,
    sum: Math.round((state.sum + (mean - state.usual) + above) * grains) / grains,
    usual: state.usual,
    spread: Math.round((state.spread + (Math.abs(above) - state.spread) * weight) * grains) / grains,
    history: state.history,
  }
}

/** Of the present period so far, else of the last one that had values. */
function levelOf({ usual, sum, count }: WearState): number {
  return count === 0 ? usual : usual + sum / count
}

function advance(state: WearState, period: number, { fewestValues }: HistorySettings): WearState {
  if (state.period < 0 || period - state.period > memoryPeriods) return { ...newWear, period }

  const enough = state.count >= fewestValues
  const usual = shortened(levelOf(state))
  let history = push(state.history, enough ? usual : null)
  for (let silent = state.period + 1; silent < period; silent++) history = push(history, null)
  return { period, count: 0, sum: 0, usual, spread: state.spread, history }
}

function push(history: WearState['history'], level: number | null): WearState['history'] {
  const next = [...history]
  let carried: number | null | undefined = level
  for (let power = 0; carried !== undefined && power < mostWidths; power++) {
    const levels: readonly (number | null)[] = [...(next[power] ?? []), carried]
    const full = levels.length > mostOfOneWidth
    next[power] = full ? levels.slice(2) : levels
    carried = full ? joined(levels[0] ?? null, levels[1] ?? null) : undefined
  }
  return next
}

function joined(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return shortened((a + b) / 2)
}

/** Four digits: more would only lengthen the state. */
function shortened(value: number): number {
  return Number(value.toPrecision(4))
}
