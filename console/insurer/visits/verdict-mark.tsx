import type { Visit } from '../wire-records.ts'
import { visitWords } from './visit-words.ts'

const looks = {
  proven: { shape: '✓', look: 'standing-better' },
  'not-proven': { shape: '✕', look: 'standing-worse' },
  'cannot-tell': { shape: '?', look: 'standing-unsure' },
  none: { shape: '…', look: 'muted' },
} as const

interface VerdictMarkProps {
  readonly of: Visit['verdict']
  readonly decision: 'accepted' | 'rejected' | null
}

/** What telemetry says of a visit, by shape, colour and word; and what was decided about an objection. */
export function VerdictMark({ of, decision }: VerdictMarkProps) {
  const say = visitWords()
  const { shape, look } = looks[of ?? 'none']
  return (
    <span class={look}>
      <span aria-hidden="true">{shape}</span> {say.verdicts[of ?? 'none']}
      {decision !== null && <small class="muted"> · {say.objectionIs(say.objectionStates[decision])}</small>}
    </span>
  )
}
