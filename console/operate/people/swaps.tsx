import { useSignal } from '@preact/signals'
import { instantOfText, shanghai } from '../../../core/local-time.ts'
import { post, request } from '../../shared/api.ts'
import { now } from '../../shared/clock.ts'
import { Button } from '../../shared/components/button.tsx'
import { Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Select } from '../../shared/components/select.tsx'
import { clockTime } from '../../shared/time.ts'
import type { Member } from '../../shared/wire.ts'
import type { Roster, RosterDocument } from '../wire.ts'
import { peopleWords } from './people-words.ts'

interface SwapsProps {
  readonly roster: Roster
  readonly members: readonly Member[]
  readonly onChange: () => Promise<void>
}

/** Who is there in somebody's place, for a time: illness, leave. Those that are over are not shown. */
export function Swaps({ roster, members, onChange }: SwapsProps) {
  const say = peopleWords()
  const doing = useDoing()
  const { teamId, version, shifts, swaps = [], holidays = [] } = roster
  const nameOf = (id: string) => members.find((one) => one.id === id)?.name ?? id
  const ahead = swaps.filter(({ until }) => Date.parse(until) > now.value)
  const takeOut = (swap: (typeof swaps)[number]) =>
    doing.act(async () => {
      const body: RosterDocument = { version, shifts, swaps: swaps.filter((other) => other !== swap), holidays }
      await request('PUT', `/teams/${teamId}/roster`, { body })
      await onChange()
    })
  return (
    <details open={ahead.length > 0}>
      <summary>{say.swaps}</summary>
      <ul class="changes">
        {ahead.map((swap) => {
          const { memberId, insteadId, from, until, reason } = swap
          const text = say.swapped(nameOf(memberId), insteadId == null ? say.nobody : nameOf(insteadId))
          return (
            <li key={`${memberId} ${from}`}>
              {text} · {clockTime(Date.parse(from), now.value)}–{clockTime(Date.parse(until), now.value)}
              {reason != null && ` · ${reason}`}{' '}
              <Button look="link" label={`${say.takeSwapOut}: ${text}`} onClick={() => takeOut(swap)}>
                {say.takeSwapOut}
              </Button>
            </li>
          )
        })}
      </ul>
      <Undone doing={doing} />
      <NewSwap teamId={teamId} members={members} onChange={onChange} />
    </details>
  )
}

function NewSwap({ teamId, members, onChange }: Omit<SwapsProps, 'roster'> & { readonly teamId: string }) {
  const say = peopleWords()
  const doing = useDoing()
  const [memberId, insteadId, reason] = [useSignal(members[0]?.id ?? ''), useSignal(''), useSignal('')]
  const [from, until] = [useSignal(''), useSignal('')]
  const [fromMs, untilMs] = [from.value, until.value].map((wall) => instantOfText(wall, shanghai))
  const isWhole = memberId.value !== '' && fromMs !== undefined && untilMs !== undefined
  const isBackward = isWhole && untilMs <= fromMs

  async function add(event: Event): Promise<void> {
    event.preventDefault()
    if (!isWhole || isBackward) return
    const swap = {
      ...{ memberId: memberId.value, insteadId: insteadId.value || null, reason: reason.value.trim() || null },
      ...{ from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() },
    }
    await doing.act(async () => {
      await post(`/teams/${teamId}/roster/swaps`, swap)
      await onChange()
    })
  }
  return (
    <form class="fields" onSubmit={add}>
      <Select label={say.away} value={memberId.value} onChange={(chosen) => (memberId.value = chosen)}>
        {members.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      <Select label={say.instead} value={insteadId.value} onChange={(chosen) => (insteadId.value = chosen)}>
        <option value="">{say.nobody}</option>
        {members
          .filter(({ id }) => id !== memberId.value)
          .map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
      </Select>
      <Field label={say.from} value={from} type="datetime-local" required />
      <Field label={say.swapUntil} value={until} type="datetime-local" required />
      <Field label={say.swapReason} value={reason} maxLength={2_000} />
      <p class="muted">{say.swapHint}</p>
      {isBackward && <p class="wrong">■ {say.swapBackward}</p>}
      <Undone doing={doing} />
      <Button type="submit" busy={doing.isBusy} disabled={!isWhole || isBackward}>
        {say.addSwap}
      </Button>
    </form>
  )
}
