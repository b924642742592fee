import { expect, test } from 'vitest'
import { matchPath } from './router.ts'

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
