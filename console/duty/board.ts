import { computed, signal } from '@preact/signals'
import { localDate, shanghai, startOfDate } from '../../core/local-time.ts'
import { ApiProblem, get, list } from '../shared/api.ts'
import { localNow, serverNow } from '../shared/clock.ts'
import { followStream, link } from '../shared/live.ts'
import type { DutyEntry, OnDuty, Suppression, WorkOrder } from '../shared/wire.ts'
import { ranked } from './arrange.ts'
import { isOpen, mayDo } from './steps.ts'

/* The orders of the duty room as the service has them: read at the beginning and after each break, and each one anew when something
 * happened to it; read again and again where the service has no stream for this screen. */

/** Open ones, and for a moment those that ended. */
export const orders = signal<ReadonlyMap<string, WorkOrder>>(new Map())
/** What ended last while this screen was open, to be reopened; null = nothing. */
export const lastEnded = signal<WorkOrder | null>(null)
/** The list was read at least once. */
export const isLoaded = signal(false)
/** Why it could not be read, the last time. */
export const problem = signal<unknown>(null)
export const onDuty = signal<readonly OnDuty[]>([])
export const shelves = signal<readonly Suppression[]>([])
/** What shifts before left, and nobody has taken over; the newest first. */
export const handovers = signal<readonly DutyEntry[]>([])
/** Emergencies since midnight in Shanghai, also ended ones. */
export const today = signal<readonly WorkOrder[]>([])

export const openOrders = computed(() => ranked([...orders.value.values()].filter(isOpen)))

const endedShownMs = 6_000
const togetherMs = 40
const againMs = 1_000
const aroundMs = 60_000
/** Where no stream tells what happened. */
const withoutStreamMs = 5_000
/** More at once are read as a list. */
const oneByOne = 20

const changed = new Set<string>()
const endedAt = new Map<string, number>()
/** What was put while the list was being read: it is newer than the list. */
const putMeanwhile = new Set<string>()
let isListWanted = false
let isReading = false
/** Who follows now: what was asked for one before is nobody's any more. */
let follower: object | null = null

/** Starts to follow; the answer ends it, and forgets what was seen: the next one at this screen may be somebody else. */
export function followBoard(): () => void {
  follower = {}
  const stream = followStream({
    onBegin: readAll,
    onEvent({ type, subject }) {
      if (type.startsWith('handover.')) readHandovers().catch(() => {}) // the next look around asks again
      if (!type.startsWith('order.')) return
      changed.add(subject)
      read()
    },
  })
  readAll() // the stream may be long in coming
  const around = setInterval(readAround, aroundMs)
  const polling = setInterval(() => link.value.state === 'refused' && readAll(), withoutStreamMs)
  const sweeping = setInterval(sweep, againMs)
  return () => {
    stream.close()
    clearInterval(around)
    clearInterval(polling)
    clearInterval(sweeping)
    forgetAll()
  }
}

function readAll(): void {
  isListWanted = true
  read()
  readAround()
}

function forgetAll(): void {
  follower = null
  isListWanted = false
  for (const seen of [changed, endedAt, putMeanwhile]) seen.clear()
  orders.value = new Map()
  lastEnded.value = null
  for (const seen of [onDuty, shelves, today, handovers]) seen.value = []
  isLoaded.value = false
  problem.value = null
}

/** What the service answered about one order. */
export function put(order: WorkOrder): void {
  const known = orders.value.has(order.id)
  if (!isOpen(order) && !known) return
  if (isOpen(order)) endedAt.delete(order.id)
  else if (!endedAt.has(order.id)) {
    endedAt.set(order.id, localNow())
    if (mayDo('reopen', order)) lastEnded.value = order
  }
  putMeanwhile.add(order.id)
  orders.value = new Map(orders.value).set(order.id, order)
}

export async function readShelves(): Promise<void> {
  const whose = follower
  const listed = await list<Suppression>('/suppressions', { type: 'shelf', active: true })
  if (whose === follower) shelves.value = listed
}

export async function readHandovers(): Promise<void> {
  const whose = follower
  const listed = await list<DutyEntry>('/duty-log', { waiting: true })
  if (whose === follower) handovers.value = listed
}

/** One reading after another, so that nothing old ever comes after something newer. */
async function read(): Promise<void> {
  if (isReading) return
  isReading = true
  // what happens together is read together
  await new Promise((resolve) => setTimeout(resolve, togetherMs))
  while (isListWanted || changed.size > 0) {
    const ids = [...changed]
    changed.clear()
    if (isListWanted || ids.length > oneByOne) await readList()
    else await Promise.all(ids.map(readOne))
  }
  isReading = false
}

async function readList(): Promise<void> {
  const whose = follower
  isListWanted = false
  putMeanwhile.clear()
  try {
    const listed = await list<WorkOrder>('/work-orders', { state: 'open' })
    if (whose !== follower) return
    const newer = [...orders.value.values()].filter(({ id }) => putMeanwhile.has(id))
    orders.value = new Map([...listed, ...newer].map((order) => [order.id, order]))
    for (const id of endedAt.keys()) if (!orders.value.has(id)) endedAt.delete(id)
    isLoaded.value = true
    problem.value = null
  } catch (cause) {
    if (whose !== follower) return
    problem.value = cause
    again(() => {
      isListWanted = true
    })
  }
}

/** What was not answered is asked for again while the link holds; when it is back after a break, all is read anyway. */
function again(ask: () => void): void {
  const whose = follower
  if (link.value.state === 'lost') return
  setTimeout(() => {
    if (whose !== follower) return
    ask()
    read()
  }, againMs)
}

/** What is around the orders and has no events of its own. What could not be read, or is not theirs to see, stays as it was. */
async function readAround(): Promise<void> {
  const whose = follower
  const startOfToday = new Date(startOfDate(localDate(serverNow(), shanghai), shanghai)).toISOString()
  const readOnDuty = async () => {
    const { items } = await get<{ items: OnDuty[] }>('/on-duty')
    if (whose === follower) onDuty.value = items
  }
  const readToday = async () => {
    const ofType = (type: WorkOrder['type']) => list<WorkOrder>('/work-orders', { from: startOfToday, type })
    const listed = await Promise.all([ofType('emergency'), ofType('manual')])
    if (whose === follower) today.value = listed.flat()
  }
  await Promise.allSettled([readOnDuty(), readShelves(), readHandovers(), readToday()])
}

async function readOne(id: string): Promise<void> {
  const whose = follower
  try {
    const order = await get<WorkOrder>(`/work-orders/${id}`)
    if (whose === follower) put(order)
  } catch (cause) {
    if (whose !== follower) return
    // not theirs any more
    if (cause instanceof ApiProblem && cause.code === 'not-found') drop([id])
    else again(() => changed.add(id))
  }
}

/** Ended orders go after a while; a row that is held shows them as long as it is. */
function sweep(): void {
  const gone = [...endedAt].filter(([, at]) => localNow() - at > endedShownMs).map(([id]) => id)
  if (gone.length > 0) drop(gone)
}

function drop(ids: readonly string[]): void {
  const left = new Map(orders.value)
  for (const id of ids) {
    left.delete(id)
    endedAt.delete(id)
  }
  orders.value = left
}
