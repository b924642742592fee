import fc from 'fast-check'
import { expect } from 'vitest'
import { secondMs } from '../core/clock.ts'
import type { Detector, Tick } from '../core/detector.ts'
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

interface Sampled {
  readonly at: number
  readonly values: Values
  readonly holds: boolean
  /** When it comes, by the device's clock, ms. */
  readonly arrivesAt: number
}

/**
 * For tests of a detector with `lasts`: whatever the samples, gaps and ways, its first finding comes after at least `seconds` in which
 * samples or fresh ticks vouched that the condition holds; and with a sample every 10 s it does come.
 */
export function expectNeverEarly(detector: Detector, duration: Duration): void {
  const { holds, calm, seconds, freshSeconds = 90, facts = {}, mostApartSeconds = 300, before = [] } = duration
  const sampling = (most: { readonly apartSeconds: number; readonly waySeconds: number }) =>
    fc.record({
      holds: fc.boolean(),
      afterSeconds: fc.integer({ min: 1, max: most.apartSeconds }),
      waySeconds: fc.integer({ min: 0, max: most.waySeconds }),
    })
  const inTime = sampling({ apartSeconds: mostApartSeconds, waySeconds: 0 })
  // the ticks, which go by those that come at once, are ahead of what is on its way
  const late = sampling({ apartSeconds: Math.min(mostApartSeconds, 20), waySeconds: 30 })

  fc.assert(
    fc.property(fc.oneof(samplesOf(inTime), samplesOf(late)), (samples) => {
      let at = 0
      let arrivesAt = 0
      const readings = samples.map((sample): Sampled => {
        at += sample.afterSeconds * secondMs
        arrivesAt = Math.max(arrivesAt, at + sample.waySeconds * secondMs)
        return { at, values: sample.holds ? holds : calm, holds: sample.holds, arrivesAt }
      })
      const inputs = asTheyCome(readings, freshSeconds * secondMs)
      const [first] = replay(detector, [...before, ...inputs], { facts })
      if (first === undefined) return
      const told = inputs.slice(0, first.index - before.length + 1)
      expect(vouchedSeconds(told, freshSeconds)).toBeGreaterThanOrEqual(seconds)
    }),
    { numRuns: 240, seed: 1 },
  )

  const steady = Array.from({ length: Math.ceil(seconds / 10) + 3 }, (_, i) => ({
    at: (i + 1) * 10_000,
    values: holds,
  }))
  const [found] = replay(detector, [...before, ...withTicks(steady, { freshSeconds })], { facts })
  expect(found?.finding, 'with a sample every 10 s it is found').toBeDefined()
}

function samplesOf<Sample>(sampling: fc.Arbitrary<Sample>): fc.Arbitrary<Sample[]> {
  return fc.array(sampling, { minLength: 1, maxLength: 40 })
}

/** The readings in the order in which they come, with the ticks in between, and for ten minutes after them. */
function asTheyCome(readings: readonly Sampled[], freshMs: number): (Sampled | Tick)[] {
  const [first] = readings
  if (first === undefined) return []
  return readings.flatMap((reading, i) => {
    const end = readings[i + 1]?.arrivesAt ?? reading.arrivesAt + 600 * secondMs
    const ticks: Tick[] = []
    for (let at = nextTick(first.arrivesAt, reading.arrivesAt); at < end; at += tickMs)
      ticks.push({ tick: true, at, fresh: at - reading.at <= freshMs, lastReadingAt: reading.at })
    return [reading, ...ticks]
  })
}

const tickMs = 5 * secondMs

function nextTick(from: number, after: number): number {
  return from + (Math.floor((after - from) / tickMs) + 1) * tickMs
}

/** For how long, up to the last of what was told, a sample said that it holds and was still fresh. */
function vouchedSeconds(told: readonly (Sampled | Tick)[], freshSeconds: number): number {
  const readings = told.filter((input) => 'values' in input)
  const until = Math.max(...told.map(({ at }) => at))
  return readings.reduce((sum, { at, holds }, i) => {
    const end = readings[i + 1]?.at ?? until
    return holds && end > at ? sum + Math.min((end - at) / secondMs, freshSeconds) : sum
  }, 0)
}
