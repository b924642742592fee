import { expect, test } from 'vitest'
import { z } from 'zod'
import { inPlainWords, numberInWords } from './issue-words.ts'

test.each<[z.ZodType, unknown, string]>([
  [z.number(), null, 'must be a number'],
  [z.coerce.number().int(), '80a', 'must be a whole number'],
  [z.number().int(), 1.5, 'must be a whole number'],
  [z.int(), 1.5, 'must be a whole number'],
  [z.number().max(1_000), 1_200, 'must be at most 1,000'],
  [z.number().lt(1_000), 1_000, 'must be less than 1,000'],
  [z.number().min(-0.5), -1, 'must be at least -0.5'],
  [z.number().positive(), 0, 'must be more than 0'],
  [z.number().multipleOf(5), 7, 'must be a multiple of 5'],
  [z.string(), 5, 'must be text'],
  [z.string().min(1), '', 'must not be empty'],
  [z.string().min(8), 'short', 'must have at least 8 characters'],
  [z.string().max(3), 'long', 'must have at most 3 characters'],
  [z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 entries'],
  [z.boolean(), 'yes', 'must be true or false'],
  [z.enum(['open', 'closed']), 'x', 'must be one of open, closed'],
  [z.literal('open'), 'x', 'must be open'],
  [z.email(), 'nobody', 'must be an e-mail address'],
  [z.iso.datetime(), 'soon', 'must be a time such as 2026-01-31T08:00:00Z'],
  [z.url(), 'nowhere', 'Invalid URL'],
  [z.strictObject({}), { colour: 1 }, 'colour: not known here'],
  [z.object({ name: z.string() }), {}, 'is missing'],
  [z.object({ name: z.string() }), { name: null }, 'must be text'],
  [z.object({ state: z.enum(['open', 'closed']) }), {}, 'is missing'],
  [z.object({ at: z.union([z.number(), z.string()]) }), {}, 'is missing'],
])('what a schema asks for is said in plain words %#', (schema, value, words) => {
  const { error } = schema.safeParse(value, { error: inPlainWords })
  expect(error?.issues.map(({ message }) => message)).toEqual([words])
})

test('what a schema says itself stays, and what has no words here keeps those of zod', () => {
  const own = z.string().min(32, 'must have 32 of them')
  const { error } = own.safeParse('x', { error: inPlainWords })
  expect(error?.issues[0]?.message).toBe('must have 32 of them')

  const union = z.union([z.number(), z.boolean()]).safeParse('x', { error: inPlainWords })
  expect(union.error?.issues[0]?.message).toBe('Invalid input')
})

test.each([
  [0, '0'],
  [1_234_567.25, '1,234,567.25'],
  [-1e300, '-1e+300'],
  [1e-9, '1e-9'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
])('a number is written for a person: %d', (number, words) => {
  expect(numberInWords(number)).toBe(words)
})
