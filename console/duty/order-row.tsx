import { useComputed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { callersOf } from '../../core/callers.ts'
import { isEntrapment, isGivenOn } from '../../core/incident.ts'
import { now } from '../shared/clock.ts'
import { Countdown } from '../shared/components/countdown.tsx'
import { SeverityMark } from '../shared/components/severity.tsx'
import { clockText } from '../shared/countdown.ts'
import { titleOf } from '../shared/finding.ts'
import { progressText } from '../shared/state-text.ts'
import { clockTime } from '../shared/time.ts'
import type { WorkOrder } from '../shared/wire.ts'
import { type Failure, failures } from './act.ts'
import { ActionBar } from './action-bar.tsx'
import { contactsOf, devices, need, teamName, whereText } from './places.ts'
import { verdictSaid } from './selected.ts'
import { isOpen, mayDo, nextGoal, overdueDays } from './steps.ts'
import { select } from './view.ts'
import { words } from './words.ts'

const newMs = 60_000

interface OrderRowProps {
  readonly order: WorkOrder
  readonly isSelected: boolean
}

/** One order: the selected one with what may be done about it, the others in as few lines as they need. */
export function OrderRow({ order, isSelected }: OrderRowProps) {
  const say = words()
  const { severity, state } = order
  useEffect(() => need(order), [order.deviceId, order.siteId])
  const isNew = useComputed(() => state === 'raised' && now.value - Date.parse(order.raisedAt) < newMs)
  return (
    <li
      class={`order order-${severity} ${isOpen(order) ? '' : 'order-ended'}`}
      aria-current={isSelected}
      data-row={order.id}
    >
      <div class="order-head">
        <SeverityMark of={severity} />
        <button type="button" class="order-title" onClick={() => select(order.id)}>
          <bdi>{titleOf(order)}</bdi>
        </button>
        {isNew.value && <span class="order-new">{say.newMark}</span>}
        <span class={state === 'raised' || isGivenOn(order) ? 'order-nobody' : 'order-state'}>
          {progressText(order)}
        </span>
      </div>
      <div class="order-right">
        <Clock order={order} />
        <Elapsed order={order} />
      </div>
      <div class="order-where">
        <bdi>{whereText(order)}</bdi>
      </div>
      {(isSelected || severity === 'critical') && <Who order={order} />}
      {isEntrapment(order) && <Passenger order={order} />}
      {(isSelected || severity === 'critical') && <Callers order={order} />}
      <Failed order={order} />
      {((isSelected && isOpen(order)) || mayDo('reopen', order)) && <ActionBar order={order} />}
    </li>
  )
}

/** What became of the last action on it, where that is not good. */
export function Failed({ order }: { readonly order: WorkOrder }) {
  const failure = failures.value.get(order.id)
  if (failure === undefined) return null
  return (
    <p class="wrong" role="alert">
      {failureText(failure)}
    </p>
  )
}

function failureText(failure: Failure): string {
  const say = words()
  if (failure.type === 'refused') return `■ ${say.failed}: ${failure.text}`
  return failure.type === 'unknown' ? `▲ ${say.notKnown}` : `■ ${say.failed}: ${say.notSeen}`
}

/** Until arrival the countdown, then how long it took; of planned work the date. */
function Clock({ order }: { readonly order: WorkOrder }) {
  const say = words()
  const { arriveBy, arrivedAt, upgradedAt, detectedAt, dueAt } = order
  if (arrivedAt !== null) {
    const seconds = (Date.parse(arrivedAt) - Date.parse(upgradedAt ?? detectedAt)) / 1_000
    return <span class="order-clock order-clock-done">✓ {say.onSiteAfter(clockText(Math.max(0, seconds)))}</span>
  }
  if (arriveBy !== null) {
    return (
      <span class="order-clock">
        <span class="unseen">{say.onSiteIn}</span>
        <Countdown until={Date.parse(arriveBy)} live={isOpen(order)} />
      </span>
    )
  }
  return (
    <span class="order-clock order-clock-plain">
      {isOpen(order) && <Overdue order={order} />}
      {dueAt === null ? say.noDate : say.dueOn(dateText(Date.parse(dueAt)))}
    </span>
  )
}

/** "11-17"; with a time of the day where it has one. */
function dateText(at: number): string {
  return clockTime(at, 0).replace(/ 00:00$/, '')
}

function Overdue({ order }: { readonly order: WorkOrder }) {
  const days = useComputed(() => overdueDays(order, now.value)).value
  return days === 0 ? null : <span class="order-nobody">▲ {words().overdue(days)} </span>
}

/** How long it lasts, for what is urgent. */
function Elapsed({ order }: { readonly order: WorkOrder }) {
  const since = Date.parse(order.detectedAt)
  const text = useComputed(() => words().sinceDetection(clockText(Math.max(0, (now.value - since) / 1_000))))
  if (order.arriveBy === null || !isOpen(order)) return null
  return <span class="muted order-elapsed">{text}</span>
}

function Who({ order }: { readonly order: WorkOrder }) {
  const say = words()
  const { teamId, technicianName, acceptedAt, arrivedAt } = order
  const team = teamName(teamId)
  const who = [team, technicianName].filter(Boolean).join(' ')
  const goal = nextGoal(order)
  const verdict = isOpen(order) ? verdictSaid(order) : null
  const at = (time: string) => clockTime(Date.parse(time), now.peek())
  return (
    <div class="order-who">
      {acceptedAt !== null && !isGivenOn(order) ? (
        <span>{say.accepted(who, at(acceptedAt))}</span>
      ) : (
        <span class={team === null ? 'order-nobody' : ''}>
          {team === null ? `⚠ ${say.unassigned}` : say.hasIt(team)}
        </span>
      )}
      {arrivedAt !== null && <span>{say.arrived(at(arrivedAt))}</span>}
      {verdict !== null && <strong>✓ {say.verdicts[verdict]}</strong>}
      {goal !== null && isOpen(order) && (
        <span class="muted">
          {say.next}: {say.goals[goal.goal]} <Countdown until={goal.dueAt} />
        </span>
      )}
    </div>
  )
}

/** For who is trapped: how to reach them, and whether they know that help is coming. */
function Passenger({ order }: { readonly order: WorkOrder }) {
  const say = words()
  const phone = contactsOf(order).find(({ role }) => role === 'car-phone')?.phone ?? null
  const { passengerToldAt, restoredAt } = order
  const isUnread = order.deviceId !== null && devices.value.get(order.deviceId) === null
  return (
    <div class="order-passenger">
      <span>
        ☎ {say.carPhone}{' '}
        {phone !== null ? (
          <a href={telOf(phone)}>{phone}</a>
        ) : (
          <span class="muted">{isUnread ? say.readingCarPhone : say.noCarPhone}</span>
        )}
      </span>
      {passengerToldAt !== null && (
        <span class="order-told">✓ {say.told(clockTime(Date.parse(passengerToldAt), now.peek()))}</span>
      )}
      {passengerToldAt === null && restoredAt === null && <span class="order-not-told">▲ {say.notTold}</span>}
    </div>
  )
}

/** Whoever reported it, with what they said: they may be the one who waits there. */
export function Callers({ order }: { readonly order: WorkOrder }) {
  const callers = callersOf(order.reportedBy)
  if (callers.length === 0) return null
  return (
    <ul class="order-callers" aria-label={words().reportedBy}>
      {callers.map(({ name, phone, words: said }, index) => (
        <li key={index}>
          ☎ {words().reportedBy} <bdi>{[name, said].filter(Boolean).join(': ')}</bdi>{' '}
          {phone !== undefined && <a href={telOf(phone)}>{phone}</a>}
        </li>
      ))}
    </ul>
  )
}

/** Nothing but digits and what a dialler knows reaches the address. */
export function telOf(phone: string): string {
  return `tel:${phone.replace(/[^\d+*#,;]/g, '')}`
}
