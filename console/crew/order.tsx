import { useEffect } from 'preact/hooks'
import { callersOf } from '../../core/callers.ts'
import { now } from '../shared/clock.ts'
import { Aloud } from '../shared/components/aloud.tsx'
import { Names } from '../shared/components/names.tsx'
import { Preferences } from '../shared/components/preferences.tsx'
import { SeverityMark } from '../shared/components/severity.tsx'
import { clockText, countdown } from '../shared/countdown.ts'
import { titleOf } from '../shared/finding.ts'
import { language } from '../shared/language.ts'
import { place, setQuery } from '../shared/router.ts'
import { me } from '../shared/session.ts'
import { stateText } from '../shared/state-text.ts'
import { clockTime } from '../shared/time.ts'
import { words as sharedWords } from '../shared/words.ts'
import { Curve } from './curve.tsx'
import { follow, isUnpacked, orders, outbox, shutDoors } from './desk.ts'
import { Foot } from './foot.tsx'
import { install } from './install.ts'
import { atDoor, type Queued, waiting } from './outbox.ts'
import { phoneNow } from './phone-clock.ts'
import { reach } from './reach.ts'
import { Record } from './record.tsx'
import { Refusals } from './refusals.tsx'
import { Runbook } from './runbook.tsx'
import { isLive } from './shown.ts'
import { isJustScanned, isQrOf, nextOf, telOf, type Went, wentOf, withWaiting } from './steps.ts'
import { take } from './take.ts'
import { shortPlace, whyOf } from './tell.ts'
import { type Door, doorId, type KeptOrder, type ShownOrder } from './wire.ts'
import { words } from './words.ts'

const shapes = { calm: '', amber: '▲', red: '■', over: '■' } as const

/** One order in a hand: what and where, how long is left, one button. */
export function OrderPage({ door }: { readonly door: Door }) {
  const id = doorId(door)
  useEffect(() => {
    install()
    return follow(door)
  }, [id])
  const kept = orders.value.get(id)
  useEffect(() => arriveByCode(kept), [kept])
  const items = atDoor(outbox.value, door)
  if (kept === undefined) return <Missing id={id} items={items} />
  const order = withWaiting(kept, items)
  return (
    <div class="crew">
      <Aloud />
      <main class="crew-page">
        <Strip items={items} />
        <Top kept={kept} order={order} />
        <Calls kept={kept} order={order} />
        <Callers order={order} />
        <Why kept={kept} />
        <Runbook kept={kept} />
        <Facts kept={kept} />
        <Past kept={kept} />
        {kept.actions.includes('note') && <Record kept={kept} />}
        <p class="crew-end">
          <Preferences />
          {door.type === 'link' && (
            <a href={`/o/${encodeURIComponent(door.token)}?plain&lang=${language.value}`}>{words().plainPage}</a>
          )}
          <span class="muted">{words().number(order.id.slice(0, 8))}</span>
        </p>
      </main>
      <Foot kept={kept} order={order} items={items} />
    </div>
  )
}

/** They come from the page behind the code in the car, which their phone's camera has opened: that they are there is what it says. */
function arriveByCode(kept: KeptOrder | undefined): void {
  const scanned = place.value.query.get('arrived')
  if (kept === undefined || scanned === null) return
  // an address that the phone has kept, and opens again, is no arrival
  if (!isJustScanned(place.value.query.get('at'), Date.now())) {
    setQuery({ arrived: null, at: null })
    return
  }
  const waits = atDoor(outbox.value, kept.door)
  const next = nextOf(withWaiting(kept, waits), kept)
  if (next.type !== 'step' || next.step === 'accept') return // they may accept first
  setQuery({ arrived: null, at: null })
  if (next.step === 'arrive' && isQrOf(scanned, kept.order.deviceId)) take(kept, 'arrive', { by: 'qr', scanned })
}

function Missing({ id, items }: { readonly id: string; readonly items: readonly Queued[] }) {
  const say = words()
  const shut = shutDoors.value.get(id)
  const text =
    shut !== undefined
      ? [say.notYours, say.notYoursHint]
      : reach.value.state === 'offline' && isUnpacked.value
        ? [say.notKept, say.notKeptHint]
        : null
  return (
    <main class="crew-page crew-missing">
      <Strip items={items} />
      {text === null ? (
        <p class="muted">{sharedWords().loading}</p>
      ) : (
        <>
          <h1>{text[0]}</h1>
          <p>{text[1]}</p>
          <Refusals items={items} />
        </>
      )}
      <Preferences />
    </main>
  )
}

/** Says that there is no link, and what waits for one. */
function Strip({ items }: { readonly items: readonly Queued[] }) {
  const say = words()
  now.value // what can be taken back no longer waits for a link from then on
  const { state, heardAt } = reach.value
  const count = waiting(items).length
  const late = waiting(items).some(({ sendAt, tries }) => tries > 0 || sendAt < phoneNow() - 1_000)
  const since = heardAt === null ? say.offline : say.offlineSince(clockTime(heardAt, phoneNow()))
  const isSignedOut = me.value === null && waiting(items).some(({ door }) => door.type === 'session')
  const offline = `⚠ ${[since, ...(count > 0 ? [say.waitingToSend(count)] : [])].join(' · ')}`
  const isUrgent = isSignedOut || state === 'offline'
  const text = isSignedOut ? say.signInToSend : isUrgent ? offline : late ? say.waitingToSend(count) : null
  // there before it says anything, or it would not be heard
  return (
    <div role="status" class="crew-strip">
      {text !== null && <p class={`bar bar-${isUrgent ? 'urgent' : 'info'}`}>{text}</p>}
    </div>
  )
}

function Top({ kept, order }: { readonly kept: KeptOrder; readonly order: ShownOrder }) {
  return (
    <header class="crew-top">
      <SeverityMark of={order.severity} />
      <h1>
        <bdi>{titleOf(order)}</bdi>
      </h1>
      <p class="crew-place">
        <Names of={[shortPlace(kept.where), kept.deviceName ?? order.deviceId]} />
      </p>
      <Clock kept={kept} order={order} />
    </header>
  )
}

/** The time that is left, as long as somebody is to arrive; then how it went. */
function Clock({ kept, order }: { readonly kept: KeptOrder; readonly order: ShownOrder }) {
  const say = words()
  now.value // once a tick
  const at = phoneNow()
  const time = (iso: string) => clockTime(Date.parse(iso), at)
  const went = wentOf(kept, order)
  if (went !== null)
    return <p class={`crew-clock-said ${went.isRecorded ? '' : 'crew-unheard'}`}>{wentText(went, order)}</p>
  if (order.closedAt !== null || order.cancelledAt !== null) return null
  if (order.arriveBy === null) {
    return <p class="crew-clock-said">{order.dueAt === null ? say.noLimit : say.planned(time(order.dueAt))}</p>
  }
  const live = isLive(reach.value.state, kept.heardAt, at)
  const left = countdown(Date.parse(order.arriveBy), at)
  const shape = live ? shapes[left.tone] : ''
  return (
    <p class={`crew-clock countdown-${live ? left.tone : 'stale'}`}>
      <span class="crew-left" role="timer" data-live={live}>
        {shape !== '' && <span aria-hidden="true">{shape} </span>}
        {left.tone === 'over' && <small>{sharedWords().late} </small>}
        {left.text}
      </span>
      <span class="crew-limit-text">
        {say.onSiteBy(time(order.arriveBy))}
        {!live && <span class="crew-stale">{say.notLive(clockTime(kept.heardAt, at))}</span>}
      </span>
    </p>
  )
}

function wentText({ step, at, isRecorded, earlyMs }: Went, { arriveBy }: ShownOrder): string {
  const say = words()
  const time = (iso: string) => clockTime(Date.parse(iso), phoneNow())
  const said = step === 'restore' ? say.restoredAt(time(at)) : say.onSiteAt(time(at))
  if (!isRecorded) {
    const limit = step === 'arrive' && arriveBy !== null ? [say.onSiteBy(time(arriveBy))] : []
    return [`… ${said}`, say.unheard, ...limit].join(' · ')
  }
  const how =
    earlyMs === null
      ? []
      : [earlyMs >= 0 ? say.early(clockText(earlyMs / 1_000)) : say.late(clockText(-earlyMs / 1_000))]
  return [`✓ ${said}`, ...how].join(' · ')
}

function Calls({ kept, order }: { readonly kept: KeptOrder; readonly order: ShownOrder }) {
  const say = words()
  const known = kept.contacts.flatMap(({ phone, ...rest }) => (phone === null ? [] : [{ ...rest, phone }]))
  return (
    <nav class="crew-calls" aria-label={say.calls}>
      {known.map(({ role, name, phone }) => (
        <a
          key={`${role} ${phone}`}
          class="button"
          href={telOf(phone)}
          aria-label={`${say.roles[role]} ${name} ${phone}`}
        >
          <span aria-hidden="true">☎</span> {say.roles[role]}
        </a>
      ))}
      {order.passengerToldAt !== null && (
        <p class="muted">✓ {say.passengerTold(clockTime(Date.parse(order.passengerToldAt), phoneNow()))}</p>
      )}
    </nav>
  )
}

/** Whoever reported it, with what they said: they may be the one who waits there. */
function Callers({ order }: { readonly order: ShownOrder }) {
  const say = words()
  // what a phone kept of an older service has nobody
  const callers = callersOf(order.reportedBy ?? null)
  if (callers.length === 0) return null
  return (
    <section class="crew-section">
      <h2>{say.reportedBy}</h2>
      <ul class="crew-callers">
        {callers.map(({ name, phone, words: said }, index) => (
          <li key={index}>
            <bdi>{[name, said].filter(Boolean).join(': ')}</bdi>
            {phone !== undefined && (
              <a class="button" href={telOf(phone)}>
                <span aria-hidden="true">☎</span> {phone}
              </a>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Why({ kept }: { readonly kept: KeptOrder }) {
  const say = words()
  const why = whyOf(kept)
  return (
    <section class="crew-section">
      <h2>{say.why}</h2>
      <p>{[why, say.found(clockTime(Date.parse(kept.order.detectedAt), phoneNow()))].filter(Boolean).join(' · ')}</p>
      {kept.curve !== null && <Curve curve={kept.curve} />}
    </section>
  )
}

function Facts({ kept }: { readonly kept: KeptOrder }) {
  const say = words()
  const facts: readonly (readonly [string, string | null])[] = [
    [say.wayIn, kept.entrance],
    [say.plan, kept.emergencyPlan],
    [say.place, [kept.where, kept.order.deviceId].filter(Boolean).join(' · ') || null],
  ]
  return (
    <dl class="crew-section">
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ),
      )}
    </dl>
  )
}

function Past({ kept }: { readonly kept: KeptOrder }) {
  const say = words()
  if (kept.order.deviceId === null) return null
  return (
    <section class="crew-section">
      <h2>{say.lastOrders}</h2>
      {kept.lastOrders.length === 0 && <p class="muted">{say.noLastOrders}</p>}
      <ul class="crew-past">
        {kept.lastOrders.map((past) => (
          <li key={past.id}>
            <SeverityMark of={past.severity} shapeOnly /> <bdi>{titleOf(past)}</bdi>
            <span class="muted">
              {clockTime(Date.parse(past.detectedAt), phoneNow())} · {stateText(past)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
