import { expect, test } from 'vitest'
import { canonicalJson } from './canonical.ts'

test('the order of keys, undefined values and negative zero make no difference', () => {
  expect(canonicalJson({ b: [{ y: 1, x: -0 }], a: undefined, c: null })).toBe(
    canonicalJson({ c: null, b: [{ x: 0, y: 1 }] }),
  )
  expect(canonicalJson(undefined)).toBe('null')
})

test('text is as the database keeps it, and one changed letter is another text', () => {
  expect(canonicalJson({ 'k\0': 'a\0\ud800' })).toBe('{"k\ufffd":"a\ufffd\ufffd"}')
  expect(canonicalJson({ a: 'x' })).not.toBe(canonicalJson({ a: 'y' }))
})

test('a key __proto__ is kept as a key', () => {
  expect(canonicalJson(JSON.parse('{"__proto__": {"a": 1}}'))).toBe('{"__proto__":{"a":1}}')
})
