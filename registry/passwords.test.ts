import { expect, test } from 'vitest'
import { createPasswords, faultOfPassword } from './passwords.ts'

const li = { id: 'li', name: 'Li Xiaolong' }

test('a password is kept as argon2id with 19 MiB, 2 passes and 1 lane, salted, and recognised as it was typed', async () => {
  const passwords = createPasswords()
  const [one, other] = await Promise.all([
    passwords.hash('四个汉字也可以是密码的一部分'),
    passwords.hash('四个汉字也可以是密码的一部分'),
  ])
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(one).not.toBe(other)
  expect(await passwords.verify(one, '四个汉字也可以是密码的一部分')).toBe(true)
  for (const wrong of ['四个汉字也可以是密码的一部', '四个汉字也可以是密码的一部分 ', ''])
    expect(await passwords.verify(one, wrong)).toBe(false)
  for (const nobody of [null, undefined]) expect(await passwords.verify(nobody, '')).toBe(false)
})

test.each([
  ['elevenchars', 'too-short'],
  ['一二三四五六七八九十百', 'too-short'],
  ['👩‍🚒'.repeat(43), 'too-long'],
  ['x'.repeat(129), 'too-long'],
  ['aaaaaaaaaaaaaaa', 'too-common'],
  ['abcabcabcabc', 'too-common'],
  ['123456789012', 'too-common'],
  ['9876543210987', 'too-common'],
  ['abcdefghijklm', 'too-common'],
  ['Password1234', 'too-common'],
  ['Li-xiaolong 2026', 'own-name'],
  ['12345-li-1990', 'own-name'],
  ['LiftWatt-20261129', 'own-name'],
])('%s is refused: %s', (password, fault) => {
  expect(faultOfPassword(password, li)).toBe(fault)
})

test.each([
  'twelve chars',
  'correct horse battery',
  'liu climbs 9 stairs',
  '我家楼下有三棵大树和一条河',
  'x1'.repeat(2) + 'y2'.repeat(62),
  '            and spaces',
])('%s is taken, whatever characters it is made of', (password) => {
  expect(faultOfPassword(password, li)).toBeNull()
})

test('a name of digits only forbids nothing', () => {
  expect(faultOfPassword('2468-1357-9081', { id: '007', name: '42' })).toBeNull()
})

test('only so many are hashed at once and wait; one more is sent away at once, and later there is room again', async () => {
  const passwords = createPasswords({ atOnce: 1, mostWaiting: 2 })
  const stored = await passwords.hash('correct horse battery')
  const tries = Array.from({ length: 5 }, () =>
    passwords.verify(stored, 'correct horse battery').catch((cause) => cause.code),
  )
  expect(await Promise.all(tries)).toEqual([true, true, true, 'too-many-requests', 'too-many-requests'])
  expect(await passwords.verify(stored, 'correct horse battery')).toBe(true)
})

test('a hash that cannot be read frees its place', async () => {
  const passwords = createPasswords({ atOnce: 1, mostWaiting: 0 })
  await expect(passwords.verify('no hash', 'x')).rejects.toThrow()
  expect(await passwords.verify(null, 'x')).toBe(false)
})

test('while it hashes, the event loop goes on', async () => {
  const passwords = createPasswords()
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
  }, 1)
  await Promise.all(Array.from({ length: 20 }, () => passwords.verify(null, 'x')))
  clearInterval(timer)
  // ten pairs of at least 10 ms each; in the loop itself it would be one turn a hash, and 20 in all
  expect(turns).toBeGreaterThan(25)
})
