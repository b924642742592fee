import { randomUUID } from 'node:crypto'
import { dayMs } from '../../core/clock.ts'
import type { KeptReport, ReportFilter, ReportPeriod } from '../../core/report.ts'
import { blind, type Sight } from '../../core/sight.ts'
import { Faulty } from '../inspections/faulty.ts'
import { periodNamed } from './period.ts'

export interface AskedReport {
  /** "2026-11", "2026-Q4"; or else `from` and `to`. */
  readonly period?: string | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly asOf?: number | undefined
  readonly filter: ReportFilter
}

const longestMs = 2 * 366 * dayMs

/** A report that waits to be made. @throws {Faulty} naming what is wrong with what was asked for */
export function newReport(
  asked: AskedReport,
  { sight, actor, now }: { readonly sight: Sight; readonly actor: string; readonly now: number },
): KeptReport {
  const period = periodOf(asked)
  const { asOf = null, filter } = asked
  const faults = [
    ...(period.to - period.from > longestMs ? [{ path: 'to', message: 'is more than two years after from' }] : []),
    ...(period.from >= now ? [{ path: asked.period === undefined ? 'from' : 'period', message: 'has not begun' }] : []),
    ...(asOf !== null && asOf > now ? [{ path: 'asOf', message: 'is in the future' }] : []),
    ...(asOf !== null && asOf <= period.from ? [{ path: 'asOf', message: 'is before the period' }] : []),
  ]
  if (faults.length > 0) throw new Faulty(faults)
  return waiting({ ...period, asOf, filter, sight: narrowed(sight, filter) }, { requestedBy: actor, requestedAt: now })
}

export function waiting(
  what: Pick<KeptReport, 'type' | 'from' | 'to' | 'asOf' | 'filter' | 'sight'>,
  by: Pick<KeptReport, 'requestedBy' | 'requestedAt'> & Partial<Pick<KeptReport, 'scheduleId'>>,
): KeptReport {
  const nothingYet = { state: 'waiting', error: null, endedAt: null, summary: null, sealed: null } as const
  return { id: randomUUID(), scheduleId: null, ...what, ...by, ...nothingYet }
}

function periodOf({ period: name, from, to }: AskedReport): ReportPeriod {
  if (name !== undefined) {
    if (from !== undefined || to !== undefined) {
      throw new Faulty([{ path: 'period', message: 'either this, or from and to' }])
    }
    const period = periodNamed(name)
    if (period === undefined) {
      throw new Faulty([{ path: 'period', message: 'must be a month or a quarter, such as 2026-11 or 2026-Q4' }])
    }
    return period
  }
  if (from === undefined || to === undefined) {
    throw new Faulty([{ path: 'period', message: 'is missing: a month, a quarter, or from and to' }])
  }
  if (to <= from) throw new Faulty([{ path: 'to', message: 'must be after from' }])
  return { type: 'custom', from, to }
}

/** One who sees everything and asks about a company or a place asks what it sees itself: then it may read the report, too. */
export function narrowed(sight: Sight, { insurerId, maintainerId, siteId }: ReportFilter): Sight {
  if (sight !== 'everything') return sight
  if (insurerId !== undefined) return { ...blind, insurers: [insurerId] }
  if (maintainerId !== undefined) return { ...blind, maintainers: [maintainerId] }
  return siteId === undefined ? sight : { ...blind, sites: [siteId] }
}
