import type { WorkOrder } from '../core/incident.ts'
import type { Contact, ContactRole } from '../core/site.ts'
import type { Operations } from '../stores/operations/port.ts'
import { contactsNear, nearestTeams } from './recipients.ts'
import { isEntrapment } from './transitions.ts'

/** Somebody to call about an order. */
export interface OrderContact {
  readonly role: ContactRole | 'duty-room'
  readonly name: string
  readonly phone: string | null
}

/** As many as a text message has room for, and the duty room. */
const shown = 3

/** Who can open the door first. Who is inside is called first of all where somebody is trapped, and else has nothing to say. */
const firstToCall: readonly ContactRole[] = ['property', 'tenant', 'emergency', 'owner', 'car-phone']

/**
 * Of each role the nearest to the device, one with a phone before one without, and the duty room that is there now.
 * @param now ms since 1970
 */
export async function whomToCall(unit: Operations, order: WorkOrder, now: number): Promise<OrderContact[]> {
  const near = await contactsNear(unit, order)
  const roles = isEntrapment(order) ? (['car-phone', ...firstToCall.slice(0, -1)] as const) : firstToCall
  const nearest = roles.flatMap((role) => nearestOf(near.filter((contact) => contact.role === role)))
  const rooms = await nearestTeams(unit, order, 'duty-room', now)
  const room = rooms.find(({ phone }) => phone !== null)
  return [
    ...nearest.slice(0, shown).map(({ role, name, phone }) => ({ role, name, phone })),
    ...(room === undefined ? [] : [{ role: 'duty-room' as const, name: room.name, phone: room.phone }]),
  ]
}

function nearestOf(contacts: readonly Contact[]): readonly Contact[] {
  return (
    contacts.some(({ phone }) => phone !== null) ? contacts.filter(({ phone }) => phone !== null) : contacts
  ).slice(0, 1)
}
