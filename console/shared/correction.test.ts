import { afterAll, expect, test } from 'vitest'
import { correctionOf } from './correction.ts'
import { language } from './language.ts'

const before = language.value
afterAll(() => {
  language.value = before
})

test.each([
  ['en', 'put right: people, righted itself', 'put right: false alarm'],
  ['zh-CN', '更正为：人为、自行恢复', '更正为：误报'],
] as const)(
  'a correction says in %s to what cause and outcome were put right; other events say nothing of it',
  (locale, both, one) => {
    language.value = locale
    expect(correctionOf({ action: 'correct', causeClass: 'people', outcome: 'self-corrected' })).toBe(both)
    expect(correctionOf({ action: 'correct', causeClass: null, outcome: 'false-alarm' })).toBe(one)
    expect(correctionOf({ action: 'note', outcome: 'repaired' })).toBeNull()
  },
)
