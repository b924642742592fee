import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ApiProblem } from '../shared/api.ts'
import { localNow, now } from '../shared/clock.ts'
import { Bar } from '../shared/components/bar.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { Field } from '../shared/components/field.tsx'
import { Names } from '../shared/components/names.tsx'
import { Preferences } from '../shared/components/preferences.tsx'
import { SeverityMark } from '../shared/components/severity.tsx'
import { countdown } from '../shared/countdown.ts'
import { titleOf } from '../shared/finding.ts'
import { base } from '../shared/router.ts'
import { findMe, me } from '../shared/session.ts'
import { isSought } from '../shared/sought.ts'
import { progressText } from '../shared/state-text.ts'
import { clockTime } from '../shared/time.ts'
import { words as sharedWords } from '../shared/words.ts'
import { orders, outbox, refresh, startDesk } from './desk.ts'
import { readMine } from './door.ts'
import { Earlier } from './earlier.tsx'
import { install } from './install.ts'
import { atDoor, waiting } from './outbox.ts'
import { phoneNow } from './phone-clock.ts'
import { heard, reach, unanswered, whenBack } from './reach.ts'
import { Refusals } from './refusals.tsx'
import { isLive, type ReadList, type Row, readerId, rowsOf } from './shown.ts'
import { shortPlace } from './tell.ts'
import { type Door, doorId } from './wire.ts'
import { words } from './words.ts'

const readEveryMs = 10_000
/** As many are read whole, to be there without a link. */
const readWhole = 10

/** The open orders of my crew; where there is no link or nobody signed in, those that this phone has. */
export function ListPage() {
  const say = words()
  const mine = useSignal<ReadList | null>(null)
  const sought = useSignal('')
  useEffect(() => {
    install()
    startDesk()
    const read = () => readList().then((read) => (mine.value = read ?? mine.value))
    read()
    const timer = setInterval(() => document.visibilityState === 'visible' && read(), readEveryMs)
    const forgetBack = whenBack(read)
    return () => {
      clearInterval(timer)
      forgetBack()
    }
  }, [me.value])
  const all = rowsOf(mine.value, orders.value.values(), readerId())
  const text = sought.value.trim()
  const rows = all.filter((row) => isSought(text, [titleOf(row.order), ...placeOf(row), row.order.id]))
  const { state, heardAt } = reach.value
  const count = waiting(outbox.value).length
  return (
    <main class="crew-page">
      {state === 'offline' && (
        <Bar tone="urgent">
          ⚠ {heardAt === null ? say.offline : say.offlineSince(clockTime(heardAt, phoneNow()))}
          {count > 0 && ` · ${say.waitingToSend(count)}`}
        </Bar>
      )}
      <header class="crew-list-top">
        <h1>{say.myOrders}</h1>
        <Preferences />
      </header>
      {me.value === null && (
        <p class="crew-section">
          <a class="button" href={`${base}/sign-in?next=${encodeURIComponent('/crew')}`}>
            {say.signIn}
          </a>
          <span class="muted">{say.signInHint}</span>
        </p>
      )}
      {me.value !== null && (
        <search class="crew-search">
          <Field label={say.search} value={sought} type="search" maxLength={100} />
        </search>
      )}
      {all.length === 0 && me.value != null && mine.value !== null && (
        <EmptyState title={say.noOrders} hint={say.noOrdersHint} />
      )}
      <Refusals items={outbox.value} />
      <ul class="crew-list">
        {rows.map((row) => (
          <li key={doorId(row.door)}>
            <a class="card" href={`${base}${pathOf(row.door)}`}>
              <SeverityMark of={row.order.severity} />
              <strong>
                <bdi>{titleOf(row.order)}</bdi>
              </strong>
              <span>
                <Names of={placeOf(row)} />
              </span>
              <Left row={row} />
              <Unsent row={row} />
            </a>
          </li>
        ))}
      </ul>
      {text !== '' && me.value != null && <Earlier text={text} listed={new Set(rows.map(({ order }) => order.id))} />}
    </main>
  )
}

function Left({ row: { order, heardAt } }: { readonly row: Row }) {
  const shared = sharedWords()
  now.value // once a tick
  const state = <span class="muted">{progressText(order)}</span>
  if (order.arriveBy === null || order.arrivedAt !== null) return state
  const at = phoneNow()
  const { tone, text } = countdown(Date.parse(order.arriveBy), at)
  const live = isLive(reach.value.state, heardAt, at)
  return (
    <span class="crew-list-left">
      <span class={`countdown countdown-${live ? tone : 'stale'}`} role="timer">
        {tone === 'over' && shared.late} {text}
      </span>
      {!live && <span class="crew-stale">{words().notLive(clockTime(heardAt, at))}</span>}
      {state}
    </span>
  )
}

/** What was done about it and is not recorded yet: its state above knows nothing of it. */
function Unsent({ row: { door } }: { readonly row: Row }) {
  const say = words()
  const items = waiting(atDoor(outbox.value, door))
  if (items.length === 0) return null
  const done = items.map(({ action, doneAt }) => `${say.done[action]} ${clockTime(doneAt, phoneNow())}`)
  return (
    <span class="crew-unsent">
      … {say.unsent}: <Names of={done} />
    </span>
  )
}

async function readList(): Promise<ReadList | null> {
  const askedAt = localNow()
  try {
    if (me.value === undefined) await findMe()
    const who = me.value
    if (!who || who.accountId === null) return null
    const { accountId } = who
    const mine = await readMine(who)
    const heardAt = phoneNow()
    for (const { id } of mine.slice(0, readWhole)) {
      const door: Door = { type: 'session', accountId, orderId: id }
      if (!orders.value.has(doorId(door))) await refresh(door)
    }
    heard()
    return { accountId, orders: mine, heardAt }
  } catch (cause) {
    if (!(cause instanceof ApiProblem)) unanswered(askedAt)
    return null
  }
}

function placeOf({ door, order }: Row): (string | null)[] {
  const kept = orders.value.get(doorId(door))
  if (kept === undefined) return [order.deviceId ?? order.siteId]
  return [shortPlace(kept.where), kept.deviceName ?? order.deviceId]
}

function pathOf(door: Door): string {
  return door.type === 'link' ? `/o/${encodeURIComponent(door.token)}` : `/crew/${encodeURIComponent(door.orderId)}`
}
