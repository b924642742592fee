import { addToCusum, type Cusum, noCusum } from '../estimators/cusum.ts'
import { learnMean, weightOf } from '../estimators/ewma.ts'
import {
  learnExcursion,
  learnMeanReversion,
  type MeanReversion,
  noMeanReversion,
  pullOf,
  scaleOf,
} from '../estimators/mean-reversion.ts'
import type { ScorerSettings } from './settings.ts'

/**
 * Is this series away from its centre, still? A bounded CUSUM of standardised prediction errors (mean-reversion.ts), which stays up
 * while the machine is where it does not belong.
 *
 * - While it is up nothing is learned, so a fault does not become normal; one that lasts `adoptSamples` does in the end.
 * - It ends when the excursion has shrunk to a small share of its largest extent: a machine that was badly off often settles at a new
 *   operating point beside the old one. After a silence the new point is the centre.
 * - What comes and goes often is normal: every excursion that is over widens the yardstick a little.
 * - A centre that does not hold in its first samples was learned from a start-up: it is learned anew.
 */
export interface Shift {
  /** Since the centre was last learned from nothing. */
  readonly samples: number
  readonly centre: number
  /** Fast moving mean, from which the next sample is expected. */
  readonly fast: number
  readonly reversion: MeanReversion
  readonly proof: Cusum
  /** Where the series has been of late: the next centre, if it settles there. */
  readonly recent: number
  /** Samples since the shift began, 0 outside one; its largest extent. */
  readonly since: number
  readonly extent: number
  /** Samples of silence left. */
  readonly silent: number
}

export function noShift(value: number): Shift {
  return {
    samples: 0,
    centre: value,
    fast: value,
    reversion: noMeanReversion,
    proof: noCusum,
    recent: value,
    since: 0,
    extent: 0,
    silent: 0,
  }
}

const fastRate = 0.4
const recentRate = 0.2
/** A single sample proves no more than this: a load that switches is news each time, but no shift. */
const clipDeviations = 3
/** Errors count from here on, and a centre may fail from there on. */
const firstErrors = 20
const firstProof = 60
const failsAfter = 30
/**
 * While a series is learned, its newest samples weigh twice as much as in a mean of all, so a start-up fades; then less than there, so a
 * fault that is not noticed hardly becomes normal. Unverified defaults.
 */
const learningPace = 2
const learnedPace = 2 / 3
/** An excursion that never went this far, in standard deviations, cannot settle: it just ends. */
const realExtent = 2

/** Answers the proof, 0 to `mostProof`; a shift from `alarm` on. */
export function stepShift(state: Shift, value: number, settings: ScorerSettings): { state: Shift; proof: number } {
  const samples = state.samples + 1
  const { centre, fast: fastBefore, reversion } = state
  const fast = learnMean(fastBefore, value, fastRate)
  const fromCentre = value - centre
  const scale = scaleOf(reversion)
  let cusum = state.proof
  if (samples > firstProof && scale > 0) {
    const error = (fromCentre - pullOf(reversion) * (fastBefore - centre)) / scale
    const clipped = Math.min(clipDeviations, Math.max(-clipDeviations, error))
    cusum = addToCusum(cusum, clipped, settings.allowance, settings.mostProof)
  }

  const proof = Math.max(...cusum)
  const recent = learnMean(state.recent, value, recentRate)
  if (state.silent > 0) return { proof: 0, state: settle({ ...state, samples, fast, recent }, scale, settings) }
  const doubtful = proof > settings.alarm / 2
  if (proof >= settings.alarm || (doubtful && state.since > 0))
    return away({ ...state, samples, fast, proof: cusum, recent }, value, scale, proof, settings)

  const learned = doubtful ? state : learnNormal(state, samples, fromCentre, fastBefore - centre, settings)
  const wasReal = state.since > 0 && state.extent > realExtent * scale
  return {
    proof,
    state: {
      samples,
      centre: learned.centre,
      fast,
      reversion: wasReal ? learnExcursion(learned.reversion, state.extent) : learned.reversion,
      proof: cusum,
      recent,
      since: 0,
      extent: 0,
      silent: 0,
    },
  }
}

function learnNormal(
  { centre, reversion }: Shift,
  samples: number,
  fromCentre: number,
  fastFromCentre: number,
  { normalRate, learnSamples }: ScorerSettings,
): Pick<Shift, 'centre' | 'reversion'> {
  const pace = samples <= learnSamples ? learningPace : learnedPace
  const weightAfter = (counted: number) => weightOf(normalRate, Math.max(1, counted / pace))
  const counted = samples - firstErrors
  return {
    centre: learnMean(centre, centre + fromCentre, weightAfter(samples)),
    reversion:
      counted > 0 ? learnMeanReversion(reversion, fromCentre, fastFromCentre, weightAfter(counted)) : reversion,
  }
}

/** Away from the centre: wait until it is over. */
function away(
  state: Shift,
  value: number,
  scale: number,
  proof: number,
  settings: ScorerSettings,
): { state: Shift; proof: number } {
  const since = state.since + 1
  const failed = state.samples <= settings.learnSamples && since > failsAfter
  if (failed || since > settings.adoptSamples) return { state: noShift(value), proof: 0 }

  const distance = Math.abs(state.recent - state.centre)
  const extent = Math.max(state.extent, distance)
  if (extent > realExtent * scale && distance < settings.settledShare * extent) {
    const silent = settings.settleSamples
    const reversion = learnExcursion(state.reversion, extent)
    return { state: { ...state, reversion, proof: noCusum, since: 0, extent: 0, silent }, proof: 0 }
  }
  return { state: { ...state, since, extent }, proof }
}

/** In the silence after a shift; at its end the series is where it settled. */
function settle(state: Shift, scale: number, { allowance }: ScorerSettings): Shift {
  const silent = state.silent - 1
  const moved = Math.abs(state.recent - state.centre) > allowance * scale
  return { ...state, silent, proof: noCusum, centre: silent === 0 && moved ? state.recent : state.centre }
}
