import { useComputed } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { Button } from '../shared/components/button.tsx'
import { Countdown } from '../shared/components/countdown.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { Names } from '../shared/components/names.tsx'
import { SeverityMark, shapes } from '../shared/components/severity.tsx'
import { titleOf } from '../shared/finding.ts'
import { dispatchRoles } from '../shared/roles.ts'
import { hasRole } from '../shared/session.ts'
import type { WorkOrder } from '../shared/wire.ts'
import { words as sharedWords } from '../shared/words.ts'
import { act } from './act.ts'
import { isLoaded, problem } from './board.ts'
import { OrderRow } from './order-row.tsx'
import { placeName, sitesOf, whereText } from './places.ts'
import { type Row, stormTitle } from './storms.ts'
import {
  elsewhere,
  filterBySite,
  goTo,
  goToRow,
  hiddenCritical,
  hiddenUrgent,
  hold,
  letGo,
  list,
  noteInSight,
  noteSelection,
  rests,
  seeks,
  select,
  selectedRow,
  siteFilter,
  stay,
  toggleStorm,
} from './view.ts'
import { words } from './words.ts'

/** All open orders, the worst on top. While a pointer or a key is on it, rows stay where they are. */
export function OrderList() {
  const say = words()
  const element = useRef<HTMLOListElement>(null)
  const { rows } = list.value
  const selected = selectedRow.value
  useEffect(() => followHand(element.current), [])
  useEffect(followPerson, [])
  useLayoutEffect(() => look(element.current))
  useEffect(() => element.current?.scrollTo({ top: 0 }), [rests.value])
  useEffect(() => {
    noteSelection(selected?.key ?? null)
    const row = element.current?.querySelector('[aria-current=true]')
    row?.scrollIntoView({ block: 'nearest' })
    row?.querySelector('.order-title')?.scrollIntoView({ block: 'nearest' }) // of a row that is higher than the list
  }, [selected?.key, seeks.value])
  const isFiltered = siteFilter.value !== null
  return (
    <section class="orders" aria-label={say.list}>
      <Above />
      <ol ref={element} class="order-list">
        {rows.map((row) =>
          row.type === 'order' ? (
            <OrderRow key={row.key} order={row.order} isSelected={row.key === selected?.key} />
          ) : (
            <StormRow key={row.key} storm={row} isSelected={row.key === selected?.key} />
          ),
        )}
      </ol>
      {isLoaded.value && rows.length === 0 && (
        <EmptyState
          title={isFiltered ? say.noneHere : say.noOrders}
          hint={isFiltered ? say.noneHereHint : say.noOrdersHint}
        />
      )}
    </section>
  )
}

/** Holds the list while a hand is on it, and selects what is pressed. */
function followHand(element: HTMLElement | null): () => void {
  if (element === null) return () => {}
  const onDown = ({ target }: Event) => {
    const key = (target as Element).closest<HTMLElement>('[data-row]')?.dataset.row
    if (key !== undefined) select(key)
    hold()
  }
  const onScroll = () => look(element)
  addEventListener('resize', onScroll)
  const listeners = [
    ['scroll', onScroll],
    ['wheel', hold],
    ['pointermove', hold],
    ['pointerdown', onDown],
    ['focusin', hold],
    ['pointerleave', letGo],
  ] as const
  for (const [type, listener] of listeners) element.addEventListener(type, listener)
  return () => {
    removeEventListener('resize', onScroll)
    for (const [type, listener] of listeners) element.removeEventListener(type, listener)
  }
}

/** Whether anybody is at this screen, wherever on it they are. */
function followPerson(): () => void {
  const signs = ['pointermove', 'pointerdown', 'wheel', 'keydown'] as const
  for (const sign of signs) addEventListener(sign, stay)
  return () => {
    for (const sign of signs) removeEventListener(sign, stay)
  }
}

/** By so much a place on the screen is rounded. */
const hairPx = 2

/** Which critical and urgent orders can be seen, with as much of their row as names them. */
function look(element: HTMLElement | null): void {
  if (element === null) return
  const { top, bottom } = element.getBoundingClientRect()
  const rows = [...element.querySelectorAll<HTMLElement>('.order-critical, .order-urgent')].filter((row) => {
    const title = row.querySelector('.order-title')?.getBoundingClientRect()
    return title !== undefined && title.top > top - hairPx && title.bottom < bottom + hairPx
  })
  noteInSight(new Set(rows.flatMap(({ dataset }) => dataset.row ?? [])))
}

/** A line that is always there, so that what it says moves nothing: what waits for the hand to leave, and the filter. */
function Above() {
  const say = words()
  const critical = hiddenCritical.value
  const [first] = critical
  const waiting = list.value.waiting.filter((row) => !critical.some(({ id }) => id === row.key))
  const urgent = hiddenUrgent.value
  const [firstUrgent] = urgent
  const site = siteFilter.value
  return (
    <div class="orders-above">
      {!isLoaded.value && <p class="muted">{problem.value === null ? sharedWords().loading : sharedWords().noData}</p>}
      {first !== undefined && (
        <div class="orders-alert">
          <button type="button" class="orders-critical" onClick={() => goTo(first)}>
            {say.newCritical(critical.length)}: <Names of={critical.slice(0, 2).map(orderText)} />
          </button>
        </div>
      )}
      {firstUrgent !== undefined && (
        <button type="button" class="orders-urgent" onClick={() => goToRow(firstUrgent.key)}>
          ▲ {say.newUrgent(urgent.length)}
        </button>
      )}
      {waiting.length > 0 && (
        <p class="orders-waiting">
          {say.waiting(waiting.length)}: <Names of={waiting.slice(0, 2).map(rowText)} />
          <Button look="link" onClick={letGo}>
            {say.showNow}
          </Button>
        </p>
      )}
      {site !== null && (
        <p>
          {say.filter(placeName(site))}
          {elsewhere.value > 0 && <strong> · {say.elsewhere(elsewhere.value)}</strong>}
          <Button look="link" shortcut="Esc" onClick={() => filterBySite(null)}>
            {say.clearFilter}
          </Button>
        </p>
      )}
    </div>
  )
}

function rowText(row: Row): string {
  if (row.type === 'order') return orderText(row.order)
  const [first] = row.orders
  return first === undefined
    ? ''
    : `${shapes[first.severity]} ${words().storm(stormTitle(row.orders), row.orders.length)}`
}

function orderText(order: WorkOrder): string {
  return `${shapes[order.severity]} ${titleOf(order)} ${whereText(order)}`
}

/** Many orders about the same as one row; it opens, and is acknowledged as a whole. */
function StormRow({
  storm,
  isSelected,
}: {
  readonly storm: Extract<Row, { type: 'storm' }>
  readonly isSelected: boolean
}) {
  const say = words()
  const { orders, isOpen, key } = storm
  const [first] = orders
  const soonest = useComputed(() => Math.min(...orders.map(({ arriveBy }) => Date.parse(arriveBy ?? '') || Infinity)))
  if (first === undefined) return null
  const raised = orders.filter(({ state }) => state === 'raised')
  return (
    <li class={`order order-${first.severity} order-storm`} aria-current={isSelected} data-row={key}>
      <div class="order-head">
        <SeverityMark of={first.severity} />
        <button type="button" class="order-title" aria-expanded={isOpen} onClick={() => toggleStorm(key)}>
          {say.storm(stormTitle(orders), orders.length)} <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span>
        </button>
      </div>
      {Number.isFinite(soonest.value) && (
        <div class="order-right">
          <span class="order-clock">
            <Countdown until={soonest.value} />
          </span>
        </div>
      )}
      <div class="order-where">{placesText(orders)}</div>
      {isSelected && (
        <div class="order-actions">
          {raised.length > 0 && hasRole(dispatchRoles) && (
            <Button look="main" shortcut="A" onClick={() => acknowledgeAll(orders)}>
              {say.stormSeen(raised.length)}
            </Button>
          )}
          <Button shortcut="Enter" onClick={() => toggleStorm(key)}>
            {isOpen ? say.closeStorm : say.openStorm}
          </Button>
        </div>
      )}
    </li>
  )
}

const mostPlaces = 4

/** The buildings where they are, as far as they are known without asking for each. */
function placesText(orders: readonly WorkOrder[]): string {
  const buildings = orders.flatMap((order) => sitesOf(order).filter(({ type }) => type === 'building'))
  const names = [...new Set(buildings.map(({ id }) => id))].map(placeName)
  const more = names.length - mostPlaces
  return [...names.slice(0, mostPlaces), ...(more > 0 ? [words().morePlaces(more)] : [])].join(' · ')
}

export async function acknowledgeAll(orders: readonly WorkOrder[]): Promise<void> {
  if (!hasRole(dispatchRoles)) return
  // one after another: a storm must not become one of requests
  for (const { id, state } of orders) if (state === 'raised') await act(id, 'acknowledge', {})
}
