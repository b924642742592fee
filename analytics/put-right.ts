import { secondMs } from '../core/clock.ts'

/** Unverified defaults: so far in our future is a clock that is ahead, and so near our time is one that is right. */
const aheadMs = 30 * secondMs
const nearMs = 15 * secondMs
/** Of the device's time, while the one is caught up with by the other: 4 minutes in 200. What lasts is found 2 % later, never early. */
export const pace = 0.98

/**
 * A gateway boots with a clock that is minutes ahead, and its time server puts it right. Its readings are now older than the newest
 * that we have, but they are no old ones: to leave them out would make us blind until the wrong time has come. So they are
 * analysed by a time that goes on from the wrong one, a little more slowly than it passes (and so do their ticks), until the right one
 * has caught up. Time does not go back for a detector.
 *
 * A reading that is old indeed is told from it by its age: its time is not ours, or the newest was not ahead of us.
 *
 * @param at what the reading says itself, older than `newestAt`; all times in ms
 * @returns the time to analyse it by; undefined when it is an old one, or was there before
 */
export function timeOnceRight(
  { newestAt, rightAt }: { readonly newestAt: number; readonly rightAt: number | null },
  at: number,
  receivedAt: number,
): number | undefined {
  if (Math.abs(at - receivedAt) > nearMs) return undefined
  if (rightAt === null) return newestAt - receivedAt > aheadMs ? newestAt + 1 : undefined
  return at > rightAt ? newestAt + Math.max(1, Math.floor(pace * (at - rightAt))) : undefined
}
