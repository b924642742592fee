import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../../core/clock.ts'
import { ExpectedError, StoreUnavailable } from '../../core/errors.ts'
import { type OrderState, orderStates, type WorkOrder } from '../../core/incident.ts'
import type { Team } from '../../core/people.ts'
import type { ChainedEvent } from '../../stores/operations/port.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { chainHash, orderHash } from '../evidence/chain.ts'
import { createWorkOrders, type WorkOrders } from './act.ts'
import { lifeAsMarkdown } from './diagram.ts'
import { arriveWithinMs, openOrder } from './open.ts'
import {
  type ActionRequest,
  decide,
  endStates,
  latestTimeOf,
  type OrderAction,
  openStates,
  orderActions,
  transitions,
} from './transitions.ts'

const isLong = process.env.LIFTWATT_TEST_LONG === '1'
const start = Date.UTC(2026, 10, 24, 8)
let now = start
let database: TestDatabase
let client: pg.Client
let workOrders: WorkOrders

beforeAll(async () => {
  database = await startTestDatabase()
  client = new pg.Client(database.connection)
  await client.connect()
  workOrders = createWorkOrders({ operations: database.operations, clock: () => now })
  for (const id of ['crew-1', 'crew-2']) await database.operations.insertTeam(crew(id))
})
afterAll(async () => {
  await client.end()
  await database.remove()
})

const rank: Readonly<Record<OrderState, number>> = {
  ...{ raised: 0, acknowledged: 1, accepted: 2, arrived: 3, restored: 4, closed: 5, cancelled: 5 },
}

// The table

test('the docs show the table that the code obeys', async () => {
  const docs = await readFile(new URL('../../docs/work-orders.md', import.meta.url), 'utf8')
  expect(docs).toContain(lifeAsMarkdown())
})

test('every action has its rows, no row leads backwards, and every open order can be ended', () => {
  expect(new Set(transitions.map(({ action }) => action))).toEqual(new Set(orderActions))
  for (const { action, from, to } of transitions) {
    for (const state of from) if (to !== 'same') expect(rank[to], `${action} ${state}`).toBeGreaterThan(rank[state])
  }
  for (const state of openStates) expect(movesOf({ withFalseAlarm: false })).toContain(`${state} cancelled`)
  for (const state of endStates)
    expect(movesOf({ withFalseAlarm: true }).filter((m) => m.startsWith(state))).toEqual([])
})

test('a danger found long after the crew came is not merged into what that crew came for', () => {
  const arrivedAt = start + 20 * minuteMs
  const there = { ...testOrder({ incidentId: randomUUID(), detectedAt: start }), state: 'arrived', arrivedAt } as const
  const merge = (order: Partial<WorkOrder>, minutesAfter: number) => () => {
    const detectedAt = arrivedAt + minutesAfter * minuteMs
    const found = { ...testOrder({ incidentId: randomUUID(), detectedAt, finding: 'camera/smoke' }), ...order }
    const request = { orderId: found.id, action: 'merge', actor: 'duty', intoId: there.id, into: there } as const
    return decide(found, request, detectedAt + minuteMs)
  }
  const long = /came long before this was found/
  expect(merge({ severity: 'critical' }, 11)).toThrow(long)
  expect(merge({ severity: 'urgent', upgradedAt: arrivedAt + 11 * minuteMs }, 0)().change).toMatchObject({
    state: 'cancelled',
  })
  expect(merge({ severity: 'critical', upgradedAt: arrivedAt + 11 * minuteMs }, 0)).toThrow(long)
  for (const minutes of [-30, 0, 10]) {
    expect(merge({ severity: 'critical' }, minutes)().change).toMatchObject({ state: 'cancelled' })
  }
  expect(merge({ severity: 'urgent' }, 40)().change).toMatchObject({ state: 'cancelled' })
})

test('an entrapment is merged only into one of the same elevator, and what is not known is not the same', () => {
  const trapped = (deviceId: string | null) =>
    testOrder({ incidentId: randomUUID(), finding: 'elevator/entrapment', deviceId, detectedAt: start })
  const merge = (order: WorkOrder, into: WorkOrder) => () =>
    decide(order, { orderId: order.id, action: 'merge', actor: 'duty', intoId: into.id, into }, now)
  const refused = /only into an entrapment of the same elevator/
  for (const [of, into] of [
    ['elv-1', 'elv-2'],
    ['elv-1', null],
    [null, 'elv-1'],
    [null, null],
  ] as const) {
    expect(merge(trapped(of), trapped(into)), `${of} into ${into}`).toThrow(refused)
  }
  expect(merge(trapped('elv-1'), trapped('elv-1'))().change).toMatchObject({ state: 'cancelled' })
})

// The same table in SQL

const everyMove = orderStates.flatMap((from) =>
  orderStates
    .filter((to) => to !== from)
    .flatMap((to) => [false, true].map((falseAlarm) => ({ from, to, falseAlarm }))),
)

test.each(everyMove)(
  'SQL agrees with the table: $from to $to, false alarm $falseAlarm',
  async ({ from, to, falseAlarm }) => {
    const order = await insertIn(from)
    const outcome = falseAlarm ? 'false-alarm' : null
    const moved = client.query(`update work_orders set state = $2, ${to}_at = $3, outcome = $4 where id = $1`, [
      ...[order.id, to, new Date(start + 9 * minuteMs), outcome],
    ])

    if (movesOf({ withFalseAlarm: falseAlarm }).includes(`${from} ${to}`)) {
      await moved
      expect((await database.operations.order(order.id))?.state).toBe(to)
    } else {
      await expect(moved).rejects.toMatchObject({ code: '23514' })
      expect(await database.operations.order(order.id)).toEqual(order)
    }
  },
)

test.each([
  ['the arrival clock is moved', 'accepted', `arrive_by = arrive_by + interval '5 minutes'`],
  ['the arrival clock is taken away', 'accepted', 'arrive_by = null'],
  ['the detection is moved', 'raised', `detected_at = detected_at + interval '1 minute'`],
  ['an arrival is moved', 'arrived', `arrived_at = arrived_at - interval '1 minute'`],
  ['an arrival is forgotten', 'arrived', 'arrived_at = null'],
  ['an arrival is written without arriving', 'accepted', `arrived_at = '2026-11-24T08:20:00Z'`],
  ['somebody arrives without a time', 'accepted', `state = 'arrived'`],
  ['somebody arrives before they accepted', 'accepted', `state = 'arrived', arrived_at = '2026-11-24T08:01:30Z'`],
  ['it was accepted before it was raised', 'raised', `state = 'accepted', accepted_at = '2026-11-24T07:59:59Z'`],
  ['it ends before somebody arrived', 'arrived', `state = 'cancelled', cancelled_at = '2026-11-24T08:02:30Z'`],
  ['an ended order is changed', 'closed', `outcome = 'serviced'`],
  ['a false alarm is made of a closed one', 'closed', `outcome = 'false-alarm'`],
] as const)('SQL refuses when %s', async (_, state, change) => {
  const order = await insertIn(state)
  await expect(client.query(`update work_orders set ${change} where id = $1`, [order.id])).rejects.toMatchObject({
    code: '23514',
  })
  expect(await database.operations.order(order.id)).toEqual(order)
})

test('an ended order still takes the inspection, and forgets who reported it', async () => {
  const order = await insertIn('closed')
  await client.query('update work_orders set inspected_at = closed_at, reported_by = null where id = $1', [order.id])
  expect((await database.operations.order(order.id))?.inspectedAt).toBe(order.closedAt)
})

// Many hands

const manyHandsWithinMs = isLong ? hourMs : 10 * minuteMs

/** Where a hundred wait for six connections some are told that the database is busy, and press again. */
async function actUntilAnswered(request: ActionRequest): Promise<WorkOrder> {
  for (;;) {
    try {
      return await workOrders.act(request)
    } catch (cause) {
      if (!(cause instanceof StoreUnavailable)) throw cause
    }
  }
}

test('of 100 who accept at once from two crews, while it is closed and reassigned, one has it', {
  timeout: manyHandsWithinMs,
}, async () => {
  for (let round = 0; round < (isLong ? 50 : 5); round++) {
    now = start + round * minuteMs
    const order = await raise()
    const accepts = Array.from({ length: 100 }, (_, n) => ({
      action: 'accept' as const,
      technicianId: `t-${n}`,
      teamId: `crew-${1 + (n % 2)}`,
      idempotencyKey: `k-${n}`,
    }))
    const others = [
      { action: 'close' },
      { action: 'close', outcome: 'repaired' },
      { action: 'reassign', teamId: 'crew-1' },
      { action: 'reassign', teamId: 'crew-2' },
      { action: 'close', outcome: 'false-alarm' },
    ] as const
    const mixed = [...accepts.slice(0, 50), ...others.slice(0, 4), ...accepts.slice(50), ...others.slice(4)]
    const results = await Promise.allSettled(mixed.map((what) => actUntilAnswered({ ...what, ...by(order) })))

    const events = await chainOf(order)
    const won = events.filter(({ type }) => type === 'accepted')
    const reassignments = events.filter(({ type }) => type === 'reassigned')
    // each reassignment of an accepted order lets one more take it; nobody else gets in
    expect(won.length).toBeLessThanOrEqual(1 + reassignments.length)
    const accepted = results.slice(0, 50).concat(results.slice(54, 104))
    expect(accepted.filter(({ status }) => status === 'fulfilled')).toHaveLength(won.length)
    for (const result of accepted) {
      if (result.status === 'fulfilled') continue
      expect(result.reason).toMatchObject({ code: expect.stringMatching(/^(already-done|order-state)$/) })
    }
    expectConsistent(await reload(order), events)
  }
})

test('of 100 who accept at once, exactly one does, and each of the others is told who', {
  timeout: manyHandsWithinMs,
}, async () => {
  for (let round = 0; round < (isLong ? 50 : 5); round++) {
    const order = await raise()
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) => {
        const who = { technicianId: `t-${n}`, teamId: `crew-${1 + (n % 2)}`, idempotencyKey: `k-${n}` }
        return actUntilAnswered({ action: 'accept', ...who, ...by(order) })
      }),
    )
    const winners = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    expect(winners).toHaveLength(1)
    const { technicianId, teamId } = winners[0] as WorkOrder
    for (const result of results) {
      if (result.status === 'fulfilled') continue
      expect(result.reason).toMatchObject({ code: 'already-done' })
      expect(result.reason.message).toBe(`The order is accepted already, by ${technicianId} of ${teamId}`)
    }
  }
})

// Any life

const outcomes = ['repaired', 'false-alarm', 'self-corrected', 'serviced', 'enforcement'] as const
const anyStep = fc.record({
  action: fc.constantFrom(...orderActions.filter((action) => action !== 'merge' && action !== 'follow-up')),
  outcome: fc.option(fc.constantFrom(...outcomes), { nil: undefined }),
  teamId: fc.constantFrom('crew-1', 'crew-2'),
  technicianId: fc.option(fc.constantFrom('li', 'wang'), { nil: undefined }),
  // a clock that runs, stands still, or jumps: an hour ahead, two hours back
  passedMs: fc.oneof(fc.integer({ min: 0, max: 20 * minuteMs }), fc.constantFrom(0, 60 * minuteMs, -120 * minuteMs)),
})

test('no order is lost, goes back or escapes its clock, whatever is done to it in whatever order', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      let order = testOrder({ incidentId: 'i', detectedAt: start })
      let clock = start
      for (const { passedMs, ...step } of steps) {
        clock += passedMs
        const after = tryDecide(order, requestOf(step, 'o'), clock)
        if (after !== undefined) expectNext(order, after)
        order = after ?? order
      }
      const end = tryDecide(order, { orderId: 'o', action: 'cancel', actor: 'x' }, clock)
      expect((end ?? order).state).toMatch(/^(closed|cancelled)$/)
    }),
    { numRuns: isLong ? 20_000 : 2_000 },
  )
})

test('nor in the database, with its chain whole', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 12 }), async (steps) => {
      now = start
      const order = await raise()
      let before = order
      for (const { passedMs, ...step } of steps) {
        now += passedMs
        await workOrders.act(requestOf(step, order.id)).catch(expected)
        const after = await reload(order)
        expectNext(before, after)
        before = after
      }
      expectConsistent(before, await chainOf(order))
    }),
    { numRuns: isLong ? 300 : 25 },
  )
})

type Step = {
  action: OrderAction
  outcome: (typeof outcomes)[number] | undefined
  teamId: string
  technicianId: string | undefined
}

function requestOf({ action, outcome, teamId, technicianId }: Step, orderId: string): ActionRequest {
  const said = { ...(outcome && { outcome }), ...(technicianId && { technicianId }) }
  return { action, orderId, actor: 'operator', teamId, ...said }
}

function tryDecide(order: WorkOrder, request: ActionRequest, at: number): WorkOrder | undefined {
  try {
    const { change } = decide(order, request, at)
    return { ...order, ...change } as WorkOrder
  } catch (cause) {
    expected(cause)
    return undefined
  }
}

function expected(cause: unknown): void {
  if (!(cause instanceof ExpectedError) || !/^(already-done|order-state)$/.test(cause.code)) throw cause
}

const steps = ['acknowledgedAt', 'acceptedAt', 'arrivedAt', 'restoredAt', 'closedAt', 'cancelledAt'] as const

function expectNext(before: WorkOrder, after: WorkOrder): void {
  expect(rank[after.state]).toBeGreaterThanOrEqual(rank[before.state])
  if (rank[before.state] === 5) expect(after.state).toBe(before.state)
  for (const name of [...steps, 'passengerToldAt', 'inspectedAt'] as const) {
    if (before[name] !== null) expect(after[name], name).toBe(before[name])
    else if (after[name] !== null) expect(after[name], name).toBeGreaterThanOrEqual(latestTimeOf(before))
  }
  expectConsistent(after)
}

function expectConsistent(order: WorkOrder, events: readonly ChainedEvent[] = []): void {
  expect(order.arriveBy).toBe(order.detectedAt + arriveWithinMs)
  const times = steps.map((name) => order[name]).filter((time) => time !== null)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  // closed without anyone there is a false alarm, and nothing else
  if (order.state === 'closed' && order.arrivedAt === null) expect(order.outcome).toBe('false-alarm')
  if (order.state === 'restored') expect(order.arrivedAt).not.toBeNull()

  let hash = orderHash(order)
  let reached: OrderState = 'raised'
  for (const event of events) {
    hash = chainHash(hash, event)
    expect(event.hash).toBe(hash)
    const state = orderStates.find((known) => known === event.type)
    if (state === undefined) continue
    expect(rank[state]).toBeGreaterThanOrEqual(rank[reached])
    reached = state
  }
  if (events.length > 0) expect(reached).toBe(order.state)
}

function movesOf({ withFalseAlarm }: { withFalseAlarm: boolean }): string[] {
  const moves = transitions.filter(
    ({ to, guard }) => to !== 'same' && (withFalseAlarm || guard?.name !== 'false alarm'),
  )
  return moves.flatMap(({ from, to }) => from.map((state) => `${state} ${to}`))
}

const timesIn: Readonly<Record<OrderState, readonly (typeof steps)[number][]>> = {
  raised: [],
  acknowledged: steps.slice(0, 1),
  accepted: steps.slice(0, 2),
  arrived: steps.slice(0, 3),
  restored: steps.slice(0, 4),
  closed: steps.slice(0, 5),
  cancelled: ['cancelledAt'],
}

/** As it would be after so many minutes, each step one minute after the one before. */
async function insertIn(state: OrderState): Promise<WorkOrder> {
  const incident = testIncident({ deviceId: `elv-${randomUUID()}`, detectedAt: start })
  await database.operations.insertIncident({ ...incident, followed: null })
  const times = timesIn[state].map((name, index) => [name, start + (index + 1) * minuteMs])
  const order = testOrder({ incidentId: incident.id, detectedAt: start, state, ...Object.fromEntries(times) })
  await database.operations.insertOrder(order)
  return (await database.operations.order(order.id)) as WorkOrder
}

async function raise(): Promise<WorkOrder> {
  const incident = testIncident({ deviceId: `elv-${randomUUID()}`, detectedAt: now })
  await database.operations.insertIncident({ ...incident, followed: null })
  return (await database.operations.transaction((unit) => openOrder(unit, incident, now))) as WorkOrder
}

async function reload({ id }: WorkOrder): Promise<WorkOrder> {
  return (await database.operations.order(id)) as WorkOrder
}

function chainOf({ id }: WorkOrder): Promise<ChainedEvent[]> {
  return database.operations.chainOf(id)
}

function by({ id }: WorkOrder) {
  return { orderId: id, actor: 'operator' }
}

function crew(id: string): Team {
  const nothing = { areas: [], skills: [], addresses: [], phone: null, removedAt: null }
  return { id, type: 'crew', name: id, createdAt: 0, ...nothing }
}
