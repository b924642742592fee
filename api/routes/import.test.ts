import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../../core/log.ts'
import { kinds } from '../../devices/index.ts'
import { createRegistry } from '../../registry/registry.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { requireToken } from '../auth.ts'
import { acceptJsonOnly } from '../json-body.ts'
import { describeApi } from '../openapi.ts'
import { createErrorHandler } from '../problem.ts'
import { importRoutes } from './import.ts'
import { siteRoutes } from './sites.ts'

const start = Date.UTC(2026, 10, 24, 8)
const operatorToken = 'an-operator-token-of-more-than-32-characters'
let database: TestDatabase
let sql: pg.Client
let app: FastifyInstance

beforeAll(async () => {
  database = await startTestDatabase()
  sql = new pg.Client(database.connection)
  await sql.connect()
  const { operations } = database
  const clock = () => start
  const registry = createRegistry({ operations, kinds, clock, onChange: () => {} })
  app = Fastify({ logger: false })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  acceptJsonOnly(app)
  requireToken(app, { operatorToken, clock })
  app.setErrorHandler(createErrorHandler(silentLog))
  await describeApi(app, '1.2.3')
  await app.register(siteRoutes, { prefix: '/api/v1', operations, registry, kinds, clock })
  await app.register(importRoutes, { prefix: '/api/v1', registry })
  await app.ready()
})
afterAll(async () => {
  await app.close()
  await sql.end()
  await database.remove()
})

const authorization = `Bearer ${operatorToken}`
const send = (payload: string | Buffer, query = '', headers: Record<string, string> = { 'content-type': 'text/csv' }) =>
  app.inject({ method: 'POST', url: `/api/v1/import${query}`, headers: { authorization, ...headers }, payload })
const exported = (kind = 'sites') =>
  app.inject({ url: `/api/v1/sites/export?format=csv&kind=${kind}`, headers: { authorization } })

const csv = '\ufeffid;type;name;parentId\r\nxihu;district;西湖区;\r\ngarden;estate;Garden;xihu\r\n'

test('a file is previewed, then taken, then comes back as it was', async () => {
  const seen = await send(csv, '', { 'content-type': 'text/csv; charset=utf-8' })
  expect(seen.statusCode).toBe(200)
  expect(seen.json()).toEqual({
    kind: 'sites',
    applied: false,
    counts: { create: 2, change: 0, unchanged: 0, error: 0 },
    lines: [
      { line: 2, id: 'xihu', action: 'create', changes: [], faults: [] },
      { line: 3, id: 'garden', action: 'create', changes: [], faults: [] },
    ],
  })
  expect(await database.operations.site('xihu')).toBeUndefined()
  expect((await send(csv, '?apply=false&kind=sites')).json().applied).toBe(false)

  expect((await send(csv, '?apply=true')).json()).toMatchObject({ applied: true, counts: { create: 2 } })
  const { body, headers } = await exported()
  expect(headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="liftwatt-sites.csv"',
  })
  expect(body.split('\r\n')).toEqual([
    '\ufeffid,type,name,parentId,use,address,entrance,emergencyPlan,latitude,longitude',
    'garden,estate,Garden,xihu,,,,,,',
    'xihu,district,西湖区,,,,,,,',
    '',
  ])
  expect((await send(body)).json().counts).toEqual({ create: 0, change: 0, unchanged: 2, error: 0 })
  for (const kind of ['devices', 'contacts']) expect((await exported(kind)).statusCode).toBe(200)
})

test('faults are named by line, each with its field, and nothing is written', async () => {
  const wrong = 'id,type,name\nnew,estate,New\nbad id,palace,\n'
  const preview = await send(wrong)
  expect(preview.json().counts).toEqual({ create: 1, change: 0, unchanged: 0, error: 1 })

  const refused = await send(wrong, '?apply=true')
  expect([refused.statusCode, refused.json().code]).toEqual([400, 'invalid'])
  expect(refused.json().detail).toBe('Nothing was imported: 1 of 2 lines have faults')
  expect(refused.json().errors.map(({ path }: { path: string }) => path)).toEqual([
    'line 3.id',
    'line 3.type',
    'line 3.name',
  ])
  expect(await database.operations.site('new')).toBeUndefined()
})

test('a file of more than 1 MiB is refused in those words', async () => {
  const refused = await send(`id,type,name\n${'a,estate,x\n'.repeat(100_000)}`)
  expect([refused.statusCode, refused.json().code]).toEqual([413, 'too-large'])
  expect(refused.json().detail).toContain('1 MiB')
})

test.each([
  ['JSON', { 'content-type': 'application/json' }, '{}'],
  ['a spreadsheet', { 'content-type': 'application/vnd.ms-excel' }, 'x'],
  ['no type', {}, 'x'],
  ['a compressed file', { 'content-type': 'text/csv', 'content-encoding': 'gzip' }, 'x'],
])('%s is not a CSV file', async (_, headers, payload) => {
  const refused = await send(payload, '', headers as Record<string, string>)
  expect([refused.statusCode, refused.json().code]).toEqual([415, 'unsupported-media-type'])
})

test('only this route takes CSV; none takes anything from a stranger', async () => {
  const site = { method: 'POST' as const, url: '/api/v1/sites', payload: csv }
  const asCsv = await app.inject({ ...site, headers: { authorization, 'content-type': 'text/csv' } })
  expect(asCsv.statusCode).toBe(415)
  for (const url of ['/api/v1/import', '/api/v1/sites']) {
    const stranger = await app.inject({ method: 'POST', url, headers: { 'content-type': 'text/csv' }, payload: csv })
    expect(stranger.statusCode).toBe(401)
  }
  expect((await app.inject({ url: '/api/v1/sites/export' })).statusCode).toBe(401)
})

test('an empty body, an unknown kind and an unknown parameter are refused', async () => {
  expect((await send('')).statusCode).toBe(400)
  expect((await send(csv, '?kind=people')).statusCode).toBe(400)
  expect((await send(csv, '?apply=yes')).statusCode).toBe(400)
  expect((await send(csv, '?dryRun=true')).statusCode).toBe(400)
})

test('the description of the API says that a CSV file is taken', () => {
  const { paths = {} } = app.swagger() as { paths?: Record<string, { post?: { requestBody?: { content: object } } }> }
  expect(paths['/api/v1/import']?.post?.requestBody?.content).toEqual({
    'text/csv': { schema: { type: 'string', format: 'binary' } },
  })
  expect(Object.keys(paths)).toContain('/api/v1/sites/export')
})
