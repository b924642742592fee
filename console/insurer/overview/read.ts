import { addMonths, localDate, shanghai, startOfDate } from '../../../core/local-time.ts'
import { get } from '../../shared/api.ts'
import { readDefinitions } from '../definitions.ts'
import type { Grouping } from '../filter.ts'
import type { Definition, Group, KpiId, Review } from '../wire.ts'

export interface Overview {
  readonly definitions: readonly Definition[]
  readonly review: Review
}

/** All figures of all that the filter leaves, with those of the year before. */
export async function readTotal(asked: Record<string, string>): Promise<Overview> {
  const query = { ...asked, groupBy: 'none', compare: 'year-before', limit: 1 }
  const [definitions, review] = await Promise.all([readDefinitions(), get<Review>('/quality/kpis', query)])
  return { definitions, review }
}

/** More are not compared at once: a browser is no database. */
export const mostGroups = 1_000

/** These figures of each group; of more groups than are compared at once, those that do worst by `sort`. */
export function readGroups(
  asked: Record<string, string>,
  { by, kpis, sort, limit = mostGroups }: { by: Grouping; kpis: readonly KpiId[]; sort: KpiId; limit?: number },
): Promise<Review> {
  return get<Review>('/quality/kpis', { ...asked, groupBy: by, kpi: kpis.join(','), sort, limit })
}

/** This figure of every group, in as many answers as it takes. */
export async function readAllGroups(asked: Record<string, string>, by: Grouping, kpi: KpiId): Promise<Group[]> {
  const all: Group[] = []
  for (;;) {
    const { groups } = await readGroups({ ...asked, skip: String(all.length) }, { by, kpis: [kpi], sort: kpi })
    all.push(...groups)
    if (groups.length < mostGroups) return all
  }
}

export interface MonthOfHealth {
  /** "2026-11" */
  readonly month: string
  /** Mean health by group; missing = nobody knows. */
  readonly byGroup: ReadonlyMap<string | null, number>
}

/**
 * Health of each group in the twelve months up to `now`, oldest first. One month is asked for after the other: a large portfolio is counted
 * for one reader at a time.
 */
export async function readHealth(asked: Record<string, string>, by: Grouping, now: number): Promise<MonthOfHealth[]> {
  const last = `${localDate(now, shanghai).slice(0, 7)}-01`
  const iso = (date: string) => new Date(startOfDate(date, shanghai)).toISOString()
  const months: MonthOfHealth[] = []
  for (let back = 11; back >= 0; back--) {
    const first = addMonths(last, -back)
    const month = { ...asked, from: iso(first), to: iso(addMonths(first, 1)) }
    const { groups } = await readGroups(month, { by, kpis: ['mean-health'], sort: 'mean-health' })
    const known = groups.flatMap(({ id, kpis }) => {
      const score = kpis['mean-health']?.value ?? null
      return score === null ? [] : [[id, score] as const]
    })
    months.push({ month: first.slice(0, 7), byGroup: new Map(known) })
  }
  return months
}
