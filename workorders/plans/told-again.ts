import { minuteMs } from '../../core/clock.ts'
import { isEntrapment, justFound, type WorkOrder } from '../../core/incident.ts'
import type { Deadline, Party, PlanGoal, PlanStep } from '../../core/plan.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { isDanger } from '../intake/still-told.ts'
import { isEnded, isNobodys } from '../life/transitions.ts'
import { armStep, rearmAcceptance } from './deadlines.ts'
import { nobodyHasIt, stillFelt } from './plans.ts'

/** A danger to life that nobody has accepted after the last step of its plan is told again so often while it is felt. Unverified default. */
export const toldAgainAfterMs = 10 * minuteMs

/** An outage holds every device of a building, and a danger among the first tells enough. */
const joinedLookedAt = 100
const onTheWay: readonly PlanGoal[] = ['acknowledged', 'accepted', 'arrived']

/**
 * After the last step that was missed, a danger to life that nobody has is told again to those of that step and the duty room: by a row
 * of its own, so that after a time of being down it is told once. So is one whose crew is there and does not say that it is over.
 * @param now ms since 1970, when that step was fired
 */
export async function tellAgainLater(unit: Operations, order: WorkOrder, step: PlanStep, now: number): Promise<void> {
  if (step.id === stillFelt) await watchOnSite(unit, order, now)
  else if (isLast(order, step, now)) await watchWhoHasIt(unit, order, step.tell, now)
}

/**
 * When an order was given to another crew, by whoever holds its row: whether that one accepts is watched from now on, by the steps of its
 * plan; where the plan has none that asks this and all others are over, as after its last step.
 * @param now ms since 1970, by our clock
 */
export async function watchAcceptance(unit: Operations, order: WorkOrder, now: number): Promise<void> {
  await rearmAcceptance(unit, order, now)
  const rows = await unit.deadlinesOf(order.id)
  if (rows.some(({ state, step }) => state === 'open' && onTheWay.includes(step.goal))) return
  await watchWhoHasIt(unit, order, stepsOnTheWay(order).at(-1)?.tell ?? [], now)
}

/**
 * When its crew has arrived, or what they are at becomes a danger, by whoever holds the row of the order: a danger that our own detectors
 * find is told again until it is restored. What others tell is told as they tell it (`still-told.ts`).
 * @param now ms since 1970, by our clock
 */
export async function watchOnSite(unit: Operations, order: WorkOrder, now: number): Promise<void> {
  if (order.arrivedAt === null || order.restoredAt !== null) return
  const rows = await unit.deadlinesOf(order.id)
  if (rows.some(({ state, step, dueAt }) => state === 'open' && step.id === stillFelt && dueAt > now)) return
  await arm(unit, order, stillFelt, 'restored', ['crew'], now)
}

async function watchWhoHasIt(unit: Operations, order: WorkOrder, tell: readonly Party[], now: number): Promise<void> {
  if (isNobodys(order)) await arm(unit, order, nobodyHasIt, 'accepted', tell, now)
}

async function arm(
  unit: Operations,
  order: WorkOrder,
  id: string,
  goal: PlanGoal,
  parties: readonly Party[],
  now: number,
): Promise<void> {
  if (!isDanger(order) || isEnded(order)) return
  const dueAt = now + toldAgainAfterMs
  const minutes = Math.round((dueAt - (order.upgradedAt ?? order.detectedAt)) / minuteMs)
  const tell: readonly Party[] = [...new Set([...parties, 'duty-room' as const])]
  await armStep(unit, order, { id, goal, minutes, tell, reassign: false }, dueAt)
}

/** Whether another row of it that is due, or will be, is to tell of it in the place of this one. */
export async function isToldByAnother(unit: Operations, order: WorkOrder, { id, dueAt }: Deadline): Promise<boolean> {
  // only the steps of an order that was given away begin it anew
  if (order.acceptedAt === null) return false
  const rows = (await unit.deadlinesOf(order.id)).filter(
    ({ step, state }) => step.id === nobodyHasIt && state === 'open',
  )
  return rows.some((row) => row.id !== id && (row.dueAt > dueAt || (row.dueAt === dueAt && row.id < id)))
}

/** Of an order that was accepted and given away, a step to accept may be the last one that is missed. */
function isLast(order: WorkOrder, { id }: PlanStep, now: number): boolean {
  const { arriveBy, acceptedAt } = order
  const steps = stepsOnTheWay(order)
  const lastToAccept = steps.findLast((step) => step.goal === 'accepted')
  const isLate = arriveBy !== null && now > arriveBy
  if (acceptedAt !== null && isLate && id === lastToAccept?.id) return true
  return id === nobodyHasIt || id === steps.at(-1)?.id
}

function stepsOnTheWay({ plan }: WorkOrder): readonly PlanStep[] {
  return plan?.steps.filter((step) => onTheWay.includes(step.goal)) ?? []
}

/** Whether what is told again when this step is missed is still so. */
export function isStillSo(unit: Operations, order: WorkOrder, step: PlanStep): Promise<boolean> {
  return step.id === stillFelt ? isFound(unit, order) : isFelt(unit, order)
}

/** By our own detectors, as what the order is about or as what joined it. */
async function isFound(unit: Operations, { incidentId }: WorkOrder): Promise<boolean> {
  const { items: joined } = await unit.incidents({ parentId: incidentId, limit: joinedLookedAt })
  return [await unit.incident(incidentId), ...joined].some(
    (incident) => incident?.source === justFound.source && incident.clearedAt === null && isDanger(incident),
  )
}

/** What became an entrapment may be felt though what it was opened for is not. */
async function isFelt(unit: Operations, order: WorkOrder): Promise<boolean> {
  const incident = await unit.incident(order.incidentId)
  if (incident === undefined) return false
  return incident.clearedAt === null || (isEntrapment(order) && !isEntrapment(incident))
}
