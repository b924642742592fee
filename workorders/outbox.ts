import { setImmediate as turn } from 'node:timers/promises'
import { type Clock, minuteMs, secondMs } from '../core/clock.ts'
import { reasonOf } from '../core/errors.ts'
import type { OrderEvent, WorkOrder } from '../core/incident.ts'
import type { Log } from '../core/log.ts'
import type { Channel, ChannelType, Notice } from '../core/notice.ts'
import type { Operations } from '../stores/operations/port.ts'
import type { Delivery, Message, OpenChannel } from './channels/port.ts'
import { createKeepSent, type KeepSent } from './keep-sent.ts'
import { linkScopeOf, type OrderLinks } from './order-link.ts'
import { type Parcel, takeParcels } from './parcels.ts'
import { wordDigest, wordNotice } from './wording.ts'

/** One message on its way. */
const sendWithinMs = 5 * secondMs
const pollMs = secondMs
/** A receiver that hangs holds so many of its own, and none of anyone else's. */
const atOnce = 4
/** So many of a channel are being sent, or were and are still to be noted. */
const openAtMost = 32
const firstRetryMs = secondMs
const longestRetryMs = 2 * minuteMs

export interface Sent {
  readonly channelType: ChannelType | null
  readonly outcome: Delivery['outcome']
  /** From when the notice was written; ms. */
  readonly afterMs: number
}

export interface Outbox {
  readonly name: 'outbox'
  start(): void
  /** Something was written: look now, not at the next second. */
  wake(): void
  /** Sends what is due, and resolves when nothing of it is on its way any more. */
  runOnce(): Promise<void>
  /** Takes nothing new; what is on its way arrives or is let go of within 5 s. */
  stop(): Promise<void>
}

export interface OutboxOptions {
  readonly operations: Operations
  readonly openChannel: (channel: Channel) => OpenChannel
  readonly links: OrderLinks
  readonly recordEvent: (unit: Operations, orderId: string, event: OrderEvent) => Promise<void>
  readonly clock: Clock
  readonly log: Log
  /** For metrics. */
  readonly onSent?: (sent: Sent) => void
  /** In [0, 1). */
  readonly random?: () => number
}

type Means = OutboxOptions & { readonly keepSent: KeepSent }

/**
 * Sends what the outbox holds: at least once, each time with the same key. Each channel has its own queue and its own few
 * messages on the way, so one slow receiver delays no other. What is here is only in the database, so it may be killed at any
 * moment: the lease of what it had taken ends, and it is due again.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { operations, clock, log } = options
  const means: Means = { ...options, keepSent: createKeepSent(options) }
  const queues = new Map<string, Queue>()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let lookOnceMore = false
  let stopped = false

  async function look(): Promise<void> {
    while (lookOnceMore && !stopped) {
      lookOnceMore = false
      for (const channelId of await operations.dueChannels(clock())) serve(channelId)
    }
  }

  function wake(): void {
    if (stopped) return
    lookOnceMore = true
    looking ??= look()
      .catch((cause) => log.warn({ reason: reasonOf(cause) }, 'the outbox could not be read'))
      .finally(() => {
        looking = undefined
        if (lookOnceMore) wake()
      })
  }

  function serve(channelId: string): void {
    const queue = queues.get(channelId) ?? { sending: new Set(), open: new Set(), serving: undefined, again: false }
    queues.set(channelId, queue)
    if (queue.serving !== undefined) {
      queue.again = true
      return
    }
    queue.again = false
    queue.serving = serveChannel(means, channelId, queue, () => stopped)
      .catch((cause) => log.warn({ channelId, reason: reasonOf(cause) }, 'a channel could not be served'))
      .finally(() => {
        queue.serving = undefined
        if (queue.again && !stopped) serve(channelId)
      })
  }

  async function idle(): Promise<void> {
    const busy = () => [...queues.values()].flatMap(({ serving, open }) => [...(serving ? [serving] : []), ...open])
    while (looking !== undefined || busy().length > 0) await Promise.all([looking, ...busy()])
  }

  return {
    name: 'outbox',
    start() {
      timer = setInterval(wake, pollMs)
      wake()
    },
    wake,
    async runOnce() {
      wake()
      await idle()
    },
    async stop() {
      stopped = true
      lookOnceMore = false
      clearInterval(timer)
      await idle()
    },
  }
}

/** Of one channel. */
interface Queue {
  readonly sending: Set<Promise<unknown>>
  /** Those, and what was sent and is still to be noted. */
  readonly open: Set<Promise<unknown>>
  serving: Promise<void> | undefined
  /** Something became due while it was being served. */
  again: boolean
}

/** Takes what is due on one channel and sets it on its way, a few at once, until nothing is due. */
async function serveChannel(
  means: Means,
  channelId: string,
  { sending, open }: Queue,
  isStopped: () => boolean,
): Promise<void> {
  while (!isStopped()) {
    if (sending.size >= atOnce || open.size >= openAtMost) {
      await Promise.race(sending.size >= atOnce ? sending : open)
      await turn() // those that end together make room together
      continue
    }
    const { parcels, taken } = await takeParcels(means.operations, channelId, atOnce - sending.size, means.clock())
    if (taken === 0) return
    const channel = await means.operations.channel(channelId)
    const orders = await ordersOf(means.operations, parcels)
    for (const parcel of parcels) {
      const sent = send(means, channel, channelId, parcel, orders)
      const noted = sent.then((what) => what && note(means, channel, what))
      // what people may have too much of is counted by what is noted
      track(sending, parcel[0].critical ? sent : noted)
      track(open, noted)
    }
  }
}

/** @param promise it never rejects */
function track(promises: Set<Promise<unknown>>, promise: Promise<unknown>): void {
  promises.add(promise)
  promise.finally(() => promises.delete(promise))
}

async function ordersOf(operations: Operations, parcels: readonly Parcel[]): Promise<Map<string, WorkOrder>> {
  const ids = new Set(parcels.flat().flatMap(({ orderId }) => orderId ?? []))
  const orders = ids.size === 0 ? [] : await operations.ordersByIds([...ids])
  return new Map(orders.map((order) => [order.id, order]))
}

/** What left, and what its receiver said. */
interface Gone {
  readonly parcel: Parcel
  readonly sentAs: string
  readonly delivery: Delivery
}

/** Undefined when nobody needs it any more, or it could not be worded: then it comes again. Never rejects. */
async function send(
  means: Means,
  channel: Channel | undefined,
  channelId: string,
  parcel: Parcel,
  orders: ReadonlyMap<string, WorkOrder>,
): Promise<Gone | undefined> {
  const { openChannel, clock, log, onSent } = means
  try {
    const wanted = await stillWanted(means.operations, parcel, orders)
    if (wanted === undefined) return undefined
    const message = messageOf(means, wanted, orders)
    const delivery = await deliver(channel, message)
    const writtenAt = Math.min(...wanted.map(({ createdAt }) => createdAt))
    onSent?.({ channelType: channel?.type ?? null, outcome: delivery.outcome, afterMs: clock() - writtenAt })
    return { parcel: wanted, sentAs: message.key, delivery }
  } catch (cause) {
    log.warn({ channelId, key: parcel[0].key, reason: reasonOf(cause) }, 'a notice could not be sent; it comes again')
    return undefined
  }

  async function deliver(to: Channel | undefined, message: Message): Promise<Delivery> {
    if (to === undefined) return { outcome: 'refused', reason: `there is no channel ${channelId} any more` }
    if (!to.enabled) return { outcome: 'refused', reason: `the channel ${channelId} is switched off` }
    return openChannel(to).send(message, { signal: AbortSignal.timeout(sendWithinMs), clock })
  }
}

const saysThatItEnded: readonly Notice['reason'][] = ['cancelled', 'closed']

/** Without those whose order has ended meanwhile; undefined when none is left. */
async function stillWanted(
  operations: Operations,
  parcel: Parcel,
  orders: ReadonlyMap<string, WorkOrder>,
): Promise<Parcel | undefined> {
  const wanted: Notice[] = []
  for (const notice of parcel) {
    const order = orders.get(notice.orderId ?? '')
    const hasEnded = order?.state === 'closed' || order?.state === 'cancelled'
    if (order !== undefined && hasEnded && !saysThatItEnded.includes(notice.reason)) {
      await operations.voidNotices(order.id)
    } else wanted.push(notice)
  }
  const [first, ...others] = wanted
  return first && [first, ...others]
}

function messageOf({ links, clock }: Means, parcel: Parcel, orders: ReadonlyMap<string, WorkOrder>): Message {
  const now = clock()
  const word = (notice: Notice) => {
    const { recipient, orderId, createdAt } = notice
    const order = orders.get(orderId ?? '')
    const scope = linkScopeOf(recipient.party)
    const link =
      orderId === null
        ? null
        : links.linkTo({ orderId, scope, name: recipient.name, teamId: recipient.teamId }, createdAt)
    return wordNotice(notice, order, link, now)
  }
  const [first] = parcel
  const { held, sentAs } = first
  const message = word(first)
  const isDigest = held && sentAs !== null && sentAs !== message.key
  return isDigest ? wordDigest(sentAs, parcel.map(word), message.locale) : message
}

/** Never rejects: what could not be noted is sent again with the same key when its lease ends. */
async function note(means: Means, channel: Channel | undefined, { parcel, sentAs, delivery }: Gone): Promise<void> {
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
      await operations.buryNotices(ids, reason)
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
