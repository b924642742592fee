import { useEffect } from 'preact/hooks'
import { Button } from '../../shared/components/button.tsx'
import { problemText } from '../../shared/problem-text.ts'
import { me } from '../../shared/session.ts'
import { words as sharedWords } from '../../shared/words.ts'
import type { InspectionDetail } from '../wire-records.ts'
import { Found } from './found.tsx'
import { inspectionWords } from './inspection-words.ts'
import { nameOf } from './sheet-state.ts'
import { type UnsentSheet, unsentOf } from './unsent.ts'

const triedEveryMs = 10_000

/**
 * What this account has said about an inspection and the service has not taken. It is sent while the page is open and there is a link.
 * @param readAnew false when it could not be read
 */
export function useUnsent(inspectionId: string, readAnew: () => Promise<boolean>) {
  const unsent = unsentOf(me.value?.accountId ?? '', inspectionId)
  const send = () => unsent.send(readAnew)
  useEffect(() => {
    send()
    const timer = setInterval(send, triedEveryMs)
    addEventListener('online', send)
    return () => {
      clearInterval(timer)
      removeEventListener('online', send)
    }
  }, [unsent])
  return { unsent, send }
}

interface UnsentProps {
  readonly inspection: InspectionDetail
  readonly unsent: UnsentSheet
}

/** Which item was refused, and why. */
export function Refused({ inspection, unsent, send }: UnsentProps & { readonly send: () => Promise<void> }) {
  const say = inspectionWords()
  const refusal = unsent.refusal.value
  if (refusal === null) return null
  const { refused, cause } = refusal
  return (
    <div role="alert" class="card review-list">
      <p class="wrong">
        ■ {say.notTaken(nameOf(inspection, refused.finding.item))} {problemText(cause)}
      </p>
      <div class="review-bar">
        <Button
          onClick={() => {
            unsent.tryAgain()
            send()
          }}
        >
          {sharedWords().tryAgain}
        </Button>
        <Button
          onClick={() => {
            unsent.giveUp([refused])
            send()
          }}
        >
          {say.giveUpUnsent}
        </Button>
      </div>
    </div>
  )
}

/** What was said in the car and had not come through when somebody ended the inspection. */
export function LeftUnsent({ inspection, unsent }: UnsentProps) {
  const say = inspectionWords()
  const waiting = unsent.waiting.value
  if (waiting.length === 0) return null
  return (
    <section role="alert" class="card review-list">
      <h2 class="standing-unsure">○ {say.waiting(waiting.length)}</h2>
      {unsent.refusal.value !== null && <p class="wrong">■ {say.endedBefore}</p>}
      <ul class="inspection-found">
        {waiting.map(({ key, finding }) => (
          <li key={key}>
            <Found inspection={inspection} finding={finding} />
          </li>
        ))}
      </ul>
      <Button onClick={() => unsent.giveUp(waiting)}>{say.giveUpAll}</Button>
    </section>
  )
}
