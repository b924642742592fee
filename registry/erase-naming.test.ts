import { expect, test } from 'vitest'
import { namingOf, textsNaming, withoutPerson } from './erase-naming.ts'

const chen = namingOf({
  names: ['Chen Li', '陈丽', 'O"Hara (x)', 'X'],
  phones: ['+86 138 0000-1234', '110'],
  addresses: ['chen@example.org', 'cl'],
})

test.each([
  'Chen Li',
  'told chen  li at noon',
  'Chen Li, flat 3',
  '租客陈丽说已关闭',
  'O"Hara (x) called',
  'X',
  '13800001234',
  '0086 138-0000-1234',
  'call +86 138 0000 1234!',
  '110',
  'CHEN@example.org',
  'cl',
])('is named: %s', (text) => expect(chen.isNamedIn(text)).toBe(true))

test.each([
  'Chen',
  'Chen Lina',
  'MyChen Li',
  '陈美丽',
  'X-ray',
  '138000012345',
  'the 110 m tower',
  'chen@example.com',
  'close',
  '',
])('is not named: %s', (text) => expect(chen.isNamedIn(text)).toBe(false))

test('a text that names them goes as a whole, wherever it stands; ids, words of ours and numbers stay', () => {
  const data = {
    ...{ note: 'Chen Li says it is off', technicianId: 'Chen Li', teamId: 'Chen Li', type: 'X', at: 13_800_001_234 },
    told: [
      { to: '陈丽', party: 'tenant' },
      { to: 'Wang', party: 'crew' },
    ],
  }
  expect(withoutPerson(data, 'data', chen)).toEqual({
    ...data,
    ...{ note: '[erased]', technicianId: '[erased]' },
    told: [{ to: '[erased]', party: 'tenant' }, data.told[1]],
  })
  expect(textsNaming(data, 'data', chen)).toEqual(['Chen Li says it is off', 'Chen Li', '陈丽'])
})

test('no word in which records are kept is rewritten, whatever somebody is called', () => {
  const open = namingOf({ names: ['Repaired', 'People'], phones: [], addresses: [] })
  const kept = { outcome: 'repaired', causeClass: 'people', cause_class: 'people', result: 'repaired' }
  expect(withoutPerson(kept, 'data', open)).toEqual(kept)
})

test('what has no name is named nowhere', () => {
  const nobody = namingOf({ names: ['', '[erased]'], phones: ['-'], addresses: [' '] })
  expect(nobody.isNamedIn('')).toBe(false)
  expect(nobody.isNamedIn('[erased]')).toBe(false)
  expect(nobody.pattern).toBe('')
})
