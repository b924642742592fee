import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlanStep } from '../../core/plan.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import type { NewDeadline, OperationsStore } from './port.ts'

const step: PlanStep = { id: 'there', goal: 'arrived', minutes: 30, tell: ['district'], reassign: false }

let database: TestDatabase
let operations: OperationsStore
beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
})
afterAll(() => database.remove())

test('those that are due come the most severe first, then the one that has been due the longest; no others', async () => {
  const [urgent, critical, later, future] = await insert(
    { dueAt: 100, severity: 'urgent' },
    { dueAt: 200, severity: 'critical' },
    { dueAt: 300, severity: 'critical' },
    { dueAt: 401, severity: 'critical' },
  )
  const due = async (now: number, limit = 10) => (await operations.dueDeadlines(now, limit)).map(({ id }) => id)
  expect(await due(400)).toEqual([critical, later, urgent])
  expect(await due(401, 3)).toEqual([critical, later, future])
  expect(await due(99)).toEqual([])
  expect(await operations.nextDeadlineAt()).toBe(100)
  await end(urgent, critical, later, future)
  expect(await operations.nextDeadlineAt()).toBeUndefined()
})

test('a deadline is claimed with its order by one at a time, when it is due, and not while anybody holds either', async () => {
  const [id = ''] = await insert({ dueAt: 100 })
  expect(await operations.claimDeadlines([id], 99)).toEqual([])
  await operations.transaction(async (unit) => {
    const claimed = await unit.claimDeadlines([id], 100)
    expect(claimed).toMatchObject([{ deadline: { id, state: 'open', dueAt: 100, step }, order: { state: 'raised' } }])
    expect(await operations.claimDeadlines([id], 100)).toEqual([])
  })
  await operations.transaction(async (unit) => {
    const { order } = (await unit.claimDeadlines([id], 100))[0] ?? never()
    expect(order).toEqual(await unit.order(order.id))
    await unit.endDeadlines([id], 'fired', 100)
  })
  expect(await operations.claimDeadlines([id], 100)).toEqual([])
})

test('what has ended does not end again', async () => {
  const [id = ''] = await insert({ dueAt: 100 })
  await operations.endDeadlines([id], 'met', 50)
  await operations.endDeadlines([id], 'void', 60)
  const { orderId } = { orderId: orderIds.get(id) ?? '' }
  expect(await operations.deadlinesOf(orderId)).toMatchObject([{ state: 'met', settledAt: 50 }])
})

test('one that is put off is not due for that long, counts its failures, and is overdue all the same', async () => {
  const [id = '', other = ''] = await insert({ dueAt: 100, severity: 'urgent' }, { dueAt: 150, severity: 'warning' })
  expect(await operations.putOffDeadline(id, 'torn', (attempts) => 1_000 * attempts)).toBe(1)
  expect((await operations.dueDeadlines(999, 10)).map(({ id }) => id)).toEqual([other])
  expect(await operations.putOffDeadline(id, 'torn again', (attempts) => 1_000 * attempts)).toBe(2)
  expect(await operations.claimDeadlines([id], 1_999)).toEqual([])
  expect((await operations.dueDeadlines(2_000, 10)).map(({ id }) => id)).toEqual([id, other])

  expect(await operations.overdueDeadlines(500)).toEqual({
    count: 2,
    worst: { id, orderId: orderIds.get(id), stepId: 'there', dueAt: 100, attempts: 2, lastError: 'torn again' },
  })
  expect(await operations.overdueDeadlines(100)).toEqual({ count: 0, worst: null })
  await end(id, other)
})

test('a step of a running order that nobody waits for is found: whose goal is not reached, and that has no deadline', async () => {
  const told: PlanStep = { ...step, id: 'told', goal: 'passenger-told', minutes: 5 }
  const taken: PlanStep = { ...step, id: 'taken', goal: 'accepted', minutes: 10 }
  const name = { en: 'p', 'zh-CN': 'p' }
  const plan = { id: 'p', version: 1, name, tell: [], askFirst: null, steps: [told, taken, step] }
  const running = { raisedAt: 1_000, plan, finding: 'elevator/fault-code' }
  const forgotten = await insertOrder(running)
  const deadlineOf = (orderId: string, of: PlanStep) => {
    const deadline = { id: randomUUID(), orderId, step: of, dueAt: 9_000, severity: 'urgent' as const }
    return operations.insertDeadlines([deadline]).then(() => deadline.id)
  }
  await insertOrder({ ...running, plan: null })
  await insertOrder({ ...running, plan: { ...plan, steps: [] } })
  await insertOrder({ ...running, state: 'cancelled', cancelledAt: 1_000 })
  const trapped = await insertOrder({
    ...running,
    finding: 'elevator/entrapment',
    acceptedAt: 1_500,
    state: 'accepted',
    technicianId: 'li',
  })
  const open = await deadlineOf(trapped, step)
  await deadlineOf(forgotten, step)

  expect(await operations.missingDeadlines(1_000)).toEqual({ count: 0, first: null })
  expect(await operations.missingDeadlines(1_001)).toEqual({ count: 2, first: { orderId: forgotten, stepId: 'taken' } })
  await deadlineOf(forgotten, taken)
  expect(await operations.missingDeadlines(1_001)).toEqual({ count: 1, first: { orderId: trapped, stepId: 'told' } })
  const fired = await deadlineOf(trapped, told)
  await operations.endDeadlines([fired], 'fired', 2_000)
  expect(await operations.missingDeadlines(1_001)).toEqual({ count: 0, first: null })
  await operations.endDeadlines([open], 'void', 2_000)
  expect(await operations.missingDeadlines(1_001)).toEqual({ count: 1, first: { orderId: trapped, stepId: 'there' } })

  await deadlineOf(trapped, step)
  await operations.updateOrder(trapped, 'accepted', { technicianId: null })
  expect(await operations.missingDeadlines(1_001)).toEqual({ count: 1, first: { orderId: trapped, stepId: 'taken' } })
  await deadlineOf(trapped, taken)
  expect(await operations.missingDeadlines(1_001)).toEqual({ count: 0, first: null })
})

test('a plan takes the place of the version that was seen, and of no other', async () => {
  const plan = { id: 'p', version: 1, name: { en: 'Night', 'zh-CN': '夜间' }, enabled: true } as const
  const whole = { ...plan, match: { severities: ['urgent'] }, tell: ['crew'], askFirst: null, steps: [step] } as const
  expect(await operations.savePlan(whole, null)).toBe(true)
  expect(await operations.savePlan(whole, null)).toBe(false)
  const second = { ...whole, version: 2, askFirst: { party: 'tenant', minutes: 3 } } as const
  expect(await operations.savePlan(second, 1)).toBe(true)
  expect(await operations.savePlan({ ...whole, version: 3 }, 1)).toBe(false)
  expect([await operations.plan('p'), await operations.plans()]).toEqual([second, [second]])
  expect(await operations.deletePlan('p', 1)).toBe(false)
  expect(await operations.deletePlan('p', 2)).toBe(true)
  expect(await operations.plan('p')).toBeUndefined()
})

const orderIds = new Map<string, string>()

/** Each of an order of its own. Answers their ids. */
async function insert(...given: (Pick<NewDeadline, 'dueAt'> & Partial<NewDeadline>)[]): Promise<string[]> {
  const ids: string[] = []
  for (const one of given) {
    const orderId = await insertOrder({})
    const deadline = { id: randomUUID(), orderId, step, severity: 'critical' as const, ...one }
    await operations.insertDeadlines([deadline])
    orderIds.set(deadline.id, orderId)
    ids.push(deadline.id)
  }
  return ids
}

async function insertOrder(given: Partial<Parameters<typeof testOrder>[0]>): Promise<string> {
  const { orderId: _, ...incident } = testIncident({ deviceId: randomUUID() })
  const order = testOrder({ ...given, incidentId: incident.id })
  await operations.insertIncident({ ...incident, followed: null })
  await operations.insertOrder(order)
  return order.id
}

function end(...ids: (string | undefined)[]): Promise<void> {
  return operations.endDeadlines(
    ids.filter((id) => id !== undefined),
    'void',
    0,
  )
}

function never(): never {
  throw new Error('it was not claimed')
}
