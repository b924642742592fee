import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { Values } from '../../core/reading.ts'
import { replay, withTicks } from '../replay.ts'
import { elevator } from './index.ts'

type Reading = { at: number; values: Values }

/** A Monday, 00:00 in Hangzhou. */
const monday = Date.parse('2025-06-02T00:00:00+08:00')

/** Mulberry32, by T. Ettinger, public domain. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One elevator's readings, one per 10 s; `script`: after so many ms, this fault, or `undefined` for its repair. */
function readings(seed: number, ms: number, script: [afterMs: number, fault: string | undefined][] = [], facts = {}) {
  const device = elevator.simulator.create({ random: seeded(seed), facts, startAt: monday })
  const due = [...script]
  return Array.from({ length: ms / (10 * secondMs) }, (_, index): Reading => {
    const at = monday + index * 10 * secondMs
    while (due[0] && monday + due[0][0] <= at) device.inject(due.shift()?.[1], at)
    return { at, values: device.step(at) }
  })
}

/** What all detectors say of these readings, as `finding@hours` and `finding cleared`. */
function news(stream: Reading[], facts: object = {}) {
  const inputs = withTicks(stream, { freshSeconds: elevator.freshSeconds })
  return elevator.detectors.flatMap((detector) =>
    replay(detector, inputs, { facts: { ...elevator.factDefaults, ...facts } }).map((transition) => ({
      ...transition,
      id: detector.id,
    })),
  )
}


import { entrapment } from './detectors/entrapment.ts'

test('x', { timeout: 500000 }, () => {
  for (let seed = 1; seed <= 60; seed++) {
    for (const [stops, speed] of [[6, 1], [33, 2.5]]) {
    const inputs = withTicks(readings(seed, 3 * dayMs, [], { stops, ratedSpeedMps: speed }))
    let state: any = entrapment.initial
    for (const input of inputs) {
      const given: any = 'tick' in input ? input : { at: input.at, ...input.values }
      const out = entrapment.step(state, given, entrapment.settings, {})
      if (out.finding && !(state as any).raised) console.log(seed, stops, new Date(input.at).toISOString(), out.finding.summary)
      state = out.state
    }
    }
  }
  let bytes = 0, state: any = entrapment.initial
  const inputs = withTicks(readings(1, dayMs))
  const t0 = performance.now()
  for (let k = 0; k < 10; k++) for (const input of inputs) {
    const given: any = 'tick' in input ? input : { at: input.at, ...input.values }
    state = entrapment.step(state, given, entrapment.settings, {}).state
  }
  const t1 = performance.now()
  bytes = JSON.stringify(state).length
  console.log('ns', ((t1 - t0) * 1e6) / inputs.length / 10, 'bytes', bytes, replay.name, minuteMs, hourMs)
})
