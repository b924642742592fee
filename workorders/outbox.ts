import { createHash } from 'node:crypto'
import { type Clock, minuteMs, secondMs } from '../core/clock.ts'
import { reasonOf } from '../core/errors.ts'
import type { OrderEvent, WorkOrder } from '../core/incident.ts'
import type { Log } from '../core/log.ts'
import type { Channel, ChannelType, Notice } from '../core/notice.ts'
import type { Operations } from '../stores/operations/port.ts'
import type { Delivery, Message, OpenChannel } from './channels/port.ts'
import { linkScopeOf, type OrderLinks } from './order-link.ts'
import { wordDigest, wordNotice } from './wording.ts'

/** One message on its way. */
const sendWithinMs = 5 * secondMs
/** Whoever was killed after sending sends again then, with the same key. */
const leaseMs = 20 * secondMs
const pollMs = secondMs
/** A receiver that hangs holds so many of its own, and none of anyone else's. */
const atOnce = 4
const firstRetryMs = secondMs
const longestRetryMs = 2 * minuteMs
/** More than so many messages to one address within the time become a digest; unverified default. */
const limit = { messages: 10, withinMs: 10 * minuteMs } as const
const digestOf = 500

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

/** What leaves as one message. */
type Parcel = readonly [Notice, ...Notice[]]

/**
 * Sends what the outbox holds: at least once, each time with the same key. Each channel has its own queue and its own few
 * messages on the way, so one slow receiver delays no other. What is here is only in the database, so it may be killed at any
 * moment: the lease of what it had taken ends, and it is due again.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { operations, clock, log } = options
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
    const queue = queues.get(channelId) ?? { onTheWay: new Set(), serving: undefined, again: false }
    queues.set(channelId, queue)
    if (queue.serving !== undefined) {
      queue.again = true
      return
    }
    queue.again = false
    queue.serving = serveChannel(options, channelId, queue.onTheWay, () => stopped)
      .catch((cause) => log.warn({ channelId, reason: reasonOf(cause) }, 'a channel could not be served'))
      .finally(() => {
        queue.serving = undefined
        if (queue.again && !stopped) serve(channelId)
      })
  }

  async function idle(): Promise<void> {
    const busy = () =>
      [...queues.values()].flatMap(({ serving, onTheWay }) => [...(serving ? [serving] : []), ...onTheWay])
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
  readonly onTheWay: Set<Promise<void>>
  serving: Promise<void> | undefined
  /** Something became due while it was being served. */
  again: boolean
}

/** Takes what is due on one channel and sets it on its way, a few at once, until nothing is due. */
async function serveChannel(
  options: OutboxOptions,
  channelId: string,
  onTheWay: Set<Promise<void>>,
  isStopped: () => boolean,
): Promise<void> {
  while (!isStopped()) {
    if (onTheWay.size >= atOnce) {
      await Promise.race(onTheWay)
      continue
    }
    const { parcels, taken } = await takeParcels(options, channelId, atOnce - onTheWay.size)
    if (taken === 0) return
    const channel = await options.operations.channel(channelId)
    for (const parcel of parcels) {
      const sending = send(options, channel, channelId, parcel).finally(() => onTheWay.delete(sending))
      onTheWay.add(sending)
    }
  }
}

/**
 * Claims what is due, holds back what is too much for one person, and puts what was held back into one parcel. Critical ones
 * always leave alone and at once.
 */
function takeParcels(options: OutboxOptions, channelId: string, free: number) {
  const { operations, clock } = options
  return operations.transaction(async (unit) => {
    const now = clock()
    const leaseUntil = now + leaseMs
    const claimed = await unit.claimNotices({ channelId, now, limit: free, leaseUntil })
    const parcels: Parcel[] = []
    const settled = new Set<string>()
    for (const notice of claimed) {
      if (settled.has(notice.id)) continue
      if (notice.critical) {
        parcels.push([notice])
        continue
      }
      const { address } = notice.recipient
      if (notice.held) {
        const others = await unit.claimHeld({ channelId, address, leaseUntil, limit: digestOf })
        const together = [notice, ...others.filter(({ id }) => id !== notice.id && !settled.has(id))] as const
        for (const { id } of together) settled.add(id)
        parcels.push(together)
        continue
      }
      const until = await holdUntil(unit, notice, now)
      if (until === null) {
        parcels.push([notice])
        continue
      }
      const lastError = `Held back for a digest: more than ${limit.messages} messages in ${limit.withinMs / minuteMs} minutes`
      await unit.holdNotices({ channelId, address, until, lastError })
      for (const other of claimed) {
        if (
          !other.critical &&
          other.recipient.address === address &&
          !parcels.some(([first]) => first.id === other.id)
        ) {
          settled.add(other.id)
        }
      }
    }
    return { parcels, taken: claimed.length }
  })
}

/** Until when a notice waits because its address had many; null when it may leave. */
async function holdUntil(unit: Operations, { recipient }: Notice, now: number): Promise<number | null> {
  const { channelId, address } = recipient
  const already = await unit.heldUntil(channelId, address)
  if (already !== null && already > now) return already
  const sentAt = await unit.messagesSince(channelId, address, now - limit.withinMs, limit.messages)
  const oldest = sentAt.at(-1)
  return sentAt.length < limit.messages || oldest === undefined ? null : oldest + limit.withinMs
}

async function send(
  options: OutboxOptions,
  channel: Channel | undefined,
  channelId: string,
  parcel: Parcel,
): Promise<void> {
  const { operations, openChannel, clock, log, onSent } = options
  try {
    const wanted = await stillWanted(operations, parcel)
    if (wanted === undefined) return
    const message = messageOf(options, wanted)
    const delivery = await deliver(channel, message)
    onSent?.({
      channelType: channel?.type ?? null,
      outcome: delivery.outcome,
      afterMs: clock() - Math.min(...wanted.map(({ notice }) => notice.createdAt)),
    })
    await settle(options, channel, wanted.map(({ notice }) => notice) as unknown as Parcel, message.key, delivery)
  } catch (cause) {
    // its lease ends, and it is sent again with the same key
    log.warn({ channelId, key: parcel[0].key, reason: reasonOf(cause) }, 'what became of a notice could not be kept')
  }

  async function deliver(to: Channel | undefined, message: Message): Promise<Delivery> {
    if (to === undefined) return { outcome: 'refused', reason: `there is no channel ${channelId} any more` }
    if (!to.enabled) return { outcome: 'refused', reason: `the channel ${channelId} is switched off` }
    return openChannel(to).send(message, { signal: AbortSignal.timeout(sendWithinMs), clock })
  }
}

interface Wanted {
  readonly notice: Notice
  readonly order: WorkOrder | undefined
}

const saysThatItEnded: readonly Notice['reason'][] = ['cancelled', 'closed']

/** Without those whose order has ended meanwhile; undefined when none is left. */
async function stillWanted(operations: Operations, parcel: Parcel): Promise<Wanted[] | undefined> {
  const wanted: Wanted[] = []
  for (const notice of parcel) {
    const order = notice.orderId === null ? undefined : await operations.order(notice.orderId)
    const hasEnded = order?.state === 'closed' || order?.state === 'cancelled'
    if (order !== undefined && hasEnded && !saysThatItEnded.includes(notice.reason)) {
      await operations.voidNotices(order.id)
    } else wanted.push({ notice, order })
  }
  return wanted.length > 0 ? wanted : undefined
}

function messageOf({ links, clock }: OutboxOptions, wanted: readonly Wanted[]): Message {
  const now = clock()
  const messages = wanted.map(({ notice, order }) => {
    const { recipient, orderId, createdAt } = notice
    const scope = linkScopeOf(recipient.party)
    const link =
      orderId === null
        ? null
        : links.linkTo({ orderId, scope, name: recipient.name, teamId: recipient.teamId }, createdAt)
    return wordNotice(notice, order, link, now)
  })
  const [only] = messages
  if (messages.length === 1 && only !== undefined) return only
  return wordDigest(digestKey(messages), messages, only?.locale ?? 'zh-CN')
}

/** The same notices make the same digest. */
function digestKey(messages: readonly Message[]): string {
  const keys = messages.map(({ key }) => key).sort()
  return `digest:${createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 32)}`
}

async function settle(
  options: OutboxOptions,
  channel: Channel | undefined,
  parcel: Parcel,
  sentAs: string,
  delivery: Delivery,
): Promise<void> {
  const { operations, clock, log } = options
  const now = clock()
  if (delivery.outcome === 'delivered') {
    // each in a transaction of its own: a digest must not lock hundreds of orders at once
    for (const notice of parcel) await keepSent(options, channel, notice, { sentAt: now, sentAs })
    return
  }
  const ids = parcel.map(({ id }) => id)
  const { reason } = delivery
  const giveUpAt = Math.min(...parcel.map((notice) => notice.giveUpAt))
  const nextAttemptAt =
    now + (delivery.outcome === 'retry' ? retryAfterMs(options, parcel[0].attempts, delivery.afterMs) : 0)
  if (delivery.outcome === 'refused' || nextAttemptAt >= giveUpAt) {
    await operations.buryNotices(ids, reason)
    log.warn({ channelId: channel?.id, key: sentAs, notices: ids.length, reason }, 'a notice is a dead letter')
  } else await operations.postponeNotices(ids, { nextAttemptAt, lastError: reason })
}

function keepSent(
  { operations, recordEvent }: OutboxOptions,
  channel: Channel | undefined,
  notice: Notice,
  sent: { sentAt: number; sentAs: string },
): Promise<void> {
  return operations.transaction(async (unit) => {
    // its order first: whoever acts on an order locks it, and then voids its notices
    const order = notice.orderId === null ? undefined : await unit.lockOrder(notice.orderId)
    if (!(await unit.markSent(notice.id, sent)) || order === undefined) return
    const { id: noticeId, reason, recipient, key } = notice
    const { name: to, party, teamId, memberId, channelId } = recipient
    const data = { noticeId, key, reason, to, party, teamId, memberId, channelId, channelType: channel?.type ?? null }
    await recordEvent(unit, order.id, { at: sent.sentAt, type: 'notified', actor: 'liftwatt', data })
  })
}

/** Twice as long each time, half of it by chance, so that what failed together does not come back together. */
function retryAfterMs({ random = Math.random }: OutboxOptions, attempts: number, askedMs = 0): number {
  const longest = Math.min(firstRetryMs * 2 ** (Math.max(attempts, 1) - 1), longestRetryMs)
  return Math.max(askedMs, longest / 2 + (longest / 2) * random())
}
