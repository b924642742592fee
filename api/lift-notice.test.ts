import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dayMs, minuteMs, secondMs } from '../core/clock.ts'
import type { OrderState } from '../core/incident.ts'
import type { SuppressionType } from '../core/suppression.ts'
import { kinds, metricCatalogue } from '../devices/index.ts'
import { memoryReadings } from '../stores/readings/memory.ts'
import { testDevice, testIncident, testOrder } from '../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { helpOf, liftNotice } from './lift-notice.ts'

const now = Date.UTC(2026, 10, 24, 18)
const readings = memoryReadings({ catalogue: metricCatalogue })
let database: TestDatabase
let lifts = 0
let device = testDevice({ id: 'elv-0' })

beforeAll(async () => {
  database = await startTestDatabase()
  const gateway = { id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null }
  await database.operations.insertGateway(gateway)
})
afterAll(() => database.remove())
beforeEach(async () => {
  lifts += 1
  device = testDevice({ id: `elv-${lifts}` })
  await database.operations.insertDevice(device)
})

const notice = () => liftNotice({ operations: database.operations, readings, kinds }, device, now)

async function says(mode: string, at = now - 10 * secondMs): Promise<void> {
  const reading = { deviceId: device.id, kind: 'elevator', at, receivedAt: at, values: { mode } }
  await readings.write([reading], { journalId: 'test', position: lifts })
}

async function suppress(type: SuppressionType, finding: string | null = null): Promise<void> {
  await database.operations.insertSuppression({
    ...{ id: randomUUID(), type, finding, scope: { type: 'device', id: device.id }, reason: 'x' },
    ...{ startsAt: now - minuteMs, endsAt: null, createdAt: now - minuteMs, createdBy: 'x' },
    ...{ endedAt: null, endedBy: null, key: null, endedKey: null },
  })
}

test.each([
  ['normal', 'in-service'],
  ['inspection', 'maintenance'],
  ['out-of-service', 'out-of-service'],
  ['fire', 'out-of-service'],
])('a lift that says %s now is shown as %s', async (mode, state) => {
  await says(mode)
  expect((await notice()).state).toBe(state)
})

test('a lift that has said nothing for longer than its kind may is not known to run, whatever it said last', async () => {
  await says('normal', now - 90 * secondMs)
  expect((await notice()).state).toBe('in-service')
  expect((await liftNotice({ operations: database.operations, readings, kinds }, device, now + 1)).state).toBe(
    'unknown',
  )
})

test('people who work on it are believed before the lift, but what is shelved or planned elsewhere changes nothing', async () => {
  await says('normal')
  await suppress('shelf')
  await suppress('planned-work')
  await suppress('maintenance', 'elevator/door-fault')
  expect((await notice()).state).toBe('in-service')
  await suppress('maintenance')
  expect((await notice()).state).toBe('maintenance')
})

test('a lift with an emergency is out of service, whatever it says; until somebody has answered it is recorded, and no more', async () => {
  await says('normal')
  const { orderId: _, ...incident } = testIncident({ deviceId: device.id, detectedAt: now })
  await database.operations.insertIncident({ ...incident, followed: null })
  await database.operations.insertOrder(testOrder({ incidentId: incident.id, deviceId: device.id, detectedAt: now }))
  expect(await notice()).toMatchObject({ state: 'out-of-service', help: 'recorded' })
})

test('a crew that said that it is over does not put a lift into service whose danger goes on', async () => {
  await says('normal')
  const { orderId: _, ...incident } = testIncident({ deviceId: device.id, detectedAt: now, severity: 'critical' })
  await database.operations.insertIncident({ ...incident, followed: null })
  const ended = { state: 'closed', closedAt: now } as const
  await database.operations.insertOrder(
    testOrder({ incidentId: incident.id, deviceId: device.id, detectedAt: now, ...ended }),
  )
  expect(await notice()).toMatchObject({ state: 'out-of-service', help: null })
  await database.operations.updateIncident(incident.id, { state: 'cleared', clearedAt: now })
  expect((await notice()).state).toBe('in-service')
})

test('the last maintenance is the newest visit that its maintainer reported', async () => {
  expect((await notice()).lastMaintenanceAt).toBeNull()
  const visits = [20, 5].map((days) => ({
    ...{ id: randomUUID(), deviceId: device.id, items: ['half-month'] as const, teamId: null, workers: [], note: null },
    ...{ startedAt: now - days * dayMs, endedAt: now - days * dayMs + minuteMs, claimedAt: now, claimedBy: 'x' },
    ...{ verdict: null, verdictText: null, verdictEvidence: null },
  }))
  await database.operations.insertVisitsIfAbsent(visits)
  expect((await notice()).lastMaintenanceAt).toBe(now - 5 * dayMs + minuteMs)
})

test('of several orders the furthest tells how near help is; work without a clock is no emergency', () => {
  const order = (state: OrderState, arriveBy: number | null = now, technicianId: string | null = 'zhang') =>
    testOrder({ incidentId: 'i', state, arriveBy, technicianId })
  expect(helpOf([order('raised', null)])).toBeNull()
  expect(helpOf([order('restored')])).toBeNull()
  expect(helpOf([order('raised')])).toBe('recorded')
  expect(helpOf([order('acknowledged'), order('raised')])).toBe('known')
  expect(helpOf([order('accepted', now, null)])).toBe('known')
  expect(helpOf([order('raised'), order('accepted')])).toBe('on-the-way')
  expect(helpOf([order('accepted'), order('arrived'), order('raised')])).toBe('on-site')
})
