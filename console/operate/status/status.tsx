import { ApiProblem, list, send } from '../../shared/api.ts'
import { serverNow } from '../../shared/clock.ts'
import { LoadState } from '../../shared/components/doing.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import { isOperatorOfAll } from '../../shared/roles.ts'
import { base } from '../../shared/router.ts'
import { me } from '../../shared/session.ts'
import { clockSeconds } from '../../shared/time.ts'
import { gatewayTroubles } from '../gateways/gateway-troubles.ts'
import type { Channel, Check } from '../wire.ts'
import { words } from '../words.ts'
import { checkName, checkText } from './check-text.ts'
import { heartbeatName, heartbeatOf } from './heartbeat.ts'
import { figure, figuresBy, type Sample, samplesIn } from './metrics.ts'
import { reasonText } from './reason-words.ts'
import { statusWords } from './status-words.ts'

const everyMs = 5_000

interface Status {
  readonly checks: readonly Check[]
  readonly version: string
  readonly samples: readonly Sample[]
  readonly at: number
  readonly around: readonly Around[]
}

/** What is well or not outside of the process itself. */
interface Around {
  readonly view: 'gateways' | 'channels'
  readonly isWell: boolean
  /** In the language of the page at the time. */
  readonly text: () => string
}

/** Whether everything works, in words; below it what passed through. */
export function StatusView() {
  const say = statusWords()
  const { loaded } = useLoaded(read, { everyMs })
  const status = loaded.value.value
  const lines = status === null ? [] : linesOf(status)
  return (
    <>
      <LoadState of={loaded.value} />
      {status !== null && (
        <>
          <Verdict lines={lines} />
          <p class="muted">
            {say.asOf} {clockSeconds(status.at)} · {say.version} {status.version}
          </p>
          <ul class="checks">
            {lines.map((line) => (
              <CheckLine key={line.key} line={line} />
            ))}
          </ul>
          <Figures samples={status.samples} />
        </>
      )}
    </>
  )
}

/** The worst first; what is not set is for its operator to choose. */
const states = ['fails', 'look', 'works', 'off'] as const
const looks = { fails: 'wrong', look: 'caution', works: 'good', off: 'muted' } as const
const shapes = { fails: '■', look: '▲', works: '●', off: '○' } as const

interface Line {
  readonly key: string
  readonly state: (typeof states)[number]
  readonly name: string
  readonly text: string
  /** Where it is mended. */
  readonly view: Around['view'] | null
}

/** The worst first. */
function linesOf({ checks, around, at }: Status): Line[] {
  const say = words()
  const lines = [
    ...checks
      .filter(({ name }) => name !== heartbeatName)
      .map(({ name, ok, text }): Line => {
        const state = ok ? 'works' : 'fails'
        return { key: name, state, name: checkName(name), text: checkText(text), view: null }
      }),
    { key: heartbeatName, name: checkName(heartbeatName), ...heartbeatOf(checks, at), view: null },
    ...around.map(({ view, isWell, text }): Line => {
      return { key: `view ${view}`, state: isWell ? 'works' : 'look', name: say.views[view], text: text(), view }
    }),
  ]
  return lines.sort((one, other) => states.indexOf(one.state) - states.indexOf(other.state))
}

function Verdict({ lines }: { readonly lines: readonly Line[] }) {
  const say = statusWords()
  const state = lines[0]?.state ?? 'works'
  const count = lines.filter((line) => line.state === state).length
  const well = () => say.allWell
  const text = { fails: say.notWell, look: say.someLook, works: well, off: well }[state](count)
  return (
    <p class={`verdict ${looks[state]}`} role="status">
      {shapes[state]} {text}
    </p>
  )
}

function CheckLine({ line: { state, name, text, view } }: { readonly line: Line }) {
  return (
    <li class="card check">
      <span class={looks[state]}>
        <span aria-hidden="true">{shapes[state]}</span> {statusWords()[state]}
      </span>
      {view === null ? <strong>{name}</strong> : <a href={`${base}/operate?view=${view}`}>{name}</a>}
      <span>{text}</span>
    </li>
  )
}

const figures = {
  connections: 'liftwatt_mqtt_connections',
  accepted: 'liftwatt_messages_accepted_total',
  devices: 'liftwatt_devices_seen',
  written: 'liftwatt_readings_written_total',
  pending: 'liftwatt_journal_pending_bytes',
  overdue: 'liftwatt_deadlines_overdue_unescalated',
} as const

function Figures({ samples }: { readonly samples: readonly Sample[] }) {
  const say = statusWords()
  return (
    <section aria-label={say.figures}>
      <h2>{say.figures}</h2>
      <dl class="figures">
        {(Object.keys(figures) as (keyof typeof figures)[]).map((name) => (
          <div key={name}>
            <dt>{say.figure[name]}</dt>
            <dd>{figure(samples, figures[name])?.toLocaleString('en') ?? '—'}</dd>
          </div>
        ))}
      </dl>
      <By title={say.refusedBy} counts={figuresBy(samples, 'liftwatt_refused_total', 'reason')} />
      <By title={say.quarantinedBy} counts={figuresBy(samples, 'liftwatt_quarantined_total', 'reason')} />
    </section>
  )
}

function By({ title, counts }: { readonly title: string; readonly counts: readonly [string, number][] }) {
  return (
    <p>
      {title}:{' '}
      {counts.length === 0 ? (
        <span class="muted">{statusWords().nothing}</span>
      ) : (
        counts.map(([reason, count]) => (
          <span key={reason} class="count" title={reason}>
            {reasonText(reason)} {count}
          </span>
        ))
      )}
    </p>
  )
}

async function read(): Promise<Status> {
  const mayAll = isOperatorOfAll(me.value?.memberships ?? [])
  const [ready, alive, metrics, ...around] = await Promise.all([
    textOf('/readyz'),
    textOf('/healthz'),
    textOf('/metrics'),
    ...[readGateways, ...(mayAll ? [readChannels] : [])].map((one) => one().catch(() => null)),
  ])
  const { checks } = JSON.parse(ready) as { readonly checks: readonly Check[] }
  const { version } = JSON.parse(alive) as { readonly version: string }
  return { checks, version, samples: samplesIn(metrics), at: serverNow(), around: around.filter((one) => one !== null) }
}

async function readGateways(): Promise<Around> {
  const { length } = await gatewayTroubles()
  return {
    view: 'gateways',
    isWell: length === 0,
    text: () => (length === 0 ? statusWords().gatewaysWell : statusWords().gatewaysTroubled(length)),
  }
}

async function readChannels(): Promise<Around> {
  const channels = (await list<Channel>('/channels')).filter(({ enabled }) => enabled)
  const dead = channels.reduce((sum, { state }) => sum + state.dead, 0)
  const text = () => (dead > 0 ? statusWords().channelsDead(dead) : statusWords().channelsWell(channels.length))
  return {
    view: 'channels',
    isWell: channels.length > 0 && dead === 0,
    text: channels.length === 0 ? () => statusWords().channelsNone : text,
  }
}

/** Also of a 503: it says what is wrong. */
async function textOf(path: string): Promise<string> {
  const response = await send('GET', path)
  const text = await response.text()
  if (response.ok || (path === '/readyz' && response.status === 503)) return text
  const { status } = response
  throw new ApiProblem({ code: 'unavailable', status, detail: `HTTP ${status}` })
}
