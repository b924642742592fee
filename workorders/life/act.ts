import { type Clock, dayMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { OrderEvent, WorkOrder } from '../../core/incident.ts'
import { localDate, shanghai } from '../../core/local-time.ts'
import type { TeamType } from '../../core/people.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { type CrewWarning, warningsAbout } from '../crews/choose-crew.ts'
import { gathering } from '../gather/gather.ts'
import { isHeldByWord } from '../intake/join.ts'
import { type FollowUpRequest, followUp, type HandRequest, type Opened, openByHand } from '../intake/manual.ts'
import { type Report, type Reported, takeReport } from '../intake/report.ts'
import { UnknownPlace } from '../intake/reported.ts'
import { type ImportResult, importOrders } from '../past/import-orders.ts'
import type { PastRecords } from '../past/past-records.ts'
import { takeOver } from './absorb.ts'
import { type ActionRequest, decide, isEnded, type OrderAction } from './transitions.ts'
import { verdictOn } from './verdict.ts'
import { type AfterChange, writeDecision } from './write-decision.ts'

/** A later day is a slip of the pen. Unverified default. */
const plannedAheadMs = 2 * 366 * dayMs

/** The order as it is then, and what speaks against the crew to which it was given. */
export type Acted = WorkOrder & { readonly warnings?: readonly CrewWarning[] }

export interface WorkOrders {
  /**
   * @param check refuses whoever may not act on this order by throwing; it sees the order locked, at the time of the action
   * @throws {ExpectedError} `not-found`; `order-state` when the order is elsewhere; `already-done` for a repeat without its key
   */
  act(request: ActionRequest, check?: (order: WorkOrder, now: number) => void): Promise<Acted>
  /** @throws {ExpectedError} `invalid` naming what is wrong */
  openByHand(request: HandRequest): Promise<Opened>
  /** An ended order is never opened again: what comes back gets an order that follows it. @throws {ExpectedError} as `act` */
  followUp(request: FollowUpRequest): Promise<Opened>
  /** What another system found, once per source and id. @throws {ExpectedError} `invalid` */
  report(report: Report): Promise<Reported>
  /**
   * The same for many, in one transaction: all of them or, when one is refused, none; but for those that are about no place that there
   * is, which are answered by their index. @throws {ExpectedError} `invalid`
   */
  reportAll(reports: readonly Report[]): Promise<ReadonlyMap<number, UnknownPlace>>
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

        const asked = await withWho(unit, order, request, now)
        const decision = decide(order, { ...asked, ...(into && { into }) }, now)
        await mustSayWhy(unit, order, request)
        const changed = { ...order, ...decision.change }
        await writeDecision(unit, order, decision, request)
        if (order.acknowledgedAt === null && changed.acknowledgedAt !== null) await see(unit, changed, request.actor)
        if (into !== undefined) await takeOver(unit, order, into, request.actor, decision.at, afterChange)
        else if (isEnded(changed) && !isEnded(order)) await endIncidents(unit, changed, decision.at, endsWithOrder)
        await afterChange(unit, changed, now, { action: request.action, event: decision.event, before: order })
        return { ...changed, ...(asked.warnings && { warnings: asked.warnings }) }
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
        await mustNotGoOn(unit, order)
        return followUp(unit, order, request, clock())
      }),
    report: (report) => operations.transaction((unit) => takeReport(unit, report, clock())),
    reportAll: (reports) =>
      operations.transaction((unit) => {
        const now = clock()
        return gathering(
          unit,
          { deviceIds: reports.flatMap(({ deviceId }) => deviceId ?? []), at: now },
          async (gathered) => {
            const unknown = new Map<number, UnknownPlace>()
            for (const [index, report] of reports.entries()) {
              await takeReport(gathered, report, now).catch((cause: unknown) => {
                if (!(cause instanceof UnknownPlace)) throw cause
                unknown.set(index, cause)
              })
            }
            return unknown
          },
        )
      }),
    importOrders: (past) => operations.transaction((unit) => importOrders(unit, past, clock())),
  }
}

/**
 * The order and the one that it is merged into, locked: incidents before orders and each in order of their ids, as whoever
 * records an episode does, so that no two wait for each other. So are the incidents that may end with it.
 */
async function lockOrders(
  unit: Operations,
  { orderId, intoId, action }: { orderId: string; intoId?: string; action?: OrderAction },
): Promise<[WorkOrder, WorkOrder | undefined]> {
  const ids = [...new Set([orderId, intoId ?? orderId])].sort()
  const incidentIds: string[] = []
  for (const id of ids) incidentIds.push((await unit.order(id))?.incidentId ?? '')
  const ends = action === 'close' || action === 'cancel'
  if (ends) incidentIds.push(...(await unit.ordersMergedInto(orderId)).map(({ incidentId }) => incidentId))
  for (const id of incidentIds.filter((known) => known !== '').sort()) await unit.lockIncident(id)

  const orders = new Map<string, WorkOrder | undefined>()
  for (const id of ids) orders.set(id, await unit.lockOrder(id))
  const order = orders.get(orderId)
  if (order === undefined) throw new ExpectedError('not-found', `There is no work order ${orderId}`)
  return [order, intoId === undefined ? undefined : orders.get(intoId)]
}

/** @throws {ExpectedError} `order-state` naming the order to which whatever is left is to be said */
async function mustNotGoOn(unit: Operations, { id, mergedIntoId }: WorkOrder): Promise<void> {
  if (mergedIntoId === null) return
  const goesOn = (await unit.orderInPlaceOf(id))?.id ?? mergedIntoId
  throw new ExpectedError('order-state', `It is a part of the order ${goesOn}: whatever is left is said there`)
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

/** Nobody calls a crew back from what is known to be real with one key. @throws {ExpectedError} `order-state` */
async function mustSayWhy(
  unit: Operations,
  order: WorkOrder,
  { action, outcome, note, reason }: ActionRequest,
): Promise<void> {
  if (action !== 'close' || outcome !== 'false-alarm' || note !== undefined || reason !== undefined) return
  const isReal = (await verdictOn(unit, order)) === true
  if (!isReal && order.passengerToldAt === null) return
  const known = isReal ? 'It was seen to be real' : 'The trapped passenger was told that help comes'
  throw new ExpectedError('order-state', `${known}: a note must say why it is a false alarm all the same`)
}

const takes: readonly OrderAction[] = ['accept', 'arrive', 'restore']

/** Whoever only decides, or insures, is sent to no lift; an inspection is what inspectors come for. */
function goersTo({ type }: WorkOrder): readonly TeamType[] {
  return type === 'inspection' ? ['crew', 'maintainer', 'insurer-inspector'] : ['crew', 'maintainer']
}

/** With the crew and the name of whoever takes it, as far as we know them. @throws {ExpectedError} `invalid` */
async function withWho(
  unit: Operations,
  order: WorkOrder,
  request: ActionRequest,
  now: number,
): Promise<ActionRequest> {
  const asked = await withCrew(unit, order, request, now)
  const { action, technicianId, actor } = asked
  if (!takes.includes(action) || order.technicianId !== null) return asked
  const id = technicianId ?? actor
  const name = asked.technicianName ?? (await unit.member(id))?.name ?? (await unit.account(id))?.name
  return { ...asked, ...(name !== undefined && name !== id && { technicianName: name }) }
}

/** With the crew that takes it or gets it (where only its member is named, theirs), and what speaks against the one that was named. */
async function withCrew(
  unit: Operations,
  order: WorkOrder,
  request: ActionRequest,
  now: number,
): Promise<ActionRequest> {
  const { action, technicianId } = request
  // refused anyway, by the name of who has it
  if (action === 'accept' && order.technicianId !== null) return request
  const isTheirs = action === 'accept' && request.teamId === undefined && technicianId !== undefined
  const member = isTheirs ? await unit.member(technicianId) : undefined
  const teamId = request.teamId ?? (member?.removedAt === null ? member.teamId : undefined)
  if (teamId === undefined) return request

  const team = await unit.team(teamId)
  if (team === undefined || team.removedAt !== null) {
    throw new ExpectedError('invalid', `teamId: there is no team ${teamId}`)
  }
  if (!goersTo(order).includes(team.type)) {
    throw new ExpectedError('invalid', `teamId: ${teamId} does not go there: its type is ${team.type}`)
  }
  const warnings = request.teamId === undefined ? [] : await warningsAbout(unit, order, team, now)
  return { ...request, teamId, ...(warnings.length > 0 && { warnings }) }
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
  const merged = await unit.ordersMergedInto(order.id)
  const incidents = await unit.incidentsByIds([order, ...merged].map(({ incidentId }) => incidentId))
  for (const { id } of incidents.filter(({ state }) => state !== 'cleared')) {
    const incident = await unit.lockFollowedIncident(id)
    if (incident === undefined || incident.state === 'cleared') continue
    const endsNow = incident.source === 'manual' || endsWithOrder(incident.finding) || isHeldByWord(incident)
    if (endsNow) await unit.updateIncident(id, { state: 'cleared', clearedAt: at })
  }
}
