import fc from 'fast-check'
import { expect, test } from 'vitest'
import { numbers, pack, unpack } from './packed.ts'

const anyNumbers = fc.array(fc.double({ min: -1e30, max: 1e30, noNaN: true }), { minLength: 1, maxLength: 64 })

test('any numbers come back in single precision, and from then on unchanged', () => {
  fc.assert(
    fc.property(anyNumbers, (values) => {
      numbers.set(values)
      const text = pack(values.length)
      numbers.fill(7)
      unpack(text)

      expect([...numbers.subarray(0, values.length)]).toEqual(values.map(Math.fround))
      expect(pack(values.length)).toBe(text)
      expect(JSON.parse(JSON.stringify(text))).toBe(text)
    }),
  )
})

test('54 numbers, as many as a channel has, are 288 characters', () => {
  expect(pack(54)).toHaveLength(288)
})
