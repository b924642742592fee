import { expect, test } from 'vitest'
import { repeatedKey } from './json-body.ts'

test.each([
  ['{"a":1,"a":2}', '"a"'],
  ['{"a":1,"\\u0061":2}', '"\\u0061"'],
  ['[{"x":{"b" : 1,\n"b"\t:2}}]', '"b"'],
  ['{"a":{},"b":[],"a":0}', '"a"'],
])('%s has a key twice', (text, key) => {
  expect(repeatedKey(text)).toBe(key)
})

test.each([
  '{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]}',
  '{"a":"a\\":","b":"a"}',
  '["a","a"]',
  '{"x":"{\\"a\\":1,\\"a\\":2}","y":"\\\\"}',
  '7',
])('%s has none', (text) => {
  expect(JSON.parse(text)).toBeDefined()
  expect(repeatedKey(text)).toBeUndefined()
})

test('a long hostile text is read in one pass', () => {
  const text = JSON.stringify({ a: '\\"'.repeat(250_000), b: '['.repeat(100_000), c: 'x'.repeat(500_000) })
  expect(repeatedKey(text)).toBeUndefined()
})
