import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs, minuteMs } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { kinds, metricCatalogue } from '../../devices/index.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { memoryReadings } from '../../stores/readings/memory.ts'
import { testDevice } from '../../test/fixtures/rows.ts'
import { createErrorHandler, notFound } from '../problem.ts'
import { loadRoutes } from './loads.ts'

const day = Date.parse('2026-11-23T00:00:00+08:00')
const readings = memoryReadings({ catalogue: metricCatalogue })
let app: FastifyInstance

beforeAll(async () => {
  const devices = [testDevice({ id: 'm-1', kind: 'electricity-meter' }), testDevice({ id: 'e-1' })]
  const operations = { device: async (id: string) => devices.find((device) => device.id === id) } as Operations
  await readings.write(
    Array.from({ length: 1_440 }, (_, minute) => ({
      ...{ deviceId: 'm-1', kind: 'electricity-meter', at: day + minute * minuteMs, receivedAt: day },
      values: { watts: 40 + (minute % 480 < 5 ? 1_800 : 0) },
    })),
    { journalId: 'j', position: 1 },
  )
  app = Fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(createErrorHandler(silentLog))
  app.setNotFoundHandler(notFound)
  await app.register(loadRoutes, { operations, readings, kinds, clock: () => day + dayMs + 1, prefix: '/api/v1' })
})
afterAll(() => app.close())

const get = (url: string) => app.inject({ url: `/api/v1${url}` })

test('yesterday: what ran all day, and what was switched on and off', async () => {
  const { day, minutes, baseWatts, loads } = (await get('/devices/m-1/loads')).json()

  expect({ day, minutes }).toEqual({ day: '2026-11-23', minutes: 1_440 })
  expect(baseWatts).toBeCloseTo(40, 0)
  expect(loads[0].watts).toBeCloseTo(1_800, -2)
  expect(loads[0].runs.length).toBe(3)
})

test('a day without readings has no loads; a device that sees none is 404', async () => {
  expect((await get('/devices/m-1/loads?day=2026-10-01')).json()).toMatchObject({ minutes: 0, loads: [] })
  expect((await get('/devices/e-1/loads')).statusCode).toBe(404)
  expect((await get('/devices/nobody/loads')).statusCode).toBe(404)
  expect((await get('/devices/m-1/loads?day=soon')).statusCode).toBe(400)
})
