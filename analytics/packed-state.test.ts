import { expect, test } from 'vitest'
import { packState, shapeOf, unpackState } from './packed-state.ts'

const initial = { at: 0, wear: { period: -1, history: [] }, held: null }

test.each([
  ['the initial state', initial],
  ['one that has learned', { at: 5, wear: { period: 7, history: [[1, null], [2]] }, held: { since: 3 } }],
  ['one with fewer keys', { at: 5 }],
  ['one with another inside', { at: 5, wear: null, held: null }],
  ['one that is no object', 7],
  ['null', null],
])('%s comes back as it was', (_, state) => {
  const through = JSON.parse(JSON.stringify(packState(state, initial)))
  expect(unpackState(through, initial)).toEqual(state)
})

test('the names are left out', () => {
  expect(JSON.stringify(packState({ at: 5, wear: { period: 7, history: [] }, held: null }, initial))).toBe(
    '[5,[7,[]],null]',
  )
})

test('a list, a number or null as the initial state stays as it is', () => {
  for (const state of [[1, 2], 5, null]) expect(unpackState(packState(state, state), state)).toEqual(state)
})

test('other names, another order or another nesting is another shape; other values are not', () => {
  const shape = shapeOf(initial)
  expect(shapeOf({ at: 9, wear: { period: 3, history: [1] }, held: [1] })).toBe(shape)
  const others = [
    { at: 0 },
    { wear: { period: -1, history: [] }, at: 0, held: null },
    { ...initial, wear: { period: 0 } },
  ]
  for (const other of others) expect(shapeOf(other)).not.toBe(shape)
})
