import { afterEach, expect, test } from 'vitest'
import { language } from '../../shared/language.ts'
import { fieldName, valueText } from './names.ts'

const before = language.value
afterEach(() => {
  language.value = before
})

test.each([
  ['zh-CN', '原状态', '已确认', '维保人员'],
  ['en', 'from', 'acknowledged', 'technician'],
] as const)('what was done to an order is told in %s', (of, from, state, technician) => {
  language.value = of
  expect([fieldName('from'), valueText('from', 'acknowledged'), fieldName('technicianId')]).toEqual([
    from,
    state,
    technician,
  ])
})

test('how an order ended, and why, is told in the language of the page', () => {
  language.value = 'zh-CN'
  expect([valueText('outcome', 'repaired'), valueText('causeClass', 'equipment')]).toEqual(['已修复', '设备'])
})

test('what has no word stays as it is', () => {
  expect([fieldName('toString'), fieldName('somethingNew')]).toEqual([undefined, undefined])
  expect([valueText('from', '08:00'), valueText('name', 'closed')]).toEqual(['08:00', 'closed'])
})
