import { chineseDetail } from '../../core/chinese-detail.ts'
import { findingTitles } from '../../core/finding-titles.ts'
import { summaryFor } from '../../core/lift-report.ts'
import { language } from './language.ts'
import type { Incident, WorkOrder, WorkOrderDetail } from './wire.ts'

const titles = { en: findingTitles('en'), 'zh-CN': findingTitles('zh-CN') }

/** What a finding is called in the field; null where it has no name. */
export function findingTitle(finding: string): string | null {
  return titles[language.value][finding] ?? null
}

/** What was found, as the field calls it, else in the words of whoever found it. */
export function titleOf({ finding, summary }: Pick<WorkOrder, 'finding' | 'summary'>): string {
  return findingTitle(finding) ?? summaryOf({ summary })
}

/** The words of whoever found it; what the service itself has written down is told in the reader's language. */
export function summaryOf({ summary }: Pick<WorkOrder, 'summary'>): string {
  return summaryFor(summary, language.value)
}

/** The figures behind it in the reader's language; null where the title says it all. */
export function detailOf({
  finding,
  summary,
  evidence,
}: Pick<WorkOrderDetail, 'finding' | 'summary' | 'evidence'>): string | null {
  return findingFigures(evidence) ?? (findingTitle(finding) === null ? null : summary)
}

/** The figures behind it in the reader's language; undefined where only the rule's own words are there. */
export function findingFigures(evidence: Incident['evidence']): string | undefined {
  return language.value === 'zh-CN' ? chineseDetail(evidence) : undefined
}
