import { dayMs, secondMs } from '../../../core/clock.ts'

/**
 * Two words that cannot both be true of a sound elevator, "the door is open" and "the car moves", for a detector's state.
 *
 * Taken at face value they would alarm at every departure: where each metric is measured at its own time, the door's last word may be
 * older than the whole ride. So they count when they were said together, and are believed when that happens twice. A gateway that
 * tells changes says nothing twice: its clash is believed when nothing has contradicted it for `quietSeconds`, whether it repeats it
 * meanwhile or not. Of one that is known to tell changes, a word stands until it says another, as long as the device itself is heard (`quick`).
 */
export interface Clash {
  readonly since: number
  /** When they were first said together, ms; 0 while they were not. */
  readonly pairedAt: number
}

export interface ClashSettings {
  /** Between the two times lies so much: a car that levels with its door opening passes the zone in less. */
  readonly confirmSeconds: number
  readonly quietSeconds: number
}

/** Words so close to each other are of one sample, ms. */
const togetherMs = 500

/** Changes told further apart than this may have others between them that were lost, ms. */
export const lostMs = 30 * secondMs

/**
 * The same word again within this, and once more, is of a gateway that samples; one that tells changes repeats everything once a minute at most,
 * and so may say a word again soon after the change.
 */
export const samplingMs = 50 * secondMs

/** Two different words within this are told as changes: who samples so often says the same word twice before long. Unverified default. */
export const changeMs = 20 * secondMs

/** @param oneAt when the one word was said last, and the other */
export function clashAfter(
  was: Clash | null,
  at: number,
  holds: boolean,
  oneAt: number,
  otherAt: number,
): Clash | null {
  if (!holds) return null
  const pairedAt = Math.abs(oneAt - otherAt) <= togetherMs ? Math.max(oneAt, otherAt) : 0
  if (was === null) return { since: at, pairedAt }
  return was.pairedAt > 0 || pairedAt === 0 ? was : { since: was.since, pairedAt }
}

/**
 * @param samples its silence proves nothing, its next sample will
 * @param mostApartMs further apart, the older word of one that tells changes may be over
 */
export function isBelieved(
  clash: Clash | null,
  at: number,
  oneAt: number,
  otherAt: number,
  samples: boolean,
  { confirmSeconds, quietSeconds }: ClashSettings,
  mostApartMs = lostMs,
): boolean {
  if (clash === null) return false
  const apartMs = Math.abs(oneAt - otherAt)
  const again = apartMs <= togetherMs && Math.max(oneAt, otherAt) - clash.pairedAt >= confirmSeconds * secondMs
  if (clash.pairedAt > 0 && (again || clash.pairedAt === clash.since)) return again
  return !samples && apartMs <= mostApartMs && at - clash.since >= quietSeconds * secondMs
}

/** How a gateway says one word, for a detector's state. */
export interface Telling {
  /** When it said the word last, ms; once it is known to sample, another word, while it is not `quick`. */
  readonly saidAt: number
  /** When it was seen to sample, or to lose words, ms; 0 while it was not, negative when it said a word again soon. That holds for a day. */
  readonly sampledAt: number
  /** It has said two different words in quick succession: unless it samples, its silence says that nothing has changed. */
  readonly quick: boolean
  /** When it said the same word again by itself, ms; 0 while it did not. That is no repetition of everything, however soon after a change. */
  readonly aloneAt: number
}

export const unknownTelling: Telling = { saidAt: 0, sampledAt: 0, quick: false, aloneAt: 0 }

/**
 * @param same as the word before
 * @param alone without the words that it may clash with: the same word then is no repetition of everything, and says that each word is
 *              sampled at its own time, or that one in between was lost
 */
export function tellingAfter(was: Telling, at: number, same: boolean, alone = false): Telling {
  const aloneAt = same && alone && at - was.aloneAt >= dayMs / 2 ? at : was.aloneAt
  const quick = was.quick || (!same && at - was.saidAt <= changeMs)
  if (was.sampledAt > 0 && at - was.sampledAt < dayMs / 2) {
    if (aloneAt === was.aloneAt && (same || was.quick)) return was
    return { saidAt: same ? was.saidAt : at, sampledAt: was.sampledAt, quick, aloneAt }
  }
  const isSoon = same && at - was.saidAt <= samplingMs
  const samples = (same && alone) || (isSoon && was.sampledAt === -was.saidAt)
  return { saidAt: at, sampledAt: samples ? at : isSoon ? -at : Math.max(was.sampledAt, 0), quick, aloneAt }
}

/** What a gateway was seen to do says for a day how it tells things; 0 of what it was not seen to do. */
export function isOfLastDay(seenAt: number, at: number): boolean {
  return seenAt > 0 && at - seenAt <= dayMs
}

export function isSampling({ sampledAt }: Telling, at: number): boolean {
  return isOfLastDay(sampledAt, at)
}

/** It samples each word at its own time, or loses words; one that repeats everything soon after a change does neither. */
export function isSamplingAlone({ aloneAt }: Telling, at: number): boolean {
  return isOfLastDay(aloneAt, at)
}
