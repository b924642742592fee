import { expect, test } from 'vitest'
import { isOfLife, isSilence, matchesFinding } from './finding.ts'

test('a star stands for anything, and without one the name must be the same', () => {
  expect(matchesFinding('*/silent', 'elevator/silent')).toBe(true)
  expect(matchesFinding('*/silent', 'elevator/sensor-silent')).toBe(false)
  expect(matchesFinding('elevator/*', 'elevator/mains-lost')).toBe(true)
  expect(matchesFinding('elevator/*', 'elevator-2/mains-lost')).toBe(false)
  expect(matchesFinding('elevator/mains', 'elevator/mains-lost')).toBe(false)
})

test('a device or gateway that is silent, not a sensor', () => {
  const findings = ['elevator/silent', 'gateway/silent', 'elevator/sensor-silent', 'elevator/entrapment']
  expect(findings.map(isSilence)).toEqual([true, true, false, false])
})

test('a trapped passenger and a car that moves by itself are dangers to life', () => {
  const findings = ['elevator/entrapment', 'elevator/unintended-movement', 'elevator/mains-lost']
  expect(findings.map(isOfLife)).toEqual([true, true, false])
})
