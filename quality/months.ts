import { monthOf, spanOfMonth } from '../core/kpi.ts'
import { addMonths } from '../core/local-time.ts'
import type { KpiId } from './kpis/index.ts'
import type { Question } from './question.ts'
import type { QualityReview } from './review.ts'

export interface FigureMonth {
  /** "2026-11" */
  readonly month: string
  readonly groups: readonly { readonly id: string | null; readonly value: number | null }[]
}

export interface MonthsQuestion extends Omit<Question, 'from' | 'to' | 'kpis' | 'compare' | 'sort' | 'skip'> {
  /** How many, with the one that `asOf`, else `now`, is in. */
  readonly months: number
  /** Whether nobody waits for the answer any more. */
  readonly isGone?: (() => boolean) | undefined
}

/**
 * One figure of each group month by month, oldest first; of more groups than `limit`, those that do worst in the month. One month is counted
 * after the other: a large portfolio is for one reader at a time.
 *
 * @param now ms since 1970
 * @throws {ExpectedError} `invalid` for what is not known yet, and for more than can be counted anew at once
 */
export async function figureByMonth(
  review: Pick<QualityReview, 'kpis'>,
  kpi: KpiId,
  { months, isGone = () => false, ...question }: MonthsQuestion,
  now: number,
): Promise<FigureMonth[]> {
  const last = monthOf(question.asOf ?? now)
  const found: FigureMonth[] = []
  for (let back = months - 1; back >= 0 && !isGone(); back--) {
    const month = addMonths(`${last}-01`, -back).slice(0, 7)
    const { groups } = await review.kpis({ ...question, ...spanOfMonth(month), kpis: [kpi], sort: kpi })
    found.push({ month, groups: groups.map(({ id, kpis }) => ({ id, value: kpis[kpi]?.value ?? null })) })
  }
  return found
}
