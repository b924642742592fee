import { useSignal } from '@preact/signals'
import { CopyButton } from '../../installer/copy-button.tsx'
import { GatewayKeys } from '../../installer/gateway-keys.tsx'
import { Tail } from '../../installer/tail.tsx'
import { troublesOf } from '../../installer/trouble.ts'
import type { Gateway, GatewayDetail, QuarantineItem, RotatedCredentials } from '../../installer/wire.ts'
import { MappingEditor } from '../../mapping/editor.tsx'
import { get, list, post, request } from '../../shared/api.ts'
import { now } from '../../shared/clock.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState, Undone, useDoing } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import { base, place, setQuery } from '../../shared/router.ts'
import { timeText } from '../../shared/time.ts'
import type { Incident, Page } from '../../shared/wire.ts'
import { Filter } from '../filter.tsx'
import { OpenButton } from '../open-button.tsx'
import type { About } from '../wire.ts'
import { words } from '../words.ts'
import { gatewayTroubles } from './gateway-troubles.ts'
import { gatewayWords } from './gateway-words.ts'

const everyMs = 10_000

const states = ['all', 'trouble', 'offline', 'revoked'] as const
type State = (typeof states)[number]

interface Gateways {
  readonly all: readonly Gateway[]
  /** Open incidents of gateways, by the gateway: it is silent, or its clock is ahead. */
  readonly troubled: ReadonlyMap<string, Incident>
  readonly about: About
}

/** Every gateway and whether it is heard of; one opens below its line. */
export function GatewaysView() {
  const say = gatewayWords()
  const { loaded, again } = useLoaded(read, { everyMs })
  const { query } = place.value
  const opened = query.get('gateway')
  const state = states.find((one) => one === query.get('state')) ?? 'all'
  const { all = [], troubled = new Map<string, Incident>(), about } = loaded.value.value ?? {}
  const wanted = (query.get('q') ?? '').trim().toLowerCase()
  const fits = ({ id, name }: Gateway) => `${id} ${name ?? ''}`.toLowerCase().includes(wanted)
  const shown = byTrouble(
    all.filter((one) => fits(one) && isIn(state, one, troubled)),
    troubled,
  )
  return (
    <>
      <p>
        <a href={`${base}/install`}>{say.addGateway}</a>
      </p>
      {about !== undefined && <Door about={about} />}
      <LoadState of={loaded.value} />
      {all.length > 0 && (
        <div class="row">
          <Filter label={words().filter} />
          {states.map((one) => (
            <Button key={one} pressed={state === one} onClick={() => setQuery({ state: one === 'all' ? null : one })}>
              {say.states[one]} {all.filter((gateway) => isIn(one, gateway, troubled)).length}
            </Button>
          ))}
        </div>
      )}
      {loaded.value.value !== null && all.length === 0 && (
        <EmptyState title={say.noGateways} hint={say.noGatewaysHint} />
      )}
      {all.length > 0 && shown.length === 0 && <EmptyState title={words().noneFits} hint={words().noneFitsHint} />}
      <ul class="rows">
        {shown.map((gateway) => (
          <li key={gateway.id} class="card">
            <div class="line">
              <span>
                <strong>{gateway.id}</strong> {gateway.name}
              </span>
              <Connection gateway={gateway} />
              <Trouble gateway={gateway} trouble={troubled.get(gateway.id)} />
              <LastHour gateway={gateway} />
              <OpenButton
                name={gateway.id}
                isOpen={opened === gateway.id}
                onTurn={() => setQuery({ gateway: opened === gateway.id ? null : gateway.id })}
              />
            </div>
            {opened === gateway.id && <OneGateway id={gateway.id} onChange={again} />}
          </li>
        ))}
      </ul>
    </>
  )
}

function isIn(state: State, gateway: Gateway, troubled: Gateways['troubled']): boolean {
  const { id, revokedAt, liveness } = gateway
  if (state === 'all') return true
  if (state === 'revoked' || revokedAt !== null) return state === 'revoked' && revokedAt !== null
  return state === 'offline' ? !liveness.connected : troubled.has(id) || isClockOff(liveness.clockAheadMs)
}

/** What to enter into a gateway. */
function Door({ about: { mqtt } }: { readonly about: About }) {
  const say = gatewayWords()
  const address = `${mqtt.host}:${mqtt.port}`
  return (
    <p class="row muted">
      {say.doorAt} <code>{address}</code> <CopyButton text={address} what={say.doorAt} />
      {mqtt.tlsPort === null ? `○ ${say.doorNoTls}` : say.doorTls(mqtt.tlsPort)}
    </p>
  )
}

/** Trouble first, revoked ones last, else by id. */
function byTrouble(gateways: readonly Gateway[], troubled: ReadonlyMap<string, Incident>): Gateway[] {
  const rank = ({ id, revokedAt }: Gateway) => (revokedAt !== null ? 2 : troubled.has(id) ? 0 : 1)
  return [...gateways].sort((one, other) => rank(one) - rank(other))
}

function Connection({ gateway: { revokedAt, liveness } }: { readonly gateway: Gateway }) {
  const say = gatewayWords()
  const { connected, lastMessageAt } = liveness
  if (revokedAt !== null) return <span class="muted">✕ {say.revoked(timeText(Date.parse(revokedAt), now.value))}</span>
  const last = lastMessageAt === null ? say.neverHeard : say.lastMessage(timeText(Date.parse(lastMessageAt), now.value))
  return (
    <span>
      <span class={connected ? 'good' : 'muted'}>
        {connected ? '●' : '○'} {connected ? say.connected : say.notConnected}
      </span>{' '}
      <span class="muted">{last}</span>
    </span>
  )
}

function Trouble({ gateway, trouble }: { readonly gateway: Gateway; readonly trouble: Incident | undefined }) {
  const say = gatewayWords()
  const { clockAheadMs } = gateway.liveness
  if (gateway.revokedAt !== null) return <span />
  return (
    <span>
      {trouble !== undefined && (
        <span class="caution">
          ▲ {(isClock(trouble) ? say.clockAhead : say.silentSince)(
            timeText(Date.parse(trouble.occurredAt), now.value),
          )}{' '}
        </span>
      )}
      {clockAheadMs !== null && (
        <span class={isClockOff(clockAheadMs) ? 'caution' : 'muted'}>{clockText(clockAheadMs)}</span>
      )}
    </span>
  )
}

function clockText(aheadMs: number): string {
  const say = gatewayWords()
  if (!isClockOff(aheadMs)) return say.clockRight
  const seconds = Math.round(Math.abs(aheadMs) / 1_000)
  const amount =
    seconds < 120
      ? `${seconds} s`
      : seconds < 7_200
        ? `${Math.round(seconds / 60)} min`
        : `${(seconds / 3_600).toFixed(1)} h`
  return `▲ ${say.clock(amount, aheadMs > 0 ? say.clockSides.ahead : say.clockSides.behind)}`
}

function LastHour({ gateway: { liveness } }: { readonly gateway: Gateway }) {
  const say = gatewayWords()
  const { messages, refusals, wrongPasswords } = liveness
  const text = (count: number) => count.toLocaleString('en')
  return (
    <span class={refusals > 0 ? 'caution' : 'muted'}>
      {say.hour(text(messages), text(refusals))}
      {wrongPasswords > 0 && <strong class="caution"> ▲ {say.wrongPasswords(text(wrongPasswords))}</strong>}
    </span>
  )
}

function OneGateway({ id, onChange }: { readonly id: string; readonly onChange: () => Promise<void> }) {
  const say = gatewayWords()
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
            {say.devices(one.gateway.devices)} · {say.added} {timeText(Date.parse(one.gateway.createdAt), now.value)}
            {one.gateway.autoRegister !== null && ` · ${say.autoRegister(one.gateway.autoRegister)}`}
            {one.gateway.siteId != null && ` · ${say.site} ${one.gateway.siteId}`} ·{' '}
            <a href={`${base}/install?gateway=${id}`}>{say.toWizard}</a>
          </p>
          {one.gateway.revokedAt === null && <GatewayKeys gateway={one.gateway} rotate={rotate} revoke={revoke} />}
          <Undone doing={doing} />
          {secret.value !== null && (
            <p class="row caution">
              ▲ {say.newPassword} <code>{secret.value.password}</code>
              <CopyButton text={secret.value.password} what={say.newPassword} />
            </p>
          )}
          {one.gateway.revokedAt === null && <MappingEditor gatewayId={id} />}
          <Tail at={{ gatewayId: id, deviceId: '<device>' }} troubles={one.troubles} />
        </>
      )}
    </div>
  )
}

async function read(): Promise<Gateways> {
  const [all, troubles, about] = await Promise.all([
    list<Gateway>('/gateways'),
    gatewayTroubles(),
    get<About>('/service'),
  ])
  return { all, troubled: new Map(troubles.map((incident) => [incident.scope.id, incident])), about }
}

/** With the time on the way in it, less is none. Unverified default. */
const clockOffMs = 30_000
const isClockOff = (aheadMs: number | null) => aheadMs !== null && Math.abs(aheadMs) >= clockOffMs
const isClock = ({ finding }: Incident) => finding === 'gateway/clock-ahead'

async function readOne(id: string) {
  const [gateway, quarantine] = await Promise.all([
    get<GatewayDetail>(`/gateways/${id}`),
    get<Page<QuarantineItem>>('/quarantine', { gatewayId: id, limit: 10 }),
  ])
  return { gateway, troubles: troublesOf(gateway.refusals, quarantine.items) }
}
