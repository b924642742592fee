import { useSignal } from '@preact/signals'
import { get, newKey, post } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState, Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { Select } from '../../shared/components/select.tsx'
import { correctedTo } from '../../shared/correction.ts'
import { useLoaded } from '../../shared/loaded.ts'
import { hasRole } from '../../shared/session.ts'
import type { WorkOrderDetail } from '../../shared/wire.ts'
import { words as sharedWords } from '../../shared/words.ts'
import type { Corrections as Known } from '../wire-records.ts'
import { orderWords } from './order-words.ts'

const causes = ['equipment', 'people', 'external'] as const
const outcomes = ['repaired', 'false-alarm', 'self-corrected', 'serviced', 'enforcement', 'drill'] as const

/** How cause and outcome of a closed order were put right for figures. */
export function Corrections({ order }: { readonly order: WorkOrderDetail }) {
  const say = orderWords()
  const mayCorrect = hasRole(['operator'])
  const { loaded, again } = useLoaded(() => get<Known>(`/work-orders/${order.id}/corrections`), { keys: [order.id] })
  const items = loaded.value.value?.items ?? []
  if (items.length === 0 && !mayCorrect && loaded.value.problem === null) return null
  return (
    <section class="card review-list">
      <h2>{say.corrections}</h2>
      <p class="muted">{say.correctionsHint}</p>
      <LoadState of={loaded.value} />
      <ol class="review-events">
        {items.map(({ at, causeClass, outcome, reason, actor }) => (
          <li key={at}>
            <Moment at={at} /> <strong>{correctedTo({ causeClass, outcome })}</strong>{' '}
            <span class="muted">
              {reason} · {actor}
            </span>
          </li>
        ))}
      </ol>
      {mayCorrect && <Form order={order} again={again} />}
    </section>
  )
}

function Form({ order, again }: { readonly order: WorkOrderDetail; readonly again: () => Promise<void> }) {
  const say = orderWords()
  const doing = useDoing()
  const cause = useSignal<string>(order.causeClass ?? 'equipment')
  const outcome = useSignal<string>(order.outcome ?? 'repaired')
  const reason = useSignal('')
  const hasCause = outcome.value !== 'false-alarm' && outcome.value !== 'drill'

  function correct(event: Event): void {
    event.preventDefault()
    const said = { causeClass: hasCause ? cause.value : null, outcome: outcome.value, reason: reason.value.trim() }
    doing.act(async () => {
      await post(`/work-orders/${order.id}/corrections`, said, newKey())
      reason.value = ''
      await again()
    })
  }
  return (
    <form class="review-form" onSubmit={correct}>
      <div class="review-bar">
        <Select label={say.outcome} value={outcome.value} onChange={(one) => (outcome.value = one)}>
          {outcomes.map((one) => (
            <option key={one} value={one}>
              {sharedWords().outcomes[one]}
            </option>
          ))}
        </Select>
        {hasCause && (
          <Select label={say.cause} value={cause.value} onChange={(one) => (cause.value = one)}>
            {causes.map((one) => (
              <option key={one} value={one}>
                {sharedWords().causes[one]}
              </option>
            ))}
          </Select>
        )}
      </div>
      <Field label={say.correctReason} value={reason} required maxLength={500} />
      <Undone doing={doing} />
      <Button type="submit" busy={doing.isBusy}>
        {say.correct}
      </Button>
    </form>
  )
}
