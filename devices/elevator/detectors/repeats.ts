import { secondMs } from '../../../core/clock.ts'

/** What was told last of a metric that has one value per door cycle, for a detector's state. */
export interface PerCycle {
  /** The last value, and when it was told, ms; 0 for one that need not be dated. */
  readonly value: number
  readonly at: number
  /** The last reading had one. */
  readonly carried: boolean
  /** The counter of door cycles now, and at the last value. */
  readonly cycles: number | null
  readonly cyclesThen: number | null
}

export interface RepeatSettings {
  /** The same value so soon is the same cycle's. */
  readonly repeatSeconds: number
  /** And so soon where it is told in reading after reading. */
  readonly repeatedSeconds: number
}

export const nothingTold: PerCycle = { value: 0, at: 0, carried: false, cycles: null, cyclesThen: null }

/** The same object when nothing is new; a value of 0 is not dated. */
export function perCycleAfter(was: PerCycle, at: number, told: number | undefined, doorCycles?: number): PerCycle {
  const carried = told !== undefined
  const value = told ?? was.value
  const cycles = doorCycles ?? was.cycles
  const cyclesThen = carried ? cycles : was.cyclesThen
  const toldAt = carried && value > 0 ? at : was.at
  const sameValue = value === was.value && toldAt === was.at && carried === was.carried
  if (sameValue && cycles === was.cycles && cyclesThen === was.cyclesThen) return was
  return { value, at: toldAt, carried, cycles, cyclesThen }
}

/** The value is another cycle's than the last one, and not the same that a gateway repeats until the next. */
export function isOfNewCycle(
  was: PerCycle,
  at: number,
  value: number,
  doorCycles: number | undefined,
  { repeatSeconds, repeatedSeconds }: RepeatSettings,
): boolean {
  if (value !== was.value) return true
  const cycles = doorCycles ?? was.cycles
  if (cycles !== null && was.cyclesThen !== null) return cycles > was.cyclesThen
  return at - was.at > (was.carried ? repeatedSeconds : repeatSeconds) * secondMs
}

/**
 * The last event that counted, of a quantity that has one value per stop or cycle: its value, and the counter of events; without a counter
 * null and the floor; without both null, null and the time, ms.
 */
export type Counted = readonly [value: number, count: number | null, floor?: number | null, at?: number]

/** The same value so soon, where neither a counter nor a floor is told, is the same event's; unverified default. */
const repeatedMs = 180 * secondMs

export function countedAs(value: number, at: number, count: number | undefined, floor: number | undefined): Counted {
  if (count !== undefined) return [value, count]
  return floor === undefined ? [value, null, null, at] : [value, null, floor]
}

/**
 * It tells of another event than the last one that counted, and does not repeat that one's value until the next. `moving`: floors that
 * pass by are no stops. A 0 beside neither counter nor floor is taken for new: what nobody can tell apart is counted towards health.
 */
export function isOfNewEvent(was: Counted | null, now: Counted, moving: boolean): boolean {
  if (was === null || now[0] !== was[0]) return true
  const [, countThen, floorThen = null, atThen = 0] = was
  const [value, count, floor = null, at = 0] = now
  if (count !== null || countThen !== null) return count !== countThen
  if (floor !== null || floorThen !== null) return floor !== floorThen && !moving
  return value === 0 || at - atThen > repeatedMs
}
