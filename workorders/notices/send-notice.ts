import { type Clock, minuteMs, secondMs } from '../../core/clock.ts'
import { reasonOf } from '../../core/errors.ts'
import type { WorkOrder } from '../../core/incident.ts'
import type { Log } from '../../core/log.ts'
import { type Channel, type ChannelType, type Notice, type Recipient, toldAfterItEnded } from '../../core/notice.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { Delivery, Message, OpenChannel } from '../channels/port.ts'
import type { Bury } from './bury.ts'
import type { KeepSent } from './keep-sent.ts'
import { type LinkClaim, linkScopeOf, type OrderLinks } from './order-link.ts'
import type { Parcel } from './parcels.ts'
import { wordDigest, wordNotice } from './wording.ts'

/** One message on its way. */
const sendWithinMs = 5 * secondMs
const firstRetryMs = secondMs
const longestRetryMs = 2 * minuteMs

export interface Sent {
  readonly channelType: ChannelType | null
  readonly outcome: Delivery['outcome']
  /** From when the notice was written; ms. */
  readonly afterMs: number
}

/** What sending takes. */
export interface Means {
  readonly operations: Operations
  readonly openChannel: (channel: Channel) => OpenChannel
  readonly links: OrderLinks
  readonly keepSent: KeepSent
  readonly bury: Bury
  readonly clock: Clock
  readonly log: Log
  /** For metrics. */
  readonly onSent?: (sent: Sent) => void
  /** In [0, 1). */
  readonly random?: () => number
}

/** What was taken from one channel's queue together. */
export interface Batch {
  readonly channelId: string
  readonly channel: Channel | undefined
  /** Undefined when nothing may be sent by it. */
  readonly opened: OpenChannel | undefined
  readonly parcels: readonly Parcel[]
  readonly orders: ReadonlyMap<string, WorkOrder>
  /** How many were claimed; some may be held back. */
  readonly taken: number
}

/** What left, and what its receiver said. */
interface Gone {
  readonly parcel: Parcel
  readonly sentAs: string
  readonly delivery: Delivery
}

/** Undefined when nobody needs it any more, or it could not be worded: then it comes again. Never rejects. */
export async function send(
  means: Means,
  { channelId, channel, opened, orders }: Batch,
  parcel: Parcel,
): Promise<Gone | undefined> {
  const { clock, log, onSent } = means
  try {
    const wanted = await stillWanted(means.operations, parcel, orders)
    if (wanted === undefined) return undefined
    const message = messageOf(means, wanted, orders)
    const context = { signal: AbortSignal.timeout(sendWithinMs), clock }
    const delivery = (await opened?.send(message, context)) ?? nowhere(channelId, channel)
    const writtenAt = Math.min(...wanted.map(({ createdAt }) => createdAt))
    onSent?.({ channelType: channel?.type ?? null, outcome: delivery.outcome, afterMs: clock() - writtenAt })
    return { parcel: wanted, sentAs: message.key, delivery }
  } catch (cause) {
    log.warn({ channelId, key: parcel[0].key, reason: reasonOf(cause) }, 'a notice could not be sent; it comes again')
    return undefined
  }
}

function nowhere(channelId: string, channel: Channel | undefined): Delivery {
  const isOff = channel !== undefined && `the channel ${channelId} is switched off`
  return { outcome: 'refused', reason: isOff || `there is no channel ${channelId} any more` }
}

/** Without those whose order has ended meanwhile, or went to another crew; undefined when none is left. */
async function stillWanted(
  operations: Operations,
  parcel: Parcel,
  orders: ReadonlyMap<string, WorkOrder>,
): Promise<Parcel | undefined> {
  const wanted: Notice[] = []
  for (const notice of parcel) {
    const order = orders.get(notice.orderId ?? '')
    const hasEnded = order?.state === 'closed' || order?.state === 'cancelled'
    if (order !== undefined && hasEnded && !toldAfterItEnded.includes(notice.reason)) {
      await operations.voidNotices(order.id)
    } else if (order !== undefined && isOfFormerCrew(notice, order)) await operations.voidWaiting([notice.id])
    else wanted.push(notice)
  }
  const [first, ...others] = wanted
  return first && [first, ...others]
}

/** It would send a crew to where another one goes. */
function isOfFormerCrew({ reason, recipient: { party, teamId } }: Notice, order: WorkOrder): boolean {
  const isAnothers = order.teamId !== null && order.teamId !== teamId
  return party === 'crew' && isAnothers && !toldAfterItEnded.includes(reason)
}

function messageOf({ links, clock }: Means, parcel: Parcel, orders: ReadonlyMap<string, WorkOrder>): Message {
  const now = clock()
  const word = (notice: Notice) => {
    const { recipient, orderId, createdAt } = notice
    const order = orders.get(orderId ?? '')
    const scope = linkScopeOf(recipient.party)
    const from = { sentAt: createdAt, dueAt: order?.dueAt ?? null }
    const link = orderId === null ? null : links.linkTo({ orderId, scope, ...whoIs(recipient) }, from)
    return wordNotice(notice, order, link, now)
  }
  const [first] = parcel
  const { held, sentAs } = first
  const message = word(first)
  const isDigest = held && sentAs !== null && sentAs !== message.key
  return isDigest ? wordDigest(sentAs, parcel.map(word), message.locale) : message
}

function whoIs({
  name,
  teamId,
  memberId,
  party,
}: Recipient): Pick<LinkClaim, 'name' | 'teamId' | 'memberId' | 'isCalled'> {
  return { name, teamId, ...(memberId !== null && { memberId }), ...(party === 'next-crew' && { isCalled: true }) }
}

/** Never rejects: what could not be noted is sent again with the same key when its lease ends. */
export async function note(
  means: Means,
  channel: Channel | undefined,
  { parcel, sentAs, delivery }: Gone,
): Promise<void> {
  const { operations, clock, log, keepSent } = means
  const now = clock()
  const ids = parcel.map(({ id }) => id)
  const said = { channelId: channel?.id, key: sentAs, notices: ids.length }
  try {
    if (delivery.outcome === 'delivered') {
      const sent = { channelType: channel?.type ?? null, sentAt: now, sentAs }
      await Promise.all(parcel.map((notice) => keepSent({ notice, ...sent })))
      return
    }
    const { reason } = delivery
    const giveUpAt = Math.min(...parcel.map((notice) => notice.giveUpAt))
    const nextAttemptAt =
      now + (delivery.outcome === 'retry' ? retryAfterMs(means, parcel[0].attempts, delivery.afterMs) : 0)
    if (delivery.outcome === 'refused' || nextAttemptAt >= giveUpAt) {
      await means.bury(parcel, reason, now)
      log.warn({ ...said, reason }, 'a notice is a dead letter')
    } else await operations.postponeNotices(ids, { nextAttemptAt, lastError: reason })
  } catch (cause) {
    log.warn({ ...said, reason: reasonOf(cause) }, 'what became of a notice could not be kept')
  }
}

/** Twice as long each time, half of it by chance, so that what failed together does not come back together. */
function retryAfterMs({ random = Math.random }: Means, attempts: number, askedMs = 0): number {
  const longest = Math.min(firstRetryMs * 2 ** (Math.max(attempts, 1) - 1), longestRetryMs)
  return Math.max(askedMs, longest / 2 + (longest / 2) * random())
}
