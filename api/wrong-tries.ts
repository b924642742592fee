import { type Clock, minuteMs } from '../core/clock.ts'
import { setNewest } from '../core/newest-keys.ts'

const wrongPerMinute = 100
const addressesKept = 10_000

/**
 * Wrong tokens and passwords per address, in memory: addresses are cheap to change, and a restart gives little. The names that
 * are tried are counted in the database.
 */
export interface WrongTries {
  /** Counts one; answers how many seconds to stay away, 0 while there were few. */
  count(address: string): number
  /** Without counting. */
  waitSeconds(address: string): number
}

export function createWrongTries(clock: Clock): WrongTries {
  const failures = new Map<string, { count: number; since: number }>()

  function currentOf(address: string): { count: number; since: number } {
    const before = failures.get(address)
    const now = clock()
    return before && now - before.since < minuteMs ? before : { count: 0, since: now }
  }
  function secondsOf({ count, since }: { count: number; since: number }): number {
    return count > wrongPerMinute ? Math.ceil((since + minuteMs - clock()) / 1_000) : 0
  }

  return {
    count(address) {
      const current = currentOf(address)
      current.count += 1
      setNewest(failures, address, current, addressesKept)
      return secondsOf(current)
    },
    waitSeconds: (address) => secondsOf(currentOf(address)),
  }
}
