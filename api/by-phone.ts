import { type Clock, minuteMs } from '../core/clock.ts'
import type { WorkOrder } from '../core/incident.ts'
import type { Operations } from '../stores/operations/port.ts'
import { recordEvent } from '../workorders/evidence/chain.ts'
import { latestTimeOf, type OrderAction } from '../workorders/life/transitions.ts'
import type { LiftCodes } from './lift-codes.ts'
import type { ByPhone } from './schemas.ts'

/** What was sent sooner says no more than its receipt does. Unverified default. */
const promptMs = minuteMs

/**
 * Writes what the phone says beside the action, as an event of its own in the order's chain: the action has the time at which we heard
 * of it, by our clock, and this one the phone's. Neither moves a time of the order (decision 0013). Said again under the same key it
 * stands there once. An action that was sent at once, and of which nothing else is known, has no such event.
 */
export function createPhoneRecord(options: {
  operations: Operations
  codes: Pick<LiftCodes, 'deviceOf'>
  clock: Clock
}) {
  const { operations, codes, clock } = options
  return async (said: {
    order: WorkOrder
    action: OrderAction
    actor: string
    phone: ByPhone
    /** Of the action. */
    key: string
  }): Promise<void> => {
    const { order, action, actor, phone } = said
    const key = `${said.key}:phone`
    await operations.transaction(async (unit) => {
      const locked = await unit.lockOrder(order.id)
      if (locked === undefined || (await unit.orderEventByKey(order.id, key)) !== undefined) return
      const now = clock()
      const data = phoneData({ phone, action, order: locked, now, codes })
      if (data === undefined) return
      await recordEvent(unit, order.id, { at: Math.max(now, latestTimeOf(locked)), type: 'noted', actor, data }, key)
    })
  }
}

export type PhoneRecord = ReturnType<typeof createPhoneRecord>

/**
 * Undefined when it says nothing that the receipt does not. A phone's clock may be wrong: what it says is never later than now nor
 * earlier than the order was detected, and when it did say so, that stands there as well.
 * @param now ms since 1970, by our clock
 */
export function phoneData(given: {
  phone: ByPhone
  action: OrderAction
  order: Pick<WorkOrder, 'deviceId' | 'detectedAt'>
  now: number
  codes: Pick<LiftCodes, 'deviceOf'>
}): Readonly<Record<string, unknown>> | undefined {
  const { phone, action, order, now, codes } = given
  const { position, scanned, offline = false } = phone
  const doneAt = Math.min(Math.max(phone.doneAt, order.detectedAt), now)
  if (now - doneAt < promptMs && !offline && phone.by === undefined && position === undefined) return undefined
  // "by QR" is what the phone says; that the code was there says the code itself
  const isProven =
    scanned !== undefined && order.deviceId !== null && codes.deviceOf(codeIn(scanned)) === order.deviceId
  const by = phone.by === 'qr' ? (isProven ? 'code' : 'qr') : phone.by
  return {
    ...{ action: 'by-phone', of: action, doneAt: isoOf(doneAt), receivedAt: isoOf(now) },
    ...(phone.doneAt !== doneAt && { said: isoOf(phone.doneAt) }),
    ...(by !== undefined && { by }),
    ...(position !== undefined && { position }),
    ...(offline && { offline }),
    note: noteOf(by, doneAt, offline),
  }
}

/** Alone, or as the last part of an address. */
function codeIn(text: string): string {
  return text.trim().split(/[?#]/)[0]?.split('/').at(-1) ?? ''
}

const ways = {
  code: '扫描轿厢二维码（已核对） by the code in the car, checked',
  qr: '扫码（未核对） by a code, not checked',
  hand: '手动 by hand',
} as const

/** For whoever reads the record, in both languages: nobody knows who that will be. Where somebody was is in the data alone. */
function noteOf(by: keyof typeof ways | undefined, doneAt: number, offline: boolean): string {
  return [
    ...(by === undefined ? [] : [ways[by]]),
    `手机时间 by the phone ${shanghaiIso(doneAt)}`,
    ...(offline ? ['离线 offline'] : []),
  ].join('; ')
}

function isoOf(at: number): string {
  return new Date(at).toISOString()
}

/** China has had one time zone, and no summer time, since 1991. */
function shanghaiIso(at: number): string {
  return `${new Date(at + 8 * 60 * minuteMs).toISOString().slice(0, 19)}+08:00`
}
