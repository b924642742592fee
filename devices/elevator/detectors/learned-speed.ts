import { median } from 'simple-statistics'
import { dayMs } from '../../../core/clock.ts'
import { standingMps } from './motion.ts'

/** How fast this very elevator usually runs, for a detector's state: learned once from whole days, then kept. */
export interface LearnedSpeed {
  /** Null while it is learned, m/s. */
  readonly mps: number | null
  /** The fastest word of the run that goes on; 0 while it stands. */
  readonly runMps: number
  /** Day counted from 1970, its runs so far, and the fastest of them, the fastest first. */
  readonly day: number
  readonly runs: number
  readonly fastest: readonly number[]
  /** Of the newest days with enough runs. */
  readonly days: readonly number[]
}

export interface LearningSettings {
  readonly learnDays: number
  /** A day with fewer runs tells nothing. */
  readonly learnRuns: number
  /** The days' speeds lie no further apart than this share of their median: a sensor that spikes never agrees. */
  readonly agreeShare: number
}

export const nothingLearned: LearnedSpeed = { mps: null, runMps: 0, day: 0, runs: 0, fastest: [], days: [] }

/** A day's speed is that of its third fastest run: two that are far too fast, or two wrong words, are never learned. */
const rank = 3

/** Slower is no run but noise or levelling, m/s. */
const runMps = 2 * standingMps

/**
 * Learns from the fastest word of each run, from standing to standing: the median of `learnDays` days that agree. Not the usual
 * run but the fastest ones, for a car between two neighbouring floors does not reach its speed. What is learned stays, so a car that
 * becomes faster from week to week does not take it along.
 *
 * Answers the same object when nothing is new.
 */
export function learnSpeed(
  was: LearnedSpeed,
  at: number,
  carSpeedMps: number,
  settings: LearningSettings,
): LearnedSpeed {
  if (was.mps !== null) return was
  const mps = Math.abs(carSpeedMps)
  if (mps > standingMps) return mps > was.runMps ? withRun(was, mps) : was
  if (was.runMps === 0) return was
  if (was.runMps < runMps) return withRun(was, 0)

  const today = Math.floor(at / dayMs)
  const { mps: known, runs, fastest, days } = today === was.day ? was : afterDay(was, settings)
  if (known !== null) return { ...nothingLearned, mps: known }
  const faster = [...fastest, was.runMps].sort((a, b) => b - a).slice(0, rank)
  return { mps: null, runMps: 0, day: today, runs: runs + 1, fastest: faster, days }
}

/** Field by field, for it happens at every reading of a car that accelerates. */
function withRun({ mps, day, runs, fastest, days }: LearnedSpeed, runMps: number): LearnedSpeed {
  return { mps, runMps, day, runs, fastest, days }
}

function afterDay(was: LearnedSpeed, { learnDays, learnRuns, agreeShare }: LearningSettings): LearnedSpeed {
  const slowest = was.fastest.at(-1)
  if (was.runs < learnRuns || slowest === undefined) return { ...nothingLearned, days: was.days }
  const days = [...was.days, slowest].slice(-learnDays)
  const usual = median([...days])
  const agree = days.length === learnDays && Math.max(...days) - Math.min(...days) <= agreeShare * usual
  return { ...nothingLearned, mps: agree ? usual : null, days }
}
