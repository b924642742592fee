import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type JsonStep, parseJsonPath, valueAt } from './json-path.ts'

test.each<[string, '$' | '@', JsonStep[]]>([
  ['$', '$', []],
  ['@', '@', []],
  ['$.power', '$', ['power']],
  ['@.data[0].总功率', '@', ['data', 0, '总功率']],
  ['$[\'total power\']["a.b"].c-d', '$', ['total power', 'a.b', 'c-d']],
  ["$['0'][0]", '$', ['0', 0]],
])('%s begins at %s and goes by %j', (text, from, steps) => {
  expect(parseJsonPath(text)).toEqual({ from, steps })
})

test.each([
  '',
  'power',
  '$power',
  '$.',
  '$..power',
  '$.*',
  '$[*]',
  '$[-1]',
  '$[01]',
  '$[0:2]',
  '$[?@.a]',
  "$['a",
  '$.a b',
  `$${'.a'.repeat(21)}`,
])('%j is no path to one place', (text) => {
  expect(parseJsonPath(text)).toBeUndefined()
})

test('what stands there is found, and what a message did not bring is not', () => {
  const message = JSON.parse('{"a": [{"b": 0}, null], "__proto__": {"c": 1}, "0": "zero"}')
  expect(valueAt(message, ['a', 0, 'b'])).toBe(0)
  expect(valueAt(message, ['__proto__', 'c'])).toBe(1)
  for (const steps of [['a', 1, 'b'], ['a', 2], ['a', '0'], ['a', 'length'], ['toString'], [0], ['0', 0]]) {
    expect(valueAt(message, steps), String(steps)).toBeUndefined()
  }
  expect(valueAt({}, ['__proto__'])).toBeUndefined()
})

test('every place of every message is found by its path', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (message) => {
      for (const [path, value] of placesOf(message, '$', 0)) {
        const parsed = parseJsonPath(path)
        if (parsed === undefined) throw new Error(path)
        expect(valueAt(message, parsed.steps)).toBe(value)
      }
    }),
  )
})

function placesOf(value: unknown, path: string, depth: number): [string, unknown][] {
  const parts: [string, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [`[${index}]`, item])
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, part]) => (/['\\]/.test(name) ? [] : [[`['${name}']`, part]]))
      : []
  return [[path, value], ...parts.flatMap(([step, part]) => placesOf(part, path + step, depth + 1))]
}
