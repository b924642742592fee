import { secondMs } from '../../../core/clock.ts'

/** The newest sample of one metric; `slow` when the one before it was long ago. */
export interface Sample {
  readonly at: number
  readonly value: number
  readonly slow: boolean
}

/**
 * Longer apart than this, s, samples are rare: waiting for a second one would cost more than a stray value does. Most gateways sample once a
 * minute, a little more or less: theirs are not.
 */
export const slowSeconds = 75

/**
 * What two samples agree on: the value was at least `low` and at most `high`. A stray value on one side thus moves neither
 * bound past its neighbour. A meter that always samples slowly is believed at once; the first sample, and the first after a gap
 * in quick sampling, agree with nobody (`low` is -Infinity, `high` Infinity).
 */
export interface Agreed {
  readonly sample: Sample
  readonly low: number
  readonly high: number
  /** How long the pair vouches for the value, s: 0 after a gap in quick sampling, never more than `freshSeconds`. */
  readonly seconds: number
}

export function agree(last: Sample | null, at: number, value: number, freshSeconds: number): Agreed {
  if (last === null) return { sample: { at, value, slow: false }, low: -Infinity, high: Infinity, seconds: 0 }

  const apartSeconds = (at - last.at) / secondMs
  const slow = apartSeconds > slowSeconds
  const sample = { at, value, slow }
  if (slow && last.slow) return { sample, low: value, high: value, seconds: Math.min(apartSeconds, freshSeconds) }
  if (apartSeconds > freshSeconds) return { sample, low: -Infinity, high: Infinity, seconds: 0 }
  return { sample, low: Math.min(last.value, value), high: Math.max(last.value, value), seconds: apartSeconds }
}
