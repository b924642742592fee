import type { Inspection } from '../wire-records.ts'
import { inspectionWords } from './inspection-words.ts'

/** Passed or not, by shape, colour and word; what is not over has no result. */
export function ResultMark({ of: { passed } }: { readonly of: Pick<Inspection, 'passed'> }) {
  const say = inspectionWords()
  if (passed === null) return <span class="muted">–</span>
  return passed ? (
    <span class="standing-better">✓ {say.passed}</span>
  ) : (
    <span class="standing-worse">✕ {say.notPassed}</span>
  )
}
