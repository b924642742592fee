import type { KeptReport } from '../../core/report.ts'
import type { Sight } from '../../core/sight.ts'
import type { KpiGrouping, Operations } from '../../stores/operations/port.ts'
import type { KpiId } from '../kpis/index.ts'
import type { QualityReview, Question, ReviewedFigure, ReviewedGroup } from '../review.ts'
import { twelveMonthsUpTo } from './period.ts'
import { type Report, type Reviewed, reportOf, type ShownGroup } from './report.ts'
import { gatherSafety, type SafetySources } from './safety.ts'

export interface Sources extends SafetySources {
  readonly operations: Pick<Operations, 'sealAt' | 'team' | 'sitesByIds' | 'roomTroubles'>
  readonly review: Pick<QualityReview, 'kpis'>
  /** Where people reach the service; undefined = nobody said. */
  readonly publicUrl: string | undefined
  readonly version: string
}

/** More groups than any report has: all of them. */
const allGroups = 1_000_000

/**
 * Asks for everything that a report says.
 * @param now ms since 1970: what is known then is what it rests on, unless it asks for another time
 */
export async function gather(
  { operations, review, indices, publicUrl, version }: Sources,
  { type, from, to, asOf, filter, sight }: Pick<KeptReport, 'type' | 'from' | 'to' | 'asOf' | 'filter' | 'sight'>,
  now: number,
): Promise<Report> {
  const period = { type, from, to }
  const ask = async (groupBy: KpiGrouping, more: Partial<Question> = {}): Promise<Reviewed> => {
    const of = { ...filter, sight, from, to, ...(asOf !== null && { asOf }), limit: allGroups }
    const { groups, total, pending } = await review.kpis({ ...of, groupBy, ...more })
    // what was asked for of another time is counted from the records, whatever waits to be counted again
    return { pending: asOf === null ? pending : 0, groups: groups.map(complete), total: complete(total) }
  }
  const byMaintainer = await ask('maintainer', { compare: 'year-before' })
  const byEstate = await ask('estate')
  const months: { period: typeof period & object; total: ShownGroup }[] = []
  for (const month of twelveMonthsUpTo(period)) {
    months.push({ period: month, total: (await ask('none', { from: month.from, to: month.to })).total })
  }
  return reportOf({
    ...{ period, byMaintainer, byEstate, months, version, asOf: asOf ?? now, publicUrl: publicUrl ?? null },
    about: await namesOf(operations, sight),
    safety: await gatherSafety({ operations, indices }, { from, to, asOf, filter, sight }, now),
    sealed: (await operations.sealAt(asOf ?? now)) ?? null,
  })
}

/** All figures were asked for. */
function complete({ kpis, ...group }: ReviewedGroup): ShownGroup {
  const { id, name, elevators, others, standardised } = group
  return { id, name, elevators, others, standardised, kpis: kpis as Record<KpiId, ReviewedFigure> }
}

/** Companies and places that somebody sees, by name. */
async function namesOf(operations: Sources['operations'], sight: Sight): Promise<string[]> {
  if (sight === 'everything') return []
  const teamIds = [...new Set([...sight.insurers, ...sight.maintainers])]
  const teams = await Promise.all(teamIds.map((id) => operations.team(id)))
  const sites = await operations.sitesByIds(sight.sites)
  return [...teamIds.map((id, index) => teams[index]?.name ?? id), ...sites.map(({ name }) => name)]
}
