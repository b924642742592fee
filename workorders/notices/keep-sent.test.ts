import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WorkOrder } from '../../core/incident.ts'
import type { Recipient } from '../../core/notice.ts'
import { memoryEvidence } from '../../stores/evidence/memory.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { type OwnPostgres, startOwnPostgres } from '../../test/operations-database.ts'
import { recordEvent } from '../evidence/chain.ts'
import { verifyAll } from '../evidence/verify.ts'
import { createKeepSent, type SentNotice } from './keep-sent.ts'
import { notifyRecipients } from './notify.ts'

const now = Date.UTC(2026, 10, 24, 18)

let database: OwnPostgres
beforeAll(async () => {
  database = await startOwnPostgres()
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
  await operations.transaction(async (unit) => {
    await recordEvent(unit, order.id, { at: now, type: 'raised', actor: 'liftwatt', data: {} })
    await notifyRecipients(unit, { order, reason: 'raised', recipients, now })
  })
  const notices = (await operations.notices({ orderId: order.id, limit: 100 })).items
  const sent = notices.map((notice) => ({ notice, channelType: null, sentAt: now + 5, sentAs: notice.key }))
  return { order, sent }
}

const stateOf = async ({ notice }: SentNotice) => (await database.operations.notice(notice.id))?.state
const notifiedOf = async ({ id }: WorkOrder) =>
  (await database.operations.orderEvents(id)).filter(({ type }) => type === 'notified').length

/** Counts what is committed. */
function counted() {
  const { operations } = database
  const counts = { transactions: 0 }
  const transaction: Operations['transaction'] = (work) => {
    counts.transactions += 1
    return operations.transaction(work)
  }
  return { counts, operations: { ...operations, transaction } }
}

/** Of a process that is killed at each of its commits: before it, or when the database has it and nobody knows. */
function killed(when: 'before' | 'after') {
  const { operations } = database
  const counts = { largest: 0 }
  const kill = () => {
    throw new Error('killed')
  }
  const transaction: Operations['transaction'] = async (work) => {
    const result = await operations.transaction(async (unit) => {
      const markSent: Operations['markSent'] = (sent) => {
        counts.largest = Math.max(counts.largest, sent.length)
        return unit.markSent(sent)
      }
      const done = await work({ ...unit, markSent })
      return when === 'before' ? kill() : done
    })
    return when === 'after' ? kill() : result
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
    // the first is looked at alone, and by then the others have come
    waiting = Promise.all(held.sent.map(keepSent)).then(() => {
      heldIsNoted = true
    })
    await Promise.all(free.flatMap(({ sent }) => sent).map(keepSent))
    expect(heldIsNoted).toBe(false)
  })
  await waiting
  expect(await notifiedOf(held.order)).toBe(1)
  for (const { order } of free) expect(await notifiedOf(order)).toBe(1)
})

test('one that cannot be noted fails alone, whatever it was noted together with', async () => {
  const orders = await Promise.all(Array.from({ length: 6 }, () => orderWithSent(1)))
  const bad = orders[3]?.order.id
  const keepSent = createKeepSent({
    operations: database.operations,
    async recordEvent(unit, orderId, event) {
      await recordEvent(unit, orderId, event)
      if (orderId === bad) throw new Error('its chain is torn')
    },
  })
  const results = await Promise.allSettled(orders.flatMap(({ sent }) => sent.map(keepSent)))
  const expected = orders.map(({ order }) => (order.id === bad ? 'rejected' : 'fulfilled'))
  expect(results.map(({ status }) => status)).toEqual(expected)
  for (const { order, sent } of orders) {
    expect(await notifiedOf(order)).toBe(order.id === bad ? 0 : 1)
    expect(await Promise.all(sent.map(stateOf))).toEqual([order.id === bad ? 'waiting' : 'sent'])
  }
})

test('killed before the commit nothing of a batch is noted, killed after it all is, and told again it is noted once', async () => {
  for (const when of ['before', 'after'] as const) {
    const orders = await Promise.all(Array.from({ length: 8 }, () => orderWithSent(2)))
    const all = orders.flatMap(({ sent }) => sent)
    const { counts, operations } = killed(when)
    const dying = createKeepSent({ operations, recordEvent })
    const results = await Promise.allSettled(all.map(dying))
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(counts.largest).toBeGreaterThan(10)
    const noted = await Promise.all(orders.map(({ order }) => notifiedOf(order)))
    expect(noted).toEqual(orders.map(() => (when === 'before' ? 0 : 2)))

    const next = createKeepSent({ operations: database.operations, recordEvent })
    await Promise.all(all.map(next))
    for (const { order } of orders) expect(await notifiedOf(order)).toBe(2)
    for (const one of all) expect(await stateOf(one)).toBe('sent')
  }
  expect(await verifyAll(database.operations, memoryEvidence())).toMatchObject({ ok: true, breaks: [] })
})

test('while the database is away whoever asks is told so, and none is noted twice when it is back', {
  timeout: 60_000,
}, async () => {
  const orders = await Promise.all(Array.from({ length: 5 }, () => orderWithSent(2)))
  const all = orders.flatMap(({ sent }) => sent)
  const keepSent = createKeepSent({ operations: database.operations, recordEvent })
  await database.shutDown()
  const results = await Promise.allSettled(all.map(keepSent))
  await database.startAgain()
  for (const result of results) expect(result).toMatchObject({ reason: { code: 'unavailable' } })
  for (const one of all) expect(await stateOf(one)).toBe('waiting')

  await Promise.all(all.map(keepSent))
  for (const { order } of orders) expect(await notifiedOf(order)).toBe(2)
})
