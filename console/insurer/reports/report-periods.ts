import { addMonths } from '../../../core/local-time.ts'
import { lastQuarters } from '../inspections/quarters.ts'

const months = 12

/** What a report can be about, newest first: "2026-11", …, "2026-Q4", …. @param date "2026-11-30" */
export function reportPeriods(date: string): string[] {
  const first = `${date.slice(0, 7)}-01`
  return [
    ...Array.from({ length: months }, (_, back) => addMonths(first, -back).slice(0, 7)),
    ...lastQuarters(date).slice(0, 4),
  ]
}
