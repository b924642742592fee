import { setTimeout as delay } from 'node:timers/promises'

/** Of the time, so much is left to others while much is made up for: there is more urgent work. Unverified default. */
const restShare = 0.75

/** Waits as long as others are to have after work of this length, ms; false when it was stopped meanwhile. */
export async function restAfter(workedMs: number, signal: AbortSignal): Promise<boolean> {
  await delay((workedMs * restShare) / (1 - restShare), undefined, { signal }).catch(() => {})
  return !signal.aborted
}
