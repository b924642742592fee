import { createHash } from 'node:crypto'
import { minuteMs, secondMs } from '../../core/clock.ts'
import type { Notice } from '../../core/notice.ts'
import type { Operations } from '../../stores/operations/port.ts'

/** Whoever was killed after sending sends again then, with the same key. */
const leaseMs = 20 * secondMs
/** More than so many messages to one address within the time become a digest; unverified default. */
const limit = { messages: 10, withinMs: 10 * minuteMs } as const
/** A person reads so many lines with a link each; what is more leaves as another digest. Unverified default. */
const digestOf = 20
/** One that was made already leaves whole. */
const digestAtMost = 500

/** What leaves as one message. */
export type Parcel = readonly [Notice, ...Notice[]]

/**
 * Claims what is due, holds back what is too much for one person, and puts what was held back into one parcel. Critical ones
 * always leave alone and at once.
 */
export function takeParcels(operations: Operations, channelId: string, free: number, now: number) {
  return operations.transaction(async (unit) => {
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
        const together = await digestWith(unit, notice, leaseUntil)
        for (const { id } of together) settled.add(id)
        parcels.push(together)
        continue
      }
      const inHand = parcels.filter(([one]) => !one.critical && one.recipient.address === address).length
      const until = await holdUntil(unit, notice, now, inHand)
      if (until === null) {
        parcels.push([notice])
        continue
      }
      const lastError = `Held back for a digest: more than ${limit.messages} messages in ${limit.withinMs / minuteMs} minutes`
      const except = parcels.flat().map(({ id }) => id)
      await unit.holdNotices({ channelId, address, until, lastError, except })
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

/**
 * Those that leave with it: the same ones at each try, whoever was killed in between, so that a digest keeps its key. What is
 * held back after it was made goes into another one.
 */
async function digestWith(unit: Operations, notice: Notice, leaseUntil: number): Promise<Parcel> {
  const { channelId, address } = notice.recipient
  const { sentAs } = notice
  const limit = sentAs === null ? digestOf - 1 : digestAtMost
  const claimed = await unit.claimHeld({ channelId, address, sentAs, leaseUntil, limit })
  const others = claimed.filter(({ id }) => id !== notice.id)
  if (sentAs !== null) return [notice, ...others]
  const key = digestKey([notice, ...others])
  const ids = [notice, ...others].map(({ id }) => id)
  await unit.putInDigest(ids, key)
  return [{ ...notice, sentAs: key }, ...others.map((other) => ({ ...other, sentAs: key }))]
}

/** One alone is no digest, and leaves under its own key. */
function digestKey(parcel: Parcel): string {
  if (parcel.length === 1) return parcel[0].key
  const keys = parcel.map(({ key }) => key).sort()
  return `digest:${createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 32)}`
}

/**
 * Until when a notice waits because its address had many; null when it may leave.
 * @param inHand so many messages to it were taken together with this one, and are still to be sent
 */
async function holdUntil(unit: Operations, { recipient }: Notice, now: number, inHand: number): Promise<number | null> {
  const { channelId, address } = recipient
  const already = await unit.heldUntil(channelId, address)
  if (already !== null && already > now) return already
  const sentAt = await unit.messagesSince(channelId, address, now - limit.withinMs, limit.messages)
  return sentAt.length + inHand < limit.messages ? null : (sentAt.at(-1) ?? now) + limit.withinMs
}
