import { expect, test } from 'vitest'
import { fenOf } from './yuan.ts'

test('yuan become fen without rounding, as people write them', () => {
  expect(['1250', '1,250.5', '¥1 250.55', '0.1', '19.99'].map(fenOf)).toEqual([125_000, 125_050, 125_055, 10, 1_999])
})

test('what is no amount is not taken for one', () => {
  expect(['', '-5', '1.234', 'about 5', '1e3'].map(fenOf)).toEqual([null, null, null, null, null])
})
