import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everywhere } from '../../core/account.ts'
import { hourMs } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { kinds } from '../../devices/index.ts'
import { testIncident } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { acceptJsonOnly } from '../json-body.ts'
import { createErrorHandler } from '../problem.ts'
import { limitSight } from '../scope.ts'
import { incidentRoutes } from './incidents.ts'
import { suppressionRoutes } from './suppressions.ts'

const start = Date.UTC(2026, 10, 24, 8)
let now = start
let database: TestDatabase
let app: FastifyInstance

beforeAll(async () => {
  database = await startTestDatabase()
  app = Fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  acceptJsonOnly(app)
  app.setErrorHandler(createErrorHandler(silentLog))
  app.decorateRequest('actor', 'wang')
  app.decorateRequest('keyed')
  app.addHook('onRequest', async (request) => {
    request.viewer = { accountId: 'wang', name: 'Wang', memberships: [everywhere], sessionId: null }
    // without the answers that are kept: as when the first one was lost with its process
    const key = request.headers['idempotency-key']
    if (typeof key !== 'string') return
    request.keyed = { id: key, actor: 'wang', route: request.url, fingerprint: '', claimedAt: now }
  })
  limitSight(app, database)
  const options = { operations: database.operations, kinds, clock: () => now }
  await app.register(suppressionRoutes, options)
  await app.register(incidentRoutes, options)
  await app.ready()
})
afterAll(async () => {
  await app.close()
  await database.remove()
})

const get = (url: string) => app.inject({ url })
const post = (url: string, payload?: object, key?: string) =>
  app.inject({ method: 'POST', url, ...(payload && { payload }), headers: key ? { 'idempotency-key': key } : {} })

const feeder = { type: 'feeder', id: 'f-1' }
const shelf = { type: 'shelf', scope: feeder, reason: 'Parts ordered', endsAt: '2026-11-25T08:00:00Z' }

test('a shelf lives: begun, listed, seen, ended once', async () => {
  const begun = await post('/suppressions', { ...shelf, finding: 'elevator/door-close-drift' })
  const { id, ...said } = begun.json()
  expect([begun.statusCode, begun.headers.location]).toEqual([201, `/api/v1/suppressions/${id}`])
  const at = '2026-11-24T08:00:00.000Z'
  expect(said).toEqual({
    ...shelf,
    ...{ finding: 'elevator/door-close-drift', endsAt: '2026-11-25T08:00:00.000Z', startsAt: at },
    ...{ createdAt: at, createdBy: 'wang', endedAt: null, endedBy: null },
  })
  const twice = await post('/suppressions', { ...shelf, finding: 'elevator/door-close-drift', reason: 'Again' })
  expect([twice.statusCode, twice.json().code]).toEqual([409, 'already-exists'])
  expect((await get('/suppressions?scopeType=feeder&scopeId=f-1&active=true')).json().items).toEqual([begun.json()])

  now = start + hourMs
  const ended = await post(`/suppressions/${id}/end`)
  expect(ended.json()).toMatchObject({ endedAt: '2026-11-24T09:00:00.000Z', endedBy: 'wang' })
  expect((await post(`/suppressions/${id}/end`, {})).json()).toMatchObject({ code: 'already-done', status: 409 })
  expect((await get('/suppressions?active=true')).json().items).toEqual([])
  expect((await get(`/suppressions/${id}`)).json()).toEqual(ended.json())
  expect((await get('/suppressions')).json().items).toEqual([ended.json()])
  expect((await get(`/suppressions/${randomUUID()}`)).statusCode).toBe(404)
  expect((await post(`/suppressions/${randomUUID()}/end`)).statusCode).toBe(404)
})

test('the same key again begins and ends nothing twice', async () => {
  const first = await post('/suppressions', shelf, 'tap-1')
  expect((await post('/suppressions', shelf, 'tap-1')).json()).toEqual(first.json())
  const other = { ...shelf, scope: { type: 'feeder', id: 'f-2' } }
  expect((await post('/suppressions', other, 'tap-1')).json().code).toBe('already-done')

  const end = (key: string) => post(`/suppressions/${first.json().id}/end`, undefined, key)
  const ended = await end('tap-2')
  expect(ended.statusCode).toBe(200)
  expect((await end('tap-2')).json()).toEqual(ended.json())
  expect((await end('tap-3')).statusCode).toBe(409)
})

test.each([
  ['no reason', { ...shelf, reason: '  ' }],
  ['no end', { ...shelf, endsAt: undefined }],
  ['an end beyond 30 days', { ...shelf, endsAt: '2027-01-24T08:00:00Z' }],
  ['a trapped passenger', { ...shelf, finding: 'elevator/entrapment' }],
  ['one whom another system sees', { ...shelf, finding: 'camera/entrapment' }],
  ['what a person says', { ...shelf, finding: 'manual/report' }],
  ['an unknown scope', { ...shelf, scope: { type: 'city', id: 'x' } }],
  ['an unknown gateway', { ...shelf, scope: { type: 'gateway', id: 'gw-none' } }],
  ['another’s name', { ...shelf, createdBy: 'li' }],
])('refused: %s', async (_, wrong) => {
  const refused = await post('/suppressions', wrong)
  expect([refused.statusCode, refused.json().code]).toEqual([400, 'invalid'])
})

async function insert(given: Parameters<typeof testIncident>[0]) {
  const { orderId: _, ...incident } = testIncident(given)
  await database.operations.insertIncident({ ...incident, followed: null })
  return incident
}

test('an explained incident shows why, by what, and the cause shows what it explains', async () => {
  const cause = await insert({ deviceId: null, scope: { type: 'gateway', id: 'gw-1' }, finding: 'gateway/silent' })
  const suppressed = { by: 'inhibition', id: cause.id, text: 'Explained by gateway/silent', at: start } as const
  const child = await insert({ deviceId: 'm-1', state: 'suppressed', parentId: cause.id, suppressed })
  const alone = await insert({ deviceId: 'm-2' })

  const shown = (await get(`/incidents/${child.id}`)).json()
  expect(shown).toMatchObject({
    ...{ state: 'suppressed', parentId: cause.id, children: [], childCount: 0 },
    suppressed: { ...suppressed, at: '2026-11-24T08:00:00.000Z' },
  })
  const { children, childCount } = (await get(`/incidents/${cause.id}`)).json()
  expect([children.map(({ id }: { id: string }) => id), childCount]).toEqual([[child.id], 1])
  const listed = (await get(`/incidents?parentId=${cause.id}`)).json().items
  expect(listed.map(({ id }: { id: string }) => id)).toEqual([child.id])
  expect((await get(`/incidents/${alone.id}`)).json()).toMatchObject({ parentId: null, suppressed: null, children: [] })
  expect((await get('/incidents?parentId=nobody')).statusCode).toBe(400)
})

test('acknowledged or not is another matter than open or cleared; it is done once', async () => {
  const cleared = await insert({ deviceId: 'm-3', state: 'cleared', clearedAt: start })
  const acknowledge = (key?: string) => post(`/incidents/${cleared.id}/acknowledge`, undefined, key)
  now = start + 2 * hourMs
  const done = await acknowledge('tap-1')
  expect(done.json()).toMatchObject({
    ...{ state: 'cleared', acknowledgedAt: '2026-11-24T10:00:00.000Z', acknowledgedBy: 'wang' },
  })
  now += hourMs
  expect((await acknowledge('tap-1')).json()).toEqual(done.json())
  expect((await acknowledge('tap-2')).json()).toMatchObject({ status: 409, code: 'already-done' })
  expect((await acknowledge()).statusCode).toBe(409)
  expect((await post(`/incidents/${randomUUID()}/acknowledge`)).statusCode).toBe(404)
})
