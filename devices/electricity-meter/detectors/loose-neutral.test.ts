import { expect, test } from 'vitest'
import { replay, replayAll } from '../../replay.ts'
import { looseNeutral } from './loose-neutral.ts'
import { longNews, news, noon, series } from './series.ts'

type Sample = number | readonly [volts: number, amps: number]

const supply = (samples: readonly Sample[], everySeconds = 10, from = noon) =>
  series(
    samples.map((each) => (typeof each === 'number' ? { volts: each } : { volts: each[0], amps: each[1] })),
    everySeconds,
    from,
  )
const steady = (value: Sample, count: number): Sample[] => Array<Sample>(count).fill(value)
/** Every five minutes others switch something on, for two minutes each. */
const swings = (count: number, high: number, ordinary = 226): Sample[] =>
  Array.from({ length: count }, () => [...steady(ordinary, 18), ...steady(high, 12)]).flat()
/** A supply whose voltage without load is this, as three days have shown. */
const threeDays = (noLoadVolts: number) =>
  Array.from({ length: 72 * 60 }, (_, i) => ({
    at: noon - (72 * 60 - i) * 60_000,
    values: { volts: noLoadVolts - 4 + (i % 60) / 15 },
  }))

test('a voltage that jumps far above that without load is critical at the third jump', () => {
  expect(news(looseNeutral, supply(swings(5, 262)))).toEqual(['790 s critical'])
})

test('it says how far it jumps, and above what', () => {
  const [found] = replay(looseNeutral, [...threeDays(228), ...supply(swings(3, 249))])

  expect(found?.finding).toMatchObject({
    severity: 'critical',
    summary: 'The voltage jumps with the loads of others, up to 249 V; without load it is 228 V: the neutral is loose',
    evidence: { volts: 249, highestVolts: 249, limitVolts: 242, jumps: 3, withinMinutes: 60 },
    since: noon + 190_000,
  })
})

test.each([
  ['far above the usual: 12 V', 240, [232, 250.5], [232, 253]],
  ['242 V at least', 225, [222, 241], [222, 243]],
  ['from 258 V on, whatever the usual', 250, [240, 257], [240, 259.5]],
  ['up from an ordinary voltage', 225, [234.5, 250.5], [232.5, 250.5]],
  ['up by 15 V', 228, [228.5, 242.5], [227, 242.5]],
])('a jump is %s', (_, noLoadVolts, none, jump) => {
  const found = ([ordinary = 0, high = 0]: number[]) =>
    longNews(looseNeutral, [...threeDays(noLoadVolts), ...supply(swings(4, high, ordinary))])
  expect(found(none)).toEqual([])
  expect(found(jump)).toHaveLength(1)
})

test.each([
  ['within a minute', 4, 1],
  ['not within 80 s', 8, 0],
])('a jump rises %s', (_, between, count) => {
  const risen = Array.from({ length: 4 }, () => [...steady(226, 12), ...steady(242, between), ...steady(262, 9)]).flat()
  expect(news(looseNeutral, supply(risen))).toHaveLength(count)
})

test('a supply that swings both ways is believed at the second jump', () => {
  const both = [...swings(1, 255), ...steady(188, 5), ...swings(3, 255)]
  expect(news(looseNeutral, supply(both))).toEqual(['540 s critical'])
})

test('a voltage that is another one at each sample is found within minutes', () => {
  const restless = Array.from({ length: 90 }, (_, i) => 225 + 45 * Math.sin(i * 1.3) * Math.cos(i * 0.31))
  expect(news(looseNeutral, supply(restless))).toHaveLength(1)
})

test.each([
  [1, 180],
  [10, 18],
  [60, 3],
  [300, 1],
  [600, 1],
])('a sample every %d s is enough', (everySeconds, count) => {
  const switched = Array.from({ length: 5 }, () => [...steady(226, count), ...steady(265, count)]).flat()
  expect(news(looseNeutral, supply([...steady(226, 5), ...switched], everySeconds))).toHaveLength(1)
})

test('it is over after two quiet hours, not after one, not while it stays high, and not by silence', () => {
  const jumps = swings(4, 262)
  const quiet = (minutes: number) => supply([...jumps, ...steady(226, 6 * minutes)])
  expect(news(looseNeutral, quiet(115))).toEqual(['790 s critical'])
  expect(news(looseNeutral, quiet(130))).toEqual(['790 s critical', `${1_200 + 7_200} s cleared`])
  expect(news(looseNeutral, supply([...jumps, ...steady(262, 1_000)]))).toEqual(['790 s critical'])
  expect(news(looseNeutral, [...supply(jumps), ...supply([226], 10, noon + 86_400_000)])).toEqual(['790 s critical'])
})

test('while it holds, every sample says so', () => {
  expect(replayAll(looseNeutral, supply(swings(4, 262))).length).toBeGreaterThan(30)
})

const loosePhase = (i: number): Sample => (i % 30 < 12 ? [226 - 40, 16] : [226, 0.2])
const longLine = (i: number): Sample => (i % 30 < 12 ? [249 - 16, 16] : [249, 0.2])

test.each([
  ['a grid that is too high for hours', supply([...steady(226, 100), ...steady(268, 2_000), ...steady(226, 100)])],
  [
    'a grid that rises and falls within minutes',
    supply(Array.from({ length: 2_000 }, (_, i) => 235 + 25 * Math.sin(i / 24))),
  ],
  ['a grid that hovers about the limit', supply(Array.from({ length: 2_000 }, (_, i) => 247 + 5 * Math.sin(i)))],
  ['a grid that is too low', supply(Array.from({ length: 2_000 }, (_, i) => 190 + 15 * Math.sign(Math.sin(i / 9))))],
  [
    'a loose phase, where the voltage falls with the load and comes back without it',
    supply(Array.from({ length: 2_000 }, (_, i) => loosePhase(i))),
  ],
  ['a long line with large loads and a sunny noon', supply(Array.from({ length: 2_000 }, (_, i) => longLine(i)))],
  ['stray values', supply(Array.from({ length: 2_000 }, (_, i) => (i % 20 === 7 ? 300 : 226)))],
  ['two jumps within the hour', supply([...swings(2, 262), ...steady(226, 300)])],
  [
    'three jumps within half a day',
    supply(Array.from({ length: 3 }, () => [...swings(1, 262), ...steady(226, 1_000)]).flat()),
  ],
  ['an outage, and its end', supply([...steady(226, 20), ...steady(0, 50), ...steady(236, 50)])],
])('stays silent for %s', (_, inputs) => {
  expect(news(looseNeutral, inputs)).toEqual([])
})

test.each([
  [6, 0],
  [2, 1],
])('%d A that were switched off explain as many volts of 19', (amps, count) => {
  const own = Array.from({ length: 300 }, (_, i): Sample => (i % 30 < 15 ? [229, amps] : [248, 0]))
  expect(news(looseNeutral, supply(own))).toHaveLength(count)
})

test('what the own load gives back is no jump, as far as it is known', () => {
  const ownLoad = Array.from({ length: 300 }, (_, i): Sample => (i % 30 < 15 ? [233, 16] : [249, 0]))
  expect(news(looseNeutral, supply(ownLoad))).toEqual([])
  expect(news(looseNeutral, supply(ownLoad.map((each) => (each as [number, number])[0])))).toHaveLength(1)
})

test('a gap is no jump', () => {
  const ends = [226, 265, 226, 265, 226, 265, 226].flatMap((volts, i) =>
    supply(steady(volts, 6), 10, noon + i * 480_000),
  )
  expect(news(looseNeutral, ends)).toEqual([])
})
