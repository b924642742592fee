import { type Clock, secondMs } from './clock.ts'

/** Where the time comes from, each in ms. */
export interface ClockSources {
  /** The machine's clock, which people and NTP may set. */
  wall(): number
  /** Since some fixed moment, the same in all threads; nobody can set it. */
  monotonic(): number
}

export const systemSources: ClockSources = {
  wall: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
}

export interface SteadyClock {
  readonly now: Clock
  /** What it adds to the monotonic clock; another thread that begins with the same one reads the same time. */
  readonly epoch: number
  /** The machine's clock minus this one, ms: more than a second or two when somebody set it. */
  readonly apart: () => number
  /** One sentence when it is so far apart that somebody has to look; else null. */
  readonly problem: () => string | null
}

/** A clock that is set by no more than this was corrected, and is followed. Unverified default. */
const followedUpToMs = 5 * secondMs
/** As fast as it is followed: 500 ppm, which is also the most by which ntpd slews a clock. */
const followedAtMost = 0.0005

/**
 * The time of day at the start, counted on by the monotonic clock: when the machine's clock is set, by an hour or by two days,
 * no deadline fires early or again, and 30 minutes stay 30 minutes. Small corrections are followed, so slowly that 30 minutes
 * become at most a second shorter or longer; large ones are told and not followed until the next start (docs/decisions/0009).
 *
 * @param epoch of another thread's clock; undefined = this one begins at the machine's time now
 */
export function startSteadyClock(options: { sources?: ClockSources; epoch?: number } = {}): SteadyClock {
  const { sources = systemSources } = options
  const startedAt = sources.monotonic()
  const epoch = options.epoch ?? sources.wall() - startedAt
  let offset = epoch
  let readAt = startedAt
  let last = Number.NEGATIVE_INFINITY

  const apart = () => sources.wall() - (offset + sources.monotonic())

  function now(): number {
    const monotonic = sources.monotonic()
    const behind = sources.wall() - (offset + monotonic)
    if (Math.abs(behind) <= followedUpToMs) {
      const most = (monotonic - readAt) * followedAtMost
      offset += Math.min(Math.max(behind, -most), most)
    }
    readAt = monotonic
    last = Math.max(last, Math.round(offset + monotonic))
    return last
  }

  return {
    now,
    epoch,
    apart,
    problem() {
      const ms = apart()
      if (Math.abs(ms) <= followedUpToMs) return null
      const seconds = Math.round(Math.abs(ms) / secondMs)
      const how = ms > 0 ? `set ${seconds} s ahead, or the machine slept` : `set ${seconds} s back`
      return `the machine's clock was ${how}: Liftwatt counts on from its start, so that no deadline is early. When the clock is right, restart the service`
    },
  }
}

/**
 * One sentence when what was written before this start lies ahead: the clock is behind now, or was ahead then. Deadlines
 * of running orders are later by the difference.
 * @param wroteAt ms since 1970, by the clock of that time; undefined = nothing was written yet
 */
export function behindRecords(wroteAt: number | undefined, now: number): string | null {
  if (wroteAt === undefined || wroteAt - now <= followedUpToMs) return null
  const seconds = Math.ceil((wroteAt - now) / secondMs)
  return `the machine's clock is ${seconds} s behind what Liftwatt wrote before this start (${new Date(wroteAt).toISOString()}): deadlines of running orders are late by that, unless the clock was ahead then. When the clock is right, restart the service`
}
