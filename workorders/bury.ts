import type { OrderEvent, WorkOrder } from '../core/incident.ts'
import { givingReasons, type Notice } from '../core/notice.ts'
import type { Party } from '../core/plan.ts'
import type { Operations } from '../stores/operations/port.ts'
import { noticesOfOrder, notify } from './notify.ts'
import type { Parcel } from './parcels.ts'
import { isEnded, latestTimeOf } from './transitions.ts'

/** Makes notices dead letters. @param reason what their receiver said; @param now ms since 1970 */
export type Bury = (parcel: Parcel, reason: string, now: number) => Promise<void>

/** Those above a crew. */
const told: readonly Party[] = ['duty-room', 'supervisor']

/**
 * A crew that cannot be told does not come, and does not know it. When the last of the notices that gave an order to its team is a dead
 * letter, the order says so for good, and those above are told: once each time that a team is given it.
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
    const { teamId } = notice.recipient
    if (order === undefined || teamId === null || teamId !== order.teamId || isTaken(order)) return
    const given = (await unit.reassignments([orderId])).get(orderId) ?? []
    const key = `not-reached ${teamId} ${given.length}`
    if ((await unit.orderEventByKey(orderId, key)) !== undefined) return
    const letters = await lettersTo(unit, notice, Math.min(notice.createdAt, given.at(-1)?.at ?? 0))
    if (letters.some(({ state }) => state !== 'dead')) return

    const unreached = letters.map(({ recipient, lastError }) => ({ channelId: recipient.channelId, reason: lastError }))
    const name = (await unit.team(teamId))?.name ?? teamId
    const at = Math.max(now, latestTimeOf(order))
    const data = { action: 'not-reached', teamId, reason: `${name} could not be told: ${reason}`, unreached, told }
    await recordEvent(unit, orderId, { at, type: 'escalated', actor: 'liftwatt', data }, key)
    const heard = { occasion: key, said: `${name}: ${reason}` }
    await notify(unit, { order, reason: 'not-reached', parties: told, heard, now })
  }

  return async (parcel, reason, now) => {
    const others = parcel.filter((notice) => !isGiving(notice))
    if (others.length > 0) await operations.buryNotices(idsOf(others), reason)
    for (const notice of parcel) {
      const { orderId } = notice
      if (orderId === null || !isGiving(notice)) continue
      await operations.transaction((unit) => buryGiving(unit, notice, orderId, reason, now))
    }
  }
}

function isGiving({ orderId, reason, recipient }: Notice): boolean {
  return orderId !== null && recipient.teamId !== null && givingReasons.includes(reason)
}

/** Somebody has it, is there, or need not go. */
function isTaken(order: WorkOrder): boolean {
  return isEnded(order) || order.technicianId !== null || order.arrivedAt !== null
}

/** What gave the order to that team since then, whatever became of it; a void one reached nobody. */
async function lettersTo(unit: Operations, { orderId, recipient }: Notice, since: number): Promise<Notice[]> {
  if (orderId === null) return []
  const { items } = await unit.notices({ orderId, limit: noticesOfOrder })
  return items.filter(
    (notice) =>
      isGiving(notice) &&
      notice.recipient.teamId === recipient.teamId &&
      notice.createdAt >= since &&
      notice.state !== 'void',
  )
}

function idsOf(notices: readonly Notice[]): string[] {
  return notices.map(({ id }) => id)
}
