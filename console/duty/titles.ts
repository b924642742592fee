import { findingFigures, findingTitle } from '../shared/finding.ts'
import type { WorkOrderDetail } from '../shared/wire.ts'

/** The figures behind it in the reader's language; null where the title says it all. */
export function detailOf({
  finding,
  summary,
  evidence,
}: Pick<WorkOrderDetail, 'finding' | 'summary' | 'evidence'>): string | null {
  return findingFigures(evidence) ?? (findingTitle(finding) === null ? null : summary)
}
