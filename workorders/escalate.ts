import { minuteMs } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import type { OrderEvent, WorkOrder } from '../core/incident.ts'
import type { NoticeReason } from '../core/notice.ts'
import type { Deadline, Party, PlanStep } from '../core/plan.ts'
import type { Operations } from '../stores/operations/port.ts'
import { type Assignment, crewsThatHadIt } from './choose-crew.ts'
import type { Escalate } from './deadlines.ts'
import { contactAnswers } from './plans.ts'
import { isEnded, latestTimeOf } from './transitions.ts'

const system = 'liftwatt'
/** A crew that was sent less than this ago has not failed to answer. Several steps fall due at once after a time of being down. */
const chanceMs = minuteMs

/** What escalating needs of its neighbours. Each works within the caller's transaction. */
export interface EscalationMeans {
  notify(
    unit: Operations,
    request: {
      order: WorkOrder
      reason: NoticeReason
      parties: readonly Party[]
      step?: PlanStep
      heard?: { occasion: string }
      now: number
    },
  ): Promise<unknown>
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
    const mayGoOn = step.reassign && !isEnded(order)
    const earlier = mayGoOn ? ((await unit.reassignments([order.id])).get(order.id) ?? []) : []
    const choice = mayGoOn ? await nextCrew(unit, order, earlier, at) : undefined
    const nobody = choice?.teamId === null ? { because: choice.because } : {}
    const data = { step: step.id, goal: step.goal, dueAt: new Date(dueAt).toISOString(), told: step.tell, ...nobody }
    await recordEvent(unit, order.id, { at, type: 'escalated', actor: system, data }, keyOf(deadline))

    const next = choice && (await reassign(unit, order, step, choice, at))
    if (next !== undefined) await notify(unit, { order: next, reason: 'reassigned', parties: ['crew'], step, now })

    // the next crew has the order by now, and was told so
    const parties = next === undefined ? step.tell : step.tell.filter((party) => party !== 'next-crew')
    // the same step may be missed again, by the crew that got the order from the first one
    const heard = { occasion: `${step.id}@${dueAt}` }
    // whoever was to hear of it only when the contact had been asked has missed nothing yet
    const reason = step.id === contactAnswers ? 'raised' : 'escalated'
    await notify(unit, { order: next ?? order, reason, parties, step, heard, now })
  }

  /** Undefined when the crew that has it was not given a chance yet. */
  async function nextCrew(unit: Operations, order: WorkOrder, earlier: readonly OrderEvent[], at: number) {
    if (earlier.some((event) => at - event.at < chanceMs)) return undefined
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

function keyOf({ id }: Deadline): string {
  return `deadline:${id}`
}
