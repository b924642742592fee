import { secondMs } from '../../../core/clock.ts'

/** What the floor says of a car with its door open, for a detector's state. */
export interface Floors {
  readonly floor: number | null
  /** Two for each ride in a row on which it changed with the door closed and not with the door open; odd while one is under way. */
  readonly timely: number
  /** The floor that it left with its door open, and when it was last said to be at another, ms; null and 0 while it did not. */
  readonly left: number | null
  readonly at: number
}

export const unknownFloors: Floors = { floor: null, timely: 0, left: null, at: 0 }

/** A door that closes, the shortest ride and a door that opens take longer, ms. Unverified default. */
const cycleMs = 6 * secondMs

/**
 * Twice as many rides as show that the floor is told as the car passes it: a barometer that settles, or a register that is read now and then, is
 * late, and says at every stop that the floor changes with the door open. Unverified default.
 */
const timelyRides = 20

export interface DoorSeen {
  /** The last word is that it is open; closed; opening. */
  readonly isOpen: boolean
  readonly isClosed: boolean
  readonly opens: boolean
  /** So was the word before it: when that was said, ms, and whether it holds until another is said. */
  readonly wasOpen: boolean
  readonly saidAt: number
  readonly holds: boolean
  /** The counter of its cycles says that it has not closed since, and the car was seen to move meanwhile. */
  readonly counted: boolean
}

/** The same object when nothing is new. */
export function floorsAfter(was: Floors, at: number, told: number | undefined, door: DoorSeen): Floors {
  const floor = told ?? was.floor
  const stayedOpen = door.isOpen && door.wasOpen && (door.counted || door.holds || at - door.saidAt < cycleMs)
  if (was.left !== null) {
    if (!stayedOpen || floor === was.left) return { floor, timely: 0, left: null, at: 0 }
    return told === undefined ? was : { floor, timely: was.timely, left: was.left, at }
  }
  if (floor === was.floor) {
    const arrived = door.isOpen && was.timely % 2 === 1
    return arrived ? { ...was, timely: Math.min(was.timely + 1, timelyRides) } : was
  }
  if (was.floor === null) return { ...was, floor }
  if (stayedOpen && (door.counted || was.timely >= timelyRides))
    return { floor, timely: was.timely, left: was.floor, at }
  // while it opens, the floor may have come a moment ago
  const timely = door.isClosed ? was.timely + (1 - (was.timely % 2)) : door.opens ? was.timely : 0
  return { floor, timely, left: null, at: 0 }
}
