import { expect, test } from 'vitest'
import { reportSummary } from '../../core/lift-report.ts'
import { words } from '../../core/words.ts'
import { whatOf } from './wording.ts'

test('who is told of a report by the code in a lift reads it in their own language', () => {
  const order = { finding: 'manual/entrapment', summary: reportSummary('trapped') }
  expect([whatOf(order, words['zh-CN']), whatOf(order, words.en)]).toEqual(['有人被困（扫码）', 'Trapped, by the code'])
})
