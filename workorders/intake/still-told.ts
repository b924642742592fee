import { minuteMs } from '../../core/clock.ts'
import { isEntrapment, lookBackMs, type WorkOrder } from '../../core/incident.ts'
import type { Severity } from '../../core/severity.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { recordEvent } from '../evidence/chain.ts'
import { isEnded, latestTimeOf } from '../life/transitions.ts'
import { notify, notifyFurther } from '../notices/notify.ts'

/**
 * A danger that another system still tells of so long after its crew has said that it is over is sent again; until then it may look seldom,
 * or tell late. Unverified default.
 */
const sentAgainAfterMs = 5 * minuteMs

/** What nobody can close away: as long as another system tells of it, somebody is sent. */
export function isDanger({ finding, severity }: { readonly finding: string; readonly severity: Severity }): boolean {
  return severity === 'critical' || isEntrapment({ finding })
}

/** Who is shut in is in critical danger, however mildly it is told: as what we find ourselves. */
export function severityTold<S extends Severity>({
  finding,
  severity,
}: {
  finding: string
  severity: S
}): S | 'critical' {
  return isEntrapment({ finding }) ? 'critical' : severity
}

/**
 * Whether people were done with an order, or with the one that goes on for it, so long ago that whoever tells of it still tells of
 * something else, or of what was not mended.
 */
export async function isLongDone(unit: Operations, order: WorkOrder, now: number): Promise<boolean> {
  const { restoredAt, closedAt, cancelledAt } = (await unit.orderInPlaceOf(order.id)) ?? order
  const doneAt = restoredAt ?? closedAt ?? cancelledAt
  return doneAt !== null && now >= doneAt + sentAgainAfterMs
}

/** What somebody tells of what people were sent for. */
export interface StillTold {
  readonly actor: string
  readonly source: string
  readonly externalId: string | null
  readonly finding: string
  readonly severity: Severity
  readonly summary: string
}

/**
 * A danger is told of though people are there, or were done with it a moment ago. That may be an echo, and may never be told again: so
 * nobody is sent, but it stands in the order and is told.
 *
 * - Restored, closed or cancelled: the duty room hears of it, once for each id.
 * - A crew that came and has not said since that it is over does not make sure that it will be: duty room and crew hear, once in 10 minutes.
 */
export async function tellStillTold(unit: Operations, sentFor: WorkOrder, told: StillTold, now: number): Promise<void> {
  if (!isDanger(told)) return
  const found = (await unit.orderInPlaceOf(sentFor.id)) ?? sentFor
  const order = await unit.lockOrder(found.id)
  if (order === undefined) return
  if (order.state === 'arrived') {
    const times = Math.floor((now - (order.arrivedAt ?? now)) / lookBackMs)
    if (times >= 1) await noteAndTell(unit, order, told, `still-told ${times}`, now)
  } else if (order.state === 'restored' || (isEnded(order) && !(await unit.openFollowUpOf(order.id)))) {
    await noteAndTell(unit, order, told, `${told.source} ${told.externalId} ${order.state}`, now)
  }
}

/** Once for each occasion. */
async function noteAndTell(
  unit: Operations,
  order: WorkOrder,
  { actor, source, finding, severity, summary }: StillTold,
  occasion: string,
  now: number,
): Promise<void> {
  if ((await unit.orderEventByKey(order.id, occasion)) !== undefined) return
  const data = { action: 'report', source, finding, severity, summary }
  await recordEvent(unit, order.id, { at: Math.max(now, latestTimeOf(order)), type: 'noted', actor, data }, occasion)
  const heard = { summary, occasion }
  if (order.state === 'arrived') {
    await notifyFurther(unit, { order, reason: 'reported-again', parties: ['duty-room', 'crew'], heard, now })
  } else await notify(unit, { order, reason: 'still-told', parties: ['duty-room'], heard, now })
}
