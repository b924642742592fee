import { dayMs } from '../clock.ts'
import { type DayProfile, learnDayProfile, noDayProfile, usualOffset } from '../estimators/day-profile.ts'
import { learnMean, weightOf } from '../estimators/ewma.ts'
import { significant } from '../estimators/significant.ts'
import { type Bands, type Newness, noNewness, stepNewness } from './newness.ts'
import type { ScorerSettings } from './settings.ts'
import { noShift, type Shift, stepShift } from './shift.ts'

/**
 * One general anomaly scorer: any number of channels, any sampling interval, one setting (settings.ts). It learns each series as it
 * comes and knows nothing of what the channels mean.
 *
 * The score of a channel is the larger of two parts, that of the vector the largest of its channels:
 *
 * - something new begins (newness.ts): up to 1 for a few samples, and `newFrom` is where it deserves an alarm
 * - the channel is away from its centre (shift.ts): 0.5 to 0.75 for as long as that lasts
 *
 * Time is `at`, in ms, and never goes back. A channel that is null keeps its state. What is remembered are rounded numbers and
 * strings: through JSON and back, the scores stay the same to the last bit.
 *
 * Memory   about 0.5 KiB of JSON per channel, however long it runs
 */
export interface ScorerState {
  /** Of the vector before, ms. */
  readonly at: number
  readonly channels: readonly (ChannelState | null)[]
}

export interface ChannelState {
  readonly samples: number
  readonly startedAt: number
  readonly profile: DayProfile
  /** Moving means of the value without its daily profile, fast to slow. */
  readonly means: readonly [number, number, number, number]
  readonly newness: Newness
  readonly shift: Shift
}

export interface Vector {
  readonly at: number
  readonly values: readonly (number | null)[]
}

export const initialScorer: ScorerState = { at: 0, channels: [] }

/** From this score on something new deserves an alarm; from 0.5 on a channel is new or away. */
export const newFrom = 0.8

export function score(
  state: ScorerState,
  { at, values }: Vector,
  settings: ScorerSettings,
): { state: ScorerState; score: number } {
  const elapsedMs = state.channels.length === 0 ? 0 : Math.max(0, at - state.at)
  let highest = 0
  const channels: (ChannelState | null)[] = []
  for (let index = 0; index < values.length; index++) {
    const before = state.channels[index] ?? null
    const value = values[index]
    if (value === null || value === undefined || !Number.isFinite(value)) {
      channels.push(before)
      continue
    }
    const step = scoreChannel(before, at, significant(value), elapsedMs, settings)
    channels.push(step.state)
    if (step.score > highest) highest = step.score
  }
  return { state: { at, channels }, score: highest }
}

function scoreChannel(
  before: ChannelState | null,
  at: number,
  value: number,
  elapsedMs: number,
  settings: ScorerSettings,
): { state: ChannelState; score: number } {
  const samples = (before?.samples ?? 0) + 1
  const profile = before?.profile ?? noDayProfile
  const startedAt = before?.startedAt ?? at
  const residual = at - startedAt >= dayMs ? significant(value - usualOffset(profile, at)) : value
  const [fast, brisk, slow, slowest] = before?.means ?? [residual, residual, residual, residual]
  const means = [
    moved(fast, residual, 0, samples, settings),
    moved(brisk, residual, 1, samples, settings),
    moved(slow, residual, 2, samples, settings),
    moved(slowest, residual, 3, samples, settings),
  ] as const
  // Each band is a moving mean of the one before it, less its own: what changes at just this pace.
  const bands: Bands = { residual, fast: means[0] - means[1], slow: means[2] - means[3] }

  const newness = stepNewness(before?.newness ?? noNewness(at, value, bands), at, value, bands, samples, settings)
  const shift = stepShift(before?.shift ?? noShift(value), value, settings)
  const isNew = newScore(newness.newness, settings)
  const isAway = samples > settings.learnSamples ? shift.proof / (shift.proof + settings.alarm) : 0
  return {
    score: Math.max(isNew, isAway),
    state: {
      samples,
      startedAt,
      profile: learnDayProfile(profile, at, value, elapsedMs, settings.memoryMs, samples),
      means,
      newness: newness.state,
      shift: shift.state,
    },
  }
}

/** Leaves the scores from 0.5 to `newFrom` to what lasts. */
function newScore(newness: number, { newnessAlarm }: ScorerSettings): number {
  const share = newness / newnessAlarm
  return share < 1 ? share / 2 : 1 - (1 - newFrom) / share
}

function moved(mean: number, value: number, index: 0 | 1 | 2 | 3, samples: number, settings: ScorerSettings): number {
  return learnMean(mean, value, weightOf(settings.bandRates[index], samples))
}
