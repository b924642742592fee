import { get } from '../../shared/api.ts'
import { readDefinitions } from '../definitions.ts'
import type { Grouping } from '../filter.ts'
import type { Definition, FigureMonths, Group, KpiId, Review } from '../wire.ts'

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

/** Health of each group in the last twelve months, oldest first. */
export async function readHealth(asked: Record<string, string>, by: Grouping): Promise<MonthOfHealth[]> {
  const { from: _from, to: _to, ...filter } = asked
  const path = '/quality/kpis/mean-health/months'
  const { items } = await get<FigureMonths>(path, { ...filter, groupBy: by, limit: mostGroups })
  return items.map(({ month, groups }) => {
    const known = groups.flatMap(({ id, value }) => (value === null ? [] : [[id, value] as const]))
    return { month, byGroup: new Map(known) }
  })
}
