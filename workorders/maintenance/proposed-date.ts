import { hourMs } from '../../core/clock.ts'
import { addDays, localDate, shanghai, startOfDate, wallOfDate, weekdayOfWall } from '../../core/local-time.ts'
import { orderTypeOf, type Severity } from '../../core/severity.ts'

/** When planned work begins in the morning, local time. Unverified default. */
const workBeginsMs = 9 * hourMs

/**
 * Within so many days what was found should be looked at; what grows slowly may wait for a round trip, what is hot may not.
 * Unverified defaults.
 */
const withinDays: readonly (readonly [finding: RegExp, days: number])[] = [
  [/temperature|leakage|voltage|overload/, 3],
  [/drift|wear|forecast|degradation/, 14],
]
const otherwiseDays = 7

/**
 * When to plan the visit for a finding that needs one but not now: a weekday, 09:00 in Shanghai, so many days on; ms since
 * 1970. Null for what is an emergency or only information. Pure; public holidays are not known here.
 */
export function proposedDate(severity: Severity, finding: string, now: number): number | null {
  if (orderTypeOf(severity) !== 'planned') return null
  const days = withinDays.find(([pattern]) => pattern.test(finding))?.[1] ?? otherwiseDays
  return startOfDate(weekdayUpTo(addDays(localDate(now, shanghai), days)), shanghai) + workBeginsMs
}

/** The Friday before, when it is a weekend: planned work should not be late. */
function weekdayUpTo(date: string): string {
  const weekday = weekdayOfWall(wallOfDate(date))
  return weekday <= 5 ? date : addDays(date, 5 - weekday)
}
