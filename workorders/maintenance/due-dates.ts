import { dayMs } from '../../core/clock.ts'
import { addDays, addMonths, daysBetween, localDate, shanghai, startOfDate } from '../../core/local-time.ts'
import { type MaintenanceItem, maintenanceItems, type Regime, type RegimeType, type Visit } from '../../core/visit.ts'

/** Days or calendar months; local dates, so that a period ends with a day and not with an hour. */
export type Period = { readonly days: number } | { readonly months: number }

/**
 * How long after one piece of maintenance the next may be.
 *
 * Source  TSG T5002-2017: half-month, quarter, half-year and year may not be exceeded, half-month is 15 days (answer of the
 *         regulator, 2019); on-demand maintenance: half-month items one calendar month, three where the elevator is on the
 *         city's IoT platform, the others unchanged (Shenzhen, as its press reported). Check your own city's rule.
 */
export function periodOf(type: RegimeType, item: MaintenanceItem): Period {
  if (item !== 'half-month') return { months: { quarter: 3, 'half-year': 6, year: 12 }[item] }
  return { calendar: { days: 15 }, 'on-demand': { months: 1 }, 'on-demand-iot': { months: 3 } }[type]
}

/** Older visits change no due date: so long is more than twice the longest period. */
export const visitsLookedAtMs = 800 * dayMs

export interface DueItem {
  readonly item: MaintenanceItem
  /** The last visit that counts; null = none is known. */
  readonly lastDoneAt: number | null
  /** It must be done by the end of this local date. */
  readonly dueDate: string
  /** The end of that date, ms since 1970, exclusive. */
  readonly dueAt: number
  readonly overdueDays: number
}

/** What else a due date depends on, beside the regime that holds and the visits. */
export interface Upkept {
  /**
   * When the first regime of the elevator began, ms since 1970: where no visit is known, or only such as asked for another before that, it is
   * due a period after it, whatever regime follows.
   */
  readonly since: number
  /** When a condition of on-demand maintenance lapsed, ms since 1970; null = all hold. */
  readonly lapsedAt: number | null
}

export type DoneVisit = Pick<Visit, 'items' | 'startedAt' | 'verdict' | 'decision'>

/** Unless telemetry disproves it, and nobody decided otherwise. */
export function countsAsDone({ verdict, decision }: Pick<Visit, 'verdict' | 'decision'>): boolean {
  return verdict !== 'not-proven' || decision === 'accepted'
}

/**
 * What is due next under a regime. A visit that telemetry disproves does not count, unless an objection to that was accepted; one that
 * it cannot judge does.
 *
 * From completion, the next date is one period after the last visit. From the schedule, dates stand at whole periods after the
 * regime's first day and a visit meets the one that was open; but never is a date later than one period after the last visit,
 * for that is what the rule limits. Where on-demand maintenance has lost one of its conditions, half-month items are due as by the
 * calendar, from then on. Pure.
 *
 * @param visits of this elevator, also from before the regime, in any order
 */
export function dueItems(
  regime: Regime,
  visits: readonly DoneVisit[],
  now: number,
  upkept: Upkept = { since: regime.validFrom, lapsedAt: null },
): DueItem[] {
  const counting = visits
    .filter((visit) => countsAsDone(visit) && visit.startedAt <= now)
    .toSorted((a, b) => a.startedAt - b.startedAt)
  return maintenanceItems.map((item) => {
    const done = counting.filter(({ items }) => items.includes(item)).map(({ startedAt }) => startedAt)
    const dueDate = nextDueDate(regime, item, done.map(dateOf), upkept)
    const late = daysBetween(dueDate, dateOf(now))
    return { item, lastDoneAt: done.at(-1) ?? null, dueDate, dueAt: endOf(dueDate), overdueDays: Math.max(0, late) }
  })
}

/** @param doneOn local dates, oldest first */
function nextDueDate(regime: Regime, item: MaintenanceItem, doneOn: readonly string[], upkept: Upkept): string {
  const { since, lapsedAt } = upkept
  const period = periodOf(regime.type, item)
  const begin = dateOf(regime.validFrom)
  const before = doneOn.findLast((date) => date < begin)
  const sinceOn = dateOf(since)
  const byBefore = before === undefined ? '' : after(before, period, 1)
  const first = byBefore >= sinceOn ? byBefore : after(sinceOn, period, 1)
  const due = doneOn
    .filter((date) => date >= begin)
    .reduce((due, done) => {
      const limit = after(done, period, 1)
      if (regime.dueFrom === 'completion') return limit
      const scheduled = firstAfter(begin, period, done > due ? done : due)
      return scheduled < limit ? scheduled : limit
    }, first)
  if (lapsedAt === null) return due
  const [lapsedOn, lastDone = ''] = [dateOf(lapsedAt), doneOn.at(-1)]
  const asByCalendar = after(lastDone > lapsedOn ? lastDone : lapsedOn, periodOf('calendar', item), 1)
  return asByCalendar < due ? asByCalendar : due
}

/** The first date of a schedule that comes after a date. */
function firstAfter(begin: string, period: Period, date: string): string {
  let count = 1
  while (after(begin, period, count) <= date) count += 1
  return after(begin, period, count)
}

/** Counted from the first day, so that 31 January, 28 February, 31 March follow each other. */
function after(date: string, period: Period, count: number): string {
  return 'days' in period ? addDays(date, period.days * count) : addMonths(date, period.months * count)
}

function dateOf(at: number): string {
  return localDate(at, shanghai)
}

function endOf(date: string): number {
  return startOfDate(addDays(date, 1), shanghai)
}
