import { secondMs } from '../../../core/clock.ts'
import { freshSeconds } from '../telemetry.ts'
import { lostMs } from './clash.ts'
import { standingMps } from './motion.ts'

/** A car that began to move slowly while its door was open, for a detector's state: one movement, from standing to standing. */
export interface Creep {
  /** The first and the last word on it, ms. */
  readonly since: number
  readonly at: number
  /** The last speed; 0 when it has stopped too far away, m/s. */
  readonly mps: number
  /** The way up to the last word, m, and how many words told of it. */
  readonly metres: number
  readonly words: number
}

export interface CreepSettings {
  /** Faster is no creeping. */
  readonly reLevellingMps: number
  /** A movement of more than this has left the longest door zone. */
  readonly wayMetres: number
  /** So many samples in a row tell of it: re-levelling takes less. */
  readonly creepSamples: number
  readonly quietSeconds: number
}

const freshMs = freshSeconds * secondMs

/**
 * Of a gateway that samples, a way counts between two slow samples that are no further apart than `quietSeconds`, at the slower
 * one's speed; of one that tells changes, a speed holds until the next word.
 *
 * @param stood the word before this one was that it stands: a sensor that never says so says nothing of slow movements either
 */
export function creepAfter(
  was: Creep | null,
  at: number,
  carSpeedMps: number | undefined,
  stood: boolean,
  samples: boolean,
  { reLevellingMps, wayMetres, creepSamples, quietSeconds }: CreepSettings,
): Creep | null {
  if (carSpeedMps === undefined) return was
  const mps = Math.abs(carSpeedMps)
  if (mps > reLevellingMps) return null
  if (was === null) return stood && mps > standingMps ? { since: at, at, mps, metres: 0, words: 1 } : null

  const goneMs = at - was.at
  const slowerMps = Math.min(was.mps, mps > standingMps ? mps : 0)
  const metres = was.metres + ((samples ? slowerMps : was.mps) * goneMs) / secondMs
  if (mps <= standingMps) {
    const isFar = metres > wayMetres && (!samples || was.words >= creepSamples)
    return isFar ? { ...was, at, mps: 0, metres } : null
  }
  if (goneMs > (samples ? quietSeconds * secondMs : freshMs)) return null
  return { since: was.since, at, mps, metres, words: was.words + 1 }
}

/** How far it has come, m. */
export function wayOf({ at: saidAt, mps, metres }: Creep, at: number, samples: boolean): number {
  return samples ? metres : metres + (mps * Math.min(at - saidAt, freshMs)) / secondMs
}

/**
 * Too far, with an open door, and sure: samples said so again and again, the door's among them; or, of a gateway that tells changes,
 * nothing contradicted it for `quietSeconds`, and the door's word is not from so long before it that another may have been lost.
 *
 * @param doorAt when the door was last said to be open, ms
 * @param mostApartMs further apart, the door's word may be over
 */
export function hasCrept(
  creep: Creep | null,
  at: number,
  doorAt: number,
  samples: boolean,
  { wayMetres, creepSamples, quietSeconds }: CreepSettings,
  mostApartMs = lostMs,
): boolean {
  if (creep === null || wayOf(creep, at, samples) <= wayMetres) return false
  if (samples) return creep.words >= creepSamples && doorAt > creep.since
  return at - creep.since >= quietSeconds * secondMs && creep.since - doorAt <= mostApartMs
}
