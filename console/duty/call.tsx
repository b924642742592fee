import { type Signal, useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { get } from '../shared/api.ts'
import { Button } from '../shared/components/button.tsx'
import { Dialog } from '../shared/components/dialog.tsx'
import { Field } from '../shared/components/field.tsx'
import { SearchBox } from '../shared/components/search-box.tsx'
import { titleOf } from '../shared/finding.ts'
import { useLoaded } from '../shared/loaded.ts'
import { problemText } from '../shared/problem-text.ts'
import type { Device, NewWorkOrder, Page, Site, WorkOrder } from '../shared/wire.ts'
import { openByHand } from './act.ts'
import { Choice } from './asking.tsx'
import { orders } from './board.ts'
import { find, type Hit } from './find.ts'
import { NamedDevice, NamedSite } from './named.tsx'
import { createOnce } from './once.ts'
import { closePanel } from './panel.ts'
import { need, needAround, whereText } from './places.ts'
import { useDraft } from './use-draft.ts'
import { goTo } from './view.ts'
import { words } from './words.ts'

type Place = { readonly type: 'device'; readonly device: Device } | { readonly type: 'site'; readonly site: Site }

/** A person is on the phone: where it is, what they say, and an order, or the one that is under way for it. */
export function Call() {
  const say = words()
  const place = useSignal<Place | null>(null)
  const joined = useSignal<WorkOrder | null>(null)
  return (
    <Dialog title={say.call} onClose={closePanel}>
      {joined.value !== null ? (
        <Joined order={joined.value} />
      ) : place.value === null ? (
        <Where place={place} />
      ) : (
        <What place={place.value} changePlace={() => (place.value = null)} joined={joined} />
      )}
    </Dialog>
  )
}

function Where({ place }: { readonly place: Signal<Place | null> }) {
  const say = words()
  const site = useSignal<Site | null>(null)
  if (site.value !== null) return <WhichDevice site={site.value} place={place} />
  return (
    <div class="form">
      <SearchBox<Exclude<Hit, { kind: 'order' }>>
        words={say.callWhere}
        find={async (text, signal) => {
          const { hits, problem } = await find(text, [], (path, query) => get(path, query, signal))
          needAround(hits)
          return { hits: hits.flatMap((hit) => (hit.kind === 'order' ? [] : [hit])), problem }
        }}
        keyOf={(hit) => `${hit.kind} ${hit.kind === 'device' ? hit.device.id : hit.site.id}`}
        choose={(hit) => {
          if (hit.kind === 'device') place.value = { type: 'device', device: hit.device }
          else site.value = hit.site
        }}
        show={(hit) => (hit.kind === 'device' ? <NamedDevice device={hit.device} /> : <NamedSite site={hit.site} />)}
      />
    </div>
  )
}

/** So many can be read through while somebody is on the phone. */
const devicesShown = 40

/** Who calls knows the house; which of its elevators it is, they can tell of a few. */
function WhichDevice({ site, place }: { readonly site: Site; readonly place: Signal<Place | null> }) {
  const say = words()
  const { value: found, problem } = useLoaded(() => devicesAt(site), { keys: [site.id] }).loaded.value
  return (
    <div class="form">
      <p>{say.whichDevice}</p>
      {found === null && problem === null && <p role="status">{say.readingDevices}</p>}
      {problem !== null && (
        <p class="wrong" role="alert">
          ■ {problemText(problem)}
        </p>
      )}
      <div class="choices">
        {found?.items.map((device) => (
          <Button key={device.id} onClick={() => (place.value = { type: 'device', device })}>
            <NamedDevice device={device} />
          </Button>
        ))}
        <Button onClick={() => (place.value = { type: 'site', site })}>
          {say.placeItself} <NamedSite site={site} />
        </Button>
      </div>
      {found?.isMore && <p class="muted">{say.moreDevices}</p>}
    </div>
  )
}

/** Elevators first: somebody may be in one. */
async function devicesAt({ id }: Site) {
  const at = (more: { readonly kind?: string }) =>
    get<Page<Device>>('/devices', { siteId: id, limit: devicesShown, ...more })
  const [elevators, all] = await Promise.all([at({ kind: 'elevator' }), at({})])
  const others = all.items.filter((device) => !isElevator(device))
  const items = [...elevators.items, ...others].slice(0, devicesShown)
  return { items, isMore: elevators.nextCursor !== null || all.nextCursor !== null }
}

const answers = ['yes', 'no', 'unknown'] as const
const urgencies = ['critical', 'urgent', 'warning'] as const

interface WhatProps {
  readonly place: Place
  readonly changePlace: () => void
  readonly joined: Signal<WorkOrder | null>
}

function What({ place, changePlace, joined }: WhatProps) {
  const say = words()
  const once = useMemo(createOnce, [])
  const draft = useDraft('call')
  const [name, phone] = [useSignal(''), useSignal('')]
  const inside = useSignal<(typeof answers)[number] | null>(null)
  const severity = useSignal<(typeof urgencies)[number]>('urgent')
  const asksInside = place.type === 'site' || isElevator(place.device)
  const isReady = draft.text.value.trim() !== '' && (!asksInside || inside.value !== null)
  const submit = async (event: Event) => {
    event.preventDefault()
    const told: NewWorkOrder = {
      ...(place.type === 'device' ? { deviceId: place.device.id } : { siteId: place.site.id }),
      summary: draft.text.value.trim(),
      severity: inside.value === 'yes' ? 'critical' : severity.value,
      ...(asksInside && inside.value !== null && { peopleInside: inside.value }),
      ...callerOf(name.value.trim(), phone.value.trim()),
    }
    const known = new Set(orders.peek().keys())
    await once.do(told, async (key) => {
      const order = await openByHand(told, key)
      draft.sent(told.summary)
      need(order)
      if (known.has(order.id)) joined.value = order
      else show(order)
    })
  }
  return (
    <form class="form" onSubmit={submit}>
      <p>
        {place.type === 'device' ? <NamedDevice device={place.device} /> : <NamedSite site={place.site} />}{' '}
        <Button look="link" onClick={changePlace}>
          {say.otherPlace}
        </Button>
      </p>
      {asksInside && <Choice name={say.peopleInside} options={answers} texts={say.insideAnswers} value={inside} />}
      <Field label={say.whatTheySay} value={draft.text} rows={3} required maxLength={2_000} />
      {inside.value !== 'yes' && (
        <Choice name={say.howUrgent} options={urgencies} texts={say.urgencies} value={severity} />
      )}
      <Field label={say.callerName} value={name} maxLength={100} />
      <Field label={say.callerPhone} value={phone} maxLength={50} />
      {once.problem.value !== null && (
        <p class="wrong" role="alert">
          ■ {problemText(once.problem.value)}
        </p>
      )}
      <Button type="submit" look="main" disabled={!isReady || once.isBusy.value}>
        {say.openOrder}
      </Button>
    </form>
  )
}

/** Somebody is on the way already: who called is told so, while they are on the phone. */
function Joined({ order }: { readonly order: WorkOrder }) {
  const say = words()
  return (
    <div class="form">
      <p role="status">
        ✓ {say.joinedOrder} <strong>{titleOf(order)}</strong> {whereText(order)}
      </p>
      <Button look="main" onClick={() => show(order)}>
        {say.showOrder}
      </Button>
    </div>
  )
}

function show(order: WorkOrder): void {
  closePanel()
  goTo(order)
}

function callerOf(name: string, phone: string): Pick<NewWorkOrder, 'reportedBy'> {
  if (name === '' && phone === '') return {}
  return { reportedBy: { ...(name !== '' && { name }), ...(phone !== '' && { phone }) } }
}

const isElevator = ({ kind }: Device) => kind === 'elevator'
