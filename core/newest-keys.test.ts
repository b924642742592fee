import { expect, test } from 'vitest'
import { setNewest } from './newest-keys.ts'

test('the key that was set longest ago is forgotten, not the one that came first', () => {
  const map = new Map<string, number>()
  for (const [value, key] of ['a', 'b', 'a', 'c'].entries()) setNewest(map, key, value, 2)
  expect([...map]).toEqual([
    ['a', 2],
    ['c', 3],
  ])
})

test('what is set again forgets nobody', () => {
  const map = new Map<string, number>()
  for (const key of ['a', 'b', 'b', 'b']) setNewest(map, key, 0, 2)
  expect([...map.keys()]).toEqual(['a', 'b'])
})
