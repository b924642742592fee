import { minuteMs } from '../../core/clock.ts'
import { isEntrapment, type WorkOrder } from '../../core/incident.ts'
import type { Deadline, Party, PlanGoal, PlanStep } from '../../core/plan.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { isDanger } from '../intake/still-told.ts'
import { isEnded, isNobodys } from '../life/transitions.ts'
import { armStep } from './deadlines.ts'
import { nobodyHasIt } from './plans.ts'

/** A danger to life that nobody has accepted after the last step of its plan is told again so often while it is felt. Unverified default. */
export const toldAgainAfterMs = 10 * minuteMs

const onTheWay: readonly PlanGoal[] = ['acknowledged', 'accepted', 'arrived']

/**
 * After the last step that was missed, a danger to life that nobody has is told again to those of that step and the duty room: by a row
 * of its own, so that after a time of being down it is told once.
 * @param now ms since 1970, when that step was fired
 */
export async function tellAgainLater(unit: Operations, order: WorkOrder, step: PlanStep, now: number): Promise<void> {
  if (!isDanger(order) || isEnded(order) || !isNobodys(order) || !isLast(order, step, now)) return
  const dueAt = now + toldAgainAfterMs
  const minutes = Math.round((dueAt - (order.upgradedAt ?? order.detectedAt)) / minuteMs)
  const tell: readonly Party[] = [...new Set([...step.tell, 'duty-room' as const])]
  await armStep(unit, order, { id: nobodyHasIt, goal: 'accepted', minutes, tell, reassign: false }, dueAt)
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
function isLast({ plan, arriveBy, acceptedAt }: WorkOrder, { id }: PlanStep, now: number): boolean {
  const steps = plan?.steps.filter((step) => onTheWay.includes(step.goal)) ?? []
  const lastToAccept = steps.findLast((step) => step.goal === 'accepted')
  const isLate = arriveBy !== null && now > arriveBy
  if (acceptedAt !== null && isLate && id === lastToAccept?.id) return true
  return id === nobodyHasIt || id === steps.at(-1)?.id
}

/** What became an entrapment may be felt though what it was opened for is not. */
export async function isFelt(unit: Operations, order: WorkOrder): Promise<boolean> {
  const incident = await unit.incident(order.incidentId)
  if (incident === undefined) return false
  return incident.clearedAt === null || (isEntrapment(order) && !isEntrapment(incident))
}
