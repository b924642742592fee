import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRules } from '../../analytics/rules.ts'
import { silentLog } from '../../core/log.ts'
import { kinds } from '../../devices/index.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { createErrorHandler, notFound } from '../problem.ts'
import { ruleRoutes } from './rules.ts'

const now = Date.UTC(2026, 10, 24, 8)
const path = '/rules/elevator/motor-over-temperature'
let database: TestDatabase
let app: FastifyInstance

beforeAll(async () => {
  database = await startTestDatabase()
  app = Fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(createErrorHandler(silentLog))
  app.setNotFoundHandler(notFound)
  app.decorateRequest('actor', 'operator')
  const rules = createRules({ operations: database.operations, kinds, clock: () => now })
  await app.register(ruleRoutes, { rules, prefix: '/api/v1' })
})
afterAll(async () => {
  await app.close()
  await database.remove()
})

const get = (url: string) => app.inject({ url: `/api/v1${url}` })
const post = (url: string, payload: object) => app.inject({ method: 'POST', url: `/api/v1${url}`, payload })

test('the catalogue names every finding: what it reads, its source, its settings and its page', async () => {
  const { items } = (await get('/rules')).json()

  expect(items.map(({ finding }: { finding: string }) => finding)).toEqual(
    kinds.flatMap(({ detectors }) => detectors.map(({ id }) => id)),
  )
  expect(items.find(({ finding }: { finding: string }) => finding === 'elevator/motor-over-temperature')).toMatchObject(
    {
      kind: 'elevator',
      reads: ['motorCelsius'],
      needs: ['insulationClass'],
      defaults: { warnBelowLimitKelvin: 15 },
      ranges: { warnBelowLimitKelvin: { least: 1, most: 60, whole: false } },
      ...{ changes: [], outOfRange: [] },
      runbook: 'docs/runbooks/elevator-motor-over-temperature.md',
    },
  )
})

test('a change is answered with its version and is there afterwards', async () => {
  const scope = { type: 'kind', id: 'elevator' }
  const made = await post(`${path}/changes`, { scope, settings: { warnBelowLimitKelvin: 20 }, reason: 'hot summer' })

  expect(made.statusCode).toBe(201)
  expect(made.json()).toMatchObject({
    finding: 'elevator/motor-over-temperature',
    scope,
    actor: 'operator',
    enabled: null,
  })
  expect((await get(path)).json()).toMatchObject({ inForce: null, changes: [{ version: made.json().version }] })
  expect((await get(`${path}/changes?limit=1`)).json()).toMatchObject({
    items: [{ reason: 'hot summer' }],
    nextCursor: null,
  })
})

test.each([
  ['a wrong setting', { settings: { confirmSeconds: -3 } }, 'settings.confirmSeconds'],
  ['an unknown one', { settings: { confirmMinutes: 3 } }, 'settings.confirmMinutes'],
])('%s is 400 with its path, and nothing changes', async (_, given, field) => {
  const before = (await get(path)).json()
  const answer = await post(`${path}/changes`, { scope: { type: 'kind', id: 'elevator' }, reason: 'a test', ...given })

  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ code: 'invalid', errors: [{ path: field }] })
  expect((await get(path)).json()).toEqual(before)
})

test('a finding that there is not is 404', async () => {
  expect((await get('/rules/elevator/boredom')).statusCode).toBe(404)
  expect((await get('/rules/elevator/boredom/changes')).statusCode).toBe(404)
})
