import { addMonths, localDate, shanghai, startOfDate } from '../core/local-time.ts'
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
  const last = `${localDate(question.asOf ?? now, shanghai).slice(0, 7)}-01`
  const found: FigureMonth[] = []
  for (let back = months - 1; back >= 0 && !isGone(); back--) {
    const first = addMonths(last, -back)
    const [from, to] = [startOfDate(first, shanghai), startOfDate(addMonths(first, 1), shanghai)]
    const { groups } = await review.kpis({ ...question, from, to, kpis: [kpi], sort: kpi })
    const values = groups.map(({ id, kpis }) => ({ id, value: kpis[kpi]?.value ?? null }))
    found.push({ month: first.slice(0, 7), groups: values })
  }
  return found
}
