import { type Incident, isEntrapment, type WorkOrder } from '../../core/incident.ts'
import type { FrozenPlan, Party } from '../../core/plan.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { kindOfOrder, recipientsOf } from '../crews/dispatch.ts'
import { choosePlan, contactAnswers, freeze, plansInForce, watchingPassenger } from './plans.ts'

/**
 * The plan that holds for an order, frozen, and whom to tell at once: where a contact is asked first, the crew hears later. `untold`:
 * whom the plan names, and this order has not; an insurer that no device has is missed on none.
 */
export async function planFor(
  unit: Operations,
  order: WorkOrder,
  incident: Incident,
  now: number,
): Promise<{ plan: FrozenPlan; tell: readonly Party[]; untold: readonly Party[] }> {
  const { chosen, plan, absent } = await chosenFor(unit, order, incident, now)
  const named = [...chosen.tell, ...chosen.steps.flatMap((step) => step.tell)]
  const missed = absent.filter((party) => named.includes(party))
  const untold = missed.length > 0 && (await unit.isRoleKnown('insurer')) ? missed : []
  const { askFirst } = plan
  if (askFirst === null || (await recipientsOf(unit, order, askFirst.party, now)).length === 0) {
    return { plan: { ...plan, askFirst: null }, tell: plan.tell, untold }
  }
  const later: readonly Party[] = plan.tell.filter((party) => party === 'crew' || party === 'maintainer')
  const unanswered = {
    id: contactAnswers,
    goal: 'accepted',
    minutes: askFirst.minutes,
    tell: later,
    reassign: false,
  } as const
  const steps = [unanswered, ...plan.steps].toSorted((one, other) => one.minutes - other.minutes)
  return { plan: { ...plan, steps }, tell: plan.tell.filter((party) => !later.includes(party)), untold }
}

/**
 * The plan of what an emergency has become, where that is not the one that it has: more severe, or somebody is shut in. Nobody is asked
 * first any more. Undefined = it stays as it is, whatever was changed in that plan meanwhile; only that whoever is shut in is told is
 * watched by any.
 */
export async function planAnew(unit: Operations, order: WorkOrder, now: number): Promise<FrozenPlan | undefined> {
  const incident = order.arriveBy === null ? undefined : await unit.incident(order.incidentId)
  if (incident === undefined) return undefined
  const { plan } = await chosenFor(unit, order, incident, now)
  if (plan.id !== order.plan?.id) return { ...plan, askFirst: null }
  const watching = isEntrapment(order) ? watchingPassenger(order.plan) : order.plan
  return watching === order.plan ? undefined : watching
}

async function chosenFor(unit: Operations, order: WorkOrder, { place }: Incident, now: number) {
  const { deviceId, finding, severity, type } = order
  const insurer = deviceId === null ? null : await unit.deviceParty(deviceId, 'insurer', now)
  const absent: readonly Party[] = insurer === null ? ['insurer-inspector', 'insurer-parts'] : []
  const subject = { kind: await kindOfOrder(unit, order), finding, severity, type, place }
  const chosen = choosePlan(await plansInForce(unit), subject)
  const frozen = freeze(chosen, absent)
  const plan = order.arriveBy !== null && isEntrapment(order) ? watchingPassenger(frozen) : frozen
  return { chosen, plan, absent }
}
