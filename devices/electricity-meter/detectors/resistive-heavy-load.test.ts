import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay } from '../../replay.ts'
import { resistiveHeavyLoad } from './resistive-heavy-load.ts'
import { news, noon, series, times } from './series.ts'

/** Watts and power factor of what runs together. */
function drawn(...loads: readonly (readonly [watts: number, powerFactor: number])[]) {
  const watts = loads.reduce((sum, [each]) => sum + each, 0)
  const vars = loads.reduce((sum, [each, factor]) => sum + each * Math.tan(Math.acos(factor)), 0)
  return { watts, powerFactor: Math.round((watts / Math.hypot(watts, vars)) * 1e3) / 1e3 }
}

const rest = [120, 0.8] as const
const calm = drawn(rest)
const heated = drawn(rest, [1_500, 1])
const dormitory = { use: 'dormitory' }
const residential = { use: 'residential' }

test('a heater in a dormitory is a warning after five minutes, in a flat information after three quarters of an hour', () => {
  const inputs = series([...times(10, calm), ...times(300, heated)])

  expect(news(resistiveHeavyLoad, inputs, dormitory)).toEqual(['400 s warning'])
  expect(news(resistiveHeavyLoad, inputs, residential)).toEqual(['2800 s info'])
  expect(replay(resistiveHeavyLoad, inputs, { facts: dormitory })[0]?.finding).toMatchObject({
    summary: '1500 W that only make heat have run for 5 min (limit 5 min)',
    evidence: { watts: 1_620, addedWatts: 1_500, minutes: 5, limitMinutes: 5 },
    since: noon + 100_000,
  })
})

test('it takes 800 W at once: within 20 seconds, not in 30', () => {
  const heavy = (watts: number) => series([...times(10, calm), ...times(60, drawn(rest, [watts, 1]))])
  expect(news(resistiveHeavyLoad, heavy(850), dormitory)).toHaveLength(1)
  expect(news(resistiveHeavyLoad, heavy(750), dormitory)).toEqual([])

  const rising = (samples: number) =>
    series([
      ...times(10, calm),
      ...Array.from({ length: samples }, (_, i) => drawn(rest, [((i + 1) * 900) / samples, 1])),
      ...times(60, drawn(rest, [900, 1])),
    ])
  expect(news(resistiveHeavyLoad, rising(2), dormitory)).toHaveLength(1)
  expect(news(resistiveHeavyLoad, rising(3), dormitory)).toEqual([])
})

test('what starts and stops beside it does not hide it', () => {
  const busy = [
    ...times(10, drawn(rest)),
    ...times(10, drawn(rest, [1_500, 1])),
    ...times(8, drawn(rest, [1_500, 1], [1_800, 1])),
    ...times(8, drawn([90, 0.8], [1_500, 1])),
    ...times(12, drawn(rest, [1_500, 1], [950, 0.93])),
  ]
  expect(news(resistiveHeavyLoad, series(busy), dormitory)).toHaveLength(1)
})

test.each([1, 10, 60, 300])('a sample every %d s is enough', (everySeconds) => {
  const inputs = series([...times(5, calm), ...times(Math.ceil(1_800 / everySeconds), heated)], everySeconds)
  expect(news(resistiveHeavyLoad, inputs, dormitory)).toHaveLength(1)
})

test('volts and amps tell the power factor as well; each metric may come in a reading of its own', () => {
  const byAmps = [...times(10, calm), ...times(60, heated)].map(({ watts, powerFactor }) => {
    return { watts: Number(watts), volts: 226, amps: Number(watts) / Number(powerFactor) / 226 }
  })
  expect(news(resistiveHeavyLoad, series(byAmps), dormitory)).toHaveLength(1)

  const apart = series([...times(10, calm), ...times(60, heated)]).flatMap(({ at, values }) => [
    { at, values: { watts: Number(values.watts) } },
    { at: at + 1_000, values: { powerFactor: Number(values.powerFactor) } },
  ])
  expect(news(resistiveHeavyLoad, apart, dormitory)).toHaveLength(1)
})

test('it is over a minute after it went off; a stray value does not end it', () => {
  const inputs = series([...times(10, calm), ...times(40, heated), calm, ...times(10, heated), ...times(20, calm)])
  expect(news(resistiveHeavyLoad, inputs, dormitory)).toEqual(['400 s warning', '660 s cleared'])
})

test('what began while nobody looked for an hour is no step', () => {
  const inputs = [...series(times(10, calm)), ...series(times(100, heated), 10, noon + 3_600_000)]
  expect(news(resistiveHeavyLoad, inputs, dormitory)).toEqual([])
})

test('a step that two samples share is one step', () => {
  const inputs = series([...times(10, calm), drawn(rest, [750, 1]), ...times(40, heated)])
  expect(news(resistiveHeavyLoad, inputs, dormitory)).toEqual(['410 s warning'])
})

test('a gap completes nothing', () => {
  const inputs = [...series([...times(10, calm), ...times(5, heated)]), ...series([heated], 10, noon + 7_200_000)]
  expect(news(resistiveHeavyLoad, inputs, dormitory)).toEqual([])
})

const steps = [300, 600, 900, 1_200].flatMap((watts) => times(6, drawn(rest, [watts, 1])))
const slowly = Array.from({ length: 100 }, (_, i) => drawn(rest, [Math.min(1_400, 50 * i), 0.99]))

test.each([
  ['a kettle', [...times(10, calm), ...times(26, drawn(rest, [1_800, 1])), ...times(100, calm)], dormitory],
  [
    'a water heater of half an hour in a flat',
    [...times(10, calm), ...times(200, heated), ...times(9, calm)],
    residential,
  ],
  [
    'an air conditioner, whose power factor is lower',
    [...times(10, calm), ...times(300, drawn(rest, [1_200, 0.93]))],
    dormitory,
  ],
  [
    'an inverter that comes up slowly',
    [...times(10, calm), ...slowly, ...times(300, slowly.at(-1) ?? calm)],
    dormitory,
  ],
  [
    'a solar panel that stops feeding in',
    [...times(100, { watts: -820, powerFactor: -1 }), ...times(900, { watts: 8, powerFactor: 0.9 })],
    dormitory,
  ],
  ['an office, where nobody minds', [...times(10, calm), ...times(900, heated)], { use: 'office' }],
  ['a room of which nobody knows the use', [...times(10, calm), ...times(900, heated)], {}],
  ['a load that came up over minutes, in steps', [...times(10, calm), ...steps, ...times(300, heated)], dormitory],
  ['a motor', [...times(10, calm), ...times(900, drawn(rest, [1_500, 0.85]))], dormitory],
  ['700 W', [...times(10, calm), ...times(900, drawn(rest, [700, 1]))], dormitory],
  ['a meter that tells no power factor', [...times(10, { watts: 120 }), ...times(900, { watts: 1_620 })], dormitory],
])('stays silent for %s', (_, values, facts) => {
  expect(news(resistiveHeavyLoad, series(values), facts)).toEqual([])
})

test('it is never early, and no gap completes its duration', () => {
  expectNeverEarly(resistiveHeavyLoad, {
    holds: heated,
    calm,
    seconds: 300,
    facts: dormitory,
    before: series([calm], 10, 0),
  })
})
