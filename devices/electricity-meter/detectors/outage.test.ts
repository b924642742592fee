import { expect, test } from 'vitest'
import type { Values } from '../../../core/reading.ts'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { outage } from './outage.ts'

const from = 1_800_000_000_000
type Sample = [seconds: number, values: Values]
const readings = (...samples: Sample[]) => samples.map(([seconds, values]) => ({ at: from + seconds * 1_000, values }))

test('a last gasp is an outage at once, and the silence after it neither clears nor repeats it', () => {
  const inputs = withTicks(readings([0, { volts: 228 }], [10, { volts: 0 }]), { until: from + 86_400_000 })
  const said = replayAll(outage, inputs)

  expect(said).toMatchObject([
    { at: from + 10_000, finding: { severity: 'info', since: from + 10_000, evidence: { volts: 0, lastGasp: true } } },
  ])
})

test('next to nothing is an outage after 30 seconds, also by a tick', () => {
  expect(
    replay(outage, readings([0, { volts: 12 }], [10, { volts: 11 }], [20, { volts: 9 }], [30, { volts: 8 }])),
  ).toMatchObject([
    { at: from + 30_000, finding: { severity: 'info', since: from, evidence: { volts: 8, lastGasp: false } } },
  ])
  const [byTick] = replay(outage, withTicks(readings([0, { volts: 12 }]), { until: from + 120_000 }))
  expect(byTick?.at).toBe(from + 30_000)
})

test('half an ampere may be noise; where more flows there is a supply', () => {
  const dead = (amps: number) => replay(outage, readings([0, { volts: 12, amps }], [10, { volts: 0, amps }]))
  expect(dead(0.5)).toHaveLength(1)
  expect(dead(0.6)).toEqual([])
})

test('it is over when the supply is back, not while it crawls', () => {
  const said = replay(
    outage,
    readings([0, { volts: 0 }], [10, { volts: 60 }], [20, { volts: 0 }], [30, { volts: 221 }]),
  )
  expect(said.map(({ at, cleared }) => [at - from, cleared ?? false])).toEqual([
    [0, false],
    [30_000, true],
  ])
})

test.each<[string, Sample[]]>([
  [
    'a dip',
    [
      [0, { volts: 228 }],
      [10, { volts: 30 }],
      [20, { volts: 227 }],
      [60, { volts: 228 }],
    ],
  ],
  [
    'a low voltage',
    [
      [0, { volts: 150 }],
      [10, { volts: 120 }],
      [60, { volts: 60 }],
    ],
  ],
  [
    'a broken voltage input, where current flows',
    [
      [0, { volts: 0, amps: 4 }],
      [10, { volts: 0, amps: 4 }],
      [60, { volts: 2, amps: 4 }],
    ],
  ],
  [
    'a breaker that opened',
    [
      [0, { volts: 228, breaker: 'open', amps: 0 }],
      [60, { volts: 228, amps: 0 }],
    ],
  ],
  [
    'a meter that says nothing of its voltage',
    [
      [0, { watts: 0 }],
      [60, { watts: 0 }],
    ],
  ],
])('stays silent for %s', (_, samples) => {
  expect(replay(outage, withTicks(readings(...samples)))).toEqual([])
})

test('two low samples with a gap in between, of which nobody knows, are not a duration', () => {
  expect(replay(outage, readings([0, { volts: 12 }], [3_600, { volts: 12 }]))).toEqual([])
})

test('it is never early, and no gap completes its delay', () => {
  expectNeverEarly(outage, { holds: { volts: 12 }, calm: { volts: 228 }, seconds: 30 })
})
