import { dayMs, secondMs } from '../../../core/clock.ts'

/**
 * Two words that cannot both be true of a sound elevator, "the door is open" and "the car moves", for a detector's state.
 *
 * Taken at face value they would alarm at every departure: where each metric comes in a reading of its own, the door's last word is
 * older than the car's. So a clash is believed when both have been said again since. A gateway that tells changes says nothing
 * again: its clash is believed when nothing has contradicted it for `quietSeconds`, but for a sample that had both words,
 * which the next sample confirms, and for a gateway that was seen to lag.
 */
export interface Clash {
  readonly since: number
  /** Both words were in one reading when it began. */
  readonly together: boolean
  readonly oneAgain: boolean
  readonly otherAgain: boolean
}

export interface ClashSettings {
  /** Both words must stand for so long: a car that levels with its door opening passes the zone in less. */
  readonly confirmSeconds: number
  /** Words that come one by one come again within this. */
  readonly quietSeconds: number
}

/** @param oneAt when the one word was said last, and the other */
export function clashAfter(
  was: Clash | null,
  at: number,
  holds: boolean,
  oneAt: number,
  otherAt: number,
): Clash | null {
  if (!holds) return null
  if (was === null) return { since: at, together: oneAt === otherAt, oneAgain: false, otherAgain: false }

  const oneAgain = was.oneAgain || oneAt > was.since
  const otherAgain = was.otherAgain || otherAt > was.since
  return oneAgain === was.oneAgain && otherAgain === was.otherAgain ? was : { ...was, oneAgain, otherAgain }
}

export function isBelieved(clash: Clash | null, at: number, laggedAt: number, settings: ClashSettings): boolean {
  if (clash === null) return false
  const ms = at - clash.since
  if (clash.oneAgain && clash.otherAgain && ms >= settings.confirmSeconds * secondMs) return true
  const lags = laggedAt > 0 && at - laggedAt <= dayMs
  return !clash.together && !lags && ms >= settings.quietSeconds * secondMs
}

/** A clash that a late word resolves shows that this gateway's words lag: for a day, its quiet proves nothing. */
export function lagAfter(laggedAt: number, was: Clash | null, clash: Clash | null, at: number): number {
  return was !== null && clash === null && at - was.since >= secondMs ? at : laggedAt
}
