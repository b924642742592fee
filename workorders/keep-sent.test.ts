import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WorkOrder } from '../core/incident.ts'
import type { Recipient } from '../core/notice.ts'
import type { Operations } from '../stores/operations/port.ts'
import { testIncident, testOrder } from '../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { recordEvent } from './chain.ts'
import { createKeepSent, type SentNotice } from './keep-sent.ts'
import { notifyRecipients } from './notify.ts'

const now = Date.UTC(2026, 10, 24, 18)

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.remove())

/** An order with so many notices that have just left. */
async function orderWithSent(count: number): Promise<{ order: WorkOrder; sent: SentNotice[] }> {
  const { operations } = database
  const { orderId: _, ...incident } = testIncident({ deviceId: `elv-${randomUUID()}`, detectedAt: now })
  await operations.insertIncident({ ...incident, followed: null })
  const order = testOrder({ incidentId: incident.id, detectedAt: now })
  await operations.insertOrder(order)
  const recipients = Array.from({ length: count }, (_, index): Recipient => {
    const who = { party: 'crew', teamId: 'crew-1', memberId: null, name: `w${index}`, locale: 'zh-CN' } as const
    return { ...who, channelId: 'ch', address: `${order.id}-${index}`, why: 'crew' }
  })
  await operations.transaction((unit) => notifyRecipients(unit, { order, reason: 'raised', recipients, now }))
  const notices = (await operations.notices({ orderId: order.id, limit: 100 })).items
  const sent = notices.map((notice) => ({ notice, channelType: null, sentAt: now + 5, sentAs: notice.key }))
  return { order, sent }
}

const stateOf = async ({ notice }: SentNotice) => (await database.operations.notice(notice.id))?.state
const notifiedOf = async ({ id }: WorkOrder) =>
  (await database.operations.orderEvents(id)).filter(({ type }) => type === 'notified').length

/** Counts what is committed, and may refuse to. */
function counted(refuses: () => boolean = () => false) {
  const { operations } = database
  const counts = { transactions: 0 }
  const transaction: Operations['transaction'] = (work) => {
    counts.transactions += 1
    return operations.transaction(async (unit) => {
      const result = await work(unit)
      if (refuses()) throw new Error('the connection was lost')
      return result
    })
  }
  return { counts, operations: { ...operations, transaction } }
}

test('what is sent at the same time is noted together, each once, in the record of its order', async () => {
  const orders = await Promise.all(Array.from({ length: 10 }, () => orderWithSent(3)))
  const { counts, operations } = counted()
  const keepSent = createKeepSent({ operations, recordEvent })
  const all = orders.flatMap(({ sent }) => sent)
  await Promise.all(all.map(keepSent))
  expect(counts.transactions).toBeLessThanOrEqual(3)
  for (const one of all) expect(await stateOf(one)).toBe('sent')
  for (const { order } of orders) expect(await notifiedOf(order)).toBe(3)

  await Promise.all(all.map(keepSent))
  for (const { order } of orders) expect(await notifiedOf(order)).toBe(3)
})

test('an order that somebody holds keeps none of the others waiting', async () => {
  const [held, ...free] = await Promise.all(Array.from({ length: 5 }, () => orderWithSent(1)))
  if (held === undefined) throw new Error('no order')
  const keepSent = createKeepSent({ operations: database.operations, recordEvent })
  let heldIsNoted = false
  let waiting: Promise<void> | undefined
  await database.operations.transaction(async (unit) => {
    await unit.lockOrder(held.order.id)
    // the first is noted alone, and by then the others have come
    const others = free.flatMap(({ sent }) => sent)
    const first = others.slice(0, 1).map(keepSent)
    waiting = Promise.all(held.sent.map(keepSent)).then(() => {
      heldIsNoted = true
    })
    await Promise.all([...first, ...others.slice(1).map(keepSent)])
    expect(heldIsNoted).toBe(false)
  })
  await waiting
  expect(await notifiedOf(held.order)).toBe(1)
  for (const { order } of free) expect(await notifiedOf(order)).toBe(1)
})

test('when they cannot be noted together each is tried alone, and only what fails again is said to', async () => {
  const orders = await Promise.all(Array.from({ length: 4 }, () => orderWithSent(1)))
  let refusals = 2
  const { operations } = counted(() => refusals-- > 0)
  const keepSent = createKeepSent({ operations, recordEvent })
  const results = await Promise.allSettled(orders.flatMap(({ sent }) => sent.map(keepSent)))
  // the first went alone and was refused; then three together, refused, then each of them alone
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  const counts = await Promise.all(orders.map(({ order }) => notifiedOf(order)))
  expect(counts).toEqual([0, 1, 1, 1])
})
