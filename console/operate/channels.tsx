import { useSignal } from '@preact/signals'
import { list, post } from '../shared/api.ts'
import { now } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { LoadState, Undone, useDoing } from '../shared/components/doing.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { Field } from '../shared/components/field.tsx'
import { language } from '../shared/language.ts'
import { useLoaded } from '../shared/loaded.ts'
import { timeText } from '../shared/time.ts'
import type { Channel, ChannelTestResult } from './wire.ts'
import { words } from './words.ts'

const everyMs = 10_000

/** The ways to reach people, what becomes of their notices, and a test of each. */
export function ChannelsView() {
  const say = words()
  const { loaded } = useLoaded(() => list<Channel>('/channels'), { everyMs })
  const channels = loaded.value.value
  return (
    <>
      <LoadState of={loaded.value} />
      {channels?.length === 0 && <EmptyState title={say.noChannels} hint={say.noChannelsHint} />}
      <ul class="rows">
        {channels?.map((channel) => (
          <li key={channel.id} class="card">
            <OneChannel channel={channel} />
          </li>
        ))}
      </ul>
    </>
  )
}

function OneChannel({ channel: { id, type, name, enabled, state } }: { readonly channel: Channel }) {
  const say = words()
  const address = useSignal('')
  const result = useSignal<ChannelTestResult | null>(null)
  const doing = useDoing()

  function test(event: Event): void {
    event.preventDefault()
    result.value = null
    const to = address.value.trim()
    doing.act(async () => {
      const body = { locale: language.value, ...(to !== '' && { address: to }) }
      result.value = await post<ChannelTestResult>(`/channels/${id}/test`, body)
    })
  }

  return (
    <>
      <div class="line">
        <strong>{name}</strong>
        <code>
          {type} · {id}
        </code>
        {!enabled && <span class="caution">▲ {say.disabled}</span>}
        <span class={state.dead > 0 ? 'caution' : 'muted'}>
          {state.dead > 0 && '▲ '}
          {say.waitingNotices(state.waiting)} · {say.dead(state.dead)} ·{' '}
          {state.lastSentAt === null ? say.neverSent : say.lastSent(timeText(Date.parse(state.lastSentAt), now.value))}
        </span>
      </div>
      {state.lastError !== null && (
        <p class="wrong" lang="en">
          ■ {state.lastError}
        </p>
      )}
      <form class="row" onSubmit={test}>
        <Field label={say.address} value={address} />
        <Button type="submit" busy={doing.isBusy}>
          {say.test}
        </Button>
        <Undone doing={doing} />
        {result.value !== null && (
          <p role="status" class={result.value.outcome === 'delivered' ? 'good' : 'wrong'}>
            {result.value.outcome === 'delivered' ? '✓' : '■'} {say.outcome[result.value.outcome]}{' '}
            {result.value.reason !== null && <span lang="en">{result.value.reason}</span>}
          </p>
        )}
      </form>
    </>
  )
}
