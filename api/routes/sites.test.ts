import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../../core/log.ts'
import { kinds, metricCatalogue } from '../../devices/index.ts'
import { createRegistry } from '../../registry/registry.ts'
import { memoryReadings } from '../../stores/readings/memory.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { requireToken } from '../auth.ts'
import { acceptJsonOnly } from '../json-body.ts'
import { createErrorHandler } from '../problem.ts'
import { limitSight } from '../scope.ts'
import { deviceRoutes } from './devices.ts'
import { siteRoutes } from './sites.ts'

const start = Date.UTC(2026, 10, 24, 8)
const startText = '2026-11-24T08:00:00.000Z'
const operatorToken = 'an-operator-token-of-more-than-32-characters'
let database: TestDatabase
let app: FastifyInstance

beforeAll(async () => {
  database = await startTestDatabase()
  const { operations } = database
  const clock = () => start
  const registry = createRegistry({ operations, kinds, clock, onChange: () => {} })
  await registry.addGateway({ id: 'gw-1' }, 'operator')
  app = Fastify({ logger: false })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  acceptJsonOnly(app)
  requireToken(app, { operatorToken, clock })
  limitSight(app, { operations })
  app.setErrorHandler(createErrorHandler(silentLog))
  const readings = memoryReadings({ catalogue: metricCatalogue })
  const healthWatch = { lastHeard: async () => new Map() }
  const options = { prefix: '/api/v1', operations, registry, kinds, clock, readings, healthWatch, rulesOff: () => [] }
  await app.register(siteRoutes, options)
  await app.register(deviceRoutes, options)
  await app.ready()
})
afterAll(async () => {
  await app.close()
  await database.remove()
})

const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) =>
  app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${operatorToken}` },
    ...(payload && { payload }),
  })
const get = (path: string) => send('GET', path)
const problemOf = async (answer: ReturnType<typeof send>) => {
  const { statusCode, json } = await answer
  return [statusCode, json().code]
}

test('a site lives: added, listed, seen where it is, changed, removed; its history stays', async () => {
  await send('POST', '/sites', { id: 'xihu', type: 'district', name: '西湖区' })
  const contacts = [{ role: 'property', name: 'Guard', phone: '0571-8888', addresses: [{ channelId: 'robot' }] }]
  const given = { id: 'house-3', type: 'building', name: 'House 3', parentId: 'xihu', use: 'rental', contacts }
  const added = await send('POST', '/sites', given)
  const site = {
    ...{ ...given, address: null, entrance: null, emergencyPlan: null, latitude: null, longitude: null },
    ...{ contacts: [{ ...contacts[0], addresses: [{ channelId: 'robot', address: null }] }], createdAt: startText },
  }
  expect([added.statusCode, added.headers.location, added.json()]).toEqual([201, '/api/v1/sites/house-3', site])
  expect((await get('/sites?parentId=xihu&type=building&text=HOUSE')).json()).toEqual({
    items: [site],
    nextCursor: null,
  })
  const path = { building: 'house-3', district: 'xihu' }
  expect((await get('/sites/house-3')).json()).toEqual({ ...site, path, devices: 0 })

  const changed = await send('PATCH', '/sites/house-3', { entrance: 'Gate B', contacts: [] })
  expect(changed.json()).toEqual({ ...site, entrance: 'Gate B', contacts: [] })
  expect(await problemOf(send('DELETE', '/sites/xihu'))).toEqual([400, 'invalid'])
  expect((await send('DELETE', '/sites/house-3')).statusCode).toBe(204)
  expect(await problemOf(get('/sites/house-3'))).toEqual([404, 'not-found'])

  const first = (await get('/sites/house-3/history?limit=2')).json()
  expect(first.items).toMatchObject([
    { at: startText, actor: 'operator', before: { entrance: 'Gate B' }, after: null },
    { before: { entrance: null }, after: { entrance: 'Gate B' } },
  ])
  const rest = (await get(`/sites/house-3/history?limit=2&cursor=${first.nextCursor}`)).json()
  expect(rest).toMatchObject({
    items: [{ before: null, after: { id: 'house-3', createdAt: startText } }],
    nextCursor: null,
  })
})

test('what is wrong is named, and nothing is taken that is not known', async () => {
  const wrong = await send('POST', '/sites', { id: 'x', type: 'palace', name: '', createdAt: startText })
  expect([
    wrong.statusCode,
    wrong
      .json()
      .errors.map(({ path }: { path: string }) => path)
      .sort(),
  ]).toEqual([400, ['createdAt', 'name', 'type']])
  const misplaced = await send('POST', '/sites', { id: 'x', type: 'district', name: 'x', parentId: 'xihu' })
  expect(misplaced.json()).toMatchObject({ code: 'invalid', errors: [{ path: 'parentId' }] })
  const site = { id: 'xihu', type: 'district', name: 'again' }
  expect(await problemOf(send('POST', '/sites', site))).toEqual([409, 'already-exists'])
  expect(await problemOf(send('POST', '/sites', { ...site, id: 'export' }))).toEqual([400, 'invalid'])
  expect(await problemOf(send('PATCH', '/sites/xihu', { id: 'other' }))).toEqual([400, 'invalid'])
  expect(await problemOf(send('PATCH', '/sites/none', { name: 'x' }))).toEqual([404, 'not-found'])
  expect(await problemOf(send('DELETE', '/sites/none'))).toEqual([404, 'not-found'])
  expect(await problemOf(get('/sites/none/history'))).toEqual([404, 'not-found'])
  expect(await problemOf(get('/devices/none/history'))).toEqual([404, 'not-found'])
  for (const method of ['POST', 'GET'] as const) {
    expect((await app.inject({ method, url: '/api/v1/sites', payload: site })).statusCode).toBe(401)
  }
})

test('a device answers its feeder, contacts, maintainer and insurer, alone and in the list', async () => {
  const team = { skills: [], areas: [], phone: null, addresses: [], createdAt: 0, removedAt: null }
  await database.operations.insertTeam({ ...team, id: 'otis', type: 'maintainer', name: 'Otis' })
  const contacts = [{ role: 'car-phone', name: 'Car', phone: '96333', addresses: [] }]
  const device = { id: 'lift-1', kind: 'elevator', gatewayId: 'gw-1', siteId: 'not-yet', feederId: 'line-7', contacts }
  const added = await send('POST', '/devices', { ...device, maintainerId: 'otis' })
  expect(added.statusCode).toBe(201)
  const expected = { ...device, maintainerId: 'otis', insurerId: null }
  expect(added.json()).toMatchObject(expected)
  expect((await get('/devices')).json().items).toMatchObject([expected])
  expect((await get('/devices/lift-1')).json()).toMatchObject(expected)

  const changed = await send('PATCH', '/devices/lift-1', { feederId: null, maintainerId: null })
  expect(changed.json()).toMatchObject({ feederId: null, maintainerId: null, contacts })
  const unknown = await send('PATCH', '/devices/lift-1', { insurerId: 'nobody' })
  expect(unknown.json()).toMatchObject({ code: 'invalid', errors: [{ path: 'insurerId' }] })
  expect(await problemOf(send('PATCH', '/devices/lift-1', { createdAt: startText }))).toEqual([400, 'invalid'])
  const history = await get('/devices/lift-1/history')
  expect(history.json().items).toMatchObject([{ before: expected, after: { maintainerId: null } }, { before: null }])
})
