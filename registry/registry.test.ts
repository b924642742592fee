import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { hourMs } from '../core/clock.ts'
import { isSecret } from '../core/secret.ts'
import { kinds } from '../devices/index.ts'
import { testTeam } from '../test/fixtures/people.ts'
import { testIncident, testOrder } from '../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { createRegistry, type Registry } from './registry.ts'

const start = Date.UTC(2026, 10, 24, 8)
let now = start
let changes: string[] = []
let database: TestDatabase
let registry: Registry
let sql: pg.Client

beforeAll(async () => {
  database = await startTestDatabase()
  sql = new pg.Client(database.connection)
  await sql.connect()
  const { operations } = database
  registry = createRegistry({ operations, kinds, clock: () => now, onChange: (changed) => void changes.push(changed) })
})
afterAll(async () => {
  await sql.end()
  await database.remove()
})
beforeEach(() => {
  now = start
  changes = []
})

test('a new gateway gets a password that works and is kept nowhere', async () => {
  const { id, username, password } = await registry.addGateway({ id: 'gw-new', name: 'Cellar' }, 'operator')

  expect({ id, username }).toEqual({ id: 'gw-new', username: 'gw-new' })
  expect(password).toMatch(/^[\w-]{43}$/)
  expect(await works('gw-new', password)).toBe(true)
  expect(await works('gw-new', `${password}x`)).toBe(false)
  for (const table of ['gateways', 'gateway_credentials', 'audit']) {
    expect(JSON.stringify((await sql.query(`select * from ${table}`)).rows)).not.toContain(password)
  }
  expect(await audited('gw-new')).toEqual(['gateway-added'])
  expect(changes).toEqual(['gateway'])
})

test('a gateway is added once, and for kinds that exist', async () => {
  await registry.addGateway({ id: 'gw-once', autoRegister: 'elevator' }, 'operator')
  changes = []

  await expect(registry.addGateway({ id: 'gw-once' }, 'operator')).rejects.toMatchObject({ code: 'already-exists' })
  await expect(registry.addGateway({ id: 'gw-kind', autoRegister: 'toaster' }, 'operator')).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(/autoRegister.*"toaster".*elevator/),
  })
  expect(await database.operations.gateway('gw-kind')).toBeUndefined()
  expect(changes).toEqual([])
  expect(await audited('gw-once')).toEqual(['gateway-added'])
})

test('after a rotation the old password works for 24 hours, to the millisecond', async () => {
  const { password: old } = await registry.addGateway({ id: 'gw-rotate' }, 'operator')
  const { password: fresh, previousValidUntil } = await registry.rotateGateway('gw-rotate', 'operator')

  expect(previousValidUntil).toBe(start + 24 * hourMs)
  expect(fresh).not.toBe(old)
  now = start + 24 * hourMs - 1
  expect([await works('gw-rotate', old), await works('gw-rotate', fresh)]).toEqual([true, true])
  now = start + 24 * hourMs
  expect([await works('gw-rotate', old), await works('gw-rotate', fresh)]).toEqual([false, true])
})

test('never more than two passwords: another rotation voids the oldest at once', async () => {
  const { password: first } = await registry.addGateway({ id: 'gw-twice' }, 'operator')
  const { password: second } = await registry.rotateGateway('gw-twice', 'operator')
  now += hourMs
  const { password: third } = await registry.rotateGateway('gw-twice', 'operator')

  const valid = () => Promise.all([first, second, third].map((password) => works('gw-twice', password)))
  expect(await valid()).toEqual([false, true, true])
  now += 24 * hourMs
  expect(await valid()).toEqual([false, false, true])
})

test('two who rotate at the same moment leave two passwords, not three', async () => {
  await registry.addGateway({ id: 'gw-race' }, 'operator')
  await Promise.all([1, 2, 3].map(() => registry.rotateGateway('gw-race', 'operator')))
  now += 1

  expect(await database.operations.credentialsOf('gw-race', now)).toHaveLength(2)
})

test('a revoked gateway is out for good, and once', async () => {
  const { password } = await registry.addGateway({ id: 'gw-revoke' }, 'operator')
  await registry.revokeGateway('gw-revoke', 'operator')

  expect(await works('gw-revoke', password)).toBe(false)
  expect((await database.operations.gateway('gw-revoke'))?.revokedAt).toBe(start)
  await expect(registry.revokeGateway('gw-revoke', 'operator')).rejects.toMatchObject({ code: 'already-done' })
  await expect(registry.rotateGateway('gw-revoke', 'operator')).rejects.toMatchObject({ code: 'already-done' })
  await expect(registry.addGateway({ id: 'gw-revoke' }, 'operator')).rejects.toMatchObject({ code: 'already-exists' })
  await expect(registry.revokeGateway('gw-none', 'operator')).rejects.toMatchObject({ code: 'not-found' })
  await expect(registry.rotateGateway('gw-none', 'operator')).rejects.toMatchObject({ code: 'not-found' })
  expect(await audited('gw-revoke')).toEqual(['gateway-added', 'gateway-revoked'])
})

test('a device is added to a gateway that may connect, as a kind that exists', async () => {
  await registry.addGateway({ id: 'gw-d' }, 'operator')
  await registry.addGateway({ id: 'gw-gone' }, 'operator')
  await registry.revokeGateway('gw-gone', 'operator')
  const device = { id: 'elv-1', kind: 'elevator', gatewayId: 'gw-d', facts: { insulationClass: 'F' } }

  const added = await registry.addDevice(device, 'operator')
  const known = {
    ...device,
    name: null,
    siteId: null,
    feederId: null,
    contacts: [],
    createdAt: start,
    retiredAt: null,
    movedFrom: null,
  }
  expect(added).toEqual({ ...known, maintainerId: null, insurerId: null })
  expect(await database.operations.device('elv-1')).toEqual(known)
  const refused = (wrong: object) =>
    expect(registry.addDevice({ ...device, id: 'elv-x', ...wrong }, 'operator')).rejects
  await refused({ id: 'elv-1' }).toMatchObject({ code: 'already-exists' })
  await refused({ gatewayId: 'gw-none' }).toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(/gatewayId/),
  })
  await refused({ gatewayId: 'gw-gone' }).toMatchObject({ code: 'invalid', message: expect.stringMatching(/revoked/) })
  await refused({ kind: 'toaster' }).toMatchObject({ code: 'invalid', message: expect.stringMatching(/kind/) })
  expect(await database.operations.device('elv-x')).toBeUndefined()
})

test('each wrong fact is named', async () => {
  await registry.addGateway({ id: 'gw-facts' }, 'operator')
  const facts = { ratedSpeedMps: -1, insulationClass: 'Z', colour: 'red', stops: 4 }
  const adding = registry.addDevice({ id: 'elv-f', kind: 'elevator', gatewayId: 'gw-facts', facts }, 'operator')

  const error = await adding.catch((cause: unknown) => cause)
  expect(error).toMatchObject({ code: 'invalid' })
  const paths = (error as { faults: { path: string }[] }).faults.map(({ path }) => path).sort()
  expect(paths).toEqual(['facts.colour', 'facts.insulationClass', 'facts.ratedSpeedMps'])
})

test('a change touches what it names; facts are merged, and null takes one away', async () => {
  await registry.addGateway({ id: 'gw-u1' }, 'operator')
  await registry.addGateway({ id: 'gw-u2' }, 'operator')
  const facts = { stops: 12, ratedLoadKg: 800 }
  await registry.addDevice({ id: 'elv-u', kind: 'elevator', gatewayId: 'gw-u1', name: 'Lift', facts }, 'operator')
  changes = []

  const update = { facts: { stops: null, insulationClass: 'F' }, gatewayId: 'gw-u2', siteId: 'estate-1' }
  const updated = await registry.updateDevice('elv-u', update, 'operator')
  expect(updated).toMatchObject({ name: 'Lift', gatewayId: 'gw-u2', siteId: 'estate-1' })
  expect(updated.facts).toEqual({ ratedLoadKg: 800, insulationClass: 'F' })
  expect(await database.operations.device('elv-u')).toMatchObject({
    ...{ gatewayId: 'gw-u2', facts: updated.facts },
    movedFrom: { gatewayId: 'gw-u1', at: now },
  })
  expect(await registry.updateDevice('elv-u', { name: null }, 'operator')).toMatchObject({ name: null })
  expect(changes).toEqual(['device', 'device'])

  await registry.updateDevice('elv-u', { name: null, facts: { ratedLoadKg: 800 } }, 'operator')
  expect(await audited('elv-u')).toEqual(['device-added', 'device-changed', 'device-changed'])
  const refused = (id: string, wrong: object) => expect(registry.updateDevice(id, wrong, 'operator')).rejects
  await refused('elv-none', { name: 'x' }).toMatchObject({ code: 'not-found' })
  await refused('elv-u', { facts: { stops: 'many' } }).toMatchObject({ code: 'invalid' })
  await refused('elv-u', { gatewayId: 'gw-none' }).toMatchObject({ code: 'invalid' })
  expect(await database.operations.device('elv-u')).toMatchObject({
    gatewayId: 'gw-u2',
    facts: updated.facts,
    name: null,
  })
})

test('two who add a fact at the same moment both have it', async () => {
  await registry.addGateway({ id: 'gw-both' }, 'operator')
  await registry.addDevice({ id: 'elv-both', kind: 'elevator', gatewayId: 'gw-both' }, 'operator')
  const facts = { stops: 9, ratedLoadKg: 630, ratedSpeedMps: 1 }
  await Promise.all(
    Object.entries(facts).map(([name, value]) =>
      registry.updateDevice('elv-both', { facts: { [name]: value } }, 'operator'),
    ),
  )
  expect((await database.operations.device('elv-both'))?.facts).toEqual(facts)
})

test('a device for which somebody may be on the way is not retired; its incidents end with it, and their figures with them', async () => {
  const { operations } = database
  await registry.addGateway({ id: 'gw-r' }, 'operator')
  const device = { id: 'elv-r', kind: 'elevator', gatewayId: 'gw-r', siteId: 'estate-r', facts: { stops: 9 } }
  await registry.addDevice(device, 'operator')
  const incident = testIncident({ deviceId: 'elv-r', state: 'unknown', finding: 'elevator/door-fault' })
  await operations.insertIncident({ ...incident, followed: null })
  const order = testOrder({ incidentId: incident.id, deviceId: 'elv-r', finding: 'elevator/door-fault' })
  await operations.insertOrder(order)
  const before = await operations.counts()
  const retire = () => registry.retireDevice('elv-r', 'pulled down', 'li')
  await expect(retire()).rejects.toMatchObject({ code: 'order-state', message: expect.stringContaining(order.id) })
  expect(await operations.device('elv-r')).toMatchObject({ retiredAt: null })

  await operations.updateOrder(order.id, 'raised', { state: 'cancelled', cancelledAt: now })
  changes = []
  await retire()
  expect(changes).toEqual(['device'])
  expect(await operations.device('elv-r')).toMatchObject({ ...device, retiredAt: now })
  expect(await operations.incident(incident.id)).toMatchObject({ state: 'cleared', clearedAt: now })
  expect((await operations.counts()).devices).toBe(before.devices - 1)
  expect(await operations.devicesIn({ type: 'gateway', id: 'gw-r' })).toEqual([])
  expect(await operations.countDevicesAt('estate-r')).toBe(0)
  expect((await operations.history('device', 'elv-r', { limit: 1 })).items).toMatchObject([
    { actor: 'li', before: { retiredAt: null }, after: { ...device, retiredAt: now, reason: 'pulled down' } },
  ])
  await expect(retire()).rejects.toMatchObject({ code: 'already-done' })
  const line = Buffer.from('id,name\nelv-r,Lift')
  await expect(registry.applyImport('devices', line, 'li')).rejects.toMatchObject({
    faults: [{ path: 'line 2.id', message: expect.stringContaining('retired') }],
  })
  expect(await audited('elv-r')).toEqual(['device-added', 'device-retired'])
})

test('a retired device does not come back into a site that was removed meanwhile, unless somebody says where it is', async () => {
  await registry.addGateway({ id: 'gw-s' }, 'operator')
  await registry.addSite({ id: 'house-s', type: 'building', name: 'House' }, 'operator')
  const device = { id: 'elv-s', kind: 'elevator', gatewayId: 'gw-s' }
  const [nowhere, back] = [
    { ...device, siteId: null },
    { ...device, siteId: 'house-s' },
  ]
  await registry.addDevice(back, 'operator')
  await registry.retireDevice('elv-s', 'pulled down', 'li')
  await registry.removeSite('house-s', 'operator')
  const refused = { code: 'invalid', message: expect.stringMatching(/^siteId: .*house-s/) }
  await expect(registry.addDevice(device, 'li')).rejects.toMatchObject(refused)
  expect(await database.operations.device('elv-s')).toMatchObject({ retiredAt: now })

  expect(await registry.addDevice(nowhere, 'li')).toMatchObject({ siteId: null, retiredAt: null })
})

test('a retired device comes back with what was known of it; as another kind only where nothing was found on it', async () => {
  await registry.addGateway({ id: 'gw-b1' }, 'operator')
  await registry.addGateway({ id: 'gw-b2' }, 'operator')
  const device = { id: 'elv-b', kind: 'elevator', gatewayId: 'gw-b1', name: 'Lift', facts: { stops: 9 } }
  await registry.addDevice(device, 'operator')
  await registry.retireDevice('elv-b', 'moved', 'li')
  now += hourMs

  const again = { id: 'elv-b', kind: 'elevator', gatewayId: 'gw-b2', facts: { ratedLoadKg: 800 } }
  const back = await registry.addDevice(again, 'li')
  const known = { ...again, name: 'Lift', facts: { stops: 9, ratedLoadKg: 800 }, createdAt: start, retiredAt: null }
  expect(back).toMatchObject(known)
  expect(await database.operations.device('elv-b')).toMatchObject(known)
  expect(await audited('elv-b')).toEqual(['device-added', 'device-retired', 'device-returned'])

  await registry.retireDevice('elv-b', 'it is a meter', 'li')
  const meter = { id: 'elv-b', kind: 'electricity-meter', gatewayId: 'gw-b1' }
  await expect(registry.addDevice({ ...meter, gatewayId: 'gw-none' }, 'li')).rejects.toMatchObject({ code: 'invalid' })
  expect(await registry.addDevice(meter, 'li')).toMatchObject({ ...meter, name: 'Lift', facts: {} })
  expect(await database.operations.device('elv-b')).toMatchObject({ kind: 'electricity-meter', facts: {} })

  await registry.retireDevice('elv-b', 'a lift after all', 'li')
  await database.operations.insertIncident({ ...testIncident({ deviceId: 'elv-b' }), followed: null })
  await expect(registry.addDevice(again, 'li')).rejects.toMatchObject({ message: expect.stringMatching(/^kind: /) })
})

async function works(gatewayId: string, password: string): Promise<boolean> {
  const credentials = await database.operations.validCredentials(now)
  return credentials.some((credential) => credential.gatewayId === gatewayId && isSecret(password, credential))
}

async function audited(subject: string): Promise<string[]> {
  const { rows } = await sql.query('select action from audit where subject = $1 order by id', [subject])
  return rows.map(({ action }) => action)
}

test('a device has a feeder, contacts, a maintainer and an insurer; its history keeps what it was, the audit no names', async () => {
  await registry.addGateway({ id: 'gw-p' }, 'operator')
  await sql.query(`insert into teams (id, type, name, areas, skills, addresses, created_at)
    values ('otis', 'maintainer', 'Otis', '[]', '[]', '[]', now()), ('picc', 'insurer-inspector', 'PICC', '[]', '[]', '[]', now())`)
  const contacts = [{ role: 'car-phone' as const, name: 'Wang Xiaoer', phone: '+86 571 8888', addresses: [] }]
  const device = {
    id: 'elv-p',
    kind: 'elevator',
    gatewayId: 'gw-p',
    feederId: 'line-1',
    contacts,
    maintainerId: 'otis',
  }
  const added = await registry.addDevice(device, 'operator')
  expect(added).toMatchObject({ ...device, insurerId: null })

  now += hourMs
  const same = { contacts, feederId: 'line-1', maintainerId: 'otis' }
  expect(await registry.updateDevice('elv-p', same, 'operator')).toEqual(added)
  const changed = await registry.updateDevice('elv-p', { contacts: [], maintainerId: null, insurerId: 'picc' }, 'li')
  expect(changed).toEqual({ ...added, contacts: [], maintainerId: null, insurerId: 'picc' })
  expect(await database.operations.deviceParty('elv-p', 'maintainer', now - 1)).toBe('otis')
  expect(await database.operations.deviceParty('elv-p', 'maintainer', now)).toBeNull()

  expect((await database.operations.history('device', 'elv-p', { limit: 9 })).items).toMatchObject([
    { at: now, actor: 'li', before: added, after: changed },
    { at: start, actor: 'operator', before: null, after: added },
  ])
  expect(JSON.stringify((await sql.query('select * from audit')).rows)).not.toContain('Xiaoer')
})

test('a team that does not exist answers for nothing', async () => {
  await registry.addGateway({ id: 'gw-t' }, 'operator')
  const device = { id: 'elv-t', kind: 'elevator', gatewayId: 'gw-t' }
  const adding = registry.addDevice({ ...device, maintainerId: 'nobody', insurerId: 'none' }, 'operator')
  await expect(adding).rejects.toMatchObject({
    code: 'invalid',
    faults: [{ path: 'maintainerId' }, { path: 'insurerId' }],
  })
  expect(await database.operations.device('elv-t')).toBeUndefined()
  await registry.addDevice(device, 'operator')
  await expect(registry.updateDevice('elv-t', { insurerId: 'none' }, 'operator')).rejects.toMatchObject({
    faults: [{ path: 'insurerId', message: 'there is no team none' }],
  })
  await database.operations.insertTeam(testTeam('c1', { type: 'crew' }))
  await expect(registry.updateDevice('elv-t', { insurerId: 'c1' }, 'operator')).rejects.toMatchObject({
    faults: [{ path: 'insurerId', message: expect.stringContaining('c1 is of type crew; an insurer is') }],
  })
})
