import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packState, shapeOf, unpackLongState, unpackState } from './packed-state.ts'

const initial = { at: 0, wear: { period: -1, history: [] }, held: null }
const newestAt = 1_750_000_000_000

test.each([
  ['the initial state', initial],
  ['one that has learned', { at: 5, wear: { period: 7, history: [[1, null], [2]] }, held: { since: 3 } }],
  ['times', { at: newestAt, wear: { period: 1, history: [newestAt - 70, newestAt + 9, 1e11, 1e11 - 1] }, held: null }],
  ['texts that look like times', { at: 1, wear: { period: 1, history: ['@', '@1', '@@1', '@*3', '1@'] }, held: '@z' }],
  [
    'runs',
    { at: [0, 0], wear: { period: 1, history: [7, 7, 7, null, null, null, null, 1, 1, 1] }, held: ['@', '@', '@'] },
  ],
  [
    'one with more keys',
    { at: 5, wear: { period: 7, history: [], last: [7, newestAt] }, held: null, floors: { at: newestAt } },
  ],
  ['one with fewer keys', { at: newestAt - 5 }],
  ['one with another inside', { at: 5, wear: null, held: { since: newestAt, code: '@4' } }],
  ['one that is no object', 7],
  ['null', null],
])('%s comes back as it was', (_, state) => {
  const through = JSON.parse(JSON.stringify(packState(state, initial, newestAt)))
  expect(unpackState(through, initial, newestAt)).toEqual(state)
})

test('any number and any text comes back to the last bit, whatever the newest reading was', () => {
  const newest = fc.oneof(
    fc.double({ noNaN: true }),
    fc.constant(null as unknown as number),
    fc.integer({ min: 1e12, max: 2e12 }),
  )
  const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger(), fc.string())
  fc.assert(
    fc.property(fc.array(value), fc.array(fc.constantFrom(null, 0, '@*2', 1e12)), newest, (any, few, at) => {
      const values = [...any, ...few]
      const state = JSON.parse(JSON.stringify({ at: values, wear: { period: -1, history: [] }, held: null }))
      const through = JSON.parse(JSON.stringify(packState(state, initial, at)))
      expect(unpackState(through, initial, at)).toEqual(state)
    }),
  )
})

test('the names are left out, and a time is how long it is before the newest reading', () => {
  const state = { at: newestAt - 60_000, wear: { period: 7, history: [] }, held: null }
  expect(JSON.stringify(packState(state, initial, newestAt + 0.5))).toBe('["@1aao",[7,[]],null]')
})

test('what a list repeats is counted', () => {
  const state = {
    at: 1,
    wear: { period: 7, history: [144, 144, 144, 0, 0, newestAt, newestAt, newestAt, newestAt] },
    held: null,
  }
  expect(JSON.stringify(packState(state, initial, newestAt))).toBe('[1,[7,[144,"@*2",0,0,"@0","@*3"]],null]')
})

test('what was written before times were shortened is read as it was', () => {
  expect(unpackLongState([newestAt, [7, ['@1']], null], initial)).toEqual({
    at: newestAt,
    wear: { period: 7, history: ['@1'] },
    held: null,
  })
})

test('a list, a number or null as the initial state stays as it is', () => {
  for (const state of [[1, 2], 5, null]) expect(unpackState(packState(state, state, 0), state, 0)).toEqual(state)
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
