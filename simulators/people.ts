import { setTimeout as delay } from 'node:timers/promises'
import { secondMs } from '../core/clock.ts'
import type { OrderState } from '../core/incident.ts'

/** How a duty room and a crew answer, in seconds after the step before; null = never. */
export interface Behaviour {
  readonly acknowledgeSeconds: number | null
  readonly acceptSeconds: number | null
  readonly travelSeconds: number | null
  readonly repairSeconds: number | null
}

/** People as they are: unverified defaults, made for watching a demo rather than for statistics. */
export const behaviours = {
  prompt: { acknowledgeSeconds: 15, acceptSeconds: 25, travelSeconds: 60, repairSeconds: 60 },
  late: { acknowledgeSeconds: 90, acceptSeconds: 240, travelSeconds: 31 * 60, repairSeconds: 600 },
  silent: { acknowledgeSeconds: 30, acceptSeconds: null, travelSeconds: null, repairSeconds: null },
} as const satisfies Record<string, Behaviour>

/** What people see of an order; times in ms since 1970, null = not yet. */
export interface SeenOrder {
  readonly id: string
  readonly state: OrderState
  readonly teamId: string | null
  readonly raisedAt: number
  readonly acknowledgedAt: number | null
  readonly acceptedAt: number | null
  readonly arrivedAt: number | null
  readonly restoredAt: number | null
}

export interface Deed {
  readonly action: 'acknowledge' | 'accept' | 'arrive' | 'restore' | 'close'
  readonly body: Readonly<Record<string, string>>
}

/**
 * What such people do next about an order, if they have come to it by `now`.
 * @param assignedAt when it came to them, ms since 1970
 */
export function nextDeed(order: SeenOrder, behaviour: Behaviour, assignedAt: number, now: number): Deed | undefined {
  const technician = { technicianId: `${order.teamId ?? 'crew'}-1` }
  const isDue = (since: number | null, seconds: number | null) =>
    since !== null && seconds !== null && now >= since + seconds * secondMs
  switch (order.state) {
    case 'raised':
      return isDue(order.raisedAt, behaviour.acknowledgeSeconds) ? { action: 'acknowledge', body: {} } : undefined
    case 'acknowledged': {
      const since = Math.max(assignedAt, order.acknowledgedAt ?? assignedAt)
      return isDue(since, behaviour.acceptSeconds) ? { action: 'accept', body: technician } : undefined
    }
    case 'accepted':
      return isDue(order.acceptedAt, behaviour.travelSeconds) ? { action: 'arrive', body: technician } : undefined
    case 'arrived':
      return isDue(order.arrivedAt, behaviour.repairSeconds) ? { action: 'restore', body: technician } : undefined
    case 'restored':
      return isDue(order.restoredAt, 15)
        ? { action: 'close', body: { causeClass: 'equipment', outcome: 'repaired', ...technician } }
        : undefined
    default:
      return undefined
  }
}

/** Plays the people of every open order until the signal comes. Two that act at once are refused like anybody else. */
export async function playPeople(options: {
  openOrders: () => Promise<readonly SeenOrder[]>
  act: (orderId: string, deed: Deed) => Promise<unknown>
  behaviourOf: (teamId: string | null) => Behaviour
  clock: () => number
  signal: AbortSignal
}): Promise<void> {
  const { openOrders, act, behaviourOf, clock, signal } = options
  const assigned = new Map<string, { teamId: string | null; at: number }>()
  while (!signal.aborted) {
    await delay(secondMs, undefined, { signal }).catch(() => undefined)
    const orders = await openOrders().catch(() => [])
    for (const order of orders) {
      const known = assigned.get(order.id)
      const since = known?.teamId === order.teamId ? known : { teamId: order.teamId, at: clock() }
      assigned.set(order.id, since)
      const deed = nextDeed(order, behaviourOf(order.teamId), since.at, clock())
      // somebody else was quicker, or the service is just stopping: the next look says
      if (deed !== undefined) await act(order.id, deed).catch(() => undefined)
    }
    const open = new Set(orders.map(({ id }) => id))
    for (const id of assigned.keys()) if (!open.has(id)) assigned.delete(id)
  }
}
