import { places } from '../figure-text.ts'
import type { InspectionDetail, ItemFinding } from '../wire-records.ts'
import { inspectionWords } from './inspection-words.ts'
import { itemOf, lostPoints, nameOf } from './sheet-state.ts'

interface FoundProps {
  readonly inspection: InspectionDetail
  readonly finding: ItemFinding
}

/** One item as it was found, by shape, colour and word, and what it costs. */
export function Found({ inspection, finding }: FoundProps) {
  const say = inspectionWords()
  const item = itemOf(inspection, finding.item)
  const lost = item === undefined ? 0 : lostPoints(item, finding)
  const look = finding.result === 'defect' ? 'standing-worse' : finding.result === 'ok' ? 'standing-better' : 'muted'
  const shape = { ok: '✓', defect: '✕', 'not-applicable': '–' }[finding.result]
  return (
    <p>
      <span class={look}>
        <span aria-hidden="true">{shape}</span> {say.results[finding.result]}
        {(finding.defects ?? 0) > 1 && ` × ${finding.defects}`}
      </span>{' '}
      {nameOf(inspection, finding.item)} {lost > 0 && <strong>{say.lost(places(lost))}</strong>}
      {finding.note != null && <span class="muted"> {finding.note}</span>}
    </p>
  )
}
