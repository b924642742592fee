import { recall } from '../shared/memory.ts'
import { me } from '../shared/session.ts'
import type { Door, KeptOrder, ShownOrder } from './wire.ts'

/* What of the phone's copies is shown, to whom, and as how new. A phone may have more than one user. */

/**
 * An order is asked for 5 s after its last answer, the list every 10 s, and a slow link takes some seconds for each: what is older is not
 * shown as if it were now, also where the server answers other things. That it answers nothing is known sooner (`reach`).
 */
const liveForMs = 15_000

/** Where nobody can say who is signed in, it is who it was. '' = nobody. */
export function readerId(): string {
  if (me.value === undefined) return recall('crewAccount') ?? ''
  return me.value?.accountId ?? ''
}

/** A link is whoever's who holds the phone; what somebody signed in for is theirs. */
export function isFor(readerId: string, door: Door): boolean {
  return door.type === 'link' || (readerId !== '' && door.accountId === readerId)
}

/** @param heardAt when the server told it, ms since 1970 */
export function isLive(state: 'asking' | 'online' | 'offline', heardAt: number, now: number): boolean {
  return state === 'online' && now - heardAt < liveForMs
}

export interface Row {
  readonly door: Door
  readonly order: ShownOrder
  readonly heardAt: number
}

/** The list as it was read last. */
export interface ReadList {
  readonly accountId: string
  readonly orders: readonly ShownOrder[]
  readonly heardAt: number
}

/** @param read null = not read yet, or not to be read: then it is what this phone has */
export function rowsOf(read: ReadList | null, kept: Iterable<KeptOrder>, readerId: string): Row[] {
  if (read !== null && read.accountId === readerId) {
    const { accountId, heardAt } = read
    return read.orders.map((order) => ({ door: { type: 'session', accountId, orderId: order.id }, order, heardAt }))
  }
  const isOpen = ({ order }: KeptOrder) => order.closedAt === null && order.cancelledAt === null
  return [...kept].filter((one) => isOpen(one) && isFor(readerId, one.door))
}
