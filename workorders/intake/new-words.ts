import { callersOf, withCaller } from '../../core/callers.ts'
import { isSamePlace, type WorkOrder } from '../../core/incident.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { recordEvent } from '../evidence/chain.ts'
import { lockInPlaceOf } from '../evidence/evidence.ts'
import { isEnded, latestTimeOf } from '../life/transitions.ts'
import { notifyFurther } from '../notices/notify.ts'
import { saidBy } from './reported.ts'
import type { StillTold } from './still-told.ts'

/**
 * What another system says under the same id in other words, and no worse, is for whoever goes there: it stands in the order that people have
 * for it, and its crew reads it, once. Other figures alone (a time, how many seconds) are no other words. As many are told as an order keeps
 * of callers.
 */
export async function tellNewWords(unit: Operations, sentFor: WorkOrder, told: StillTold, now: number): Promise<void> {
  const order = await lockInPlaceOf(unit, sentFor.id)
  if (order === undefined || isEnded(order) || order.restoredAt !== null || !isSamePlace(sentFor, order)) return
  const { actor, source, finding, severity, summary } = told
  const known = [order.summary, ...callersOf(order.reportedBy).map(({ words }) => words ?? '')]
  if (known.some((words) => bare(words) === bare(summary))) return
  const before = order.reportedBy ?? {}
  const reportedBy = withCaller(before, saidBy(source, summary) ?? {})
  if (Object.keys(reportedBy).length === Object.keys(before).length) return

  await unit.updateOrder(order.id, order.state, { reportedBy })
  const data = { action: 'report', source, finding, severity, summary }
  await recordEvent(unit, order.id, { at: Math.max(now, latestTimeOf(order)), type: 'noted', actor, data })
  const { number } = (await unit.chainHead(order.id)) ?? { number: 0 }
  const heard = { summary, occasion: `event ${number}` }
  await notifyFurther(unit, {
    order: { ...order, reportedBy },
    reason: 'reported-again',
    parties: ['crew'],
    heard,
    now,
  })
}

function bare(words: string): string {
  return words.toLowerCase().replaceAll(/[\d\s.,:%]+/g, '')
}
