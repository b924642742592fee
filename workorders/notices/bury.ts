import type { OrderEvent } from '../../core/incident.ts'
import type { Notice } from '../../core/notice.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { endAsking } from '../plans/deadlines.ts'
import { isGiving, tellNotReached } from '../plans/not-reached.ts'
import { noticesOf } from './notify.ts'
import type { Parcel } from './parcels.ts'

/** Makes notices dead letters. @param reason what their receiver said; @param now ms since 1970 */
export type Bury = (parcel: Parcel, reason: string, now: number) => Promise<void>

/**
 * When the last of the notices that gave an order to its team is a dead letter, those above are told; when it is the last by which a
 * contact was asked first, the crew does not wait for them.
 */
export function createBury(options: {
  operations: Operations
  recordEvent: (unit: Operations, orderId: string, event: OrderEvent, idempotencyKey?: string) => Promise<void>
}): Bury {
  const { operations, recordEvent } = options

  async function buryGiving(unit: Operations, notice: Notice, orderId: string, reason: string, now: number) {
    // its order first: whoever acts on an order locks it, and then voids its notices
    const order = await unit.lockOrder(orderId)
    await unit.buryNotices([notice.id], reason)
    const reached = ({ state }: Notice) => state !== 'dead'
    if (order !== undefined) await tellNotReached(unit, { order, notice, reached, reason, now }, recordEvent)
  }

  async function buryAsking(unit: Operations, notice: Notice, orderId: string, reason: string, now: number) {
    const order = await unit.lockOrder(orderId)
    await unit.buryNotices([notice.id], reason)
    const told = await noticesOf(unit, orderId)
    const isAsked = told.some((one) => isAsking(one) && one.state !== 'dead' && one.state !== 'void')
    if (order !== undefined && !isAsked) await endAsking(unit, order, now)
  }

  return async (parcel, reason, now) => {
    const others = parcel.filter((notice) => !isGiving(notice) && !isAsking(notice))
    if (others.length > 0) await operations.buryNotices(idsOf(others), reason)
    for (const notice of parcel) {
      const { orderId } = notice
      if (orderId === null) continue
      const buryIt = isGiving(notice) ? buryGiving : isAsking(notice) ? buryAsking : undefined
      if (buryIt) await operations.transaction((unit) => buryIt(unit, notice, orderId, reason, now))
    }
  }
}

function isAsking({ orderId, reason }: Notice): boolean {
  return orderId !== null && reason === 'ask-first'
}

function idsOf(notices: readonly Notice[]): string[] {
  return notices.map(({ id }) => id)
}
