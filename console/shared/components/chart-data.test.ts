import { expect, test } from 'vitest'
import type { MetricBucket } from '../wire.ts'
import {
  aligned,
  extentOf,
  nearest,
  quietSpans,
  runsOf,
  stepSecondsFor,
  usualTopOf,
  valueRange,
  windowsOf,
} from './chart-data.ts'

const dayMs = 86_400_000
const minuteMs = 60_000
const bucket = (at: number, mean: number, min = mean, max = mean): MetricBucket => ({
  ...{ at: new Date(at).toISOString(), mean, min, max, last: mean, count: 1 },
})
const minutes = (numbers: readonly number[], value = 1) => numbers.map((minute) => bucket(minute * minuteMs, value))
const within = (minute: number) => ({ from: 0, to: minute * minuteMs })
const options = { stepMs: minuteMs, freshMs: 90_000, perEvent: false }

test.each([
  ['a day by the minute', dayMs, 60],
  ['a week', 7 * dayMs, 600],
  ['a month', 30 * dayMs, 1_800],
  ['ninety days', 90 * dayMs, 5_400],
  ['ten minutes by the second', 10 * minuteMs, 1],
])('%s is drawn in windows of %d ms / %d s, never more than 2,000 points', (_, length, step) => {
  expect(stepSecondsFor({ from: 0, to: length })).toBe(step)
  expect(length / 1_000 / step).toBeLessThan(2_000)
})

test('no data is hatched where nothing came for longer than a sample speaks, at both ends too', () => {
  const starts = [10, 11, 12, 20, 21].map((minute) => minute * minuteMs)
  expect(quietSpans(starts, within(30), minuteMs, 90_000)).toEqual([
    { from: 0, to: 10 * minuteMs },
    { from: 13 * minuteMs, to: 20 * minuteMs },
    { from: 22 * minuteMs, to: 30 * minuteMs },
  ])
})

test('one window that is missing is no gap while the sample before it still speaks', () => {
  const starts = [0, 1, 3, 4].map((minute) => minute * minuteMs)
  expect(quietSpans(starts, within(5), minuteMs, 90_000)).toEqual([])
  expect(quietSpans(starts, within(5), minuteMs, 60_000)).toEqual([{ from: 2 * minuteMs, to: 3 * minuteMs }])
})

test('a line ends where its data end and begins again after them: null, never 0 and never a line through', () => {
  const one = minutes([0, 1, 2, 8, 9])
  const { times, curves, quiet } = aligned([one], { heard: windowsOf([one]), within: within(10), ...options })
  expect(times.map((at) => at / minuteMs)).toEqual([0.5, 1.5, 2.5, 3.5, 8.5, 9.5])
  expect(curves[0]?.means).toEqual([1, 1, 1, null, 1, 1])
  expect(quiet).toEqual([{ from: 3 * minuteMs, to: 8 * minuteMs }])
})

test('a sensor that falls silent while others are heard has a line that ends', () => {
  const [one, other] = [minutes([0, 1, 2, 3, 8, 9]), minutes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])]
  const { curves, quiet } = aligned([one, other], { heard: windowsOf([one, other]), within: within(10), ...options })
  expect(curves[0]?.means).toEqual([1, 1, 1, 1, null, null, null, null, 1, 1])
  expect(curves[1]?.means).not.toContain(null)
  expect(quiet).toEqual([])
})

test('what is measured once per door cycle is points, and its pauses are no gaps', () => {
  const [door, motor] = [minutes([2, 7]), minutes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])]
  const { curves, quiet } = aligned([door], { heard: windowsOf([door, motor]), within: within(10), ...options })
  expect(curves[0]?.isSparse).toBe(true)
  expect(curves[0]?.means).toEqual([1, 1])
  expect(quiet).toEqual([])
})

test('what comes with rides misses nothing while the car stands; it does when the device is silent', () => {
  const [ride, motor] = [minutes([0, 1, 2, 3, 8, 9]), minutes([0, 1, 2, 3, 4, 5, 8, 9])]
  const heard = windowsOf([ride, motor])
  const { curves, quiet } = aligned([ride], { heard, within: within(10), ...options, perEvent: true })
  expect(curves[0]?.means).toEqual([1, 1, 1, 1, null, 1, 1])
  expect(quiet).toEqual([{ from: 6 * minuteMs, to: 8 * minuteMs }])
  expect(aligned([ride], { heard, within: within(10), ...options }).quiet).toEqual([
    { from: 4 * minuteMs, to: 8 * minuteMs },
  ])
})

test('a spread is drawn in runs that end at a hole and go on over the moments of other metrics', () => {
  expect(runsOf([1, undefined, 2, null, null, 3])).toEqual([[0, 2], [5]])
  expect(runsOf([])).toEqual([])
})

test('the value under the pointer is that of the nearest window, and none where it is far', () => {
  expect(nearest([10, 20, 30], 24, 10)).toBe(1)
  expect(nearest([10, 20, 30], 26, 10)).toBe(2)
  expect(nearest([10, 20, 30], 60, 10)).toBe(-1)
  expect(nearest([], 5, 10)).toBe(-1)
})

const low = (range: readonly [number, number]) => range[0]
const high = (range: readonly [number, number]) => range[1]

test('a limit near the curve is in sight; one far away does not press it flat', () => {
  expect(high(valueRange([3, 5], { spread: null, limits: [6], usualTop: 5 }))).toBeGreaterThan(6)
  expect(high(valueRange([20, 50], { spread: null, limits: [155], usualTop: 49 }))).toBeLessThan(60)
})

test('a motor that is over its limit is shown as high as it was', () => {
  expect(high(valueRange([20, 150], { spread: [20, 152], limits: [115, 130], usualTop: 55 }))).toBeGreaterThan(152)
})

test('one obstructed closing of a minute does not hide the wear of weeks', () => {
  const range = valueRange([3, 30], { spread: [2.8, 59], limits: [4.4], usualTop: 3.6 })
  expect(high(range)).toBeLessThan(7)
  expect(low(range)).toBeLessThan(3)
})

test('a curve is not cut by the limit of another one that is lower', () => {
  const [applies, releases] = [
    [120, 135, 130],
    [280, 292, 285],
  ]
  const usualTop = usualTopOf([applies, releases])
  expect(usualTop).toBe(292)
  expect(high(valueRange([120, 292], { spread: null, limits: [190], usualTop }))).toBeGreaterThan(292)
})

test('a constant has air around it, and nothing at all an axis', () => {
  const [least, most] = valueRange([0, 0], { spread: null, limits: [], usualTop: 0 })
  expect(most).toBeGreaterThan(least)
  expect(valueRange(null, { spread: null, limits: [], usualTop: 0 })).toEqual([0, 1])
  expect(extentOf([[null, undefined, 3], [-1]])).toEqual([-1, 3])
})
