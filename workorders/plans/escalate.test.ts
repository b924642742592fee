import { afterAll, beforeAll, expect, test } from 'vitest'
import { minuteMs } from '../../core/clock.ts'
import type { WorkOrder } from '../../core/incident.ts'
import type { Recipient } from '../../core/notice.ts'
import type { PlanStep } from '../../core/plan.ts'
import type { OperationsStore } from '../../stores/operations/port.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { recordEvent } from '../evidence/chain.ts'
import { createEscalate } from './escalate.ts'
import { shippedPlans } from './plans.ts'

const detectedAt = Date.UTC(2026, 10, 24, 18)
const minutes = (count: number) => detectedAt + count * minuteMs

const somebody: Recipient = {
  ...{ party: 'supervisor', teamId: null, memberId: null, name: 'Sun', channelId: 'ch', address: null },
  ...{ locale: 'en', why: 'Above: supervisor' },
}

let database: TestDatabase
let operations: OperationsStore
beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
})
afterAll(() => database.remove())

test('a crew that does not accept loses the order to the next one, who is told so, as are those whom the plan names', async () => {
  const order = await insert({ teamId: 'crew-1', technicianId: null })
  const { told, asked, miss } = escalating(['crew-2'])
  await miss(order, 'crew-accepts', 5)

  expect(asked).toEqual([['crew-1']])
  expect(await operations.order(order.id)).toMatchObject({ teamId: 'crew-2', assignedBecause: 'crew-2 is nearest' })
  expect(told).toEqual([
    { reason: 'reassigned', parties: ['crew'], teamId: 'crew-2', step: 'crew-accepts' },
    { reason: 'escalated', parties: ['duty-room'], teamId: 'crew-2', step: 'crew-accepts' },
  ])
  expect(await operations.orderEvents(order.id)).toMatchObject([
    {
      type: 'escalated',
      at: minutes(5),
      actor: 'liftwatt',
      data: {
        step: 'crew-accepts',
        goal: 'accepted',
        dueAt: '2026-11-24T18:05:00.000Z',
        told: ['next-crew', 'duty-room'],
      },
    },
    { type: 'reassigned', at: minutes(5), data: { teamId: 'crew-2', fromTeamId: 'crew-1' } },
  ])
})

test('no crew gets an order back that it did not answer', async () => {
  const order = await insert({ teamId: 'crew-1' })
  const { asked, miss } = escalating(['crew-2', 'crew-3'])
  await miss(order, 'crew-accepts', 5)
  await miss(order, 'next-crew-accepts', 10)
  expect(asked).toEqual([['crew-1'], ['crew-1', 'crew-2']])
  expect(await operations.order(order.id)).toMatchObject({ teamId: 'crew-3' })
})

test('after a time of being down, a crew that was sent a moment ago keeps the order', async () => {
  const order = await insert({ teamId: 'crew-1' })
  const { told, miss } = escalating(['crew-2', 'crew-3'])
  await miss(order, 'crew-accepts', 40)
  await miss(order, 'next-crew-accepts', 40)
  expect(await operations.order(order.id)).toMatchObject({ teamId: 'crew-2' })
  expect(told.at(-1)).toMatchObject({ reason: 'escalated', parties: ['next-crew', 'supervisor'] })
})

test('where there is no other crew, the order stays where it is, and those above are told', async () => {
  const order = await insert({ teamId: 'crew-1' })
  const { told, miss } = escalating([])
  await miss(order, 'crew-accepts', 5)
  expect(await operations.order(order.id)).toMatchObject({ teamId: 'crew-1' })
  expect(told).toEqual([
    { reason: 'escalated', parties: ['next-crew', 'duty-room'], teamId: 'crew-1', step: 'crew-accepts' },
  ])
  const [event] = await operations.orderEvents(order.id)
  expect(event?.data.because).toBe('no crew is on duty')
})

test('a crew that has accepted and is not there yet keeps the order: only people are told', async () => {
  const order = await insert({ teamId: 'crew-1' })
  const { asked, told, miss } = escalating(['crew-2'])
  await miss(order, 'crew-is-there', 30)
  expect(asked).toEqual([])
  expect(told).toMatchObject([{ reason: 'escalated', parties: ['supervisor', 'district'] }])
})

test('the database refuses to escalate for one deadline twice', async () => {
  const order = await insert({ teamId: 'crew-1' })
  const { miss } = escalating([])
  await miss(order, 'crew-is-there', 30, 'the same')
  await expect(miss(order, 'crew-is-there', 31, 'the same')).rejects.toMatchObject({ code: 'invalid' })
  expect(await operations.orderEvents(order.id)).toHaveLength(1)
})

test('where nobody at all can be told, the order says so for good', async () => {
  const order = await insert({ teamId: 'crew-1' })
  await escalating([], []).miss(order, 'crew-is-there', 30)
  expect((await operations.orderEvents(order.id)).at(-1)).toMatchObject({
    type: 'noted',
    data: { action: 'told-nobody', step: 'crew-is-there', parties: ['supervisor', 'district'] },
  })
})

/** @param next the crews that would be chosen, one after the other */
function escalating(next: string[], recipients: readonly Recipient[] = [somebody]) {
  const told: object[] = []
  const asked: (readonly string[])[] = []
  const escalate = createEscalate({
    async notify(_unit, { order, reason, parties, step }) {
      told.push({ reason, parties, teamId: order.teamId, step: step?.id })
      return recipients
    },
    async chooseCrew(_unit, _order, { exclude }) {
      asked.push(exclude)
      const teamId = next.shift() ?? null
      return { teamId, because: teamId === null ? 'no crew is on duty' : `${teamId} is nearest` }
    },
    recordEvent,
  })
  return {
    told,
    asked,
    miss: (order: WorkOrder, stepId: string, after: number, id = `${order.id} ${stepId}`) =>
      operations.transaction(async (unit) => {
        const step = stepOf(stepId)
        const dueAt = minutes(step.minutes)
        const present = (await unit.lockOrder(order.id)) ?? order
        await escalate(
          unit,
          present,
          { id, orderId: order.id, step, dueAt, state: 'open', settledAt: null },
          minutes(after),
        )
      }),
  }
}

function stepOf(id: string): PlanStep {
  const step = shippedPlans.flatMap(({ steps }) => steps).find((candidate) => candidate.id === id)
  if (step === undefined) throw new Error(`there is no step ${id}`)
  return step
}

async function insert(given: Partial<WorkOrder>): Promise<WorkOrder> {
  const incident = testIncident({ detectedAt, deviceId: `elv-${Math.random()}` })
  const { orderId: _, ...fresh } = incident
  const order = testOrder({ incidentId: incident.id, detectedAt, ...given })
  await operations.insertIncident({ ...fresh, followed: null })
  await operations.insertOrder(order)
  return order
}
