import { chineseDetail } from '../../core/chinese-detail.ts'
import { findingTitles } from '../../core/finding-titles.ts'
import { language } from '../shared/language.ts'
import type { CrewOrder, PastOrder } from './wire.ts'

const titles = { en: findingTitles('en'), 'zh-CN': findingTitles('zh-CN') }

/** What was found, as the field calls it; else in the words of whoever found it. */
export function titleOf({ finding, summary }: Pick<PastOrder, 'finding' | 'summary'>): string {
  return titles[language.value][finding] ?? summary
}

/** The figures behind it; null when the title says it all. */
export function whyOf({ order, evidence }: Pick<CrewOrder, 'order' | 'evidence'>): string | null {
  const figures = language.value === 'zh-CN' ? chineseDetail(evidence) : undefined
  const text = figures ?? (titles[language.value][order.finding] === undefined ? null : order.summary)
  // a figure and its unit stay on one line
  return text?.replace(/(\d) /g, '$1\u00a0') ?? null
}

/** "东苑 12 幢 2 单元": the three smallest of the places that it is in. */
export function shortPlace(where: string): string {
  const [path = ''] = where.split(', ')
  return path.split(' / ').slice(-3).join(' ')
}
