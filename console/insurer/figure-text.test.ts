import { afterEach, expect, test } from 'vitest'
import { language } from '../shared/language.ts'
import { changeOf, intervalText, valueText } from './figure-text.ts'

afterEach(() => {
  language.value = 'zh-CN'
})

const figure = (value: number | null, interval: { low: number | null; high: number | null } | null = null) => ({
  ...{ value, numerator: 0, denominator: 0, coverage: null, interval },
})

test('a value has its unit and no more places than a person can use', () => {
  language.value = 'en'
  expect([valueText(0.98612, 'share'), valueText(1, 'share'), valueText(0, 'share')]).toEqual([
    '98.6 %',
    '100 %',
    '0 %',
  ])
  expect([45, 1_020, 9_000, 518_400].map((seconds) => valueText(seconds, 'seconds'))).toEqual([
    '45 s',
    '17 min',
    '2.5 h',
    '6 d',
  ])
  expect(valueText(0.40712, 'per-100-elevators-month')).toBe('0.41')
  language.value = 'zh-CN'
  expect(valueText(1_020, 'seconds')).toBe('17 分钟')
})

test('an interval says its unit once, and a bound that cannot be said is open', () => {
  expect(intervalText(figure(0.9, { low: 0.811, high: 0.849 }), 'share')).toBe('81.1–84.9 %')
  expect(intervalText(figure(0.9, { low: 0.5, high: null }), 'share')).toBe('≥ 50 %')
  expect(intervalText(figure(3, { low: null, high: 9 }), 'per-elevator-year')).toBe('≤ 9')
  expect(intervalText(figure(3), 'points')).toBe('')
})

test('a change is relative for rates and in points for shares, and nothing where there is nothing to compare with', () => {
  language.value = 'en'
  expect(changeOf(figure(0.82), figure(1), 'per-elevator-year')).toEqual({ text: '18 %', direction: 'down' })
  expect(changeOf(figure(0.83), figure(0.8), 'share')).toEqual({ text: '3 pp', direction: 'up' })
  expect(changeOf(figure(0.8), figure(0.8), 'share')).toMatchObject({ direction: 'same' })
  expect(changeOf(figure(0.8), figure(0), 'per-elevator-year')).toBeNull()
  expect(changeOf(figure(0.8), figure(null), 'share')).toBeNull()
  expect(changeOf(figure(null), figure(0.8), 'share')).toBeNull()
  expect(changeOf(figure(0.8), undefined, 'share')).toBeNull()
})
