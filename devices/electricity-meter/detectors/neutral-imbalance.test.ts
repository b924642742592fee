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

/** Line and neutral in readings of their own, the neutral rarely. */
const apart = (readings: ReturnType<typeof series>) =>
  readings.flatMap(({ at, values }, index) => [
    { at, values: { amps: values.amps ?? 0 } },
    ...(index % 6 === 0 ? [{ at: at + 1_000, values: { neutralAmps: values.neutralAmps ?? 0 } }] : []),
  ])

test.each([0, 0.3])(
  'line and neutral may come in readings of their own, the neutral rarely, and waver by %d A',
  (byAmps) => {
    const wavers = ({ amps, neutralAmps }: typeof sound, i: number) => {
      const more = Math.round(100 * byAmps * Math.sin(i * 1.7)) / 100
      return { amps: amps + more, neutralAmps: neutralAmps + more }
    }
    const inputs = [...times(10, sound), ...times(180, borrowed)] as (typeof sound)[]
    expect(news(neutralImbalance, apart(series(inputs.map(wavers))))).toHaveLength(1)
    expect(news(neutralImbalance, series(inputs.map(wavers)))).toEqual(['700 s warning'])
  },
)

test('a line in whole amperes that stands beside a neutral that wavers is believed from its next change on', () => {
  const from = (changes: number) =>
    series(
      Array.from({ length: 400 }, (_, i) => ({
        amps: i < changes ? 6 : 7,
        neutralAmps: i < 10 ? 5.98 : 3.9 + 0.02 * (i % 3),
      })),
    )
  expect(news(neutralImbalance, from(400))).toEqual([])
  const [found] = replay(neutralImbalance, from(200))
  expect(found?.index).toBeGreaterThanOrEqual(200 + 55)
  expect(found?.index).toBeLessThanOrEqual(200 + 60)
})

test('a line that stands is frozen when the neutral moves three times in less than ten minutes', () => {
  const movesEach = (samples: number) =>
    series(
      Array.from({ length: 400 }, (_, i) => ({
        amps: 6,
        neutralAmps: i < 10 ? 5.98 : 3.9 + 0.02 * (Math.floor((i - 10) / samples) % 2),
      })),
    )
  expect(news(neutralImbalance, movesEach(15))).toEqual([])
  expect(news(neutralImbalance, movesEach(40))[0]).toBe('700 s warning')
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

/** Both waver as real currents do; from the tenth on one of them says the same for ever. A kettle comes and goes, then nothing is on. */
const frozen = (metric: 'amps' | 'neutralAmps') =>
  series(
    Array.from({ length: 900 }, (_, i) => {
      const load = i < 700 ? (Math.floor(i / 80) % 2 === 0 ? 8 : 0.4) : 0
      const wavers = load === 0 ? 0 : Math.round(10 * Math.sin(i * 1.7)) / 100
      return {
        amps: load + wavers,
        neutralAmps: load === 0 ? 0 : load + wavers - 0.01,
        ...(i >= 10 && { [metric]: 8.02 }),
      }
    }),
  )

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
  ['a line sensor that is frozen', frozen('amps'), {}],
  ['a neutral sensor that is frozen', frozen('neutralAmps'), {}],
  ['a frozen line, told by itself', apart(frozen('amps')), {}],
  ['a frozen neutral, told by itself', apart(frozen('neutralAmps')), {}],
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
