import type { FastifyRequest } from 'fastify'
import { ExpectedError } from '../core/errors.ts'
import { isEntrapment, type WorkOrder } from '../core/incident.ts'
import { type LimitedSight, type Sight, sightOf } from '../core/sight.ts'
import type { Operations } from '../stores/operations/port.ts'
import type { Acted, WorkOrders } from '../workorders/life/act.ts'
import { type ActionRequest, isEnded, isNobodys, type OrderAction } from '../workorders/life/transitions.ts'
import { dispatchers } from './scope.ts'

/** What a crew does at the lift: whoever maintains it sees also orders that others have, and ends none of their clocks. */
const doneOnSite: readonly OrderAction[] = ['arrive', 'restore', 'close']

/**
 * An action on an order that the caller sees: the crew and the order that it names must be ones that they see too, and a crew
 * that lost the order since it was looked for does nothing to it any more.
 */
export async function actInSight(
  { operations, workOrders }: { operations: Operations; workOrders: Pick<WorkOrders, 'act'> },
  request: FastifyRequest,
  asked: ActionRequest,
): Promise<Acted> {
  const { sight } = request
  await mustHaveSeen(operations, request, asked)
  const stranger = await strangerTo(operations, sight, asked)
  const mustGo = (order: WorkOrder) => {
    if (stranger !== undefined && isToBeTaken(order)) throw stranger
    if (sight === 'everything' || sight.teams.length === 0) mustSayWhoGoes(request, asked, order)
  }
  if (sight === 'everything') return workOrders.act(asked, mustGo)
  if (asked.teamId !== undefined) await request.mustSee('team', asked.teamId, 'teamId')
  if (asked.intoId !== undefined) await request.mustSee('order', asked.intoId, 'intoId')

  const before = await operations.order(asked.orderId)
  // looked for again, after it was read: whose it was then, it was while they saw it
  if (before === undefined || !(await operations.sees(sight, 'order', asked.orderId))) {
    throw new ExpectedError('not-found', `There is no work order ${asked.orderId}`)
  }
  const teamId = asked.action === 'accept' ? await teamOf(operations, sight, asked, before) : undefined
  return workOrders.act({ ...asked, ...(teamId && { teamId }) }, (order) => {
    mustGo(order)
    const isAnothers = sight.sites.length === 0 && order.teamId !== null && !sight.teams.includes(order.teamId)
    if (isAnothers && doneOnSite.includes(asked.action)) {
      throw new ExpectedError('order-state', `${order.teamId} has the order now`)
    }
    if (sight.sites.length === 0) mustBeForDutyRoom(order, asked)
    if (sight.teams.length === 0 || order.teamId === before.teamId) return
    throw new ExpectedError('order-state', 'The order was given to others at the same moment; look again')
  })
}

/** A crew may be wrong about a car that it did not find. @throws {ExpectedError} `order-state` */
export function mustBeForDutyRoom(order: WorkOrder, { action, outcome }: ActionRequest): void {
  if (action !== 'close' || outcome !== 'false-alarm' || order.closedAt !== null || !isEntrapment(order)) return
  throw new ExpectedError('order-state', 'Whether nobody was trapped is for the duty room to say: it may close it')
}

/**
 * Whoever sends others goes nowhere: an order that no crew has is not taken by them, or the search for one would end. A program with the
 * operator's token says what it likes.
 * @throws {ExpectedError} `invalid`
 */
function mustSayWhoGoes(
  { viewer }: FastifyRequest,
  { action, teamId, technicianId }: ActionRequest,
  order: WorkOrder,
): void {
  const isNamed = teamId !== undefined || technicianId !== undefined || order.teamId !== null
  if (action !== 'accept' || viewer.accountId === null || isNamed || !isToBeTaken(order)) return
  throw new ExpectedError('invalid', 'teamId: no crew has the order yet: say which one goes, or acknowledge it')
}

/** Else it is refused for that, whoever is named. */
function isToBeTaken(order: WorkOrder): boolean {
  return isNobodys(order) && !isEnded(order)
}

/**
 * Whether it is real says the duty room, which looks through the camera, or the crew that is there.
 * @throws {ExpectedError} `forbidden`
 */
async function mustHaveSeen(
  operations: Operations,
  { viewer }: FastifyRequest,
  { orderId, verified }: ActionRequest,
): Promise<void> {
  if (verified === undefined || viewer.accountId === null) return
  const sent = sightOf(viewer.memberships, dispatchers)
  if (sent === 'everything' || (await operations.sees(sent, 'order', orderId))) return
  const order = await operations.order(orderId)
  const crew = sightOf(viewer.memberships, ['technician', 'maintainer'])
  const hasIt = crew !== 'everything' && crew.teams.some((id) => id === order?.teamId)
  if (hasIt && order?.arrivedAt != null) return
  throw new ExpectedError('forbidden', 'verified: the duty room says it, or the crew that is on site')
}

/** Whoever is named is of the crew that is named; of a name that the caller does not see, nobody tells them whose it is. */
async function strangerTo(
  operations: Operations,
  sight: Sight,
  { action, teamId, technicianId }: ActionRequest,
): Promise<ExpectedError | undefined> {
  if (action !== 'accept' || teamId === undefined || technicianId === undefined) return undefined
  const member = await operations.member(technicianId)
  if (member === undefined || member.removedAt !== null || member.teamId === teamId) return undefined
  if (sight !== 'everything' && !(await operations.sees(sight, 'member', member.id))) return undefined
  return new ExpectedError('invalid', `technicianId: ${technicianId} is of ${member.teamId}, not of ${teamId}`)
}

/** Whoever accepts, accepts for a team that they see: nobody's order goes elsewhere because of a name that is written there. */
async function teamOf(
  operations: Operations,
  sight: LimitedSight,
  { teamId, technicianId }: ActionRequest,
  order: WorkOrder,
): Promise<string | null | undefined> {
  if (teamId !== undefined) return teamId
  if (sight.sites.length === 0) {
    return order.teamId !== null && sight.teams.includes(order.teamId) ? order.teamId : sight.teams[0]
  }
  const member = technicianId === undefined ? undefined : await operations.member(technicianId)
  return member === undefined || (await operations.sees(sight, 'member', member.id)) ? undefined : order.teamId
}
