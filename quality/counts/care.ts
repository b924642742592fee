import { dayMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { InspectionKind } from '../../core/inspection.ts'
import { type Count, type Countable, type Measure, monthOf, monthsBetween, spanOfMonth } from '../../core/kpi.ts'
import type { KpiDue, KpiRecords } from '../../core/kpi-records.ts'
import { addDays, localDate, shanghai, startOfDate } from '../../core/local-time.ts'
import { isProven } from '../../core/visit.ts'

type Emit = (count: Count) => void
/** Who maintains a device at a time; null = nobody has a contract. */
type HolderOf = (deviceId: string, at: number) => string | null

/** Shanghai keeps one time all year: its days are all as long. */
const startOfDay = (at: number) => startOfDate(localDate(at, shanghai), shanghai)

/**
 * A claim counts when the people came, for whoever has the contract then: what another team claims there is not theirs to answer for, and
 * counts for nobody. Evidence that was accepted after an objection proves it as well; an effect is that of the visit, in tenths of a point.
 */
export function countVisits({ visits }: Pick<KpiRecords, 'visits'>, holderOf: HolderOf, emit: Emit): void {
  for (const visit of visits) {
    const { id, deviceId, startedAt, teamId, healthBefore, healthAfter } = visit
    const holder = holderOf(deviceId, startedAt)
    if (teamId !== null && holder !== null && teamId !== holder) continue
    const count = (what: Countable, amount = 1) =>
      emit({ what, amount, at: startedAt, deviceId, of: { type: 'visit', id } })
    count('visitsClaimed')
    if (isProven(visit)) count('visitsProven')
    else if (visit.verdict === 'not-proven') count('visitsNotProven')
    if (healthBefore === null || healthAfter === null) continue
    const tenths = Math.round((healthAfter - healthBefore) * 10)
    count('effectVisits')
    count('effectTenths', tenths)
    count('effectTenthsSquared', tenths ** 2)
  }
}

/**
 * A piece of maintenance counts on its last day; of those in time, one that no proven visit did counts as claimed as well. Every later day
 * that begins without it counts as overdue by itself, so that a month tells what was so in it, whatever followed. A day is overdue once for
 * an item, however many pieces of it were missed before.
 */
export function countMaintenance({ due }: Pick<KpiRecords, 'due'>, asOf: number, emit: Emit): void {
  for (const piece of due) {
    const { deviceId, dueAt, doneAt, replacedAt } = piece
    if (dueAt > asOf) continue
    const of = { type: 'maintenance', id: nameOfDue(piece) } as const
    const count = (what: Countable, at: number) => emit({ what, amount: 1, at, deviceId, of })
    count('maintenanceDue', dueAt - 1)
    if (doneAt !== null && doneAt < dueAt) {
      count('maintenanceOnTime', dueAt - 1)
      if (!piece.isProven) count('maintenanceClaimed', dueAt - 1)
    }
    const overdueUntil = Math.min(doneAt ?? Infinity, replacedAt ?? Infinity, asOf)
    for (let day = dueAt; day < overdueUntil; day += dayMs) count('overdueDays', day)
  }
}

/** "half-month 2026-11-24" */
function nameOfDue({ item, dueAt }: KpiDue): string {
  return `${item} ${addDays(localDate(dueAt, shanghai), -1)}`
}

type ScoredKind = Exclude<InspectionKind, 're-check'>

const scoresOf: Readonly<Record<ScoredKind, readonly [count: Measure, tenths: Measure, squared: Measure]>> = {
  quarterly: ['inspectionsQuarterly', 'inspectionTenthsQuarterly', 'inspectionTenthsSquaredQuarterly'],
  monthly: ['inspectionsMonthly', 'inspectionTenthsMonthly', 'inspectionTenthsSquaredMonthly'],
  unannounced: ['inspectionsUnannounced', 'inspectionTenthsUnannounced', 'inspectionTenthsSquaredUnannounced'],
}

/** By kind: those with a verdict, and those that were passed. */
export const verdictsOf = {
  quarterly: ['inspectionsJudgedQuarterly', 'inspectionsPassedQuarterly'],
  monthly: ['inspectionsJudgedMonthly', 'inspectionsPassedMonthly'],
  unannounced: ['inspectionsJudgedUnannounced', 'inspectionsPassedUnannounced'],
} as const satisfies Readonly<Record<ScoredKind, readonly [judged: Measure, passed: Measure]>>

/** Re-checks look again at what was found before, and count for nothing here. Books of before may hold a verdict without a score. */
export function countInspections(
  { inspections, overhauls }: Pick<KpiRecords, 'inspections' | 'overhauls'>,
  emit: Emit,
): void {
  for (const { id, deviceId, kind, endedAt: at, score, passed, recheckOf } of inspections) {
    if (kind === 're-check' || recheckOf !== null) continue
    const count = (what: Countable, amount = 1) => emit({ what, amount, at, deviceId, of: { type: 'inspection', id } })
    const [judged, atOnce] = verdictsOf[kind]
    if (passed !== null) count(judged)
    if (passed === true) count(atOnce)
    if (score === null) continue
    const tenths = Math.round(score * 10)
    const [scored, sum, squared] = scoresOf[kind]
    count(scored)
    count(sum, tenths)
    count(squared, tenths ** 2)
  }
  for (const { id, deviceId, proposedAt, doneAt: at } of overhauls) {
    const amount = Math.round((at - proposedAt) / secondMs)
    emit({ what: 'overhaul', amount, at, deviceId, of: { type: 'overhaul', id } })
  }
}

export function countDays({ days, health }: Pick<KpiRecords, 'days' | 'health'>, emit: Emit): void {
  for (const { deviceId, at, inServiceMinutes, outOfServiceMinutes, plannedMinutes } of days) {
    const of = { type: 'day', id: localDate(at, shanghai) } as const
    if (inServiceMinutes > 0) emit({ what: 'inServiceMinutes', amount: inServiceMinutes, at, deviceId, of })
    if (outOfServiceMinutes > 0) emit({ what: 'outOfServiceMinutes', amount: outOfServiceMinutes, at, deviceId, of })
    if (plannedMinutes > 0) emit({ what: 'plannedMinutes', amount: plannedMinutes, at, deviceId, of })
  }
  for (const { deviceId, at, days: known, points } of health) {
    const of = { type: 'day', id: localDate(at, shanghai) } as const
    emit({ what: 'healthDays', amount: known, at, deviceId, of })
    emit({ what: 'healthPoints', amount: points, at, deviceId, of })
  }
}

/**
 * Elevators alone, in whole days: one that changes hands is counted for whoever had it when the day began. Whoever has it now has it in this
 * month, also before a day of it is over.
 */
export function countExposure({ tenures, devices }: Pick<KpiRecords, 'tenures' | 'devices'>, asOf: number, emit: Emit) {
  const elevators = new Set(devices.filter(({ kind }) => kind === 'elevator').map(({ id }) => id))
  const monthBegan = spanOfMonth(monthOf(asOf)).from
  for (const { deviceId, from, to } of tenures) {
    if (!elevators.has(deviceId)) continue
    const count = (at: number, amount: number) => {
      const of = { type: 'contract', id: monthOf(at) } as const
      emit({ what: 'exposureMinutes', amount, at, deviceId, of })
    }
    if (from <= asOf && asOf < to) count(Math.max(from, monthBegan), 0)
    const [begin, end] = [firstDayFrom(from), firstDayFrom(Math.min(to, startOfDay(asOf)))]
    if (begin >= end) continue
    for (const month of monthsBetween(begin, end)) {
      const span = spanOfMonth(month)
      const [at, until] = [Math.max(begin, span.from), Math.min(end, span.to)]
      count(at, (until - at) / minuteMs)
    }
  }
}

/** The first day that begins then or later. */
function firstDayFrom(at: number): number {
  const day = startOfDay(at)
  return day === at ? at : day + dayMs
}
