import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../../core/clock.ts'
import type { ResponsePlan } from '../../core/plan.ts'
import { words } from '../../core/words.ts'
import { kinds } from '../../devices/index.ts'
import { createRegistry } from '../../registry/registry.ts'
import { memoryEvidence } from '../../stores/evidence/memory.ts'
import { elevatorCalls, standBy } from '../../test/elevator-calls.ts'
import { testMember, testRoster, testShift, testTeam } from '../../test/fixtures/people.ts'
import { testDevice } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { recordEvent } from '../evidence/chain.ts'
import { verifyAll } from '../evidence/verify.ts'
import type { ActionRequest } from '../life/transitions.ts'
import { createBury } from '../notices/bury.ts'
import { tellMoved } from '../notices/tell-moved.ts'
import { stateOf, wordNotice } from '../notices/wording.ts'

/* An order that another crew gets, or nobody is to go for any more, and a crew that calls for help: each time somebody hears of it. */

/** 09:00 in Hangzhou; a day later for each test. */
let now = 0
let day = Date.UTC(2026, 10, 23, 1)
let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase()
  const { operations } = database
  const teams = ['crew-1', 'crew-2', 'duty'].map((id) => {
    const type = id === 'duty' ? 'duty-room' : 'crew'
    return testTeam(id, { type, addresses: [{ channelId: 'ch', address: id }] })
  })
  await standBy(operations, ...teams)
  await operations.insertMember(testMember('li', 'crew-1'))
  await operations.putRoster(testRoster('crew-1', [testShift('00:00', '12:00', ['li'])]))
  await operations.savePlan(askingTheTenant, null)
})
afterEach(async () => {
  const missing = await database.operations.missingDeadlines(Date.UTC(2100, 0))
  expect(missing).toEqual({ count: 0, first: null })
})
afterAll(() => database.remove())
beforeEach(() => {
  day += 24 * hourMs
  now = day
})

const askingTheTenant: ResponsePlan = {
  ...{ id: 'ask', version: 1, name: { en: 'Ask', 'zh-CN': '先问' }, enabled: true, tell: ['duty-room', 'crew'] },
  match: { findings: ['elevator/fault-code'], severities: ['urgent'] },
  askFirst: { party: 'tenant', minutes: 4 },
  steps: [{ id: 'crew-is-there', goal: 'arrived', minutes: 30, tell: ['duty-room'], reassign: false }],
}

/** Who is asked first, by `askingTheTenant`. */
const tenant = { role: 'tenant', name: 'Chen', phone: null, addresses: [{ channelId: 'ch', address: 'chen' }] } as const

const { workOrders, elevator, find, fireDue } = elevatorCalls({
  operations: () => database.operations,
  clock: () => now,
})

const act = (orderId: string, action: ActionRequest['action'], said: Partial<ActionRequest> = {}) =>
  workOrders().act({ actor: 'duty', ...said, orderId, action })
const orderOf = async (deviceId: string) => {
  const [order] = (await database.operations.orders({ deviceId, limit: 1 })).items
  if (order === undefined) throw new Error(`there is no order of ${deviceId}`)
  return order
}
const trapped = async () => {
  const deviceId = await elevator()
  await find(deviceId, 'elevator/entrapment', { severity: 'critical' })
  return orderOf(deviceId)
}
const noticesOf = async (orderId: string) => (await database.operations.notices({ orderId, limit: 100 })).items
const toldOf = async (orderId: string) =>
  (await noticesOf(orderId)).map(({ reason, recipient }) => `${reason} ${recipient.teamId}`).sort()
const escalationsOf = async (orderId: string) =>
  (await database.operations.orderEvents(orderId))
    .filter(({ type }) => type === 'escalated')
    .map(({ at, data }) => `${data.step} ${(at - now) / minuteMs}`)

test('whoever was told to go to an elevator hears once that it hangs elsewhere, until somebody is there', async () => {
  const { operations } = database
  const registry = createRegistry({ operations, kinds, clock: () => now, onChange: () => {}, onMoved: tellMoved })
  await registry.addSite({ id: 'lake', type: 'estate', name: 'Lakeside' }, 'operator')
  for (const id of ['b1', 'b2']) {
    await registry.addSite({ id, type: 'building', name: `Building ${id}`, parentId: 'lake' }, 'operator')
  }
  const put = (siteId: string, deviceId: string) => registry.updateDevice(deviceId, { siteId }, 'operator')
  const { id, deviceId, teamId } = await trapped()
  const elevatorId = deviceId ?? ''
  await put('b1', elevatorId)
  const moved = async () => (await noticesOf(id)).filter(({ reason }) => reason === 'moved')
  expect((await moved()).map(({ recipient }) => recipient.teamId).toSorted()).toEqual([teamId, 'duty'].toSorted())
  const order = await orderOf(elevatorId)
  const [toCrew] = (await moved()).filter(({ recipient }) => recipient.teamId === teamId)
  if (toCrew === undefined) throw new Error('the crew hears nothing')
  const { title, lines } = wordNotice({ ...toCrew, recipient: { ...toCrew.recipient, locale: 'en' } }, order, null, now)
  expect([title, lines.join()]).toEqual([
    expect.stringContaining('The place was put right'),
    expect.stringContaining('Lakeside / Building b1'),
  ])
  await put('b1', elevatorId)
  expect(await moved()).toHaveLength(2)
  const csv = `id,kind,gatewayId,siteId\n${elevatorId},elevator,gw-1,b2\n`
  await registry.applyImport('devices', Buffer.from(csv), 'operator')
  expect(await moved()).toHaveLength(4)
  const noted = (await operations.orderEvents(id)).filter(({ data }) => data.action === 'moved')
  expect(noted.map(({ data }) => [data.fromSiteId, data.siteId])).toEqual([
    [null, 'b1'],
    ['b1', 'b2'],
  ])
  expect(await orderOf(elevatorId)).toMatchObject({ siteId: 'b2' })
  const { incidentId } = order
  const path = { estate: 'lake', building: 'b2' }
  expect((await operations.incident(incidentId))?.place).toMatchObject({ siteId: 'b2', path })
  expect(await verifyAll(operations, memoryEvidence())).toMatchObject({ ok: true })
  for (const action of ['accept', 'arrive'] as const) await act(id, action, { technicianId: 'li' })
  await put('b1', elevatorId)
  expect(await moved()).toHaveLength(4)
  await act(id, 'cancel', { reason: 'A test' })
})

test('while a car still tells of somebody shut in, the crew that is there and who sent it hear of it once in ten minutes, until it is restored', async () => {
  const { id, incidentId } = await trapped()
  const toldOnSite = async () => (await escalationsOf(id)).filter((told) => told.startsWith('still-felt')).length
  const after = async (minutes: number) => {
    now += minutes * minuteMs
    await fireDue()
    return toldOnSite()
  }
  for (const action of ['accept', 'arrive'] as const) await act(id, action, { technicianId: 'li' })
  expect([await after(9), await after(1), await after(65), await after(1)]).toEqual([0, 1, 2, 2])
  const heard = (await noticesOf(id)).filter(({ content }) => content.missed === 'restored')
  expect(new Set(heard.map(({ recipient }) => recipient.party))).toEqual(new Set(['duty-room', 'crew']))
  await database.operations.updateIncident(incidentId, { state: 'cleared', clearedAt: now })
  expect(await after(10)).toBe(2)
  await database.operations.updateIncident(incidentId, { state: 'open', clearedAt: null })
  expect(await after(10)).toBe(3)
  await act(id, 'restore', { technicianId: 'li' })
  const rows = (await database.operations.deadlinesOf(id)).filter(({ step }) => step.id === 'still-felt')
  expect(rows.filter(({ state }) => state === 'open')).toEqual([])
  await act(id, 'cancel', { reason: 'A test' })
})

test.each([
  ['a call that our sensor joined', 2],
  ['a call alone, of which nobody but people can say that it is over', 0],
])('somebody shut in while the crew is there, of %s', async (_, times) => {
  const deviceId = await elevator()
  const call = { deviceId, actor: 'duty', summary: 'People trapped', severity: 'critical' as const }
  const { id } = (await workOrders().openByHand(call)).order
  if (times > 0) await find(deviceId, 'elevator/entrapment', { severity: 'critical' })
  for (const action of ['accept', 'arrive'] as const) await act(id, action, { technicianId: 'li' })
  for (let told = 0; told < 2; told += 1) {
    now += 10 * minuteMs
    await fireDue()
  }
  expect((await escalationsOf(id)).filter((told) => told.startsWith('still-felt'))).toHaveLength(times)
  await act(id, 'cancel', { reason: 'A test' })
})

test('what becomes a danger after the crew arrived is watched from then on', async () => {
  const deviceId = await elevator()
  await find(deviceId, 'elevator/door-fault', { severity: 'urgent' })
  const { id } = await orderOf(deviceId)
  for (const action of ['accept', 'arrive'] as const) await act(id, action, { technicianId: 'li' })
  const watched = async () =>
    (await database.operations.deadlinesOf(id)).filter(
      ({ step, state }) => step.id === 'still-felt' && state === 'open',
    )
  expect(await watched()).toEqual([])
  for (const change of ['upgraded', 'repeated'] as const)
    await find(deviceId, 'elevator/door-fault', { change, severity: 'critical' })
  expect(await watched()).toHaveLength(1)
  await act(id, 'cancel', { reason: 'A test' })
})

test('each call for help is told, with its own words', async () => {
  const { id } = await trapped()
  await act(id, 'accept', { technicianId: 'li' })
  await act(id, 'arrive', { technicianId: 'li' })
  await act(id, 'ask-for-help', { note: 'Bring a ladder' })
  await act(id, 'ask-for-help', { note: 'Fire brigade, smoke!' })

  const calls = (await noticesOf(id)).filter(({ reason }) => reason === 'escalated')
  const order = await database.operations.order(id)
  const told = calls.map((notice) =>
    wordNotice({ ...notice, recipient: { ...notice.recipient, locale: 'en' } }, order, null, now),
  )
  for (const words of ['Bring a ladder', 'Fire brigade, smoke!']) {
    expect(told.filter(({ lines }) => lines.includes(`They say: ${words}`)).length).toBeGreaterThan(0)
  }
  expect(new Set(told.map(({ title }) => title.split(':')[0]))).toEqual(new Set(['[critical] Help is asked for']))
})

test.each([
  ['cancel', { reason: 'A drill' }, 'cancelled'],
  ['close', { outcome: 'false-alarm' }, 'closed'],
] as const)('a crew that was called to help is called back with the other: %s', async (action, said, reason) => {
  const { id } = await trapped()
  await act(id, 'accept', { technicianId: 'li', teamId: 'crew-1' })
  await act(id, 'ask-for-help', { note: 'Need two more' })
  const called = (await noticesOf(id)).filter(({ recipient }) => recipient.party === 'next-crew')
  expect(called.map(({ recipient }) => recipient.teamId)).toEqual(['crew-2'])
  await database.operations.markSent(called.map((notice) => ({ id: notice.id, sentAt: now, sentAs: notice.key })))
  await act(id, action, said)
  const told = (await toldOf(id)).filter((one) => one.startsWith(reason))
  expect(told).toEqual(expect.arrayContaining([`${reason} crew-1`, `${reason} crew-2`]))
})

test('a crew that gets an order which another had accepted is watched from then on, and the arrival clock runs on', async () => {
  const { id, arriveBy } = await trapped()
  await act(id, 'acknowledge')
  await act(id, 'tell-passenger')
  await act(id, 'accept', { technicianId: 'li', teamId: 'crew-1' })
  now += 8 * minuteMs
  const given = await act(id, 'reassign', { teamId: 'crew-2' })
  expect(given).toMatchObject({ state: 'accepted', technicianId: null, arriveBy })
  expect(stateOf(given, 'Crew 2', words.en)).toBe('given to Crew 2, not accepted yet')
  expect(stateOf({ ...given, technicianId: 'm-7', technicianName: 'Li Na' }, 'Crew 2', words.en)).toBe(
    'accepted, on the way (Li Na)',
  )

  now += 5 * minuteMs
  await fireDue()
  expect(await escalationsOf(id)).toEqual(['crew-accepts 0'])
  expect(await toldOf(id)).toContain('escalated duty')
  await act(id, 'accept', { technicianId: 'wang', teamId: 'crew-2' })
  now += 5 * minuteMs
  await fireDue()
  expect(await escalationsOf(id)).toEqual(['crew-accepts -5'])
  const { items } = await database.operations.notices({ orderId: id, limit: 100 })
  expect(new Set(items.map(({ key }) => key)).size).toBe(items.length)
  expect(await verifyAll(database.operations, memoryEvidence())).toMatchObject({ ok: true })
})

test('giving an order away puts off no step that is waited for, and what was missed is missed again by the next crew', async () => {
  const { id } = await trapped()
  await act(id, 'acknowledge')
  await act(id, 'tell-passenger')
  now += 4 * minuteMs
  await act(id, 'reassign', { teamId: 'crew-2' })
  now += minuteMs
  await fireDue()
  expect(await escalationsOf(id)).toEqual(['crew-accepts 0'])
  const first = (await toldOf(id)).filter((told) => told === 'escalated duty').length

  await act(id, 'reassign', { teamId: 'crew-1' })
  await act(id, 'accept', { technicianId: 'li' })
  await act(id, 'reassign', { teamId: 'crew-2' })
  now += 5 * minuteMs
  await fireDue()
  expect((await escalationsOf(id)).toSorted()).toEqual(['crew-accepts -5', 'crew-accepts 0'])
  expect((await toldOf(id)).filter((told) => told === 'escalated duty').length).toBeGreaterThan(first)
})

test.each([[true], [false]])(
  'a planned order that becomes an emergency goes to a crew that is there, also when its crew accepted a date: %s',
  async (accepted) => {
    const { operations } = database
    const deviceId = await elevator()
    await find(deviceId, 'elevator/door-fault', { severity: 'warning' })
    const planned = await orderOf(deviceId)
    if (planned.teamId !== 'crew-1') await act(planned.id, 'reassign', { teamId: 'crew-1' })
    if (accepted) await act(planned.id, 'accept', { technicianId: 'li' })
    now += 8 * hourMs
    await find(deviceId, 'elevator/door-fault', { change: 'upgraded', severity: 'critical' })

    const risen = await orderOf(deviceId)
    expect(risen).toMatchObject({ id: planned.id, type: 'emergency', teamId: 'crew-2', technicianId: null })
    expect(await toldOf(planned.id)).toEqual(expect.arrayContaining(['handed-over crew-1', 'raised crew-2']))
    now += 5 * minuteMs
    await fireDue()
    expect(await escalationsOf(planned.id)).toContain('crew-accepts 0')
    expect(await verifyAll(operations, memoryEvidence())).toMatchObject({ ok: true })
  },
)

test('a planned order that becomes an emergency stays with its crew where nobody is on duty, and is to be accepted again', async () => {
  const { operations } = database
  const deviceId = await elevator()
  await find(deviceId, 'elevator/door-fault', { severity: 'warning' })
  const { id, teamId } = await orderOf(deviceId)
  if (teamId !== 'crew-1') await act(id, 'reassign', { teamId: 'crew-1' })
  await act(id, 'accept', { technicianId: 'li' })
  now += 8 * hourMs
  await operations.updateTeam('crew-2', { removedAt: now })
  await find(deviceId, 'elevator/door-fault', { change: 'upgraded', severity: 'critical' })
  await operations.updateTeam('crew-2', { removedAt: null })

  const risen = await orderOf(deviceId)
  expect(risen).toMatchObject({ id, type: 'emergency', teamId: 'crew-1', technicianId: null })
  expect(risen.assignedBecause).toMatch(/who had it keeps it; .*is on duty at 17:00/)
  expect(await toldOf(id)).toEqual(expect.arrayContaining(['upgraded crew-1', 'upgraded duty']))
  expect(await toldOf(id)).not.toContain('handed-over crew-1')
  expect(await verifyAll(operations, memoryEvidence())).toMatchObject({ ok: true })
})

test('a crew that is there keeps the order when it becomes an emergency', async () => {
  const deviceId = await elevator()
  await find(deviceId, 'elevator/door-fault', { severity: 'warning' })
  const { id } = await orderOf(deviceId)
  await act(id, 'accept', { technicianId: 'li' })
  const { teamId } = await act(id, 'arrive', { technicianId: 'li' })
  await find(deviceId, 'elevator/door-fault', { change: 'upgraded', severity: 'critical' })
  expect(await orderOf(deviceId)).toMatchObject({ type: 'emergency', teamId, technicianId: 'li' })
})

test('a false alarm calls back the crew that is on its way, unless it says so itself', async () => {
  const [other, own] = [await trapped(), await trapped()]
  for (const { id } of [other, own]) await act(id, 'accept', { technicianId: 'li', teamId: 'crew-1' })
  await act(other.id, 'close', { outcome: 'false-alarm' })
  await act(own.id, 'close', { outcome: 'false-alarm', technicianId: 'li' })

  expect((await toldOf(other.id)).filter((told) => told.startsWith('closed'))).toEqual(['closed crew-1'])
  expect((await toldOf(own.id)).filter((told) => told.startsWith('closed'))).toEqual([])
  const [notice] = (await noticesOf(other.id)).filter(({ reason }) => reason === 'closed')
  const closed = await database.operations.order(other.id)
  if (notice === undefined) throw new Error('nobody was told')
  expect(wordNotice(notice, closed, null, now).title).toMatch(/误报，无需前往|False alarm: nobody needs to go/)
})

test('a tenant who was asked first says that it is dealt with: the duty room hears it, and the crew reads no reproach', async () => {
  const { operations } = database
  const deviceId = `elv-${randomUUID()}`
  await operations.insertDevice(testDevice({ id: deviceId, contacts: [tenant] }))
  await find(deviceId, 'elevator/fault-code')
  const { id, teamId } = await orderOf(deviceId)
  await act(id, 'dealt-with', { by: 'Chen', note: 'It runs again' })
  now += 4 * minuteMs
  await fireDue()

  expect(await toldOf(id)).toEqual(['ask-first null', 'dealt-with duty', 'raised duty', `raised ${teamId}`].toSorted())
  const order = await operations.order(id)
  const texts = (await noticesOf(id)).map((notice) => {
    const { title, lines } = wordNotice(
      { ...notice, recipient: { ...notice.recipient, locale: 'en' } },
      order,
      null,
      now,
    )
    return [notice.recipient.teamId, title, ...lines].join('\n')
  })
  expect(texts.find((text) => text.startsWith('duty\n[urgent] Said to be dealt with'))).toContain('Chen: It runs again')
  expect(texts.find((text) => text.startsWith(`${teamId}\n`))).toMatch(/New order(.|\n)*said to be dealt with/)
})

test('whoever is asked first is not asked any more to see to it themselves when somebody is shut in by the time they read it', async () => {
  const deviceId = `elv-${randomUUID()}`
  await database.operations.insertDevice(testDevice({ id: deviceId, contacts: [tenant] }))
  await find(deviceId, 'elevator/fault-code')
  const order = await orderOf(deviceId)
  const [asked] = (await noticesOf(order.id)).filter(({ reason }) => reason === 'ask-first')
  if (asked === undefined) throw new Error('nobody was asked')
  const read = (asItIs: typeof order) => wordNotice(asked, asItIs, null, now).lines.join()
  expect(read(order)).toContain('自行处理')
  expect(read({ ...order, finding: 'elevator/entrapment' })).not.toContain('自行处理')
})

test('a crew does not wait for a tenant who cannot be told: when the last word to them is a dead letter it hears at once', async () => {
  const { operations } = database
  const deviceId = `elv-${randomUUID()}`
  const addresses = ['chen', 'chen at work'].map((address) => ({ channelId: 'ch', address }))
  const tenant = { role: 'tenant', name: 'Chen', phone: null, addresses } as const
  await operations.insertDevice(testDevice({ id: deviceId, contacts: [tenant] }))
  await find(deviceId, 'elevator/fault-code')
  const { id, teamId } = await orderOf(deviceId)
  const asked = (await noticesOf(id)).filter(({ reason }) => reason === 'ask-first')
  expect(asked).toHaveLength(2)
  const bury = createBury({ operations, recordEvent })
  const heard = []
  for (const notice of asked) {
    now += 1_000
    await bury([notice], 'answered 404', now)
    await fireDue()
    heard.push((await toldOf(id)).includes(`raised ${teamId}`))
  }
  expect(heard).toEqual([false, true])
  now += 5 * minuteMs
  await fireDue()
  expect((await toldOf(id)).filter((one) => one === `raised ${teamId}`)).toHaveLength(1)
  expect((await noticesOf(id)).filter(({ state }) => state === 'dead')).toHaveLength(2)
})

test('the insurer that was told of an order hears that it is cancelled; where nobody insures this one, the order says so', async () => {
  const { operations } = database
  expect((await operations.orderEvents((await trapped()).id))[0]?.data).not.toHaveProperty('untold')
  await operations.insertTeam(
    testTeam('cpic', { type: 'insurer-parts', addresses: [{ channelId: 'ch', address: 'cpic' }] }),
  )
  await operations.insertTeam(
    testTeam('picc', { type: 'insurer-inspector', addresses: [{ channelId: 'ch', address: 'picc' }] }),
  )
  const deviceId = await elevator()
  await operations.setDeviceParty(deviceId, 'insurer', 'cpic', 0)
  await find(deviceId, 'elevator/entrapment', { severity: 'critical' })
  const { id } = await orderOf(deviceId)
  const sent = (await noticesOf(id)).map((notice) => ({ id: notice.id, sentAt: now, sentAs: notice.key }))
  await operations.markSent(sent)
  await act(id, 'cancel', { reason: 'A drill' })
  const insurers = (told: readonly string[]) => told.filter((one) => /picc|cpic/.test(one))
  expect(insurers(await toldOf(id))).toEqual(['cancelled cpic', 'raised cpic'])

  const uninsured = await trapped()
  const [raised] = await operations.orderEvents(uninsured.id)
  expect(raised?.data.untold).toEqual({
    parties: ['insurer-inspector', 'insurer-parts'],
    because: 'nobody insures the device',
  })
  await act(uninsured.id, 'cancel', { reason: 'A drill' })
  expect(insurers(await toldOf(uninsured.id))).toEqual([])
})

test('who is on the way by an order that is merged goes on by the other one, which nobody had answered; nobody calls them back', async () => {
  const older = await trapped()
  now += 31 * minuteMs
  const reportedBy = { name: 'Old Wang', phone: '138 0000 0000' }
  const said = { severity: 'critical', summary: 'People trapped', reportedBy } as const
  const call = { deviceId: older.deviceId ?? '', actor: 'duty', ...said }
  const { order: newer } = await workOrders().openByHand(call)
  expect(newer.id).not.toBe(older.id)
  await act(newer.id, 'accept', { actor: 'wu', technicianId: 'wu', teamId: 'crew-2' })
  await act(newer.id, 'tell-passenger')
  now += minuteMs
  await act(newer.id, 'merge', { intoId: older.id, reason: 'the same passenger' })

  const goesOn = await database.operations.order(older.id)
  const times = { acceptedAt: now - minuteMs, passengerToldAt: now - minuteMs }
  expect(goesOn).toMatchObject({ state: 'accepted', teamId: 'crew-2', technicianId: 'wu', ...times })
  expect(goesOn?.reportedBy).toEqual({ ...reportedBy, words: said.summary })
  expect(await toldOf(newer.id)).not.toContain('handed-over crew-2')
  const told = await toldOf(older.id)
  expect(told).not.toContain('handed-over crew-2')
  expect(told).toContain('reassigned crew-2')
  expect(await verifyAll(database.operations, memoryEvidence())).toMatchObject({ ok: true })
})

test('a crew that is on site keeps the order: it asks for help, and nobody else is given it', async () => {
  const { id } = await trapped()
  for (const action of ['accept', 'arrive'] as const) await act(id, action, { actor: 'li', technicianId: 'li' })
  await expect(act(id, 'reassign', { teamId: 'crew-2' })).rejects.toMatchObject({
    code: 'order-state',
    message: expect.stringContaining('asks for help'),
  })
})

test('what the duty room has seen to be real, or whose passenger was told, is a false alarm only for a reason', async () => {
  const [verified, told, doubted] = [await trapped(), await trapped(), await trapped()]
  await act(verified.id, 'acknowledge', { verified: true })
  await act(told.id, 'tell-passenger')
  await act(doubted.id, 'note', { note: '?', verified: true })
  await act(doubted.id, 'note', { note: 'an empty car', verified: false })
  const close = (id: string, said: Partial<ActionRequest> = {}) => act(id, 'close', { outcome: 'false-alarm', ...said })
  for (const { id } of [verified, told]) {
    await expect(close(id)).rejects.toMatchObject({ code: 'order-state', message: expect.stringContaining('note') })
  }
  expect(await close(doubted.id)).toMatchObject({ state: 'closed' })
  for (const { id } of [verified, told]) {
    const note = 'The camera was of another car'
    expect(await close(id, { note })).toMatchObject({ state: 'closed', note })
  }
})

test('a plan that tells the duty room first asks the crew that has the order when its step is missed, then the next one', async () => {
  const { operations } = database
  const tell = ['next-crew', 'duty-room'] as const
  const plan: ResponsePlan = {
    ...{
      id: 'desk',
      version: 1,
      name: { en: 'Desk', 'zh-CN': '值班' },
      enabled: true,
      tell: ['duty-room'],
      askFirst: null,
    },
    match: { findings: ['elevator/rope-slip'], severities: ['urgent'] },
    steps: [
      { id: 'crew-accepts', goal: 'accepted', minutes: 2, tell, reassign: true },
      { id: 'crew-is-there', goal: 'arrived', minutes: 20, tell: ['duty-room'], reassign: false },
    ],
  }
  await operations.savePlan(plan, null)
  const deviceId = await elevator()
  await find(deviceId, 'elevator/rope-slip')
  const { id, teamId } = await orderOf(deviceId)
  expect(await toldOf(id)).toEqual(['raised duty'])

  now += 2 * minuteMs
  await fireDue()
  expect(await orderOf(deviceId)).toMatchObject({ teamId })
  expect(await toldOf(id)).toEqual(['escalated duty', 'raised duty', `raised ${teamId}`].toSorted())
  const missed = async () => (await operations.orderEvents(id)).filter(({ type }) => type === 'escalated')
  expect((await missed())[0]?.data.because).toBe(`${teamId} has it and was told nothing of it until now`)

  now += 2 * minuteMs
  await fireDue()
  const next = await orderOf(deviceId)
  expect(next.teamId).not.toBe(teamId)
  expect(await toldOf(id)).toContain(`reassigned ${next.teamId}`)
  await operations.deletePlan('desk', 1)
})

test('who is shut in and has nobody after the last step is told again every 10 minutes while that is felt, once after any time', async () => {
  const { operations } = database
  const { id, incidentId } = await trapped()
  const toldAgain = async () => (await escalationsOf(id)).filter((told) => told.startsWith('nobody-has-it'))
  const after = async (minutes: number) => {
    now += minutes * minuteMs
    await fireDue()
    return (await toldAgain()).length
  }
  for (const minutes of [1, 2, 5, 10, 15, 25, 30]) {
    now = day + minutes * minuteMs
    await fireDue()
  }
  expect([await after(9), await after(1), await after(10), await after(60), await after(9)]).toEqual([0, 1, 2, 3, 3])
  const told = (await noticesOf(id)).filter(({ key }) => key.includes('nobody-has-it'))
  expect(told.map(({ recipient }) => recipient.teamId)).toEqual(['duty', 'duty', 'duty'])

  await act(id, 'accept', { technicianId: 'li' })
  expect(await after(30)).toBe(3)
  await act(id, 'reassign', { teamId: 'crew-2' })
  expect([await after(15), await after(10)]).toEqual([3, 4])
  await operations.updateIncident(incidentId, { state: 'cleared', clearedAt: now })
  expect([await after(10), await after(10)]).toEqual([4, 4])
  await operations.updateIncident(incidentId, { state: 'open', clearedAt: null })
  expect([await after(10), await after(9), await after(1)]).toEqual([5, 5, 6])
})

test('who is shut in is told of again also where the plan does not ask whether the crew accepts, to which it was given late', async () => {
  const { operations } = database
  const steps = [20, 30].map((minutes) => ({
    ...{ id: `there-${minutes}`, goal: 'arrived' as const, minutes, tell: ['duty-room' as const], reassign: false },
  }))
  const match = { findings: ['elevator/entrapment'] }
  const name = { en: 'Arrival alone', 'zh-CN': '仅到场' }
  const tell: ResponsePlan['tell'] = ['duty-room', 'crew']
  const plan: ResponsePlan = { id: 'alone', version: 1, name, enabled: true, tell, match, askFirst: null, steps }
  await operations.savePlan(plan, null)
  const { id } = await trapped()
  await operations.deletePlan('alone', 1)
  await act(id, 'acknowledge')
  await act(id, 'accept', { technicianId: 'li', teamId: 'crew-1' })
  now += 31 * minuteMs
  await fireDue()
  await act(id, 'reassign', { teamId: 'crew-2' })
  const toldAgain = async (minutes: number) => {
    now += minutes * minuteMs
    await fireDue()
    return (await escalationsOf(id)).filter((told) => told.startsWith('nobody-has-it')).length
  }
  expect([await toldAgain(9), await toldAgain(1), await toldAgain(10)]).toEqual([0, 1, 2])
})

test('who is felt to be shut in again, after nobody was when the last step was missed, is told of again', async () => {
  const { operations } = database
  const { id, incidentId } = await trapped()
  await operations.updateIncident(incidentId, { state: 'cleared', clearedAt: now })
  now += 31 * minuteMs
  await fireDue()
  await operations.updateIncident(incidentId, { state: 'open', clearedAt: null })
  now += 10 * minuteMs
  await fireDue()
  expect((await escalationsOf(id)).filter((told) => told.startsWith('nobody-has-it'))).toHaveLength(1)
})

test('who accepts is somebody who goes there; what speaks against that crew is answered', async () => {
  const { operations } = database
  await operations.insertTeam(testTeam('electricians', { skills: ['electricity-meter'] }))
  await operations.insertMember(testMember('desk-zhou', 'duty'))
  const { id } = await trapped()
  for (const [said, message] of [
    [{ teamId: 'duty' }, 'teamId: duty does not go there: its type is duty-room'],
    [{ technicianId: 'desk-zhou' }, 'teamId: duty does not go there: its type is duty-room'],
  ] as const) {
    await expect(act(id, 'accept', said)).rejects.toMatchObject({ code: 'invalid', message })
  }
  expect(await act(id, 'accept', { teamId: 'electricians' })).toMatchObject({ warnings: ['lacks-skill'] })
  expect((await operations.orderEvents(id)).at(-1)?.data).toMatchObject({ warnings: ['lacks-skill'] })
  await operations.updateTeam('electricians', { removedAt: now })
})

test('who was called and says that they come is told to the duty room and the crew that has the order', async () => {
  const { id } = await trapped()
  await act(id, 'accept', { technicianId: 'li', teamId: 'crew-1' })
  await act(id, 'note', { actor: 'Sun', by: 'Sun', note: 'Called to help, and is coming', comes: true })
  const told = (await noticesOf(id)).filter(({ reason }) => reason === 'help-comes')
  expect(told.map(({ recipient }) => recipient.teamId).sort()).toEqual(['crew-1', 'duty'])
  expect(told[0]?.content.said).toBe('Sun: Called to help, and is coming')
})

const askedFirst = async () => {
  const deviceId = `elv-${randomUUID()}`
  const addresses = [{ channelId: 'ch', address: 'chen' }]
  const contacts = [{ role: 'tenant', name: 'Chen', phone: null, addresses }] as const
  await database.operations.insertDevice(testDevice({ id: deviceId, contacts }))
  await find(deviceId, 'elevator/fault-code')
  return orderOf(deviceId)
}

test.each([
  ['cancel', { reason: 'The tenant saw to it' }],
  ['close', { outcome: 'false-alarm' }],
] as const)(
  'a crew that was told nothing, for the tenant was asked first, hears nothing of its end: %s',
  async (action, said) => {
    const { id, teamId } = await askedFirst()
    await act(id, 'dealt-with', { by: 'Chen' })
    await act(id, action, said)
    expect((await toldOf(id)).filter((told) => told.endsWith(` ${teamId}`))).toEqual([])
    expect(await toldOf(id)).toContain(action === 'cancel' ? 'cancelled duty' : 'closed duty')
  },
)

test('a crew that hears of an order because it became critical hears of it once, though the tenant was asked first', async () => {
  const { id, teamId, deviceId } = await askedFirst()
  await find(deviceId ?? '', 'elevator/fault-code', { change: 'upgraded', severity: 'critical' })
  now += 4 * minuteMs
  await fireDue()
  expect((await toldOf(id)).filter((told) => told.endsWith(` ${teamId}`))).toEqual([`raised ${teamId}`])
})
