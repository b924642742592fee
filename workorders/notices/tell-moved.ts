import type { Move } from '../../core/device.ts'
import type { WorkOrder } from '../../core/incident.ts'
import type { Party } from '../../core/plan.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { recordEvent, rowInChain } from '../evidence/chain.ts'
import { isEnded, latestTimeOf } from '../life/transitions.ts'
import { isOnItsWay, noticesOf, notifyRecipients } from './notify.ts'
import { recipientsOf } from './recipients.ts'

/** Beside the crew that has it: whoever goes there, or sends those who do. */
const concerned: readonly Party[] = ['next-crew', 'maintainer', 'insurer-inspector', 'duty-room', 'supervisor']

/** Among so many open orders of a device those are looked for that nobody has arrived at. */
const ordersLookedAt = 100

/**
 * A device is registered at another place while somebody is on the way to it: order and incident are there from now on, the order says so for
 * good, and the crew, the duty room of the new place and whoever was told to go there hear it, once for each change. In the transaction of
 * the change.
 * @param now ms since 1970
 */
export async function tellMoved(unit: Operations, { deviceId, from, to }: Move, now: number): Promise<void> {
  const { items } = await unit.orders({ deviceId, state: 'open', limit: ordersLookedAt })
  const place = await unit.placeOf(deviceId)
  for (const { id, incidentId } of items.filter(({ arrivedAt }) => arrivedAt === null)) {
    await unit.lockIncident(incidentId)
    const order = await unit.lockOrder(id)
    if (order === undefined || isEnded(order) || order.arrivedAt !== null) continue
    const moved = { ...order, siteId: to }
    await unit.updateOrder(id, order.state, { siteId: to })
    await unit.updateIncident(incidentId, { place })
    const at = Math.max(now, latestTimeOf(order))
    const data = { action: 'moved', siteId: to, fromSiteId: from, order: rowInChain(moved) }
    await recordEvent(unit, id, { at, type: 'noted', actor: 'liftwatt', data })
    await tellOf(unit, moved, now)
  }
}

async function tellOf(unit: Operations, order: WorkOrder, now: number): Promise<void> {
  const told = (await noticesOf(unit, order.id)).filter(isOnItsWay).map(({ recipient }) => recipient)
  const recipients = [
    // who took it has it, though no message of it went to them
    ...(await recipientsOf(unit, order, 'crew', now)),
    ...(await recipientsOf(unit, order, 'duty-room', now)),
    ...told.filter(({ party }) => concerned.includes(party)),
  ]
  const { number } = (await unit.chainHead(order.id)) ?? { number: 0 }
  await notifyRecipients(unit, { order, reason: 'moved', recipients, heard: { occasion: `event ${number}` }, now })
}
