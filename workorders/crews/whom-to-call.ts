import { isEntrapment, type WorkOrder } from '../../core/incident.ts'
import type { ContactRole } from '../../core/site.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { contactsNear, nearestTeams } from '../notices/recipients.ts'

/** Somebody to call about an order. */
export interface OrderContact {
  readonly role: ContactRole | 'duty-room'
  readonly name: string
  readonly phone: string | null
}

/** As many as a text message has room for, and the duty room. */
const shown = 3

/** Who can open the door comes first. */
const outside: readonly ContactRole[] = ['property', 'tenant', 'emergency', 'owner']

/**
 * Of each role the nearest to the device, one with a phone before one without, and the duty room that is there now. Who is in
 * the car is called first of all where somebody is trapped.
 * @param now ms since 1970
 */
export async function whomToCall(unit: Operations, order: WorkOrder, now: number): Promise<OrderContact[]> {
  const near = await contactsNear(unit, order)
  const roles: readonly ContactRole[] = isEntrapment(order) ? ['car-phone', ...outside] : [...outside, 'car-phone']
  const contacts = roles.flatMap((role) => {
    const ofRole = near.filter((contact) => contact.role === role)
    return ofRole.find(({ phone }) => phone !== null) ?? ofRole[0] ?? []
  })
  const rooms = await nearestTeams(unit, order, 'duty-room', now)
  const room = rooms.find(({ phone }) => phone !== null)
  return [
    ...contacts.slice(0, shown).map(({ role, name, phone }) => ({ role, name, phone })),
    ...(room === undefined ? [] : [{ role: 'duty-room' as const, name: room.name, phone: room.phone }]),
  ]
}
