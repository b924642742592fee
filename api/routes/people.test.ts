import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../../core/log.ts'
import { kinds, metricCatalogue } from '../../devices/index.ts'
import { createPeople } from '../../registry/people.ts'
import { memoryReadings } from '../../stores/readings/memory.ts'
import { testDevice } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { createMaintenance } from '../../workorders/maintenance/maintenance.ts'
import { requireToken } from '../auth.ts'
import { acceptJsonOnly } from '../json-body.ts'
import { createErrorHandler } from '../problem.ts'
import { limitSight } from '../scope.ts'
import { maintenanceRoutes } from './maintenance.ts'
import { memberRoutes } from './members.ts'
import { rosterRoutes } from './rosters.ts'
import { teamRoutes } from './teams.ts'

/** 02:00 in Shanghai on the 25th. */
const now = Date.UTC(2026, 10, 24, 18)
const operatorToken = 'an-operator-token-of-more-than-32-characters'
let database: TestDatabase
let app: FastifyInstance

beforeAll(async () => {
  database = await startTestDatabase()
  const { operations } = database
  const clock = () => now
  const readings = memoryReadings({ catalogue: metricCatalogue })
  const people = createPeople({ operations, kinds, clock })
  const options = { operations, people, maintenance: createMaintenance({ operations, readings, clock }), clock }
  app = Fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  acceptJsonOnly(app)
  requireToken(app, { operatorToken, clock })
  limitSight(app, { operations })
  app.setErrorHandler(createErrorHandler(silentLog))
  for (const routes of [teamRoutes, memberRoutes, rosterRoutes, maintenanceRoutes]) {
    await app.register(routes as never, { ...options, prefix: '/api/v1' } as never)
  }
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  await operations.insertDevice(testDevice({ id: 'elv-1' }))
})
afterAll(async () => {
  await app.close()
  await database.remove()
})

test('a crew is added with its members and roster, and it is told who is on duty at 02:00', async () => {
  const team = await send('POST', '/teams', { id: 'east', type: 'crew', name: 'East', skills: ['elevator'] })
  expect([team.statusCode, team.headers.location]).toEqual([201, '/api/v1/teams/east'])
  expect(team.json()).toMatchObject({ id: 'east', areas: [], createdAt: '2026-11-24T18:00:00.000Z', removedAt: null })
  for (const [id, name] of [
    ['li', '李'],
    ['wang', '王'],
  ]) {
    const member = await send('POST', '/members', { id, teamId: 'east', name, phone: '+86 571 110' })
    expect([member.statusCode, member.json().locale]).toEqual([201, 'zh-CN'])
  }
  expect((await send('GET', '/members?teamId=east')).json().items).toHaveLength(2)
  expect((await send('GET', '/teams/east/on-duty')).json()).toMatchObject({ rostered: false, members: [{}, {}] })
  expect((await send('GET', '/teams/east/roster')).json()).toMatchObject({ version: 0, shifts: [] })

  const shifts = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '20:00', until: '05:00', memberIds: ['li'] }]
  const put = await send('PUT', '/teams/east/roster', { version: 0, shifts })
  expect([put.statusCode, put.json()]).toMatchObject([200, { version: 1, timeZone: 'Asia/Shanghai', swaps: [] }])
  const stale = await send('PUT', '/teams/east/roster', { version: 0, shifts })
  expect([stale.statusCode, stale.json().code]).toEqual([409, 'already-done'])

  const [onDuty] = (await send('GET', '/on-duty')).json().items
  expect(onDuty).toEqual({
    ...{ teamId: 'east', type: 'crew', name: 'East', phone: null, rostered: true, memberCount: 2 },
    at: '2026-11-24T18:00:00.000Z',
    until: '2026-11-24T21:00:00.000Z',
    members: [{ id: 'li', name: '李', phone: '+86 571 110' }],
    nextGap: { from: '2026-11-24T21:00:00.000Z', until: '2026-11-25T12:00:00.000Z' },
  })

  const off = (await send('GET', '/teams/east/on-duty?at=2026-11-25T12:00:00%2B08:00')).json()
  expect(off).toMatchObject({ members: [], memberCount: 2 })
  await send('POST', '/teams', { id: 'empty', type: 'crew', name: 'Empty' })
  expect((await send('GET', '/teams/empty/on-duty')).json()).toMatchObject({ members: [], memberCount: 0 })
  await send('DELETE', '/teams/empty')

  const swap = { from: '2026-11-25T01:00:00+08:00', until: '2026-11-25T03:00:00+08:00', memberId: 'li' }
  const swapped = await send('POST', '/teams/east/roster/swaps', { ...swap, insteadId: 'wang', reason: 'ill' })
  expect([swapped.statusCode, swapped.json().version]).toEqual([200, 2])
  const during = await send('GET', '/teams/east/on-duty?at=2026-11-25T02:00:00%2B08:00')
  expect(during.json().members).toMatchObject([{ id: 'wang' }])
  expect((await send('GET', '/teams/east/on-duty?at=2026-11-24T19:00:00Z')).json().members).toMatchObject([
    { id: 'li' },
  ])
})

test('who works in another team can stand in for nobody here, and the answer says so', async () => {
  await send('POST', '/teams', { id: 'north', type: 'crew', name: 'North' })
  await send('POST', '/members', { id: 'gao', teamId: 'north', name: 'Gao' })
  const swap = { from: '2026-11-25T01:00:00+08:00', until: '2026-11-25T03:00:00+08:00', memberId: 'li' }
  const refused = await send('POST', '/teams/east/roster/swaps', { ...swap, insteadId: 'gao' })
  expect([refused.statusCode, refused.json().detail]).toEqual([
    400,
    expect.stringContaining('there is no member of this team gao'),
  ])
})

test('what is changed stays changed, and what is removed gets nothing more', async () => {
  await send('POST', '/teams', { id: 'west', type: 'supervisor', name: 'West' })
  await send('POST', '/members', { id: 'zhou', teamId: 'west', name: 'Zhou' })
  expect((await send('PATCH', '/teams/west', { name: 'Far west' })).json().name).toBe('Far west')
  expect((await send('PATCH', '/members/zhou', { locale: 'en' })).json().locale).toBe('en')
  expect((await send('DELETE', '/members/zhou')).statusCode).toBe(204)
  expect((await send('DELETE', '/teams/west')).statusCode).toBe(204)
  expect((await send('GET', '/teams?type=supervisor')).json().items).toEqual([])
  expect((await send('GET', '/teams/west')).json().removedAt).toBe('2026-11-24T18:00:00.000Z')
  expect((await send('GET', '/members/zhou')).json().removedAt).toBe('2026-11-24T18:00:00.000Z')
  expect((await send('GET', '/teams/west/on-duty')).statusCode).toBe(404)
})

test.each([
  ['POST', '/teams', { id: 'x', type: 'army', name: 'x' }, 400],
  ['POST', '/teams', { id: 'x', type: 'crew', name: 'x', skills: ['ship'] }, 400],
  ['POST', '/members', { id: 'x', teamId: 'none', name: 'x' }, 400],
  ['PUT', '/teams/none/roster', { version: 0, shifts: [] }, 404],
  ['PUT', '/teams/none/roster', { version: 0, shifts: [{ days: [8], from: '24:00', until: '5', memberIds: [] }] }, 400],
  ['PATCH', '/members/none', { name: 'x' }, 404],
  ['GET', '/teams/none', undefined, 404],
  ['GET', '/devices/none/maintenance', undefined, 404],
  ['GET', '/visits/7b0c3c1e-6a2c-4c57-9a57-2f2d5b1f2b11', undefined, 404],
] as const)('%s %s is refused with a reason', async (method, path, body, status) => {
  const answer = await send(method, path, body)
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([status, 'application/problem+json'])
  expect(answer.json().detail).not.toBe('')
})

test('nobody gets in without a token', async () => {
  for (const url of ['/api/v1/teams', '/api/v1/members', '/api/v1/on-duty', '/api/v1/visits']) {
    expect((await app.inject({ method: 'GET', url })).statusCode).toBe(401)
  }
})

test('an elevator is put under a regime, a visit claimed, and both are shown', async () => {
  const missing = await send('PUT', '/devices/elv-1/maintenance/regime', { type: 'on-demand' })
  expect(missing.statusCode).toBe(400)
  expect(missing.json().errors.map(({ path }: { path: string }) => path)).toContain('liability-insurance')

  const put = await send('PUT', '/devices/elv-1/maintenance/regime', { type: 'calendar' })
  expect(put.json()).toMatchObject({
    regime: { type: 'calendar', dueFrom: 'completion', validUntil: null },
    items: [
      { item: 'half-month', dueDate: '2026-12-10', dueAt: '2026-12-10T16:00:00.000Z', overdueDays: 0 },
      {},
      {},
      {},
    ],
    overdue: false,
    lapsed: [],
  })
  const visit = { items: ['half-month'], startedAt: '2026-11-24T10:00:00Z', endedAt: '2026-11-24T11:00:00Z' }
  const claimed = await send('POST', '/devices/elv-1/visits', { ...visit, workers: ['Li'] })
  expect([claimed.statusCode, claimed.json()]).toMatchObject([
    201,
    { verdict: 'cannot-tell', remarks: [expect.stringContaining('Only one person')], claimedBy: 'operator' },
  ])
  expect((await send('GET', claimed.headers.location?.slice('/api/v1'.length) ?? '')).json()).toEqual(claimed.json())
  expect((await send('GET', '/devices/elv-1/visits')).json().items).toEqual([claimed.json()])
  expect((await send('GET', '/visits?verdict=proven')).json().items).toEqual([])
  expect((await send('POST', '/devices/elv-1/visits', visit)).statusCode).toBe(409)
})

test('past visits are imported from a file', async () => {
  const csv = 'device_id,started_at,ended_at,items\nelv-1,2026-11-01 09:00,2026-11-01 10:00,half-month;quarter\n'
  const post = (query: string) =>
    app.inject({
      ...{ method: 'POST', url: `/api/v1/visits/import${query}`, payload: csv },
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'text/csv' },
    })
  expect((await post('')).json()).toMatchObject({ created: 1, applied: false })
  expect((await post('?apply=true')).json()).toMatchObject({ created: 1, applied: true, errors: [] })
  expect((await post('?apply=true')).json()).toMatchObject({ created: 0, existing: 1 })
})

test('a file of a Chinese Excel is read as what it says it is, and refused where it says nothing', async () => {
  const header = 'device_id,started_at,ended_at,items,workers\n'
  const line = Buffer.from('elv-1,2026-10-01 09:00,2026-10-01 10:00,half-month,')
  const payload = Buffer.concat([Buffer.from(header), line, Buffer.from([0xc0, 0xee])]) // 李 in GB 18030
  const post = (type: string) =>
    app.inject({
      ...{ method: 'POST', url: '/api/v1/visits/import?apply=true', payload },
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': type },
    })
  for (const type of ['text/csv', 'text/csv; charset=utf-8', 'text/csv; charset=nonsense']) {
    const refused = await post(type)
    expect([refused.statusCode, refused.json().detail], type).toEqual([400, expect.stringMatching(/^The file is no/)])
  }
  expect((await post('text/csv; charset=gb18030')).json()).toMatchObject({ created: 1, applied: true })
  const { items } = (await send('GET', '/visits?to=2026-10-02T00:00:00Z')).json()
  expect(items).toMatchObject([{ workers: ['李'] }])
})

function send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object) {
  const request: InjectOptions = {
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${operatorToken}` },
    ...(body !== undefined && { payload: body }),
  }
  return app.inject(request)
}
