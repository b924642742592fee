import { isEntrapment } from '../../core/incident.ts'
import { type Queued, waiting } from './outbox.ts'
import { type CrewOrder, isStep, type ShownOrder, type Step } from './wire.ts'

const stateAfter: Readonly<Record<Step, ShownOrder['state']>> = {
  accept: 'accepted',
  arrive: 'arrived',
  restore: 'restored',
  close: 'closed',
}
const timeOf = { accept: 'acceptedAt', arrive: 'arrivedAt', restore: 'restoredAt', close: 'closedAt' } as const

/** The order as it will be when what waits on this phone has reached the service. */
export function withWaiting(kept: Pick<CrewOrder, 'order' | 'you'>, items: readonly Queued[]): ShownOrder {
  let order = kept.order
  for (const { action, doneAt } of waiting(items)) {
    const at = new Date(doneAt).toISOString()
    if (action === 'tell-passenger') order = { ...order, passengerToldAt: order.passengerToldAt ?? at }
    if (!isStep(action)) continue
    const technicianId = order.technicianId ?? kept.you.name
    order = { ...order, state: stateAfter[action], technicianId, [timeOf[action]]: order[timeOf[action]] ?? at }
  }
  return order
}

export interface Went {
  readonly step: 'arrive' | 'restore'
  readonly at: string
  /** The service has it; else it waits on this phone, and nobody has heard of it. */
  readonly isRecorded: boolean
  /** So long before its limit, negative after it; null where there is none, and until the service has the arrival: its time counts. */
  readonly earlyMs: number | null
}

/** How it went, once somebody is there. @param order with what waits here */
export function wentOf({ order: recorded }: Pick<CrewOrder, 'order'>, order: ShownOrder): Went | null {
  if (order.restoredAt !== null) {
    return { step: 'restore', at: order.restoredAt, isRecorded: recorded.restoredAt !== null, earlyMs: null }
  }
  if (order.arrivedAt === null) return null
  const isRecorded = recorded.arrivedAt !== null
  const earlyMs =
    isRecorded && order.arriveBy !== null ? Date.parse(order.arriveBy) - Date.parse(order.arrivedAt) : null
  return { step: 'arrive', at: order.arrivedAt, isRecorded, earlyMs }
}

/** What comes next: a step, or why there is none. */
export type Next =
  | { readonly type: 'step'; readonly step: Step }
  /** Somebody else accepted it, or another crew was given it. */
  | { readonly type: 'taken' | 'given'; readonly to: string }
  /** It works again, and whoever may close it does. */
  | { readonly type: 'restored' }
  | { readonly type: 'over'; readonly how: 'closed' | 'cancelled' | 'merged' }
  | { readonly type: 'nothing' }

/** @param order with what waits here */
export function nextOf(
  order: ShownOrder,
  { actions, you, teamName }: Pick<CrewOrder, 'actions' | 'you' | 'teamName'>,
): Next {
  const { state, technicianId, technicianName, teamId, mergedIntoId } = order
  // kept by a version before, it may lack the field
  if (state === 'cancelled' && mergedIntoId != null) return { type: 'over', how: 'merged' }
  if (state === 'closed' || state === 'cancelled') return { type: 'over', how: state }
  const isTheirs = teamId !== null && you.teamIds.length > 0 && !you.teamIds.includes(teamId)
  if (isTheirs)
    return technicianId === null
      ? { type: 'given', to: teamName ?? teamId }
      : { type: 'taken', to: technicianName ?? technicianId }
  // a colleague of the same crew works on it, too: their arrival counts whoever taps
  const isMates = technicianId !== null && technicianId !== you.name && teamId !== null && you.teamIds.includes(teamId)
  if (technicianId !== null && technicianId !== you.name && !isMates) {
    return { type: 'taken', to: technicianName ?? technicianId }
  }
  const step = stepIn(order)
  if (step !== undefined && actions.includes(step)) return { type: 'step', step }
  return state === 'restored' ? { type: 'restored' } : { type: 'nothing' }
}

function stepIn({ state, technicianId }: ShownOrder): Step | undefined {
  switch (state) {
    case 'raised':
    case 'acknowledged':
      return 'accept'
    case 'accepted':
      return technicianId === null ? 'accept' : 'arrive'
    case 'arrived':
      return 'restore'
    case 'restored':
      return 'close'
    default:
      return undefined
  }
}

/**
 * Whether the code in the car or the room is the one of this device: its id alone, as a part of an address, or before the dot of a
 * label of ours. Whether the rest of a label is right, only the service knows.
 */
export function isQrOf(text: string, deviceId: string | null): boolean {
  if (deviceId === null) return false
  return text
    .trim()
    .split(/[/?&=#]/)
    .some((part) => part === deviceId || (part.startsWith(`${deviceId}.`) && isTag(part.slice(deviceId.length + 1))))
}

/** Unverified default. */
const scannedForMs = 120_000

/**
 * Whether "I am on site" was tapped on a lift's page a moment ago. Both times are this phone's own, ms since 1970.
 * @param at as the page wrote it into the address
 */
export function isJustScanned(at: string | null, now: number): boolean {
  return Math.abs(now - Number(at ?? Number.NaN)) <= scannedForMs
}

/** What stands after the dot on a label. */
function isTag(text: string): boolean {
  return /^[0-9a-z]{12}$/.test(text)
}

/** RFC 3966, without what only separates digits for the eye. */
export function telOf(phone: string): string {
  return `tel:${phone.replace(/[^\d+*#]/g, '').replaceAll('#', '%23')}`
}

const outcomes = ['repaired', 'serviced', 'self-corrected', 'false-alarm'] as const

/** How it may have ended, as far as a crew may say it: whether nobody was trapped says the duty room. */
export function outcomesFor(order: Pick<ShownOrder, 'finding'>): (typeof outcomes)[number][] {
  return outcomes.filter((outcome) => outcome !== 'false-alarm' || !isEntrapment(order))
}
