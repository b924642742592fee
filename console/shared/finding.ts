import { chineseDetail } from '../../core/chinese-detail.ts'
import { findingTitles } from '../../core/finding-titles.ts'
import { language } from './language.ts'
import type { Incident } from './wire.ts'

const titles = { en: findingTitles('en'), 'zh-CN': findingTitles('zh-CN') }

/** What a finding is called in the field; null where it has no name. */
export function findingTitle(finding: string): string | null {
  return titles[language.value][finding] ?? null
}

/** The figures behind it in the reader's language; undefined where only the rule's own words are there. */
export function findingFigures(evidence: Incident['evidence']): string | undefined {
  return language.value === 'zh-CN' ? chineseDetail(evidence) : undefined
}
