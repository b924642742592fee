import { expect, test } from 'vitest'
import { Name } from './fields.ts'

test.each([' 3 幢 ', '\u202e3 幢\u202c'])('the name %j is kept as what can be seen of it', (given) => {
  expect(Name.parse(given)).toBe('3 幢')
})

test.each(['', ' ', '\u200b', '\u202e', 'a\0b'])('the name %j is refused', (given) => {
  expect(Name.safeParse(given).success).toBe(false)
})
