import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs } from '../../core/clock.ts'
import { nowhere } from '../../core/scope.ts'
import type { Contact, Site } from '../../core/site.ts'
import { testDevice } from '../../test/fixtures/rows.ts'
import { hostileTexts } from '../../test/hostile-texts.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import type { OperationsStore } from './port.ts'

const start = Date.UTC(2026, 10, 24, 8)
let database: TestDatabase
let store: OperationsStore

function site(given: Partial<Site> & Pick<Site, 'id' | 'type'>): Site {
  return {
    ...{ name: given.id, parentId: null, use: null, address: null, entrance: null, emergencyPlan: null },
    ...{ contacts: [], latitude: null, longitude: null, createdAt: start },
    ...given,
  }
}

function contact(name: string, role: Contact['role'] = 'property'): Contact {
  return { role, name, phone: '96333', addresses: [] }
}

beforeAll(async () => {
  database = await startTestDatabase()
  store = database.operations
  for (const id of ['gw-1', 'gw-2'])
    await store.insertGateway({ id, name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  await store.saveSites([
    site({ id: 'room-301', type: 'unit', parentId: 'house-3', contacts: [contact('Tenant', 'tenant')] }),
    site({ id: 'house-3', type: 'building', parentId: 'garden', use: 'rental' }),
    site({ id: 'house-4', type: 'building', parentId: 'garden', use: 'office' }),
    site({ id: 'garden', type: 'estate', parentId: 'xihu', name: '翠苑', contacts: [contact('Property')] }),
    site({ id: 'xihu', type: 'district', name: '西湖区' }),
    site({ id: 'binjiang', type: 'district', address: '100 % Road_1' }),
  ])
  const emergency = [contact('Car phone', 'car-phone')]
  for (const device of [
    testDevice({ id: 'lift-1', siteId: 'house-3', feederId: 'line-7', contacts: emergency }),
    testDevice({ id: 'lift-2', siteId: 'house-4', feederId: 'line-8', gatewayId: 'gw-2' }),
    testDevice({ id: 'meter-301', siteId: 'room-301', feederId: 'line-7', kind: 'electricity-meter' }),
    testDevice({ id: 'lift-lost', siteId: 'not-yet-known' }),
    testDevice({ id: 'lift-bare' }),
  ])
    await store.insertDevice(device)
})
afterAll(() => database.remove())

test('a room knows its building, estate and district; levels that are left out are absent', async () => {
  const path = { unit: 'room-301', building: 'house-3', estate: 'garden', district: 'xihu' }
  expect(await store.pathOf('room-301')).toEqual(path)
  expect(await store.pathOf('xihu')).toEqual({ district: 'xihu' })
  expect(await store.pathOf('nowhere')).toEqual({})
  expect((await store.sitesAbove('room-301')).map(({ id }) => id)).toEqual(['room-301', 'house-3', 'garden', 'xihu'])
})

test('the place of a device is where its incident is grouped; an unknown site leaves the path empty', async () => {
  expect(await store.placeOf('lift-1')).toEqual({
    gatewayId: 'gw-1',
    feederId: 'line-7',
    siteId: 'house-3',
    path: { building: 'house-3', estate: 'garden', district: 'xihu' },
  })
  expect(await store.placeOf('lift-lost')).toEqual({ ...nowhere, gatewayId: 'gw-1', siteId: 'not-yet-known' })
  expect(await store.placeOf('lift-bare')).toEqual({ ...nowhere, gatewayId: 'gw-1' })
  expect(await store.placeOf('nobody')).toEqual(nowhere)
  const places = await store.placesOf(['lift-1', 'lift-bare', 'nobody'])
  expect([...places.keys()].sort()).toEqual(['lift-1', 'lift-bare'])
})

test('a scope holds its devices, with all that is in its sites', async () => {
  expect(await store.devicesIn({ type: 'district', id: 'xihu' })).toEqual(['lift-1', 'lift-2', 'meter-301'])
  expect(await store.devicesIn({ type: 'district', id: 'xihu' }, 'elevator')).toEqual(['lift-1', 'lift-2'])
  expect(await store.devicesIn({ type: 'building', id: 'house-3' })).toEqual(['lift-1', 'meter-301'])
  expect(await store.devicesIn({ type: 'feeder', id: 'line-7' })).toEqual(['lift-1', 'meter-301'])
  expect(await store.devicesIn({ type: 'gateway', id: 'gw-2' })).toEqual(['lift-2'])
  expect(await store.devicesIn({ type: 'device', id: 'lift-bare' })).toEqual(['lift-bare'])
  expect(await store.devicesIn({ type: 'estate', id: 'nowhere' })).toEqual([])
})

test('sites within others: each once, unknown ones not at all', async () => {
  expect(await store.sitesWithin(['garden', 'house-3', 'nowhere'])).toEqual([
    'garden',
    'house-3',
    'house-4',
    'room-301',
  ])
  expect(await store.sitesWithin([])).toEqual([])
})

test("whom to call: the device's own first, then the nearest", async () => {
  expect((await store.contactsOf('lift-1')).map(({ name, of, ofId }) => [name, of, ofId])).toEqual([
    ['Car phone', 'device', 'lift-1'],
    ['Property', 'estate', 'garden'],
  ])
  expect((await store.contactsOf('meter-301')).map(({ name }) => name)).toEqual(['Tenant', 'Property'])
  expect(await store.contactsOf('lift-lost')).toEqual([])
  expect(await store.contactsOf('nobody')).toEqual([])
})

test('sites are listed by id, page by page, by parent, type and text', async () => {
  const ids = async (filter: object) => (await store.sites({ limit: 10, ...filter })).items.map(({ id }) => id)
  expect(await ids({ parentId: 'garden' })).toEqual(['house-3', 'house-4'])
  expect(await ids({ parentId: null })).toEqual(['binjiang', 'xihu'])
  expect(await ids({ type: 'building' })).toEqual(['house-3', 'house-4'])
  expect(await ids({ text: 'HOUSE' })).toEqual(['house-3', 'house-4'])
  expect(await ids({ text: '西湖' })).toEqual(['xihu'])
  expect(await ids({ text: '%' })).toEqual(['binjiang'])
  expect(await ids({ text: 'd_1' })).toEqual(['binjiang'])
  expect(await ids({ text: '\\' })).toEqual([])

  const page = await store.sites({ limit: 4 })
  expect(page.nextCursor).toBe('house-4')
  expect((await store.sites({ limit: 4, after: 'house-4' })).items.map(({ id }) => id)).toEqual(['room-301', 'xihu'])
})

test('hostile names are only text, in the look-up as in the row', async () => {
  for (const text of hostileTexts) {
    const name = `x${text}x`
    await store.saveSites([site({ id: 'hostile', type: 'estate', name })])
    expect((await store.site('hostile'))?.name).toBe(name.replaceAll('\0', '\ufffd'))
    expect((await store.sites({ limit: 9, text: name })).items.map(({ id }) => id)).toEqual(['hostile'])
  }
  expect(await store.deleteSite('hostile')).toBe(true)
})

test('a site that has others below cannot go, and one without its parent cannot come', async () => {
  await expect(store.deleteSite('garden')).rejects.toMatchObject({ code: 'invalid' })
  await expect(store.insertSite(site({ id: 'x', type: 'unit', parentId: 'nowhere' }))).rejects.toMatchObject({
    code: 'invalid',
  })
  await expect(store.insertSite(site({ id: 'garden', type: 'estate' }))).rejects.toMatchObject({
    code: 'already-exists',
  })
  expect(await store.deleteSite('nowhere')).toBe(false)
  expect(await store.countDevicesAt('house-3')).toBe(1)
})

test('a table that was bent into a ring by hand is still read to an end', async () => {
  await store.saveSites([site({ id: 'ring-a', type: 'estate' }), site({ id: 'ring-b', type: 'building' })])
  await store.updateSite('ring-a', { parentId: 'ring-b' })
  await store.updateSite('ring-b', { parentId: 'ring-a' })

  expect(await store.pathOf('ring-a')).toEqual({ estate: 'ring-a', building: 'ring-b' })
  expect(await store.sitesWithin(['ring-a'])).toEqual(['ring-a', 'ring-b'])
  await store.updateSite('ring-a', { parentId: null })
  await store.deleteSite('ring-b')
  await store.deleteSite('ring-a')
})

test('a device changes its maintainer: whoever had it then is still known', async () => {
  const at = (day: number) => store.deviceParty('lift-2', 'maintainer', start + day * dayMs)
  await store.setDeviceParty('lift-2', 'maintainer', 'otis', start)
  await store.setDeviceParty('lift-2', 'insurer', 'picc', start)
  await store.setDeviceParty('lift-2', 'maintainer', 'kone', start + 10 * dayMs)
  await store.setDeviceParty('lift-2', 'maintainer', null, start + 20 * dayMs)

  expect(await Promise.all([-1, 0, 9.999, 10, 19.999, 20].map(at))).toEqual([
    null,
    'otis',
    'otis',
    'kone',
    'kone',
    null,
  ])
  const parties = await store.partiesOf(['lift-2', 'lift-bare'], start + 12 * dayMs)
  expect(parties.get('lift-2')).toEqual({ maintainerId: 'kone', insurerId: 'picc' })
  expect(parties.get('lift-bare')).toEqual({ maintainerId: null, insurerId: null })
  expect(
    (await store.partyHistory('lift-2')).map(({ role, teamId, validUntil }) => [role, teamId, validUntil]),
  ).toEqual([
    ['insurer', 'picc', null],
    ['maintainer', 'otis', start + 10 * dayMs],
    ['maintainer', 'kone', start + 20 * dayMs],
  ])
})

test('a clock that went back cannot give a device two maintainers', async () => {
  const set = (teamId: string | null, day: number) =>
    store.setDeviceParty('lift-bare', 'maintainer', teamId, start + day * dayMs)
  await set('otis', 0)
  await set('kone', 5)
  await set('hitachi', 3)
  await set(null, 4)
  await set('otis', 1)
  await set('otis', 9)

  expect(await store.partyHistory('lift-bare')).toEqual([
    { deviceId: 'lift-bare', role: 'maintainer', teamId: 'otis', validFrom: start, validUntil: start + 5 * dayMs },
    { deviceId: 'lift-bare', role: 'maintainer', teamId: 'otis', validFrom: start + 5 * dayMs, validUntil: null },
  ])
})

test('many devices change hands at once', async () => {
  const changes = ['lift-1', 'lift-lost', 'meter-301'].map((deviceId) => {
    return { deviceId, role: 'insurer' as const, teamId: deviceId === 'lift-lost' ? null : 'picc' }
  })
  await store.setDeviceParties(changes, start)
  await store.setDeviceParties(changes, start + dayMs)

  const insured = [...(await store.partiesOf(['lift-1', 'lift-lost', 'meter-301'], start))].map(
    ([id, { insurerId }]) => [id, insurerId],
  )
  expect(insured).toEqual([
    ['lift-1', 'picc'],
    ['lift-lost', null],
    ['meter-301', 'picc'],
  ])
  expect(await store.partyHistory('lift-1')).toHaveLength(1)
})

test('history is kept per thing, newest first', async () => {
  const entry = { actor: 'operator', subjectType: 'site', subjectId: 'garden' }
  await store.insertHistory({ ...entry, at: start, before: null, after: { name: 'a' } })
  await store.insertHistory(
    { ...entry, at: start + 1, before: { name: 'a' }, after: { name: 'b' } },
    { ...entry, at: start + 2, subjectId: 'other', before: null, after: {} },
    { ...entry, at: start + 3, before: { name: 'b' }, after: null },
  )

  const page = await store.history('site', 'garden', { limit: 2 })
  expect(page.items.map(({ at, after }) => [at, after])).toEqual([
    [start + 3, null],
    [start + 1, { name: 'b' }],
  ])
  const rest = await store.history('site', 'garden', { limit: 2, after: page.nextCursor ?? '' })
  expect(rest).toEqual({ nextCursor: null, items: [{ ...entry, at: start, before: null, after: { name: 'a' } }] })
  expect((await store.history('device', 'garden', { limit: 9 })).items).toEqual([])
})

test('saving devices leaves their kind and their beginning alone', async () => {
  const device = testDevice({ id: 'lift-saved', createdAt: start, name: 'old' })
  await store.insertDevice(device)
  await store.saveDevices([
    { ...device, kind: 'electricity-meter', createdAt: 0, name: 'new', feederId: 'line-9', contacts: [contact('P')] },
  ])
  expect(await store.device('lift-saved')).toEqual({
    ...device,
    name: 'new',
    feederId: 'line-9',
    contacts: [contact('P')],
  })
})
