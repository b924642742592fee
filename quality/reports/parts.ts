import { localDate, shanghai } from '../../core/local-time.ts'
import type { Locale } from '../../core/words.ts'
import { lastDayOf } from './period.ts'
import type { Report, ShownGroup } from './report.ts'
import { reportWords } from './words.ts'

/** "2026-11-01 to 2026-11-30, both included" */
export function periodText({ period }: Pick<Report, 'period'>, locale: Locale): string {
  return reportWords[locale].days(localDate(period.from, shanghai), lastDayOf(period))
}

export function nameOfGroup({ id, name }: ShownGroup, type: 'maintainer' | 'estate', locale: Locale): string {
  const { nobody, noPlace } = reportWords[locale]
  if (id === null) return type === 'maintainer' ? nobody : noPlace
  return name ?? id
}
