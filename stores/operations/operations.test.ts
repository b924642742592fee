import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs, hourMs } from '../../core/clock.ts'
import type { Device } from '../../core/device.ts'
import { StoreUnavailable } from '../../core/errors.ts'
import type { WorkOrder } from '../../core/incident.ts'
import type { QuarantineItem } from '../../core/quarantine.ts'
import { testDevice, testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { type OwnPostgres, startOwnPostgres } from '../../test/operations-database.ts'
import type { NewIncident, Operations, Page, PageRequest } from './port.ts'

const now = Date.UTC(2026, 10, 24, 8, 0, 0, 123)
const journalId = randomUUID()
/** NUL, half a surrogate pair, and what would end a string in SQL or JSON. */
const hostile = `a\0b\ud800c'"\\;--{}$1`
const asStored = `a\ufffdb\ufffdc'"\\;--{}$1`

let database: OwnPostgres
let operations: Operations

beforeAll(async () => {
  database = await startOwnPostgres()
  operations = database.operations
})
afterAll(() => database.remove())

test('a gateway is kept as it was given, changed, and refused a second time', async () => {
  const known = { id: 'gw-kept', name: hostile, autoRegister: 'elevator', siteId: 'b-1' }
  const gateway = { ...known, createdAt: now, revokedAt: null }
  await operations.insertGateway(gateway)

  expect(await operations.gateway('gw-kept')).toEqual({ ...gateway, name: asStored })
  await expect(operations.insertGateway(gateway)).rejects.toMatchObject({ code: 'already-exists' })
  expect(await operations.updateGateway('gw-kept', { name: null, revokedAt: now + 1 })).toBe(true)
  expect(await operations.gateway('gw-kept')).toEqual({ ...gateway, name: null, revokedAt: now + 1 })
  expect(await operations.updateGateway('gw-none', { name: 'x' })).toBe(false)
  expect(await operations.gateway('gw-none')).toBeUndefined()
})

test('credentials end when they are told to, and not later; a revoked gateway has none', async () => {
  await addGateway('gw-keys')
  const [first, second, third] = [credential('gw-keys'), credential('gw-keys'), credential('gw-keys')]
  await operations.insertCredential(first)
  await operations.expireCredentials('gw-keys', null, now + hourMs)
  await operations.insertCredential(second)
  await operations.expireCredentials('gw-keys', null, now + 2 * hourMs)
  await operations.insertCredential(third)

  const idsAt = async (time: number) => (await operations.credentialsOf('gw-keys', time)).map(({ id }) => id)
  expect(await idsAt(now)).toEqual([third.id, second.id, first.id])
  expect(await idsAt(now + hourMs)).toEqual([third.id, second.id])
  const valid = async () => (await operations.validCredentials(now)).filter(({ gatewayId }) => gatewayId === 'gw-keys')
  expect(await valid()).toHaveLength(3)
  expect((await valid()).find(({ id }) => id === first.id)).toEqual({ ...first, expiresAt: now + hourMs })

  await operations.expireCredentials('gw-keys', third.id, now)
  expect(await idsAt(now)).toEqual([third.id])
  await operations.updateGateway('gw-keys', { revokedAt: now })
  expect(await valid()).toEqual([])
})

test('of each gateway the newest 20 refusals stay, newest first, and hostile words do not stop them', async () => {
  const many = Array.from({ length: 25 }, (_, n) => ({ gatewayId: 'gw-a', at: now + n, reason: 'r', text: `${n}` }))
  await operations.insertRefusals([{ gatewayId: 'gw-b', at: now, reason: 'r', text: hostile }])
  // the door's and those of the journal's readers are written down by the second, each at its own pace
  await operations.insertRefusals(many.slice(10))
  await operations.insertRefusals(many.slice(0, 10))
  await operations.insertRefusals([])

  const kept = await operations.refusals('gw-a')
  expect(kept.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, (_, n) => `${24 - n}`))
  expect(await operations.refusals('gw-b')).toEqual([{ at: now, reason: 'r', text: asStored }])
})

test('a device needs its gateway, is kept with its facts, and found in every way', async () => {
  await addGateway('gw-devices')
  const device = deviceOf('dev-1', { facts: { insulationClass: 'F', note: hostile } })
  await expect(operations.insertDevice({ ...device, gatewayId: 'gw-none' })).rejects.toMatchObject({ code: 'invalid' })
  await operations.insertDevice(device)
  await expect(operations.insertDevice(device)).rejects.toMatchObject({ code: 'already-exists' })
  const some = [deviceOf('dev-1', { name: 'late' }), deviceOf('dev-2', { kind: 'x' })]
  expect(await operations.insertDevicesIfAbsent(some)).toEqual(['dev-2'])
  expect(await operations.insertDevicesIfAbsent([])).toEqual([])

  const stored = { ...device, facts: { insulationClass: 'F', note: asStored } }
  expect(await operations.device('dev-1')).toEqual(stored)
  expect((await operations.devicesByIds(['dev-1', 'dev-2', 'dev-none'])).map(({ id }) => id).sort()).toEqual([
    'dev-1',
    'dev-2',
  ])
  expect(await operations.devicesByIds([])).toEqual([])
  expect(await operations.countDevices('gw-devices')).toBe(2)
  expect((await operations.devices({ limit: 9, kind: 'x' })).items.map(({ id }) => id)).toEqual(['dev-2'])

  const sought = async (text: string) =>
    (await operations.devices({ limit: 9, gatewayId: 'gw-devices', text })).items.map(({ id }) => id)
  await operations.updateDevice('dev-2', { name: '客梯_A', facts: { registrationCode: '31103301042019070012' } })
  expect([await sought('客梯_a'), await sought('4201907'), await sought('DEV')]).toEqual([
    ['dev-2'],
    ['dev-2'],
    ['dev-1', 'dev-2'],
  ])
  expect([await sought('客%A'), await sought('registrationCode')]).toEqual([[], []])

  expect(await operations.updateDevice('dev-1', { name: 'Lift 1', siteId: 'estate-1', facts: {} })).toBe(true)
  expect(await operations.lockDevice('dev-1')).toEqual({ ...stored, name: 'Lift 1', siteId: 'estate-1', facts: {} })
  expect(await operations.updateDevice('dev-none', { name: 'x' })).toBe(false)
})

test('what fails in a transaction leaves nothing behind, whoever throws', async () => {
  const mistake = new TypeError('a mistake in our code')
  await expect(
    operations.transaction(async (unit) => {
      await unit.insertGateway(gatewayOf('gw-rolled-back'))
      throw mistake
    }),
  ).rejects.toBe(mistake)
  await expect(
    operations.transaction(async (unit) => {
      await unit.insertGateway(gatewayOf('gw-rolled-back'))
      await unit.insertDevice(deviceOf('dev-rolled-back', { gatewayId: 'gw-none' }))
    }),
  ).rejects.toMatchObject({ code: 'invalid' })

  expect(await operations.gateway('gw-rolled-back')).toBeUndefined()
  expect(await operations.transaction(async (unit) => (await unit.lockGateway('gw-devices'))?.id)).toBe('gw-devices')
})

test('two that wait for each other both end: one of them is run again', async () => {
  for (const id of ['gw-one', 'gw-other']) await operations.insertGateway(gatewayOf(id))
  let runs = 0
  let say = () => {}
  const bothHoldOne = new Promise<void>((resolve) => {
    say = resolve
  })
  const locks = (first: string, then: string) =>
    operations.transaction(async (unit) => {
      await unit.lockGateway(first)
      runs += 1
      if (runs === 2) say()
      await bothHoldOne
      return (await unit.lockGateway(then))?.id
    })

  expect(await Promise.all([locks('gw-one', 'gw-other'), locks('gw-other', 'gw-one')])).toEqual(['gw-other', 'gw-one'])
  expect(runs).toBe(3)
})

test('many incidents and orders are written at once, each once, and are found among others', async () => {
  const two = [1, 2].map((n) => ({
    ...incidentOf({ deviceId: 'dev-many', occurredAt: now + n }),
    ...{ source: 'books', externalId: `B-${n}` },
  }))
  const again = two.map((incident) => ({ ...incident, id: randomUUID() }))
  expect(await operations.insertIncidents(two)).toEqual(two.map(({ id }) => id))
  expect(await operations.insertIncidents(again)).toEqual([])
  expect(await operations.insertIncidents([])).toEqual([])
  expect((await operations.reportedBefore('books', ['B-2', 'B-3', 'B-1'])).toSorted()).toEqual(['B-1', 'B-2'])
  expect(await operations.reportedBefore('other books', ['B-1'])).toEqual([])

  const orders = two.map(orderOf)
  await operations.insertOrders(orders)
  await operations.insertOrders([])
  const ids = orders.map(({ id }) => id)
  expect((await operations.ordersAmong([randomUUID(), ...ids])).toSorted()).toEqual(ids.toSorted())
})

test('one episode has one incident, which knows its order and how far it was followed', async () => {
  const incident = incidentOf({ deviceId: 'dev-e', evidence: { heldSeconds: 31.5, note: hostile, floor: null } })
  expect(await operations.insertIncident(incident)).toBe(true)
  expect(await operations.insertIncident({ ...incident, id: randomUUID() })).toBe(false)
  expect(await operations.insertIncident(incidentOf({ deviceId: 'dev-e', occurredAt: now + 1 }))).toBe(true)

  const { followed, ...rest } = incident
  const stored = { ...rest, evidence: { heldSeconds: 31.5, note: asStored, floor: null }, orderId: null }
  expect(await operations.incident(incident.id)).toMatchObject(stored)
  const newest = await operations.lockNewestIncident({ type: 'device', id: 'dev-e' }, incident.finding)
  expect(newest).toMatchObject({ occurredAt: now + 1, followed, orderState: null, orderId: null })

  const order = orderOf(incident)
  await operations.insertOrder(order)
  const change = { state: 'cleared' as const, clearedAt: now + 5, count: 3, followed: { journalId, position: 9 } }
  await operations.updateIncident(incident.id, change)
  expect(await operations.incident(incident.id)).toMatchObject({ state: 'cleared', count: 3, orderId: order.id })
  expect(await operations.lockNewestIncident({ type: 'device', id: 'dev-none' }, incident.finding)).toBeUndefined()
  expect(await operations.incident(randomUUID())).toBeUndefined()
})

test('two processes that look for an incident to join take turns', async () => {
  const incident = incidentOf({ deviceId: 'dev-turns' })
  await operations.insertIncident(incident)
  const addOne = () =>
    operations.transaction(async (unit) => {
      const newest = await unit.lockNewestIncident({ type: 'device', id: 'dev-turns' }, incident.finding)
      await unit.updateIncident(incident.id, { count: (newest?.count ?? 0) + 1 })
    })
  await Promise.all([addOne(), addOne(), addOne(), addOne()])

  expect((await operations.incident(incident.id))?.count).toBe(5)
})

test('an incident has one order, and only who knows its state may change it', async () => {
  const incident = incidentOf({ deviceId: 'dev-order' })
  await operations.insertIncident(incident)
  const order = orderOf(incident)
  expect(await operations.insertOrder(order)).toBe(true)
  expect(await operations.insertOrder({ ...order, id: randomUUID() })).toBe(false)
  expect(await operations.order(order.id)).toEqual(order)
  expect(await operations.orderOfIncident(incident.id)).toEqual(order)

  expect(await operations.updateOrder(order.id, 'raised', { state: 'accepted', acceptedAt: now })).toBe(true)
  expect(await operations.updateOrder(order.id, 'raised', { state: 'cancelled', cancelledAt: now })).toBe(false)
  const accepted = { ...order, state: 'accepted', acceptedAt: now }
  expect(await operations.lockOrder(order.id)).toEqual(accepted)
  expect(await operations.order(randomUUID())).toBeUndefined()
  expect(await operations.orderOfIncident(randomUUID())).toBeUndefined()
})

test('what happens to an order is kept in order, and found again by its key', async () => {
  const incident = incidentOf({ deviceId: 'dev-events' })
  await operations.insertIncident(incident)
  const order = orderOf(incident)
  await operations.insertOrder(order)
  const raised = { at: now, type: 'raised', actor: 'liftwatt', data: {} } as const
  const accepted = { at: now, type: 'accepted', actor: hostile, data: { note: hostile } } as const
  const inChain = (number: number) => ({ orderId: order.id, number, hash: String(number) })
  await operations.insertChainedEvent({ ...raised, ...inChain(1), idempotencyKey: null })
  await operations.insertChainedEvent({ ...accepted, ...inChain(2), idempotencyKey: 'key-1' })

  const stored = { ...accepted, actor: asStored, data: { note: asStored } }
  expect(await operations.orderEvents(order.id)).toEqual([raised, stored])
  expect(await operations.orderEventByKey(order.id, 'key-1')).toEqual(stored)
  expect(await operations.orderEventByKey(order.id, 'key-2')).toBeUndefined()
  expect(await operations.orderEventByKey(randomUUID(), 'key-1')).toBeUndefined()
})

test('every list can be read to its end in pages, each item once, in its own order', async () => {
  await addGateway('gw-pages')
  await operations.insertDevicesIfAbsent(numbered((n) => deviceOf(`page-${n}`, { gatewayId: 'gw-pages' })))
  for (const n of [0, 1, 2, 3, 4]) {
    const incident = incidentOf({ deviceId: 'dev-pages', occurredAt: now + n })
    await operations.insertIncident(incident)
    await operations.insertOrder(orderOf(incident))
  }
  await operations.insertQuarantine(
    journalId,
    numbered((n) => quarantined(1_000 + n, { gatewayId: 'gw-pages' })),
  )

  const devices = await allOf((page) => operations.devices({ ...page, gatewayId: 'gw-pages' }))
  expect(devices.map(({ id }) => id)).toEqual(['page-0', 'page-1', 'page-2', 'page-3', 'page-4'])
  const newestFirst = [now + 4, now + 3, now + 2, now + 1, now]
  const incidents = await allOf((page) => operations.incidents({ ...page, deviceId: 'dev-pages', state: 'open' }))
  expect(incidents.map(({ occurredAt }) => occurredAt)).toEqual(newestFirst)
  const orders = await allOf((page) => operations.orders({ ...page, deviceId: 'dev-pages', state: 'raised' }))
  expect(orders.map(({ occurredAt }) => occurredAt)).toEqual(newestFirst)
  const items = await allOf((page) => operations.quarantine({ ...page, gatewayId: 'gw-pages' }))
  expect(items.map(({ position }) => position)).toEqual([1_004, 1_003, 1_002, 1_001, 1_000])
  const gateways = await allOf((page) => operations.gateways(page))
  expect(gateways.map(({ id }) => id)).toEqual([...new Set(gateways.map(({ id }) => id))].sort())
  expect((await operations.incidents({ limit: 9, finding: 'elevator/none' })).items).toEqual([])
  expect((await operations.orders({ limit: 9, deviceId: 'dev-pages', state: 'closed' })).items).toEqual([])
})

test.each(['', 'abc', '1; drop table incidents', '1e3', '9'.repeat(30)])(
  'a cursor of ours it is not: %j',
  async (after) => {
    await expect(operations.incidents({ limit: 1, after })).rejects.toMatchObject({ code: 'invalid' })
  },
)

test('a quarantined message keeps its bytes; the same one again changes nothing', async () => {
  const item = quarantined(1, { deviceId: 'dev-q', faults: [{ path: '$', reason: 'bad-json', text: hostile }] })
  await operations.insertQuarantine(journalId, [item])
  await operations.insertQuarantine(journalId, [{ ...item, reason: 'bad-time' }])
  await operations.insertQuarantine(journalId, [])

  const { items } = await operations.quarantine({ limit: 10, deviceId: 'dev-q' })
  expect(items).toHaveLength(1)
  expect(items[0]).toMatchObject({ ...item, raw: expect.anything(), faults: [{ ...item.faults[0], text: asStored }] })
  expect([...(items[0]?.raw ?? [])]).toEqual([0, 255, 216])
})

test('quarantine goes by age and, oldest first, by bytes', async () => {
  await operations.trimQuarantine({ receivedBefore: Number.MAX_SAFE_INTEGER / 2 ** 10, maxBytes: 1e9 })
  const sized = (position: number, receivedAt: number) =>
    quarantined(position, { receivedAt, raw: new Uint8Array(1_000) })
  await operations.insertQuarantine(journalId, [
    sized(1, now - 31 * dayMs),
    sized(2, now),
    sized(3, now),
    sized(4, now),
  ])

  const left = async () => (await operations.quarantine({ limit: 9 })).items.map(({ position }) => position)
  expect(await operations.trimQuarantine({ receivedBefore: now - 30 * dayMs, maxBytes: 1e9 })).toBe(1)
  expect(await left()).toEqual([4, 3, 2])
  expect(await operations.trimQuarantine({ receivedBefore: 0, maxBytes: 2_500 })).toBe(1)
  expect(await left()).toEqual([4, 3])
  expect(await operations.trimQuarantine({ receivedBefore: 0, maxBytes: 2_500 })).toBe(0)
  expect(await operations.trimQuarantine({ receivedBefore: 0, maxBytes: 0 })).toBe(2)
})

test('settings, audit and counts', async () => {
  expect(await operations.setting('theme')).toBeUndefined()
  await operations.putSetting('theme', { dark: true })
  await operations.putSetting('theme', { dark: false, note: hostile })
  expect(await operations.setting('theme')).toEqual({ dark: false, note: asStored })

  await operations.insertAudit({ at: now, actor: hostile, action: 'tested', subject: hostile, data: { note: hostile } })
  const client = new pg.Client(database.connection)
  await client.connect()
  const { rows } = await client.query(`select at, actor, subject, data from audit where action = 'tested'`)
  await client.end()
  expect(rows).toEqual([{ at: new Date(now), actor: asStored, subject: asStored, data: { note: asStored } }])

  const before = await operations.counts()
  const incident = incidentOf({ deviceId: 'dev-counts' })
  await operations.insertIncident(incident)
  await operations.insertOrder({ ...orderOf(incident), state: 'closed' })
  expect(await operations.counts()).toEqual(before)
  await addGateway('gw-counts')
  await operations.insertDevice(deviceOf('dev-counts', { gatewayId: 'gw-counts' }))
  expect(await operations.counts()).toEqual({ ...before, gateways: before.gateways + 1, devices: before.devices + 1 })
})

test('while the database is gone everything says so, and goes on when it is back', async () => {
  await addGateway('gw-before')
  await database.shutDown()
  await expect(database.operations.ping()).rejects.toBeInstanceOf(StoreUnavailable)
  await expect(operations.gateway('gw-before')).rejects.toBeInstanceOf(StoreUnavailable)
  await expect(operations.transaction((unit) => unit.insertGateway(gatewayOf('gw-x')))).rejects.toMatchObject({
    code: 'unavailable',
    store: 'operations',
  })

  await database.startAgain()
  await database.operations.ping()
  expect((await operations.gateway('gw-before'))?.id).toBe('gw-before')
  expect(await operations.gateway('gw-x')).toBeUndefined()
})

async function allOf<T>(list: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = []
  let page = await list({ limit: 2 })
  for (;;) {
    expect(page.items.length).toBeLessThanOrEqual(2)
    items.push(...page.items)
    if (page.nextCursor === null) return items
    page = await list({ limit: 2, after: page.nextCursor })
  }
}

function numbered<T>(make: (n: number) => T): T[] {
  return Array.from({ length: 5 }, (_, n) => make(n))
}

function gatewayOf(id: string) {
  return { id, name: null, autoRegister: null, createdAt: now, revokedAt: null }
}

async function addGateway(id: string): Promise<void> {
  await operations.insertGateway(gatewayOf(id))
}

function credential(gatewayId: string) {
  return { id: randomUUID(), gatewayId, salt: '00', hash: 'ff', createdAt: now, expiresAt: null }
}

function deviceOf(id: string, given: Partial<Device> = {}): Device {
  return testDevice({ id, gatewayId: 'gw-devices', createdAt: now, ...given })
}

function incidentOf(given: Partial<NewIncident> & { deviceId: string }): NewIncident {
  const { orderId: _, ...incident } = testIncident({ detectedAt: now, ...given })
  return { ...incident, followed: { journalId, position: 4 }, ...given }
}

function orderOf({ id, followed: _, ...incident }: NewIncident): WorkOrder {
  const { deviceId, finding, severity, summary, occurredAt, receivedAt, detectedAt } = incident
  const found = { deviceId, finding, severity, summary, occurredAt, receivedAt, detectedAt }
  return testOrder({ incidentId: id, ...found, raisedAt: now, arriveBy: now + 1 })
}

function quarantined(position: number, given: Partial<QuarantineItem> = {}): QuarantineItem {
  const raw = new Uint8Array([0, 255, 216])
  const fixed = { receivedAt: now, gatewayId: 'gw-q', deviceId: 'dev', reason: 'bad-json', faults: [], raw } as const
  return { position, ...fixed, ...given }
}

test('the audit is read newest first, by who, what, on what and when, with what was kept of before and after', async () => {
  const entry = (actor: string, action: string, subject: string, at: number) => ({
    at,
    actor,
    action,
    subject,
    data: {},
  })
  const before = { name: 'Old' }
  const after = { name: hostile }
  await operations.insertHistory({
    at: now - 1,
    actor: 'li',
    subjectType: 'site',
    subjectId: 'garden',
    before: 8,
    after: 9,
  })
  await operations.insertAudit(entry('li', 'site-changed', 'garden', now))
  await operations.insertHistory({ at: now, actor: 'li', subjectType: 'site', subjectId: 'garden', before, after })
  // another thing of the same name, and the same thing at another time
  await operations.insertHistory({
    at: now,
    actor: 'li',
    subjectType: 'team',
    subjectId: 'garden',
    before: 1,
    after: 2,
  })
  await operations.insertHistory({
    at: now + 1,
    actor: 'li',
    subjectType: 'site',
    subjectId: 'garden',
    before: 3,
    after: 4,
  })
  await operations.insertAudit(entry('li', 'gateway-rotated', 'gw-9', now + 10))
  await operations.insertAudit(entry('wang', 'site-added', 'garden', now + 20))

  const ofLi = await operations.audit({ actor: 'li', limit: 9 })
  expect(ofLi.items.map(({ action }) => action)).toEqual(['gateway-rotated', 'site-changed'])
  expect(ofLi.items[1]).toMatchObject({ at: now, subject: 'garden', before, after: { name: asStored } })
  expect(ofLi.items[0]).toMatchObject({ before: null, after: null })
  const whose = async (query: object) =>
    (await operations.audit({ ...query, limit: 9 })).items.map(({ actor }) => actor)
  expect(await whose({ subject: 'garden' })).toEqual(['wang', 'li'])
  expect(await whose({ subject: 'garden', from: now + 20 })).toEqual(['wang'])
  expect(await whose({ subject: 'garden', to: now + 20 })).toEqual(['li'])
  expect(await whose({ subject: 'garden', action: 'site-added' })).toEqual(['wang'])

  const page = await operations.audit({ subject: 'garden', limit: 1 })
  const rest = await operations.audit({ subject: 'garden', limit: 1, after: page.nextCursor ?? '' })
  expect([page, rest].map(({ items }) => items[0]?.actor)).toEqual(['wang', 'li'])
  expect(rest.nextCursor).toBeNull()
})
