import { afterEach, expect, test } from 'vitest'
import { language } from '../../shared/language.ts'
import { fieldWords } from './field-words.ts'
import { fieldName, valueText } from './names.ts'

const before = language.value
afterEach(() => {
  language.value = before
})

test.each([
  ['zh-CN', '由', '已确认', '维修人员'],
  ['en', 'from', 'acknowledged', 'technician'],
] as const)('what was done to an order is told in %s', (of, from, state, technician) => {
  language.value = of
  expect([fieldName('from'), valueText('from', 'acknowledged'), fieldName('technicianId')]).toEqual([
    from,
    state,
    technician,
  ])
})

test('from and to are states of an order, or when and what it was', () => {
  language.value = 'zh-CN'
  expect([fieldName('from', '未确认'), fieldName('to', '已确认'), fieldName('to', '2026-10-01')]).toEqual([
    ...['原状态', '新状态', '至'],
  ])
})

test('how an order ended, and why, is told in the language of the page', () => {
  language.value = 'zh-CN'
  expect([valueText('outcome', 'repaired'), valueText('causeClass', 'equipment')]).toEqual(['已修复', '设备'])
})

test('times, sums, what is yes or no and what is said of a visit are told as people write them', () => {
  language.value = 'zh-CN'
  expect([
    valueText('since', Date.UTC(2026, 10, 23, 18, 15)),
    valueText('expiresAt', '2026-11-23T18:15:07.000Z'),
    valueText('premiumFen', 1_680_050),
    valueText('count', 1_795_000_000_000),
    valueText('quarterly', true),
    valueText('verdict', 'not-proven'),
    valueText('type', 'on-demand'),
    valueText('type', 'estate'),
  ]).toEqual([
    ...['2026-11-24 02:15', '2026-11-24 02:15', '¥ 16800.50', '1795000000000', '是', '未核实', '按需维保', '小区'],
  ])
})

test('each field has a name in both languages', () => {
  const names = (of: 'en' | 'zh-CN') => {
    language.value = of
    return Object.keys(fieldWords()).toSorted()
  }
  expect(names('en')).toEqual(names('zh-CN'))
})

test('what has no word stays as it is', () => {
  expect([fieldName('toString'), fieldName('somethingNew')]).toEqual([undefined, undefined])
  expect([valueText('from', '08:00'), valueText('name', 'closed')]).toEqual(['08:00', 'closed'])
})
