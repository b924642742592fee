import { expect, test } from 'vitest'
import { p90Minutes } from './figures.ts'
import { testOrder } from './order.fixture.ts'

const after = (minutes: number, changes = {}) =>
  testOrder({ arrivedAt: new Date(Date.UTC(2026, 10, 24, 8, minutes)).toISOString(), ...changes })

test('nine of ten were there within so many minutes; who is still on the way does not count', () => {
  const orders = [...Array.from({ length: 9 }, (_, index) => after(index + 8)), after(29), testOrder()]
  expect(p90Minutes(orders)).toEqual({ minutes: 16, count: 10 })
})

test('a drill is no figure: everybody knew', () => {
  expect(p90Minutes([after(8), after(1, { outcome: 'drill' })])).toEqual({ minutes: 8, count: 1 })
  expect(p90Minutes([after(1, { outcome: 'drill' })])).toBeNull()
})

test('no arrival is no figure, and planned work has none', () => {
  expect(p90Minutes([testOrder(), after(3, { arriveBy: null })])).toBeNull()
})
