import { type ReadonlySignal, type Signal, useSignal } from '@preact/signals'
import { Fragment } from 'preact'
import { useMemo } from 'preact/hooks'
import { withoutDirections } from '../../core/plain-text.ts'
import { serverNow } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { Dialog } from '../shared/components/dialog.tsx'
import { Field } from '../shared/components/field.tsx'
import { Moment } from '../shared/components/moment.tsx'
import { SeverityMark } from '../shared/components/severity.tsx'
import { titleOf } from '../shared/finding.ts'
import { problemText } from '../shared/problem-text.ts'
import { dispatchRoles } from '../shared/roles.ts'
import { hasRole, me } from '../shared/session.ts'
import { progressText } from '../shared/state-text.ts'
import { clockTime } from '../shared/time.ts'
import type { DutyEntry, WorkOrder } from '../shared/wire.ts'
import { takeOver, writeInLog } from './act.ts'
import { Choice } from './asking.tsx'
import { handovers, isLoaded, onDuty, openOrders, shelves, today } from './board.ts'
import { isEmergency } from './figures.ts'
import { createOnce } from './once.ts'
import { closePanel } from './panel.ts'
import { placeName, sites, teamName, whereText } from './places.ts'
import { useDraft } from './use-draft.ts'
import { words } from './words.ts'

const hourMs = 3_600_000
const logHours = [12, 24, 168] as const

/** What the shift before left, what the next one must know, and the log as a file. */
export function Handover() {
  const say = words()
  const mayWrite = hasRole(dispatchRoles)
  return (
    <Dialog title={say.handoverTitle} onClose={closePanel}>
      <div class="form handover">
        {handovers.value.map((entry) => (
          <Waiting key={entry.id} entry={entry} mayTake={mayWrite} />
        ))}
        {mayWrite && <Write />}
        <Open />
        <Files />
      </div>
    </Dialog>
  )
}

/** It stays on the screen until somebody says, with their name, that they know it. */
function Waiting({ entry, mayTake }: { readonly entry: DutyEntry; readonly mayTake: boolean }) {
  const say = words()
  const name = useSignal('')
  const { isBusy, problem, do: once } = useMemo(createOnce, [])
  const submit = (event: Event) => {
    event.preventDefault()
    const taken = { name: name.value.trim() }
    once(taken, (key) => takeOver(entry.id, taken.name, key))
  }
  return (
    <form class="handover-waiting" onSubmit={submit}>
      <p>
        <strong>
          <bdi>{entry.name}</bdi>
        </strong>{' '}
        · <Moment at={entry.at} />
        {entry.siteId !== null && ` · ${placeName(entry.siteId)}`}
      </p>
      <p class="handover-text">{entry.text}</p>
      {mayTake && (
        <div class="handover-sign">
          <Name value={name} label={say.takenBy} />
          <Button type="submit" look="main" disabled={name.value.trim() === ''} busy={isBusy.value}>
            {say.takeOver}
          </Button>
        </div>
      )}
      <Problem of={problem} />
    </form>
  )
}

function Write() {
  const say = words()
  const draft = useDraft('handover')
  const signed = useDraft('handover-name')
  const name = signed.text
  const places = ownSites()
  const place = useSignal(places[0] ?? '')
  const { isBusy, problem, do: once } = useMemo(createOnce, [])
  const told = useSignal<string | null>(null)
  const isEmpty = draft.text.value.trim() === '' || name.value.trim() === ''
  const write = async (type: DutyEntry['type'], saying: string) => {
    const said = { type, text: draft.text.value.trim(), name: name.value.trim() }
    const entry = { ...said, ...(place.value !== '' && { siteId: place.value }) }
    told.value = null
    if (!(await once(entry, (key) => writeInLog(entry, key)))) return
    draft.sent(said.text)
    signed.sent(said.name) // the next shift may have the same account
    told.value = saying
  }
  return (
    <section class="form">
      <Field label={say.handoverNote} value={draft.text} rows={3} />
      {places.length > 1 && (
        <Choice
          name={say.about}
          options={places}
          texts={Object.fromEntries(places.map((id) => [id, placeName(id)]))}
          value={place}
        />
      )}
      <div class="handover-sign">
        <Name value={name} label={say.writtenBy} />
        <Button look="main" disabled={isEmpty} busy={isBusy.value} onClick={() => write('handover', say.handedOver)}>
          {say.handOver}
        </Button>
        <Button disabled={isEmpty} busy={isBusy.value} onClick={() => write('note', say.noted)}>
          {say.writeNote}
        </Button>
      </div>
      <p role="status">{told.value}</p>
      <Problem of={problem} />
    </section>
  )
}

/** Written, or one of who is on watch now: one account may be a whole shift's. */
function Name({ value, label }: { readonly value: Signal<string>; readonly label: string }) {
  const watching = onDuty.value.filter(({ type }) => type === 'duty-room').flatMap(({ members }) => members)
  return (
    <>
      <Field label={label} value={value} />
      {watching.slice(0, mostNames).map(({ id, name }) => (
        <Button key={id} pressed={value.value === name} onClick={() => (value.value = name)}>
          {name}
        </Button>
      ))}
    </>
  )
}
const mostNames = 6

function Problem({ of }: { readonly of: ReadonlySignal<unknown> }) {
  if (of.value === null) return null
  return (
    <p class="wrong" role="alert">
      ■ {problemText(of.value)}
    </p>
  )
}

/** The sites that they answer for, when one of several must be named: else the service knows. */
function ownSites(): readonly string[] {
  const held = (me.value?.memberships ?? []).filter(({ role }) => dispatchRoles.includes(role))
  const ids = held.flatMap(({ scope }) => ('sites' in scope ? [scope.sites] : []))
  return ids.some((some) => some.length === 0) ? [] : [...new Set(ids.flat())].filter((id) => sites.value.has(id))
}

/** What is open now, to be read aloud, printed or copied. */
function Open() {
  const say = words()
  const told = useSignal<string | null>(null)
  const open = openOrders.value
  const copy = async () => {
    await navigator.clipboard.writeText(open.map((order) => partsOf(order).join(' · ')).join('\n'))
    told.value = say.copied
  }
  return (
    <section class="form">
      <h3>
        {say.openCount}: {isLoaded.value ? open.length : '—'} · {say.endedToday(today.value.filter(isEmergency).length)}{' '}
        · {say.shelved(shelves.value.length)}
      </h3>
      <ul class="handover-list">
        {open.map((order) => (
          <li key={order.id}>
            <SeverityMark of={order.severity} shapeOnly />{' '}
            {partsOf(order).map((part, index) => (
              <Fragment key={index}>
                {index > 0 && ' · '}
                <bdi>{part}</bdi>
              </Fragment>
            ))}
          </li>
        ))}
      </ul>
      <div class="choices">
        {/* the clipboard is there with TLS only */}
        {navigator.clipboard !== undefined && <Button onClick={copy}>{say.copy}</Button>}
        <Button onClick={() => print()}>{say.print}</Button>
        <span role="status">{told.value}</span>
      </div>
    </section>
  )
}

/** Of the order's line; a text of before may hold what would turn the rest around. */
function partsOf(order: WorkOrder): string[] {
  const { teamId, technicianName, detectedAt } = order
  const who = [teamName(teamId), technicianName].filter(Boolean).join(' ') || words().unassigned
  const parts = [titleOf(order), whereText(order), progressText(order), who, clockTime(Date.parse(detectedAt), 0)]
  return parts.filter(Boolean).map(withoutDirections)
}

function Files() {
  const say = words()
  return (
    <section class="form handover-files">
      <h3>{say.dutyLog}</h3>
      <div class="choices">
        {logHours.map((hours) => (
          <a key={hours} class="button" href={pathOf('duty-log/export?', hours)} download>
            {say.logHours(hours)}
          </a>
        ))}
      </div>
      <h3>{say.orderRecord}</h3>
      <div class="choices">
        {logHours.map((hours) => (
          <a key={hours} class="button" href={pathOf('work-orders/export?format=csv&', hours)} download>
            {say.logHours(hours)}
          </a>
        ))}
      </div>
    </section>
  )
}

function pathOf(what: string, hours: number): string {
  const from = new Date(serverNow() - hours * hourMs).toISOString()
  return `/api/v1/${what}from=${encodeURIComponent(from)}`
}
