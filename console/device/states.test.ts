import { afterEach, expect, test } from 'vitest'
import { language } from '../shared/language.ts'
import type { MetricBucket } from '../shared/wire.ts'
import { sharesText, stateSegments } from './states.ts'

afterEach(() => {
  language.value = 'zh-CN'
})

const said = (at: number, last: string | boolean): MetricBucket => ({
  ...{ at: new Date(at).toISOString(), mean: null, min: null, max: null, last, count: 1 },
})

test('a state lasts until another one is said, and repeats are one segment', () => {
  expect(stateSegments([said(0, 'normal'), said(10, 'normal'), said(20, 'inspection')], [], 30)).toEqual([
    { from: 0, to: 20, state: 'normal' },
    { from: 20, to: 30, state: 'inspection' },
  ])
})

test('a state does not last through a time in which nobody heard of the device', () => {
  const segments = stateSegments([said(0, 'normal'), said(50, 'normal')], [{ from: 10, to: 50 }], 60)
  expect(segments).toEqual([
    { from: 0, to: 10, state: 'normal' },
    { from: 50, to: 60, state: 'normal' },
  ])
})

test('the strip in words: shares of the time that is known, the longest first', () => {
  language.value = 'en'
  const segments = stateSegments([said(0, false), said(30, true), said(31, false)], [], 1_000)
  expect(sharesText(segments, (state) => (state === true ? 'pressed' : 'not pressed'))).toBe(
    'not pressed 100 %, pressed < 1 %',
  )
})
