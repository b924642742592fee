import { useState } from 'preact/hooks'
import { type Sentence, saidAtOnce, saidInTurn, saidSoFar } from '../aloud.ts'

/**
 * For a screen reader. It is there before anything is said, or it would not be read, and of what is in it only what is added is. An open
 * dialog hides all behind it, also this: so each dialog has its own.
 */
export function Aloud() {
  const [before] = useState(saidSoFar)
  const since = (said: readonly Sentence[]) => said.filter(({ id }) => id > before)
  return (
    <div class="unseen">
      <Sentences of={since(saidAtOnce.value)} live="assertive" />
      <Sentences of={since(saidInTurn.value)} live="polite" />
    </div>
  )
}

function Sentences({ of, live }: { readonly of: readonly Sentence[]; readonly live: 'assertive' | 'polite' }) {
  return (
    <div role="log" aria-live={live}>
      {of.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  )
}
