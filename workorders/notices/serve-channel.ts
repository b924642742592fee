import { setImmediate as turn } from 'node:timers/promises'
import { secondMs } from '../../core/clock.ts'
import { reasonOf } from '../../core/errors.ts'
import type { WorkOrder } from '../../core/incident.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { type Parcel, takeParcels } from './parcels.ts'
import { type Batch, type Means, note, send } from './send-notice.ts'

/** A receiver that hangs holds so many of its own, and none of anyone else's. */
const atOnce = 4
/** So many of a channel are being sent, or were and are still to be noted. */
const openAtMost = 64
/** So many of a channel are claimed at a time, if it takes them within a moment. Unverified defaults. */
const atATimeAtMost = 64
const momentMs = 500
/** What is not on its way by then goes back to the others: its order may have ended, or something more urgent have come. */
const waitsAtMostMs = secondMs

/** Of one channel. */
export interface Queue {
  readonly sending: Set<Promise<unknown>>
  /** Those, and what was sent and is still to be noted. */
  readonly open: Set<Promise<unknown>>
  serving: Promise<void> | undefined
  /** Something became due while it was being served. */
  again: boolean
}

/**
 * Takes what is due on one channel and sets it on its way, a few at once, until nothing is due. A receiver that is quick gets more
 * at a time, up to what it takes in a moment, so that a flood costs a few statements for many; what is more urgent waits for no more
 * than that.
 */
export async function serveChannel(
  means: Means,
  channelId: string,
  queue: Queue,
  isStopped: () => boolean,
): Promise<void> {
  let atATime = atOnce
  while (!isStopped()) {
    await room(queue)
    const batch = await takeBatch(means, channelId, atATime)
    if (batch.taken === 0) return
    // from here: a database that is slow must not keep what it gave from being sent
    const began = performance.now()
    for (const [index, parcel] of batch.parcels.entries()) {
      await room(queue)
      if (isStopped() || performance.now() - began > waitsAtMostMs) {
        await giveBack(means, batch.parcels.slice(index))
        break
      }
      set(means, batch, parcel, queue)
    }
    const wasQuick = performance.now() - began < momentMs
    atATime = wasQuick ? Math.min(2 * atATime, atATimeAtMost) : Math.max(atATime / 2, atOnce)
  }
}

/** Until there is room for one more. */
async function room({ sending, open }: Queue): Promise<void> {
  while (sending.size >= atOnce || open.size >= openAtMost) {
    await Promise.race(sending.size >= atOnce ? sending : open)
    await turn() // those that end together make room together
  }
}

async function takeBatch(means: Means, channelId: string, atMost: number): Promise<Batch> {
  const { operations, clock, openChannel } = means
  const { parcels, taken } = await takeParcels(operations, channelId, atMost, clock())
  const [channel, orders] =
    parcels.length === 0
      ? ([undefined, new Map()] as const)
      : await Promise.all([operations.channel(channelId), ordersOf(operations, parcels)])
  const opened = channel?.enabled ? openChannel(channel) : undefined
  return { channelId, channel, opened, parcels, orders, taken }
}

function set(means: Means, batch: Batch, parcel: Parcel, { sending, open }: Queue): void {
  const sent = send(means, batch, parcel)
  const noted = sent.then((what) => what && note(means, batch.channel, what))
  // what people may have too much of is counted by what is noted
  track(sending, parcel[0].critical ? sent : noted)
  track(open, noted)
}

/** If that fails they are due again when their lease ends. */
async function giveBack({ operations, log }: Means, parcels: readonly Parcel[]): Promise<void> {
  const ids = parcels.flat().map(({ id }) => id)
  await operations
    .giveBackNotices(ids)
    .catch((cause: unknown) => log.warn({ reason: reasonOf(cause) }, 'notices wait for their lease to end'))
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
