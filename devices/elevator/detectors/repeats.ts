import { hourMs, minuteMs, secondMs } from '../../../core/clock.ts'

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
 * The last event that counted, of a quantity that has one value per stop or cycle: its value, the counter of events and the floor, null where
 * they are not told; and when it was last known to be the same event, ms.
 */
export type Counted = readonly [value: number, count: number | null, floor: number | null, at: number]

/** A value, and what else its reading says of the event. */
export interface SaidOfEvent {
  readonly value: number
  readonly at: number
  readonly count?: number | undefined
  readonly floor?: number | undefined
  /** The counter is of rides, not of cycles of the door. */
  readonly countsRides?: boolean
  /** The car stands; undefined where the reading says nothing of it. */
  readonly stands?: boolean | undefined
}

/** The same value so soon, where neither a counter nor a floor is told, is the same event's; unverified default. */
const repeatedMs = 3 * minuteMs

/** A counter or floor that is not told beside the value is the last one for so long, then it is told no more; unverified default. */
const goneMs = hourMs

/**
 * It tells of another event than the last one that counted, and does not repeat that one's value until the next. A counter of rides that
 * has gone on by one while the car moves is of a ride that has not ended; a floor counts where the car is known to stand, for others pass by. A 0 that neither
 * tells apart is taken for new: what nobody knows is counted towards health.
 */
export function isOfNewEvent(was: Counted, said: SaidOfEvent): boolean {
  const [valueThen, countThen, floorThen, atThen] = was
  const { value, at, count, floor, stands } = said
  if (value !== valueThen) return true
  const isOfLate = at - atThen <= goneMs
  if (countThen !== null && count !== undefined) {
    const isUnderWay = said.countsRides === true && stands === false && count === countThen + 1
    return count !== countThen && !isUnderWay
  }
  if (countThen !== null && isOfLate) return false
  if (floorThen !== null && (floor ?? (isOfLate ? floorThen : null)) === floorThen) return false
  if (floorThen !== null && floor !== undefined && stands !== undefined) return stands
  return value === 0 || at - atThen > repeatedMs
}

/** After a reading with a new event's value. */
export function eventOf({ value, at, count, floor }: SaidOfEvent): Counted {
  return [value, count ?? null, floor ?? null, at]
}

/** After a reading that repeats its value: what was not told with it is kept when it is told now. */
export function repeatedEvent([value, countThen, floorThen, atThen]: Counted, said: SaidOfEvent): Counted {
  const told = countThen !== null ? said.count : floorThen !== null ? said.floor : said.at
  const floor = floorThen ?? (said.stands === false ? null : (said.floor ?? null))
  return [value, countThen ?? said.count ?? null, floor, told === undefined ? atThen : said.at]
}
