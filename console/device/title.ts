import { chineseDetail } from '../../core/chinese-detail.ts'
import { findingTitles } from '../../core/finding-titles.ts'
import { language } from '../shared/language.ts'
import type { Incident } from '../shared/wire.ts'

const titles = { en: findingTitles('en'), 'zh-CN': findingTitles('zh-CN') }

/** What a finding is called in the field; null where it has no name. */
export function findingTitle(finding: string): string | null {
  return titles[language.value][finding] ?? null
}

/** The figures behind it in the reader's language, else in the rule's own words. */
export function findingDetail({ summary, evidence }: Pick<Incident, 'summary' | 'evidence'>): string {
  return (language.value === 'zh-CN' ? chineseDetail(evidence) : undefined) ?? summary
}

/** Found and not over: also while the device is silent and nobody knows (`unknown`). What something larger explains is told there. */
export function isOpen({ state }: Pick<Incident, 'state'>): boolean {
  return state === 'open' || state === 'unknown'
}
