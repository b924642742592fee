import { afterEach, beforeEach, expect, test } from 'vitest'
import { language } from '../../shared/language.ts'
import { differences } from './differences.ts'

const usual = language.value
beforeEach(() => {
  language.value = 'en'
})
afterEach(() => {
  language.value = usual
})

test('only what differs is told, with what it was and is', () => {
  const before = { name: 'Garden', address: null, contacts: [{ name: 'Li' }], use: 'hotel' }
  const after = { name: 'East Garden', address: '1 Lake Road', contacts: [{ name: 'Li' }], use: null }

  expect(differences(before, after)).toEqual([
    { field: 'name', was: 'Garden', is: 'East Garden' },
    { field: 'address', was: null, is: '1 Lake Road' },
    { field: 'use', was: 'hotel', is: null },
  ])
})

test('of what came to be all that it has is told, and nothing of what it has not', () => {
  expect(differences(null, { id: 'a', contacts: [], phone: null, facts: {}, areas: ['x'] })).toEqual([
    { field: 'id', was: null, is: 'a' },
    { field: 'areas', was: null, is: 'x' },
  ])
  expect(differences({ id: 'a' }, null)).toEqual([{ field: 'id', was: 'a', is: null }])
})

test('shifts and contacts are told as a list, not as code', () => {
  const shifts = [
    { days: [1, 2], from: '08:00', validUntil: null, memberIds: ['li'] },
    { days: [6], from: '20:00' },
  ]
  expect(differences({ shifts: [] }, { shifts })).toEqual([
    { field: 'shifts', was: null, is: 'days 1, 2 · from 08:00 · members li; days 6 · from 20:00' },
  ])
})

test('what keeps no history has no differences', () => {
  expect(differences(null, null)).toEqual([])
})
