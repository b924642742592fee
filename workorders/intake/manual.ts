import { ExpectedError } from '../../core/errors.ts'
import { type Incident, isEntrapment, type WorkOrder } from '../../core/incident.ts'
import { orderTypeOf, type Severity } from '../../core/severity.ts'
import type { Operations, OrderChange } from '../../stores/operations/port.ts'
import { recordEvent } from '../evidence/chain.ts'
import { openOrder, upgradeOrder } from '../life/open.ts'
import { decide } from '../life/transitions.ts'
import { saysCarIsDangerous, saysHurt } from './in-danger.ts'
import { type Heard, type Joined, joinRunning } from './join.ts'
import { anyReport, insertReported, manualSource, type Whereabouts, whereIs } from './reported.ts'
import { namesElevator, reportedEntrapment, saysOutOfOrder, saysTrapped } from './same-event.ts'
import { severityTold } from './still-told.ts'

export interface Opened {
  readonly order: WorkOrder
  /** False when the same key had opened it before, or when it was under way already and this call joined it. */
  readonly created: boolean
}

export type PeopleInside = 'yes' | 'no' | 'unknown'

export type HandType = 'manual' | 'inspection' | 'planned'

export interface HandRequest extends Whereabouts {
  readonly actor: string
  readonly summary: string
  readonly severity: Exclude<Severity, 'info'>
  readonly finding?: string
  /** Of a call about an elevator that names no finding: whether somebody is in the car. Missing = nobody asked. */
  readonly peopleInside?: PeopleInside
  readonly type?: HandType
  readonly reportedBy?: Readonly<Record<string, string>>
  /** When it is to be done, for what is planned. */
  readonly dueAt?: number
  readonly idempotencyKey?: string
}

export interface FollowUpRequest {
  /** The order that ended. */
  readonly orderId: string
  readonly actor: string
  readonly reason?: string
  readonly summary?: string
  readonly severity?: Exclude<Severity, 'info'>
  readonly idempotencyKey?: string
}

/**
 * A citizen called, or somebody plans work: an incident and its order, raised now. What is urgent is to be reached within 30
 * minutes of the call, as if a sensor had found it. Whoever calls about somebody who is trapped joins the order that is under way.
 * @throws {ExpectedError} `invalid`
 */
export async function openByHand(unit: Operations, request: HandRequest, now: number): Promise<Opened> {
  const { summary, severity: said, reportedBy, dueAt, peopleInside } = request
  // who is inside now waits for no date, whatever was asked for
  const type = peopleInside === 'yes' ? 'manual' : (request.type ?? 'manual')
  if (type !== 'manual' && orderTypeOf(said) !== 'planned') {
    throw new ExpectedError('invalid', `severity: work of type ${type} waits for its date; what is ${said} does not`)
  }
  const placed = await whereIs(unit, request)
  const finding = request.finding ?? (await findingIn(unit, request))
  if (type !== 'manual' && finding === reportedEntrapment && request.finding === undefined) {
    const ways = "leave it out or, where nobody is inside now, answer peopleInside: 'no'"
    throw new ExpectedError('invalid', `type: it says that somebody is shut in, who waits for no date: ${ways}`)
  }
  const severity = type === 'manual' ? await severityCalled(unit, request, finding) : said
  const heard = heardOf({ ...request, severity }, finding)
  const joined = type === 'manual' ? await joinRunning(unit, placed, heard, now, upgradeOrder) : undefined
  if (joined !== undefined) return { order: sameCall(joined, request), created: false }

  const told = { ...placed, finding, severity, summary, externalId: request.idempotencyKey ?? null }
  const incident = await insertReported(unit, { ...told, ...reportedAt(now) })
  if (incident === undefined) return { order: await sameAsBefore(unit, request), created: false }

  const change = { type, ...(reportedBy && { reportedBy }), ...(dueAt !== undefined && { dueAt }) }
  const order = await openAs(unit, incident, change, now)
  await recordEvent(unit, order.id, {
    at: now,
    type: 'noted',
    actor: request.actor,
    // who called is not here: a person may be forgotten, the chain forgets nothing
    data: {
      ...{ action: 'open-by-hand', type, finding, severity, summary },
      ...(peopleInside && { peopleInside }),
      ...(dueAt !== undefined && { dueAt }),
    },
  })
  const data = { type, finding, severity, scope: placed.scope }
  await unit.insertAudit({ at: now, actor: request.actor, action: 'order-opened', subject: order.id, data })
  return { order, created: true }
}

/**
 * The fault is back, or was not gone: a new order about the same thing that follows the ended one, with a clock of its own.
 * @throws {ExpectedError} `order-state` while the first is open, or another follows it that is open: whoever is on it must not be told twice;
 * `invalid` when who is shut in again is to wait for a date
 */
export async function followUp(
  unit: Operations,
  ended: WorkOrder,
  request: FollowUpRequest,
  now: number,
): Promise<Opened> {
  const { actor, reason, idempotencyKey } = request
  const done = idempotencyKey === undefined ? undefined : await unit.orderEventByKey(ended.id, idempotencyKey)
  if (done !== undefined) return { order: await followerIn(unit, done.data), created: false }

  const { event } = decide(ended, { orderId: ended.id, action: 'follow-up', actor, ...(reason && { reason }) }, now)
  const running = await unit.openFollowUpOf(ended.id)
  if (running !== undefined) throw new ExpectedError('order-state', `It is followed by ${running.id}, which is open`)
  const before = await unit.incident(ended.incidentId)
  if (before === undefined) throw new Error(`order ${ended.id} has no incident`)
  const { finding } = ended
  const { summary = ended.summary } = request
  const said = request.severity ?? (isEntrapment(ended) ? 'critical' : atLeastPlanned(ended.severity))
  const severity = severityTold({ finding, severity: said })
  if (orderTypeOf(said) !== orderTypeOf(severity)) {
    const other = 'what is left to be done is an order of its own, opened by hand'
    throw new ExpectedError('invalid', `severity: somebody is shut in again, who waits for no date; ${other}`)
  }
  const { scope, deviceId, place } = before
  const told = { scope, deviceId, place, finding, summary, severity, externalId: null }
  // the figures of the time before belong to its words: they would stand in the place of new ones
  const evidence = request.summary === undefined ? before.evidence : {}
  const incident = await insertReported(unit, { ...told, ...reportedAt(now), evidence })
  if (incident === undefined) throw new Error('an incident without a key is always new')

  const order = await openAs(unit, incident, { followsId: ended.id }, now)
  await recordEvent(unit, order.id, {
    at: now,
    type: 'noted',
    actor,
    data: { action: 'follow-up', followsId: ended.id },
  })
  const data = { ...event.data, followedById: order.id }
  await recordEvent(unit, ended.id, { ...event, data }, idempotencyKey)
  await unit.insertAudit({ at: now, actor, action: 'order-followed-up', subject: ended.id, data })
  return { order, created: true }
}

function heardOf({ actor, severity, summary, reportedBy, idempotencyKey }: HandRequest, finding: string): Heard {
  const said = { actor, finding, severity, summary, ...(reportedBy && { reportedBy }) }
  return { ...said, source: manualSource, externalId: idempotencyKey ?? null, state: 'open', countsAgain: false }
}

/**
 * Whoever calls seldom names a finding. Where somebody is trapped in an elevator, by what the caller answered or by their words, the
 * passenger is to be told, too, whether or not they know which one it is.
 * @throws {ExpectedError} `invalid` when people are inside of what is no elevator
 */
async function findingIn(unit: Operations, { deviceId, summary, peopleInside }: HandRequest): Promise<string> {
  if (peopleInside === 'no') return anyReport
  const isOfElevator = await isAboutElevator(unit, { deviceId, summary })
  if (peopleInside === 'yes') {
    // that somebody is inside says by itself that it is one, where no device is named
    if (deviceId === undefined || isOfElevator) return reportedEntrapment
    throw new ExpectedError('invalid', `peopleInside: ${deviceId} is no elevator`)
  }
  // that nobody knows it is no reason to leave them alone
  const isTrapped = saysTrapped(summary) || (peopleInside === 'unknown' && saysOutOfOrder(summary))
  return isTrapped && isOfElevator ? reportedEntrapment : anyReport
}

/** Work that has its date is about what was before, whatever its words are. */
async function severityCalled(
  unit: Operations,
  request: HandRequest,
  finding: string,
): Promise<HandRequest['severity']> {
  const { severity, summary, reportedBy, dueAt } = request
  if (dueAt !== undefined) return severityTold({ finding, severity })
  const words = reportedBy?.words === undefined ? summary : `${summary}\n${reportedBy.words}`
  return severityHeard(unit, { ...request, finding, summary: words })
}

/** However mildly it is told: whoever is shut in is in critical danger, and so is who is hurt, or in a car that fell. */
export async function severityHeard<S extends Severity>(
  unit: Operations,
  told: { readonly deviceId?: string; readonly finding: string; readonly severity: S; readonly summary: string },
): Promise<S | 'critical'> {
  if (saysHurt(told.summary)) return 'critical'
  const fell = saysCarIsDangerous(told.summary) && (await isAboutElevator(unit, told))
  return fell ? 'critical' : severityTold(told)
}

/** Whether words are of an elevator: the device that they are about is one or, where none is named, they say so. */
export async function isAboutElevator(
  unit: Operations,
  { deviceId, summary }: { deviceId?: string | undefined; summary: string },
): Promise<boolean> {
  if (deviceId === undefined) return namesElevator(summary)
  return (await unit.device(deviceId))?.kind === 'elevator'
}

function reportedAt(now: number) {
  const times = { occurredAt: now, detectedAt: now, clearedAt: null }
  return { state: 'open' as const, evidence: {}, source: manualSource, ...times }
}

async function openAs(unit: Operations, incident: Incident, change: OrderChange, now: number): Promise<WorkOrder> {
  const { type, dueAt, ...rest } = change
  const given = { ...(type !== undefined && { type }), ...(dueAt != null && { dueAt }) }
  const order = await openOrder(unit, incident, now, given)
  if (order === undefined) throw new Error(`an incident that is ${incident.severity} got no order`)
  await unit.updateOrder(order.id, order.state, rest)
  return { ...order, ...rest }
}

/** The same call again. Another one under its key must not be taken for it: somebody would wait in vain. */
async function sameAsBefore(
  unit: Operations,
  { deviceId, siteId, gatewayId, finding, summary, ...call }: HandRequest,
): Promise<WorkOrder> {
  const externalId = call.idempotencyKey ?? ''
  const incident = await unit.lockReportedIncident({ source: manualSource, externalId })
  const order = incident && (await unit.orderOfIncident(incident.id))
  if (order === undefined) throw new Error(`nothing was opened under the key ${externalId}`)
  // as it was told: the order may be about something more certain by now
  const isThere = incident?.scope.id === (deviceId ?? siteId ?? gatewayId) && incident?.deviceId === (deviceId ?? null)
  const isSame = isThere && incident?.summary === summary
  if (isSame && (finding === undefined || finding === incident.finding)) return order
  throw usedForAnother()
}

function sameCall({ order, told }: Joined, { summary }: HandRequest): WorkOrder {
  if (told === undefined || told.data.summary === summary) return order
  throw usedForAnother()
}

/** It does not say for which one: the caller may not see that order. */
function usedForAnother(): ExpectedError {
  return new ExpectedError('already-done', 'This Idempotency-Key was used for another order')
}

async function followerIn(unit: Operations, { followedById }: Readonly<Record<string, unknown>>): Promise<WorkOrder> {
  const order = typeof followedById === 'string' ? await unit.order(followedById) : undefined
  if (order === undefined) throw new ExpectedError('already-done', 'This Idempotency-Key was used for another action')
  return order
}

function atLeastPlanned(severity: Severity): Exclude<Severity, 'info'> {
  return severity === 'info' ? 'warning' : severity
}
