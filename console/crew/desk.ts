import { signal } from '@preact/signals'
import { ApiProblem, newKey } from '../shared/api.ts'
import { localNow } from '../shared/clock.ts'
import { recall } from '../shared/memory.ts'
import { findMe, me } from '../shared/session.ts'
import { answerOf, readCurve, readOrder, readRunbook, sendAction, sendOnTheWayOut } from './door.ts'
import { forgetOrder, forgetQueued, isQueued, keepOrder, keepQueued, keptOrders, keptOutbox } from './keep.ts'
import { allToSend, answered, hurried, nextToSend, type Queued, type Said, triedNow, undo, undoMs } from './outbox.ts'
import { phoneNow } from './phone-clock.ts'
import { heard, lose, reach, unanswered, whenBack } from './reach.ts'
import { withWaiting } from './steps.ts'
import { type CrewAction, type Door, doorId, type KeptOrder } from './wire.ts'

/* The phone's copy of orders and what waits to be sent, as signals; reading, sending and keeping them. */

export const orders = signal<ReadonlyMap<string, KeptOrder>>(new Map())
export const outbox = signal<readonly Queued[]>([])
/** Why the door does not open: the link is void, the order is not theirs. */
export const shutDoors = signal<ReadonlyMap<string, ApiProblem>>(new Map())
/** What was kept is there. */
export const isUnpacked = signal(false)

const readEveryMs = 5_000
const tickMs = 500
/** A copy that was not read anew for two days is of no use, and names people. */
const keptForMs = 48 * 3_600_000

let unpacking: Promise<void> | undefined

/** Once: reads what is kept and begins to send what waits. */
export function startDesk(): Promise<void> {
  unpacking ??= unpack()
  return unpacking
}

async function unpack(): Promise<void> {
  // before anything is waited for: something may be done, and the page closed, before what is kept was read
  addEventListener('pagehide', leave)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && leave())
  const [kept, waiting] = await Promise.all([keptOrders().catch(() => []), keptOutbox().catch(() => [])])
  const old = kept.filter(({ heardAt }) => heardAt < phoneNow() - keptForMs)
  for (const { id } of old) forgetOrder(id).catch(ignore)
  orders.value = new Map([
    ...kept.filter((one) => !old.includes(one)).map((one) => [one.id, one] as const),
    ...orders.value,
  ])
  outbox.value = [...waiting.filter(({ key }) => outbox.value.every((item) => item.key !== key)), ...outbox.value]
  const heardAt = Math.max(...kept.map((one) => one.heardAt))
  if (reach.value.heardAt === null && kept.length > 0) reach.value = { ...reach.value, heardAt }
  isUnpacked.value = true
  setInterval(sendDue, tickMs)
  whenBack(() => {
    outbox.value = triedNow(outbox.value, phoneNow())
    sendDue()
  })
  addEventListener('offline', lose)
  me.subscribe((who) => {
    if (who !== undefined) forgetOthers(who?.accountId ?? null)
  })
}

/** Reads one order now and every few seconds, while the page is seen, until the answered function is called. */
export function follow(door: Door): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let reading = false
  let isWanted = false
  async function read(): Promise<void> {
    clearTimeout(timer)
    isWanted = true
    if (reading) return
    reading = true
    while (isWanted && !stopped) {
      isWanted = false
      if (document.visibilityState === 'visible') await refresh(door)
    }
    reading = false
    if (!stopped) timer = setTimeout(read, readEveryMs)
  }
  startDesk()
  read() // not after what is kept: the newest is wanted first
  const forgetBack = whenBack(read)
  document.addEventListener('visibilitychange', read)
  return () => {
    stopped = true
    clearTimeout(timer)
    forgetBack()
    document.removeEventListener('visibilitychange', read)
  }
}

/** Never throws: what comes of it, the signals tell. */
export async function refresh(door: Door): Promise<void> {
  const id = doorId(door)
  const before = settled
  const askedAt = localNow()
  try {
    if (door.type === 'session' && me.value === undefined) await findMe()
    const read = await readOrder(door, me.value ?? null)
    heard()
    // asked before, answered after something was done: it would take the button back
    if (before !== settled) return await refresh(door)
    const { curve = null, runbook } = orders.value.get(id) ?? {}
    const kept: KeptOrder = { ...read, id, door, heardAt: phoneNow(), curve, runbook }
    put(kept)
    if (isCurveOld(curve)) {
      const read24h = await readCurve(door, read, phoneNow())
      put({ ...(orders.value.get(id) ?? kept), curve: read24h })
    }
    // it is for the crew that has the order
    if (read.actions.length > 0 && runbook?.finding !== read.order.finding) {
      const page = await readRunbook(door, read)
      put({ ...(orders.value.get(id) ?? kept), runbook: page })
    }
  } catch (cause) {
    if (!(cause instanceof ApiProblem)) return unanswered(askedAt)
    heard()
    if (answerOf(cause).type === 'refused') {
      shutDoors.value = new Map(shutDoors.value).set(id, cause)
      forget(id)
    }
  }
}

/** Notes what was done now. It is sent when it cannot be taken back any more. */
export function enqueue(kept: KeptOrder, action: CrewAction, said: Said = {}): Queued {
  const now = phoneNow()
  const item: Queued = {
    ...{ key: newKey(), door: kept.door, orderId: kept.order.id, action, said, tries: 0, refused: null },
    // never before what was done before it, whatever became of the clock
    doneAt: Math.max(now, ...outbox.value.map(({ doneAt }) => doneAt + 1)),
    offline: reach.value.state === 'offline',
    ...{ setAt: now, sendAt: now + undoMs },
  }
  outbox.value = [...outbox.value, item]
  keep(item)
  return item
}

/** Says more about what is not sent yet. */
export function addTo(key: string, said: Said): void {
  change(
    outbox.value.map((item) =>
      item.key === key && item.tries === 0 ? { ...item, said: { ...item.said, ...said } } : item,
    ),
  )
}

export function takeBack(key: string): void {
  change(undo(outbox.value, key, phoneNow()))
}

/** Somebody has read why it was refused. */
export function putAway(key: string): void {
  change(outbox.value.filter((item) => item.key !== key || item.refused === null))
}

function change(items: readonly Queued[]): void {
  const before = outbox.value
  outbox.value = items
  for (const item of before) if (!items.some(({ key }) => key === item.key)) forgetQueued(item.key).catch(ignore)
  for (const item of items) if (!before.includes(item)) keep(item)
}

/** What the phone had no room for: it lives as long as the page. */
const unkept = new Set<string>()

function keep(item: Queued): void {
  keepQueued(item).catch(() => unkept.add(item.key))
}

/** Taken back in another window meanwhile, or sent by it. */
async function isGone({ key }: Queued): Promise<boolean> {
  return !unkept.has(key) && !(await isQueued(key).catch(() => true))
}

/** So many were done since the page was opened. */
let settled = 0
let sending = false

async function sendDue(): Promise<void> {
  if (sending) return
  sending = true
  try {
    const shut = foreignDoors()
    for (;;) {
      const item = nextToSend(outbox.value, phoneNow(), shut)
      if (item === undefined) return
      if (await isGone(item)) {
        change(outbox.value.filter(({ key }) => key !== item.key))
        continue
      }
      const askedAt = localNow()
      const answer = await sendAction(item)
      if (answer.type === 'done') settle(item)
      change(answered(outbox.value, item.key, answer, phoneNow()))
      if (answer.type === 'none') return unanswered(askedAt)
      heard()
      if (answer.type === 'done' || answer.type === 'refused') refresh(item.door)
    }
  } finally {
    sending = false
  }
}

/** It has happened, before the order is read anew: the button must not go back to what was just done. */
function settle(item: Queued): void {
  settled += 1
  const kept = orders.value.get(doorId(item.door))
  if (kept !== undefined) put({ ...kept, order: withWaiting(kept, [item]) })
}

/** What somebody did under their name is sent under no other one. */
function foreignDoors(): Set<string> {
  const accountId = me.value?.accountId ?? null
  const foreign = outbox.value.filter(({ door }) => door.type === 'session' && door.accountId !== accountId)
  return new Set(foreign.map(({ door }) => doorId(door)))
}

/** The page is hidden or closed: what waits for a change of mind goes now, also when nobody is left to read the answer. */
function leave(): void {
  change(hurried(outbox.value, phoneNow()))
  if (!navigator.onLine) return // nothing can leave now: it is kept, and goes when the link is back
  // also what is being sent: that ends with the page, and by its key it is done once
  for (const item of allToSend(outbox.value, phoneNow(), foreignDoors())) if (isOurs(item.door)) sendOnTheWayOut(item)
}

/** There is no time to ask who is signed in; another window of this browser has written it down. */
function isOurs(door: Door): boolean {
  return door.type === 'link' || (recall('crewAccount') ?? door.accountId) === door.accountId
}

function put(kept: KeptOrder): void {
  orders.value = new Map(orders.value).set(kept.id, kept)
  keepOrder(kept).catch(ignore)
}

function forget(id: string): void {
  const left = new Map(orders.value)
  left.delete(id)
  orders.value = left
  forgetOrder(id).catch(ignore)
}

/** On a phone that others use, too, nobody reads what the last one was sent to. */
function forgetOthers(accountId: string | null): void {
  for (const { id, door } of orders.value.values()) {
    if (door.type === 'session' && door.accountId !== accountId) forget(id)
  }
}

/** A curve has a point each 5 minutes. */
function isCurveOld(curve: KeptOrder['curve']): boolean {
  const last = curve?.times.at(-1)
  return last === undefined || last * 1_000 < phoneNow() - 2 * 300_000
}

/** A phone that keeps nothing still works while the page is open. */
function ignore(): void {}
