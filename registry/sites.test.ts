import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostileTexts } from '../test/hostile-texts.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { createSites, type NewSite, type Sites } from './sites.ts'

const start = Date.UTC(2026, 10, 24, 8)
let now = start
let database: TestDatabase
let sites: Sites

beforeAll(async () => {
  database = await startTestDatabase()
  sites = createSites({ operations: database.operations, clock: () => now })
  const tree: NewSite[] = [
    { id: 'xihu', type: 'district', name: '西湖区' },
    { id: 'garden', type: 'estate', name: 'Garden', parentId: 'xihu' },
    { id: 'house-3', type: 'building', name: 'House 3', parentId: 'garden', use: 'rental' },
    { id: 'room-301', type: 'unit', name: 'Room 301', parentId: 'house-3' },
  ]
  for (const site of tree) await sites.addSite(site, 'operator')
})
afterAll(() => database.remove())

const faultsOf = (change: Promise<unknown>) =>
  change.then(
    () => 'taken',
    ({ code, message }) => `${code}: ${message}`,
  )

test('a site is added once, with all that a crew needs to get in', async () => {
  const given: NewSite = {
    ...{ id: 'house-4', type: 'building', name: 'House 4', parentId: 'garden', use: 'office', address: '1 Wensan Rd' },
    ...{
      entrance: 'Gate B, code 2580#',
      emergencyPlan: 'Call 119\nthen the guard',
      latitude: 30.27,
      longitude: 120.15,
    },
    contacts: [{ role: 'property', name: 'Guard', phone: '0571-8888', addresses: [] }],
  }
  const added = await sites.addSite(given, 'operator')
  expect(added).toEqual({ ...given, createdAt: start })
  expect(await database.operations.site('house-4')).toEqual(added)
  expect(await faultsOf(sites.addSite(given, 'operator'))).toMatch(/^already-exists/)
})

test('a site stands in a higher one that exists', async () => {
  const add = (given: Partial<NewSite>) =>
    faultsOf(sites.addSite({ id: 'x', type: 'building', name: 'x', ...given }, 'o'))
  expect(await add({ parentId: 'nowhere' })).toBe('invalid: parentId: there is no site nowhere')
  expect(await add({ parentId: 'room-301' })).toBe('invalid: parentId: the building cannot be in the unit room-301')
  expect(await add({ parentId: 'house-3' })).toBe('invalid: parentId: the building cannot be in the building house-3')
  expect(await add({ type: 'estate', use: 'office' })).toBe('invalid: use: only a building has a use')
  expect(await add({ latitude: 30 })).toBe('invalid: longitude: latitude and longitude go together')
  expect(await database.operations.site('x')).toBeUndefined()
})

test('no ring: neither into itself, nor into what is in it, nor by becoming something lower', async () => {
  const change = (id: string, update: object) => faultsOf(sites.updateSite(id, update, 'operator'))
  expect(await change('garden', { parentId: 'garden' })).toMatch(/parentId: the estate cannot be in the estate garden/)
  expect(await change('garden', { parentId: 'house-3' })).toMatch(/parentId: .* cannot be in the building house-3/)
  expect(await change('garden', { type: 'unit', parentId: 'house-3' })).toMatch(/the building house-3 is in it/)
  expect(await change('house-3', { type: 'unit' })).toMatch(/the unit room-301 is in it/)
  expect(await change('nowhere', { name: 'x' })).toBe('not-found: There is no site nowhere')
})

test('two who change the tree at one moment cannot make together what neither may alone', async () => {
  await sites.addSite({ id: 'a', type: 'estate', name: 'a' }, 'operator')
  await sites.addSite({ id: 'b', type: 'unit', name: 'b' }, 'operator')
  for (let round = 0; round < 10; round++) {
    const results = await Promise.all([
      faultsOf(sites.updateSite('a', { type: 'unit' }, 'one')),
      faultsOf(sites.updateSite('b', { parentId: 'a' }, 'other')),
    ])
    expect(results.filter((result) => result === 'taken')).toHaveLength(1)
    await sites.updateSite('b', { parentId: null }, 'operator')
    await sites.updateSite('a', { type: 'estate' }, 'operator')
  }
})

test('a change keeps what was; saving a form unchanged leaves no trace', async () => {
  const before = await database.operations.site('room-301')
  now = start + 1_000
  await sites.updateSite('room-301', { name: 'Room 301', parentId: 'house-3', contacts: [] }, 'li')
  const after = await sites.updateSite('room-301', { entrance: 'Ring twice' }, 'li')
  expect(after).toEqual({ ...before, entrance: 'Ring twice' })

  const history = await database.operations.history('site', 'room-301', { limit: 9 })
  expect(history.items).toEqual([
    { at: now, actor: 'li', subjectType: 'site', subjectId: 'room-301', before, after },
    { at: start, actor: 'operator', subjectType: 'site', subjectId: 'room-301', before: null, after: before },
  ])
})

test('an estate moves with all that is in it', async () => {
  await sites.addSite({ id: 'binjiang', type: 'district', name: '滨江区' }, 'operator')
  await sites.updateSite('garden', { parentId: 'binjiang' }, 'operator')
  expect(await database.operations.pathOf('room-301')).toMatchObject({ district: 'binjiang', estate: 'garden' })
})

test('only what is empty is removed, and its history stays', async () => {
  await database.operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  await sites.addSite({ id: 'house-9', type: 'building', name: 'House 9' }, 'operator')
  const device = { id: 'lift-9', kind: 'elevator', gatewayId: 'gw-1', name: null, siteId: 'house-9', feederId: null }
  await database.operations.insertDevice({ ...device, contacts: [], facts: {}, createdAt: 0 })

  expect(await faultsOf(sites.removeSite('house-3', 'operator'))).toMatch(/^invalid: .*the unit room-301 is in it/)
  expect(await faultsOf(sites.removeSite('house-9', 'operator'))).toMatch(/^invalid: .*1 device/)
  await database.operations.updateDevice('lift-9', { siteId: null })
  await sites.removeSite('house-9', 'operator')
  expect(await database.operations.site('house-9')).toBeUndefined()
  expect((await database.operations.history('site', 'house-9', { limit: 1 })).items).toMatchObject([{ after: null }])
  expect(await faultsOf(sites.removeSite('house-9', 'operator'))).toMatch(/^not-found/)
})

test('hostile names are only text', async () => {
  for (const [index, text] of hostileTexts.entries()) {
    const name = `x${text}`
    const site = await sites.addSite({ id: `hostile-${index}`, type: 'unit', name, entrance: name }, name)
    expect(site.name).toBe(name)
    const known = await database.operations.site(site.id)
    expect(known?.entrance).toBe(name.replaceAll('\0', '\ufffd'))
  }
})
