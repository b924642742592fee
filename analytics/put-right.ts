import { secondMs } from '../core/clock.ts'

/** Unverified defaults: so far in its gateway's future is a time of another clock, and so near the gateway's time is one of this. */
const aheadMs = 30 * secondMs
const nearMs = 15 * secondMs
/** Of the device's time, while the one is caught up with by the other: 4 minutes in 200. What lasts is found 2 % later, never early. */
export const pace = 0.98

/**
 * A gateway boots with a clock that is minutes ahead, and its time server puts it right; or its clock falls back by hours, when its
 * battery is empty. Its readings are now older than the newest that we have, but they are no old ones: to leave them out would make us
 * blind until that time has come again. So they are analysed by a time that goes on from the newest, a little more slowly than it passes
 * (and so do their ticks), until the gateway's own has caught up. Time does not go back for a detector.
 *
 * So it is with a single device that stamps its readings itself, behind a gateway that is in time.
 *
 * A reading that is old indeed is told from it by its age: it is not as late as that clock is known to be, or the newest was not ahead
 * of that clock.
 *
 * @param at what the reading says itself, older than `newestAt`; all times in ms
 * @param deviceNow what the clock behind it says by all that we know of it, the gateway's or the device's own: ours, less what that is believed to be behind
 * @returns the time to analyse it by; undefined when it is an old one, or was there before
 */
export function timeOnceRight(
  { newestAt, rightAt }: { readonly newestAt: number; readonly rightAt: number | null },
  at: number,
  deviceNow: number,
): number | undefined {
  if (at > deviceNow + nearMs) return undefined
  // only of what is measured now it is sure that it is not old
  if ((rightAt ?? newestAt) - deviceNow > aheadMs) return at >= deviceNow - nearMs ? newestAt + 1 : undefined
  return rightAt !== null && at > rightAt ? newestAt + Math.max(1, Math.floor(pace * (at - rightAt))) : undefined
}
