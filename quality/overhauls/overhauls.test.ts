import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dayMs, hourMs } from '../../core/clock.ts'
import { memoryEvidence } from '../../stores/evidence/memory.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { testTeam } from '../../test/fixtures/people.ts'
import { testDevice, testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { sealOnce } from '../../workorders/evidence/seals.ts'
import { verifyAll } from '../../workorders/evidence/verify.ts'
import { createOverhauls, faultOfOverhaul, type NewOverhaul, type Overhauls } from './overhauls.ts'

const start = Date.UTC(2026, 10, 24, 8)
let now = start
let database: TestDatabase
let operations: Operations
let overhauls: Overhauls
let deviceId: string

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
  overhauls = createOverhauls({ operations, clock: () => now })
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  await operations.insertTeam(testTeam('otis', { type: 'maintainer' }))
})
afterAll(() => database?.remove())
beforeEach(async () => {
  now = start
  deviceId = `e-${randomUUID()}`
  await operations.insertDevice(testDevice({ id: deviceId }))
  await operations.setDeviceParty(deviceId, 'maintainer', 'otis', 0)
})

const belt = (given: Partial<NewOverhaul> = {}): NewOverhaul => ({
  ...{ deviceId, type: 'part', part: 'Door belt', reason: 'The door slows', estimatedFen: 88_000 },
  ...given,
})
/** Orders of a test have no events. */
const brokenRecords = async () =>
  (await verifyAll(operations, memoryEvidence(), [], { overhaul: faultOfOverhaul })).breaks.filter(
    ({ what }) => what === 'record',
  )

async function addWarning(detectedAt: number): Promise<{ incidentId: string; orderId: string }> {
  const given = { deviceId, finding: 'elevator/door-close-drift', severity: 'warning', detectedAt } as const
  const { orderId: _, ...incident } = testIncident(given)
  await operations.insertIncident({ ...incident, followed: null })
  const order = testOrder({ ...given, incidentId: incident.id, type: 'planned', arriveBy: null })
  await operations.insertOrder(order)
  return { incidentId: incident.id, orderId: order.id }
}

test('a part is proposed with what is behind it, decided with what is paid, and done; its time is known and its chain whole', async () => {
  const behind = await addWarning(start - dayMs)
  const wear = {
    quantity: 'doorCloseSeconds',
    level: 4.1,
    limit: 5,
    days: 20,
    lowDays: 12,
    highDays: 31,
    refused: null,
  }
  const forecast = {
    deviceId,
    finding: 'elevator/door-close-drift',
    day: '2026-11-23',
    at: start - dayMs,
    sampleAt: start - dayMs,
  }
  await operations.putForecastDays('2026-11-23', [deviceId], [{ ...forecast, ...wear }])
  const proposed = await overhauls.propose(belt({ ...behind, finding: 'elevator/door-close-drift' }), 'otis')
  expect(proposed).toMatchObject({
    ...{ state: 'proposed', teamId: 'otis', ...behind },
    forecast: { day: '2026-11-23', days: 20, lowDays: 12, highDays: 31 },
  })
  expect(await overhauls.hints(proposed)).toEqual([])
  await sealOnce(operations, now)

  now += 3 * hourMs
  const decision = { decision: 'approved', reason: 'The curve shows it', settledFen: 80_000 } as const
  await overhauls.decide(proposed.id, decision, 'picc')
  now += 2 * dayMs
  const done = await overhauls.done(proposed.id, { doneAt: now - hourMs, note: 'Belt DB-8' }, 'otis')
  expect(done).toMatchObject({ state: 'done', settledFen: 80_000, decidedBy: 'picc', doneAt: now - hourMs })
  expect(await operations.overhaul(proposed.id)).toEqual(done)
  const events = await operations.recordEventsOf(proposed.id)
  expect(events.map(({ type, actor }) => [type, actor])).toEqual([
    ['proposed', 'otis'],
    ['approved', 'picc'],
    ['done', 'otis'],
  ])
  expect(await brokenRecords()).toEqual([])
})

test('each step is done once, in its order, by its rules', async () => {
  const { id } = await overhauls.propose(belt(), 'otis')
  await expect(overhauls.done(id, {}, 'otis')).rejects.toMatchObject({ code: 'order-state' })
  const refuse = (settledFen?: number) =>
    overhauls.decide(id, { decision: 'refused', reason: 'not worn', settledFen }, 'picc')
  await expect(refuse(5)).rejects.toMatchObject({ code: 'invalid' })
  expect(await refuse()).toMatchObject({ state: 'refused', settledFen: null, decisionReason: 'not worn' })
  await expect(refuse()).rejects.toMatchObject({ code: 'already-done' })
  await expect(overhauls.done(id, {}, 'otis')).rejects.toMatchObject({ code: 'order-state' })

  const other = await overhauls.propose(belt(), 'otis')
  expect(await overhauls.decide(other.id, { decision: 'approved', reason: 'x' }, 'picc')).toMatchObject({
    settledFen: 88_000,
  })
  await expect(overhauls.done(other.id, { doneAt: now + 1 }, 'otis')).rejects.toMatchObject({ code: 'invalid' })
  await expect(overhauls.done(other.id, { doneAt: start - 1 }, 'otis')).rejects.toMatchObject({ code: 'invalid' })
  await overhauls.done(other.id, {}, 'otis')
  await expect(overhauls.done(other.id, {}, 'otis')).rejects.toMatchObject({ code: 'already-done' })
  await expect(overhauls.decide(randomUUID(), { decision: 'approved', reason: 'x' }, 'x')).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('of two who decide at once, one does', async () => {
  const { id } = await overhauls.propose(belt(), 'otis')
  const both = await Promise.allSettled(
    (['approved', 'refused'] as const).map((decision) => overhauls.decide(id, { decision, reason: 'x' }, decision)),
  )
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(await operations.recordEventsOf(id)).toHaveLength(2)
})

test.each<[string, () => Partial<NewOverhaul>, string]>([
  ['a device that is not there', () => ({ deviceId: 'none' }), 'not-found'],
  ['a part without a name', () => ({ part: null }), 'invalid'],
  ['an incident that is not there', () => ({ incidentId: randomUUID() }), 'invalid'],
  ['an order that is not there', () => ({ orderId: randomUUID() }), 'invalid'],
  ['evidence that is not there', () => ({ evidence: ['f'.repeat(64)] }), 'invalid'],
  ['a forecast that is not there', () => ({ finding: 'elevator/brake-wear' }), 'invalid'],
])('a proposal is refused that names %s', async (_, given, code) => {
  await expect(overhauls.propose(belt(given()), 'otis')).rejects.toMatchObject({ code })
})

test("another device's incident is nothing behind a proposal", async () => {
  const { incidentId } = await addWarning(start)
  deviceId = `e-${randomUUID()}`
  await operations.insertDevice(testDevice({ id: deviceId }))
  await expect(overhauls.propose(belt({ incidentId }), 'otis')).rejects.toMatchObject({ code: 'invalid' })
})

test('hints: nothing found lately, the same part again, and a warning about which nobody proposed anything', async () => {
  const bare = await overhauls.propose(belt(), 'otis')
  expect(await overhauls.hints(bare)).toEqual([{ hint: 'over-repair', lookedBackDays: 90 }])
  await overhauls.decide(bare.id, { decision: 'approved', reason: 'x' }, 'picc')
  await overhauls.done(bare.id, {}, 'otis')
  now += 100 * dayMs
  await addWarning(now - 40 * dayMs)
  const standing = async () =>
    (await operations.standingWarnings(now - 30 * dayMs, { limit: 100 })).items.filter(
      (one) => one.deviceId === deviceId,
    )
  expect(await standing()).toMatchObject([{ finding: 'elevator/door-close-drift', teamId: 'otis' }])
  const again = await overhauls.propose(belt({ part: 'door  BELT' }), 'otis')
  expect(await overhauls.hints(again)).toMatchObject([{ hint: 'repeat-part', beforeId: bare.id, usedDays: 100 }])
  expect(await standing()).toEqual([])
})

test('what somebody changes behind our back is found', async () => {
  const { id } = await overhauls.propose(belt(), 'otis')
  await operations.updateOverhaul(id, { settledFen: 1 })
  expect(await brokenRecords()).toMatchObject([
    { what: 'record', id, text: 'The proposal is not as its last event says' },
  ])
})
