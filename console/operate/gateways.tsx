import { useSignal } from '@preact/signals'
import { CopyButton } from '../installer/copy-button.tsx'
import { GatewayKeys } from '../installer/gateway-keys.tsx'
import { Tail } from '../installer/tail.tsx'
import { troublesOf } from '../installer/trouble.ts'
import type { Gateway, GatewayDetail, QuarantineItem, RotatedCredentials } from '../installer/wire.ts'
import { get, list, post, request } from '../shared/api.ts'
import { now } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { Field } from '../shared/components/field.tsx'
import { base, place, setQuery } from '../shared/router.ts'
import { timeText } from '../shared/time.ts'
import type { Incident, Page } from '../shared/wire.ts'
import { gatewayTroubles } from './gateway-troubles.ts'
import { useLoaded } from './loaded.ts'
import { LoadState, Undone, useDoing } from './parts.tsx'
import { words } from './words.ts'

const everyMs = 10_000

interface Gateways {
  readonly all: readonly Gateway[]
  /** Open incidents of gateways, by the gateway: it is silent, or its clock is ahead. */
  readonly troubled: ReadonlyMap<string, Incident>
}

/** Every gateway and whether it is heard of; one opens below its line. */
export function GatewaysView() {
  const say = words()
  const { loaded, again } = useLoaded(read, { everyMs })
  const filter = useSignal('')
  const opened = place.value.query.get('gateway')
  const all = loaded.value.value?.all ?? []
  const wanted = filter.value.trim().toLowerCase()
  const fits = ({ id, name }: Gateway) => `${id} ${name ?? ''}`.toLowerCase().includes(wanted)
  const shown = byTrouble(all.filter(fits), loaded.value.value?.troubled ?? new Map())
  return (
    <>
      <p>
        <a href={`${base}/install`}>{say.addGateway}</a>
      </p>
      <LoadState of={loaded.value} />
      {all.length > 0 && <Field label={say.filter} value={filter} type="search" />}
      {loaded.value.value !== null && all.length === 0 && (
        <EmptyState title={say.noGateways} hint={say.noGatewaysHint} />
      )}
      {all.length > 0 && shown.length === 0 && <EmptyState title={say.noneFits} hint={say.noneFitsHint} />}
      <ul class="rows">
        {shown.map((gateway) => (
          <li key={gateway.id} class="card">
            <div class="line">
              <strong>{gateway.id}</strong>
              <span>{gateway.name}</span>
              <Liveness gateway={gateway} trouble={loaded.value.value?.troubled.get(gateway.id)} />
              <span class="muted">
                {say.added} {timeText(Date.parse(gateway.createdAt), now.value)}
              </span>
              <Button
                pressed={opened === gateway.id}
                label={`${say.open}: ${gateway.id}`}
                onClick={() => setQuery({ gateway: opened === gateway.id ? null : gateway.id })}
              >
                {say.open}
              </Button>
            </div>
            {opened === gateway.id && <OneGateway id={gateway.id} onChange={again} />}
          </li>
        ))}
      </ul>
    </>
  )
}

/** Trouble first, revoked ones last, else by id. */
function byTrouble(gateways: readonly Gateway[], troubled: ReadonlyMap<string, Incident>): Gateway[] {
  const rank = ({ id, revokedAt }: Gateway) => (revokedAt !== null ? 2 : troubled.has(id) ? 0 : 1)
  return [...gateways].sort((one, other) => rank(one) - rank(other))
}

function Liveness({ gateway, trouble }: { readonly gateway: Gateway; readonly trouble: Incident | undefined }) {
  const say = words()
  const time = (at: string) => timeText(Date.parse(at), now.value)
  if (gateway.revokedAt !== null) return <span class="muted">✕ {say.revoked(time(gateway.revokedAt))}</span>
  if (trouble === undefined) return <span class="good">● {say.reports}</span>
  const since = time(trouble.occurredAt)
  return <span class="caution">▲ {isClock(trouble) ? say.clockAhead(since) : say.silentSince(since)}</span>
}

function OneGateway({ id, onChange }: { readonly id: string; readonly onChange: () => Promise<void> }) {
  const say = words()
  const { loaded, again } = useLoaded(() => readOne(id), { keys: [id], everyMs })
  const doing = useDoing()
  const secret = useSignal<RotatedCredentials | null>(null)
  const one = loaded.value.value
  const rotate = () =>
    doing.act(async () => {
      secret.value = await post<RotatedCredentials>(`/gateways/${id}/rotate`, {})
    })
  const revoke = () =>
    doing.act(async () => {
      await request('DELETE', `/gateways/${id}`)
      await Promise.all([again(), onChange()])
    })
  return (
    <div class="opened">
      <LoadState of={loaded.value} />
      {one !== null && (
        <>
          <p>
            {say.devices(one.gateway.devices)}
            {one.gateway.autoRegister !== null && ` · ${say.autoRegister(one.gateway.autoRegister)}`}
            {one.gateway.siteId != null && ` · ${say.site} ${one.gateway.siteId}`} ·{' '}
            <a href={`${base}/install?gateway=${id}`}>{say.toWizard}</a>
          </p>
          {one.gateway.revokedAt === null && <GatewayKeys gateway={one.gateway} rotate={rotate} revoke={revoke} />}
          <Undone doing={doing} />
          {secret.value !== null && (
            <p class="row caution">
              ▲ {say.newPassword}: <code>{secret.value.password}</code>
              <CopyButton text={secret.value.password} what={say.newPassword} />
            </p>
          )}
          <Tail at={{ gatewayId: id, deviceId: '<device>' }} troubles={one.troubles} />
        </>
      )}
    </div>
  )
}

async function read(): Promise<Gateways> {
  const [all, troubles] = await Promise.all([list<Gateway>('/gateways'), gatewayTroubles()])
  return { all, troubled: new Map(troubles.map((incident) => [incident.scope.id, incident])) }
}

const isClock = ({ finding }: Incident) => finding === 'gateway/clock-ahead'

async function readOne(id: string) {
  const [gateway, quarantine] = await Promise.all([
    get<GatewayDetail>(`/gateways/${id}`),
    get<Page<QuarantineItem>>('/quarantine', { gatewayId: id, limit: 10 }),
  ])
  return { gateway, troubles: troublesOf(gateway.refusals, quarantine.items) }
}
