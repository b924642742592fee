import { computed, signal } from '@preact/signals'
import { localNow } from '../shared/clock.ts'
import { place, setQuery } from '../shared/router.ts'
import type { WorkOrder } from '../shared/wire.ts'
import { asking } from './action-bar.tsx'
import { type Arrangement, arranged, ranked } from './arrange.ts'
import { openOrders, orders } from './board.ts'
import { panel } from './panel.ts'
import { sitesOf } from './places.ts'
import { isOpen } from './steps.ts'
import { type Row, rowsOf } from './storms.ts'

/* Which orders are listed, in which place, and which one is selected. */

/** So long after the last sign of it, a hand is taken to have left the list. */
const heldMs = 4_000
/** So long after the last sign of anybody at this screen, what is the most urgent is on top and selected again. */
const restMs = 30_000
/** Longer than a finger needs that was on its way. */
const movedMs = 700

export const openStorms = signal<ReadonlySet<string>>(new Set())
/** The key of a row, as somebody chose it. */
const chosen = signal<string | null>(null)
const held = signal(false)
let heldTimer: ReturnType<typeof setTimeout> | undefined
let restTimer: ReturnType<typeof setTimeout> | undefined
let selectedBefore: string | null = null
let movedAt = 0

/** How often the list went back to its top by itself. */
export const rests = signal(0)
/** How often somebody asked for the selected row, wherever the list is. */
export const seeks = signal(0)
/** Rows of critical and urgent orders that can be seen now. */
const inSight = signal<ReadonlySet<string>>(new Set())

/** The site that the address filters by. */
export const siteFilter = computed(() => place.value.query.get('site'))

/** Also those that ended a moment ago. */
const wanted = computed(() => {
  const site = siteFilter.value
  const all = ranked(orders.value.values())
  return site === null ? all : all.filter((order) => isAt(order, site))
})

export const elsewhere = computed(() => {
  const site = siteFilter.value
  return site === null ? 0 : openOrders.value.filter((order) => !isAt(order, site)).length
})

const unseenCritical = computed(() =>
  openOrders.value.filter(({ severity, state }) => severity === 'critical' && state === 'raised'),
)

/** Critical orders that nobody has seen and nobody can: scrolled away, left out by the filter, or waiting for a hand to leave. */
export const hiddenCritical = computed(() => unseenCritical.value.filter(({ id }) => !inSight.value.has(id)))

const wantedRows = computed(() => rowsOf(wanted.value, openStorms.value))

let standing: Arrangement & { readonly filter: string | null; readonly storms: ReadonlySet<string> } = {
  ...{ shown: [], waiting: [], filter: null, storms: new Set() },
}

/** Rows in the places where they stand, and the orders that wait for a hand to leave. */
export const list = computed(() => {
  const rows = new Map(wantedRows.value.map((row) => [row.key, row]))
  const [filter, storms] = [siteFilter.value, openStorms.value]
  // who filters or opens a storm wants another list
  const isHeld = held.value && filter === standing.filter && storms === standing.storms
  standing = { ...arranged(standing.shown, [...rows.keys()], isHeld), filter, storms }
  return {
    rows: standing.shown.flatMap((key): Row[] => {
      const row = rows.get(key)
      const order = orders.value.get(key)
      return row ? [row] : order ? [{ type: 'order', key, order }] : []
    }),
    waiting: standing.waiting.flatMap((key) => rows.get(key) ?? []),
  }
})

/** Urgent orders of the list that nobody has acknowledged, further down than can be seen, with the key of their row. */
export const hiddenUrgent = computed(() =>
  list.value.rows
    .filter(({ key }) => !inSight.value.has(key))
    .flatMap((row) => ordersIn(row).map((order) => ({ key: row.key, order })))
    .filter(({ order }) => order.severity === 'urgent' && order.state === 'raised'),
)

/** The orders of a storm that is open have rows of their own. */
function ordersIn(row: Row): readonly WorkOrder[] {
  if (row.type === 'order') return [row.order]
  return row.isOpen ? [] : row.orders
}

export const selectedRow = computed<Row | null>(() => {
  const { rows } = list.value
  // what has ended stays for a moment, and is not what a key is meant for
  const open = rows.filter((row) => row.type === 'storm' || isOpen(row.order))
  return open.find(({ key }) => key === chosen.value) ?? open[0] ?? null
})

/** The order that keys act on; of a storm, nothing but "acknowledge all". */
export const selectedOrder = computed<WorkOrder | null>(() => {
  const row = selectedRow.value
  return row?.type === 'order' ? row.order : null
})

/** Somebody chooses a row. */
export function select(key: string): void {
  chosen.value = key
  selectedBefore = key
}

/**
 * Whether another order took the place of the selected one by itself a moment ago: a key that is pressed now was meant for
 * the one before. Follow `selectedRow` with `noteSelection`.
 */
export function justMoved(): boolean {
  return localNow() - movedAt < movedMs
}

export function noteSelection(key: string | null): void {
  if (key !== selectedBefore && selectedBefore !== null) movedAt = localNow()
  selectedBefore = key
}

/** @param by 1 = the next row, -1 = the one before */
export function move(by: 1 | -1): void {
  const { rows } = list.value
  const at = rows.findIndex(({ key }) => key === selectedRow.value?.key)
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))]
  if (next) select(next.key)
}

export function toggleStorm(key: string): void {
  const left = new Set(openStorms.value)
  if (!left.delete(key)) left.add(key)
  openStorms.value = left
}

/** A pointer or a key is on the list. */
export function hold(): void {
  clearTimeout(heldTimer)
  heldTimer = setTimeout(letGo, heldMs)
  // the row under the hand stays the selected one, whatever becomes the first
  if (chosen.value === null) chosen.value = selectedRow.value?.key ?? null
  held.value = true
}

export function letGo(): void {
  clearTimeout(heldTimer)
  held.value = false
}

/** Somebody is at this screen; without any sign of them the list goes back to its top. */
export function stay(): void {
  clearTimeout(restTimer)
  restTimer = setTimeout(rest, restMs)
}

function rest(): void {
  // they are asked something, and think
  if (asking.value !== null || panel.value !== null) {
    stay()
    return
  }
  letGo()
  chosen.value = null
  rests.value += 1
}

/** To one order, whatever hides it. */
export function goTo(order: WorkOrder): void {
  if (siteFilter.value !== null && !isAt(order, siteFilter.value)) filterBySite(null)
  goToRow(order.id)
}

export function goToRow(key: string): void {
  letGo()
  select(key)
  seeks.value += 1
}

/** @param keys rows of critical and urgent orders, as they were measured */
export function noteInSight(keys: ReadonlySet<string>): void {
  const before = inSight.peek()
  if (keys.size !== before.size || [...keys].some((key) => !before.has(key))) inSight.value = keys
}

export function filterBySite(id: string | null): void {
  setQuery({ site: id })
}

function isAt(order: WorkOrder, siteId: string): boolean {
  return order.siteId === siteId || sitesOf(order).some(({ id }) => id === siteId)
}
