import { expect, test } from 'vitest'
import { fullName } from './full-name.ts'

test('an elevator is named with its estate and building, and nothing twice', () => {
  expect(fullName('电梯 A', ['西湖区', '东苑', '12 幢'])).toBe('东苑 12 幢 电梯 A')
  expect(fullName('东苑 12幢 A 梯', ['西湖区', '东苑', '12 幢'])).toBe('东苑 12幢 A 梯')
  expect(fullName('elv-1', [])).toBe('elv-1')
})
