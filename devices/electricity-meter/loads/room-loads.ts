import { type MinuteWatts, meanOf, medianOf, minutesPerDay, type Run, readDay, variation } from './day.ts'
import { type Tree, votes } from './extra-trees.ts'
import { type SwitchedLoad, switchedLoads } from './switched-loads.ts'

/** What can be told of one load among others; screens, lamps and loudspeakers cannot be told apart there. */
export const roomKinds = ['kitchen-heat', 'wash', 'cold', 'electronics'] as const
export type RoomKind = (typeof roomKinds)[number]

/** Trees over `roomLoadFeatures`; the classes are `roomKinds`. */
export interface RoomModel {
  readonly trees: readonly Tree[]
}

/** Runs that look like one appliance's. */
export interface SwitchedAppliance {
  /** Of its usual run, W. */
  readonly watts: number
  /** In the order of time. */
  readonly runs: readonly Run[]
  readonly kilowattHours: number
}

export interface RoomLoad extends SwitchedAppliance {
  /** The likeliest kind; null when unsure. */
  readonly kind: RoomKind | null
  /** Of the likeliest kind, named or not. */
  readonly probability: number
}

export interface LoadsOfDay {
  /** What ran all day, W, not taken apart. */
  readonly baseWatts: number
  /** The largest energy first. */
  readonly loads: readonly RoomLoad[]
}

/** Share of the trees that must agree. Unverified default. */
const sureFrom = 0.8
/** Less is not worth naming, kWh. Unverified default. */
const leastKilowattHours = 0.02
/** Runs of one appliance have about the same power and, within reason, length. Unverified defaults. */
const alikeShare = 0.15
const alikeWatts = 15
const alikeLengths = 5

/**
 * Which kinds of appliance ran behind a room's meter on one day: the day is taken apart into loads that were switched on and off, alike
 * ones are taken for one appliance, and its runs tell the kind.
 *
 * What changes its power slowly or all the time is not taken apart, nor is what runs for less than two minutes.
 *
 * @throws {RangeError} it has not one value for each minute of a day
 */
export function loadsOfDay(minuteWatts: MinuteWatts, model: RoomModel): LoadsOfDay {
  const { watts, baseWatts, appliances } = appliancesOf(minuteWatts)
  const loads = appliances.map((appliance): RoomLoad => {
    const shares = votes(model.trees, roomLoadFeatures(appliance, watts), roomKinds.length)
    const probability = Math.max(...shares)
    const kind = roomKinds[shares.indexOf(probability)] ?? null
    return { ...appliance, kind: probability < sureFrom ? null : kind, probability }
  })
  return { baseWatts, loads: loads.sort((a, b) => b.kilowattHours - a.kilowattHours) }
}

/** Those that drew enough to be worth naming; the same for learning and for telling. */
export function appliancesOf(minuteWatts: MinuteWatts): {
  watts: Float64Array
  baseWatts: number
  appliances: SwitchedAppliance[]
} {
  const { watts, sorted } = readDay(minuteWatts)
  const { baseWatts, loads } = switchedLoads(watts, sorted)
  const alike: SwitchedLoad[][] = []
  for (const load of [...loads].sort((a, b) => a.watts - b.watts || a.from - b.from)) {
    const same = alike.find((runs) => areAlike(runs, load))
    if (same) same.push(load)
    else alike.push([load])
  }
  const appliances = alike.map(applianceOf).filter(({ kilowattHours }) => kilowattHours >= leastKilowattHours)
  return { watts, baseWatts, appliances }
}

function areAlike(runs: readonly SwitchedLoad[], load: SwitchedLoad): boolean {
  const watts = medianOf(runs.map((run) => run.watts))
  const lengths = medianOf(runs.map(({ from, to }) => to - from)) / (load.to - load.from)
  const apart = runs.every(({ from, to }) => load.to <= from || load.from >= to)
  const similar = Math.abs(load.watts - watts) <= Math.max(alikeWatts, alikeShare * watts)
  return apart && similar && lengths < alikeLengths && lengths > 1 / alikeLengths
}

function applianceOf(loads: readonly SwitchedLoad[]): SwitchedAppliance {
  return {
    watts: medianOf(loads.map(({ watts }) => watts)),
    runs: loads.map(({ from, to }) => ({ from, to })).sort((a, b) => a.from - b.from),
    kilowattHours: loads.reduce((sum, { from, to, watts }) => sum + (watts * (to - from)) / 60_000, 0),
  }
}

const log = (value: number) => Math.log(1 + Math.max(0, value))

/** One appliance's runs in numbers; `watts` are the room's, so what else is switched during a run is in them too. */
export function roomLoadFeatures(
  { watts, runs, kilowattHours }: SwitchedAppliance,
  roomWatts: Float64Array,
): Float64Array {
  const minutes = runs.map(({ from, to }) => to - from)
  const periods = runs.slice(1).map(({ from }, index) => from - (runs[index]?.from ?? 0))
  const shapes = runs.map(({ from, to }) => shapeOf(roomWatts.subarray(from, to), watts))
  const angles = runs.map(({ from, to }) => (Math.PI * (from + to)) / minutesPerDay)
  return Float64Array.of(
    log(watts),
    log(medianOf(minutes)),
    log(Math.max(...minutes)),
    log(runs.length),
    variation(minutes),
    log(1_000 * kilowattHours),
    log((1_000 * kilowattHours) / runs.length),
    log(medianOf(periods)),
    periods.length > 2 ? variation(periods) : 2,
    medianOf(shapes.map(({ change }) => change)),
    medianOf(shapes.map(({ change }) => change / watts)),
    medianOf(shapes.map(({ start }) => start)),
    medianOf(shapes.map(({ drift }) => drift)),
    meanOf(angles.map(Math.cos)),
    meanOf(angles.map(Math.sin)),
  )
}

/** How much a run changes from minute to minute, W; how high it starts and how far it drifts, as shares of the load. */
function shapeOf(run: Float64Array, watts: number): { change: number; start: number; drift: number } {
  const known = run.filter((value) => !Number.isNaN(value))
  const changes = known.slice(2, -1).map((value, index) => Math.abs(value - (known[index + 1] ?? value)))
  return {
    change: log(medianOf(changes)),
    start: (Math.max(known[0] ?? 0, known[1] ?? 0) - medianOf(known)) / watts,
    drift: (meanOf(known.slice(-5)) - meanOf(known.slice(1, 6))) / watts,
  }
}
