import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { callersOf } from '../../core/callers.ts'
import { minuteMs } from '../../core/clock.ts'
import { memoryEvidence } from '../../stores/evidence/memory.ts'
import { elevatorCalls, standBy } from '../../test/elevator-calls.ts'
import { testTeam } from '../../test/fixtures/people.ts'
import { testDevice } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { verifyAll } from '../evidence/verify.ts'
import { upgradeOrder } from '../life/open.ts'
import type { HandRequest } from './manual.ts'
import { certain } from './same-event.ts'

const start = Date.UTC(2026, 10, 24, 8)
let now = start
let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase()
  await standBy(database.operations, testTeam('crew-1', { addresses: [{ channelId: 'ch', address: 'crew' }] }))
})
afterAll(() => database.remove())
beforeEach(() => {
  now += 240 * minuteMs
})

const { workOrders, elevator, find, fireDue, release } = elevatorCalls({
  operations: () => database.operations,
  clock: () => now,
})

type Call = { finding?: string; severity?: 'urgent' | 'critical'; summary?: string; idempotencyKey?: string }
const call = async (deviceId: string, given: Call = {}) =>
  (
    await workOrders().openByHand({
      deviceId,
      actor: 'duty',
      summary: 'People trapped',
      severity: 'critical',
      ...given,
    })
  ).order

type Report = { finding?: string; severity?: 'urgent' | 'critical'; externalId?: string; source?: string }
const report = (deviceId: string, given: Report = {}) =>
  workOrders().report({
    ...{ deviceId, source: 'camera-7', externalId: deviceId, actor: 'camera-7', finding: 'camera/entrapment' },
    ...{ state: 'open', severity: 'urgent', summary: 'Two people', ...given },
  })
/** From now on there is one. */
async function openDutyRoom() {
  if ((await database.operations.team('duty')) !== undefined) return
  const addresses = [{ channelId: 'ch', address: 'duty' }]
  await database.operations.insertTeam(testTeam('duty', { type: 'duty-room', addresses }))
}
const closeAsFalseAlarm = (orderId: string) =>
  workOrders().act({ orderId, action: 'close', actor: 'duty', outcome: 'false-alarm' })
const openOrders = async (deviceId: string) =>
  (await database.operations.orders({ deviceId, state: 'open', limit: 10 })).items
const incidentOf = async (deviceId: string, finding: string) =>
  (await database.operations.incidents({ deviceId, finding, limit: 1 })).items[0]
const toldBy = async (orderId: string, ...reasons: string[]) =>
  (await database.operations.notices({ orderId, limit: 100 })).items.filter(({ reason }) => reasons.includes(reason))
const toldAgain = (orderId: string) => toldBy(orderId, 'reported-again')
const teamsTold = async (orderId: string) =>
  (await toldBy(orderId, 'reported-again', 'upgraded')).map(({ recipient }) => recipient.teamId).sort()

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
  expect(await release()).toEqual([])
  await workOrders().act({ orderId: id, action: 'cancel', actor: 'duty', reason: 'They walked out' })
  now += minuteMs
  await release()
  expect(await openOrders(deviceId)).toMatchObject([{ finding: 'elevator/door-fault', detectedAt: now }])
  expect(await release()).toEqual([])
})

const lamp = { summary: 'The lamp in the car is broken' }

test.each<[string, string, Call]>([
  ['of something else', 'elevator/motor-over-temperature', {}],
  ['of people shut in, while the call was about a lamp,', 'elevator/entrapment', lamp],
  ['of a pressed alarm, while the call was about a lamp,', 'elevator/alarm-button', lamp],
  ['of a pressed alarm, while the call was about water', 'elevator/alarm-button', { finding: 'elevator/water-in-pit' }],
])('what a sensor finds %s gets an order of its own', async (_, finding, called) => {
  const deviceId = await elevator()
  const order = await call(deviceId, called)
  await find(deviceId, finding)
  expect(await openOrders(deviceId)).toHaveLength(2)
  expect(await toldAgain(order.id)).toEqual([])
})

const stepsOf = async (orderId: string) =>
  (await database.operations.deadlinesOf(orderId)).map(({ step, dueAt }) => [step.id, dueAt])

test.each(['People trapped', '有人被困在电梯里', 'The lift stands still between two floors'])(
  'somebody calls (%s) and names no finding, then sensors find people shut in: one order, about the people from then on',
  async (summary) => {
    const deviceId = await elevator()
    const { id, incidentId, arriveBy, detectedAt } = await call(deviceId, { summary, severity: 'urgent' })
    now += 3 * minuteMs
    await find(deviceId, 'elevator/entrapment', { severity: 'critical' })

    expect(await openOrders(deviceId)).toMatchObject([
      { id, arriveBy, severity: 'critical', finding: expect.stringMatching(/\/entrapment$/) },
    ])
    expect(await incidentOf(deviceId, 'elevator/entrapment')).toMatchObject({
      state: 'suppressed',
      parentId: incidentId,
    })
    const steps = await stepsOf(id)
    expect(steps).toContainEqual(['passenger-is-told', detectedAt + 2 * minuteMs])
    expect(new Set(steps.map(String)).size).toBe(steps.length)
    const data = { action: 'report', finding: 'elevator/entrapment', source: 'liftwatt' }
    expect((await database.operations.orderEvents(id)).map((event) => event.data)).toContainEqual(
      expect.objectContaining(data),
    )
    await workOrders().act({ orderId: id, action: 'tell-passenger', actor: 'duty' })
    expect(await verifyAll(database.operations, memoryEvidence())).toMatchObject({ ok: true })
  },
)

test.each(['elevator/alarm-button', 'elevator/stopped-outside-zone'])(
  'a sensor finds %s, then somebody calls: the call joins that order, and the passenger is to be told',
  async (finding) => {
    const deviceId = await elevator()
    await find(deviceId, finding)
    const [before] = await openOrders(deviceId)
    const { id = '', detectedAt = 0 } = before ?? {}
    expect((await stepsOf(id)).map(([step]) => step)).not.toContain('passenger-is-told')
    await workOrders().act({ orderId: id, action: 'accept', actor: 'wang', technicianId: 'wang' })
    now += 4 * minuteMs
    const said = { summary: 'My father is stuck in the lift', idempotencyKey: `call ${deviceId}` }
    const order = await call(deviceId, said)

    expect(order).toMatchObject({
      id,
      severity: 'critical',
      arriveBy: before?.arriveBy,
      finding: 'elevator/entrapment',
    })
    expect(await openOrders(deviceId)).toHaveLength(1)
    expect(await stepsOf(id)).toContainEqual(['passenger-is-told', detectedAt + 2 * minuteMs])
    const noted = (await database.operations.orderEvents(id)).filter(({ data }) => data.action === 'report')
    expect(noted).toMatchObject([{ data: { source: 'manual', findingBefore: finding } }])
    expect(await teamsTold(id)).toEqual(['crew-1'])

    expect((await call(deviceId, said)).id).toBe(id)
    expect(await incidentOf(deviceId, finding)).toMatchObject({ count: 2 })
  },
)

test.each<[string, string, Call, number]>([
  ['about a lamp', 'elevator/alarm-button', lamp, 0],
  ['that denies it', 'elevator/alarm-button', { summary: 'It smells, but nobody is trapped' }, 0],
  ['that denies it in Chinese', 'elevator/alarm-button', { summary: '电梯有异味，无人被困' }, 0],
  ['of a stuck button', 'elevator/alarm-button', { summary: 'The button of floor 3 is stuck' }, 0],
  ['while the crew comes for a hot motor', 'elevator/motor-over-temperature', {}, 0],
  ['hours after somebody was to be there', 'elevator/alarm-button', {}, 151],
])('a call %s does not join what a sensor has found', async (_, finding, called, laterMinutes) => {
  const deviceId = await elevator()
  await find(deviceId, finding)
  now += laterMinutes * minuteMs
  await call(deviceId, called)
  expect(await openOrders(deviceId)).toHaveLength(2)
})

test('a call joins an order that nobody has accepted, and from then on it is watched anew whether somebody does', async () => {
  const deviceId = await elevator()
  await find(deviceId, 'elevator/alarm-button')
  await find(deviceId, 'elevator/alarm-button', { change: 'cleared' })
  const [order] = await openOrders(deviceId)
  now += 9 * minuteMs
  await fireDue()
  await call(deviceId)
  expect(await openOrders(deviceId)).toMatchObject([{ id: order?.id, arriveBy: order?.arriveBy }])
  const awaited = (await database.operations.deadlinesOf(order?.id ?? '')).filter(({ state }) => state === 'open')
  const accepted = awaited.filter(({ step }) => step.goal === 'accepted')
  expect(accepted.map(({ dueAt }) => dueAt)).toContain(now + 5 * minuteMs)
})

test.each([
  ['that is late', 31, false],
  ['whose finding was over for long', 13, true],
] as const)(
  'a call opens an order of its own beside one that nobody has accepted and %s',
  async (_, minutes, isOver) => {
    const deviceId = await elevator()
    await find(deviceId, 'elevator/stopped-outside-zone')
    if (isOver) await find(deviceId, 'elevator/stopped-outside-zone', { change: 'cleared' })
    now += minutes * minuteMs
    await release()
    await fireDue()
    const { detectedAt, arriveBy } = await call(deviceId)
    expect([detectedAt, arriveBy]).toEqual([now, now + 30 * minuteMs])
    expect(await openOrders(deviceId)).toHaveLength(2)
  },
)

test('two who call in words of their own join when one is trapped, not when each says only that it stands', async () => {
  const deviceId = await elevator()
  await call(deviceId, { summary: 'The elevator is not moving' })
  await call(deviceId, { summary: 'The elevator is not moving' })
  expect(await openOrders(deviceId)).toHaveLength(2)
  await call(deviceId, { summary: 'We are stuck in here' })
  expect(await openOrders(deviceId)).toHaveLength(2)
})

test('what a sensor finds of a call that was repeated is noted once, and the first call under its key is answered as before', async () => {
  const deviceId = await elevator()
  const first = { summary: 'The lift has stopped between floors', idempotencyKey: `first ${deviceId}` }
  const { id } = await call(deviceId, first)
  await find(deviceId, 'elevator/entrapment', { severity: 'critical' })
  await find(deviceId, 'elevator/entrapment', { change: 'repeated' })
  expect(await call(deviceId, first)).toMatchObject({ id, finding: 'elevator/entrapment' })
  await expect(call(deviceId, { ...first, summary: 'Another one' })).rejects.toMatchObject({ code: 'already-done' })
  const noted = (await database.operations.orderEvents(id)).filter(({ data }) => data.action === 'report')
  expect(noted).toHaveLength(1)
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

test('a camera that never says that it is over explains nothing once its order is closed', async () => {
  const deviceId = await elevator()
  const { incident } = await report(deviceId, { finding: 'elevator/entrapment' })
  await closeAsFalseAlarm(incident.orderId ?? '')
  now += 60 * minuteMs
  await find(deviceId, 'elevator/alarm-button')
  expect(await openOrders(deviceId)).toMatchObject([{ finding: 'elevator/alarm-button', detectedAt: now }])
})

test('what a sensor still sees when the order of the camera is closed is an emergency of its own, once', async () => {
  const deviceId = await elevator()
  const { incident } = await report(deviceId)
  await find(deviceId, 'elevator/entrapment', { severity: 'critical' })
  expect(await release()).toEqual([])
  await closeAsFalseAlarm(incident.orderId ?? '')
  now += minuteMs
  await release()
  const order = { finding: 'elevator/entrapment', type: 'emergency', severity: 'critical', detectedAt: now }
  expect(await openOrders(deviceId)).toMatchObject([order])
  await release()
  expect(await openOrders(deviceId)).toHaveLength(1)
})

test('while the order of a camera goes on within another one, what a sensor sees needs nobody else', async () => {
  const deviceId = await elevator()
  const first = await report(deviceId)
  now += 151 * minuteMs
  const second = await report(deviceId, { externalId: `${deviceId} later` })
  await find(deviceId, 'elevator/alarm-button')
  const [orderId, intoId] = [second.incident.orderId ?? '', first.incident.orderId ?? '']
  await workOrders().act({ orderId, action: 'merge', actor: 'duty', intoId })
  expect(await incidentOf(deviceId, 'elevator/alarm-button')).toMatchObject({ parentId: second.incident.id })
  expect(await release()).toEqual([])
  expect(await openOrders(deviceId)).toMatchObject([{ id: intoId }])
})

test.each([
  ['the crew is done', ['accept', 'arrive', 'restore'], 2],
  ['the crew is there', ['accept', 'arrive'], 1],
] as const)('people are shut in again within two minutes, while %s after the call', async (_, actions, orders) => {
  const deviceId = await elevator()
  const { id } = await call(deviceId)
  await find(deviceId, 'elevator/entrapment', { severity: 'critical' })
  for (const action of actions) {
    await workOrders().act({ orderId: id, action, actor: 'wang', ...(action === 'accept' && { technicianId: 'wang' }) })
  }
  now += minuteMs
  await find(deviceId, 'elevator/entrapment', { change: 'cleared', severity: 'critical' })
  now += minuteMs / 2
  await find(deviceId, 'elevator/entrapment', { severity: 'critical' })
  expect(await openOrders(deviceId)).toHaveLength(orders)
})

const alarm = { finding: 'elevator/alarm-button' }

test('a camera whose report had joined an order, and is worse after that was closed, has an order of its own, once', async () => {
  const deviceId = await elevator()
  const { id } = await call(deviceId, { severity: 'urgent', ...alarm })
  await report(deviceId, alarm)
  expect(await openOrders(deviceId)).toHaveLength(1)
  await closeAsFalseAlarm(id)
  await report(deviceId, alarm)
  expect(await openOrders(deviceId)).toEqual([])
  for (const severity of ['critical', 'critical'] as const) await report(deviceId, { severity, ...alarm })
  expect(await openOrders(deviceId)).toMatchObject([{ ...alarm, severity: 'critical' }])
})

test('a camera whose report had joined an order, and is worse after the crew has said restore, has an order of its own', async () => {
  const deviceId = await elevator()
  const { id } = await call(deviceId, { severity: 'urgent', ...alarm })
  await report(deviceId, alarm)
  for (const action of ['accept', 'arrive', 'restore'] as const) {
    await workOrders().act({ orderId: id, action, actor: 'wang' })
  }
  for (const severity of ['critical', 'critical'] as const) await report(deviceId, { severity, ...alarm })
  const worse = { state: 'raised', severity: 'critical', detectedAt: now }
  expect(await openOrders(deviceId)).toMatchObject([worse, { id, state: 'restored', severity: 'urgent' }])
})

test('a camera that still tells after its order was done joins the crew that a call has sent since, and counts there', async () => {
  const deviceId = await elevator()
  const first = await report(deviceId)
  for (const action of ['accept', 'arrive', 'restore'] as const) {
    await workOrders().act({ orderId: first.incident.orderId ?? '', action, actor: 'wang' })
  }
  now += 3 * minuteMs
  const second = await call(deviceId)
  await workOrders().act({ orderId: second.id, action: 'accept', actor: 'li' })
  now += 2 * minuteMs
  for (const _ of ['joins', 'is told again']) {
    expect((await report(deviceId)).incident.id).toBe(second.incidentId)
    now += minuteMs
  }
  expect(await openOrders(deviceId)).toMatchObject([{ id: second.id }, { id: first.incident.orderId }])
  expect(await toldAgain(second.id)).toHaveLength(1)
  expect(await database.operations.incident(second.incidentId)).toMatchObject({ count: 3 })
})

test('what is told of two cars under one id, and had joined a call in the first, is counted there and noted once', async () => {
  const [deviceId, other] = [await elevator(), await elevator()]
  const { id, incidentId } = await call(deviceId)
  const externalId = `both ${deviceId}`
  await report(deviceId, { externalId })
  const { incident } = await report(other, { externalId })
  expect(incident).toMatchObject({ deviceId: other, externalId })
  expect((await report(deviceId, { externalId })).incident.id).toBe(incidentId)
  expect(await toldAgain(id)).toHaveLength(1)
  expect(await database.operations.incident(incidentId)).toMatchObject({ count: 3 })
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

test('whether somebody is inside is what the caller answered; where nobody knows it, words of a car that stands are enough', async () => {
  const opened = async (said: Partial<HandRequest>, deviceId?: string) =>
    (
      await workOrders().openByHand({
        ...{ deviceId: deviceId ?? (await elevator()), actor: 'duty', severity: 'critical', summary: 'Mrs Li calls' },
        ...said,
      })
    ).order.finding
  expect(await opened({ peopleInside: 'yes' })).toBe('manual/entrapment')
  expect(await opened({ peopleInside: 'no', summary: 'People were trapped, they are out' })).toBe('manual/report')
  expect(await opened({ peopleInside: 'unknown' })).toBe('manual/report')
  expect(await opened({ peopleInside: 'unknown', summary: '电梯停在三楼和四楼之间' })).toBe('manual/entrapment')
  expect(await opened({ summary: 'The lift has stopped' })).toBe('manual/report')
  const meter = testDevice({ id: `meter-${randomUUID()}`, kind: 'electricity-meter' })
  await database.operations.insertDevice(meter)
  await expect(opened({ peopleInside: 'yes' }, meter.id)).rejects.toThrow(`peopleInside: ${meter.id} is no elevator`)
})

test('no form loses who is shut in: that somebody is inside makes planned work an emergency, words of it are asked about', async () => {
  const open = async (said: Partial<HandRequest>) =>
    (
      await workOrders().openByHand({
        ...{ deviceId: await elevator(), actor: 'duty', severity: 'warning', type: 'planned', summary: 'Mrs Li calls' },
        ...said,
      })
    ).order
  const emergency = {
    finding: 'manual/entrapment',
    type: 'manual',
    severity: 'critical',
    arriveBy: now + 30 * minuteMs,
  }
  for (const type of ['planned', 'inspection'] as const) {
    expect(await open({ type, peopleInside: 'yes' })).toMatchObject(emergency)
    const trapped = { type, summary: '有人被困电梯' }
    await expect(open(trapped)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('type: ') })
    expect(await open({ ...trapped, peopleInside: 'no' })).toMatchObject({ type, arriveBy: null })
  }
})

test('who follows up an entrapment is as urgent as it was, and cannot wait for a date', async () => {
  const { id: orderId } = await call(await elevator())
  await workOrders().act({ orderId, action: 'cancel', actor: 'duty', reason: 'x' })
  const followUp = (severity?: 'warning' | 'urgent') =>
    workOrders().followUp({ orderId, actor: 'duty', ...(severity && { severity }) })
  await expect(followUp('warning')).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('severity: '),
  })
  expect((await followUp('urgent')).order).toMatchObject({ severity: 'critical', arriveBy: now + 30 * minuteMs })
})

test('whoever is shut in is critical, whoever tells it and however mildly', async () => {
  const [called, seen, smoky] = [await elevator(), await elevator(), await elevator()]
  expect(await call(called, { severity: 'urgent' })).toMatchObject({ severity: 'critical' })
  await report(seen)
  expect(await openOrders(seen)).toMatchObject([{ finding: 'camera/entrapment', severity: 'critical' }])
  await report(smoky, { finding: 'camera/smoke' })
  expect(await openOrders(smoky)).toMatchObject([{ severity: 'urgent' }])
  await report(smoky)
  expect(await openOrders(smoky)).toMatchObject([{ finding: certain, severity: 'critical' }])
})

test('who is said to be hurt, or in a car that fell, is critical, however mildly it is told; what has its date, or denies it, is as told', async () => {
  const severityOf = async (request: Partial<HandRequest>, deviceId?: string) => {
    const told = {
      deviceId: deviceId ?? (await elevator()),
      actor: 'duty',
      summary: 'Door',
      severity: 'warning' as const,
    }
    const { order } = await workOrders().openByHand({ ...told, ...request })
    return order.severity
  }
  expect(await severityOf({ summary: '轿厢内有人晕倒' })).toBe('critical')
  expect(await severityOf({ summary: '电梯坠落', severity: 'urgent' })).toBe('critical')
  expect(await severityOf({ reportedBy: { words: 'A man fainted' } })).toBe('critical')
  expect(await severityOf({ summary: '电梯停了，没有人受伤' })).toBe('warning')
  expect(await severityOf({ summary: '有人受伤后的检查', dueAt: now + 24 * 60 * minuteMs })).toBe('warning')
  expect(await severityOf({ summary: '有人受伤后的检查', type: 'inspection' })).toBe('warning')

  const meter = randomUUID()
  await database.operations.insertDevice(testDevice({ id: meter, kind: 'electricity-meter' }))
  expect(await severityOf({ summary: '突然下坠' }, meter)).toBe('warning')

  const deviceId = await elevator()
  const told = { deviceId, source: 'hotline', externalId: deviceId, actor: 'hotline', finding: 'hotline/report' }
  const mild = { ...told, state: 'open', severity: 'info', summary: '门夹人了' } as const
  expect((await workOrders().report(mild)).incident).toMatchObject({ finding: 'hotline/report', severity: 'critical' })
  expect(await openOrders(deviceId)).toMatchObject([{ type: 'emergency', severity: 'critical', teamId: 'crew-1' }])
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
  await expect(workOrders().followUp({ orderId, actor: 'duty' })).rejects.toThrow(`${again.id}, which is open`)
  await workOrders().act({ orderId: again.id, action: 'cancel', actor: 'duty', reason: 'A test' })
  const anew = (await workOrders().followUp({ orderId, actor: 'duty', summary: 'It smells' })).order
  expect(await evidenceOf(anew.incidentId)).toEqual({})
})

test('what a hotline says of what people are on their way to is read by whoever gets the order later, once, beside who called', async () => {
  const deviceId = await elevator()
  const { id } = await call(deviceId)
  for (const externalId of ['h-1', 'h-2']) await report(deviceId, { externalId, finding: 'camera/entrapment' })
  const own = { name: 'Zhao', phone: '139', words: 'please hurry' }
  await workOrders().openByHand({
    ...{ deviceId, actor: 'duty', summary: 'One of the trapped has asthma', severity: 'critical', reportedBy: own },
  })
  expect(callersOf((await database.operations.order(id))?.reportedBy ?? null)).toEqual([
    { name: 'camera-7', words: 'Two people' },
    { ...own, words: 'One of the trapped has asthma; please hurry' },
  ])
})

test('what is told as worse after its order was merged raises the one that goes on, with its words', async () => {
  const deviceId = await elevator()
  await report(deviceId, { externalId: 'hl-1', finding: 'camera/hum' })
  await report(deviceId, { externalId: 'hl-2', finding: 'camera/smell' })
  const orders = await openOrders(deviceId)
  const orderOf = (finding: string) => orders.find((order) => order.finding === finding)?.id ?? ''
  const intoId = orderOf('camera/smell')
  await workOrders().act({
    orderId: orderOf('camera/hum'),
    action: 'merge',
    intoId,
    actor: 'duty',
    reason: 'One noise',
  })
  const told = (await teamsTold(intoId)).length

  for (const _ of ['once', 'again'])
    await report(deviceId, { externalId: 'hl-1', finding: 'camera/hum', severity: 'critical' })
  expect(await openOrders(deviceId)).toMatchObject([{ id: intoId, severity: 'critical' }])
  expect(await teamsTold(intoId)).toHaveLength(told + 1)

  await workOrders().act({ orderId: intoId, action: 'cancel', actor: 'duty', reason: 'A test' })
  await report(deviceId, { externalId: 'hl-3', finding: 'camera/hum' })
  expect(await openOrders(deviceId)).toHaveLength(1)
})

test('what is told as worse of another place than that of the order into which its own was merged has an order of its own', async () => {
  const [here, there] = [await elevator(), await elevator()]
  const noise = { source: 'hotline', externalId: 'noise', finding: 'camera/noise' }
  await report(there, noise)
  await report(here, { externalId: 'smoke', finding: 'camera/smoke', severity: 'critical' })
  const [[merged], [goesOn]] = [await openOrders(there), await openOrders(here)]
  const [orderId, intoId] = [merged?.id ?? '', goesOn?.id ?? '']
  await workOrders().act({ orderId, action: 'merge', intoId, actor: 'duty', reason: 'One fire' })
  await report(there, { ...noise, severity: 'critical' })
  expect(await openOrders(there)).toMatchObject([{ severity: 'critical', finding: 'camera/noise' }])
  await report(there, { ...noise, finding: 'camera/entrapment', severity: 'critical' })
  expect((await openOrders(there)).some(({ finding }) => finding.endsWith('/entrapment'))).toBe(true)
  expect(await openOrders(here)).toMatchObject([{ id: intoId, finding: 'camera/smoke' }])
})

test('what its source had said to be over, and tells of as worse after its order was merged, is sent for', async () => {
  const deviceId = await elevator()
  const hum = { externalId: 'hum', finding: 'camera/hum' }
  await report(deviceId, hum)
  await report(deviceId, { externalId: 'smell', finding: 'camera/smell' })
  const orders = await openOrders(deviceId)
  const idOf = (finding: string) => orders.find((order) => order.finding === finding)?.id ?? ''
  await workOrders().act({
    orderId: idOf('camera/hum'),
    action: 'merge',
    intoId: idOf('camera/smell'),
    actor: 'duty',
    reason: 'One',
  })
  await workOrders().report({
    ...{
      deviceId,
      source: 'camera-7',
      actor: 'camera-7',
      severity: 'urgent',
      summary: 'Quiet',
      state: 'cleared',
      ...hum,
    },
  })
  now += minuteMs
  await report(deviceId, { ...hum, severity: 'critical' })
  expect((await openOrders(deviceId)).map(({ severity }) => severity)).toContain('critical')
})

test('what is left of an order that was merged is said to the one that goes on', async () => {
  const deviceId = await elevator()
  await find(deviceId, 'elevator/motor-over-temperature')
  await report(deviceId, { finding: 'camera/smoke' })
  const [one, other] = (await openOrders(deviceId)).map(({ id }) => id)
  const [orderId = '', intoId = ''] = [one, other]
  await workOrders().act({ orderId, action: 'merge', intoId, actor: 'duty', reason: 'One fire' })
  await expect(workOrders().followUp({ orderId, actor: 'duty' })).rejects.toThrow(`a part of the order ${intoId}`)
})

test('when a call makes it certain that somebody is trapped, the duty room hears of it with the crew, for it tells the passenger', async () => {
  await openDutyRoom()
  const deviceId = await elevator()
  await find(deviceId, 'elevator/alarm-button')
  const { id } = await call(deviceId)
  expect(await teamsTold(id)).toEqual(['crew-1', 'duty'])
  await call(deviceId, { summary: 'Two people are stuck' })
  expect(await teamsTold(id)).toEqual(['crew-1', 'crew-1', 'duty'])
})

test.each([
  ['an order of its own', false],
  ['a call that it joined', true],
])(
  'people inside that a camera tells of minutes after the crew was done with %s are told to the duty room, once',
  async (_, ofCall) => {
    await openDutyRoom()
    const deviceId = await elevator()
    if (ofCall) await call(deviceId)
    await report(deviceId)
    const [order] = await openOrders(deviceId)
    const orderId = order?.id ?? ''
    for (const action of ['accept', 'arrive', 'restore'] as const) {
      await workOrders().act({ orderId, action, actor: 'wang', ...(action === 'accept' && { technicianId: 'wang' }) })
    }
    const told = async () =>
      (await database.operations.notices({ orderId, limit: 100 })).items
        .filter(({ reason }) => reason === 'still-told')
        .map(({ recipient, state, content }) => [recipient.party, state, content.summary])
    now += minuteMs
    await report(deviceId)
    await report(deviceId)
    const once = ['duty-room', 'waiting', 'Two people']
    expect(await told()).toEqual([once])
    await workOrders().act({ orderId, action: 'close', actor: 'wang', outcome: 'repaired' })
    now += minuteMs
    await report(deviceId)
    await report(deviceId)
    expect(await told()).toEqual([once, once])
    expect(await openOrders(deviceId)).toEqual([])
    const events = await database.operations.orderEvents(orderId)
    expect(events.at(-1)).toMatchObject({ type: 'noted', data: { action: 'report', source: 'camera-7' } })
    now += 3 * minuteMs
    await report(deviceId)
    expect(await openOrders(deviceId)).toHaveLength(1)
  },
)

const said = { source: 'hotline', actor: 'hotline', state: 'open', severity: 'warning' } as const

test.each([
  ['hotline/report', '有人被困电梯，喘不过气', 'hotline/entrapment'],
  ['camera/people-trapped', 'Event 3312', 'camera/entrapment'],
  ['alertmanager/lift', 'People trapped in lift', 'alertmanager/entrapment'],
])(
  'another system tells of people shut in by %s, "%s": an entrapment, for which somebody goes at once',
  async (finding, summary, is) => {
    const deviceId = await elevator()
    await workOrders().report({ ...said, finding, summary, deviceId, externalId: deviceId })
    const [order, ...others] = await openOrders(deviceId)
    expect(order).toMatchObject({ finding: is, severity: 'critical', type: 'emergency', arriveBy: now + 30 * minuteMs })
    expect(await stepsOf(order?.id ?? '')).toContainEqual(['passenger-is-told', now + 2 * minuteMs])
    expect(others).toEqual([])
    await find(deviceId, 'elevator/entrapment', { severity: 'critical' })
    expect(await openOrders(deviceId)).toHaveLength(1)
  },
)

test('words of another system that nobody is shut in, or that are of a room, are what it calls them', async () => {
  const [deviceId, room] = [await elevator(), `room-${randomUUID()}`]
  await database.operations.insertDevice(testDevice({ id: room, kind: 'electricity-meter' }))
  for (const [id, finding, summary] of [
    [deviceId, 'camera/people-trapped', '无人被困'],
    [room, 'hotline/report', '有人被困'],
  ] as const) {
    await workOrders().report({ ...said, finding, summary, deviceId: id, externalId: id })
    expect(await openOrders(id)).toMatchObject([{ finding, severity: 'warning', type: 'planned' }])
  }
})

test('what becomes an entrapment by later words of another system has the order of one from then on', async () => {
  const deviceId = await elevator()
  const told = { ...said, finding: 'hotline/report', deviceId, externalId: deviceId }
  await workOrders().report({ ...told, summary: 'The lift is noisy' })
  await workOrders().report({ ...told, summary: 'A child is stuck in the lift' })
  expect(await openOrders(deviceId)).toMatchObject([
    { finding: 'elevator/entrapment', severity: 'critical', type: 'emergency' },
  ])
})

test('smoke that turns out to be people inside, right after its order was closed, has an order of its own', async () => {
  const deviceId = await elevator()
  const smoke = { finding: 'camera/smoke', severity: 'critical' } as const
  await report(deviceId, smoke)
  const [order] = await openOrders(deviceId)
  await closeAsFalseAlarm(order?.id ?? '')
  await report(deviceId, smoke)
  expect(await openOrders(deviceId)).toEqual([])
  await report(deviceId, { severity: 'critical' })
  expect(await openOrders(deviceId)).toMatchObject([{ finding: 'camera/entrapment', state: 'raised' }])
})

test('what a hotline writes under a known id in other words is read by the crew that has the order, once, times and shares aside', async () => {
  for (const finding of ['hotline/smoke', 'hotline/entrapment']) {
    const deviceId = await elevator()
    if (finding === 'hotline/entrapment') await call(deviceId)
    const write = async (summary: string) => {
      now += minuteMs
      const told = {
        deviceId,
        source: 'hotline',
        externalId: deviceId,
        actor: 'hotline',
        finding,
        state: 'open',
        summary,
      }
      await workOrders().report({ ...told, state: 'open', severity: 'urgent' })
    }
    await write('Thick air on floor 3 for 3 minutes, 10:42, 40 %, 21.5 °C')
    const [order] = await openOrders(deviceId)
    const orderId = order?.id ?? ''
    const before = (await toldAgain(orderId)).length
    await write('Thick air on floor 3 for 4 minutes, 10:43, 45%, 22.0 °C')
    expect(await toldAgain(orderId)).toHaveLength(before)
    for (const _ of ['once', 'again']) await write('My mother has asthma')
    const content = { summary: 'My mother has asthma' }
    expect((await toldAgain(orderId)).slice(0, -before || undefined)).toMatchObject([
      { content, recipient: { party: 'crew' } },
    ])
    const { reportedBy } = (await database.operations.order(orderId)) ?? {}
    expect(callersOf(reportedBy ?? null).map(({ words }) => words)).toContain('My mother has asthma')
    await workOrders().act({ orderId, action: 'accept', actor: 'wang', technicianId: 'wang' })
    for (const action of ['arrive', 'restore'] as const) await workOrders().act({ orderId, action, actor: 'wang' })
    await write('Thank you')
    expect(await toldAgain(orderId)).toHaveLength(before + 1)
  }
})

test('another door, number of people or phone under a known id is told to the crew, and so is the 21st wording', async () => {
  const deviceId = await elevator()
  const write = async (summary: string) => {
    now += minuteMs
    const told = { deviceId, source: 'hotline', externalId: deviceId, actor: 'hotline', finding: 'hotline/smoke' }
    await workOrders().report({ ...told, state: 'open', severity: 'critical', summary })
  }
  const anew = [
    ...['Smoke, building 8, flat 501, 2 people', 'Smoke, building 8, flat 1203, 2 people'],
    ...['Smoke, building 8, flat 1203, 6 people', '三号楼冒烟', '八号楼冒烟', '3号楼冒烟', '8号楼冒烟'],
    ...['Call 139 1111 2222', 'Call 139 1111 2223'],
    ...Array.from({ length: 12 }, (_, floor) => `Smoke on floor ${floor}`),
    ...['The child does not breathe', 'Two more came out'],
  ]
  await write('Smoke, building 3, flat 501, 2 people')
  const [order] = await openOrders(deviceId)
  const orderId = order?.id ?? ''
  for (const words of anew) await write(words)
  await write('Two more came out')
  const told = (await toldAgain(orderId)).map(({ content }) => content.summary)
  expect(told.sort()).toEqual(anew.toSorted())
  const { reportedBy } = (await database.operations.order(orderId)) ?? {}
  expect(callersOf(reportedBy ?? null).length).toBeLessThanOrEqual(20)
  const noted = (await database.operations.orderEvents(orderId)).filter(({ data }) => data?.action === 'report')
  expect(noted.map(({ data }) => data?.summary)).toEqual(anew)
})

test('what was over and comes back while its follow-up runs goes on there; where the crew of that has left, it is another thing', async () => {
  for (const severity of ['urgent', 'critical'] as const) {
    const deviceId = await elevator()
    const told = { deviceId, source: 'hotline', externalId: deviceId, actor: 'hotline', finding: 'hotline/hum' }
    const write = (summary: string, how: 'warning' | 'urgent' | 'critical', state: 'open' | 'cleared' = 'open') => {
      now += minuteMs
      return workOrders().report({ ...told, state, severity: how, summary })
    }
    const first = (await write('Hum', 'warning')).incident.orderId ?? ''
    await closeAsFalseAlarm(first)
    await write('Smoke', severity)
    const [follower] = await openOrders(deviceId)
    expect(follower).toMatchObject({ followsId: first, severity })
    await write('Out', severity, 'cleared')
    expect((await write('Flames, two children', 'critical')).incident).toMatchObject({
      state: 'open',
      severity: 'critical',
    })
    const orderId = follower?.id ?? ''
    expect(await openOrders(deviceId)).toMatchObject([{ id: orderId, severity: 'critical' }])
    const words = (await toldBy(orderId, 'upgraded', 'reported-again')).map(({ content }) => content.summary)
    expect(words).toContain('Flames, two children')

    await workOrders().act({ orderId, action: 'accept', actor: 'wang', technicianId: 'wang' })
    for (const action of ['arrive', 'restore'] as const) await workOrders().act({ orderId, action, actor: 'wang' })
    if (severity === 'urgent') await write('Out again', severity, 'cleared')
    else now += 5 * minuteMs
    const { incident } = await write('Flames once more', 'critical')
    expect(incident).toMatchObject({ severity: 'critical', summary: 'Flames once more' })
    expect(await openOrders(deviceId)).toContainEqual(
      expect.objectContaining({ id: incident.orderId, state: 'raised' }),
    )
  }
})

test('the same words once more, told behind a follow-up that is about something else, are heard by those who have that one', async () => {
  await openDutyRoom()
  const deviceId = await elevator()
  const smokes = (state: 'open' | 'cleared') => {
    const told = {
      deviceId,
      source: 'hotline',
      externalId: deviceId,
      actor: 'hotline',
      finding: 'hotline/smoke',
      state,
    }
    return workOrders().report({ ...told, severity: 'critical', summary: 'Smoke in the shaft' })
  }
  const orderId = (await smokes('open')).incident.orderId ?? ''
  await closeAsFalseAlarm(orderId)
  const request = { orderId, actor: 'duty', reason: 'left there', summary: 'Fetch the ladder' }
  const { order } = await workOrders().followUp({ ...request, severity: 'critical' })
  await smokes('cleared')
  now += minuteMs
  await smokes('open')
  const heard = await toldAgain(order.id)
  expect(heard.map(({ recipient }) => recipient.teamId).sort()).toEqual(['crew-1', 'duty'])
  expect(heard[0]?.content).toMatchObject({ summary: 'Smoke in the shaft' })
})

test('what is told while a drill runs is heard by the duty room, too, which announced it', async () => {
  await openDutyRoom()
  const deviceId = await elevator()
  const { id } = await call(deviceId)
  await call(deviceId, { summary: 'People are trapped in the lift' })
  expect(await teamsTold(id)).toEqual(['crew-1'])
  await workOrders().act({ orderId: id, action: 'note', actor: 'duty', verified: 'drill', note: 'A drill until 10:00' })
  await call(deviceId, { summary: 'This is real: people are trapped' })
  expect(await teamsTold(id)).toEqual(['crew-1', 'crew-1', 'duty'])
})

test.each([
  ['who is shut in', 'People are trapped, a child', certain, true],
  ['a danger as great as before', 'Flames', 'hotline/hum', true],
  ['a danger that was never over', 'Flames', 'hotline/hum', false],
])(
  '%s makes an emergency of the planned work that follows what people were done with',
  async (_, words, finding, isOver) => {
    const deviceId = await elevator()
    const told = { deviceId, source: 'hotline', externalId: deviceId, actor: 'hotline', finding: 'hotline/hum' }
    const write = (summary: string, state: 'open' | 'cleared' = 'open') => {
      now += minuteMs
      return workOrders().report({ ...told, state, severity: 'critical', summary })
    }
    const first = (await write('Hum')).incident.orderId ?? ''
    await closeAsFalseAlarm(first)
    if (isOver) await write('Out', 'cleared')
    const later = { orderId: first, actor: 'duty', summary: 'Grease the rail', severity: 'warning' } as const
    const { order } = await workOrders().followUp(later)
    expect(order).toMatchObject({ type: 'planned', arriveBy: null })
    await write(words)
    const rises = { id: order.id, finding, severity: 'critical', arriveBy: now + 30 * minuteMs }
    expect(await openOrders(deviceId)).toMatchObject([rises])
    expect((await toldBy(order.id, 'upgraded')).map(({ content }) => content.summary)).toContain(words)
  },
)

test('who is still told of 10 minutes after the crew came is told to the duty room and the crew, once in 10 minutes', async () => {
  await openDutyRoom()
  for (const ofCall of [false, true]) {
    const deviceId = await elevator()
    if (ofCall) await call(deviceId)
    await report(deviceId)
    const [order] = await openOrders(deviceId)
    const orderId = order?.id ?? ''
    for (const action of ['accept', 'arrive'] as const) {
      await workOrders().act({ orderId, action, actor: 'wang', ...(action === 'accept' && { technicianId: 'wang' }) })
    }
    const before = (await toldAgain(orderId)).length
    const after = async (minutes: number) => {
      now += minutes * minuteMs
      await report(deviceId)
      return (await toldAgain(orderId)).length - before
    }
    expect([await after(9), await after(1), await after(9), await after(1)]).toEqual([0, 2, 2, 4])
    expect(await openOrders(deviceId)).toHaveLength(1)
    const { items } = await database.operations.notices({ orderId, limit: 100 })
    const parties = items
      .filter(({ content }) => content.summary === 'Two people')
      .map(({ recipient }) => recipient.party)
    expect(new Set(parties)).toEqual(new Set(['crew', 'duty-room']))
  }
})

test.each(['it becomes an entrapment', 'it becomes critical'])(
  'an order has the plan of what it has become: when %s, its steps are watched by its own clock',
  async (how) => {
    const { operations } = database
    const step = (id: string, goal: 'accepted' | 'arrived', minutes: number) =>
      ({ id, goal, minutes, tell: ['duty-room'], reassign: false }) as const
    await operations.savePlan(
      {
        ...{
          id: 'bell',
          version: 1,
          name: { en: 'Bell', 'zh-CN': '警铃' },
          enabled: true,
          tell: ['crew'],
          askFirst: null,
        },
        match: { findings: ['elevator/alarm-button'], severities: ['urgent'] },
        steps: [step('somebody-accepts', 'accepted', 10), step('somebody-is-there', 'arrived', 20)],
      },
      null,
    )
    const deviceId = await elevator()
    await find(deviceId, 'elevator/alarm-button')
    const [order] = await openOrders(deviceId)
    const detectedAt = order?.detectedAt ?? 0
    expect(order?.plan?.id).toBe('bell')
    now += 6 * minuteMs
    if (how === 'it becomes critical') {
      const incident = await incidentOf(deviceId, 'elevator/alarm-button')
      if (incident === undefined) throw new Error('it has no incident')
      await operations.transaction((unit) => upgradeOrder(unit, { ...incident, severity: 'critical' }, now, now))
    } else await call(deviceId)
    await operations.deletePlan('bell', 1)

    const id = order?.id ?? ''
    expect((await operations.order(id))?.plan?.id).toBe('elevator-emergency')
    const rows = await operations.deadlinesOf(id)
    const open = rows.filter(({ state }) => state === 'open')
    const due = Object.fromEntries(open.map(({ step, dueAt }) => [step.id, (dueAt - detectedAt) / minuteMs]))
    // the crew has its five minutes before another one gets the order
    expect(due).toMatchObject({ 'duty-room-acknowledges': 1, 'crew-accepts': 11, 'crew-is-there': 30 })
    expect('passenger-is-told' in due).toBe(how === 'it becomes an entrapment')
    expect(rows.filter(({ state }) => state === 'void').map((row) => row.step.id)).toEqual([
      'somebody-accepts',
      'somebody-is-there',
    ])
    expect(await operations.missingDeadlines(now + 1)).toEqual({ count: 0, first: null })
    expect(await verifyAll(operations, memoryEvidence())).toMatchObject({ ok: true })
  },
)

test('who hears of an order for the first time when it has become an entrapment reads the whole first message, others what is told now', async () => {
  const { operations } = database
  await openDutyRoom()
  const plan = { id: 'smoke', version: 1, name: { en: 'Smoke', 'zh-CN': '烟雾' }, enabled: true, askFirst: null }
  const step = { id: 'somebody-is-there', goal: 'arrived', minutes: 20, tell: ['duty-room'], reassign: false } as const
  const match = { findings: ['camera/smoke'], severities: ['urgent'] } as const
  await operations.savePlan({ ...plan, match, tell: ['crew'], steps: [step] }, null)
  const deviceId = await elevator()
  const seen = await report(deviceId, { finding: 'camera/smoke' })
  await operations.deletePlan('smoke', 1)
  const teams = async (reason: string, orderId = seen.incident.orderId ?? '') =>
    (await operations.notices({ orderId, limit: 10 })).items
      .filter((notice) => notice.reason === reason)
      .map(({ recipient }) => recipient.teamId)
  expect(await teams('raised')).toEqual(['crew-1'])
  await report(deviceId)
  expect(await teams('raised')).toEqual(['duty', 'crew-1'])
  expect(await teams('upgraded')).toEqual(['crew-1'])
})

test('an order of a plan for all of an elevator that becomes an entrapment keeps it, and whether who is inside is told is watched', async () => {
  const { operations } = database
  const step = { id: 'somebody-is-there', goal: 'arrived', minutes: 20, tell: ['duty-room'], reassign: false } as const
  const plan = { id: 'lifts', version: 1, name: { en: 'Lifts', 'zh-CN': '电梯' }, enabled: true, askFirst: null }
  const match = { kinds: ['elevator'], severities: ['urgent', 'critical'] } as const
  await operations.savePlan({ ...plan, match, tell: ['crew'], steps: [step] }, null)
  const deviceId = await elevator()
  await find(deviceId, 'elevator/alarm-button')
  await call(deviceId)
  await operations.deletePlan('lifts', 1)

  const [order] = await openOrders(deviceId)
  const goals = (await operations.deadlinesOf(order?.id ?? '')).map(({ step }) => step.goal)
  expect([order?.plan?.id, goals.toSorted()]).toEqual(['lifts', ['arrived', 'passenger-told']])
  expect(await verifyAll(operations, memoryEvidence())).toMatchObject({ ok: true })
})
