import { expect, test } from 'vitest'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { overspeed } from './overspeed.ts'
import { every10s, news, oneByOne, type Said, said, settles, start, tick } from './said.ts'

const rated = { facts: { ratedSpeedMps: 1.75 } }
const standing = { doorState: 'open', doorZone: true, brakeState: 'applied', carSpeedMps: 0, floor: 1 }
const riding = { doorState: 'closed', doorZone: false, brakeState: 'released', carSpeedMps: 1.75, floor: 5 }
const fast = { ...riding, carSpeedMps: 2.1 }
const caught = { ...riding, brakeState: 'applied', safetyCircuit: 'open', carSpeedMps: 0 }

const found = (stream: readonly Said[], until = 0, options: object = rated) =>
  news(overspeed, withTicks(stream, { until: start + until * 1_000 }), options)

test('two samples over 115 % of the rated speed are critical, and the reason is in words', () => {
  const [raised] = replay(overspeed, [said(0, riding), said(10, { ...fast, carSpeedMps: -2.2 }), said(20, fast)], rated)

  expect(raised?.at).toBe(start + 20_000)
  expect(raised?.finding).toEqual({
    severity: 'critical',
    summary: 'The car runs at 2.20 m/s, its governor must trip at 2.01 m/s',
    evidence: { carSpeedMps: 2.2, limitMps: 2.012, usualMps: null },
    since: start + 10_000,
  })
})

test('at one sample per second it takes a second, at ten per second half of one', () => {
  const at = (seconds: readonly number[]) => seconds.map((s) => said(s, fast))

  expect(found([said(0, riding), ...at([1, 2])])).toEqual(['critical 2'])
  expect(found([said(0, riding), ...at([1, 1.1, 1.2, 1.3, 1.4])])).toEqual([])
  expect(found([said(0, riding), ...at([1, 1.1, 1.2, 1.3, 1.4, 1.5])])).toEqual(['critical 1'])
})

test.each([
  [0.5, 0.59, 0.61],
  [1, 1.14, 1.16],
  [1.75, 2, 2.02],
  [10, 11.4, 11.6],
])('a car rated for %d m/s may run at %d, not at %d', (ratedSpeedMps, silent, critical) => {
  const at = (carSpeedMps: number) =>
    found(every10s(0, 30, { ...riding, carSpeedMps }), 0, { facts: { ratedSpeedMps } })

  expect(at(silent)).toEqual([])
  expect(at(critical)).toEqual(['critical 10'])
})

test('one sample is enough when the car then stands between floors with its safety circuit open', () => {
  expect(found([said(0, riding), said(10, fast), said(20, caught)])).toEqual(['critical 20'])
  expect(
    found(oneByOne([said(0, riding), said(10, { carSpeedMps: 2.1 }), said(12, { safetyCircuit: 'open' })])),
  ).toEqual(['critical 12'])
})

test('of a gateway that tells changes, a word that stands for 15 s is enough; a sample of everything is not', () => {
  const told = [said(0, riding), said(10, { carSpeedMps: 2.1 })]

  expect(news(overspeed, [...told, tick(24.9, 10)], rated)).toEqual([])
  expect(found(told, 90)).toEqual(['critical 25'])
  expect(found([said(0, riding), said(10, fast)], 90)).toEqual([])
})

/** Sampled every two minutes: the rides are so fast, and after each it is seen to stand. */
const ridesOf = (...speeds: number[]) =>
  speeds.flatMap((carSpeedMps, i) => [said(i * 240, { ...riding, carSpeedMps }), said(i * 240 + 120, standing)])

test('of a car that is sampled once a ride at most, three rides that agree are critical, until one is seen at its rated speed', () => {
  const [raised] = replay(overspeed, ridesOf(2.6, 2.6, -2.5), rated)

  expect(raised?.at).toBe(start + 480_000)
  expect(raised?.finding).toMatchObject({ severity: 'critical', evidence: { carSpeedMps: 2.5 }, since: start })
  expect(found(ridesOf(2.6, 2.6))).toEqual([])
  expect(found(ridesOf(2.6, 1.2, 2.6, 0.9, 2.6))).toEqual(['critical 960'])
  expect(found(ridesOf(2.6, 2.6, 1.75, 2.6))).toEqual([])
  expect(found(ridesOf(2.6, 2.6, 1.83, 2.6))).toEqual([])
  expect(found(ridesOf(2.6, 2.6, 1.87, 2.6))).toEqual(['critical 720'])
  expect(found(ridesOf(2.6, 3.2, 2.6))).toEqual([])
  const day = 86_400
  expect(found([...ridesOf(2.6, 2.6), said(day + 240, { ...riding, carSpeedMps: 2.6 })])).toEqual(['critical 86640'])
  expect(found([...ridesOf(2.6, 2.6), said(day + 241, { ...riding, carSpeedMps: 2.6 })])).toEqual([])
  const goesOn = every10s(600, 7_200, standing)
  expect(found([...ridesOf(2.6, 2.6, 2.6), ...goesOn])).toEqual(['critical 480'])
  expect(found([...ridesOf(2.6, 2.6, 2.6, 1.75), ...goesOn].toSorted((one, other) => one.at - other.at))).toEqual([
    'critical 480',
    'cleared 2520',
  ])
})

test('a car that runs away on an applied brake is found by the floors it passes', () => {
  const slips = (i: number) =>
    said(10 + i * 10, { ...fast, brakeState: 'applied', direction: 'none', floor: 5 + 7 * i })
  expect(found([said(0, standing), ...[0, 1, 2].map(slips)])).toEqual(['critical 20'])
})

test('it goes on while it is fast, clears half an hour after the last such sample, and not by silence', () => {
  const event = every10s(0, 50, fast)

  expect(replayAll(overspeed, event, rated)).toHaveLength(5)
  expect(found([...event, ...every10s(60, 1_850, standing)])).toEqual(['critical 10'])
  expect(found([...event, ...every10s(60, 1_860, standing)])).toEqual(['critical 10', 'cleared 1860'])
  expect(found(event, 86_400)).toEqual(['critical 10'])
  expect(found([...event, ...every10s(60, 3_600, { doorZone: true })])).toEqual(['critical 10'])
})

test('a car within its speed leaves the state as it is', () => {
  expect(settles(overspeed, riding, rated.facts)).toBe(true)
})

/** So many runs on each of these days, each told by one sample of the ride and one of the stop. */
function runs(from: number, to: number, mpsOf: (day: number, run: number) => number, perDay = 30): Said[] {
  return Array.from({ length: (to - from + 1) * perDay }, (_, i) => {
    const day = from + Math.floor(i / perDay)
    const run = i % perDay
    const at = day * 86_400 + run * 60
    return [said(at, { ...riding, carSpeedMps: mpsOf(day, run), floor: 1 }), said(at + 20, standing)]
  }).flat()
}

const week = runs(1, 7, () => 1.75)
const oneRun = (day: number) => runs(day, day, () => 1.75, 1)
const tooFast = (day: number, carSpeedMps = 2.3) =>
  every10s(day * 86_400 + 2_400, day * 86_400 + 2_420, { ...riding, carSpeedMps })
const foundIn = (stream: readonly Said[], facts: object = {}) => news(overspeed, stream, { facts }).length

function stateAfter(stream: readonly Said[], facts: object = {}, from = overspeed.initial): unknown {
  return stream.reduce<unknown>(
    (state, { at, values }) => overspeed.step(state, { at, ...values }, overspeed.settings, facts).state,
    from,
  )
}

/** What it has learned to be too fast after these days, m/s. */
function limitAfter(stream: readonly Said[]): unknown {
  const [raised] = replay(overspeed, [...stream, ...oneRun(8), ...tooFast(8, 9)])
  return raised?.finding?.evidence.limitMps
}

test('where nobody has entered the rated speed, 130 % of what a week of its own runs taught is critical, and the words say so', () => {
  const [raised] = replay(overspeed, [...week, ...oneRun(8), ...tooFast(8, 2.28)])

  expect(raised?.at).toBe(start + (8 * 86_400 + 2_410) * 1_000)
  expect(raised?.finding).toMatchObject({
    severity: 'critical',
    summary: 'The car runs at 2.28 m/s, as a rule at 1.75 m/s at most; its rated speed is not known (limit 2.27 m/s)',
    evidence: { carSpeedMps: 2.28, limitMps: 2.275, usualMps: 1.75 },
  })
})

test('it takes seven whole days of 30 runs', () => {
  const fewDays = [...runs(1, 6, () => 1.75), ...runs(7, 7, () => 1.75, 29)]

  expect(foundIn([...week, ...tooFast(7)])).toBe(0)
  expect(foundIn([...fewDays, ...oneRun(8), ...tooFast(8)])).toBe(0)
  expect(foundIn([...fewDays, ...runs(8, 8, () => 1.75), ...oneRun(9), ...tooFast(9)])).toBe(1)
})

test('the rated speed wins over what was learned, and is not learned beside it', () => {
  const faster = [...week, ...oneRun(8), ...tooFast(8, 2.4)]

  expect(foundIn(faster, { ratedSpeedMps: 2.5 })).toBe(0)
  expect(foundIn([...week, ...oneRun(8), ...tooFast(8, 2.1)], rated.facts)).toBe(1)
  expect(stateAfter(week, rated.facts)).toMatchObject({ learned: { mps: null, runs: 0 } })

  const learned = stateAfter([...week, ...oneRun(8)])
  expect(stateAfter(tooFast(8), {}, learned)).toMatchObject({ held: { raised: true } })
  expect(stateAfter(tooFast(8), { ratedSpeedMps: 2.5 }, learned)).toMatchObject({ held: null })
})

test('two runs a day that are far too fast are not learned, nor any number of them on three days', () => {
  expect(limitAfter(runs(1, 7, (_, run) => (run < 2 ? 3 : 1.75)))).toBe(2.275)
  expect(limitAfter(runs(1, 7, (day) => (day < 4 ? 1.95 : 1.75)))).toBe(2.275)
})

test('days that differ by more than 15 % teach nothing', () => {
  expect(limitAfter(runs(1, 7, (day) => (day < 4 ? 2.01 : 1.75)))).toBe(2.275)
  expect(limitAfter(runs(1, 7, (day) => (day < 4 ? 2.02 : 1.75)))).toBeUndefined()
})

test('most runs are short and slow: it is the fastest that count', () => {
  expect(limitAfter(runs(1, 7, (_, run) => (run < 3 ? 1.75 : 1.1)))).toBe(2.275)
})

test('what is learned stays: a car that becomes faster by 1 % a week is found in the end', () => {
  const rising = runs(1, 250, (day) => 1.75 * 1.01 ** (day / 7))
  const [raised] = replay(overspeed, [...rising, ...tooFast(251, 2.4)])

  expect(raised?.finding?.evidence.usualMps).toBeCloseTo(1.76, 2)
})

test('neither a mechanic nor a car that says it stands teaches it, and noise is no run', () => {
  const inspected = runs(1, 7, () => 0.3).map(({ at, values }) => ({ at, values: { ...values, mode: 'inspection' } }))
  const wrong = runs(1, 7, () => 5).map(({ at, values }) => ({
    at: at + 40_000,
    values: { ...values, doorState: 'open', floor: 1 },
  }))
  const noise = runs(1, 7, () => 0.09)

  expect(limitAfter([...inspected, said(8 * 86_400 - 100, { mode: 'normal' })])).toBeUndefined()
  expect(limitAfter([...week, ...wrong].sort((a, b) => a.at - b.at))).toBe(2.275)
  expect(limitAfter(noise)).toBeUndefined()
})

test('after work on it everything is learned anew', () => {
  expect(overspeed.renewed?.(stateAfter([...week, ...oneRun(8)]))).toEqual({
    ...(overspeed.initial as object),
    floor: 1,
  })
})

test.each<[string, Said[], number?]>([
  ['a car at 114 % of its rated speed', every10s(0, 3_600, { ...riding, carSpeedMps: 1.99 })],
  [
    'one wrong sample of the speed, however large',
    [...every10s(0, 50, riding), said(60, { ...riding, carSpeedMps: 38 }), ...every10s(70, 90, riding)],
  ],
  ['a sensor that spikes to the same speed now and then', ridesOf(1.75, 3.5, 1.74, 3.5, 3.5, 1.8, 3.5, 1.7, 3.5)],
  [
    'a governor that is tested in inspection mode, then one wrong word',
    ridesOf(2.6, 2.6, 2.6).map(({ at, values }, i) => {
      return { at, values: { ...values, mode: i < 4 ? 'inspection' : 'normal' } }
    }),
  ],
  [
    'the same from a car that is not said to move',
    [0, 240, 480, 720].flatMap((s) => [said(s, { carSpeedMps: 3.5, floor: 1 }), said(s + 120, { carSpeedMps: 0 })]),
  ],
  [
    'one wrong sample of the speed before a stop at a floor',
    [said(0, riding), said(10, fast), ...every10s(20, 60, { ...standing, safetyCircuit: 'open' })],
  ],
  [
    'wrong samples of the speed from a car that stands',
    ['doorState', 'brakeState', 'direction'].flatMap((metric, i) => {
      const word = { doorState: 'open', brakeState: 'applied', direction: 'none' }[metric] ?? ''
      return every10s(i * 1_000, i * 1_000 + 60, { carSpeedMps: 5, floor: 1, [metric]: word })
    }),
  ],
  ['the same from a car that tells no floor', every10s(0, 60, { carSpeedMps: 5, doorState: 'open' })],
  [
    'the same after a reading that told the floor',
    [said(0, standing), ...every10s(10, 60, { carSpeedMps: 5, doorState: 'open' })],
  ],
  [
    'a governor that is tested in inspection mode',
    [said(0, { ...riding, mode: 'inspection' }), ...every10s(10, 100, fast), said(110, caught)],
  ],
  [
    'the same, told by a code of an elevator without a mode',
    [said(0, { ...riding, faultCode: '43' }), ...every10s(10, 100, fast)],
  ],
  ['noise on a very slow elevator', every10s(0, 600, { ...riding, carSpeedMps: 0.19 }), 0.1],
  ['two wrong samples with a gap of minutes between them', [said(0, fast), said(120, fast)]],
  [
    'a wrong sample, and a stop between floors that comes minutes later',
    [said(0, fast), said(120, { ...caught, carSpeedMps: 0 })],
  ],
  [
    'a wrong sample before an emergency stop on which the car still moves',
    [said(0, riding), said(10, fast), said(20, { ...caught, carSpeedMps: 1.2 }), said(30, riding)],
  ],
])('stays silent for %s', (_, stream, ratedSpeedMps = 1.75) => {
  expect(found(stream, 600, { facts: { ratedSpeedMps } })).toEqual([])
})

test.each<[string, Said[]]>([
  ['a car whose rated speed is neither known nor learned', every10s(0, 100, fast)],
  ['a car at 129 % of the speed that it has learned', [...week, ...oneRun(8), ...tooFast(8, 2.25)]],
  [
    'a sensor that spikes while its speed is learned',
    [
      ...runs(1, 30, (day, run) => (run % 6 === day % 6 ? 1.75 + ((day * 37 + run * 11) % 100) / 20 : 1.75)),
      ...tooFast(31, 9),
    ],
  ],
])('stays silent for %s', (_, stream) => {
  expect(foundIn(stream)).toBe(0)
})

test('an inspection that ended is over, and what was raised before stays through one', () => {
  expect(found([said(0, { ...riding, mode: 'inspection' }), ...every10s(10, 30, { ...fast, mode: 'normal' })])).toEqual(
    ['critical 20'],
  )
  expect(found([...every10s(0, 10, fast), ...every10s(20, 3_600, { ...standing, mode: 'inspection' })])).toEqual([
    'critical 10',
  ])
})
