import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { minuteMs } from '../../core/clock.ts'
import type { EpisodeEvent } from '../../core/episode.ts'
import { memoryEvidence } from '../../stores/evidence/memory.ts'
import { elevatorCalls, standBy } from '../../test/elevator-calls.ts'
import { testTeam } from '../../test/fixtures/people.ts'
import { testDevice } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { verifyAll } from '../evidence/verify.ts'
import type { OrderAction } from './transitions.ts'

/*
 * People shut in, as several sensors and callers tell of it: one order, with the earliest clock, whoever came first and whatever
 * people had done by then.
 */

let now = Date.UTC(2026, 10, 24, 8)
let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase()
  const crews = ['crew-1', 'crew-2'].map((id) => testTeam(id, { addresses: [{ channelId: 'ch', address: id }] }))
  await standBy(database.operations, ...crews)
})
afterEach(async () => {
  const missing = await database.operations.missingDeadlines(Date.UTC(2100, 0))
  expect(missing).toEqual({ count: 0, first: null })
})
afterAll(() => database.remove())
beforeEach(() => {
  now += 240 * minuteMs
})

const { workOrders, elevator, find, release } = elevatorCalls({
  operations: () => database.operations,
  clock: () => now,
})

const shutIn = (deviceId: string, given: Partial<EpisodeEvent> = {}) =>
  find(deviceId, 'elevator/entrapment', { severity: 'critical', ...given })

async function call(deviceId: string, summary = 'People trapped') {
  const said = { deviceId, actor: 'duty', summary, severity: 'urgent' as const }
  return (await workOrders().openByHand({ ...said, reportedBy: { name: 'Mrs Li' } })).order
}

async function press(orderId: string, ...actions: OrderAction[]): Promise<void> {
  for (const action of actions) {
    const crew = action === 'accept' && { technicianId: 'wang', teamId: 'crew-2' }
    const closing = action === 'close' && { outcome: 'repaired' as const }
    await workOrders().act({ orderId, action, actor: 'wang', ...crew, ...closing })
  }
}

const openOrders = async (deviceId: string) =>
  (await database.operations.orders({ deviceId, state: 'open', limit: 10 })).items
const theOrder = async (deviceId: string) => {
  const [order, ...others] = await openOrders(deviceId)
  if (order === undefined || others.length > 0) throw new Error(`${others.length + 1} orders of ${deviceId}`)
  return order
}
const incidentOf = async (deviceId: string, finding: string) =>
  (await database.operations.incidents({ deviceId, finding, limit: 1 })).items[0]
const toldOf = async (orderId: string, reason: string) =>
  (await database.operations.notices({ orderId, limit: 100 })).items
    .filter((notice) => notice.reason === reason)
    .map(({ recipient }) => recipient.teamId)
const expectChainsWhole = async () =>
  expect(await verifyAll(database.operations, memoryEvidence())).toMatchObject({ ok: true })

test('what joined a call and becomes worse raises the order of the call, and its crew is told', async () => {
  const deviceId = await elevator()
  const summary = 'The lift stands between two floors'
  const { id, incidentId, arriveBy } = await call(deviceId, summary)
  await find(deviceId, 'elevator/door-fault')
  expect(await theOrder(deviceId)).toMatchObject({ id, severity: 'urgent' })
  now += minuteMs
  await find(deviceId, 'elevator/door-fault', { change: 'upgraded', severity: 'critical' })

  expect(await theOrder(deviceId)).toMatchObject({ id, severity: 'critical', arriveBy, summary })
  expect(await database.operations.incident(incidentId)).toMatchObject({ severity: 'critical' })
  const risen = (await database.operations.orderEvents(id)).filter(({ type }) => type === 'upgraded')
  expect(risen).toMatchObject([{ data: { from: 'urgent', to: 'critical' } }])
  expect(await toldOf(id, 'upgraded')).toHaveLength(1)
  await find(deviceId, 'elevator/door-fault', { change: 'upgraded', severity: 'critical' })
  expect(await toldOf(id, 'upgraded')).toHaveLength(1)
  await expectChainsWhole()
})

test('whoever hears that an order became worse reads by whose words in the same notice, and no other one', async () => {
  const deviceId = await elevator()
  const { id, teamId } = await call(deviceId, 'The lift stands between two floors')
  now += minuteMs
  await find(deviceId, 'elevator/entrapment', { severity: 'critical' })
  const { items } = await database.operations.notices({ orderId: id, limit: 100 })
  const toCrew = items.filter(({ createdAt, recipient }) => createdAt === now && recipient.teamId === teamId)
  const summary = 'A sensor says elevator/entrapment'
  expect(toCrew).toMatchObject([{ reason: 'upgraded', content: { severity: 'critical', summary } }])
})

test('what joined an order that was merged raises the one that goes on, under its own words', async () => {
  const deviceId = await elevator()
  const camera = { deviceId, source: 'camera-7', actor: 'camera-7', finding: 'camera/entrapment' } as const
  const seen = { ...camera, severity: 'urgent', summary: 'Two people', state: 'open' } as const
  const first = (await workOrders().report({ ...seen, externalId: deviceId })).incident.orderId ?? ''
  now += 151 * minuteMs
  const second = (await workOrders().report({ ...seen, externalId: `${deviceId} later` })).incident.orderId ?? ''
  await find(deviceId, 'elevator/door-fault')
  await workOrders().act({ orderId: second, action: 'merge', actor: 'duty', intoId: first })
  await find(deviceId, 'elevator/door-fault', { change: 'upgraded', severity: 'critical' })
  expect(await theOrder(deviceId)).toMatchObject({ id: first, severity: 'critical', summary: 'Two people' })

  await press(first, 'accept', 'arrive', 'restore', 'close')
  await release()
  expect(await theOrder(deviceId)).toMatchObject({ finding: 'elevator/door-fault', severity: 'critical' })
  await expectChainsWhole()
})

test('what an outage explains makes its order no more severe', async () => {
  const gatewayId = `gw-${randomUUID()}`
  await database.operations.insertGateway({
    ...{ id: gatewayId, name: null, autoRegister: null, createdAt: 0, revokedAt: null },
  })
  const deviceId = `elv-${randomUUID()}`
  await database.operations.insertDevice(testDevice({ id: deviceId, gatewayId }))
  await find(deviceId, 'gateway/silent', { scope: { type: 'gateway', id: gatewayId }, deviceId: null })
  await find(deviceId, 'elevator/silent')
  await find(deviceId, 'elevator/silent', { change: 'upgraded', severity: 'critical' })
  expect(await incidentOf(deviceId, 'elevator/silent')).toMatchObject({ state: 'suppressed', severity: 'critical' })
  const order = (await database.operations.orders({ finding: 'gateway/silent', limit: 1 })).items[0]
  expect(order).toMatchObject({ severity: 'urgent' })
})

test.each([
  ['acknowledged', ['acknowledge']],
  ['accepted', ['accept']],
  ['arrived', ['accept', 'arrive']],
] as const)(
  'the alarm was pressed and its order is %s, then people are found shut in: that order, about them',
  async (state, actions) => {
    const deviceId = await elevator()
    await find(deviceId, 'elevator/alarm-button')
    const { id, arriveBy, detectedAt } = await theOrder(deviceId)
    await press(id, ...actions)
    now += 9 * minuteMs
    await shutIn(deviceId)

    const order = await theOrder(deviceId)
    expect(order).toMatchObject({ id, state, arriveBy, severity: 'critical', finding: 'elevator/entrapment' })
    expect(await incidentOf(deviceId, 'elevator/entrapment')).toMatchObject({
      ...{ state: 'suppressed', parentId: order.incidentId, orderId: null },
      suppressed: { by: 'inhibition', orderId: id },
    })
    expect(await incidentOf(deviceId, 'elevator/alarm-button')).toMatchObject({ parentId: null, suppressed: null })
    const steps = (await database.operations.deadlinesOf(id)).map(({ step, dueAt }) => [step.id, dueAt])
    expect(steps).toContainEqual(['passenger-is-told', detectedAt + 2 * minuteMs])
    const { items } = await database.operations.notices({ orderId: id, limit: 100 })
    const toCrew = items.filter(({ createdAt, recipient }) => createdAt === now && recipient.teamId === order.teamId)
    expect(toCrew).toHaveLength(1)
    expect(['raised', 'upgraded']).toContain(toCrew[0]?.reason)
    await expectChainsWhole()
  },
)

test.each([
  ['a crew is on its way', ['accept'], 25, 1],
  ['a crew is late, and nobody is left to be told', ['accept'], 45, 2],
  ['nobody is on the way yet, and it is late', ['acknowledge'], 31, 2],
  ['a crew has been there for a quarter of an hour', ['accept', 'arrive'], 15, 2],
  ['a crew was there and left without a word', ['accept', 'arrive'], 45, 2],
] as const)(
  'the alarm was pressed and %s, then people are found shut in: their 30 minutes run',
  async (_, actions, minutes, orders) => {
    const deviceId = await elevator()
    await find(deviceId, 'elevator/alarm-button')
    await press((await theOrder(deviceId)).id, ...actions)
    now += minutes * minuteMs
    await shutIn(deviceId)
    const open = await openOrders(deviceId)
    expect(open).toHaveLength(orders)
    if (orders === 2) {
      const own = { finding: 'elevator/entrapment', state: 'raised', arriveBy: now + 30 * minuteMs }
      expect(open).toContainEqual(expect.objectContaining(own))
    }
  },
)

test.each([
  ['a crew is on its way', ['accept'], 25, 1],
  ['a crew is late', ['accept'], 45, 2],
  ['a crew was there and left without a word', ['accept', 'arrive'], 45, 2],
] as const)('somebody called and %s, then people are found shut in', async (_, actions, minutes, orders) => {
  const deviceId = await elevator()
  await press((await call(deviceId)).id, ...actions)
  now += minutes * minuteMs
  await shutIn(deviceId)
  expect(await openOrders(deviceId)).toHaveLength(orders)
})

test.each([
  ['a few minutes', 5, 1],
  ['a quarter of an hour', 15, 2],
])('the crew came, the people are out, and %s later somebody is shut in again', async (_, minutes, orders) => {
  const deviceId = await elevator()
  await shutIn(deviceId)
  await press((await theOrder(deviceId)).id, 'accept', 'arrive')
  await shutIn(deviceId, { change: 'cleared' })
  now += minutes * minuteMs
  await release()
  await shutIn(deviceId)
  expect(await openOrders(deviceId)).toHaveLength(orders)
})

test.each([
  ['on its way', ['accept'], 1],
  ['there, and may have left', ['accept', 'arrive'], 2],
] as const)('the alarm is over and its crew is %s, then people are found shut in', async (_, actions, orders) => {
  const deviceId = await elevator()
  await find(deviceId, 'elevator/alarm-button')
  await press((await theOrder(deviceId)).id, ...actions)
  await find(deviceId, 'elevator/alarm-button', { change: 'cleared' })
  now += 3 * minuteMs
  await release()
  expect(await incidentOf(deviceId, 'elevator/alarm-button')).toMatchObject({ state: 'cleared' })
  await shutIn(deviceId)
  expect(await openOrders(deviceId)).toHaveLength(orders)
})

test('the button is let go, but people are still shut in: nobody else is sent while the crew is on its way, somebody when it leaves', async () => {
  const deviceId = await elevator()
  await find(deviceId, 'elevator/alarm-button')
  const { id } = await theOrder(deviceId)
  await press(id, 'accept')
  await shutIn(deviceId)
  await find(deviceId, 'elevator/alarm-button', { change: 'cleared' })
  now += 3 * minuteMs
  await release()
  expect(await incidentOf(deviceId, 'elevator/alarm-button')).toMatchObject({ state: 'cleared' })
  expect(await theOrder(deviceId)).toMatchObject({ id })

  await press(id, 'arrive', 'restore', 'close')
  now += minuteMs
  await release()
  const next = await theOrder(deviceId)
  expect(next).toMatchObject({ finding: 'elevator/entrapment', severity: 'critical', detectedAt: now })
  await release()
  expect(await theOrder(deviceId)).toMatchObject({ id: next.id })
})

test('people are shut in once more after the crew has let them out: that is an order of its own', async () => {
  const deviceId = await elevator()
  await find(deviceId, 'elevator/alarm-button')
  const { id } = await theOrder(deviceId)
  await press(id, 'accept')
  await shutIn(deviceId)
  await press(id, 'arrive', 'restore')
  await shutIn(deviceId, { change: 'cleared' })
  now += minuteMs
  await shutIn(deviceId)
  expect((await openOrders(deviceId)).map((order) => [order.finding, order.state])).toEqual([
    ['elevator/entrapment', 'raised'],
    ['elevator/entrapment', 'restored'],
  ])
})

test('an alarm that a call has joined already takes who is found shut in, though nobody has answered it', async () => {
  const deviceId = await elevator()
  await find(deviceId, 'elevator/alarm-button')
  const { id } = await call(deviceId)
  await shutIn(deviceId)
  expect(await theOrder(deviceId)).toMatchObject({ id, state: 'raised', reportedBy: { name: 'Mrs Li' } })
  const alarm = await incidentOf(deviceId, 'elevator/alarm-button')
  expect(alarm).toMatchObject({ state: 'open', parentId: null, suppressed: null, orderId: id })
  expect(await release()).toEqual([])
  await expectChainsWhole()
})

test('an alarm that nobody has answered ends in the order for who is shut in, with its clock', async () => {
  const deviceId = await elevator()
  await find(deviceId, 'elevator/alarm-button')
  const { id, arriveBy } = await theOrder(deviceId)
  now += 2 * minuteMs
  await shutIn(deviceId)
  const order = await theOrder(deviceId)
  expect(order).toMatchObject({ finding: 'elevator/entrapment', arriveBy })
  expect(await database.operations.order(id)).toMatchObject({ state: 'cancelled', mergedIntoId: order.id })
})

test.each([
  ['a door fault that somebody is on the way for', 'elevator/door-fault', 2, 1],
  ['a door fault that somebody was sent for a quarter of an hour before', 'elevator/door-fault', 15, 2],
  ['a hot motor', 'elevator/motor-over-temperature', 2, 2],
  ['an alarm of hours before, which nobody closed', 'elevator/alarm-button', 151, 2],
])('%s and people shut in', async (_, finding, minutesBefore, orders) => {
  const deviceId = await elevator()
  await find(deviceId, finding)
  await press((await theOrder(deviceId)).id, 'accept')
  now += minutesBefore * minuteMs
  await shutIn(deviceId)
  expect(await openOrders(deviceId)).toHaveLength(orders)
})

test.each([
  ['nobody has answered', [], 'raised', 'crew'],
  ['is acknowledged', ['acknowledge'], 'acknowledged', 'crew'],
  ['a crew is on its way for', ['accept'], 'accepted', 'crew-2'],
] as const)(
  'a door fault, then a call that %s, then people are found shut in: one order, with the earliest clock',
  async (_, actions, state, crew) => {
    const deviceId = await elevator()
    await find(deviceId, 'elevator/door-fault')
    const first = await theOrder(deviceId)
    now += minuteMs
    const called = await call(deviceId)
    await press(called.id, ...actions, ...(state === 'accepted' ? (['tell-passenger'] as const) : []))
    const doneAt = now
    now += minuteMs
    await shutIn(deviceId)

    const order = await theOrder(deviceId)
    expect(order).toMatchObject({
      ...{ id: first.id, state, arriveBy: first.arriveBy, finding: 'elevator/entrapment', severity: 'critical' },
      ...{ teamId: expect.stringMatching(crew), reportedBy: { name: 'Mrs Li' } },
      ...{ technicianId: state === 'accepted' ? 'wang' : null, acceptedAt: state === 'accepted' ? doneAt : null },
      ...{ acknowledgedAt: state === 'raised' ? null : doneAt, passengerToldAt: state === 'accepted' ? doneAt : null },
    })
    const seen = { acknowledgedAt: order.acknowledgedAt, acknowledgedBy: state === 'raised' ? null : 'wang' }
    expect(await database.operations.incident(order.incidentId)).toMatchObject(seen)
    expect(await database.operations.order(called.id)).toMatchObject({ state: 'cancelled', mergedIntoId: first.id })
    const open = (await database.operations.deadlinesOf(called.id)).filter((deadline) => deadline.state === 'open')
    expect(open).toEqual([])
    expect(await toldOf(first.id, 'reported-again')).toEqual([order.teamId])
    expect(await release()).toEqual([])
    await expectChainsWhole()

    // and it goes on as one: closed, with people still in there, it is sent again
    await press(order.id, ...(state === 'accepted' ? [] : (['accept'] as const)), 'arrive', 'restore', 'close')
    await release()
    expect(await theOrder(deviceId)).toMatchObject({ finding: 'elevator/entrapment', detectedAt: now })
  },
)

test('a call, then a door fault that joined nothing, then people are found shut in: the order of the call takes the fault over', async () => {
  const deviceId = await elevator()
  const order = await call(deviceId)
  await press(order.id, 'accept')
  await find(deviceId, 'elevator/stopped-outside-zone')
  await shutIn(deviceId)
  expect(await theOrder(deviceId)).toMatchObject({ id: order.id, state: 'accepted' })
})

test('what was seen of the people is frozen beside what was seen of the alarm that their order was opened for', async () => {
  const deviceId = await elevator()
  await find(deviceId, 'elevator/alarm-button')
  const { id } = await theOrder(deviceId)
  await press(id, 'accept')
  await shutIn(deviceId)
  const trapped = await incidentOf(deviceId, 'elevator/entrapment')
  const tasks: string[] = []
  for (;;) {
    const task = await database.operations.claimEvidenceTask(now + 60 * minuteMs)
    if (task === undefined) break
    await database.operations.finishEvidenceTask(task, now)
    if (task.incidentId === trapped?.id) tasks.push(task.part)
  }
  expect(tasks.sort()).toEqual(['after', 'before'])
})

test.each([
  ['its own order', false],
  ['the order of a call', true],
])('who is still shut in when %s was restored is sent for again once the car has told so', async (_, isCalled) => {
  const deviceId = await elevator()
  if (isCalled) await call(deviceId)
  await shutIn(deviceId)
  const { id } = await theOrder(deviceId)
  await press(id, 'accept', 'arrive', 'restore')
  const restoredAt = now
  now += 2 * minuteMs
  expect(await release()).toEqual([])
  expect(await release(now - 1)).toEqual([])
  now += minuteMs
  if (!isCalled) await press(id, 'close')
  expect(await release(restoredAt + 2 * minuteMs - 1)).toEqual([])

  expect(await release(restoredAt + 2 * minuteMs)).toMatchObject([{ finding: 'elevator/entrapment', state: 'open' }])
  const [again] = await openOrders(deviceId)
  expect(again).toMatchObject({ state: 'raised', arriveBy: now + 30 * minuteMs })
  expect(await release(now)).toEqual([])
  await expectChainsWhole()
})

test.each([
  ['its own order', false],
  ['the order of a call', true],
])('who is still shut in when what %s was merged into is restored is sent for again', async (_, isCalled) => {
  const deviceId = await elevator()
  const seen = { deviceId, source: 'camera-7', actor: 'camera-7', finding: 'camera/entrapment', state: 'open' } as const
  const told = { externalId: deviceId, severity: 'urgent', summary: 'Two people' } as const
  const first = (await workOrders().report({ ...seen, ...told })).incident.orderId ?? ''
  now += 151 * minuteMs
  if (isCalled) await call(deviceId)
  await shutIn(deviceId)
  const [second] = (await openOrders(deviceId)).filter(({ id }) => id !== first)
  await workOrders().act({ orderId: second?.id ?? '', action: 'merge', actor: 'duty', intoId: first })
  await press(first, 'accept', 'arrive', 'restore')
  now += 3 * minuteMs
  expect(await release(now)).toMatchObject([{ finding: 'elevator/entrapment', state: 'open' }])
  expect((await openOrders(deviceId)).map(({ state }) => state)).toEqual(['raised', 'restored'])
  expect(await release(now)).toEqual([])
  await expectChainsWhole()
})

test('nobody is sent again where the door opened after the crew had restored it, or while the car says nothing', async () => {
  const deviceId = await elevator()
  await shutIn(deviceId)
  await press((await theOrder(deviceId)).id, 'accept', 'arrive', 'restore')
  now += 10 * minuteMs
  expect(await release(now - 9 * minuteMs)).toEqual([])
  await shutIn(deviceId, { change: 'cleared' })
  expect(await release(now)).toEqual([])
  expect(await openOrders(deviceId)).toMatchObject([{ state: 'restored' }])
})

test('a sensor that never drops sends nobody again once people have closed it as a false alarm, until its rule finds it again', async () => {
  const deviceId = await elevator()
  await shutIn(deviceId)
  const { id } = await theOrder(deviceId)
  await press(id, 'accept', 'arrive', 'restore')
  await workOrders().act({ orderId: id, action: 'close', actor: 'duty', outcome: 'false-alarm' })
  now += 3 * minuteMs
  expect(await release(now)).toEqual([])
  await shutIn(deviceId, { change: 'repeated' })
  expect(await theOrder(deviceId)).toMatchObject({ state: 'raised', arriveBy: now + 30 * minuteMs })
})

test.each([
  ['before', 1],
  ['after', 3],
])(
  'what a sensor has called over is open until its order ends, for a call %s it was cleared says otherwise',
  async (_, minutes) => {
    const deviceId = await elevator()
    await shutIn(deviceId)
    const { id } = await theOrder(deviceId)
    await press(id, 'accept')
    await shutIn(deviceId, { change: 'cleared' })
    now += minutes * minuteMs
    await release(now)
    const state = minutes > 2 ? 'cleared' : 'open'
    expect(await incidentOf(deviceId, 'elevator/entrapment')).toMatchObject({ state })

    expect(await call(deviceId)).toMatchObject({ id, state: 'accepted' })
    now += 10 * minuteMs
    expect(await release(now)).toEqual([])
    expect(await incidentOf(deviceId, 'elevator/entrapment')).toMatchObject({
      state: 'open',
      clearedAt: null,
      count: 2,
    })
    await press(id, 'arrive', 'restore')
    now += 10 * minuteMs
    expect(await release(now)).toEqual([])
    await press(id, 'close')
    expect(await incidentOf(deviceId, 'elevator/entrapment')).toMatchObject({ state: 'cleared', clearedAt: now })
  },
)

test.each([
  ['before', 3],
  ['after', 0],
])(
  'a gateway that falls silent %s a call says that people are inside ends nothing when it comes back',
  async (_, minutes) => {
    const deviceId = await elevator()
    await shutIn(deviceId)
    const { id } = await theOrder(deviceId)
    await shutIn(deviceId, { change: 'cleared' })
    now += minuteMs
    const silence = { scope: { type: 'gateway', id: 'gw-1' }, deviceId: null, severity: 'warning' } as const
    if (minutes > 0) await find(deviceId, 'gateway/silent', silence)
    now += minutes * minuteMs
    await call(deviceId)
    if (minutes === 0) await find(deviceId, 'gateway/silent', silence)
    now += 10 * minuteMs
    await find(deviceId, 'gateway/silent', { ...silence, change: 'cleared' })
    now += 10 * minuteMs
    expect(await release(now)).toEqual([])
    expect(await incidentOf(deviceId, 'elevator/entrapment')).toMatchObject({
      state: 'open',
      clearedAt: null,
      count: 2,
    })
    await workOrders().act({ orderId: id, action: 'cancel', actor: 'duty', reason: 'They walked out' })
    expect(await incidentOf(deviceId, 'elevator/entrapment')).toMatchObject({ state: 'cleared', clearedAt: now })
  },
)
