import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { HealthWatch } from '../../analytics/health.ts'
import { StoreUnavailable } from '../../core/errors.ts'
import { silentLog } from '../../core/log.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { StoredReading } from '../../stores/readings/port.ts'
import { testDevice } from '../../test/fixtures/rows.ts'
import { createErrorHandler } from '../problem.ts'
import { DeviceDetail } from '../schemas.ts'
import { deviceRoutes } from './devices.ts'

const now = Date.UTC(2026, 10, 24, 8)
let last: () => Promise<StoredReading | undefined>
let lastHeard: HealthWatch['lastHeard']
let app: FastifyInstance

beforeAll(async () => {
  const device = testDevice({ id: 'elv-1', name: 'Lift in the yard' })
  const operations = {
    device: async (id: string) => (id === device.id ? device : undefined),
    devices: async () => ({ items: [device, testDevice({ id: 'elv-2' })], nextCursor: null }),
    partiesOf: async () => new Map(),
  } as Partial<Operations> as Operations
  app = Fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(createErrorHandler(silentLog))
  await app.register(deviceRoutes, {
    operations,
    readings: { last: () => last() },
    healthWatch: { lastHeard: (ids) => lastHeard(ids) },
    registry: {} as Registry,
    rulesOff: () => [],
    clock: () => now,
  })
})
afterAll(() => app.close())
beforeEach(() => {
  last = async () => ({ at: now, values: { floor: 3 } })
  lastHeard = async () => new Map([['elv-1', now]])
})

const seen = async () => {
  const answer = await app.inject('/devices/elv-1')
  return { status: answer.statusCode, body: answer.json() }
}

test('a device is shown with what was last heard of it; before the first reading that is null', async () => {
  const heard = await seen()
  expect(heard.body).toMatchObject({ id: 'elv-1', last: { at: '2026-11-24T08:00:00.000Z', values: { floor: 3 } } })
  expect(heard.body).not.toHaveProperty('lastUnknown')

  last = async () => undefined
  const { body } = await seen()
  expect(body.last).toBeNull()
  expect(body).not.toHaveProperty('lastUnknown')
})

test('while the history is away, a device is shown all the same, and its last reading is said to be unknown', async () => {
  last = () => Promise.reject(new StoreUnavailable('readings', new Error('ECONNREFUSED 10.0.0.7')))
  const { status, body } = await seen()
  expect(status).toBe(200)
  expect(body).toMatchObject({
    ...{ id: 'elv-1', name: 'Lift in the yard', last: null },
    lastUnknown: 'The history of readings does not answer at the moment',
  })
  expect(Object.keys(body).filter((name) => !(name in DeviceDetail.shape))).toEqual([])
})

test('a mistake of ours is no outage', async () => {
  last = () => Promise.reject(new TypeError('undefined is not a function'))
  expect((await seen()).status).toBe(500)
})

test('a list that is asked says when each device was last heard, which never was, and nothing while nobody can say', async () => {
  const listed = async (query = '?lastHeard=true') =>
    (await app.inject(`/devices${query}`)).json().items as { lastHeardAt?: string | null }[]
  expect((await listed()).map(({ lastHeardAt }) => lastHeardAt)).toEqual(['2026-11-24T08:00:00.000Z', null])

  lastHeard = async () => undefined
  expect((await listed()).map((device) => 'lastHeardAt' in device)).toEqual([false, false])

  lastHeard = () => Promise.reject(new TypeError('nobody asked'))
  expect((await listed('')).map((device) => 'lastHeardAt' in device)).toEqual([false, false])
})
