import { computed, signal } from '@preact/signals'
import { localDate, shanghai, startOfDate } from '../../core/local-time.ts'
import { ApiProblem, get, list } from '../shared/api.ts'
import { localNow, serverNow } from '../shared/clock.ts'
import { followStream, link } from '../shared/live.ts'
import type { OnDuty, Suppression, WorkOrder } from '../shared/wire.ts'
import { ranked } from './arrange.ts'
import { isOpen } from './steps.ts'

/* The orders of the duty room as the service has them: read at the beginning and after each break, and each one anew when something
 * happened to it. */

/** Open ones, and for a moment those that ended. */
export const orders = signal<ReadonlyMap<string, WorkOrder>>(new Map())
/** The list was read at least once. */
export const isLoaded = signal(false)
/** Why it could not be read, the last time. */
export const problem = signal<unknown>(null)
export const onDuty = signal<readonly OnDuty[]>([])
export const shelves = signal<readonly Suppression[]>([])
/** Emergencies since midnight in Shanghai, also ended ones. */
export const today = signal<readonly WorkOrder[]>([])

export const openOrders = computed(() => ranked([...orders.value.values()].filter(isOpen)))

const endedShownMs = 6_000
const togetherMs = 40
const againMs = 1_000
const aroundMs = 60_000
/** More at once are read as a list. */
const oneByOne = 20

const changed = new Set<string>()
const endedAt = new Map<string, number>()
let isReading = false

/** Starts to follow; the answer ends it. */
export function followBoard(): () => void {
  const stream = followStream({
    onBegin() {
      readAll()
      readAround()
    },
    onEvent({ type, subject }) {
      if (type.startsWith('order.')) readSoon(subject)
    },
  })
  const around = setInterval(readAround, aroundMs)
  const sweeping = setInterval(sweep, againMs)
  return () => {
    stream.close()
    clearInterval(around)
    clearInterval(sweeping)
  }
}

/** What the service answered about one order. */
export function put(order: WorkOrder): void {
  const known = orders.value.has(order.id)
  if (!isOpen(order) && !known) return
  if (isOpen(order)) endedAt.delete(order.id)
  else if (!endedAt.has(order.id)) endedAt.set(order.id, localNow())
  orders.value = new Map(orders.value).set(order.id, order)
}

export async function readShelves(): Promise<void> {
  shelves.value = await list<Suppression>('/suppressions', { type: 'shelf', active: true })
}

async function readAll(): Promise<void> {
  try {
    const read = await list<WorkOrder>('/work-orders', { state: 'open' })
    orders.value = new Map(read.map((order) => [order.id, order]))
    endedAt.clear()
    isLoaded.value = true
    problem.value = null
  } catch (cause) {
    problem.value = cause
    if (link.value.state === 'live') setTimeout(readAll, againMs)
  }
}

/** What is around the orders and has no events of its own. What could not be read, or is not theirs to see, stays as it was. */
async function readAround(): Promise<void> {
  const startOfToday = new Date(startOfDate(localDate(serverNow(), shanghai), shanghai)).toISOString()
  const readOnDuty = async () => {
    onDuty.value = (await get<{ items: OnDuty[] }>('/on-duty')).items
  }
  const readToday = async () => {
    today.value = await list<WorkOrder>('/work-orders', { from: startOfToday, type: 'emergency' })
  }
  await Promise.allSettled([readOnDuty(), readShelves(), readToday()])
}

function readSoon(id: string): void {
  changed.add(id)
  if (isReading) return
  isReading = true
  setTimeout(readChanged, togetherMs)
}

async function readChanged(): Promise<void> {
  while (changed.size > 0) {
    const ids = [...changed]
    changed.clear()
    if (ids.length > oneByOne) await readAll()
    else await Promise.all(ids.map(readOne))
  }
  isReading = false
}

async function readOne(id: string): Promise<void> {
  try {
    put(await get<WorkOrder>(`/work-orders/${id}`))
  } catch (cause) {
    // not theirs any more; what was not answered is asked for again while the link holds, else all is read when it is back
    if (cause instanceof ApiProblem && cause.code === 'not-found') drop([id])
    else if (link.value.state === 'live') setTimeout(readSoon, againMs, id)
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
