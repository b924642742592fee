import { isEntrapment, isGivenOn } from '../../core/incident.ts'
import { daysBetween, localDate, shanghai } from '../../core/local-time.ts'
import type { OrderEvent, OrderState, WorkOrder } from '../shared/wire.ts'

/** What the duty room does about an order, and the key for it. */
export const keyOf = {
  acknowledge: 'A',
  verify: 'V',
  dispatch: 'D',
  arrive: 'R',
  restore: 'S',
  close: 'C',
  'tell-passenger': 'T',
  note: 'N',
  shelve: 'Z',
  reopen: 'B',
} as const

export type DutyAction = keyof typeof keyOf
export const dutyActions = Object.keys(keyOf) as DutyAction[]

const before = (...states: OrderState[]) => states
const unseen = before('raised')
const waiting = before('raised', 'acknowledged')
const notOnSite = before(...waiting, 'accepted')
const notRestored = before(...notOnSite, 'arrived')
const open = before(...notRestored, 'restored')
const ended: readonly OrderState[] = ['closed', 'cancelled']

const allowedIn: Readonly<Record<DutyAction, readonly OrderState[]>> = {
  acknowledge: unseen,
  verify: notOnSite,
  dispatch: notOnSite,
  arrive: before('accepted'),
  restore: before('arrived'),
  close: open,
  'tell-passenger': notRestored,
  note: open,
  shelve: notOnSite,
  reopen: ended,
}

/** Whether the order takes this now; the service decides by the same rules (docs/work-orders.md). */
export function mayDo(action: DutyAction, order: WorkOrder): boolean {
  if (!allowedIn[action].includes(order.state)) return false
  if (action === 'tell-passenger') return isEntrapment(order) && order.passengerToldAt === null
  // what another order has taken over goes on there
  if (action === 'reopen') return order.mergedIntoId === null
  return action !== 'shelve' || mayShelve(order)
}

/** What is critical, of who is trapped, or said by a person is sent for all the same: a shelf would only seem to help. */
function mayShelve(order: WorkOrder): boolean {
  const comesThrough = order.severity === 'critical' || isEntrapment(order) || order.finding.startsWith('manual/')
  return !comesThrough && (order.deviceId ?? order.siteId) !== null
}

/** The one that is wanted next. */
export function nextAction(order: WorkOrder): DutyAction | null {
  const { state } = order
  if (state === 'raised') return 'acknowledge'
  if (state === 'acknowledged' || isGivenOn(order)) return 'dispatch'
  if (state === 'accepted') return 'arrive'
  if (state === 'arrived') return 'restore'
  return state === 'restored' ? 'close' : null
}

export function isOpen({ state }: Pick<WorkOrder, 'state'>): boolean {
  return open.includes(state)
}

/** Whole days of the calendar in Shanghai since the day of planned work that nobody has begun; 0 = it is not overdue. */
export function overdueDays({ dueAt }: Pick<WorkOrder, 'dueAt'>, now: number): number {
  if (dueAt === null) return 0
  return Math.max(0, daysBetween(localDate(Date.parse(dueAt), shanghai), localDate(now, shanghai)))
}

export type Goal = NonNullable<WorkOrder['plan']>['steps'][number]['goal']

export interface NextGoal {
  readonly goal: Goal
  /** ms since 1970 */
  readonly dueAt: number
}

/** What the plan wants next and is not reached; arrival by its deadline has a countdown of its own. */
export function nextGoal(order: WorkOrder): NextGoal | null {
  const begin = Date.parse(order.upgradedAt ?? order.detectedAt)
  const wanted = stepsOf(order)
    .filter(({ goal }) => goal !== 'arrived' && goalReachedAt(order, goal) === null)
    .map(({ goal, minutes }) => ({ goal, dueAt: begin + minutes * 60_000 }))
    .sort((one, other) => one.dueAt - other.dueAt)
  return wanted[0] ?? null
}

/** Of the plan, without what cannot be done: nobody is told where nobody is trapped, or is any more. */
export function stepsOf(
  order: Pick<WorkOrder, 'plan' | 'finding' | 'restoredAt' | 'passengerToldAt'>,
): NonNullable<WorkOrder['plan']>['steps'] {
  const steps = order.plan?.steps ?? []
  const isWaiting = isEntrapment(order) && order.restoredAt === null
  return isWaiting || order.passengerToldAt !== null ? steps : steps.filter(({ goal }) => goal !== 'passenger-told')
}

export function goalReachedAt(order: WorkOrder, goal: Goal): string | null {
  const reachedAt: Readonly<Record<Goal, string | null>> = {
    acknowledged: order.acknowledgedAt,
    accepted: isGivenOn(order) ? null : order.acceptedAt,
    arrived: order.arrivedAt,
    restored: order.restoredAt,
    'passenger-told': order.passengerToldAt,
    inspected: order.inspectedAt,
  }
  return reachedAt[goal]
}

/** Why an order is not closed as a false alarm without a word; null = nothing speaks against it. */
export type Doubt = 'verified' | 'passenger-told' | 'entrapment' | 'reported'

export function doubtOf(order: WorkOrder, verdict: Verdict | null): Doubt | null {
  if (verdict === 'real') return 'verified'
  if (order.passengerToldAt !== null) return 'passenger-told'
  if (isEntrapment(order)) return 'entrapment'
  // no rule finds it again
  return order.finding.startsWith('manual/') ? 'reported' : null
}

export type Verdict = 'real' | 'false' | 'drill'

/** Whether it was seen to be real: the last that was said of it, by the same rule as the service's. */
export function verdictOf(events: readonly OrderEvent[]): Verdict | null {
  const verified = events.findLast(({ data }) => data.verified !== undefined)?.data.verified
  if (verified === undefined) return null
  return verified === 'drill' ? 'drill' : verified ? 'real' : 'false'
}
