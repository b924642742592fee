import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import './list.css'
import { get, list } from '../shared/api.ts'
import { Bar } from '../shared/components/bar.tsx'
import { Button } from '../shared/components/button.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { Keys } from '../shared/components/keys.tsx'
import { Moment } from '../shared/components/moment.tsx'
import { Names } from '../shared/components/names.tsx'
import { Preferences } from '../shared/components/preferences.tsx'
import { SeverityMark } from '../shared/components/severity.tsx'
import { titleOf } from '../shared/finding.ts'
import type { PageProps } from '../shared/page-props.ts'
import { problemText } from '../shared/problem-text.ts'
import { base, place, setQuery } from '../shared/router.ts'
import { hasRole } from '../shared/session.ts'
import type { Incident, Page as ListPage, ListedDevice as WireDevice } from '../shared/wire.ts'
import { words as sharedWords } from '../shared/words.ts'
import { kindName } from './header.tsx'
import { type DeviceFilter, type ListedDevice, listed, rowsOf } from './list.ts'
import { readSites } from './read.ts'
import { watcherRoles } from './roles.ts'
import { words } from './words.ts'

const pageSize = 1_000
/** More are not searched here: a browser is no database. */
const mostDevices = 20_000
const shownAtOnce = 100

/** All devices that the reader sees, with what is the matter; each filter is in the address. */
export function Page(_: PageProps) {
  const { query } = place.value
  const filter: DeviceFilter = {
    ...{ text: query.get('q') ?? '', kind: query.get('kind'), state: stateOf(query.get('state')) },
  }
  const gateway = query.get('gateway')
  const { rows, isReading, isCut, problem, again } = useDevices(gateway)
  const [most, setMost] = useState(shownAtOnce)
  const [say, common] = [words(), sharedWords()]
  const found = useMemo(() => listed(rows, filter), [rows, filter.text, filter.kind, filter.state])
  useEffect(() => {
    document.title = `${say.devices} · Liftwatt`
  }, [say.devices])
  return (
    <div class="device-list">
      <header class="device-header">
        <div class="device-name">
          <a href={`${base}/`}>Liftwatt</a>
          <h1>{say.devices}</h1>
        </div>
        <Preferences />
      </header>
      <main class="device-main">
        <Filters filter={filter} kinds={[...new Set(rows.map(({ device }) => device.kind))]} gateway={gateway} />
        {problem !== null && (
          <Bar tone="urgent">
            {problemText(problem)} <Button onClick={again}>{common.tryAgain}</Button>
          </Bar>
        )}
        <p class="muted" role="status">
          {rows.length === 0 && (isReading || problem !== null)
            ? isReading
              ? common.loading
              : common.noData
            : say.shownOf(found.length, rows.length)}
          {isCut && ` · ${say.tooMany(mostDevices)}`}
        </p>
        {!isReading && problem === null && rows.length === 0 && (
          <EmptyState title={say.noDevices} hint={say.noDevicesHint} />
        )}
        {!isReading && rows.length > 0 && found.length === 0 && (
          <EmptyState title={say.noneMatch} hint={say.noneMatchHint} />
        )}
        <ul class="device-rows">
          {found.slice(0, most).map((row) => (
            <Row key={row.device.id} row={row} />
          ))}
        </ul>
        {found.length > most && <Button onClick={() => setMost(most + shownAtOnce)}>{say.showMore}</Button>}
      </main>
    </div>
  )
}

const stateOf = (asked: string | null) => (asked === 'found' || asked === 'never' ? asked : null)

interface FiltersProps {
  readonly filter: DeviceFilter
  readonly kinds: readonly string[]
  readonly gateway: string | null
}

function Filters({ filter, kinds, gateway }: FiltersProps) {
  const say = words()
  const search = useRef<HTMLInputElement>(null)
  const isFiltered = filter.text !== '' || filter.kind !== null || filter.state !== null || gateway !== null
  return (
    <search class="device-filters">
      <label class="field">
        <span>{say.search}</span>
        <input
          ref={search}
          type="search"
          value={filter.text}
          onInput={({ currentTarget }) => setQuery({ q: currentTarget.value === '' ? null : currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>{say.kind}</span>
        <select
          value={filter.kind ?? ''}
          onChange={({ currentTarget }) => setQuery({ kind: currentTarget.value === '' ? null : currentTarget.value })}
        >
          <option value="">{say.everyKind}</option>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {kindName(kind)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{say.state}</span>
        <select
          value={filter.state ?? ''}
          onChange={({ currentTarget }) => setQuery({ state: currentTarget.value === '' ? null : currentTarget.value })}
        >
          <option value="">{say.everyState}</option>
          <option value="found">{say.onlyFound}</option>
          <option value="never">{say.neverHeard}</option>
        </select>
      </label>
      {isFiltered && (
        <Button onClick={() => setQuery({ q: null, kind: null, state: null, gateway: null })}>
          {say.clearFilters}
          {gateway !== null && ` (${say.gateway} ${gateway})`}
        </Button>
      )}
      <Keys acts={{ '/': () => search.current?.focus() }} rows={[['/', sharedWords().keysFind]]} />
    </search>
  )
}

function Row({ row: { device, place: where, open } }: { readonly row: ListedDevice }) {
  const say = words()
  const worst = open?.[0]
  const isNeverHeard = device.lastHeardAt === null
  return (
    <li>
      <a href={`${base}/devices/${encodeURIComponent(device.id)}`} class="device-row">
        <strong>
          <bdi>{device.name ?? device.id}</bdi>
        </strong>
        <span class="muted">{where.length === 0 ? say.noPlace : <Names of={where} between=" › " />}</span>
        <span class="muted">
          {kindName(device.kind)} · {device.id}
        </span>
        <span>
          {open !== null && worst !== undefined && (
            <div>
              <SeverityMark of={worst.severity} /> <bdi>{titleOf(worst)}</bdi>
              {open.length > 1 && <span class="muted"> +{open.length - 1}</span>}
            </div>
          )}
          {isNeverHeard ? (
            <span class="device-unheard">
              ○ {say.neverHeard} · {say.knownSince} <Moment at={device.createdAt} />
            </span>
          ) : (
            open?.length === 0 && <span class="muted">{say.noOpenFinding}</span>
          )}
        </span>
      </a>
    </li>
  )
}

function useDevices(gateway: string | null) {
  const [rows, setRows] = useState<readonly ListedDevice[]>([])
  const [isReading, setReading] = useState(true)
  const [isCut, setCut] = useState(false)
  const [problem, setProblem] = useState<unknown>(null)
  const [round, setRound] = useState(0)
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    setReading(true)
    readRows(gateway, signal, (read, isAll) => {
      if (signal.aborted) return
      setRows(read)
      setCut(!isAll && read.length >= mostDevices)
      setReading(!isAll && read.length < mostDevices)
      setProblem(null)
    }).catch((cause: unknown) => {
      if (signal.aborted) return
      setProblem(cause)
      setReading(false)
    })
    return () => controller.abort()
  }, [gateway, round])
  return { rows, isReading, isCut, problem, again: () => setRound(round + 1) }
}

/** Page by page, so that the first ones are there at once. Findings and places are left out where they are not for the reader. */
async function readRows(
  gatewayId: string | null,
  signal: AbortSignal,
  onRead: (rows: readonly ListedDevice[], isAll: boolean) => void,
): Promise<void> {
  const [sites, open] = await Promise.all([readSites().catch(() => new Map()), openIncidents().catch(() => null)])
  const devices: WireDevice[] = []
  let cursor: string | null = null
  do {
    const asked = {
      limit: pageSize,
      lastHeard: true,
      ...(gatewayId !== null && { gatewayId }),
      ...(cursor !== null && { cursor }),
    }
    const page: ListPage<WireDevice> = await get<ListPage<WireDevice>>('/devices', asked, signal)
    devices.push(...page.items)
    cursor = page.nextCursor
    onRead(rowsOf(devices, sites, open), cursor === null)
  } while (cursor !== null && devices.length < mostDevices)
}

async function openIncidents(): Promise<Incident[] | null> {
  if (!hasRole(watcherRoles)) return null
  const read = (state: Incident['state']) => list<Incident>('/incidents', { state })
  return (await Promise.all([read('open'), read('unknown')])).flat()
}
