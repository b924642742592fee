import type { OrderEvent, WorkOrder } from '../../core/incident.ts'
import { givingReasons, type Notice } from '../../core/notice.ts'
import type { Party } from '../../core/plan.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { isEnded, isNobodys, latestTimeOf } from '../life/transitions.ts'
import { noticesOf, notify } from '../notices/notify.ts'

/** Those above a crew. */
const told: readonly Party[] = ['duty-room', 'supervisor']

/**
 * A crew that cannot be told does not come, and does not know it: the order says so for good, and those above are told, once each time
 * that a team is given it. Not where somebody has accepted it, or where the team heard of it in another way.
 */
export async function tellNotReached(
  unit: Operations,
  about: {
    /** Locked by the caller. */
    order: WorkOrder
    /** Gave it to its team, and has not arrived. */
    notice: Notice
    /** Whether another notice that gave it to the team spares those above. */
    reached: (notice: Notice) => boolean
    /** Why it has not arrived. */
    reason: string
    /** ms since 1970, by our clock. */
    now: number
  },
  recordEvent: (unit: Operations, orderId: string, event: OrderEvent, idempotencyKey?: string) => Promise<void>,
): Promise<void> {
  const { order, notice, reached, reason, now } = about
  const { teamId } = notice.recipient
  if (teamId === null || teamId !== order.teamId || isTaken(order)) return
  const given = (await unit.reassignments([order.id])).get(order.id) ?? []
  const key = `not-reached ${teamId} ${given.length}`
  if ((await unit.orderEventByKey(order.id, key)) !== undefined) return
  const letters = await lettersTo(unit, notice, Math.min(notice.createdAt, given.at(-1)?.at ?? 0))
  if (letters.some(reached)) return

  const unreached = letters.map(({ recipient, lastError }) => ({ channelId: recipient.channelId, reason: lastError }))
  const name = (await unit.team(teamId))?.name ?? teamId
  const at = Math.max(now, latestTimeOf(order))
  const data = { action: 'not-reached', teamId, reason: `${name} could not be told: ${reason}`, unreached, told }
  await recordEvent(unit, order.id, { at, type: 'escalated', actor: 'liftwatt', data }, key)
  const heard = { occasion: key, said: `${name}: ${reason}` }
  await notify(unit, { order, reason: 'not-reached', parties: told, heard, now })
}

/** By it a team learns that an order is theirs. */
export function isGiving({ orderId, reason, recipient }: Notice): boolean {
  return orderId !== null && recipient.teamId !== null && givingReasons.includes(reason)
}

/** Somebody has it, is there, or need not go. */
function isTaken(order: WorkOrder): boolean {
  return isEnded(order) || !isNobodys(order)
}

/** What gave the order to that team since then, whatever became of it; a void one reached nobody. */
async function lettersTo(unit: Operations, { orderId, recipient }: Notice, since: number): Promise<Notice[]> {
  if (orderId === null) return []
  return (await noticesOf(unit, orderId)).filter(
    (notice) =>
      isGiving(notice) &&
      notice.recipient.teamId === recipient.teamId &&
      notice.createdAt >= since &&
      notice.state !== 'void',
  )
}
