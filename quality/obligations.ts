import { dayMs } from '../core/clock.ts'
import type { KpiDue } from '../core/kpi-records.ts'
import { shanghai, wallClock } from '../core/local-time.ts'
import { isProven, type MaintenanceItem, maintenanceItems, type Regime, type Visit } from '../core/visit.ts'

type DoneVisit = Pick<Visit, 'items' | 'startedAt' | 'verdict' | 'decision'>

/** The rules of planned maintenance. */
export interface MaintenanceRules {
  /** What is due next of each item under a regime, given what was done by `now`. */
  readonly dueItems: (
    regime: Regime,
    visits: readonly DoneVisit[],
    now: number,
    upkept: { readonly since: number; readonly lapsedAt: number | null },
  ) => readonly { readonly item: MaintenanceItem; readonly dueAt: number }[]
  readonly countsAsDone: (visit: DoneVisit) => boolean
}

interface Known {
  readonly deviceId: string
  readonly regimes: readonly Regime[]
  readonly visits: readonly DoneVisit[]
}

/**
 * Every piece of maintenance of one elevator that fell due in a period or was overdue in it, and when it was done. A visit that telemetry
 * disproves does nothing. A piece falls due under the regime that held on its last day. Where nobody comes, the next one falls due a period
 * after the last day of the one before, and is missed as well. Who comes more often than once in a half of a month, a month, a quarter, … as
 * the period is, moves the next date, and has no further piece for it: claims make no figure. A piece is proven by
 * any visit until its last day. Pure.
 *
 * @param regimes of this elevator, in any order
 * @param visits of this elevator, in any order, back to the longest period before `from`
 * @param asked dates that were worked out for other elevators: many are visited on one day
 */
export function obligationsOf(
  known: Known,
  period: { readonly from: number; readonly to: number },
  rules: MaintenanceRules,
  asked: Map<string, number> = new Map(),
): KpiDue[] {
  return recentObligationsOf(known, 0, period, rules, asked) ?? []
}

/**
 * The same where half-month items are known from a time on alone; undefined when what was due in the period depends on what was before.
 */
export function recentObligationsOf(
  { deviceId, regimes, visits }: Known,
  halfMonthSince: number,
  { from, to }: { readonly from: number; readonly to: number },
  rules: MaintenanceRules,
  asked: Map<string, number>,
): KpiDue[] | undefined {
  const isCut = (item: MaintenanceItem) => item === 'half-month' && halfMonthSince > 0
  // of a schedule, all visits matter
  if (halfMonthSince > 0 && regimes.some(({ dueFrom }) => dueFrom !== 'completion')) return undefined
  const inOrder = regimes.toSorted((a, b) => a.validFrom - b.validFrom)
  const since = inOrder[0]?.validFrom ?? 0
  const counting = visits.filter(rules.countsAsDone).toSorted((a, b) => a.startedAt - b.startedAt)
  const nextDue: NextDue = (item, regime, known) => {
    const last = known.at(-1)
    const now = Math.max(regime.validFrom, last?.startedAt ?? 0)
    const work = (visits: readonly DoneVisit[]) =>
      rules.dueItems(regime, visits, now, { since, lapsedAt: null }).find((one) => one.item === item)?.dueAt ?? Infinity
    const isScheduled = regime.dueFrom !== 'completion'
    if (isScheduled && known.length > 1) return work(known)
    // from completion, only the last one matters; of what matters, only the day
    const isUnderRegime = last !== undefined && last.startedAt >= regime.validFrom
    const begun = isScheduled || !isUnderRegime ? `${dayOf(regime.validFrom)} ${dayOf(since)}` : ''
    const key = `${regime.type} ${regime.dueFrom} ${item} ${last === undefined ? '' : dayOf(last.startedAt)} ${begun}`
    const dueAt = asked.get(key) ?? work(last === undefined ? [] : [last])
    asked.set(key, dueAt)
    return dueAt
  }
  const due: KpiDue[] = []
  for (const item of maintenanceItems) {
    const done = counting.filter(
      ({ items, startedAt }) => items.includes(item) && (startedAt >= halfMonthSince || !isCut(item)),
    )
    const datesAfter = (known: number) =>
      datesUntil(done[known]?.startedAt ?? to, item, inOrder, done.slice(0, known), nextDue)
    const ofItem: KpiDue[] = []
    // the first proven visit of those that came again in time
    let againAt = Infinity
    // what was due after the last visit, after the one before it, …: the last of it with the visit that met it
    for (let known = done.length; known >= 0; known--) {
      const visit = done[known]
      const doneAt = visit?.startedAt ?? null
      const provenAt = visit !== undefined && isProven(visit) ? visit.startedAt : againAt
      if (doneAt !== null && doneAt < since) break // nothing was due yet
      if (known === 0 && isCut(item)) return undefined
      const dates = datesAfter(known)
      const last = dates.at(-1)
      if (last === undefined) continue
      if (last <= from && (doneAt ?? Infinity) < from) break // and so it was with all before
      const begunAt = done[known - 1]?.startedAt
      if (begunAt !== undefined && doneAt !== null && isInTime(doneAt, dates)) {
        const isAgain = isOneSpan(begunAt, doneAt, last - begunAt)
        if (isAgain && known === 1 && isCut(item)) return undefined
        if (isAgain && isInTime(begunAt, datesAfter(known - 1))) {
          againAt = provenAt
          continue
        }
      }
      againAt = Infinity
      const pieces = dates.map((dueAt, index) => {
        const replacedAt = dates[index + 1] ?? null
        const met = replacedAt === null ? { doneAt, isProven: provenAt < dueAt } : { doneAt: null, isProven: false }
        return { deviceId, item, dueAt, ...met, replacedAt }
      })
      ofItem.unshift(
        ...pieces.filter(({ dueAt, replacedAt }) => dueAt <= to && (dueAt > from || (replacedAt ?? Infinity) > from)),
      )
    }
    due.push(...ofItem)
  }
  return due
}

/** Ends of the last days of the pieces that are due after the visits that are known: the first, and those missed until a time. */
function datesUntil(
  until: number,
  item: MaintenanceItem,
  regimes: readonly Regime[],
  known: readonly DoneVisit[],
  nextDue: NextDue,
): number[] {
  const dates: number[] = []
  let next = dueAfter(item, regimes, known, until, nextDue)
  while (next !== undefined && (dates.length === 0 || next <= until)) {
    dates.push(next)
    // as if it had been done at the last moment
    const inTime = { items: [item], startedAt: next - 1, verdict: null, decision: null }
    next = next > until ? undefined : dueAfter(item, regimes, [inTime], until, nextDue)
  }
  return dates
}

/** Whether a visit met what was due. */
function isInTime(doneAt: number, [dueAt = -Infinity]: readonly number[]): boolean {
  return doneAt < dueAt
}

/** Whether two visits fall into the same half of a month, or the same month, quarter, half-year or year, as long as a period is. */
function isOneSpan(one: number, other: number, periodMs: number): boolean {
  const months = Math.max(1, Math.round(periodMs / (30 * dayMs)))
  const spanOf = (at: number) => {
    const wall = new Date(wallClock(at, shanghai))
    const span = Math.floor((wall.getUTCFullYear() * 12 + wall.getUTCMonth()) / months)
    return periodMs < 20 * dayMs && wall.getUTCDate() > 15 ? span + 0.5 : span
  }
  return spanOf(one) === spanOf(other)
}

/** By number: its text costs much more. */
function dayOf(at: number): number {
  return Math.floor(wallClock(at, shanghai) / dayMs)
}

type NextDue = (item: MaintenanceItem, regime: Regime, known: readonly DoneVisit[]) => number

/** By the regime that held on that last day; undefined when another visit came before any regime asked for one. */
function dueAfter(
  item: MaintenanceItem,
  regimes: readonly Regime[],
  known: readonly DoneVisit[],
  until: number,
  nextDue: NextDue,
): number | undefined {
  const last = known.at(-1)
  for (const regime of regimes) {
    const ends = regime.validUntil ?? Infinity
    if (ends <= (last?.startedAt ?? 0)) continue
    const dueAt = nextDue(item, regime, known)
    if (dueAt <= ends || until <= ends) return dueAt
  }
  return undefined
}
