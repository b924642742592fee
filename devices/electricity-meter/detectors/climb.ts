import { secondMs } from '../../../core/clock.ts'
import type { Finding, Step, Tick } from '../../../core/detector.ts'

/** Rising limits of one value; each is reached when the value has been at or over it for long enough. */
export interface Ladder {
  readonly limits: readonly number[]
  /** A limit that was reached holds until the value is so far below it. */
  readonly hysteresis: number
  readonly confirmSeconds: readonly number[]
  /** So long below all of them, it is over. */
  readonly clearSeconds: number
  /** A sample speaks for no longer than this. */
  readonly freshSeconds: number
  /** A single sample may be of a dip or of a motor's start: the silence of the whole device after it confirms nothing. */
  readonly mayBeBrief?: boolean
}

/** How far a value has climbed; null while it is below every limit and nothing is being counted. */
export interface Climb {
  /** The newest sample. */
  readonly at: number
  readonly value: number
  /** How many limits the newest sample and the one before it are both over: a single one may be stray. */
  readonly agreed: number
  /** How many are reached. */
  readonly level: number
  readonly since: number
  /** Per limit, s: how long it has been over, less how long not; once reached, what is left until it is over. */
  readonly seconds: readonly number[]
}

/**
 * Nothing newer for so long, s: the device samples rarely, or has nothing new to say. Then one sample is believed. Longer than the minute
 * of most gateways and what their clocks and networks add to it, or each stray value of theirs would send a crew.
 */
const slowSeconds = 75

/** Words so close to each other are of one sample, ms. */
const sampleMs = 10 * secondMs

/**
 * The climb after one more sample. Time counts by the sample that vouches for it, the one before, and no longer than that is fresh: a
 * gap neither raises nor clears, a stray sample costs or gives its own short time only.
 */
export function climb(was: Climb | null, at: number, value: number, ladder: Ladder): Climb | null {
  const { limits, hysteresis, confirmSeconds, clearSeconds, freshSeconds } = ladder
  const over = levelOf(value, limits, 0)
  if (was === null)
    return over === 0 ? null : { at, value, agreed: 0, level: 0, since: at, seconds: limits.map(() => 0) }

  const elapsed = Math.min((at - was.at) / secondMs, freshSeconds)
  const wasOver = levelOf(was.value, limits, 0)
  const wasHeld = levelOf(was.value, limits, hysteresis)
  const seconds = was.seconds.map((credit, index) => {
    const reached = index < was.level
    const more = (reached ? wasHeld : wasOver) > index ? elapsed : -elapsed
    const most = reached ? clearSeconds : (confirmSeconds[index] ?? 0)
    return Math.max(0, Math.min(most, credit + more))
  })

  let { level } = was
  while (level > 0 && seconds[level - 1] === 0) level -= 1
  const next = { at, value, agreed: Math.min(wasOver, over), level, since: was.since, seconds }
  if (level === 0 && over === 0 && seconds.every((credit) => credit === 0)) return null
  return raised(next, next.agreed, ladder) ?? next
}

/** What a detector says that only climbs: a finding while a limit is reached, `cleared` when none is any more. */
export function answer(was: Climb | null, now: Climb | null, findingOf: (climb: Climb) => Finding): Step<Climb | null> {
  if (now !== null && now.level > 0) return { state: now, finding: findingOf(now) }
  return was !== null && was.level > 0 ? { state: now, cleared: true } : { state: now }
}

/** The same at a tick: it says only that time alone has reached a further limit, and changes nothing otherwise. */
export function answerTick(
  was: Climb | null,
  tick: Tick,
  ladder: Ladder,
  findingOf: (climb: Climb) => Finding,
): Step<Climb | null> {
  if (was === null) return { state: was }
  const now = climbByTick(was, tick, ladder)
  return now === was ? { state: was } : { state: now, finding: findingOf(now) }
}

function climbByTick(was: Climb, { at, lastReadingAt }: Tick, ladder: Ladder): Climb {
  const elapsed = (at - was.at) / secondMs
  const over = levelOf(was.value, ladder.limits, 0)
  if (over <= was.level || elapsed > ladder.freshSeconds) return was
  const seconds = was.seconds.map((credit, index) => (index < over ? credit + elapsed : credit))
  const isHeard = lastReadingAt - was.at > sampleMs
  const isEnough = elapsed >= slowSeconds && (isHeard || ladder.mayBeBrief !== true)
  const now = raised({ ...was, seconds }, isEnough ? over : was.agreed, ladder)
  if (now === undefined) return was
  // the next sample counts this time for the others
  return {
    ...now,
    seconds: now.seconds.map((credit, index) => (index < now.level ? credit : (was.seconds[index] ?? 0))),
  }
}

function raised(now: Climb, agreed: number, { confirmSeconds, clearSeconds }: Ladder): Climb | undefined {
  for (let level = agreed; level > now.level; level--) {
    if ((now.seconds[level - 1] ?? 0) < (confirmSeconds[level - 1] ?? 0)) continue
    return { ...now, level, seconds: now.seconds.map((credit, index) => (index < level ? clearSeconds : credit)) }
  }
  return undefined
}

function levelOf(value: number, limits: readonly number[], hysteresis: number): number {
  let level = 0
  while (level < limits.length && value >= (limits[level] ?? Number.POSITIVE_INFINITY) - hysteresis) level += 1
  return level
}
