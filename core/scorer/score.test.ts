import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs, secondMs } from '../clock.ts'
import { noise } from '../estimators/noise.ts'
import { initialScorer, newFrom, type ScorerState, score, type Vector } from './score.ts'
import { scorerSettings } from './settings.ts'

const vectors = (series: readonly (readonly (number | null)[])[], everyMs = minuteMs): Vector[] =>
  series.map((values, index) => ({ at: index * everyMs, values }))
const channel = (values: readonly number[], everyMs = minuteMs) =>
  vectors(
    values.map((value) => [value]),
    everyMs,
  )

function scores(given: readonly Vector[]): { scores: number[]; state: ScorerState } {
  let state = initialScorer
  const all = given.map((vector) => {
    const step = score(state, vector, scorerSettings)
    state = step.state
    return step.score
  })
  return { scores: all, state }
}
const scoresOf = (values: readonly number[], everyMs = minuteMs) => scores(channel(values, everyMs)).scores

const away = (all: readonly number[]) => all.filter((one) => one >= 0.5 && one < newFrom).length
const fresh = (all: readonly number[]) => all.filter((one) => one >= newFrom).length

const steady = noise(7, 2_000)
const dayOf = (everyMs: number, days: number, deviation: number) =>
  noise(5, (days * dayMs) / everyMs).map(
    (value, index) => 20 + 5 * Math.sin((2 * Math.PI * index * everyMs) / dayMs) + deviation * value,
  )

test.each([
  ['a second', secondMs],
  ['a minute', minuteMs],
  ['an hour', hourMs],
])('noise around a fixed value, once %s, is never away and hardly ever new', (_, everyMs) => {
  const all = scoresOf(noise(3, 8_000), everyMs).slice(500)

  expect(away(all)).toBe(0)
  expect(fresh(all)).toBeLessThan(15)
})

test.each([
  ['a minute, with little noise', minuteMs, 0.1],
  ['a minute, with much noise', minuteMs, 1],
  ['five minutes', 5 * minuteMs, 0.1],
])('a temperature that follows the day, once %s, is silent from the third day on', (_, everyMs, deviation) => {
  const all = scoresOf(dayOf(everyMs, 10, deviation), everyMs).slice((3 * dayMs) / everyMs)

  expect(away(all)).toBe(0)
  expect(fresh(all)).toBeLessThanOrEqual(4)
})

test.each([
  ['a second', secondMs],
  ['a minute', minuteMs],
  ['an hour', hourMs],
])('a step of three deviations, once %s, is new at once and away for as long as it lasts', (_, everyMs) => {
  const all = scoresOf(
    steady.map((value, index) => value + (index >= 1_000 && index < 1_300 ? 3 : 0)),
    everyMs,
  )

  expect(fresh(all.slice(1_000, 1_010))).toBeGreaterThan(0)
  expect(all.slice(1_010, 1_300).every((one) => one >= 0.5)).toBe(true)
  expect(all.slice(1_100, 1_300).filter((one) => one === 0.75).length).toBeGreaterThan(150)
  expect(away(all.slice(1_320))).toBe(0)
})

test('a single spike is new at that sample and leaves nothing behind', () => {
  const all = scoresOf(steady.map((value, index) => (index === 1_000 ? 20 : value)))

  expect(all[1_000]).toBeGreaterThanOrEqual(newFrom)
  expect(away(all.slice(1_001, 1_500))).toBe(0)
})

test('what lies just beyond everything seen so far is new, what lies just within it is not', () => {
  const highest = Math.max(...steady.slice(0, 1_500))
  const at = (value: number) => scoresOf(steady.map((usual, index) => (index === 1_500 ? value : usual)))[1_500]

  expect(at(highest + 1)).toBeGreaterThanOrEqual(newFrom)
  expect(at(highest - 0.1)).toBeLessThan(newFrom)
})

test('what happens once a week is far less new the second time', () => {
  const first = 1_000
  const again = first + 7 * 1_440
  const weekly = (spikes: Readonly<Record<number, number>>) =>
    scoresOf(noise(12, 9 * 1_440).map((value, index) => spikes[index] ?? value))

  expect(weekly({ [first]: 14 })[first]).toBeGreaterThan(0.9)
  expect(weekly({ [again]: 12 })[again]).toBeGreaterThan(0.9)
  expect(weekly({ [first]: 14, [again]: 12 })[again]).toBeLessThan(0.82)
})

test.each([
  [31, 97],
  [10, 60],
  [60, 300],
])('a load that is on for %d of every %d minutes is neither new nor away once that is known', (on, period) => {
  const load = noise(13, 9_000).map((value, index) => 60 + 5 * value + (index % period < on ? 1_000 : 0))
  const all = scoresOf(load).slice(5_000)

  expect(away(all)).toBeLessThan(20)
  expect(fresh(all)).toBeLessThanOrEqual(2)
})

test('a spike is not told again when it comes a second time within the hour, but a larger one is', () => {
  const spikes = (second: number) =>
    scoresOf(steady.map((value, index) => (index === 1_000 ? 8 : index === 1_050 ? second : value)))

  expect(spikes(8)[1_050]).toBeLessThan(newFrom)
  expect(spikes(60)[1_050]).toBeGreaterThanOrEqual(newFrom)
})

test('a drift far beyond the noise becomes away, and stays it', () => {
  const all = scoresOf(steady.map((value, index) => value + Math.max(0, index - 1_000) * 0.02))

  expect(all.slice(1_200, 1_900).every((one) => one >= 0.5)).toBe(true)
})

test('a sensor that freezes is new once, for its activity is gone', () => {
  const all = scoresOf(steady.map((value, index) => (index >= 1_000 ? (steady[999] ?? 0) : value)))

  expect(fresh(all.slice(1_000))).toBeGreaterThan(0)
})

test('a machine that was badly off and settles beside its old centre is well again, from there', () => {
  const all = scoresOf(noise(8, 3_000).map((value, index) => value + (index < 1_000 ? 0 : index < 1_200 ? 12 : 2.5)))

  expect(all.slice(1_010, 1_200).every((one) => one >= 0.5)).toBe(true)
  expect(away(all.slice(1_230))).toBe(0)
})

test('one that calms down slowly is judged from where it came to rest, not from where it passed', () => {
  const calming = (index: number) => 8 + 32 * Math.exp(-(index - 1_200) / 15) + (index < 2_000 ? 0 : 5)
  const all = scoresOf(
    noise(8, 3_000).map((value, index) => value + (index < 1_000 ? 0 : index < 1_200 ? 40 : calming(index))),
  )

  expect(away(all.slice(1_240, 2_000))).toBe(0)
  expect(all.slice(2_030, 3_000).every((one) => one >= 0.5)).toBe(true)
})

test('a new level that lasts for good is normal in the end', () => {
  const all = scoresOf(noise(8, 4_500).map((value, index) => value + (index < 1_000 ? 0 : 4)))

  expect(all.slice(1_010, 2_900).every((one) => one >= 0.5)).toBe(true)
  expect(away(all.slice(3_100))).toBe(0)
})

test('a start-up among the first samples is not taken for the normal state', () => {
  const all = scoresOf(noise(9, 2_000).map((value, index) => value + (index < 150 ? -40 : index < 1_200 ? 0 : 4)))

  expect(away(all.slice(400, 1_200))).toBe(0)
  expect(all.slice(1_210, 1_900).every((one) => one >= 0.5)).toBe(true)
})

test('what warms up among the first samples hides no small shift later', () => {
  const warmUp = (index: number) => -Math.max(0, 1 - index / 300)
  const all = scoresOf(
    noise(2, 1_300).map((value, index) => value + warmUp(index) - (index >= 560 && index < 960 ? 2.5 : 0)),
  )

  expect(away(all.slice(400, 560))).toBe(0)
  expect(all.slice(600, 960).every((one) => one >= 0.5)).toBe(true)
  expect(away(all.slice(1_060))).toBe(0)
})

test('nothing is said of a series that never moves, until it does', () => {
  const all = scoresOf(Array.from({ length: 2_000 }, (_, index) => (index < 1_500 ? 5 : 6)))

  expect(all.slice(0, 1_500).every((one) => one === 0)).toBe(true)
  expect(all[1_500]).toBeGreaterThanOrEqual(newFrom)
})

test('a vector is as far off as the worst of its channels; a missing value is no evidence and costs no memory', () => {
  const faulty = steady.map((value, index) => value + (index >= 1_000 && index < 1_300 ? 3 : 0))
  const calm = noise(11, 2_000)
  const both = scores(vectors(faulty.map((value, index) => [calm[index] ?? 0, value])))
  const alone = [scoresOf(calm), scoresOf(faulty)]
  const gap = scores(vectors(faulty.map((value, index) => [index >= 900 && index < 950 ? null : value])))

  expect(both.scores).toEqual(faulty.map((_, index) => Math.max(...alone.map((one) => one[index] ?? 0))))
  expect(gap.scores.slice(900, 950).every((one) => one === 0)).toBe(true)
  expect(gap.scores.slice(1_010, 1_300).every((one) => one >= 0.5)).toBe(true)
})

test('through JSON after every step, and once more from the start, the scores are the same to the last bit', () => {
  const given = vectors(
    dayOf(5 * minuteMs, 4, 0.7).map((value, index) => [value, index % 7 === 0 ? null : 1e6 + value]),
  )
  let state = initialScorer
  const kept = given.map((vector) => {
    const step = score(JSON.parse(JSON.stringify(state)), vector, scorerSettings)
    state = step.state
    return step.score
  })

  expect(kept).toEqual(scores(given).scores)
  expect(JSON.stringify(state)).toBe(JSON.stringify(scores(given).state))
})

test('its memory does not grow: 0.5 KiB for one channel, 2 KiB for four', () => {
  const large = dayOf(minuteMs, 20, 1.3).map((value) => 1e5 + 1e3 * value)
  const bytes = (given: readonly Vector[]) => JSON.stringify(scores(given).state).length

  expect(bytes(channel(large))).toBeLessThan(512)
  expect(bytes(vectors(large.slice(0, 5_000).map((value) => [value, value / 7, -value, value * value])))).toBeLessThan(
    4_096,
  )
})
