import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minuteMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { WorkOrder } from '../../core/incident.ts'
import { settleAndTell } from '../../response.ts'
import { testTeam } from '../../test/fixtures/people.ts'
import { testDevice, testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { faultOfRow } from '../evidence/verify-row.ts'
import { absorbOrder } from './absorb.ts'
import { createWorkOrders } from './act.ts'
import type { AfterChange } from './write-decision.ts'

/* One of two orders of a car ends in the other, in states that a sensor and a caller seldom bring about. */

const began = Date.UTC(2026, 10, 24, 8)
const now = began + 5 * minuteMs
let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase()
  await database.operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
})
afterAll(() => database?.remove())

async function elevator(): Promise<string> {
  const id = `elv-${randomUUID()}`
  await database.operations.insertDevice(testDevice({ id }))
  return id
}

async function orderOf(deviceId: string, minutes: number, given: Partial<WorkOrder> = {}): Promise<WorkOrder> {
  const of = { deviceId, detectedAt: began + minutes * minuteMs, finding: given.finding ?? 'elevator/entrapment' }
  const { orderId: _, ...incident } = testIncident(of)
  await database.operations.insertIncident({ ...incident, followed: null })
  const order = testOrder({ ...of, incidentId: incident.id, ...given })
  await database.operations.insertOrder(order)
  return order
}

const absorb = (order: WorkOrder, into: WorkOrder, afterChange: AfterChange = settleAndTell) =>
  database.operations.transaction((unit) => absorbOrder(unit, order.incidentId, into, now, afterChange))

const asItIs = async ({ id }: WorkOrder) => (await database.operations.order(id)) ?? expect.fail(`${id} is gone`)

test('what fails while an order is merged leaves both as they were, and neither goes on half merged', async () => {
  const deviceId = await elevator()
  const into = await orderOf(deviceId, 0)
  const order = await orderOf(deviceId, 1, { finding: 'elevator/alarm-button' })
  const taken = async () => {
    throw new ExpectedError('order-state', 'The order was changed by someone else at the same moment; look again')
  }
  await expect(absorb(order, into, taken)).rejects.toMatchObject({ code: 'order-state' })
  expect([(await asItIs(order)).state, await database.operations.orderEvents(into.id)]).toEqual(['raised', []])
  expect(await absorb(order, into)).toMatchObject({ id: into.id })
  expect(await asItIs(order)).toMatchObject({ state: 'cancelled', mergedIntoId: into.id })
})

test('whoever is inside was told under both orders: the earlier one goes on, and keeps when they were told first', async () => {
  const deviceId = await elevator()
  const earlier = await orderOf(deviceId, 0, { passengerToldAt: began + minuteMs })
  const other = await orderOf(deviceId, 1, { passengerToldAt: began + 3 * minuteMs })
  expect(await absorb(earlier, other)).toMatchObject({ id: earlier.id, passengerToldAt: began + minuteMs })
  expect(await asItIs(other)).toMatchObject({ state: 'cancelled', mergedIntoId: earlier.id })
})

test('what was done about the other order has its own times, though not before the one that goes on was raised', async () => {
  const deviceId = await elevator()
  const raisedAt = began + 3 * minuteMs
  const earlier = await orderOf(deviceId, 0, { finding: 'elevator/door-fault', raisedAt })
  const [acknowledgedAt, acceptedAt] = [began + 2 * minuteMs, began + 4 * minuteMs]
  const done = { acknowledgedAt, acceptedAt, technicianId: 'wang' }
  const other = await orderOf(deviceId, 1, { state: 'accepted', ...done })
  await absorb(earlier, other)

  const order = await asItIs(earlier)
  expect(order).toMatchObject({ state: 'accepted', acknowledgedAt: raisedAt, acceptedAt })
  const accepted = (await database.operations.orderEvents(order.id)).find(({ type }) => type === 'accepted')
  const said = { acknowledgedAt: '2026-11-24T08:03:00.000Z', acceptedAt: '2026-11-24T08:04:00.000Z' }
  expect(accepted).toMatchObject({ at: now, actor: 'liftwatt', data: said })

  const chain = await database.operations.chainOf(order.id)
  expect(faultOfRow(order, chain)).toBeUndefined()
  expect(faultOfRow({ ...order, acceptedAt: now }, chain)).toMatchObject({ text: expect.stringMatching('acceptedAt') })
})

test('a crew that had set out hears that another has the order, or the one that goes on for it; one that had not hears nothing', async () => {
  const { operations } = database
  await operations.insertChannel({ id: 'sms', type: 'webhook', name: 'sms', settings: {}, enabled: true, createdAt: 0 })
  for (const id of ['east', 'west']) {
    await operations.insertTeam(testTeam(id, { addresses: [{ channelId: 'sms', address: id }] }))
  }
  const workOrders = createWorkOrders({ operations, clock: () => now, afterChange: settleAndTell })
  const told = async ({ id }: WorkOrder) =>
    (await operations.notices({ orderId: id, limit: 10 })).items.map(({ reason, recipient }) => [
      reason,
      recipient.teamId,
    ])
  const accepted = {
    state: 'accepted',
    acknowledgedAt: now,
    acceptedAt: now,
    technicianId: 'li',
    teamId: 'east',
  } as const
  const by = { actor: 'operator', reason: 'a flat tyre' }

  const [asked, onTheRoad] = [
    await orderOf(await elevator(), 0, { teamId: 'east' }),
    await orderOf(await elevator(), 0, accepted),
  ]
  for (const { id: orderId } of [asked, onTheRoad])
    await workOrders.act({ orderId, action: 'reassign', teamId: 'west', ...by })
  expect(await told(asked)).toEqual([['reassigned', 'west']])
  expect((await told(onTheRoad)).toSorted()).toEqual([
    ['handed-over', 'east'],
    ['reassigned', 'west'],
  ])

  const deviceId = await elevator()
  const into = await orderOf(deviceId, 0, { ...accepted, teamId: 'west', technicianId: 'wu' })
  const merged = await orderOf(deviceId, 1, { finding: 'elevator/door-fault', ...accepted })
  await workOrders.act({ orderId: merged.id, action: 'merge', intoId: into.id, ...by })
  expect([await told(into), await told(merged)]).toEqual([[['handed-over', 'east']], []])

  // a crew on the way by an order that ends hears of the one that goes on, whoever had that one
  const silent = await elevator()
  const waiting = await orderOf(silent, 0, { teamId: 'east' })
  const theirs = await orderOf(silent, 1, { finding: 'elevator/door-fault', ...accepted })
  await workOrders.act({ orderId: theirs.id, action: 'merge', intoId: waiting.id, ...by })
  expect([await told(waiting), await told(theirs)]).toEqual([[['reassigned', 'east']], []])
  expect(await operations.order(waiting.id)).toMatchObject({ state: 'accepted', technicianId: 'li' })
})

test('where no other crew has the order nobody is turned back, and nobody is in the place of a crew that is gone', async () => {
  const { operations } = database
  await operations.insertChannel({ id: 'im', type: 'webhook', name: 'im', settings: {}, enabled: true, createdAt: 0 })
  const teams = [
    ...['north', 'south'].map((id) => testTeam(id)),
    testTeam('gone', { removedAt: 0 }),
    testTeam('duty', { type: 'duty-room' }),
  ]
  for (const team of teams) await operations.insertTeam({ ...team, addresses: [{ channelId: 'im', address: team.id }] })
  const accepted = { state: 'accepted', acknowledgedAt: now, acceptedAt: now } as const
  const mergedInto = async (teamId: string | null, wasOf: string, technicianId: string | null = 'wu') => {
    const deviceId = await elevator()
    const into = await orderOf(deviceId, 0, { ...accepted, teamId, technicianId })
    const of = { teamId: wasOf, technicianId: 'li' }
    const merged = await orderOf(deviceId, 1, { finding: 'elevator/door-fault', ...accepted, ...of })
    const workOrders = createWorkOrders({ operations, clock: () => now, afterChange: settleAndTell })
    await workOrders.act({ orderId: merged.id, action: 'merge', intoId: into.id, actor: 'operator', reason: 'one car' })
    return (await operations.notices({ orderId: into.id, limit: 10 })).items.map(({ recipient }) => recipient.teamId)
  }
  expect(await mergedInto('south', 'north')).toEqual(['north'])
  expect(await mergedInto(null, 'north')).toEqual([])
  expect(await mergedInto('north', 'gone')).toEqual([])
  // nobody has it, and nobody of a crew that is gone can have it
  expect(await mergedInto('north', 'gone', null)).toEqual([])
})

const dated = { arriveBy: null, finding: 'elevator/door-fault', severity: 'warning' } as const
const planned = { ...dated, type: 'planned' } as const
const inspection = { ...dated, type: 'inspection' } as const

test.each<[string, string, Partial<WorkOrder>, Partial<WorkOrder>]>([
  ['nobody', 'was to come on a date', planned, {}],
  ['nobody', 'was to inspect on a date', inspection, {}],
  ['nobody', 'was to inspect on a date, and not to mend,', inspection, planned],
  ['li', 'was to come on a date, which the other has, too,', planned, planned],
])('%s is on the way by the other order, who %s by the one that ends', async (whom, _, ofMerged, ofInto) => {
  const deviceId = await elevator()
  const into = await orderOf(deviceId, 4, ofInto)
  const done = { acknowledgedAt: began, acceptedAt: began, technicianId: 'li' }
  const merged = await orderOf(deviceId, 0, { ...ofMerged, state: 'accepted', ...done })
  const workOrders = createWorkOrders({ operations: database.operations, clock: () => now, afterChange: settleAndTell })
  await workOrders.act({ orderId: merged.id, action: 'merge', intoId: into.id, actor: 'operator', reason: 'one car' })
  const hasIt = { state: 'accepted', technicianId: 'li' }
  const isNobodys = { state: 'raised', technicianId: null, acknowledgedAt: null, acceptedAt: null }
  expect(await asItIs(into)).toMatchObject(whom === 'li' ? hasIt : isNobodys)
})

test('an order that becomes critical by what is merged into it has the plan of that from then on, watched by its own clock', async () => {
  const deviceId = await elevator()
  const plan = { ...{ id: 'calm', version: 1, name: { en: 'Calm', 'zh-CN': '' } }, tell: [], askFirst: null, steps: [] }
  const into = await orderOf(deviceId, 0, { finding: 'elevator/alarm-button', severity: 'urgent', plan })
  const merged = await orderOf(deviceId, 1, { finding: 'elevator/door-fault' })
  await absorb(merged, into)

  const order = await asItIs(into)
  expect(order).toMatchObject({ severity: 'critical', plan: { id: 'elevator-emergency' }, arriveBy: into.arriveBy })
  const watched = (await database.operations.deadlinesOf(into.id)).map(({ step, dueAt }) => [step.goal, dueAt])
  expect(watched).toContainEqual(['arrived', into.arriveBy])
  const chain = await database.operations.chainOf(into.id)
  expect(faultOfRow(order, chain)).toBeUndefined()
  expect(faultOfRow({ ...order, plan }, chain)).toMatchObject({ text: expect.stringMatching('plan') })
})
