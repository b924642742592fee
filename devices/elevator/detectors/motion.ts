import { secondMs } from '../../../core/clock.ts'
import type { ElevatorValues } from '../telemetry.ts'

/** What one metric said last of the car: 0 nothing yet, 1 that it stands, 2 that it moves. */
type Word = 0 | 1 | 2

/** The last words on the car's motion, for a detector's state. */
export interface Motion {
  readonly speed: Word
  readonly brake: Word
  readonly arrow: Word
  readonly floor: number | null
  /** The last sign of movement, ms. */
  readonly movedAt: number
  /** The first word after it that the car stands, of whichever metric, ms; 1 once it has departed since. */
  readonly stoodAt: number
  /** When the floor was said last, where nothing else tells of motion, ms. */
  readonly floorAt: number
}

export const unknownMotion: Motion = { speed: 0, brake: 0, arrow: 0, floor: null, movedAt: 0, stoodAt: 0, floorAt: 0 }

/** Slower than this is standing, m/s: an encoder's noise, a car that settles. */
export const standingMps = 0.05

/** Between two words on its floor so far apart, a car may have been anywhere, ms. */
const unseenMs = 30 * secondMs

/** "It moves" is believed for so long after the last sign of it. */
const motionMs = 90 * secondMs

type Said = Pick<ElevatorValues, 'carSpeedMps' | 'brakeState' | 'direction' | 'floor'> & { readonly at: number }

/** Something was counted meanwhile; a counter that was reset tells nothing. */
export function isMore(before: number | null, after: number | undefined): boolean {
  return before !== null && after !== undefined && after > before
}

/** A word that the car stands may come so long before the last one of its ride: each metric comes by itself. Unverified default. */
const settleMs = 2 * secondMs

/** A reading without the zone, so long after the word that it was left, comes of a gateway that has nothing else to say of it. Unverified default. */
export const doubtMs = 10 * secondMs

/** By whichever metric. */
export function saysStanding(
  { carSpeedMps, brakeState, direction }: Omit<Said, 'at'>,
  slowestMps: number = standingMps,
): boolean {
  const isSlow = carSpeedMps !== undefined && Math.abs(carSpeedMps) <= slowestMps
  return isSlow || brakeState === 'applied' || direction === 'none'
}

/** By this reading it stands where it was before: nothing says another floor, or counts a trip. A word that it has left its zone is doubted then. */
export function staysPut(
  was: { readonly floor: number | null; readonly trips: number | null },
  said: Omit<Said, 'at'> & Pick<ElevatorValues, 'trips'>,
  slowestMps: number = standingMps,
): boolean {
  const isElsewhere = said.floor !== undefined && was.floor !== null && said.floor !== was.floor
  return !isElsewhere && !isMore(was.trips, said.trips) && saysStanding(said, slowestMps)
}

/**
 * The stop is over: the brake is released, or the arrow lit where the brake is not said to be applied, by a word that does not say as well that
 * the car stands. Who is shut in presses buttons, and lights the arrow.
 */
export function departed(stoodAt: number): number {
  return Math.min(stoodAt, 1)
}

/** A sign of movement came after the word that the car stands: that says nothing of the ride after it. Both ms, 0 while there was none. */
export function isOvertaken({ stoodAt, movedAt }: Pick<Motion, 'stoodAt' | 'movedAt'>): boolean {
  return stoodAt > 0 && stoodAt < movedAt - settleMs
}

/** The last word is that it stands. */
export function isKnownToStand(times: Pick<Motion, 'stoodAt' | 'movedAt'>): boolean {
  return times.stoodAt > 0 && !isOvertaken(times)
}

/** A trip that is counted is a sign of movement; of a car that stands it may have ended long ago. */
export function tripCounted(was: Motion, at: number): Motion {
  return { ...was, movedAt: at, stoodAt: isKnownToStand(was) ? at : was.stoodAt }
}

/** The same object when nothing is new. */
export function motionAfter(was: Motion, said: Said): Motion {
  const { at, carSpeedMps, brakeState, direction, floor } = said
  const speed = carSpeedMps === undefined ? was.speed : Math.abs(carSpeedMps) > standingMps ? 2 : 1
  const brake = brakeState === undefined ? was.brake : brakeState === 'released' ? 2 : 1
  const arrow = direction === undefined ? was.arrow : direction === 'none' ? 1 : 2
  const floorOnly = floor !== undefined && speed + brake + arrow === 0
  const floorAt = floorOnly ? at : was.floorAt
  const elsewhere = floor !== undefined && was.floor !== null && floor !== was.floor
  const isReleased = brake === 2 && was.brake !== 2
  const isLit = arrow === 2 && was.arrow !== 2
  const fast = carSpeedMps !== undefined && speed === 2
  const moves = fast || elsewhere || (floorOnly && at - was.floorAt > unseenMs) || isReleased || isLit

  const rests = saysStanding(said)
  const isFirst = rests && (moves || !(was.stoodAt > was.movedAt))
  const departs = !rests && (isReleased || (isLit && brake !== 1))
  const stands = isFirst || (isLit && !departs && isKnownToStand(was))
  const stoodAt = stands ? at : departs ? departed(was.stoodAt) : was.stoodAt
  const sameTimes = floorAt === was.floorAt && stoodAt === was.stoodAt
  const same = speed === was.speed && brake === was.brake && arrow === was.arrow && sameTimes
  if (!moves && same && (floor === undefined || floor === was.floor)) return was
  return { speed, brake, arrow, floor: floor ?? was.floor, movedAt: moves ? at : was.movedAt, stoodAt, floorAt }
}

/**
 * The word of the speed, else of the brake, else of the arrow, else a floor that is said again and again; undefined while nobody
 * knows. A sensor that died on the ride, or an arrow that stays lit, says "moves" for `motionMs` only. So long does a sign of movement,
 * of whichever metric, outlast the words that the car stands from before it.
 */
export function stands(motion: Motion, at: number): boolean | undefined {
  const { speed, brake, arrow, movedAt, floorAt } = motion
  const believed = at - movedAt <= motionMs
  if (believed && isOvertaken(motion)) return false
  if (speed === 1 || (speed === 2 && believed)) return speed === 1
  if (brake === 1 || (brake === 2 && believed)) return brake === 1
  if (arrow === 1 || (arrow === 2 && believed)) return arrow === 1
  if (speed + brake + arrow > 0) return true
  return floorAt > movedAt && at - floorAt <= unseenMs ? true : undefined
}
