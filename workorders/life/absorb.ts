import { type Caller, callersOf, withCaller } from '../../core/callers.ts'
import { ExpectedError } from '../../core/errors.ts'
import { isEntrapment, type OrderEvent, type WorkOrder } from '../../core/incident.ts'
import { isMoreSevere } from '../../core/severity.ts'
import type { ChainHead, EvidenceLink, IncidentChange, Operations, OrderChange } from '../../stores/operations/port.ts'
import { firstToldAt } from '../crews/crew-told.ts'
import { recordEvent, rowWithPlan } from '../evidence/chain.ts'
import { carryEvidence } from '../evidence/evidence.ts'
import { asEntrapment, becameIn } from '../intake/join.ts'
import { manualSource, saidBy } from '../intake/reported.ts'
import { notify, notifyFurther } from '../notices/notify.ts'
import { tellMerged } from '../notices/tell-merged.ts'
import { endAsking, followPlan, isContactAsked } from '../plans/deadlines.ts'
import { planAnew } from '../plans/plan-of.ts'
import { watchAcceptance } from '../plans/told-again.ts'
import { type ActionRequest, type Decision, decide, isNobodys, latestTimeOf, mayBeDone } from './transitions.ts'
import { verdictOn } from './verdict.ts'
import { type AfterChange, writeDecision } from './write-decision.ts'

const system = 'liftwatt'

type Step = Pick<ActionRequest, 'action' | 'technicianId' | 'technicianName' | 'teamId' | 'intoId' | 'reason'>

/** What the event of an order says by which it took over another. */
export interface Taken {
  readonly mergedOrderId: string
  /** Where the other's chain ended: that of the order that goes on vouches for it. */
  readonly mergedChain: Pick<ChainHead, 'number' | 'hash'>
  readonly mergedEvidence: readonly Pick<EvidenceLink, 'incidentId' | 'part' | 'sha256'>[]
}

/**
 * An order that was raised before the larger incident was known ends as a part of that one's order, in the caller's transaction.
 * Nobody may be reached later by it. Where the earlier clock is that of the order that would end, and somebody is shut in, that
 * one goes on instead, with all that people have done about the other; else both run.
 * @param into locked by the caller
 * @param now ms since 1970
 * @returns the order that goes on
 */
export async function absorbOrder(
  unit: Operations,
  incidentId: string,
  into: WorkOrder,
  now: number,
  afterChange: AfterChange,
): Promise<WorkOrder> {
  const found = await unit.orderOfIncident(incidentId)
  const order = found && (await unit.lockOrder(found.id))
  if (order === undefined || order.id === into.id || order.state !== 'raised') return into
  const merge: Step = { action: 'merge', intoId: into.id }
  const decision = decideUnlessRefused(order, merge, into, now)
  if (decision !== undefined) {
    await carryOut(unit, order, merge, decision, now, afterChange, into)
    return into
  }
  return isToBeReachedSooner(order, into) ? goOnWithEarlier(unit, order, into, now, afterChange) : into
}

function isToBeReachedSooner(order: WorkOrder, into: WorkOrder): boolean {
  const isSameCar = order.deviceId !== null && order.deviceId === into.deviceId
  const isOnTheWay = into.state === 'raised' || into.state === 'acknowledged' || into.state === 'accepted'
  if (!isSameCar || !isOnTheWay || !isEntrapment(into)) return false
  return order.arriveBy !== null && into.arriveBy !== null && order.arriveBy < into.arriveBy
}

/** Undefined when the guard refuses it. */
function decideUnlessRefused(order: WorkOrder, step: Step, into: WorkOrder, now: number): Decision | undefined {
  try {
    return decide(order, { ...requestOf(order, step), into }, now)
  } catch (cause) {
    if (cause instanceof ExpectedError && cause.code === 'order-state') return undefined
    throw cause
  }
}

/** As the service itself. */
function requestOf({ id }: WorkOrder, step: Step): ActionRequest {
  return { orderId: id, actor: system, ...step }
}

/** Answers the order as it is afterwards. */
async function carryOut(
  unit: Operations,
  order: WorkOrder,
  step: Step,
  decision: Decision,
  now: number,
  afterChange: AfterChange,
  into?: WorkOrder,
): Promise<WorkOrder> {
  await writeDecision(unit, order, decision, requestOf(order, step))
  if (into !== undefined) await takeOver(unit, order, into, system, decision.at, afterChange)
  const changed = { ...order, ...decision.change }
  await afterChange(unit, changed, now, { action: step.action, event: decision.event, before: order })
  return changed
}

/**
 * The order with the earlier clock, which nobody has answered, becomes the one about who is shut in: with the callers, the crew
 * and the times of the other, as far as it has any, which ends as merged.
 */
async function goOnWithEarlier(
  unit: Operations,
  earlier: WorkOrder,
  other: WorkOrder,
  now: number,
  afterChange: AfterChange,
): Promise<WorkOrder> {
  const becomes = await asEntrapment(unit, earlier, now)
  await unit.updateOrder(earlier.id, earlier.state, becomes)
  const data = { action: 'report', source: system, summary: other.summary, ...becameIn(earlier, becomes) }
  await recordEvent(unit, earlier.id, { at: Math.max(now, latestTimeOf(earlier)), type: 'noted', actor: system, data })
  // it was explained a moment ago; now its order is the one that people are sent for
  const seen = await seenOf(unit, earlier, other)
  await unit.updateIncident(earlier.incidentId, { state: 'open', suppressed: null, parentId: null, ...seen })
  const certainNow: WorkOrder = { ...earlier, ...becomes }
  await followPlan(unit, certainNow, now)

  const order = await doAsWith(other, certainNow, now, unit, afterChange)
  const merge: Step = { action: 'merge', intoId: order.id }
  const ending = decide(other, { ...requestOf(other, merge), into: order }, now)
  await carryOut(unit, other, merge, ending, now, afterChange, order)
  const merged = (await unit.lockOrder(order.id)) ?? order
  const heard = { summary: other.summary, occasion: `merged ${other.id}` }
  await notify(unit, { order: merged, reason: 'reported-again', parties: ['duty-room', 'crew'], heard, now })
  return merged
}

/** Whoever has seen the one has seen what both are about. */
async function seenOf(unit: Operations, earlier: WorkOrder, other: WorkOrder): Promise<IncidentChange> {
  const [own, others] = [await unit.incident(earlier.incidentId), await unit.incident(other.incidentId)]
  if (own?.acknowledgedAt !== null || others === undefined) return {}
  const { acknowledgedAt, acknowledgedBy } = others
  return acknowledgedAt === null || acknowledgedBy === null ? {} : { acknowledgedAt, acknowledgedBy }
}

/**
 * The same with the times of the other order, which are those of the regulators' figures: only the event is of now, and says
 * them. Never before the order was raised, which the database refuses.
 */
function asDoneWith(other: WorkOrder, { raisedAt }: WorkOrder, { at, change, event }: Decision): Decision {
  const times = new Map<string, number>()
  for (const name of ['acknowledgedAt', 'acceptedAt', 'passengerToldAt', 'inspectedAt'] as const) {
    const time = change[name] === undefined ? null : other[name]
    if (time !== null) times.set(name, Math.max(time, raisedAt))
  }
  const said = [...times].map(([name, time]) => [name, new Date(time).toISOString()])
  const data = { ...event.data, ...Object.fromEntries(said) }
  return { at, change: { ...change, ...Object.fromEntries(times) }, event: { ...event, data } }
}

function reasonOf({ id }: WorkOrder): string {
  return `As in the order ${id}, which it takes over`
}

/** What people have done about an order that has not been reached yet, to be done to the earlier one that goes on for it. */
function doneWith(order: WorkOrder, earlier: WorkOrder): Step[] {
  const { acknowledgedAt, acceptedAt, technicianId, technicianName, teamId, passengerToldAt } = order
  const reason = reasonOf(order)
  const team = teamId === null ? {} : { teamId }
  const steps: Step[] = []
  const named = technicianName === null || technicianName === technicianId ? {} : { technicianName }
  if (acceptedAt !== null && technicianId !== null)
    steps.push({ action: 'accept', technicianId, ...named, ...team, reason })
  else if (acknowledgedAt !== null) steps.push({ action: 'acknowledge', reason })
  // it was given to another crew, and nobody of it has answered yet
  const isHandedOver = acceptedAt !== null && technicianId === null && teamId !== null && teamId !== earlier.teamId
  if (isHandedOver) steps.push({ action: 'reassign', teamId, reason })
  if (passengerToldAt !== null && earlier.passengerToldAt === null && isEntrapment(earlier))
    steps.push({ action: 'tell-passenger', reason })
  return [...steps, ...inspected(order, earlier)]
}

/** What an insurer has inspected is not inspected again. */
function inspected(merged: WorkOrder, into: WorkOrder): Step[] {
  const isSameDevice = merged.deviceId !== null && merged.deviceId === into.deviceId
  if (merged.inspectedAt === null || into.inspectedAt !== null || !isSameDevice) return []
  return [{ action: 'inspect', reason: reasonOf(merged) }]
}

/**
 * The order that goes on says what it took over, has the callers of both, and is as severe as the more severe of the two, with the plan of
 * that. Its chain vouches for the chain of the other and for the evidence that was frozen for it.
 * @param merged ended in this transaction
 */
export async function takeOver(
  unit: Operations,
  merged: WorkOrder,
  into: WorkOrder,
  actor: string,
  at: number,
  afterChange: AfterChange,
): Promise<void> {
  const raises = isMoreSevere(merged.severity, into.severity)
  const risen = { ...into, severity: raises ? merged.severity : into.severity }
  const plan = raises ? await planAnew(unit, risen, at) : undefined
  const isByHand = actor !== system
  // an outage or a storm lists what it is made of
  const isRead = isByHand || isEntrapment(into)
  const source = isRead ? (await unit.incident(merged.incidentId))?.source : undefined
  const callers = withCallersOf(merged, into, source)
  const change = { ...(raises && { severity: risen.severity }), ...(plan && { plan }), ...callers }
  await unit.updateOrder(into.id, into.state, change)
  const goesOn = { ...into, ...change }
  const severities = raises ? { from: into.severity, to: risen.severity } : {}
  const planned = plan && rowWithPlan(goesOn)
  const verdict = (await verdictOn(unit, merged)) === true ? { verified: true } : {}
  const data = { action: 'merge', ...(await takenFrom(unit, merged, into)), ...verdict, ...severities, ...planned }
  const type: OrderEvent['type'] = raises ? 'upgraded' : 'noted'
  const event = { at: Math.max(at, latestTimeOf(into)), type, actor, data }
  await recordEvent(unit, into.id, event)
  if (plan !== undefined) await followPlan(unit, goesOn, at)
  // a larger incident is told with the severity that it has
  if (plan !== undefined || (raises && isByHand)) {
    const heard = isByHand ? { heard: { summary: merged.summary } } : {}
    const parties = goesOn.plan?.tell ?? []
    await notifyFurther(unit, { order: goesOn, reason: 'upgraded', parties, ...heard, now: at })
  }
  await afterChange(unit, goesOn, at, { action: 'merge', event, before: into })
  if (isOnTheWayFor(merged, into) && !(await isTeamGone(unit, merged))) {
    const order = await bringCrew(unit, merged, goesOn, at, afterChange)
    return tellMerged(unit, { ...merged, technicianId: null }, order, at)
  }
  const order = await doAsWith(merged, goesOn, at, unit, afterChange, doneForBoth(merged, goesOn))
  if (isByHand) await askAnew(unit, merged, order, at)
  // what nobody has answered yet stands in the list of its outage or storm, and a crew hears of the call that it was on the way for
  const crew = isByHand ? {} : { technicianId: null }
  if (isByHand || merged.state !== 'raised') await tellMerged(unit, { ...merged, ...crew }, order, at)
}

/** That the duty room has seen it, that whoever is inside knows that help comes, and that it is inspected, though its crew does not go on. */
function doneForBoth(merged: WorkOrder, into: WorkOrder): Step[] {
  const { arriveBy, acknowledgedAt, acceptedAt, passengerToldAt } = merged
  // whoever accepted a date has not seen the other
  const isSeen = acknowledgedAt !== null && (arriveBy !== null || (into.arriveBy === null && acceptedAt === null))
  const reason = reasonOf(merged)
  const steps: Step[] = [
    ...(isSeen ? [{ action: 'acknowledge', reason } as const] : []),
    ...(passengerToldAt === null ? [] : [{ action: 'tell-passenger', reason } as const]),
    ...inspected(merged, into),
  ]
  return steps.filter(({ action }) => mayBeDone(into, action))
}

/** The crew reads what the other order said, and where nobody has accepted, it is watched from now on that somebody does. */
async function askAnew(unit: Operations, merged: WorkOrder, order: WorkOrder, now: number): Promise<void> {
  if (order.plan?.askFirst && isNobodys(order) && (await isContactAsked(unit, order.id))) {
    // a crew knew of it already: nobody is waited for any more
    if (await isKnownToCrew(unit, merged)) await endAsking(unit, order, now)
    return
  }
  if (order.restoredAt !== null) return
  if (isNobodys(order)) await watchAcceptance(unit, order, now)
  // whoever had both knows what each said
  if (merged.technicianId !== null && merged.teamId === order.teamId) return
  const heard = { summary: merged.summary, occasion: `merged ${merged.id}` }
  await notifyFurther(unit, { order, reason: 'reported-again', parties: ['crew'], heard, now })
}

async function isKnownToCrew(unit: Operations, order: WorkOrder): Promise<boolean> {
  if (order.technicianId !== null) return true
  return order.teamId !== null && (await firstToldAt(unit, order)) !== undefined
}

/** Whoever accepted a date has not said that they come now, and an insurer's inspector takes no other order over. */
function isOnTheWayFor({ technicianId, arriveBy, type }: WorkOrder, into: WorkOrder): boolean {
  if (technicianId === null || !isNobodys(into)) return false
  return (arriveBy !== null || into.arriveBy === null) && (type !== 'inspection' || into.type === 'inspection')
}

/**
 * Whoever goes there must be able to call them, and reads what they and the order said.
 * @param source of what the order that ends was opened for, where that is to be read, too
 */
function withCallersOf(
  merged: WorkOrder,
  into: WorkOrder,
  source: string | undefined,
): Pick<OrderChange, 'reportedBy'> {
  const callers = callersOf(merged.reportedBy)
  // whatever was opened by hand is said by somebody
  const said = merged.type === 'manual' ? manualSource : source
  const own = said === undefined ? undefined : saidBy(said, merged.summary)
  const called = own === undefined ? callers : withOwnWords(own, callers)
  return called.length === 0 ? {} : { reportedBy: called.reduce(withCaller, into.reportedBy ?? {}) }
}

/** The words are those of the first caller, unless they said something else. */
function withOwnWords(own: Caller, callers: readonly Caller[]): readonly Caller[] {
  const [first, ...others] = callers
  const isTheirs = first === undefined || (first.words ?? own.words) === own.words
  return isTheirs ? [{ ...own, ...first }, ...others] : [own, ...callers]
}

async function isTeamGone(unit: Operations, { teamId }: WorkOrder): Promise<boolean> {
  const team = teamId === null ? undefined : await unit.team(teamId)
  return team !== undefined && team.removedAt !== null
}

/** Who is on the way by an order that ends is on the way by the one that goes on, which nobody had answered. */
async function bringCrew(
  unit: Operations,
  merged: WorkOrder,
  into: WorkOrder,
  at: number,
  afterChange: AfterChange,
): Promise<WorkOrder> {
  const order = await doAsWith(merged, into, at, unit, afterChange)
  // the link that they have ends with the order that it is of
  await notify(unit, { order, reason: 'reassigned', parties: ['crew'], now: at })
  return order
}

/** What people have done about an order is done about the one that goes on for it, which is answered as it is then. */
async function doAsWith(
  other: WorkOrder,
  into: WorkOrder,
  now: number,
  unit: Operations,
  afterChange: AfterChange,
  steps: readonly Step[] = doneWith(other, into),
): Promise<WorkOrder> {
  let order = into
  for (const step of steps) {
    const decision = asDoneWith(other, order, decide(order, requestOf(order, step), now))
    order = await carryOut(unit, order, step, decision, now, afterChange)
  }
  return order
}

async function takenFrom(unit: Operations, merged: WorkOrder, into: WorkOrder): Promise<Taken> {
  const head = await unit.chainHead(merged.id)
  if (head === undefined) throw new Error(`order ${merged.id} was merged without an event that says so`)
  const { number, hash } = head
  return {
    mergedOrderId: merged.id,
    mergedChain: { number, hash },
    mergedEvidence: await carryEvidence(unit, merged, into),
  }
}
