import { chineseDetail } from '../../core/chinese-detail.ts'
import { findingTitles } from '../../core/finding-titles.ts'
import { language } from '../shared/language.ts'
import type { WorkOrder, WorkOrderDetail } from '../shared/wire.ts'

const titles = { en: findingTitles('en'), 'zh-CN': findingTitles('zh-CN') }

/** What was found, as the field calls it, else in the words of whoever found it. */
export function titleOf({ finding, summary }: Pick<WorkOrder, 'finding' | 'summary'>): string {
  return titles[language.value][finding] ?? summary
}

/** The figures behind it in the reader's language; null where the title says it all. */
export function detailOf({
  finding,
  summary,
  evidence,
}: Pick<WorkOrderDetail, 'finding' | 'summary' | 'evidence'>): string | null {
  const figures = language.value === 'zh-CN' ? chineseDetail(evidence) : undefined
  return figures ?? (titles[language.value][finding] === undefined ? null : summary)
}
