import { addDays, addMonths, localDate, shanghai, startOfDate } from '../../core/local-time.ts'
import type { ReportPeriod, ScheduledType } from '../../core/report.ts'

const monthsOf: Readonly<Record<ScheduledType, number>> = { monthly: 1, quarterly: 3 }
const periodPattern = /^(\d{4})-(?:(0[1-9]|1[0-2])|Q([1-4]))$/

/** "2026-11" or "2026-Q4", as in Shanghai; undefined when it is neither. */
export function periodNamed(name: string): ReportPeriod | undefined {
  const [, year, month, quarter] = periodPattern.exec(name) ?? []
  if (year === undefined) return undefined
  if (month !== undefined) return periodFrom('monthly', `${year}-${month}-01`)
  return periodFrom('quarterly', `${year}-${String(Number(quarter) * 3 - 2).padStart(2, '0')}-01`)
}

/** "2026-11", "2026-Q4", "2026-11-03/2026-11-20": the last day is in it. */
export function nameOfPeriod({ type, from, to }: ReportPeriod): string {
  const first = localDate(from, shanghai)
  if (type === 'monthly') return first.slice(0, 7)
  if (type === 'quarterly') return `${first.slice(0, 4)}-Q${Math.ceil(Number(first.slice(5, 7)) / 3)}`
  return `${first}/${lastDayOf({ to })}`
}

export function lastDayOf({ to }: Pick<ReportPeriod, 'to'>): string {
  return localDate(to - 1, shanghai)
}

/** Those that began at `since` or later and are over by `now`, oldest first. */
export function periodsEnded(type: ScheduledType, since: number, now: number): ReportPeriod[] {
  const periods: ReportPeriod[] = []
  let period = periodAround(type, since)
  if (period.from < since) period = after(period, type)
  for (; period.to <= now; period = after(period, type)) periods.push(period)
  return periods
}

/** The twelve months that end with the period, oldest first. */
export function twelveMonthsUpTo({ to }: Pick<ReportPeriod, 'to'>): ReportPeriod[] {
  const last = `${lastDayOf({ to }).slice(0, 7)}-01`
  return Array.from({ length: 12 }, (_, index) => periodFrom('monthly', addMonths(last, index - 11)))
}

export function periodAround(type: ScheduledType, at: number): ReportPeriod {
  const [year = '', month = ''] = localDate(at, shanghai).split('-')
  const months = monthsOf[type]
  const first = Math.floor((Number(month) - 1) / months) * months + 1
  return periodFrom(type, `${year}-${String(first).padStart(2, '0')}-01`)
}

function after({ to }: ReportPeriod, type: ScheduledType): ReportPeriod {
  return periodFrom(type, addDays(localDate(to - 1, shanghai), 1))
}

function periodFrom(type: ScheduledType, first: string): ReportPeriod {
  return { type, from: startOfDate(first, shanghai), to: startOfDate(addMonths(first, monthsOf[type]), shanghai) }
}
