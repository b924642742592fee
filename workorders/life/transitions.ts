import { ExpectedError } from '../../core/errors.ts'
import {
  type CauseClass,
  isEntrapment,
  lookBackMs,
  type OrderEvent,
  type OrderOutcome,
  type OrderState,
  type Part,
  type WorkOrder,
} from '../../core/incident.ts'
import type { OrderChange } from '../../stores/operations/port.ts'
import type { CrewWarning } from '../crews/choose-crew.ts'

/** What moves an order through its states. */
export const orderSteps = ['acknowledge', 'accept', 'arrive', 'restore', 'close', 'cancel'] as const
/** What else people do to an order. */
export const orderRemarks = [
  'merge',
  'reassign',
  'tell-passenger',
  'dealt-with',
  'ask-for-help',
  'inspect',
  'note',
  'follow-up',
] as const
export const orderActions = [...orderSteps, ...orderRemarks] as const
export type OrderAction = (typeof orderActions)[number]

export const openStates = ['raised', 'acknowledged', 'accepted', 'arrived', 'restored'] as const
export const endStates = ['closed', 'cancelled'] as const

export function isEnded({ state }: Pick<WorkOrder, 'state'>): boolean {
  return state === 'closed' || state === 'cancelled'
}

/** Nobody has accepted it, or who did has given it away; and nobody is there. */
export function isNobodys({ technicianId, arrivedAt }: Pick<WorkOrder, 'technicianId' | 'arrivedAt'>): boolean {
  return technicianId === null && arrivedAt === null
}

export interface ActionRequest {
  readonly orderId: string
  readonly action: OrderAction
  /** Who calls: what they did is theirs, unless `technicianId` says for whom they did it. */
  readonly actor: string
  readonly note?: string
  readonly reason?: string
  readonly technicianId?: string
  /** Of `technicianId`, else of the caller, where it is known. */
  readonly technicianName?: string
  readonly causeClass?: CauseClass
  readonly outcome?: OrderOutcome
  readonly parts?: readonly Part[]
  /** Whether the duty room saw that it is real (on the camera, by the car phone); `drill` is announced beforehand. */
  readonly verified?: boolean | 'drill'
  /** The crew that takes the order, or gets it. */
  readonly teamId?: string
  /** What speaks against that crew. */
  readonly warnings?: readonly CrewWarning[]
  /** The order that takes this one over. */
  readonly intoId?: string
  /** Who says that it is dealt with, or that they come. */
  readonly by?: string
  /** With a note, of whoever was called to help: they are on their way. */
  readonly comes?: true
  /** The same key again does nothing more and answers the order as it is now. */
  readonly idempotencyKey?: string
}

export type StepTime =
  | 'acknowledgedAt'
  | 'acceptedAt'
  | 'arrivedAt'
  | 'restoredAt'
  | 'closedAt'
  | 'cancelledAt'
  | 'passengerToldAt'
  | 'inspectedAt'

/** `into` is the order that a merge names. */
type Given = ActionRequest & { readonly into?: WorkOrder }

interface Guard {
  /** For the diagram. */
  readonly name: string
  /** Undefined = it may be done. */
  refuses(order: WorkOrder, given: Given): ExpectedError | undefined
}

export interface Transition {
  readonly action: OrderAction
  readonly from: readonly OrderState[]
  readonly to: OrderState | 'same'
  readonly guard?: Guard
  /** Times that are set (where they are not yet): the state's own, and that of an earlier step that it implies. */
  readonly sets: readonly StepTime[]
  /** What else it changes. */
  readonly effect?: (order: WorkOrder, given: Given) => OrderChange
  readonly event: OrderEvent['type']
}

/**
 * The life of an order: what may be done in which state. Nothing else may, and nothing goes back: a fault that returns gets
 * an order of its own that follows this one. The arrival clock has no row, for nothing here sets `arriveBy`.
 * SQL guards it again (migration 0001), `docs/work-orders.md` shows it.
 */
export const transitions: readonly Transition[] = [
  { action: 'acknowledge', from: ['raised'], to: 'acknowledged', sets: ['acknowledgedAt'], event: 'acknowledged' },
  {
    action: 'accept',
    from: ['raised', 'acknowledged'],
    to: 'accepted',
    sets: ['acknowledgedAt', 'acceptedAt'],
    effect: takeOver,
    event: 'accepted',
  },
  {
    action: 'accept',
    from: ['accepted'],
    to: 'same',
    guard: { name: 'reassigned, and nobody has it', refuses: hasTechnician },
    sets: [],
    effect: takeOver,
    event: 'accepted',
  },
  {
    action: 'arrive',
    from: ['accepted'],
    to: 'arrived',
    sets: ['arrivedAt'],
    effect: takeIfNobodyHas,
    event: 'arrived',
  },
  {
    action: 'restore',
    from: ['arrived'],
    to: 'restored',
    sets: ['restoredAt'],
    effect: takeIfNobodyHas,
    event: 'restored',
  },
  { action: 'close', from: ['restored'], to: 'closed', sets: ['closedAt'], effect: closing, event: 'closed' },
  {
    action: 'close',
    from: ['raised', 'acknowledged', 'accepted', 'arrived'],
    to: 'closed',
    guard: { name: 'false alarm', refuses: isNoFalseAlarm },
    sets: ['closedAt'],
    effect: closing,
    event: 'closed',
  },
  { action: 'cancel', from: openStates, to: 'cancelled', sets: ['cancelledAt'], effect: noted, event: 'cancelled' },
  {
    action: 'merge',
    from: ['raised', 'acknowledged', 'accepted'],
    to: 'cancelled',
    guard: { name: 'the other is open, and to be reached no later', refuses: losesByMerging },
    sets: ['cancelledAt'],
    effect: (order, given) => ({ ...noted(order, given), ...(given.into && { mergedIntoId: given.into.id }) }),
    event: 'cancelled',
  },
  {
    action: 'reassign',
    from: ['raised', 'acknowledged', 'accepted'],
    to: 'same',
    guard: { name: 'another crew', refuses: hasThatTeam },
    sets: [],
    effect: handOver,
    event: 'reassigned',
  },
  {
    action: 'tell-passenger',
    from: ['raised', 'acknowledged', 'accepted', 'arrived'],
    to: 'same',
    guard: { name: 'entrapment, not told yet', refuses: hasNobodyToTell },
    sets: ['passengerToldAt'],
    event: 'noted',
  },
  {
    action: 'dealt-with',
    from: ['raised', 'acknowledged', 'accepted'],
    to: 'same',
    guard: { name: 'no entrapment', refuses: isNotForTenants },
    sets: [],
    effect: () => ({ outcome: 'self-corrected' }),
    event: 'noted',
  },
  {
    action: 'ask-for-help',
    from: ['raised', 'acknowledged', 'accepted', 'arrived'],
    to: 'same',
    sets: [],
    event: 'escalated',
  },
  {
    action: 'inspect',
    from: [...openStates, 'closed'],
    to: 'same',
    guard: { name: 'not inspected yet', refuses: isInspected },
    sets: ['inspectedAt'],
    event: 'noted',
  },
  { action: 'note', from: [...openStates, ...endStates], to: 'same', sets: [], event: 'noted' },
  { action: 'follow-up', from: endStates, to: 'same', sets: [], event: 'noted' },
]

export interface Decision {
  /** By our clock, but never before what happened to the order already: a clock that jumped back orders nothing anew. */
  readonly at: number
  readonly change: OrderChange
  readonly event: OrderEvent
}

/** What a request says that its event says, too. */
const saidInEvent = [
  ...(['note', 'reason', 'technicianId', 'technicianName', 'causeClass', 'outcome', 'parts'] as const),
  ...(['verified', 'teamId', 'by', 'comes', 'warnings'] as const),
] as const

/**
 * What an action does to an order. Pure.
 * @param now ms since 1970, by our clock
 * @throws {ExpectedError} `already-done` when it is so already; `order-state` when it may not be done; `invalid`
 */
export function decide(order: WorkOrder, given: Given, now: number): Decision {
  const { action } = given
  const transition = allowed(order, given)
  const at = Math.max(now, latestTimeOf(order))
  const to = transition.to === 'same' ? order.state : transition.to
  const times = transition.sets.filter((name) => order[name] === null).map((name) => [name, at])
  const change: OrderChange = {
    ...(to !== order.state && { state: to }),
    ...Object.fromEntries(times),
    ...transition.effect?.(order, given),
  }
  const said = Object.fromEntries(saidInEvent.map((name) => [name, given[name]]))
  const told = {
    ...said,
    ...(to !== order.state ? { from: order.state } : { action }),
    ...(action === 'merge' && { action, mergedIntoId: given.into?.id }),
    ...(action === 'reassign' && { fromTeamId: order.teamId, fromTechnicianId: order.technicianId }),
  }
  const data = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined))
  return { at, change, event: { at, type: transition.event, actor: given.actor, data } }
}

/** Whether the table lets that be done to an order as it is, without anything else that would have to be said. */
export function mayBeDone(order: WorkOrder, action: OrderAction): boolean {
  const row = transitions.find((one) => one.action === action && one.from.includes(order.state))
  return row !== undefined && row.guard?.refuses(order, { orderId: order.id, action, actor: '' }) === undefined
}

/** The row of the table that this order may take. @throws {ExpectedError} why there is none */
function allowed(order: WorkOrder, given: Given): Transition {
  const rows = transitions.filter(({ action }) => action === given.action)
  const row = rows.find(({ from }) => from.includes(order.state))
  const refusal = row?.guard?.refuses(order, given)
  if (row !== undefined && refusal === undefined) return row
  if (refusal !== undefined) throw refusal

  if (rows.some(({ to }) => to === order.state)) throw new ExpectedError('already-done', whoDid(order))
  throw wrongState(order, given, rows)
}

function wrongState(order: WorkOrder, { action }: Given, rows: readonly Transition[]): ExpectedError {
  const states = [...new Set(rows.filter(({ guard }) => rows.length === 1 || !guard).flatMap(({ from }) => from))]
  const needed = states.length > 1 ? `${states.slice(0, -1).join(', ')} or ${states.at(-1)}` : states[0]
  const isThere = action === 'reassign' && order.state === 'arrived'
  const instead = isThere ? ': a crew that is on site keeps it, and asks for help' : ''
  const text = `Cannot ${action}: the order is ${order.state}, it must be ${needed}${instead}`
  return new ExpectedError('order-state', text)
}

/** "The order is accepted already, by li of crew-3", for whoever was second. */
function whoDid(order: WorkOrder): string {
  const who = [order.technicianName, order.teamId].filter((name) => name !== null).join(' of ')
  const isCrew = order.state === 'accepted' || order.state === 'arrived' || order.state === 'restored'
  return `The order is ${order.state} already${isCrew && who !== '' ? `, by ${who}` : ''}`
}

export function latestTimeOf(order: WorkOrder): number {
  const times = [order.detectedAt, order.raisedAt, order.upgradedAt, order.acknowledgedAt, order.acceptedAt]
  const later = [order.arrivedAt, order.restoredAt, order.closedAt, order.cancelledAt]
  return Math.max(...[...times, ...later, order.passengerToldAt, order.inspectedAt].map((time) => time ?? 0))
}

function takeOver(order: WorkOrder, given: Given): OrderChange {
  const { actor, teamId, technicianId = actor, technicianName = technicianId } = given
  const isAnotherTeam = teamId !== undefined && teamId !== order.teamId
  return { technicianId, technicianName, ...(isAnotherTeam && { teamId, assignedBecause: 'They took it' }) }
}

function takeIfNobodyHas(order: WorkOrder, given: Given): OrderChange {
  return order.technicianId === null ? takeOver(order, given) : {}
}

/** The state stays, and with it every time: only who has it is open again. */
function handOver(_order: WorkOrder, { teamId, actor, reason }: Given): OrderChange {
  const why = reason === undefined ? '' : `: ${reason}`
  return {
    ...(teamId && { teamId }),
    technicianId: null,
    technicianName: null,
    assignedBecause: `Assigned by ${actor}${why}`,
  }
}

function closing(order: WorkOrder, given: Given): OrderChange {
  const { causeClass, outcome, parts } = given
  return {
    ...noted(order, given),
    ...(causeClass && { causeClass }),
    ...(outcome && { outcome }),
    ...(parts && { parts }),
  }
}

function noted(_order: WorkOrder, { note }: Given): OrderChange {
  return note === undefined ? {} : { note }
}

function hasTechnician(order: WorkOrder): ExpectedError | undefined {
  return order.technicianId === null ? undefined : new ExpectedError('already-done', whoDid(order))
}

function isNoFalseAlarm(order: WorkOrder, given: Given): ExpectedError | undefined {
  if (given.outcome === 'false-alarm') return undefined
  const text = `Cannot close: the order is ${order.state}, it must be restored (or a false alarm)`
  return new ExpectedError('order-state', text)
}

/** Nothing that is promised for this order may be lost in the other: neither its clock nor the passenger in it. */
function losesByMerging(order: WorkOrder, { into }: Given): ExpectedError | undefined {
  if (into === undefined) return new ExpectedError('invalid', 'intoId: there is no such work order')
  if (into.id === order.id) return new ExpectedError('invalid', 'intoId: an order cannot be merged into itself')
  if (isEnded(into)) return new ExpectedError('order-state', `The other order is ${into.state}`)
  const isLater = order.arriveBy !== null && (into.arriveBy === null || into.arriveBy > order.arriveBy)
  if (isLater && into.arrivedAt === null) {
    return new ExpectedError('order-state', 'Somebody must be at this one sooner: merge the other one into it')
  }
  const waits = order.arriveBy === null && !isEntrapment(order)
  if (into.restoredAt !== null && !waits) {
    return new ExpectedError('order-state', 'The other order is restored: its crew has left, and nobody would come')
  }
  const isDanger = order.severity === 'critical' || isEntrapment(order)
  const foundAt = order.upgradedAt ?? order.detectedAt
  if (isDanger && into.arrivedAt !== null && foundAt - into.arrivedAt > lookBackMs) {
    const instead = 'give this one to its crew, if it is still there'
    return new ExpectedError('order-state', `The crew of the other order came long before this was found: ${instead}`)
  }
  if (!isEntrapment(order)) return undefined
  // which elevator it is may not be known: then nobody knows that it is the same one
  if (!isEntrapment(into) || order.deviceId === null || into.deviceId !== order.deviceId) {
    return new ExpectedError('order-state', 'An entrapment is merged only into an entrapment of the same elevator')
  }
  return undefined
}

function hasThatTeam(order: WorkOrder, { teamId }: Given): ExpectedError | undefined {
  if (teamId === undefined) return new ExpectedError('invalid', 'teamId: is needed')
  return order.teamId === teamId ? new ExpectedError('already-done', `${teamId} has the order already`) : undefined
}

function hasNobodyToTell(order: WorkOrder): ExpectedError | undefined {
  if (!isEntrapment(order)) return new ExpectedError('order-state', 'Nobody is trapped: the order is no entrapment')
  return order.passengerToldAt === null
    ? undefined
    : new ExpectedError('already-done', 'The passenger was told already')
}

/** An answer ends nothing: it suggests the outcome, the clock runs on, and the duty room decides. */
function isNotForTenants(order: WorkOrder): ExpectedError | undefined {
  if (isEntrapment(order)) return new ExpectedError('order-state', 'An entrapment is dealt with on site only')
  return order.outcome === null ? undefined : new ExpectedError('already-done', 'It was said to be dealt with already')
}

function isInspected(order: WorkOrder): ExpectedError | undefined {
  return order.inspectedAt === null ? undefined : new ExpectedError('already-done', 'It was inspected already')
}
