import { places } from '../figure-text.ts'
import type { InspectionDetail } from '../wire-records.ts'
import { inspectionWords } from './inspection-words.ts'

/** What makes an elevator likely to be chosen. */
export function RiskParts({ risk: { weight, parts } }: { readonly risk: NonNullable<InspectionDetail['risk']> }) {
  const say = inspectionWords()
  return (
    <p>
      <strong>{places(weight)}</strong>{' '}
      <span class="muted">
        {parts
          .filter(({ points }) => points !== 0)
          .map(({ cause, points }) => `${say.causes[cause]} ${places(points)}`)
          .join(' + ')}
      </span>
    </p>
  )
}
