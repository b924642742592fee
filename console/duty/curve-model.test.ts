import { expect, test } from 'vitest'
import { chartOf } from './curve-model.ts'

const minute = 60
const curve = {
  times: [0, minute, 2 * minute, 3 * minute],
  means: [1, null, null, 4],
  lowest: [1, null, null, 3],
  highest: [2, null, null, 5],
}
const around = { limit: 3, limitText: 'limit 3 °C', markedAt: 150_000, noData: 'no data' }

test('what nobody measured is hatched, never a line', () => {
  const chart = chartOf(curve, around)
  expect(chart.times).toEqual([0, 60_000, 120_000, 180_000])
  expect(chart.lines).toMatchObject([{ values: [1, null, null, 4], highest: [2, null, null, 5] }])
  expect(chart.quiet).toEqual([{ from: 60_000, to: 180_000 }])
})

test('the limit and the moment of the finding are drawn, and a finding without a limit has none', () => {
  expect(chartOf(curve, around)).toMatchObject({
    limits: [{ value: 3, text: 'limit 3 °C' }],
    moments: [{ at: 150_000 }],
  })
  expect(chartOf(curve, { ...around, limit: undefined }).limits).toEqual([])
})
