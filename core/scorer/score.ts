import { dayMs } from '../clock.ts'
import { learnDayProfile, usualOffset } from '../estimators/day-profile.ts'
import { learnMean, weightOf } from '../estimators/ewma.ts'
import { type Channel, newChannel, type PackedChannel, packChannel, unpackChannel } from './channel.ts'
import { type Bands, stepNewness } from './newness.ts'
import type { ScorerSettings } from './settings.ts'
import { stepShift } from './shift.ts'

/**
 * One general anomaly scorer: any number of channels, any sampling interval, one setting (settings.ts). It learns each series as it
 * comes and knows nothing of what the channels mean.
 *
 * The score of a channel is the larger of two parts, that of the vector the largest of its channels:
 *
 * - something new begins (newness.ts): up to 1 for a few samples, and `newFrom` is where it deserves an alarm
 * - the channel is away from its centre (shift.ts): 0.5 to 0.75 for as long as that lasts
 *
 * Time is `at`, in ms, and never goes back. A channel that is null keeps its state. The state is plain JSON, packed (channel.ts): through
 * JSON and back, the scores stay the same to the last bit.
 *
 * Memory   about 0.4 KiB of JSON per channel, however long it runs
 */
export interface ScorerState {
  /** Of the vector before, ms. */
  readonly at: number
  readonly channels: readonly (PackedChannel | null)[]
}

export interface Vector {
  readonly at: number
  readonly values: readonly (number | null)[]
}

export const initialScorer: ScorerState = { at: 0, channels: [] }

/**
 * From this score on something is new; below it and from 0.5 on a channel is away from its centre. Steady noise reaches 0.8 once in 1,000
 * samples, 0.9 once in 5,000, 0.95 once in 50,000, and is never away.
 */
export const newFrom = 0.8

export function score(
  state: ScorerState,
  { at, values }: Vector,
  settings: ScorerSettings,
): { state: ScorerState; score: number } {
  const elapsedMs = state.channels.length === 0 ? 0 : Math.max(0, at - state.at)
  let highest = 0
  const channels: (PackedChannel | null)[] = []
  for (let index = 0; index < values.length; index++) {
    const before = state.channels[index] ?? null
    const value = values[index]
    if (value === null || value === undefined || !Number.isFinite(value)) {
      channels.push(before)
      continue
    }
    // In single precision, as it is remembered: a value must equal itself when it comes again.
    const rounded = Math.fround(value)
    const channel = before === null ? newChannel(at, rounded) : unpackChannel(before)
    const step = scoreChannel(channel, at, rounded, elapsedMs, settings)
    channels.push(packChannel(step.channel))
    if (step.score > highest) highest = step.score
  }
  return { state: { at, channels }, score: highest }
}

function scoreChannel(
  before: Channel,
  at: number,
  value: number,
  elapsedMs: number,
  settings: ScorerSettings,
): { channel: Channel; score: number } {
  const { profile, newness } = before
  const samples = Math.min(2 ** 24, before.samples + 1)
  const dayKnown = at - newness.periodAt >= dayMs || before.samples > newness.periodSamples
  const residual = dayKnown ? Math.fround(value - usualOffset(profile, at)) : value
  const means = [
    moved(before, residual, 0, samples, settings),
    moved(before, residual, 1, samples, settings),
    moved(before, residual, 2, samples, settings),
    moved(before, residual, 3, samples, settings),
  ] as const
  // Each band is a moving mean less a slower one: what changes at just this pace.
  const bands: Bands = { residual, fast: means[0] - means[1], slow: means[2] - means[3] }

  const fresh = stepNewness(newness, at, value, bands, samples, settings)
  const shift = stepShift(before.shift, value, settings)
  const isNew = newScore(fresh.newness, settings)
  const isAway = samples > settings.learnSamples ? shift.proof / (shift.proof + settings.alarm) : 0
  return {
    score: Math.max(isNew, isAway),
    channel: {
      samples,
      profile: learnDayProfile(profile, at, value, elapsedMs, settings.memoryMs, newness.density[1] + 1),
      means,
      newness: fresh.state,
      shift: shift.state,
    },
  }
}

/** Leaves the scores from 0.5 to `newFrom` to what lasts. */
function newScore(newness: number, { newnessAlarm }: ScorerSettings): number {
  const share = newness / newnessAlarm
  return share < 1 ? share / 2 : 1 - (1 - newFrom) / share
}

function moved(
  { means }: Channel,
  value: number,
  index: 0 | 1 | 2 | 3,
  samples: number,
  { bandRates }: ScorerSettings,
): number {
  return learnMean(means[index], value, weightOf(bandRates[index], samples))
}
