import { type Clock, dayMs } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import type { OrderEvent, WorkOrder } from '../core/incident.ts'
import { localDate, shanghai } from '../core/local-time.ts'
import type { TeamType } from '../core/people.ts'
import type { Operations } from '../stores/operations/port.ts'
import { takeOver } from './absorb.ts'
import { type ImportResult, importOrders } from './import-orders.ts'
import { type FollowUpRequest, followUp, type HandRequest, type Opened, openByHand } from './manual.ts'
import type { PastRecords } from './past-records.ts'
import { type Report, type Reported, takeReport } from './report.ts'
import { type ActionRequest, decide, isEnded, type OrderAction } from './transitions.ts'
import { type AfterChange, writeDecision } from './write-decision.ts'

/** A later day is a slip of the pen. Unverified default. */
const plannedAheadMs = 2 * 366 * dayMs

export interface WorkOrders {
  /**
   * @param check refuses whoever may not act on this order by throwing; it sees the order locked, at the time of the action
   * @throws {ExpectedError} `not-found`; `order-state` when the order is elsewhere; `already-done` for a repeat without its key
   */
  act(request: ActionRequest, check?: (order: WorkOrder, now: number) => void): Promise<WorkOrder>
  /** @throws {ExpectedError} `invalid` naming what is wrong */
  openByHand(request: HandRequest): Promise<Opened>
  /** An ended order is never opened again: what comes back gets an order that follows it. @throws {ExpectedError} as `act` */
  followUp(request: FollowUpRequest): Promise<Opened>
  /** What another system found, once per source and id. @throws {ExpectedError} `invalid` */
  report(report: Report): Promise<Reported>
  /** All of a file or, when a line is wrong, nothing of it. */
  importOrders(past: PastRecords): Promise<ImportResult>
}

export type { AfterChange, Done } from './write-decision.ts'

export function createWorkOrders(options: {
  operations: Operations
  clock: Clock
  /** Whether nothing but the order's end ends this finding's episode: its detector never says that it is over. */
  endsWithOrder?: (finding: string) => boolean
  /** Runs in the transaction of the change: deadlines are settled and notices written, or nothing has happened. */
  afterChange?: AfterChange
}): WorkOrders {
  const { operations, clock, endsWithOrder = () => false, afterChange = async () => {} } = options
  return {
    act: (request, check) =>
      operations.transaction(async (unit) => {
        const [order, into] = await lockOrders(unit, request)
        const now = clock()
        check?.(order, now)
        if (await isDone(unit, order, request)) return order

        const decision = decide(order, { ...(await withWho(unit, order, request)), ...(into && { into }) }, now)
        const changed = { ...order, ...decision.change }
        await writeDecision(unit, order, decision, request)
        if (order.acknowledgedAt === null && changed.acknowledgedAt !== null) await see(unit, changed, request.actor)
        if (into !== undefined) await takeOver(unit, order, into, request.actor, decision.at, afterChange)
        else if (isEnded(changed) && !isEnded(order)) await endIncidents(unit, changed, decision.at, endsWithOrder)
        await afterChange(unit, changed, now, { action: request.action, event: decision.event, before: order })
        return changed
      }),
    openByHand: (request) =>
      operations.transaction(async (unit) => {
        const now = clock()
        const opened = await openByHand(unit, request, now)
        const { dueAt = now } = request
        // not of one that was opened before, with the same key
        if (opened.created && localDate(dueAt, shanghai) < localDate(now, shanghai)) {
          throw new ExpectedError('invalid', 'dueAt: that day is over')
        }
        if (opened.created && dueAt > now + plannedAheadMs) {
          throw new ExpectedError('invalid', 'dueAt: that day is more than two years ahead')
        }
        return opened
      }),
    followUp: (request) =>
      operations.transaction(async (unit) => {
        const [order] = await lockOrders(unit, request)
        return followUp(unit, order, request, clock())
      }),
    report: (report) => operations.transaction((unit) => takeReport(unit, report, clock())),
    importOrders: (past) => operations.transaction((unit) => importOrders(unit, past, clock())),
  }
}

/**
 * The order and the one that it is merged into, locked: incidents before orders and each in order of their ids, as whoever
 * records an episode does, so that no two wait for each other.
 */
async function lockOrders(
  unit: Operations,
  { orderId, intoId }: { orderId: string; intoId?: string },
): Promise<[WorkOrder, WorkOrder | undefined]> {
  const ids = [...new Set([orderId, intoId ?? orderId])].sort()
  const incidentIds: string[] = []
  for (const id of ids) incidentIds.push((await unit.order(id))?.incidentId ?? '')
  for (const id of incidentIds.filter((known) => known !== '').sort()) await unit.lockIncident(id)

  const orders = new Map<string, WorkOrder | undefined>()
  for (const id of ids) orders.set(id, await unit.lockOrder(id))
  const order = orders.get(orderId)
  if (order === undefined) throw new ExpectedError('not-found', `There is no work order ${orderId}`)
  return [order, intoId === undefined ? undefined : orders.get(intoId)]
}

async function isDone(unit: Operations, order: WorkOrder, { action, idempotencyKey }: ActionRequest): Promise<boolean> {
  if (idempotencyKey === undefined) return false
  const done = await unit.orderEventByKey(order.id, idempotencyKey)
  if (done === undefined) return false
  if (actionOf(done) === action) return true
  throw new ExpectedError('already-done', `This Idempotency-Key was used for another action (${actionOf(done)})`)
}

const actionsByState: Readonly<Record<string, OrderAction>> = {
  acknowledged: 'acknowledge',
  accepted: 'accept',
  arrived: 'arrive',
  restored: 'restore',
  closed: 'close',
  cancelled: 'cancel',
}

/** An event names its action where the state reached does not say it. */
function actionOf({ type, data }: OrderEvent): string {
  return typeof data.action === 'string' ? data.action : (actionsByState[type] ?? type)
}

const takes: readonly OrderAction[] = ['accept', 'arrive', 'restore']

/** Whoever only decides, or insures, is sent to no lift; an inspection is what inspectors come for. */
function goersTo({ type }: WorkOrder): readonly TeamType[] {
  return type === 'inspection' ? ['crew', 'maintainer', 'insurer-inspector'] : ['crew', 'maintainer']
}

/** With the crew and the name of whoever takes it, as far as we know them. @throws {ExpectedError} `invalid` */
async function withWho(unit: Operations, order: WorkOrder, request: ActionRequest): Promise<ActionRequest> {
  const { action, teamId, technicianId, actor } = request
  if (teamId !== undefined) {
    const team = await unit.team(teamId)
    if (team === undefined || team.removedAt !== null) {
      throw new ExpectedError('invalid', `teamId: there is no team ${teamId}`)
    }
    if (action === 'reassign' && !goersTo(order).includes(team.type)) {
      throw new ExpectedError('invalid', `teamId: ${teamId} does not go there: its type is ${team.type}`)
    }
  }
  if (!takes.includes(action) || order.technicianId !== null) return request
  const id = technicianId ?? actor
  const member = await unit.member(id)
  const name = request.technicianName ?? member?.name ?? (await unit.account(id))?.name
  const isTheirs = action === 'accept' && teamId === undefined && technicianId !== undefined
  const ofTeam = isTheirs && member?.removedAt === null ? { teamId: member.teamId } : {}
  return { ...request, ...ofTeam, ...(name !== undefined && name !== id && { technicianName: name }) }
}

/** Whoever has seen the order has seen its incident. */
async function see(unit: Operations, { incidentId, acknowledgedAt }: WorkOrder, actor: string): Promise<void> {
  const incident = await unit.incident(incidentId)
  if (acknowledgedAt === null || incident === undefined || incident.acknowledgedAt !== null) return
  await unit.updateIncident(incidentId, { acknowledgedAt, acknowledgedBy: actor })
}

/** Of the order that ended and of all that were merged into it: what only people can say to be over. */
async function endIncidents(
  unit: Operations,
  order: WorkOrder,
  at: number,
  endsWithOrder: (finding: string) => boolean,
): Promise<void> {
  const incident = await unit.incident(order.incidentId)
  const endsNow = incident !== undefined && (incident.source === 'manual' || endsWithOrder(incident.finding))
  if (endsNow && incident.state !== 'cleared') {
    await unit.updateIncident(incident.id, { state: 'cleared', clearedAt: at })
  }
  for (const merged of await unit.ordersMergedInto(order.id)) await endIncidents(unit, merged, at, endsWithOrder)
}
