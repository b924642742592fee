import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../../core/log.ts'
import type { ResponsePlan } from '../../core/plan.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { createPlans } from '../../workorders/plans/plans.ts'
import { createErrorHandler, notFound } from '../problem.ts'
import { planRoutes } from './plans.ts'

const now = Date.UTC(2026, 10, 24, 8)
const nightPlan = {
  name: { en: 'Night in estate 1', 'zh-CN': '一号小区夜间' },
  match: { kinds: ['elevator'], severities: ['critical'], siteIds: ['estate-1'] },
  tell: ['duty-room', 'crew'],
  steps: [
    { id: 'crew-accepts', goal: 'accepted', minutes: 3, tell: ['next-crew'], reassign: true },
    { id: 'crew-is-there', goal: 'arrived', minutes: 20, tell: ['district'] },
  ],
}

let database: TestDatabase
let app: FastifyInstance

beforeAll(async () => {
  database = await startTestDatabase()
  await database.operations.saveSites([
    {
      ...{ id: 'estate-1', type: 'estate', name: 'Estate 1', parentId: null, use: null, address: null, entrance: null },
      ...{ emergencyPlan: null, contacts: [], latitude: null, longitude: null, createdAt: 0 },
    },
  ])
  const plans = createPlans({ operations: database.operations, kinds: ['elevator'], clock: () => now })
  app = Fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(createErrorHandler(silentLog))
  app.setNotFoundHandler(notFound)
  app.decorateRequest('actor', 'operator')
  await app.register(planRoutes, { plans, prefix: '/api/v1' })
})
afterAll(async () => {
  await app.close()
  await database.remove()
})

test('the shipped plans are there without anybody having made them, page by page', async () => {
  const first = (await get('/plans?limit=3')).json()
  const second = (await get(`/plans?limit=3&cursor=${first.nextCursor}`)).json()
  const ids = [...first.items, ...second.items].map(({ id }: { id: string }) => id)
  expect(ids).toEqual(['electrical-emergency', 'elevator-emergency', 'emergency', 'patrol-1-3-5', 'planned'])
  expect(second.nextCursor).toBeNull()
  expect((await get('/plans/patrol-1-3-5')).json()).toMatchObject({ version: 0, enabled: false, askFirst: null })
})

test('a plan lives: made, read, changed by whoever read it last, removed; its history stays', async () => {
  const made = await put('/plans/night', nightPlan)
  expect([made.statusCode, made.json()]).toMatchObject([
    200,
    {
      id: 'night',
      version: 1,
      enabled: true,
      askFirst: null,
      match: nightPlan.match,
      steps: [{}, { reassign: false }],
    },
  ])
  expect((await put('/plans/night', { ...nightPlan, enabled: false, version: 1 })).json()).toMatchObject({ version: 2 })
  const late = await put('/plans/night', { ...nightPlan, version: 1 })
  expect([late.statusCode, late.json().code]).toEqual([409, 'already-done'])

  expect((await app.inject({ method: 'DELETE', url: '/api/v1/plans/night' })).statusCode).toBe(204)
  expect((await get('/plans/night')).statusCode).toBe(404)
  const { items } = (await get('/plans/night/history')).json()
  expect(items).toMatchObject([
    { at: '2026-11-24T08:00:00.000Z', actor: 'operator', before: { version: 2 }, after: null },
    { before: { version: 1, enabled: true }, after: { version: 2, enabled: false } },
    { before: null, after: { version: 1 } },
  ])
})

test('each fault of a plan is named by its path', async () => {
  const wrong = await put('/plans/wrong', {
    ...nightPlan,
    tell: ['insurer-parts'],
    steps: [{ id: 'crew-is-there', goal: 'arrived', minutes: 45, tell: [] }],
  })
  expect([wrong.statusCode, wrong.json().code]).toEqual([400, 'invalid'])
  expect(wrong.json().errors.map(({ path }: { path: string }) => path)).toEqual(['tell', 'steps.0.tell', 'steps'])
  expect((await get('/plans/wrong')).statusCode).toBe(404)
})

test('a plan that would be refused now says so; as it was read it is refused, and mended it is taken', async () => {
  const match = { findings: ['camera/entrapment'], severities: ['urgent'] }
  const made: ResponsePlan = (await put('/plans/old', nightPlan)).json()
  await database.operations.savePlan({ ...made, match, version: 2 } as ResponsePlan, 1)
  const { id: _, ...read } = (await get('/plans/old')).json()
  expect(read.refusedNow).toMatchObject([{ path: 'match.severities' }])
  expect((await put('/plans/old', read)).json().errors).toMatchObject([{ path: 'match.severities' }])
  const mended = await put('/plans/old', { ...read, match: { ...match, severities: ['critical'] } })
  expect([mended.statusCode, mended.json().refusedNow]).toEqual([200, undefined])
  expect((await app.inject({ method: 'DELETE', url: '/api/v1/plans/old' })).statusCode).toBe(204)
})

test.each([
  ['an unknown party', { ...nightPlan, tell: ['mayor'] }, 'tell.0'],
  ['a goal that there is not', { ...nightPlan, steps: [{ ...nightPlan.steps[0], goal: 'left' }] }, 'steps.0.goal'],
  ['minutes below one', { ...nightPlan, steps: [{ ...nightPlan.steps[0], minutes: 0 }] }, 'steps.0.minutes'],
  ['no severities', { ...nightPlan, match: {} }, 'match.severities'],
  ['a field that there is not', { ...nightPlan, colour: 'red' }, 'colour'],
])('%s is refused, naming it', async (_, body, path) => {
  const answer = await put('/plans/wrong', body)
  expect([answer.statusCode, answer.json().errors[0].path]).toEqual([400, path])
})

test('a shipped plan that is unchanged cannot be removed, and says how it is switched off', async () => {
  const answer = await app.inject({ method: 'DELETE', url: '/api/v1/plans/planned' })
  expect([answer.statusCode, answer.json().detail]).toEqual([404, expect.stringContaining('"enabled": false')])
  expect((await get('/plans/planned/history')).json()).toEqual({ items: [], nextCursor: null })
  expect((await get('/plans/nobody/history')).statusCode).toBe(404)
})

function get(path: string) {
  return app.inject({ url: `/api/v1${path}` })
}

function put(path: string, payload: object) {
  return app.inject({ method: 'PUT', url: `/api/v1${path}`, payload })
}
