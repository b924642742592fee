import { expect, test } from 'vitest'
import { previousLine } from './gateway.ts'

test.each([
  [
    '2026-11-25T08:00:00.000Z',
    /^The password before it is valid until 2026-11-25T08:00:00\.000Z; any older one is void/,
  ],
  [null, /^No password before it is valid/],
])('after a rotation it is said until when the password before is valid (%s)', (previousValidUntil, said) => {
  expect(previousLine({ previousValidUntil })).toMatch(said)
})
