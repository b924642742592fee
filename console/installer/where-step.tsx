import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { type SiteType, siteTypes } from '../../core/site.ts'
import { get, post } from '../shared/api.ts'
import { Around } from '../shared/components/around.tsx'
import { Button } from '../shared/components/button.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { Field } from '../shared/components/field.tsx'
import { Select } from '../shared/components/select.tsx'
import { siteAround } from '../shared/site-around.ts'
import { siteTypeNames } from '../shared/site-words.ts'
import type { Page, Site } from '../shared/wire.ts'
import { FactsForm } from './facts-form.tsx'
import { IdField } from './id-field.tsx'
import { kinds } from './kinds.ts'
import {
  chooseSite,
  device,
  deviceId,
  deviceKind,
  deviceName,
  doing,
  isId,
  problem,
  site,
  sitePath,
  there,
} from './setup.ts'
import type { NewSite } from './wire.ts'
import { words } from './words.ts'

/** Site, device, facts. */
export function WhereStep() {
  const say = words()
  return (
    <>
      <h3>{say.site}</h3>
      {site.value === null ? <SiteSearch /> : <ChosenSite />}
      <h3>{say.theDevice}</h3>
      <DeviceFields />
    </>
  )
}

function ChosenSite() {
  const say = words()
  return (
    <div class="chosen">
      <p>
        <span class="unseen">{say.chosenSite}: </span>
        <strong>{sitePath.value.join(' ▸ ')}</strong>
      </p>
      <Button look="link" onClick={() => chooseSite(null)}>
        {say.otherSite}
      </Button>
      <AddSite parent={site.value} />
    </div>
  )
}

const searchAfterMs = 250
const sitesAtOnce = 20

function SiteSearch() {
  const say = words()
  const text = useSignal('')
  const found = useSignal<Page<Site> | null>(null)
  const around = useMemo(() => siteAround((path) => get(path)), [])
  const written = text.value.trim().slice(0, 100)
  const read = (cursor: string | null) =>
    doing(async () => {
      const query = { limit: sitesAtOnce, ...(written !== '' && { text: written }), ...(cursor !== null && { cursor }) }
      const { items, nextCursor } = await get<Page<Site>>('/sites', query)
      // what is written may be something else by now
      if (text.peek().trim().slice(0, 100) !== written) return
      const before = cursor === null ? [] : (found.value?.items ?? [])
      found.value = { items: [...before, ...items], nextCursor }
    })
  useEffect(() => {
    const timer = setTimeout(() => read(null), searchAfterMs)
    return () => clearTimeout(timer)
  }, [written])
  const cursor = found.value?.nextCursor ?? null
  return (
    <>
      <Field label={say.siteSearch} value={text} type="search" />
      {found.value?.items.length === 0 && <EmptyState title={say.noSites} hint={say.noSitesHint} />}
      <ul class="choices">
        {found.value?.items.map(({ id, name, type, address, parentId }) => (
          <li key={id}>
            <Button onClick={() => chooseSite(id)} class="choice">
              <strong>
                {(type === 'building' || type === 'unit') && <Around id={parentId} around={around} />}
                {name}
              </strong>
              <span class="muted">
                {siteTypeNames()[type]} · {id}
                {address !== null && ` · ${address}`}
              </span>
            </Button>
          </li>
        ))}
      </ul>
      {cursor !== null && (
        <p class="more">
          {say.firstSites(found.value?.items.length ?? 0)} <Button onClick={() => read(cursor)}>{say.moreSites}</Button>
        </p>
      )}
      <AddSite parent={null} />
    </>
  )
}

/** A site that is not there yet, inside of the chosen one; it is chosen then. */
function AddSite({ parent }: { readonly parent: Site | null }) {
  const say = words()
  // of a higher type only
  const types = siteTypes.slice(parent === null ? 0 : siteTypes.indexOf(parent.type) + 1)
  const [id, name, type] = [useSignal(''), useSignal(''), useSignal<string>('building')]
  if (types.length === 0) return null
  const chosenType = types.find((one) => one === type.value) ?? (types[0] as SiteType)

  async function add(event: Event): Promise<void> {
    event.preventDefault()
    const made: NewSite = { id: id.value, name: name.value, type: chosenType, parentId: parent?.id ?? null }
    if (await doing(() => post('/sites', made))) await chooseSite(made.id)
  }

  return (
    <details class="add">
      <summary>{parent === null ? say.addSite : say.addSiteIn(parent.name)}</summary>
      <form onSubmit={add} class="fields" autocapitalize="none">
        <Select label={say.siteType} value={chosenType} onChange={(one) => (type.value = one)}>
          {types.map((one) => (
            <option key={one} value={one}>
              {siteTypeNames()[one]}
            </option>
          ))}
        </Select>
        <Field label={say.siteName} value={name} required />
        <Field label={say.siteId} value={id} required />
        <p class="muted">{say.idHint}</p>
        <Button type="submit" disabled={!isId(id.value) || name.value.trim() === ''}>
          {say.add}
        </Button>
      </form>
    </details>
  )
}

function DeviceFields() {
  const say = words()
  const known = there(device.value)
  return (
    <div class="fields">
      <IdField label={say.deviceId} value={deviceId} />
      {device.value === 'new' && (
        <>
          <Select label={say.deviceKind} value={deviceKind.value} onChange={(kind) => (deviceKind.value = kind)}>
            {Object.keys(kinds).map((kind) => (
              <option key={kind} value={kind}>
                {kindName(kind)}
              </option>
            ))}
          </Select>
          <Field label={say.deviceName} value={deviceName} />
          <p class="muted">{say.newDevice}</p>
        </>
      )}
      {known !== null && (
        <>
          <p>
            <span class="good">✓</span> {kindName(known.kind)} {known.name !== null && <strong>{known.name}</strong>}{' '}
            <span class="muted">{say.knownDevice(known.gatewayId)}</span>
          </p>
          <FactsForm key={known.id} device={known} onProblem={problem} />
        </>
      )}
    </div>
  )
}

/** As people call it; a kind that is new here by its id. */
export function kindName(kind: string): string {
  const names: Readonly<Record<string, string>> = words().kinds
  return Object.hasOwn(names, kind) ? (names[kind] ?? kind) : kind
}
