import { dayMs } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import { spanOfMonth } from '../core/kpi.ts'
import type { KpiGrouping, KpiQuery } from '../stores/operations/port.ts'
import type { KpiId } from './kpis/index.ts'
import type { Belongs, Period } from './tally.ts'

/** Months of devices that are counted again before an answer; more are left to the roll-up that runs every minute. Unverified default. */
export const mostMonthsAtOnce = 200
/** Elevators and months that are counted from their records while somebody waits: some 20 s of work. Unverified default. */
export const mostMonthsAnew = 40_000
/** Read and counted in one go: so many that other work gets its turn in between. */
export const devicesAtOnce = 500

export interface Question extends KpiQuery, Period {
  readonly groupBy: KpiGrouping
  /** Figures as they were known then; undefined = now. */
  readonly asOf?: number | undefined
  /** All of them, if it is not said. */
  readonly kpis?: readonly KpiId[] | undefined
  readonly compare?: 'year-before' | undefined
  /** The group that does worst by this one comes first; else they are in the order of their ids. */
  readonly sort?: KpiId | undefined
  readonly limit: number
  /** So many groups are passed over. */
  readonly skip?: number | undefined
}

/** @throws {ExpectedError} `invalid` for a period that is none, and for what is not known yet */
export function checkQuestion({ asOf, ...period }: Period & Pick<Question, 'asOf'>, now: number): void {
  checkPeriod(period)
  if (asOf !== undefined && asOf > now) throw new ExpectedError('invalid', 'asOf: is in the future')
}

/** @throws {ExpectedError} `invalid` */
export function checkPeriod({ from, to }: Period): void {
  if (from >= to) throw new ExpectedError('invalid', 'to: is not after from')
  if (to - from > 10 * 366 * dayMs) throw new ExpectedError('invalid', 'to: more than ten years after from')
}

/** What of a month is asked for. */
export function partOf(month: string, { from, to }: Period): Period {
  const span = spanOfMonth(month)
  return { from: Math.max(span.from, from), to: Math.min(span.to, to) }
}

/** The same that the store says of the months that it has rolled up. */
export function isSeen(belongs: Belongs, query: KpiQuery, placed: ReadonlySet<string>): boolean {
  const { sight, maintainerId, insurerId } = query
  if (maintainerId !== undefined && belongs.maintainerId !== maintainerId) return false
  if (insurerId !== undefined && belongs.insurerId !== insurerId) return false
  if (sight === 'everything' || placed.has(belongs.deviceId)) return true
  const isOf = (ids: readonly string[], id: string | null) => id !== null && ids.includes(id)
  return isOf(sight.maintainers, belongs.maintainerId) || isOf(sight.insurers, belongs.insurerId)
}
