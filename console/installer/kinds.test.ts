import { afterAll, expect, test } from 'vitest'
import { type ZodType, z } from 'zod'
import { kinds as served } from '../../devices/index.ts'
import { language, languages } from '../shared/language.ts'
import { factValue, kinds } from './kinds.ts'
import { words } from './words.ts'

afterAll(() => {
  language.value = 'zh-CN'
})

const field = { name: 'ratedLoadKg', input: 'number' } as const

test('the kinds of the form are those that the service has, each with all of its facts', () => {
  const theirs = served.map(({ id, facts }) => [id, Object.keys(facts.shape).sort()])
  const asked = Object.entries(kinds).map(([id, { facts }]) => [id, facts.map(({ name }) => name).sort()])

  expect(asked.sort()).toEqual(theirs.sort())
})

test.each(served)(
  'each choice of a fact of $id is one that the service takes, and none is missing',
  ({ id, facts }) => {
    for (const { name, input } of kinds[id]?.facts ?? []) {
      if (typeof input === 'string') continue
      const schema = z.toJSONSchema(facts.shape[name] as ZodType)
      expect([...input].sort()).toEqual([...(schema.enum ?? [])].sort())
    }
  },
)

test.each(served)('the first message of $id is one that the service accepts whole', ({ id, telemetry }) => {
  const { example = {} } = kinds[id] ?? {}

  expect(telemetry.parse(example)).toEqual(example)
  expect(Object.keys(example).length).toBeGreaterThan(0)
})

test.each(languages)('every kind, fact and choice has a word in %s', (spoken) => {
  language.value = spoken
  const named = Object.keys(words().fact)
  const chosen = Object.keys(words().choices)
  const facts = Object.values(kinds).flatMap((kind) => kind.facts)

  expect(Object.keys(words().kinds)).toEqual(Object.keys(kinds))
  expect(named).toEqual(expect.arrayContaining(facts.map(({ name }) => name)))
  const listed = facts.flatMap(({ input }) => (typeof input === 'string' ? [] : input))
  // a letter of a thermal class is its own name
  expect(chosen).toEqual(expect.arrayContaining(listed.filter((choice) => choice.length > 1)))
})

test.each([
  ['1600', 1600],
  [' 1.75 ', 1.75],
  ['', null],
  ['  ', null],
  ['1,600', '1,600'],
  ['heavy', 'heavy'],
])('%j in a field for a number is sent as %j: what is none is for the service to refuse', (text, value) => {
  expect(factValue(field, text)).toBe(value)
})

test('a date and a choice are sent as they are', () => {
  expect(factValue({ name: 'installedOn', input: 'date' }, '2019-05-01')).toBe('2019-05-01')
  expect(factValue({ name: 'drive', input: ['traction'] }, 'traction')).toBe('traction')
})
