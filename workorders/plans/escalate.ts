import { minuteMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { OrderEvent, WorkOrder } from '../../core/incident.ts'
import type { Recipient } from '../../core/notice.ts'
import type { Deadline, FrozenPlan, Party, PlanStep } from '../../core/plan.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { type Assignment, crewsThatHadIt } from '../crews/choose-crew.ts'
import { firstToldAt, isUntold } from '../crews/crew-told.ts'
import { isEnded, isNobodys, latestTimeOf } from '../life/transitions.ts'
import type { NoticeRequest } from '../notices/notify.ts'
import { armStep, type Escalate } from './deadlines.ts'
import { contactAnswers, nobodyHasIt, repeatedSteps } from './plans.ts'
import { isStillSo, isToldByAnother, tellAgainLater } from './told-again.ts'

const system = 'liftwatt'
/** A crew that was sent less than this ago has not failed to answer. Several steps fall due at once after a time of being down. */
const chanceMs = minuteMs

/** What escalating needs of its neighbours. Each works within the caller's transaction. */
export interface EscalationMeans {
  notify(unit: Operations, request: NoticeRequest & { parties: readonly Party[] }): Promise<readonly Recipient[]>
  chooseCrew(
    unit: Operations,
    order: WorkOrder,
    options: { exclude: readonly string[] },
    now: number,
  ): Promise<Assignment>
  recordEvent(unit: Operations, orderId: string, event: OrderEvent, idempotencyKey?: string): Promise<unknown>
}

/**
 * A step was missed: the order says so for good, goes to the next crew where the plan says so, and those whom the plan names
 * are told. The event's key is the deadline's own, so that the database refuses a second one whatever happens here.
 */
export function createEscalate({ notify, chooseCrew, recordEvent }: EscalationMeans): Escalate {
  return async (unit, order, deadline, now) => {
    const { step, dueAt } = deadline
    const at = Math.max(now, latestTimeOf(order))
    if (step.id === nobodyHasIt && (await isToldByAnother(unit, order, deadline))) return
    // nobody is told now, but it may be felt again
    if (repeatedSteps.includes(step.id) && !(await isStillSo(unit, order, step))) {
      return tellAgainLater(unit, order, step, now)
    }
    const isFirst = await isFirstWord(unit, order, step, now)
    const mayGoOn = step.reassign && !isEnded(order) && !isFirst
    const earlier = mayGoOn ? ((await unit.reassignments([order.id])).get(order.id) ?? []) : []
    const choice = mayGoOn ? await nextCrew(unit, order, earlier, at) : undefined
    const because = isFirst ? `${order.teamId} has it and was told nothing of it until now` : choice?.because
    const data = {
      ...{ step: step.id, goal: step.goal, dueAt: new Date(dueAt).toISOString(), told: step.tell },
      ...((isFirst || choice?.teamId === null) && { because }),
    }
    await recordEvent(unit, order.id, { at, type: 'escalated', actor: system, data }, keyOf(deadline))

    // the same step may be missed again, by the crew that got the order from the first one
    const heard = { occasion: `${step.id}@${dueAt}` }
    const next = choice && (await reassign(unit, order, step, choice, at))
    if (next !== undefined) await notify(unit, { order: next, reason: 'reassigned', parties: ['crew'], step, now })
    if (isFirst) await notify(unit, { order, reason: 'raised', parties: ['crew'], step, heard, now })
    if (isFirst && step.goal === 'accepted') await armStep(unit, order, step, now + step.minutes * minuteMs)
    await tellAgainLater(unit, next ?? order, step, now)

    // the next crew has the order by now, and was told so
    const hasNext = next !== undefined || isFirst
    const parties = hasNext ? step.tell.filter((party) => party !== 'next-crew') : step.tell
    // whoever was to hear of it only when the contact had been asked has missed nothing yet
    const reason = step.id === contactAnswers ? 'raised' : 'escalated'
    const told = await notify(unit, { order: next ?? order, reason, parties, step, heard, now })
    if (told.length > 0 || parties.length === 0) return
    const toldNobody = { action: 'told-nobody', step: step.id, parties }
    await recordEvent(unit, order.id, { at, type: 'noted', actor: system, data: toldNobody })
  }

  /** Undefined when the crew that has it was not given a chance yet. */
  async function nextCrew(unit: Operations, order: WorkOrder, earlier: readonly OrderEvent[], at: number) {
    const toldAt = tellsCrew(order.plan) ? undefined : await firstToldAt(unit, order)
    const since = [...earlier.map((event) => event.at), toldAt ?? Number.NEGATIVE_INFINITY]
    if (since.some((time) => at - time < chanceMs)) return undefined
    return chooseCrew(unit, order, { exclude: crewsThatHadIt(order, earlier) }, at)
  }

  /** Undefined when there is nobody else: who has it keeps it, and those above learn it from the notice. */
  async function reassign(
    unit: Operations,
    order: WorkOrder,
    step: PlanStep,
    { teamId, because }: Assignment,
    at: number,
  ): Promise<WorkOrder | undefined> {
    if (teamId === null || teamId === order.teamId) return undefined

    const change = { teamId, technicianId: null, technicianName: null, assignedBecause: because }
    if (!(await unit.updateOrder(order.id, order.state, change))) {
      throw new ExpectedError('order-state', `The order ${order.id} was changed while it was escalated`)
    }
    const from = { fromTeamId: order.teamId, fromTechnicianId: order.technicianId }
    const data = { action: 'reassign', teamId, ...from, reason: `${step.id} was missed`, because }
    await recordEvent(unit, order.id, { at, type: 'reassigned', actor: system, data })
    return { ...order, ...change }
  }
}

/** Where the plan names it, the crew heard when the order was raised; at the latest when a contact who was asked first had not answered. */
function tellsCrew(plan: FrozenPlan | null): boolean {
  return plan?.tell.includes('crew') ?? true
}

/** The crew that has an order and was told nothing of it is the next one to be asked. */
async function isFirstWord(unit: Operations, order: WorkOrder, step: PlanStep, now: number): Promise<boolean> {
  const asksCrew = step.reassign || step.tell.includes('next-crew')
  if (!asksCrew || tellsCrew(order.plan) || isEnded(order) || !isNobodys(order)) return false
  return isUntold(unit, order, now)
}

function keyOf({ id }: Deadline): string {
  return `deadline:${id}`
}
