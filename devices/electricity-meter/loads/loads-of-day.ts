import { type MinuteWatts, medianOf, minutesPerDay, type Run, readDay } from './day.ts'
import type { LoadModel } from './load-model.ts'
import { type Recognition, recogniseLoad } from './recognise.ts'
import { type SwitchedLoad, switchedLoads } from './switched-loads.ts'

/** One appliance of a room, as far as its meter shows it. */
export interface RoomLoad {
  /** Of its usual run, W. */
  readonly watts: number
  readonly runs: readonly Run[]
  readonly kilowattHours: number
  readonly recognition: Recognition
}

export interface LoadsOfDay {
  /** What ran all day, W, appliances not told apart. */
  readonly baseWatts: number
  /** The largest energy first. */
  readonly loads: readonly RoomLoad[]
}

/** Runs of one appliance have about the same power and, within reason, length. Unverified defaults. */
const alikeShare = 0.15
const alikeWatts = 15
const alikeLengths = 5

/**
 * Which kinds of appliance ran behind a room's meter on one day: the day is taken apart into loads that were switched on and off, equal
 * ones are taken for one appliance, and each appliance's own day is recognised.
 *
 * What changes its power slowly or all the time is not taken apart, nor is what runs for less than two minutes.
 *
 * @throws {RangeError} it has not one value for each minute of a day
 */
export function loadsOfDay(minuteWatts: MinuteWatts, model: LoadModel): LoadsOfDay {
  const { watts, sorted } = readDay(minuteWatts)
  if (sorted.length === 0) return { baseWatts: 0, loads: [] }
  const { baseWatts, loads } = switchedLoads(watts, sorted)
  const rest = watts.map((value) => value - baseWatts)
  for (const { from, to, watts: drawn } of loads)
    for (let minute = from; minute < to; minute++) rest[minute] = (rest[minute] ?? 0) - drawn
  return {
    baseWatts,
    loads: appliances(loads)
      .map((runs) => roomLoad(runs, watts, rest, model))
      .sort((a, b) => b.kilowattHours - a.kilowattHours),
  }
}

function appliances(loads: readonly SwitchedLoad[]): SwitchedLoad[][] {
  const found: SwitchedLoad[][] = []
  for (const load of [...loads].sort((a, b) => a.watts - b.watts || a.from - b.from)) {
    const same = found.find((runs) => areAlike(runs, load))
    if (same) same.push(load)
    else found.push([load])
  }
  return found
}

function areAlike(runs: readonly SwitchedLoad[], load: SwitchedLoad): boolean {
  const watts = medianOf(runs.map((run) => run.watts))
  const lengths = medianOf(runs.map(({ from, to }) => to - from)) / (load.to - load.from)
  const apart = runs.every(({ from, to }) => load.to <= from || load.from >= to)
  const similar = Math.abs(load.watts - watts) <= Math.max(alikeWatts, alikeShare * watts)
  return apart && similar && lengths < alikeLengths && lengths > 1 / alikeLengths
}

/** The appliance's own day: what it was switched on with, and what the meter shows beyond all known loads while it runs. */
function roomLoad(runs: readonly SwitchedLoad[], watts: Float64Array, rest: Float64Array, model: LoadModel): RoomLoad {
  const own = Float64Array.from({ length: minutesPerDay }, (_, minute) => (Number.isNaN(watts[minute]) ? Number.NaN : 0))
  let wattMinutes = 0
  for (const { from, to, watts: drawn } of runs) {
    for (let minute = from; minute < to; minute++) {
      const value = Math.min(1.5 * drawn, Math.max(0.5 * drawn, drawn + (rest[minute] ?? 0)))
      own[minute] = value
      if (!Number.isNaN(value)) wattMinutes += value
    }
  }
  return {
    watts: medianOf(runs.map((run) => run.watts)),
    runs: runs.map(({ from, to }) => ({ from, to })).sort((a, b) => a.from - b.from),
    kilowattHours: wattMinutes / 60_000,
    recognition: recogniseLoad(own, model),
  }
}
