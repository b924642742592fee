import type { Move } from '../../core/device.ts'
import type { Party } from '../../core/plan.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { recordEvent } from '../evidence/chain.ts'
import { isEnded, latestTimeOf } from '../life/transitions.ts'
import { noticesOf, notifyRecipients } from './notify.ts'

/** Whoever goes there, or sends those who do. */
const concerned: readonly Party[] = ['crew', 'next-crew', 'maintainer', 'insurer-inspector', 'duty-room', 'supervisor']

/** Among so many open orders of a device those are looked for that nobody has arrived at. */
const ordersLookedAt = 100

/**
 * A device is registered at another place while somebody is on the way to it: the order says so for good, and whoever was told to go there
 * hears the new place, once for each change. In the transaction of the change.
 * @param now ms since 1970
 */
export async function tellMoved(unit: Operations, { deviceId, from, to }: Move, now: number): Promise<void> {
  const { items } = await unit.orders({ deviceId, state: 'open', limit: ordersLookedAt })
  for (const { id } of items.filter(({ arrivedAt }) => arrivedAt === null)) {
    const order = await unit.lockOrder(id)
    if (order === undefined || isEnded(order) || order.arrivedAt !== null) continue
    const at = Math.max(now, latestTimeOf(order))
    const data = { action: 'moved', siteId: to, fromSiteId: from }
    await recordEvent(unit, id, { at, type: 'noted', actor: 'liftwatt', data })
    const told = (await noticesOf(unit, id)).filter(({ state }) => state === 'sent' || state === 'waiting')
    const recipients = told
      .map(({ recipient }) => recipient)
      .filter(({ party, teamId }) => concerned.includes(party) && (party !== 'crew' || teamId === order.teamId))
    const { number } = (await unit.chainHead(id)) ?? { number: 0 }
    await notifyRecipients(unit, { order, reason: 'moved', recipients, heard: { occasion: `event ${number}` }, now })
  }
}
