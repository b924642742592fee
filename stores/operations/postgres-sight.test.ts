import { afterAll, beforeAll, expect, test } from 'vitest'
import { blind, type LimitedSight, type Sighted, sightOf } from '../../core/sight.ts'
import { emptySite } from '../../registry/sites.ts'
import { testTeam } from '../../test/fixtures/people.ts'
import { testDevice, testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { type Neighbour, settle } from '../../test/neighbour.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'

const now = Date.UTC(2026, 10, 24, 8)
let database: TestDatabase
let own: Neighbour
let far: Neighbour
let ofDistrict: LimitedSight
let ofHouse: LimitedSight

beforeAll(async () => {
  database = await startTestDatabase()
  own = await settle(database.operations, 'own', now)
  far = await settle(database.operations, 'far', now)
  ofDistrict = { ...blind, sites: [own.district] }
  ofHouse = { ...blind, sites: [own.site] }
})
afterAll(() => database.remove())

const sees = (sight: LimitedSight, what: Sighted, id: string) => database.operations.sees(sight, what, id)
const addDevice = (id: string, siteId: string | null, given: object = {}) =>
  database.operations.insertDevice(testDevice({ id, siteId, gatewayId: own.gateway, ...given }))

test('nobody without a membership sees anything, and what does not exist is seen by nobody', async () => {
  const ids: [Sighted, string][] = [
    ['device', own.device],
    ['site', own.site],
    ['gateway', own.gateway],
    ['incident', own.incident],
    ['order', own.order],
    ['suppression', own.suppression],
    ['visit', own.visit],
    ['notice', own.notice],
    ['team', own.crew],
    ['member', own.member],
  ]
  for (const [what, id] of ids) {
    expect(await sees(blind, what, id), what).toBe(false)
    expect(await sees(ofDistrict, what, id), what).toBe(true)
    expect(await database.operations.sees('everything', what, id)).toBe(true)
  }
  for (const [what] of ids.filter(([what]) => ['device', 'site', 'gateway', 'team'].includes(what))) {
    expect(await database.operations.sees('everything', what, 'none')).toBe(false)
  }
  expect((await database.operations.orders({ limit: 10, sight: blind })).items).toEqual([])
  expect((await database.operations.orders({ limit: 10 })).items).toHaveLength(4)
})

test('a site that moves takes all that is in it out of one sight and into the other', async () => {
  const { operations } = database
  const ofFar = { ...blind, sites: [far.district] }
  await operations.updateSite(own.site, { parentId: far.district })
  expect([await sees(ofDistrict, 'order', own.order), await sees(ofFar, 'order', own.order)]).toEqual([false, true])
  expect([await sees(ofDistrict, 'device', own.device), await sees(ofFar, 'device', own.device)]).toEqual([false, true])
  await operations.updateSite(own.site, { parentId: own.district })
  expect([await sees(ofDistrict, 'order', own.order), await sees(ofFar, 'order', own.order)]).toEqual([true, false])
})

test('an order stays where its device was; of one that was nowhere, it is where the device is now', async () => {
  const { operations } = database
  await addDevice('own-lost', null)
  const orders: string[] = []
  for (const siteId of [null, far.site]) {
    const place = { gatewayId: null, feederId: null, siteId, path: {} }
    const { orderId: _, ...incident } = testIncident({ deviceId: 'own-lost', detectedAt: orders.length, place })
    await operations.insertIncident({ ...incident, followed: null })
    const order = testOrder({ incidentId: incident.id, deviceId: 'own-lost', siteId })
    await operations.insertOrder(order)
    orders.push(order.id)
    expect(await sees(ofDistrict, 'incident', incident.id)).toBe(false)
  }
  const [nowhere = '', there = ''] = orders
  expect(await sees(ofDistrict, 'order', nowhere)).toBe(false)
  await operations.updateDevice('own-lost', { siteId: own.site })
  expect([await sees(ofDistrict, 'order', nowhere), await sees(ofDistrict, 'order', there)]).toEqual([true, false])
})

test('a company sees a device from the moment that it is given it until it is given to another', async () => {
  const { operations } = database
  const company = sightOf([{ role: 'maintainer', scope: { teamId: 'otis' } }], ['maintainer'])
  if (company === 'everything') throw new Error('a company sees its own')
  await operations.insertTeam(testTeam('otis', { type: 'maintainer' }))
  await operations.setDeviceParty(own.meter, 'maintainer', 'otis', now + 1)
  const seen = () =>
    Promise.all([
      sees(company, 'device', own.meter),
      sees(company, 'order', own.meterOrder),
      sees(company, 'site', own.district),
    ])
  expect(await seen()).toEqual([true, true, true])
  await operations.setDeviceParty(own.meter, 'maintainer', own.maintainer, now + 2)
  expect(await seen()).toEqual([false, false, false])
})

test('plans and risk lists, which name elevators everywhere, are for their insurer, and for no operator of some sites', async () => {
  const { operations } = database
  const seen = async (sight: LimitedSight) => {
    const plans = await operations.inspectionPlans({ limit: 9, sight })
    const lists = await operations.riskLists({ limit: 9, sight, quarter: '2026-Q4' })
    return [...plans.items, ...lists.items].map(({ insurerId }) => insurerId)
  }
  expect(await seen({ ...blind, insurers: [own.insurer] })).toEqual([own.insurer, own.insurer])
  expect(await seen(ofDistrict)).toEqual([])
})

test('the same company sees nothing as an insurer of what it maintains', async () => {
  expect(await sees({ ...blind, maintainers: [own.maintainer] }, 'device', own.device)).toBe(true)
  expect(await sees({ ...blind, insurers: [own.maintainer] }, 'device', own.device)).toBe(false)
  expect(await sees({ ...blind, maintainers: [own.insurer] }, 'device', own.device)).toBe(false)
})

test('a crew sees the house and the district around its order, and no neighbour of its device', async () => {
  const crew = { ...blind, teams: [own.crew] }
  await addDevice('own-next-door', own.site)
  expect(await sees(crew, 'device', own.device)).toBe(true)
  expect(await sees(crew, 'device', 'own-next-door')).toBe(false)
  expect([await sees(crew, 'site', own.site), await sees(crew, 'site', own.district)]).toEqual([true, true])
  expect(await sees(crew, 'site', far.site)).toBe(false)
})

test('a gateway is at its site, else where all of its devices are, and nowhere without any', async () => {
  const { operations } = database
  const gateway = { name: null, autoRegister: null, createdAt: 0, revokedAt: null }
  await operations.insertGateway({ ...gateway, id: 'placed', siteId: own.site })
  await operations.insertGateway({ ...gateway, id: 'bare' })
  expect([await sees(ofDistrict, 'gateway', 'placed'), await sees(ofDistrict, 'gateway', 'bare')]).toEqual([
    true,
    false,
  ])
  await addDevice('on-bare', own.site, { gatewayId: 'bare' })
  expect(await sees(ofDistrict, 'gateway', 'bare')).toBe(true)
  await addDevice('also-on-bare', null, { gatewayId: 'bare' })
  expect(await sees(ofDistrict, 'gateway', 'bare')).toBe(false)
  const seen = await operations.gateways({ limit: 100, sight: ofDistrict })
  expect(seen.items.map(({ id }) => id)).toEqual([own.gateway, 'placed'])
})

test('a feeder, and what is shelved on it, is in sight when all that hangs on it is', async () => {
  const { operations } = database
  expect(await sees(ofDistrict, 'feeder', 'line-1')).toBe(false)
  await addDevice('on-line', own.site, { feederId: 'line-1' })
  const suppression = { type: 'shelf', scope: { type: 'feeder', id: 'line-1' }, finding: null, reason: 'x' } as const
  const times = { startsAt: now, endsAt: null, createdAt: now, endedAt: null }
  const id = '00000000-0000-4000-8000-000000000001'
  const by = { createdBy: 'x', endedBy: null, key: null, endedKey: null }
  await operations.insertSuppression({ ...suppression, ...times, ...by, id })
  expect([await sees(ofDistrict, 'feeder', 'line-1'), await sees(ofDistrict, 'suppression', id)]).toEqual([true, true])
  await addDevice('also-on-line', far.site, { feederId: 'line-1' })
  expect([await sees(ofDistrict, 'feeder', 'line-1'), await sees(ofDistrict, 'suppression', id)]).toEqual([
    false,
    false,
  ])
})

test('whoever answers for a house sees the teams of its district and those of everywhere, and no others', async () => {
  const { operations } = database
  await operations.insertTeam(testTeam('anywhere'))
  await operations.saveSites([
    { ...emptySite, id: 'own-flat', type: 'unit', name: 'x', parentId: own.site, createdAt: 0 },
  ])
  await operations.insertTeam(testTeam('of-a-flat', { areas: ['own-flat'] }))
  const { items } = await operations.teams({ limit: 100, sight: ofHouse })
  const ids = items.map(({ id }) => id)
  expect(ids).toEqual(expect.arrayContaining(['anywhere', 'of-a-flat', own.crew]))
  expect(ids).not.toContain(far.crew)
  const working = await operations.workingTeams(['crew'], ofHouse)
  expect(working.map(({ id }) => id)).toEqual(['anywhere', 'of-a-flat', own.crew])
})

test('a message in quarantine belongs to its gateway: a foreign one that names our device is not ours to read', async () => {
  const { operations } = database
  const fault = { path: '$', reason: 'foreign-device', text: 'x' } as const
  await operations.insertQuarantine('00000000-0000-4000-8000-000000000002', [
    {
      ...{ position: 1, receivedAt: now, gatewayId: far.gateway, deviceId: own.device, reason: 'foreign-device' },
      ...{ faults: [fault], raw: new Uint8Array([1]) },
    },
  ])
  const { items } = await operations.quarantine({ limit: 10, sight: ofDistrict })
  expect(items.map(({ gatewayId }) => gatewayId)).toEqual([own.gateway])
})
