import { expect, test } from 'vitest'
import type { Values } from '../../../core/reading.ts'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { mainsLost } from './mains-lost.ts'

const from = 1_800_000_000_000
type Sample = [seconds: number, values: Values]
const readings = (...samples: Sample[]) => samples.map(([seconds, values]) => ({ at: from + seconds * 1_000, values }))
const lost = { mainsLost: true }
const well = { mainsLost: false }

test('it is said once, as information, and over when the mains are said to be back', () => {
  const said = replay(mainsLost, readings([0, well], [10, lost], [20, lost], [30, lost], [40, well]))

  expect(said).toMatchObject([
    { at: from + 20_000, finding: { severity: 'info', since: from + 10_000, evidence: { lostSeconds: 10 } } },
    { at: from + 40_000, cleared: true },
  ])
})

test('a last word before the gateway dies is enough, and the silence after it clears nothing', () => {
  const said = replayAll(mainsLost, withTicks(readings([0, well], [10, lost]), { until: from + 86_400_000 }))

  expect(said).toHaveLength(1)
  expect(said[0]).toMatchObject({ at: from + 15_000, finding: { severity: 'info' } })
})

test('an elevator without the contact is believed by the city’s code, beside a mode that says nothing of it', () => {
  const coded = (faultCode: string, more: Values = {}): Values => ({ mode: 'normal', faultCode, ...more })
  const cut = (more: Values = {}) =>
    readings([0, coded('00', more)], [10, coded('41', more)], [20, coded('41', more)], [30, coded('00', more)])
  const told = (more?: Values) => replay(mainsLost, cut(more)).map(({ at, cleared }) => [at - from, cleared ?? false])

  expect(told()).toEqual([
    [20_000, false],
    [30_000, true],
  ])
  expect(told(well)).toEqual([])
  // each word by itself: the code holds until another, whatever else is told
  expect(
    replay(mainsLost, readings([0, { faultCode: '41' }], [2, { mode: 'normal' }], [6, { mode: 'normal' }])),
  ).toHaveLength(1)
  expect(
    replay(mainsLost, readings([0, { mode: 'emergency-power' }], [2, { faultCode: '00' }], [6, { faultCode: '46' }])),
  ).toHaveLength(1)
})

test('an elevator without the contact is believed by its mode', () => {
  const said = replay(
    mainsLost,
    readings(
      [0, { mode: 'normal' }],
      [10, { mode: 'emergency-power' }],
      [20, { mode: 'emergency-power' }],
      [30, { mode: 'normal' }],
    ),
  )
  expect(said.map(({ cleared }) => cleared ?? false)).toEqual([false, true])
})

test.each<[string, Sample[]]>([
  [
    'a dip',
    [
      [0, well],
      [10, lost],
      [12, well],
      [20, well],
    ],
  ],
  [
    'a test of emergency power with the mains there',
    [
      [0, well],
      [10, { mode: 'emergency-power' }],
      [60, { mode: 'emergency-power' }],
    ],
  ],
  [
    'an elevator that says nothing of its mains',
    [
      [0, { floor: 1 }],
      [10, { floor: 2 }],
    ],
  ],
  [
    'two words with a gap in between, of which nobody knows',
    [
      [0, lost],
      [3_600, lost],
    ],
  ],
])('stays silent for %s', (name, samples) => {
  const inputs = readings(...samples)
  expect(replay(mainsLost, name.startsWith('two') ? inputs : withTicks(inputs))).toEqual([])
})

test('it is never early, and no gap completes its delay', () => {
  expectNeverEarly(mainsLost, { holds: { mainsLost: true }, calm: { mainsLost: false }, seconds: 5 })
})
