import { expect, test } from 'vitest'
import { reportKinds, reportSummary, summaryFor } from './lift-report.ts'

test.each(reportKinds)('who reads of "%s" reads their own language', (kind) => {
  const summary = reportSummary(kind)
  expect(summary).toBe(`${summaryFor(summary, 'zh-CN')} · ${summaryFor(summary, 'en')}`)
})

test('what a caller said stays as it was said', () => {
  expect(summaryFor('有人被困，轿厢内两人', 'en')).toBe('有人被困，轿厢内两人')
})
