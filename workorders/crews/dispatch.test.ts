import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { hourMs } from '../../core/clock.ts'
import type { Incident, WorkOrder } from '../../core/incident.ts'
import type { Channel } from '../../core/notice.ts'
import type { Party } from '../../core/plan.ts'
import { nowhere } from '../../core/scope.ts'
import type { Contact, Site } from '../../core/site.ts'
import type { OperationsStore } from '../../stores/operations/port.ts'
import { testMember, testRoster, testShift, testTeam } from '../../test/fixtures/people.ts'
import { testDevice, testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { recordEvent } from '../evidence/chain.ts'
import { chooseCrew, type DispatchedOrder, recipientsOf } from './dispatch.ts'

/** 02:00 in Shanghai. */
const night = Date.UTC(2026, 10, 23, 18)
const noon = night + 10 * hourMs
const path = { district: 'gongshu', estate: 'lotus', building: 'b1' }
let database: TestDatabase
let operations: OperationsStore

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
  for (const id of ['robot', 'sms']) await operations.insertChannel(channel(id))
  await operations.insertChannel({ ...channel('off'), enabled: false })
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  await operations.insertSite(site('gongshu', 'district', 'Gongshu', null))
  await operations.insertSite(site('lotus', 'estate', 'Lotus Garden', 'gongshu'))
  await operations.insertSite(site('b1', 'building', 'Building 1', 'lotus'))
  await operations.insertDevice(testDevice({ id: 'elv-1', siteId: 'b1' }))
  await operations.insertDevice(testDevice({ id: 'meter-1', kind: 'electricity-meter', siteId: 'b1' }))
})
afterAll(() => database.remove())
beforeEach(async () => {
  for (const team of await operations.workingTeams(['crew', 'maintainer', 'duty-room', 'supervisor', 'district'])) {
    await operations.updateTeam(team.id, { removedAt: 1 })
  }
  await operations.setDeviceParty('elv-1', 'maintainer', null, 0)
})

test('with nothing configured nobody is assigned, and the order says so', async () => {
  const order = await newOrder()
  expect(await choose(order)).toEqual({ teamId: null, because: 'nobody is assigned: no team exists' })
  expect(await recipientsOf(operations, order, 'crew', night)).toEqual([])
  await operations.insertTeam(testTeam(`duty-${randomUUID()}`, { type: 'duty-room' }))
  expect((await choose(order)).because).toBe('nobody is assigned: no crew exists')
})

test('the crew with the smallest area goes, and the order says why', async () => {
  const wide = await addTeam('Wide')
  await addTeam('District', { areas: ['gongshu'] })
  const near = await addTeam('East', { areas: ['somewhere', 'lotus'] })
  await staff(near, '20:00', '08:00')
  const order = await newOrder()
  expect(await choose(order)).toEqual({
    teamId: near,
    because: 'East: on duty until 08:00, area Lotus Garden, no open order',
  })
  const elsewhere = await newOrder({ place: { ...nowhere, siteId: 'x', path: { district: 'xihu' } } })
  expect(await choose(elsewhere)).toEqual({
    teamId: wide,
    because: 'Wide: counted as always on duty, for it has no roster, area everywhere, no open order',
  })
})

test('of crews with the same area the one with fewer open orders goes, ties by id', async () => {
  const [first = '', second = ''] = [await addTeam('One'), await addTeam('Two')].sort()
  const order = await newOrder()
  expect((await choose(order)).teamId).toBe(first)
  await newOrder({}, { teamId: first })
  await newOrder({}, { teamId: first, state: 'closed' })
  const choice = await choose(order)
  expect([choice.teamId, choice.because]).toEqual([second, expect.stringContaining('no open order')])
  await newOrder({}, { teamId: second })
  await newOrder({}, { teamId: second })
  expect(await choose(order)).toMatchObject({ teamId: first, because: expect.stringContaining('1 open order') })
})

test('a crew that is off duty, lacks the skill or covers another place does not go', async () => {
  const days = await addTeam('Days', { skills: ['elevator'] })
  await staff(days, '08:00', '20:00')
  const order = await newOrder()
  expect((await choose(order, night)).because).toBe(
    'nobody is assigned: no crew with elevators in its skills is on duty at 02:00',
  )
  expect((await choose(order, noon)).teamId).toBe(days)

  const meter = await newOrder({ deviceId: 'meter-1', finding: 'electricity-meter/arc' })
  expect((await choose(meter, noon)).because).toBe(
    'nobody is assigned: no crew for this area has electricity meters in its skills',
  )
  await operations.updateTeam(days, { areas: ['xihu'] })
  expect((await choose(order, noon)).because).toBe('nobody is assigned: no crew has Building 1 in its area')
  const lost = await newOrder({ place: nowhere })
  expect(await choose(lost, noon)).toMatchObject({ teamId: days, because: expect.stringContaining('not known') })
})

test('planned work is given to a crew whatever its shift', async () => {
  const days = await addTeam('Days')
  await staff(days, '08:00', '20:00')
  const order = await newOrder({}, { type: 'planned' })
  expect(await choose(order, night)).toEqual({ teamId: days, because: 'Days: area everywhere, no open order' })
})

test('the maintainer of the elevator goes first, when it is on duty and was not asked already', async () => {
  const crew = await addTeam('East')
  const maintainer = await addTeam('Hangzhou Lift', { type: 'maintainer' })
  const other = await addTeam('Another Lift', { type: 'maintainer' })
  await operations.setDeviceParty('elv-1', 'maintainer', maintainer, night - hourMs)
  await staff(maintainer, '08:00', '20:00')
  const order = await newOrder()
  expect(await choose(order, noon)).toEqual({
    teamId: maintainer,
    because: 'Hangzhou Lift: maintains elv-1, on duty until 20:00',
  })
  const atNight = await choose(order, night)
  expect(atNight.teamId).toBe(crew)
  expect(atNight.because).toMatch(/^Hangzhou Lift maintains elv-1 but is not on duty at 02:00; East: /)
  expect((await choose(order, noon, [maintainer])).because).toMatch(/but was asked already; East: /)
  expect((await choose(order, noon, [maintainer, crew])).teamId).toBeNull()
  expect(other).toBeDefined()
})

test('when all crews were asked, nobody is left, and the sentence names them', async () => {
  const crew = await addTeam('East')
  expect(await choose(await newOrder(), night, [crew])).toEqual({
    teamId: null,
    because: 'nobody is assigned: all that could go were asked already: East',
  })
})

test("a crew is told by its own address and those of its members on duty, in each one's language", async () => {
  const crew = await addTeam('East', { addresses: [{ channelId: 'robot', address: null }] })
  const [li, wang] = [await addMember(crew, 'Li', 'en'), await addMember(crew, 'Wang')]
  await operations.putRoster(testRoster(crew, [testShift('20:00', '08:00', [li]), testShift('08:00', '20:00', [wang])]))
  const order = await newOrder({}, { teamId: crew })
  const told = await recipientsOf(operations, order, 'crew', night)
  expect(told.map(({ name, channelId, address, locale }) => [name, channelId, address, locale])).toEqual([
    ['East', 'robot', null, 'zh-CN'],
    ['Li', 'sms', 'Li', 'en'],
  ])
  expect(told[0]).toMatchObject({ memberId: null, why: 'East: 抢修班组, 值班至 08:00' })
  expect(told[1]).toMatchObject({ party: 'crew', teamId: crew, memberId: li, why: 'East: crew, on duty until 08:00' })
})

test('who is reached only by channels that are switched off or gone cannot be told: others are, and learn why', async () => {
  const crew = await addTeam('East', { addresses: [{ channelId: 'off', address: null }] })
  await addMember(crew, 'Li', 'en', 'off')
  await addMember(crew, 'Wang', 'en', 'gone')
  const duty = await addTeam('Duty', { type: 'duty-room' })
  await addMember(duty, 'Zhou', 'en')
  const order = await newOrder({}, { teamId: crew })
  const told = await recipientsOf(operations, order, 'crew', night)
  expect(told.map(({ name, channelId }) => [name, channelId])).toEqual([['Zhou', 'sms']])
  expect(told[0]?.why).toMatch(/^no crew can be told; Duty: duty room/)

  await addMember(crew, 'Sun')
  expect((await recipientsOf(operations, order, 'crew', night)).map(({ name }) => name)).toEqual(['Sun'])
})

test('planned work whose people on duty cannot be told goes to the others of the team', async () => {
  const crew = await addTeam('East')
  const li = await addMember(crew, 'Li', 'en', 'off')
  await addMember(crew, 'Wang')
  await operations.putRoster(testRoster(crew, [testShift('20:00', '08:00', [li])]))
  const planned = await newOrder({}, { teamId: crew, type: 'planned' })
  expect((await recipientsOf(operations, planned, 'crew', night)).map(({ name }) => name)).toEqual(['Wang'])
})

test('a crew whose channels are all switched off goes only when no other can, and the order says so', async () => {
  const near = await addTeam('Near', { areas: ['lotus'] })
  await addMember(near, 'Li', 'en', 'off')
  const order = await newOrder()
  expect(await choose(order)).toMatchObject({
    teamId: near,
    because: expect.stringMatching(/^Near: its channels are switched off, /),
  })
  const wide = await addTeam('Wide')
  await addMember(wide, 'Wang')
  expect((await choose(order)).teamId).toBe(wide)

  const silent = await addTeam('By phone', { areas: ['b1'] })
  expect((await choose(order)).teamId, 'somebody calls a crew that has no address').toBe(silent)
})

test('a maintainer whose channels are all switched off goes only when no crew can', async () => {
  const maintainer = await addTeam('Hangzhou Lift', { type: 'maintainer' })
  await addMember(maintainer, 'Li', 'en', 'off')
  await operations.setDeviceParty('elv-1', 'maintainer', maintainer, night - hourMs)
  const order = await newOrder()
  const alone = await choose(order)
  expect([alone.teamId, alone.because]).toEqual([
    maintainer,
    expect.stringMatching(/^Hangzhou Lift: maintains elv-1, its channels are switched off, /),
  ])
  const deaf = await addTeam('Deaf')
  await addMember(deaf, 'Sun', 'en', 'off')
  expect((await choose(order)).teamId).toBe(maintainer)

  const crew = await addTeam('East')
  await addMember(crew, 'Wang')
  expect(await choose(order)).toMatchObject({
    teamId: crew,
    because: expect.stringMatching(/^Hangzhou Lift maintains elv-1 but its channels are switched off; East: /),
  })
})

test('when a crew cannot be told, those above are, and they learn why', async () => {
  const crew = await addTeam('East')
  const district = await addTeam('Gongshu office', { type: 'district', areas: ['gongshu'] })
  await addMember(district, 'Zhou')
  const order = await newOrder({}, { teamId: crew })
  const [told, ...more] = await recipientsOf(operations, order, 'crew', night)
  expect(more).toEqual([])
  expect(told).toMatchObject({ party: 'district', teamId: district, name: 'Zhou' })
  expect(told?.why).toMatch(/^抢修班组均无法通知；值班室均无法通知；主管均无法通知；Gongshu office: 区级监管人员/)
})

test('whoever has accepted is told of their order though their shift is over, beside those on duty', async () => {
  const crew = await addTeam('East')
  const [li, wang] = [await addMember(crew, 'Li', 'en'), await addMember(crew, 'Wang', 'en')]
  await operations.putRoster(testRoster(crew, [testShift('20:00', '08:00', [wang]), testShift('08:00', '20:00', [li])]))
  const told = async (given: Partial<WorkOrder>) =>
    (await recipientsOf(operations, await newOrder({}, { teamId: crew, ...given }), 'crew', night)).map(
      ({ name, why }) => [name, why],
    )
  const onDuty = ['Wang', 'East: crew, on duty until 08:00']
  expect(await told({})).toEqual([onDuty])
  expect(await told({ technicianId: wang })).toEqual([onDuty])
  expect(await told({ technicianId: li })).toEqual([onDuty, ['Li', 'East: crew, has accepted the order']])
})

test('where nobody is on duty, neither of a party nor above it, those off duty are told rather than nobody', async () => {
  const crew = await addTeam('East')
  const duty = await addTeam('Duty', { type: 'duty-room' })
  const supervisor = await addTeam('Above', { type: 'supervisor' })
  const told = async (party: Party, given: Partial<WorkOrder> = {}) =>
    (await recipientsOf(operations, await newOrder({}, { teamId: crew, ...given }), party, night)).map(
      ({ name, why }) => [name, why],
    )
  for (const [team, name] of [
    [duty, 'Zhou'],
    [supervisor, 'Sun'],
  ] as const) {
    const id = await addMember(team, name, 'en')
    await operations.putRoster(testRoster(team, [testShift('08:00', '20:00', [id])]))
  }
  const instead = 'nobody on duty can be told, so those off duty are; '
  expect(await told('duty-room')).toEqual([['Zhou', `${instead}Duty: duty room`]])
  expect(await told('supervisor')).toEqual([['Sun', `${instead}Above: supervisor`]])
  expect(await told('crew')).toEqual([['Zhou', `${instead}no crew can be told; Duty: duty room`]])
  expect(await told('duty-room', { type: 'planned' })).toEqual([])
  const li = await addMember(crew, 'Li', 'en')
  await operations.putRoster(testRoster(crew, [testShift('08:00', '20:00', [li])]))
  expect(await told('crew', { teamId: null })).toEqual([['Li', `${instead}East: crew`]])
  expect(await told('next-crew', { teamId: null })).toEqual([['Li', expect.stringContaining(instead)]])
  const nights = await addTeam('Above by night', { type: 'supervisor' })
  const id = await addMember(nights, 'Qian', 'en')
  await operations.putRoster(testRoster(nights, [testShift('20:00', '08:00', [id])]))
  expect(await told('duty-room')).toEqual([['Qian', expect.stringMatching(/^no duty room can be told; Above/)]])
})

test('the next crew is another one than that which has the order', async () => {
  const [east, west] = [await addTeam('East'), await addTeam('West')]
  await addMember(east, 'Li')
  await addMember(west, 'Wang')
  const order = await newOrder({}, { teamId: east })
  expect((await recipientsOf(operations, order, 'next-crew', night)).map(({ name }) => name)).toEqual(['Wang'])
})

test('of duty rooms the nearest is told', async () => {
  const rooms = await Promise.all(
    [['City', []] as const, ['Lotus', ['lotus']] as const].map(([name, areas]) =>
      addTeam(name, { type: 'duty-room', areas, addresses: [{ channelId: 'robot', address: name }] }),
    ),
  )
  const told = await recipientsOf(operations, await newOrder(), 'duty-room', night)
  expect(told.map(({ teamId }) => teamId)).toEqual([rooms[1]])
})

test('where the nearest duty room only watches its screen, the next one with an address is told, before any supervisor', async () => {
  await addTeam('Here', { type: 'duty-room', areas: ['lotus'] })
  await addTeam('City', { type: 'duty-room', areas: [], addresses: [{ channelId: 'robot', address: 'city' }] })
  await addTeam('Above', { type: 'supervisor', addresses: [{ channelId: 'robot', address: 'above' }] })
  const told = await recipientsOf(operations, await newOrder(), 'duty-room', night)
  expect(told.map(({ name, party }) => [name, party])).toEqual([['City', 'duty-room']])
})

test("an insurer's step reaches the insurer of that device, and never another one", async () => {
  const inspector = await addTeam('Inspector', { type: 'insurer-inspector' })
  const parts = await addTeam("Another insurer's parts desk", { type: 'insurer-parts' })
  await addMember(inspector, 'Chen')
  await addMember(parts, 'Sun')
  const order = await newOrder()
  expect(await recipientsOf(operations, order, 'insurer-inspector', night)).toEqual([])
  await operations.setDeviceParty('elv-1', 'insurer', inspector, 0)
  const names = async (party: 'insurer-inspector' | 'insurer-parts') =>
    (await recipientsOf(operations, order, party, night)).map(({ name }) => name)
  expect([await names('insurer-inspector'), await names('insurer-parts')]).toEqual([['Chen'], ['Chen']])

  await operations.setDeviceParty('elv-1', 'insurer', parts, 0)
  expect([await names('insurer-inspector'), await names('insurer-parts')]).toEqual([['Sun'], ['Sun']])
  const inspection = await newOrder({}, { type: 'inspection', severity: 'warning' })
  expect(await choose(inspection)).toEqual({
    teamId: null,
    because: "nobody is assigned: Another insurer's parts desk insures elv-1 but has no inspectors",
  })
  await operations.setDeviceParty('elv-1', 'insurer', null, 0)
})

test('the next crew is none that had the order; where all had it, those above are told and read why', async () => {
  const robot = (name: string) => ({ addresses: [{ channelId: 'robot', address: name }] })
  const [first, second] = [await addTeam('First', robot('1')), await addTeam('Second', robot('2'))]
  await addTeam('Room', { type: 'duty-room', ...robot('3') })
  const order = await newOrder({}, { teamId: second })
  const told = async () =>
    (await recipientsOf(operations, order, 'next-crew', night)).map(({ name, party, why }) => [name, party, why])
  expect(await told()).toMatchObject([['First', 'next-crew', expect.anything()]])

  const data = { action: 'reassign', teamId: second, fromTeamId: first }
  await operations.transaction((unit) =>
    recordEvent(unit, order.id, { at: night, type: 'reassigned', actor: 'liftwatt', data }),
  )
  expect(await told()).toMatchObject([['Room', 'duty-room', expect.stringMatching(/^下一抢修班组均无法通知/)]])
})

test('the property contact nearest to the device is told, and nobody in its place', async () => {
  const order = await newOrder()
  const address = [{ channelId: 'sms', address: '1' }]
  await operations.updateSite('gongshu', { contacts: [contact('property', 'Far', address)] })
  await operations.updateSite('lotus', {
    contacts: [contact('property', 'Gate', address), contact('emergency', 'Fire', address)],
  })
  const off = [{ channelId: 'off', address: '2' }]
  await operations.updateSite('b1', {
    contacts: [contact('property', 'No address', []), contact('property', 'Off', off)],
  })
  const told = await recipientsOf(operations, order, 'property', night)
  expect(told.map(({ name, why }) => [name, why])).toEqual([['Gate', '小区 lotus 的物业联系人']])
  expect(await recipientsOf(operations, order, 'tenant', night)).toEqual([])
})

async function addTeam(name: string, given: Partial<ReturnType<typeof testTeam>> = {}): Promise<string> {
  const team = testTeam(`t-${randomUUID()}`, { name, ...given })
  await operations.insertTeam(team)
  return team.id
}

async function addMember(
  teamId: string,
  name: string,
  locale: 'en' | 'zh-CN' = 'zh-CN',
  channelId = 'sms',
): Promise<string> {
  const id = randomUUID()
  await operations.insertMember(testMember(id, teamId, { name, locale, addresses: [{ channelId, address: name }] }))
  return id
}

function staff(teamId: string, from: string, until: string): Promise<boolean> {
  return operations.putRoster(testRoster(teamId, [testShift(from, until, ['somebody'])]))
}

async function newOrder(of: Partial<Incident> = {}, given: Partial<WorkOrder> = {}): Promise<WorkOrder> {
  const place = { gatewayId: 'gw-1', feederId: null, siteId: 'b1', path }
  const detectedAt = night + Math.floor(Math.random() * 1e9)
  const incident = testIncident({ deviceId: 'elv-1', place, detectedAt, ...of })
  const { orderId: _, ...fresh } = incident
  await operations.insertIncident({ ...fresh, followed: null })
  const { deviceId, finding } = incident
  const order = testOrder({ incidentId: incident.id, deviceId, finding, ...given })
  await operations.insertOrder(order)
  return order
}

function choose(order: DispatchedOrder, now = night, exclude: readonly string[] = []) {
  return operations.transaction((unit) => chooseCrew(unit, order, { exclude }, now))
}

function contact(role: Contact['role'], name: string, addresses: Contact['addresses']): Contact {
  return { role, name, phone: null, addresses }
}

function channel(id: string): Channel {
  return { id, type: 'webhook', name: id, settings: {}, enabled: true, createdAt: 0 }
}

function site(id: string, type: Site['type'], name: string, parentId: string | null): Site {
  const nothing = { use: null, address: null, entrance: null, emergencyPlan: null, latitude: null, longitude: null }
  return { id, type, name, parentId, ...nothing, contacts: [], createdAt: 0 }
}
