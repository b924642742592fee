import fc from 'fast-check'
import { expect } from 'vitest'
import { secondMs } from '../core/clock.ts'
import type { Detector } from '../core/detector.ts'
import type { Values } from '../core/reading.ts'
import { type ReplayInput, replay, withTicks } from '../devices/replay.ts'

interface Duration {
  /** A reading while the condition holds, and one while it does not. */
  readonly holds: Values
  readonly calm: Values
  /** For how long it must hold, s. */
  readonly seconds: number
  /** A sample vouches for so long after it, s; the kind's. */
  readonly freshSeconds?: number
  readonly facts?: object
  /** Samples lie no further apart, s: for a rule that believes a device which reports rarely at once. */
  readonly mostApartSeconds?: number
  /** What the device said before, ending at time 0. */
  readonly before?: readonly ReplayInput[]
}

/**
 * For tests of a detector with `lasts`: whatever the samples and gaps, its first finding comes after at least `seconds` in which
 * samples or fresh ticks vouched that the condition holds; and with a sample every 10 s it does come.
 */
export function expectNeverEarly(detector: Detector, duration: Duration): void {
  const { holds, calm, seconds, freshSeconds = 90, facts = {}, mostApartSeconds = 300, before = [] } = duration
  const sampling = fc.record({ holds: fc.boolean(), afterSeconds: fc.integer({ min: 1, max: mostApartSeconds }) })

  fc.assert(
    fc.property(fc.array(sampling, { minLength: 1, maxLength: 40 }), (samples) => {
      let at = 0
      const readings = samples.map((sample) => {
        at += sample.afterSeconds * secondMs
        return { at, values: sample.holds ? holds : calm, holds: sample.holds }
      })
      const inputs = withTicks(readings, { freshSeconds, until: at + 600 * secondMs })
      const [first] = replay(detector, [...before, ...inputs], { facts })
      if (first === undefined) return
      expect(vouchedSeconds(readings, first.at, freshSeconds)).toBeGreaterThanOrEqual(seconds)
    }),
    { numRuns: 200, seed: 1 },
  )

  const steady = Array.from({ length: Math.ceil(seconds / 10) + 3 }, (_, i) => ({
    at: (i + 1) * 10_000,
    values: holds,
  }))
  const [found] = replay(detector, [...before, ...withTicks(steady, { freshSeconds })], { facts })
  expect(found?.finding, 'with a sample every 10 s it is found').toBeDefined()
}

/** For how long, up to `until`, a sample said that it holds and was still fresh. */
function vouchedSeconds(
  readings: readonly { readonly at: number; readonly holds: boolean }[],
  until: number,
  freshSeconds: number,
): number {
  return readings.reduce((sum, { at, holds }, i) => {
    const end = Math.min(readings[i + 1]?.at ?? Number.POSITIVE_INFINITY, until)
    return holds && end > at ? sum + Math.min((end - at) / secondMs, freshSeconds) : sum
  }, 0)
}
