import { useSignal } from '@preact/signals'
import { Tail } from '../../installer/tail.tsx'
import { troublesOf } from '../../installer/trouble.ts'
import type { QuarantineItem } from '../../installer/wire.ts'
import { get } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { Field } from '../../shared/components/field.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import { place, setQuery } from '../../shared/router.ts'
import type { Page } from '../../shared/wire.ts'
import { words } from '../words.ts'

const everyMs = 10_000
const shown = 50

/** What was not accepted of messages, of all gateways or of one. */
export function QuarantineView() {
  const say = words()
  const asked = place.value.query.get('gateway') ?? ''
  const gatewayId = useSignal(asked)
  const query = { limit: shown, ...(asked !== '' && { gatewayId: asked }) }
  const { loaded } = useLoaded(() => get<Page<QuarantineItem>>('/quarantine', query), { keys: [asked], everyMs })
  const items = loaded.value.value?.items ?? null

  function show(event: Event): void {
    event.preventDefault()
    setQuery({ gateway: gatewayId.value.trim() || null })
  }

  return (
    <>
      <form class="row" onSubmit={show} autocapitalize="none">
        <Field label={say.gatewayId} value={gatewayId} type="search" />
        <Button type="submit">{say.show}</Button>
      </form>
      <LoadState of={loaded.value} />
      <p class="muted">{say.newest}</p>
      {items?.length === 0 && <EmptyState title={say.noItems} hint={say.noItemsHint} />}
      {byGateway(items ?? []).map(([id, ofGateway]) => (
        <Tail key={id} of={id} at={{ gatewayId: id, deviceId: '<device>' }} troubles={troublesOf([], ofGateway)} />
      ))}
    </>
  )
}

/** Whose newest is the newest stands first. */
function byGateway(items: readonly QuarantineItem[]): [string, QuarantineItem[]][] {
  const groups = new Map<string, QuarantineItem[]>()
  for (const item of items) groups.set(item.gatewayId, [...(groups.get(item.gatewayId) ?? []), item])
  return [...groups]
}
