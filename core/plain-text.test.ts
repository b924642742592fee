import { expect, test } from 'vitest'
import { plainText } from './plain-text.ts'

test.each([
  ['张伟', '张伟'],
  ['\u202e3 幢\u202c', '3 幢'],
  ['\u2066a\u2069\u2067b\u202ac\u202dd', 'abcd'],
  ['\ud800x', '\ufffdx'],
  // an emoji is several code points joined by U+200D
  ['👨‍🔧', '👨‍🔧'],
  ['مصعد', 'مصعد'],
])('%j is kept as %j', (given, kept) => {
  expect(plainText(given)).toBe(kept)
})

test.each(['\u200b', '\u200e \u200f', '\u2060\ufeff', '\u3164', '\u202e\u202c', '\u00ad'])(
  '%j is nothing that anybody can see',
  (given) => {
    expect(plainText(given)).toBe('')
  },
)
