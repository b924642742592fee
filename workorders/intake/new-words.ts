import { createHash } from 'node:crypto'
import { callersOf, withCaller } from '../../core/callers.ts'
import { isSamePlace, type WorkOrder } from '../../core/incident.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { recordEvent } from '../evidence/chain.ts'
import { lockInPlaceOf } from '../evidence/evidence.ts'
import { isEnded, latestTimeOf } from '../life/transitions.ts'
import { verdictOn } from '../life/verdict.ts'
import { notifyFurther } from '../notices/notify.ts'
import { saidBy } from './reported.ts'
import type { StillTold } from './still-told.ts'

/**
 * What another system says under the same id in other words, and no worse, is for whoever goes there: it stands in the order that people have
 * for it, and its crew reads it, once; so does the duty room where that was over (`isBack`), or the order is marked as a drill. Another time,
 * duration or share alone is no other words; another flat or number of people is.
 */
export async function tellNewWords(
  unit: Operations,
  sentFor: WorkOrder,
  told: StillTold & { readonly isBack?: boolean },
  now: number,
): Promise<void> {
  const order = await lockInPlaceOf(unit, sentFor.id)
  if (order === undefined || isEnded(order) || order.restoredAt !== null || !isSamePlace(sentFor, order)) return
  const { actor, source, finding, severity, summary } = told
  const said = bare(summary)
  const known = [order.summary, ...callersOf(order.reportedBy).map(({ words }) => words ?? '')]
  if (known.some((words) => bare(words) === said)) return
  // of more callers than an order keeps, its events tell who has been heard
  const key = `words ${createHash('sha256').update(said).digest('hex')}`
  if ((await unit.orderEventByKey(order.id, key)) !== undefined) return

  const reportedBy = withCaller(order.reportedBy ?? {}, saidBy(source, summary) ?? {})
  await unit.updateOrder(order.id, order.state, { reportedBy })
  const data = { action: 'report', source, finding, severity, summary }
  await recordEvent(unit, order.id, { at: Math.max(now, latestTimeOf(order)), type: 'noted', actor, data }, key)
  const { number } = (await unit.chainHead(order.id)) ?? { number: 0 }
  const heard = { summary, occasion: `event ${number}` }
  await notifyFurther(unit, {
    order: { ...order, reportedBy },
    reason: 'reported-again',
    parties: told.isBack || (await verdictOn(unit, order)) === 'drill' ? ['duty-room', 'crew'] : ['crew'],
    heard,
    now,
  })
}

const figure = String.raw`(?<![\d.])\d+(?:\.\d+)?`

/** What differs each time that the same is told; a figure of anything else may be the door, or who is behind it. */
const passing: readonly RegExp[] = [
  /(?<!\d)\d{1,2}[:：]\d{2}(?:[:：]\d{2}(?:\.\d+)?)?(?: ?[ap]m\b)?/g,
  /(?<!\d)\d{1,2} ?点(?:钟|半|\d{1,2}分?)?/g,
  new RegExp(`${figure} ?(?:[%％]|percent|per cent)`, 'g'),
  new RegExp(`${figure}[ -]?(?:ms|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|days?)(?![a-z\\d])`, 'g'),
  new RegExp(`(?:${figure}|[一二两三四五六七八九十半几]+) ?(?:毫秒|秒钟?|分钟|个?小时|个?钟头|天)`, 'g'),
  /\d+\.\d+ ?(?:°c|℃|degrees|m\/s|[mck]?m|kg|k?va?|m?a|k?wh?|hz|ppm|db|lx|bar|[k千]?[伏瓦]|安|度|[毫厘]?米|公斤)(?![a-z\d])/g,
  // a score between 0 and 1
  /(?<![\d.])0\.\d+(?![\d.])/g,
]

function bare(words: string): string {
  const lasting = passing.reduce((rest, figures) => rest.replaceAll(figures, ' '), words.toLowerCase())
  return lasting.replaceAll(/[\s.,:;!?，。：；！？]+/g, ' ').trim()
}
