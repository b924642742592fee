import type { Locale } from './words.ts'

export const reportKinds = ['trapped', 'stopped', 'noise', 'other'] as const
export type ReportKind = (typeof reportKinds)[number]

const said: Readonly<Record<ReportKind, Readonly<Record<Locale, string>>>> = {
  trapped: { 'zh-CN': '有人被困（扫码）', en: 'Trapped, by the code' },
  stopped: { 'zh-CN': '电梯停住不动（扫码）', en: 'Stands still, by the code' },
  noise: { 'zh-CN': '异响或晃动（扫码）', en: 'Noise or shaking, by the code' },
  other: { 'zh-CN': '其他故障（扫码）', en: 'Another fault, by the code' },
}

/**
 * What is written down of a report by the code in a lift: both languages, for nobody knows who reads it. `workorders/intake/same-event.ts`
 * reads it, too: a lift that stands may be what a sensor has found.
 */
export function reportSummary(kind: ReportKind): string {
  return `${said[kind]['zh-CN']} · ${said[kind].en}`
}

/** The same to one reader; anybody else's words as they stand. */
export function summaryFor(summary: string, locale: Locale): string {
  const kind = reportKinds.find((one) => reportSummary(one) === summary)
  return kind === undefined ? summary : said[kind][locale]
}
