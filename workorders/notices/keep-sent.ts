import type { OrderEvent } from '../../core/incident.ts'
import type { ChannelType, Notice } from '../../core/notice.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { gathering } from '../gather/gather.ts'

/** A notice that its receiver has taken. */
export interface SentNotice {
  readonly notice: Notice
  readonly channelType: ChannelType | null
  readonly sentAt: number
  /** Key of the message that it left in. */
  readonly sentAs: string
}

/** Resolves when the database knows it, and the order's record too. */
export type KeepSent = (sent: SentNotice) => Promise<void>

/** So many at once: nobody else may change their orders meanwhile. */
const together = 50

/**
 * Notes what was sent. What comes while something is being noted waits, and is noted together in one transaction: in a flood there
 * are thousands. An order that somebody holds at that moment is waited for alone, so that nobody who holds several waits for us. When
 * one of many cannot be noted, each is tried alone; what still cannot be leaves again, under its key, when its lease ends.
 */
export function createKeepSent(options: {
  operations: Operations
  recordEvent: (unit: Operations, orderId: string, event: OrderEvent) => Promise<void>
}): KeepSent {
  const { operations, recordEvent } = options
  interface Waiting {
    readonly sent: SentNotice
    readonly resolve: () => void
    readonly reject: (cause: unknown) => void
  }
  const waiting: Waiting[] = []
  let isNoting = false

  /** Never rejects. */
  async function noteAll(): Promise<void> {
    if (isNoting) return
    isNoting = true
    while (waiting.length > 0) {
      // those that are left wait by themselves: for whoever holds their order, and nobody waits for them
      for (const left of await noteTogether(waiting.splice(0, together))) noteAlone(left)
    }
    isNoting = false
  }

  /** Answers those that were not noted: their orders are held, or all failed because of one. */
  async function noteTogether(some: readonly Waiting[]): Promise<readonly Waiting[]> {
    const orderIds = [...new Set(some.flatMap(({ sent }) => sent.notice.orderId ?? []))]
    try {
      const held = await operations.transaction(async (unit) => {
        const free = new Set((await unit.lockFreeOrders(orderIds)).map(({ id }) => id))
        const isFree = ({ sent: { notice } }: Waiting) => notice.orderId === null || free.has(notice.orderId)
        await note(
          unit,
          some.filter(isFree).map(({ sent }) => sent),
        )
        return new Set(some.filter((one) => !isFree(one)))
      })
      for (const one of some) if (!held.has(one)) one.resolve()
      return [...held]
    } catch {
      return some
    }
  }

  function noteAlone({ sent, resolve, reject }: Waiting): Promise<void> {
    const noted = operations.transaction(async (unit) => {
      // its order first: whoever acts on an order locks it, and then voids its notices
      const { orderId } = sent.notice
      const isThere = orderId === null || (await unit.lockOrder(orderId)) !== undefined
      await note(unit, [isThere ? sent : { ...sent, notice: { ...sent.notice, orderId: null } }])
    })
    return noted.then(resolve, reject)
  }

  /** By whoever holds their orders. */
  async function note(unit: Operations, all: readonly SentNotice[]): Promise<void> {
    const rows = all.map(({ notice, sentAt, sentAs }) => ({ id: notice.id, sentAt, sentAs }))
    const marked = new Set(await unit.markSent(rows))
    const chains = all.flatMap(({ notice }) => notice.orderId ?? [])
    await gathering(unit, { chains }, async (gathered) => {
      for (const sent of all) {
        const { id, orderId } = sent.notice
        if (orderId !== null && marked.has(id)) await recordEvent(gathered, orderId, eventOf(sent))
      }
    })
  }

  return (sent) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ sent, resolve, reject })
      noteAll()
    })
}

function eventOf({ notice, channelType, sentAt }: SentNotice): OrderEvent {
  const { id: noticeId, reason, recipient, key } = notice
  const { name: to, party, teamId, memberId, channelId } = recipient
  const data = { noticeId, key, reason, to, party, teamId, memberId, channelId, channelType }
  return { at: sentAt, type: 'notified', actor: 'liftwatt', data }
}
