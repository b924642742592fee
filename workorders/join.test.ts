import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { releaseSuppressed } from '../analytics/release.ts'
import { minuteMs } from '../core/clock.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import { recordWithOrders, settleAndTell } from '../response.ts'
import { memoryEvidence } from '../stores/evidence/memory.ts'
import { testTeam } from '../test/fixtures/people.ts'
import { testDevice } from '../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { createWorkOrders } from './act.ts'
import { upgradeOrder } from './open.ts'
import { verifyAll } from './verify.ts'

const start = Date.UTC(2026, 10, 24, 8)
const journalId = randomUUID()
let now = start
let position = 0
let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase()
  const { operations } = database
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  await operations.insertChannel({ id: 'ch', type: 'webhook', name: 'ch', settings: {}, enabled: true, createdAt: 0 })
  await operations.insertTeam(testTeam('crew-1', { addresses: [{ channelId: 'ch', address: 'crew' }] }))
})
afterAll(() => database.remove())
beforeEach(() => {
  now += 240 * minuteMs
})

const workOrders = () =>
  createWorkOrders({
    operations: database.operations,
    clock: () => now,
    endsWithOrder: (finding) => finding.startsWith('manual/'),
    afterChange: settleAndTell,
  })

async function elevator(): Promise<string> {
  const id = `elv-${randomUUID()}`
  await database.operations.insertDevice(testDevice({ id }))
  return id
}

async function find(deviceId: string, finding: string, given: Partial<EpisodeEvent> = {}): Promise<void> {
  position += 1
  const event: EpisodeEvent = {
    ...{ change: 'opened', scope: { type: 'device', id: deviceId }, deviceId, finding, position, ruleVersion: 0 },
    ...{ severity: 'urgent', summary: `A sensor says ${finding}`, evidence: { heldSeconds: 31 } },
    ...{ occurredAt: now, at: now, receivedAt: now, detectedAt: now, ...given },
  }
  await recordWithOrders(database.operations, [event], journalId, now)
}

const call = async (deviceId: string, given: { finding?: string; severity?: 'urgent' | 'critical' } = {}) =>
  (
    await workOrders().openByHand({
      deviceId,
      actor: 'duty',
      summary: 'People trapped',
      severity: 'critical',
      ...given,
    })
  ).order

const openOrders = async (deviceId: string) =>
  (await database.operations.orders({ deviceId, state: 'open', limit: 10 })).items
const incidentOf = async (deviceId: string, finding: string) =>
  (await database.operations.incidents({ deviceId, finding, limit: 1 })).items[0]
const toldAgain = async (orderId: string) =>
  (await database.operations.notices({ orderId, limit: 100 })).items.filter(({ reason }) => reason === 'reported-again')

test('people call, then the alarm button is found pressed: one order, the crew is told, and the record says so', async () => {
  const deviceId = await elevator()
  const { id, incidentId } = await call(deviceId, { severity: 'urgent' })
  now += minuteMs
  await find(deviceId, 'elevator/alarm-button', { severity: 'critical' })

  expect(await openOrders(deviceId)).toMatchObject([{ id, severity: 'critical', teamId: 'crew-1' }])
  expect(await incidentOf(deviceId, 'elevator/alarm-button')).toMatchObject({
    ...{ state: 'suppressed', parentId: incidentId, orderId: null },
    suppressed: { by: 'inhibition', text: expect.stringContaining(id) },
  })
  expect(await database.operations.incident(incidentId)).toMatchObject({ count: 2, severity: 'critical' })
  const noted = (await database.operations.orderEvents(id)).filter(({ data }) => data.action === 'report')
  const evidence = { heldSeconds: 31 }
  expect(noted).toMatchObject([{ data: { source: 'liftwatt', finding: 'elevator/alarm-button', evidence } }])
  const content = { summary: 'A sensor says elevator/alarm-button', orderId: id }
  expect(await toldAgain(id)).toMatchObject([{ recipient: { teamId: 'crew-1' }, critical: true, content }])

  await find(deviceId, 'elevator/alarm-button', { change: 'repeated' })
  expect(await toldAgain(id)).toHaveLength(1)
  expect(await verifyAll(database.operations, memoryEvidence())).toMatchObject({ ok: true })
})

test('what still holds when the order of the call has ended gets an order of its own, once', async () => {
  const deviceId = await elevator()
  const { id } = await call(deviceId)
  await find(deviceId, 'elevator/door-fault')
  const release = () =>
    releaseSuppressed({
      operations: database.operations,
      now,
      onReleased: (unit, incident) => upgradeOrder(unit, incident, now, now),
    })
  expect(await release()).toEqual([])
  await workOrders().act({ orderId: id, action: 'cancel', actor: 'duty', reason: 'They walked out' })
  now += minuteMs
  await release()
  expect(await openOrders(deviceId)).toMatchObject([{ finding: 'elevator/door-fault', detectedAt: now }])
  expect(await release()).toEqual([])
})

test.each([
  ['of something else', 'elevator/motor-over-temperature', undefined],
  ['of people shut in, which a call that names no finding need not have been about,', 'elevator/entrapment', undefined],
  ['of a pressed alarm, while the call was about water in the pit', 'elevator/alarm-button', 'elevator/water-in-pit'],
])('what a sensor finds %s gets an order of its own', async (_, finding, called) => {
  const deviceId = await elevator()
  const order = await call(deviceId, called === undefined ? {} : { finding: called })
  await find(deviceId, finding)
  expect(await openOrders(deviceId)).toHaveLength(2)
  expect(await toldAgain(order.id)).toEqual([])
})

test('a camera sees who is shut in, then the sensors do: one order, until the camera says that it is over', async () => {
  const deviceId = await elevator()
  const seen = { deviceId, source: 'camera-7', externalId: deviceId, finding: 'camera/entrapment' } as const
  const said = { actor: 'camera-7', severity: 'urgent', summary: 'Two people' } as const
  await workOrders().report({ ...seen, ...said, state: 'open' })
  await find(deviceId, 'elevator/entrapment', { severity: 'critical' })
  const [order, ...others] = await openOrders(deviceId)
  expect([order?.finding, order?.severity, others]).toEqual(['camera/entrapment', 'critical', []])

  const another = await elevator()
  await workOrders().report({ ...seen, ...said, externalId: another, deviceId: another, state: 'open' })
  await workOrders().report({ ...seen, ...said, externalId: another, deviceId: another, state: 'cleared' })
  await find(another, 'elevator/entrapment', { severity: 'critical' })
  expect(await openOrders(another)).toHaveLength(2)
})

test('an order that nobody closed hours ago takes no more, nor one whose crew is done', async () => {
  const forgotten = await elevator()
  await call(forgotten)
  now += 151 * minuteMs
  await find(forgotten, 'elevator/alarm-button')
  expect(await openOrders(forgotten)).toHaveLength(2)

  const done = await elevator()
  const { id } = await call(done)
  for (const action of ['accept', 'arrive', 'restore'] as const) {
    await workOrders().act({ orderId: id, action, actor: 'wang', ...(action === 'accept' && { technicianId: 'wang' }) })
  }
  await find(done, 'elevator/alarm-button')
  expect(await openOrders(done)).toHaveLength(2)
})

test('the crew on its way hears every call that joins its order, in the words of the caller, once each', async () => {
  const deviceId = await elevator()
  const caller = (summary: string, idempotencyKey: string) =>
    workOrders().openByHand({
      ...{ deviceId, actor: 'duty', summary, severity: 'critical', finding: 'elevator/entrapment', idempotencyKey },
    })
  const { order } = await caller('A woman is stuck', `${deviceId}-1`)
  for (const key of ['2', '3', '3']) await caller(`Caller ${key}`, `${deviceId}-${key}`)
  const told = await toldAgain(order.id)
  expect(told.map(({ content }) => content.summary)).toEqual(['Caller 3', 'Caller 2'])
  expect(told.map(({ recipient }) => recipient.teamId)).toEqual(['crew-1', 'crew-1'])
})

test('an order that follows another has its figures, unless it is about something said anew', async () => {
  const deviceId = await elevator()
  await find(deviceId, 'elevator/motor-over-temperature')
  const [first] = await openOrders(deviceId)
  const orderId = first?.id ?? ''
  await workOrders().act({ orderId, action: 'cancel', actor: 'duty', reason: 'A test' })
  const evidenceOf = async (incidentId: string) => (await database.operations.incident(incidentId))?.evidence
  const again = (await workOrders().followUp({ orderId, actor: 'duty' })).order
  expect(await evidenceOf(again.incidentId)).toEqual({ heldSeconds: 31 })
  const anew = (await workOrders().followUp({ orderId, actor: 'duty', summary: 'It smells' })).order
  expect(await evidenceOf(anew.incidentId)).toEqual({})
})
