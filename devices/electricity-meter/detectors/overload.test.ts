import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, withTicks } from '../../replay.ts'
import { overload } from './overload.ts'
import { news, noon, series } from './series.ts'

const amps = (values: readonly number[], everySeconds = 10, from = noon) =>
  series(
    values.map((each) => ({ amps: each })),
    everySeconds,
    from,
  )
const steady = (value: number, count: number) => Array<number>(count).fill(value)
const firstUrgent = (values: readonly number[], everySeconds = 10, facts = {}) =>
  news(overload, withTicks(amps(values, everySeconds)), facts).find((each) => each.endsWith('urgent'))

test('more than 0.9 times the rating for a quarter of an hour is a warning, and never urgent', () => {
  expect(news(overload, amps(steady(36.5, 2_000)))).toEqual(['900 s warning'])
  expect(news(overload, amps(steady(45, 2_000)))).toEqual(['900 s warning'])
})

test('over 1.13 times the rating it is urgent, the sooner the more flows', () => {
  const minutes = [1.15, 1.2, 1.45, 2, 3].map((share) => {
    const said = news(overload, amps(steady(40 * share, 400))).find((each) => each.endsWith('urgent'))
    return Math.round((Number.parseInt(said ?? '', 10) / 60) * 10) / 10
  })
  expect(minutes).toEqual([8.2, 6.5, 3.2, 1.3, 0.5])
})

test('it says what was measured, against what, how hot the conductor is, and since when', () => {
  const found = replay(overload, amps([5, ...steady(52, 60)])).at(-1)

  expect(found?.finding).toMatchObject({
    severity: 'urgent',
    summary: '52.0 A flow through a breaker for 40 A; urgent from 1.13 of that on',
    evidence: { amps: 52, breakerAmps: 40, limitAmps: 45.2 },
    since: noon + 10_000,
  })
  expect(found?.finding?.evidence.heatShare).toBeGreaterThanOrEqual(1)
})

test('the rating is that of this very breaker', () => {
  expect(news(overload, amps(steady(20, 2_000)), { breakerAmps: 40 })).toEqual([])
  expect(firstUrgent(steady(20, 100), 10, { breakerAmps: 16 })).toBeDefined()
})

test.each([1, 60, 300, 600])('a sample every %d s is enough', (everySeconds) => {
  expect(firstUrgent(steady(60, Math.ceil(4_000 / everySeconds)), everySeconds)).toBeDefined()
})

test('a meter that only says what is new is believed while its word is fresh', () => {
  const energy = { at: noon + 40_000, values: { energyKwh: 7 } }
  const after = (...told: number[]) => withTicks([...amps(told), energy], { until: noon + 600_000 })

  expect(news(overload, after(5, 160))).toEqual(['85 s urgent'])
  expect(news(overload, after(5, 48))).toEqual([])
  expect(news(overload, withTicks(amps([5, 160, 5], 300)))).toEqual([])
})

test('it is over after ten minutes below 0.85 times the rating, not above it, and not by silence', () => {
  const full = steady(38, 100)
  expect(news(overload, amps([...full, ...steady(33.9, 80)]))).toEqual(['900 s warning', '1600 s cleared'])
  expect(news(overload, amps([...full, ...steady(34.1, 400)]))).toEqual(['900 s warning'])
  expect(news(overload, [...amps(full), ...amps([1], 10, noon + 86_400_000)])).toEqual(['900 s warning'])
})

test.each(['the meter falls silent', 'it tells other things only'])(
  'a current that was told once, before %s, is unknown after that: neither over nor worse',
  (then) => {
    const after = (count: number) => noon + (count + 1) * 10_000
    const silent = (readings: ReturnType<typeof amps>) => {
      const volts = Array.from({ length: 8_640 }, (_, i) => ({ volts: 230 + (i % 3) }))
      const others = then === 'the meter falls silent' ? [] : series(volts, 10, after(readings.length))
      return news(overload, withTicks([...readings, ...others], { until: noon + 86_400_000 }))
    }
    expect(silent(amps([5, 52]))).toEqual([])
    expect(silent(amps([...steady(38, 100), 47]))).toEqual(['900 s warning'])
    expect(silent(amps([...steady(52, 60)]))).toEqual(['275 s urgent'])
  },
)

test('a gap neither heats nor completes anything', () => {
  expect(news(overload, [...amps(steady(48, 20)), ...amps([48], 10, noon + 7_200_000)])).toEqual([])
})

test.each([
  [
    'a kettle of four minutes on top of a full load',
    amps([...steady(37, 60), ...steady(47, 24), ...steady(20, 200)]),
    {},
  ],
  ['a compressor that starts', amps([...steady(15, 20), ...steady(120, 3), ...steady(19, 200)], 1), {}],
  ['an evening at 85 % of the rating', amps(steady(34, 3_000)), {}],
  [
    'a stray value before a minute a little over the limit',
    amps([...steady(37, 6), 900, ...steady(46, 6), ...steady(20, 200)]),
    {},
  ],
  ['a single stray value', amps([...steady(15, 20), 4_000, ...steady(15, 200)]), {}],
  ['stray values during a full load', amps(Array.from({ length: 85 }, (_, i) => (i % 9 === 4 ? 400 : 37))), {}],
])('stays silent for %s', (_, inputs, facts) => {
  expect(news(overload, inputs, facts)).toEqual([])
})

test('it is never early, and no gap completes its duration', () => {
  expectNeverEarly(overload, { holds: { amps: 38 }, calm: { amps: 2 }, seconds: 900 })
})
