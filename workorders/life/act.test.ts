import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minuteMs } from '../../core/clock.ts'
import { type OrderState, orderStates, type WorkOrder } from '../../core/incident.ts'
import type { NewIncident } from '../../stores/operations/port.ts'
import { testIncident } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { createWorkOrders, type WorkOrders } from './act.ts'
import { openOrder, upgradeOrder } from './open.ts'
import { type ActionRequest, orderSteps } from './transitions.ts'

const detectedAt = Date.UTC(2026, 10, 24, 8)
type OrderAction = (typeof orderSteps)[number]

let now = detectedAt
let database: TestDatabase
let workOrders: WorkOrders

beforeAll(async () => {
  database = await startTestDatabase()
  workOrders = createWorkOrders({ operations: database.operations, clock: () => now })
})
afterAll(() => database.remove())

/** The whole life of an order: what is not listed here is refused and changes nothing. */
const reached: Readonly<Record<OrderAction, Partial<Record<OrderState, OrderState>>>> = {
  acknowledge: { raised: 'acknowledged' },
  accept: { raised: 'accepted', acknowledged: 'accepted' },
  arrive: { accepted: 'arrived' },
  restore: { arrived: 'restored' },
  close: { restored: 'closed' },
  cancel: {
    raised: 'cancelled',
    acknowledged: 'cancelled',
    accepted: 'cancelled',
    arrived: 'cancelled',
    restored: 'cancelled',
  },
}
const everyPair = orderSteps.flatMap((action) => orderStates.map((state) => ({ action, state })))

test.each(everyPair)('$action an order that is $state', async ({ action, state }) => {
  const order = await orderIn(state)
  const eventsBefore = await eventsOf(order)
  now += minuteMs
  const expected = reached[action][state]

  if (expected === undefined) {
    const code = doneBy[action] === state ? 'already-done' : 'order-state'
    await expect(act(order, action)).rejects.toMatchObject({ code })
    expect(await database.operations.order(order.id)).toEqual(order)
    expect(await eventsOf(order)).toEqual(eventsBefore)
    return
  }
  const after = await act(order, action)
  expect(after).toMatchObject({ state: expected, [`${expected}At`]: now })
  expect(await database.operations.order(order.id)).toEqual(after)
  const event = { at: now, type: expected, actor: 'operator', data: { from: state } }
  expect(await eventsOf(order)).toEqual([...eventsBefore, event])
})

const doneBy: Readonly<Record<OrderAction, OrderState>> = {
  acknowledge: 'acknowledged',
  accept: 'accepted',
  arrive: 'arrived',
  restore: 'restored',
  close: 'closed',
  cancel: 'cancelled',
}

test.each(orderStates)('a false alarm closes an order that is %s, if it is open', async (state) => {
  const order = await orderIn(state)
  const closing = act(order, 'close', { outcome: 'false-alarm', causeClass: 'people', note: 'a pram in the door' })

  if (state === 'closed' || state === 'cancelled') {
    await expect(closing).rejects.toMatchObject({ code: state === 'closed' ? 'already-done' : 'order-state' })
    return
  }
  expect(await closing).toMatchObject({ state: 'closed', outcome: 'false-alarm', causeClass: 'people', closedAt: now })
  const data = { outcome: 'false-alarm', causeClass: 'people', note: 'a pram in the door', from: state }
  expect((await eventsOf(order)).at(-1)).toMatchObject({ type: 'closed', data })
})

test('accepting an order that nobody acknowledged acknowledges it, and an earlier time is never overwritten', async () => {
  const raised = await orderIn('raised')
  expect(await act(raised, 'accept')).toMatchObject({ acknowledgedAt: now, acceptedAt: now })

  const acknowledged = await orderIn('acknowledged')
  now += minuteMs
  expect(await act(acknowledged, 'accept')).toMatchObject({ acknowledgedAt: now - minuteMs, acceptedAt: now })
})

test('of two who accept at the same moment, one has it and the other is told', async () => {
  for (let round = 0; round < 5; round++) {
    const order = await orderIn('raised')
    const both = await Promise.allSettled([
      act(order, 'accept', { technicianId: 'li' }),
      act(order, 'accept', { technicianId: 'wang' }),
    ])

    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'already-done' } })
    expect((await eventsOf(order)).filter(({ type }) => type === 'accepted')).toHaveLength(1)
  }
})

test('the same key again is answered as done; without it, or for another action, it is refused', async () => {
  const order = await orderIn('raised')
  const first = await act(order, 'accept', { idempotencyKey: 'tap-1' })

  now += minuteMs
  expect(await act(order, 'accept', { idempotencyKey: 'tap-1' })).toEqual(first)
  await expect(act(order, 'accept')).rejects.toMatchObject({ code: 'already-done' })
  await expect(act(order, 'accept', { idempotencyKey: 'tap-2' })).rejects.toMatchObject({ code: 'already-done' })
  await expect(act(order, 'arrive', { idempotencyKey: 'tap-1' })).rejects.toMatchObject({ code: 'already-done' })
  expect((await eventsOf(order)).map(({ type }) => type)).toEqual(['raised', 'accepted'])

  const both = [1, 2].map(() => act(order, 'arrive', { idempotencyKey: 'tap-3' }))
  expect((await Promise.all(both)).map(({ state }) => state)).toEqual(['arrived', 'arrived'])
})

test('an order that does not exist cannot be acted on', async () => {
  const request = { orderId: randomUUID(), action: 'accept', actor: 'operator' } as const
  await expect(workOrders.act(request)).rejects.toMatchObject({ code: 'not-found' })
})

test('severity decides the order, and the 30 minutes run from detection, not from when the row was written', async () => {
  now = detectedAt + 3 * minuteMs
  const critical = await open({ severity: 'critical' })
  expect(critical).toMatchObject({ type: 'emergency', raisedAt: now, arriveBy: detectedAt + 30 * minuteMs })
  expect(await open({ severity: 'urgent' })).toMatchObject({ type: 'emergency' })
  expect(await open({ severity: 'warning' })).toMatchObject({ type: 'planned', arriveBy: null })
  expect(await open({ severity: 'info' })).toBeUndefined()
  expect(await open({ severity: 'critical', state: 'suppressed' })).toBeUndefined()
})

test('an incident gets one order, however often it is opened', async () => {
  const incident = await insertIncident({ severity: 'critical' })
  const openOnce = () => database.operations.transaction((unit) => openOrder(unit, incident, now))
  const opened = await Promise.all([openOnce(), openOnce(), openOnce()])

  expect(opened.filter((order) => order !== undefined)).toHaveLength(1)
  const order = await database.operations.orderOfIncident(incident.id)
  expect((await eventsOf(order as WorkOrder)).map(({ type }) => type)).toEqual(['raised'])
})

test('a warning that becomes urgent upgrades the same order, whose 30 minutes start then and only once', async () => {
  const incident = await insertIncident({ severity: 'warning' })
  const upgrade = (severity: NewIncident['severity'], at: number) =>
    database.operations.transaction((unit) => upgradeOrder(unit, { ...incident, severity }, at, at + 1))
  const planned = await database.operations.transaction((unit) => openOrder(unit, incident, now))

  const urgentAt = detectedAt + 60 * minuteMs
  const urgent = await upgrade('urgent', urgentAt)
  expect(urgent).toMatchObject({ id: planned?.id, type: 'emergency', severity: 'urgent', upgradedAt: urgentAt })
  expect(urgent?.arriveBy).toBe(urgentAt + 30 * minuteMs)

  const critical = await upgrade('critical', urgentAt + 5 * minuteMs)
  expect(critical).toMatchObject({ severity: 'critical', arriveBy: urgentAt + 30 * minuteMs, upgradedAt: urgentAt })
  expect(await database.operations.order(critical?.id ?? '')).toEqual(critical)
  expect((await eventsOf(critical as WorkOrder)).map(({ type }) => type)).toEqual(['raised', 'upgraded', 'upgraded'])
})

test('what was for information gets its order when it becomes worse', async () => {
  const incident = await insertIncident({ severity: 'info' })
  const at = detectedAt + 10 * minuteMs
  const order = await database.operations.transaction((unit) =>
    upgradeOrder(unit, { ...incident, severity: 'urgent' }, at, at),
  )
  expect(order).toMatchObject({ type: 'emergency', arriveBy: at + 30 * minuteMs })
})

test('whoever closes an order and whoever records what was merged into it do not wait for each other', async () => {
  const { operations, connection } = database
  const [order, merged] = [await orderIn('restored'), await orderIn('raised')]
  const ended = { state: 'cancelled', cancelledAt: now, mergedIntoId: order.id } as const
  await operations.updateOrder(merged.id, merged.state, ended)
  const other = new pg.Client(connection)
  await other.connect()
  const waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"

  let closing: Promise<WorkOrder> | undefined
  await operations.transaction(async (unit) => {
    await unit.lockFollowedIncident(merged.incidentId)
    closing = act(order, 'close', { outcome: 'repaired', causeClass: 'equipment' })
    closing.catch(() => {})
    await expect.poll(async () => (await other.query(waiting)).rowCount).toBe(1)
    await unit.lockOrder(order.id)
  })
  await other.end()
  expect(await closing).toMatchObject({ state: 'closed' })
})

function act(order: WorkOrder, action: OrderAction, more: Partial<ActionRequest> = {}): Promise<WorkOrder> {
  return workOrders.act({ orderId: order.id, action, actor: 'operator', ...more })
}

function eventsOf(order: WorkOrder) {
  return database.operations.orderEvents(order.id)
}

const wayTo: Readonly<Record<OrderState, readonly OrderAction[]>> = {
  raised: [],
  acknowledged: ['acknowledge'],
  accepted: ['acknowledge', 'accept'],
  arrived: ['acknowledge', 'accept', 'arrive'],
  restored: ['acknowledge', 'accept', 'arrive', 'restore'],
  closed: ['acknowledge', 'accept', 'arrive', 'restore', 'close'],
  cancelled: ['cancel'],
}

async function orderIn(state: OrderState): Promise<WorkOrder> {
  let order = (await open({ severity: 'critical' })) as WorkOrder
  for (const action of wayTo[state]) order = await act(order, action)
  return order
}

async function open(given: Partial<NewIncident>): Promise<WorkOrder | undefined> {
  const incident = await insertIncident(given)
  return database.operations.transaction((unit) => openOrder(unit, incident, now))
}

async function insertIncident(given: Partial<NewIncident>) {
  const deviceId = `elv-${randomUUID()}`
  const incident = testIncident({ deviceId, detectedAt, ...given })
  const { orderId: _, ...fresh } = incident
  await database.operations.insertIncident({ ...fresh, followed: { journalId: randomUUID(), position: 1 } })
  return incident
}
