import fc from 'fast-check'
import { expect, test } from 'vitest'
import { significant } from './significant.ts'

test.each([
  [0, 0],
  [229.12345678, 229.1235],
  [-0.000123456789, -0.0001234568],
  [1_234_567_890, 1_234_568_000],
  [9.99999999, 10],
  [1e-30 / 3, 3.333333e-31],
  [1e30 / 3, 3.333333e29],
])('%d becomes %d', (value, rounded) => {
  expect(significant(value)).toBe(rounded)
})

test('of any number it keeps seven digits, in a text of seven digits', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e25, max: 1e25, noNaN: true }), (value) => {
      const rounded = significant(value)
      const digitsOf = (text: string) =>
        text
          .replace(/e.*$/, '')
          .replace(/[-.]/g, '')
          .replace(/^0+|0+$/g, '')

      expect(Math.abs(rounded - value)).toBeLessThanOrEqual(Math.abs(value) * 0.5001e-6)
      expect(digitsOf(String(rounded)).length).toBeLessThanOrEqual(7)
    }),
  )
})
