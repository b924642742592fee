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
  /** When the floor was said last, where nothing else tells of motion, ms. */
  readonly floorAt: number
}

export const unknownMotion: Motion = { speed: 0, brake: 0, arrow: 0, floor: null, movedAt: 0, floorAt: 0 }

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

/** The same object when nothing is new. */
export function motionAfter(was: Motion, { at, carSpeedMps, brakeState, direction, floor }: Said): Motion {
  const speed = carSpeedMps === undefined ? was.speed : Math.abs(carSpeedMps) > standingMps ? 2 : 1
  const brake = brakeState === undefined ? was.brake : brakeState === 'released' ? 2 : 1
  const arrow = direction === undefined ? was.arrow : direction === 'none' ? 1 : 2
  const floorOnly = floor !== undefined && speed + brake + arrow === 0
  const floorAt = floorOnly ? at : was.floorAt
  const elsewhere = floor !== undefined && was.floor !== null && floor !== was.floor
  const moves =
    (carSpeedMps !== undefined && speed === 2) ||
    elsewhere ||
    (floorOnly && at - was.floorAt > unseenMs) ||
    (brake === 2 && was.brake !== 2) ||
    (arrow === 2 && was.arrow !== 2)

  const same = speed === was.speed && brake === was.brake && arrow === was.arrow && floorAt === was.floorAt
  if (!moves && same && (floor === undefined || floor === was.floor)) return was
  return { speed, brake, arrow, floor: floor ?? was.floor, movedAt: moves ? at : was.movedAt, floorAt }
}

/**
 * The word of the speed, else of the brake, else of the arrow, else a floor that is said again and again; undefined while nobody
 * knows. A sensor that died on the ride, or an arrow that stays lit, says "moves" for `motionMs` only.
 */
export function stands({ speed, brake, arrow, movedAt, floorAt }: Motion, at: number): boolean | undefined {
  const believed = at - movedAt <= motionMs
  if (speed === 1 || (speed === 2 && believed)) return speed === 1
  if (brake === 1 || (brake === 2 && believed)) return brake === 1
  if (arrow === 1 || (arrow === 2 && believed)) return arrow === 1
  if (speed + brake + arrow > 0) return true
  return floorAt > movedAt && at - floorAt <= unseenMs ? true : undefined
}
