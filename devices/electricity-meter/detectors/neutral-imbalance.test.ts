import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay } from '../../replay.ts'
import { neutralImbalance } from './neutral-imbalance.ts'
import { news, series, times } from './series.ts'

const sound = { amps: 6, neutralAmps: 5.98 }
const borrowed = { amps: 6, neutralAmps: 3.9 }

test('a neutral that carries two amperes less for ten minutes is a warning', () => {
  const inputs = series([...times(10, sound), ...times(80, borrowed)])

  expect(news(neutralImbalance, inputs)).toEqual(['700 s warning'])
  expect(replay(neutralImbalance, inputs)[0]?.finding).toMatchObject({
    summary: 'The line carries 6.0 A, the neutral 3.9 A',
    evidence: { amps: 6, neutralAmps: 3.9, differenceAmps: 2.1, limitAmps: 0.5 },
  })
})

test('another room’s current in this neutral is one too', () => {
  const inputs = series([...times(10, sound), ...times(80, { amps: 0.3, neutralAmps: 4 })])
  expect(news(neutralImbalance, inputs)).toEqual(['700 s warning'])
})

test('line and neutral may come in readings of their own, and the neutral rarely', () => {
  const apart = series([...times(10, sound), ...times(180, borrowed)]).flatMap(({ at, values }, index) => [
    { at, values: { amps: values.amps ?? 0 } },
    ...(index % 6 === 0 ? [{ at: at + 1_000, values: { neutralAmps: values.neutralAmps ?? 0 } }] : []),
  ])
  expect(news(neutralImbalance, apart)).toHaveLength(1)
})

test('it is over after ten minutes in which they agree', () => {
  const inputs = series([...times(10, sound), ...times(80, borrowed), ...times(80, sound)])
  expect(news(neutralImbalance, inputs)).toEqual(['700 s warning', '1500 s cleared'])
  const nearly = series([...times(10, sound), ...times(80, borrowed), ...times(200, { amps: 6, neutralAmps: 5.58 })])
  expect(news(neutralImbalance, nearly)).toEqual(['700 s warning'])
  const well = series([...times(10, sound), ...times(80, borrowed), ...times(80, { amps: 6, neutralAmps: 5.63 })])
  expect(news(neutralImbalance, well)).toEqual(['700 s warning', '1500 s cleared'])
})

test('at 30 A a twentieth of it may be missing', () => {
  const missing = (share: number) => series(times(80, { amps: 30, neutralAmps: 30 * (1 - share) }))
  expect(news(neutralImbalance, missing(0.06))).toEqual(['600 s warning'])
  expect(news(neutralImbalance, missing(0.04))).toEqual([])
})

const switching = Array.from({ length: 600 }, (_, i) => {
  const amps = Math.floor(i / 24) % 2 === 0 ? 8 : 0.4
  return i % 6 === 0 ? { amps, neutralAmps: amps } : { amps }
})

/** The line every twelve minutes, the neutral in between. */
const longAgo = [
  ...series(times(10, sound)),
  ...series(
    Array.from({ length: 600 }, (_, i) => (i % 12 === 0 ? { amps: 6 } : { neutralAmps: 2 })),
    60,
  ).filter((_, i) => i % 12 === 0 || i % 12 > 1),
]

test.each([
  ['a meter without a sensor in its neutral', series(times(600, { amps: 6, neutralAmps: 0 })), {}],
  ['sensors that differ by 3 %', series(times(600, { amps: 30, neutralAmps: 29.1 })), {}],
  ['a small difference', series([...times(10, sound), ...times(600, { amps: 6, neutralAmps: 5.6 })]), {}],
  ['a neutral that is sampled less often than the line', series(switching), {}],
  ['a three-phase feeder', series([...times(10, sound), ...times(600, borrowed)]), { use: 'feeder' }],
  ['a neutral whose line was last told two minutes ago', longAgo, {}],
])('stays silent for %s', (_, inputs, facts) => {
  expect(news(neutralImbalance, inputs, facts)).toEqual([])
})

test('it is never early, and no gap completes its duration', () => {
  expectNeverEarly(neutralImbalance, {
    holds: borrowed,
    calm: sound,
    seconds: 600,
    before: series([sound], 10, 0),
  })
})
