import { findingFigures, findingTitle } from '../shared/finding.ts'
import type { WorkOrder, WorkOrderDetail } from '../shared/wire.ts'

/** What was found, as the field calls it, else in the words of whoever found it. */
export function titleOf({ finding, summary }: Pick<WorkOrder, 'finding' | 'summary'>): string {
  return findingTitle(finding) ?? summary
}

/** The figures behind it in the reader's language; null where the title says it all. */
export function detailOf({
  finding,
  summary,
  evidence,
}: Pick<WorkOrderDetail, 'finding' | 'summary' | 'evidence'>): string | null {
  return findingFigures(evidence) ?? (findingTitle(finding) === null ? null : summary)
}
