import { expect, test } from 'vitest'
import { matchPath, placeWithin } from './router.ts'

test.each([
  ['/duty', '/duty', {}],
  ['/orders/:id', '/orders/a%20b', { id: 'a b' }],
  ['/orders/:id', '/orders/%E0%A4', { id: '%E0%A4' }],
  ['/orders/:id', '/orders/', undefined],
  ['/orders/:id', '/orders/1/log', undefined],
  ['/duty', '/dutyroom', undefined],
])('%s and %s', (pattern, path, parts) => {
  expect(matchPath(pattern, path)).toEqual(parts)
})

test.each([
  ['/duty?site=a', '/duty?site=a'],
  ['/devices/../duty', '/duty'],
  ['/../api/v1/me', null],
  ['/%2e%2e/x', null],
  ['/a/..\\..\\..\\x', null],
  ['//somebody.example', null],
  ['/\\somebody.example', null],
  ['https://somebody.example', null],
  ['javascript:alert(1)', null],
])('after signing in, %j leads to %j', (to, within) => {
  expect(placeWithin(to)).toBe(within)
})
