import { ApiProblem } from '../shared/api.ts'
import { Button } from '../shared/components/button.tsx'
import { problemText } from '../shared/problem-text.ts'
import { clockTime } from '../shared/time.ts'
import { words as sharedWords } from '../shared/words.ts'
import { orders, putAway } from './desk.ts'
import type { Queued } from './outbox.ts'
import { phoneNow } from './phone-clock.ts'
import { isFor, readerId } from './shown.ts'
import { nextOf } from './steps.ts'
import { doorId } from './wire.ts'
import { words } from './words.ts'

/** What was not recorded, and why. It is never dropped: it stays until whoever did it says that they have read it. */
export function Refusals({ items }: { readonly items: readonly Queued[] }) {
  const say = words()
  return items
    .filter(({ refused, door }) => refused !== null && isFor(readerId(), door))
    .map((item) => (
      <div key={item.key} class="crew-refused" role="alert">
        <p>
          <strong>{say.refused(say.done[item.action], clockTime(item.doneAt, phoneNow()))}</strong>
          <br />
          {whyOf(item)}
        </p>
        <Button onClick={() => putAway(item.key)}>{say.understood}</Button>
      </div>
    ))
}

/** In the words of the reader, by the order as the service tells it now. */
function whyOf({ refused, door, action }: Queued): string {
  const say = words()
  const kept = orders.value.get(doorId(door))
  if (refused === null) return ''
  if (refused.code === 'not-found') return say.because.link
  if (kept === undefined || !['already-done', 'order-state'].includes(refused.code)) {
    return problemText(new ApiProblem({ ...refused, code: refused.code as ApiProblem['code'], status: 409 }))
  }
  const { technicianId, technicianName } = kept.order
  if (action === 'accept' && technicianId !== null && technicianId !== kept.you.name) {
    return say.taken(technicianName ?? technicianId)
  }
  const next = nextOf(kept.order, kept)
  if (next.type === 'taken' || next.type === 'given') return say[next.type](next.to)
  return say.because.state(sharedWords().states[kept.order.state])
}
