import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { insertManyDeadlines } from '../../bench/deadline-rows.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { OrderState, WorkOrder } from '../../core/incident.ts'
import { silentLog } from '../../core/log.ts'
import { type Severity, severities } from '../../core/severity.ts'
import { startSteadyClock } from '../../core/steady-clock.ts'
import type { OperationsStore } from '../../stores/operations/port.ts'
import { openPostgresOperations } from '../../stores/operations/postgres.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { type OwnPostgres, startOwnPostgres } from '../../test/operations-database.ts'
import { recordEvent } from '../evidence/chain.ts'
import { createDeadlineAudit } from './audit-deadlines.ts'
import {
  armDeadlines,
  createDeadlineWorker,
  type DeadlineWorker,
  type Escalate,
  rearmDeadlines,
  settleDeadlines,
} from './deadlines.ts'
import { createEscalate } from './escalate.ts'
import { createPlans, freeze, plansInForce, shippedPlans } from './plans.ts'

const detectedAt = Date.UTC(2026, 10, 24, 18) // 02:00 in Hangzhou
const plan = freeze(shippedPlans.find(({ id }) => id === 'elevator-emergency') ?? never())
const onSite = { ...plan, steps: plan.steps.filter(({ id }) => id === 'crew-is-there') }
/** Of no danger to life, which would be told again. */
const noDanger = { plan: onSite, finding: 'elevator/motor-over-temperature', severity: 'urgent' } as const
const accepts = { ...plan, steps: plan.steps.filter(({ id }) => id === 'crew-accepts') }
const minutes = (count: number) => detectedAt + count * minuteMs

let now = detectedAt
let database: OwnPostgres
let operations: OperationsStore
const workers: DeadlineWorker[] = []

beforeAll(async () => {
  database = await startOwnPostgres()
  operations = database.operations
})
afterAll(() => database.remove())
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop()
  // what a test leaves is no other test's
  await query("update deadlines set state = 'void' where state = 'open'")
  await query("update work_orders set plan = null where state not in ('closed', 'cancelled')")
  now = detectedAt
})

/** Escalating without people: the event alone says that it happened. */
const escalate = createEscalate({
  notify: async () => [],
  chooseCrew: async () => ({ teamId: null, because: 'There is no crew' }),
  recordEvent,
})

// Arming

test('an entrapment has its due times from detection on, though its row is written two minutes later', async () => {
  now = minutes(2)
  const order = await raise({ finding: 'elevator/entrapment' })
  expect(await dueTimes(order)).toEqual({
    'duty-room-acknowledges': minutes(1),
    'passenger-is-told': minutes(2),
    'crew-accepts': minutes(5),
    'next-crew-accepts': minutes(10),
    'supervisor-finds-a-crew': minutes(15),
    'crew-is-nearly-there': minutes(25),
    'crew-is-there': minutes(30),
    'inspector-comes': minutes(24 * 60),
  })
  expect((await dueTimes(order))['crew-is-there']).toBe(order.arriveBy)
})

test('where nobody is trapped, nobody waits for a passenger to be told', async () => {
  const order = await raise({ finding: 'elevator/motor-over-temperature' })
  expect(await dueTimes(order)).not.toHaveProperty('passenger-is-told')
  expect(await dueTimes(order)).toHaveProperty('crew-is-there')
})

test('asking a contact first moves no deadline', async () => {
  const asking = { ...plan, askFirst: { party: 'property', minutes: 4 } as const }
  expect(await dueTimes(await raise({ plan: asking }))).toEqual(await dueTimes(await raise({})))
})

test('an order without a plan has no deadlines', async () => {
  expect(await operations.deadlinesOf((await raise({ plan: null })).id)).toEqual([])
})

test('an upgrade voids the planned times and begins the 30 minutes', async () => {
  const planned = freeze(shippedPlans.find(({ id }) => id === 'planned') ?? never())
  const warned = await raise({ type: 'planned', severity: 'warning', arriveBy: null, plan: planned })
  const upgraded: WorkOrder = { ...warned, severity: 'urgent', type: 'emergency', upgradedAt: minutes(600), plan }
  await operations.transaction((unit) => rearmDeadlines(unit, upgraded, minutes(600)))

  const rows = await operations.deadlinesOf(warned.id)
  expect(rows.filter(({ state }) => state === 'void').map(({ step }) => step.id)).toEqual([
    ...planned.steps.map(({ id }) => id),
  ])
  const armed = rows.find(({ state, step }) => state === 'open' && step.id === 'crew-is-there')
  expect(armed?.dueAt).toBe(minutes(630))
})

test('arming again at the same times fires nothing again, and is as severe as the order has become', async () => {
  const order = await raise({ severity: 'urgent' })
  await at(minutes(5), start())
  const firedBefore = await escalationsOf(order)

  await operations.transaction((unit) => rearmDeadlines(unit, { ...order, severity: 'critical' }, now))
  await start().runOnce()
  expect(await escalationsOf(order)).toEqual(firedBefore)
  expect(
    await query(`select distinct severity_rank from deadlines where order_id = '${order.id}' and state = 'open'`),
  ).toEqual([{ severity_rank: 3 }])
})

test('changing a plan moves no running order; the next one has the new times', async () => {
  const plans = createPlans({ operations, kinds: ['elevator'], clock: () => now })
  const running = await raise({})
  const before = await dueTimes(running)
  const { id: _, version: __, ...content } = await plans.get('elevator-emergency')
  const steps = content.steps.map((step) => (step.goal === 'arrived' ? { ...step, minutes: step.minutes - 5 } : step))
  await plans.put('elevator-emergency', { ...content, steps }, undefined, 'operator')

  expect(await dueTimes(running)).toEqual(before)
  expect(await operations.order(running.id)).toMatchObject({ plan })
  const changed = (await plansInForce(operations)).find(({ id }) => id === 'elevator-emergency') ?? never()
  const next = await raise({ plan: freeze(changed) })
  expect(await dueTimes(next)).toMatchObject({ 'crew-is-nearly-there': minutes(20), 'crew-is-there': minutes(25) })
  await at(minutes(25), start())
  expect((await escalationsOf(next)).at(-1)).toBe('crew-is-there')
  expect((await escalationsOf(running)).at(-1)).toBe('crew-is-nearly-there')
  await plans.remove('elevator-emergency', 'operator')
})

// Settling

test('what was done in time is met, what the order no longer needs is void, the rest stays open', async () => {
  const order = await raise({})
  const stateOf = async (id: string) =>
    (await operations.deadlinesOf(order.id)).find(({ step }) => step.id === id)?.state

  const times = { acknowledgedAt: minutes(1), acceptedAt: minutes(3) }
  const accepted = await change(order, { state: 'accepted', technicianId: 'li', ...times })
  expect([await stateOf('duty-room-acknowledges'), await stateOf('next-crew-accepts')]).toEqual(['met', 'met'])
  expect(await stateOf('crew-is-there')).toBe('open')

  const arrived = await change(accepted, { state: 'arrived', arrivedAt: minutes(20) })
  const restored = await change(arrived, { state: 'restored', restoredAt: minutes(40) })
  await change(restored, { state: 'closed', closedAt: minutes(45) })
  expect([await stateOf('crew-is-there'), await stateOf('passenger-is-told')]).toEqual(['met', 'void'])
})

test('whoever is out waits for no word any more: once it is restored, that the passenger was not told is missed no more', async () => {
  const order = await raise({})
  await throughTo(order, 'restored')
  const state = (await operations.deadlinesOf(order.id)).find(({ step }) => step.id === 'passenger-is-told')?.state
  expect(state).toBe('void')
  expect(await operations.missingDeadlines(Date.UTC(2100, 0))).toEqual({ count: 0, first: null })
  await at(minutes(2), start())
  expect(await escalationsOf(order)).not.toContain('passenger-is-told')
})

test('the inspector is still expected after the closing, and only then called for', async () => {
  const order = await raise({})
  await throughTo(order, 'closed')
  await at(detectedAt + dayMs - 1, start())
  expect(await escalationsOf(order)).toEqual([])
  await at(detectedAt + dayMs, start())
  expect(await escalationsOf(order)).toEqual(['inspector-comes'])
})

test.each([
  ['a false alarm', { state: 'closed', outcome: 'false-alarm', closedAt: minutes(1) }],
  ['a cancelled order', { state: 'cancelled', cancelledAt: minutes(1) }],
] as const)('%s waits for nobody any more', async (_, end) => {
  const order = await raise({})
  await change(order, end)
  await at(detectedAt + 2 * dayMs, start())
  expect(await escalationsOf(order)).toEqual([])
})

// Firing

test('nothing fires a millisecond early, everything at its time', async () => {
  const order = await raise({ finding: 'elevator/motor-over-temperature' })
  const worker = start()
  expect(await at(minutes(1) - 1, worker)).toBe(0)
  expect(await at(minutes(1), worker)).toBe(1)
  expect(await at(minutes(5) - 1, worker)).toBe(0)
  expect(await at(minutes(5), worker)).toBe(1)
  expect(await at(minutes(5), worker)).toBe(0)
  expect(await escalationsOf(order)).toEqual(['duty-room-acknowledges', 'crew-accepts'])
})

test('a crew that has accepted is not escalated, even if nobody settled the deadline', async () => {
  const order = await raise({ plan: accepts })
  const times = { acknowledgedAt: minutes(3), acceptedAt: minutes(3) }
  const accepted = { state: 'accepted', technicianId: 'li', ...times } as const
  await operations.updateOrder(order.id, order.state, accepted)

  expect(await at(minutes(60), start())).toBe(0)
  expect(await escalationsOf(order)).toEqual([])
  expect(await operations.deadlinesOf(order.id)).toMatchObject([{ state: 'met' }])
})

test('what several of one order do at once is done in the order of their times, each to the order as the one before left it', async () => {
  const orders = await Promise.all([raise({ teamId: 'crew' }), raise({ teamId: 'crew' })])
  const seen = new Map<string, unknown[]>(orders.map(({ id }) => [id, []]))
  const handsOn: Escalate = async (unit, { id, state, teamId }, { step }) => {
    seen.get(id)?.push(`${step.id}: ${teamId}`)
    await unit.updateOrder(id, state, { teamId: `${teamId}+` })
  }
  expect(await at(minutes(10), start({ escalate: handsOn }))).toBe(4 * orders.length)
  const expected = [
    ...['duty-room-acknowledges: crew', 'passenger-is-told: crew+', 'crew-accepts: crew++'],
    'next-crew-accepts: crew+++',
  ]
  expect([...seen.values()]).toEqual([expected, expected])
})

test('two workers at once fire each deadline once', async () => {
  const orders = await Promise.all(Array.from({ length: 40 }, () => raise({})))
  now = minutes(30)
  const other = await openPostgresOperations({ connection: database.connection, connections: 4, log: silentLog })
  const counts = await Promise.all([start().runOnce(), start({ operations: other }).runOnce()])
  await other.close()

  for (const order of orders) {
    const fired = await escalationsOf(order)
    expect(fired).toHaveLength(7)
    expect(new Set(fired).size).toBe(7)
  }
  expect(counts.reduce((sum, count) => sum + count)).toBe(40 * 7)
})

test('a process that dies between claiming and committing has done nothing, and the next one does it once', async () => {
  const order = await raise({ plan: accepts })
  now = minutes(5)
  const dying = await openPostgresOperations({ connection: database.connection, connections: 2, log: silentLog })
  const dies: Escalate = async (unit, ...rest) => {
    await escalate(unit, ...rest)
    await query(`select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction'`)
  }
  const survivor = start()
  await start({ operations: dying, escalate: dies })
    .runOnce()
    .catch(() => undefined)
  expect(await escalationsOf(order)).toEqual([])

  now += secondMs // the first attempt may have been recorded as a failure
  expect(await survivor.runOnce()).toBe(1)
  expect(await survivor.runOnce()).toBe(0)
  expect(await escalationsOf(order)).toEqual(['crew-accepts'])
  await dying.close()
})

test('down over the deadline, 45 times: stopped up to 10 s before or after it, started 1 to 600 s later, fired once each', async () => {
  const late: number[] = []
  for (let trial = 0; trial < 45; trial++) {
    const order = await raise(noDanger)
    const stoppedAt = minutes(30) + Math.round(-10_000 + (trial * 20_000) / 44)
    const startedAt = stoppedAt + 1_000 + Math.round((trial * 7_919) % 599_000)

    const before = start()
    await at(stoppedAt, before)
    await before.stop()
    expect(await escalationsOf(order)).toHaveLength(stoppedAt < minutes(30) ? 0 : 1)
    await at(startedAt, start({ onFired: (_, ms) => late.push(ms) }))
    expect(await escalationsOf(order)).toEqual(startedAt < minutes(30) ? [] : ['crew-is-there'])

    await at(minutes(60), start())
    expect(await escalationsOf(order)).toEqual(['crew-is-there'])
    now = detectedAt
  }
  expect(Math.max(...late)).toBeGreaterThan(minuteMs) // some were down for minutes beyond it
})

test('an order in other hands at this moment is not waited for, and taken when they are done', async () => {
  const held = await raise({ plan: accepts })
  const free = await raise({ plan: accepts })
  const worker = start()
  await operations.transaction(async (unit) => {
    await unit.lockOrder(held.id)
    expect(await at(minutes(5), worker)).toBe(1)
  })
  expect(await escalationsOf(free)).toHaveLength(1)
  expect(await escalationsOf(held)).toHaveLength(0)
  expect(await worker.runOnce()).toBe(1)
})

test('a deadline that somebody deleted is named, and none of an order on its way is taken for such a one', async () => {
  const audit = createDeadlineAudit({ operations, clock: () => now, log: silentLog })
  const order = await raise({ finding: 'elevator/entrapment' })
  const worker = start()
  await at(minutes(2), worker)
  const times = { acknowledgedAt: minutes(3), acceptedAt: minutes(3) }
  await change(order, { state: 'accepted', technicianId: 'li', ...times })
  await audit.look()
  expect(audit.check()).toMatchObject({ ok: true })

  await query(`delete from deadlines where order_id = '${order.id}' and step ->> 'id' = 'crew-is-there'`)
  await audit.look()
  expect(audit.overdueUnescalated()).toBe(1)
  expect(audit.check().text).toBe(`1 of running orders are gone, such as crew-is-there of order ${order.id}`)
})

test('a deadline that cannot be fired holds up no other; it is named, and tried again ever more rarely', async () => {
  const broken = await raise({ plan: accepts, severity: 'critical' })
  await operations.insertDeadlines([
    { id: randomUUID(), orderId: broken.id, step: 'torn' as never, dueAt: minutes(1), severity: 'critical' },
  ])
  const sound = await raise({ plan: accepts, severity: 'urgent' })
  const errors: object[] = []
  const worker = start({ log: { ...silentLog, error: (fields) => errors.push(fields) } })

  expect(await at(minutes(5), worker)).toBe(2)
  expect(await escalationsOf(sound)).toEqual(['crew-accepts'])
  expect(await escalationsOf(broken)).toEqual(['crew-accepts'])
  const audit = createDeadlineAudit({ operations, clock: () => now, log: silentLog })
  await audit.look()
  expect(audit.overdueUnescalated()).toBe(1)
  expect(audit.check().text).toMatch(
    new RegExp(`order ${broken.id}, for 240 s, tried 1 times: its step cannot be read: "torn"`),
  )

  for (const afterSeconds of [1, 2, 4]) {
    await at(now + afterSeconds * secondMs - 1, worker)
    await at(now + 1, worker)
  }
  await at(now + hourMs, worker)
  await at(now + 16 * secondMs - 1, worker)
  expect(errors).toMatchObject(
    [1, 2, 3, 4, 5].map((attempts) => ({ attempts, reason: 'its step cannot be read: "torn"' })),
  )

  // and it does not keep a person from acting on its order
  await throughTo(broken, 'closed')
  await audit.look()
  expect(audit.overdueUnescalated()).toBe(0)
})

const many = process.env.LIFTWATT_TEST_LONG === undefined ? 1_000 : 10_000

test(`${many} that are due at once are each fired once, the most severe first`, { timeout: 300_000 }, async () => {
  const client = new pg.Client(database.connection)
  await client.connect()
  await insertManyDeadlines(client, {
    ...{ orders: many / 5, deadlinesOfEach: 5, ranks: [2, 3, 1], plan: accepts, step: accepts.steps[0] ?? never() },
    ...{ detectedAt, firstDueAt: minutes(1), everyMs: 200 },
  })
  await client.end()
  now = minutes(45)
  const fired: { id: string; severity: Severity }[] = []
  const startedAt = performance.now()
  const noting: Escalate = async (_unit, order, deadline) => {
    fired.push({ id: deadline.id, severity: order.severity })
  }
  expect(await start({ escalate: noting }).runOnce()).toBe(many)
  console.log(`${many} due at once: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)

  expect(new Set(fired.map(({ id }) => id)).size).toBe(many)
  const ranks = fired.map(({ severity }) => severities.indexOf(severity))
  expect(ranks).toEqual(ranks.toSorted((one, other) => other - one))
  const critical = Math.floor(many / 15) * 5
  expect(ranks.slice(0, critical)).toEqual(Array(critical).fill(3))
})

test('in real time: never early, within a second of it, what is overdue at the start at once, and again after the database was away', async () => {
  const clock = startSteadyClock().now
  const soon = (ms: number) => ({ detectedAt: clock() + ms - 5 * minuteMs, plan: accepts })
  const overdue = await raise(soon(-hourMs))
  const upcoming = await raise(soon(1_500))
  const late = new Map<string, number>()
  const worker = start({ clock, onFired: ({ orderId }, ms) => late.set(orderId, ms) })
  const startedAt = clock()
  worker.start()

  await eventually(() => late.has(overdue.id))
  expect(clock() - startedAt).toBeLessThan(30_000)
  await eventually(() => late.has(upcoming.id))
  expect(late.get(upcoming.id)).toBeGreaterThanOrEqual(0)
  console.log(`late by ${late.get(upcoming.id)} ms`)
  expect(late.get(upcoming.id)).toBeLessThan(30_000)

  const meanwhile = await raise(soon(300))
  await database.shutDown()
  await sleep(500)
  await database.startAgain()
  await eventually(() => late.has(meanwhile.id))
  await worker.stop()
  expect(await escalationsOf(meanwhile)).toEqual(['crew-accepts'])
  expect(await escalationsOf(upcoming)).toEqual(['crew-accepts'])
})

test('the clock of the machine jumps an hour ahead and two back: nothing is early and nothing twice', async () => {
  let wall = detectedAt
  let monotonic = 0
  const clock = startSteadyClock({ sources: { wall: () => wall, monotonic: () => monotonic } }).now
  const pass = (ms: number) => {
    wall += ms
    monotonic += ms
  }
  const order = await raise(noDanger)
  const worker = start({ clock })
  pass(10 * minuteMs)
  wall += hourMs
  expect(await worker.runOnce()).toBe(0)
  pass(20 * minuteMs - 1)
  expect(await worker.runOnce()).toBe(0)
  pass(1)
  expect(await worker.runOnce()).toBe(1)
  wall -= 3 * hourMs
  pass(5 * hourMs)
  expect(await worker.runOnce()).toBe(0)
  expect(await escalationsOf(order)).toEqual(['crew-is-there'])
})

// Means

function start(given: Partial<Parameters<typeof createDeadlineWorker>[0]> = {}): DeadlineWorker {
  const worker = createDeadlineWorker({ operations, escalate, clock: () => now, log: silentLog, ...given })
  workers.push(worker)
  return worker
}

function at(time: number, worker: DeadlineWorker): Promise<number> {
  now = time
  return worker.runOnce()
}

/** An order under the elevator plan, with its deadlines. */
async function raise(given: Partial<WorkOrder>): Promise<WorkOrder> {
  const incident = testIncident({ deviceId: `elv-${randomUUID()}`, detectedAt: given.detectedAt ?? detectedAt })
  const { orderId: _, ...fresh } = incident
  const order = testOrder({ incidentId: incident.id, detectedAt, plan, ...given })
  await operations.transaction(async (unit) => {
    await unit.insertIncident({ ...fresh, followed: null })
    await unit.insertOrder(order)
    await armDeadlines(unit, order)
  })
  return order
}

async function change(order: WorkOrder, changed: Parameters<OperationsStore['updateOrder']>[2]): Promise<WorkOrder> {
  const after = { ...order, ...changed }
  await operations.transaction(async (unit) => {
    expect(await unit.updateOrder(order.id, order.state, changed)).toBe(true)
    await settleDeadlines(unit, after, now)
  })
  return after
}

async function throughTo(order: WorkOrder, end: OrderState): Promise<void> {
  let changed = order
  const way = ['acknowledged', 'accepted', 'arrived', 'restored', 'closed'] as const
  for (const state of way.slice(0, way.indexOf(end as 'closed') + 1)) {
    changed = await change(changed, { state, [`${state}At`]: minutes(0) })
  }
}

async function dueTimes(order: WorkOrder): Promise<Record<string, number>> {
  const rows = (await operations.deadlinesOf(order.id)).filter(({ state }) => state === 'open')
  return Object.fromEntries(rows.map(({ step, dueAt }) => [step.id, dueAt]))
}

/** The steps that were escalated, as the order's own record has them. */
async function escalationsOf(order: WorkOrder): Promise<unknown[]> {
  const events = await operations.orderEvents(order.id)
  return events.filter(({ type }) => type === 'escalated').map(({ data }) => data.step)
}

async function query(text: string): Promise<object[]> {
  const client = new pg.Client(database.connection)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

async function eventually(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600 && !isSo(); tries++) await sleep(50)
  expect(isSo()).toBe(true)
}

function never(): never {
  throw new Error('there is no such plan')
}
