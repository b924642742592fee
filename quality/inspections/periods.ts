import { monthOf } from '../../core/kpi.ts'
import { addDays, addMonths, shanghai, startOfDate, wallOfDate, weekdayOfWall } from '../../core/local-time.ts'

/** "2026-Q4" */
export function quarterOf(at: number): string {
  const [year = '', month = ''] = monthOf(at).split('-')
  return `${year}-Q${Math.ceil(Number(month) / 3)}`
}

/** ms since 1970. */
export function startOfMonth(month: string): number {
  return startOfDate(`${month}-01`, shanghai)
}

export function lastDayOfMonth(month: string): string {
  return addDays(addMonths(`${month}-01`, 1), -1)
}

export function lastDayOfQuarter(quarter: string): string {
  const [year = '', number = ''] = quarter.split('-Q')
  return lastDayOfMonth(`${year}-${String(Number(number) * 3).padStart(2, '0')}`)
}

/** Monday to Friday of a month, from `first` on; its last day alone where there is none left. */
export function weekdaysFrom(first: string, month: string): string[] {
  const last = lastDayOfMonth(month)
  const days: string[] = []
  for (let day = first < `${month}-01` ? `${month}-01` : first; day <= last; day = addDays(day, 1)) {
    if (weekdayOfWall(wallOfDate(day)) <= 5) days.push(day)
  }
  return days.length > 0 ? days : [last]
}
