import { expect, test } from 'vitest'
import { UsageError } from './output.ts'
import { climb, type Rung, suggestedOf, valuesOf } from './rule-suggest.ts'
import type { ServiceClient } from './service.ts'

const rung = (value: number, devicesWithOrders: number, more: Partial<Rung> = {}): Rung => ({
  ...{
    value,
    inForce: false,
    ordersPerDay: devicesWithOrders / 10,
    devicesWithOrders,
    devices: 1_000,
    readings: 9_000,
  },
  ...more,
})

test('the most watchful value that leaves few enough devices with an order', () => {
  const rungs = [rung(40, 300), rung(50, 18), rung(60, 4, { inForce: true }), rung(70, 0)]
  expect(suggestedOf(rungs, 0.02)?.value).toBe(50)
  expect(suggestedOf(rungs, 0.01)?.value).toBe(60)
  expect(suggestedOf(rungs, 0.3)?.value).toBe(40)
  expect(suggestedOf(rungs.slice(0, 2), 0.01)).toBeUndefined()
})

test('of equal ones the nearest to the present one, and none that would be refused', () => {
  const rungs = [rung(30, 0, { refused: 'too low' }), rung(50, 4), rung(60, 4, { inForce: true }), rung(80, 4)]
  expect(suggestedOf(rungs, 0.02)?.value).toBe(60)
  expect(suggestedOf([rung(30, 0, { refused: 'too low' })], 0.02)).toBeUndefined()
})

test('a small fleet may have one device with an order: no value is suggested that is blind to it', () => {
  const small = { devices: 21, readings: 9_000 }
  const rungs = [rung(20, 21, small), rung(40, 1, { ...small, inForce: true }), rung(48, 0, small)]
  expect(suggestedOf(rungs, 0.02)?.value).toBe(40)
  expect(suggestedOf(rungs.slice(0, 1), 0.02)).toBeUndefined()
})

test('for a single device, only a value that leaves it without an order', () => {
  const one = { devices: 1, readings: 9_000 }
  const rungs = [rung(40, 1, { ...one, inForce: true }), rung(48, 0, one), rung(60, 0, one)]
  expect(suggestedOf(rungs, 0.02)?.value).toBe(48)
})

test('where nothing is stored, nothing is suggested', () => {
  expect(suggestedOf([rung(40, 0, { devices: 21, readings: 0 })], 0.02)).toBeUndefined()
})

test('values around the present one, whole where it is, or those that are named', () => {
  expect(valuesOf(undefined, 60)).toEqual([30, 42, 51, 60, 72, 90, 120])
  expect(valuesOf(undefined, 1.13)).toContain(1.13)
  expect(valuesOf('45,50.5', 60)).toEqual([45, 50.5])
  expect(() => valuesOf('45,hot', 60)).toThrow(UsageError)
  expect(() => valuesOf('45,', 60)).toThrow(UsageError)
})

/** A service whose rule finds the more, the lower the limit. */
function serviceWith(changes: object[]) {
  const asked: { settings: Record<string, number>; scope: object }[] = []
  const service = {
    async request(method: string, path: string, body?: { settings: Record<string, number>; scope: object }) {
      if (method === 'GET') return { defaults: { warningCelsius: 60, urgentCelsius: 70, codes: {} }, changes }
      expect(path).toBe('/rules/meter/hot/backtest')
      if (body === undefined) throw new Error('a back-test without a body')
      const value = body.settings.warningCelsius ?? 0
      if (value > 70) throw new UsageError('settings.warningCelsius: must not be above urgentCelsius')
      asked.push(body)
      const proposed = { ordersPerDay: 1, devicesWithOrders: 100 - value }
      return {
        id: 'b',
        state: 'done',
        error: null,
        progress: null,
        result: { devices: 1_000, readings: 9_000, proposed },
      }
    },
  } as Partial<ServiceClient> as ServiceClient
  return { service, asked }
}

const period = { from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z', warmUpDays: '7' }

test('each value is one back-test, with what is set there already; a value that is refused says why', async () => {
  const site = { scope: { type: 'site', id: 'garden' }, settings: { warningCelsius: 50, urgentCelsius: 65 } }
  const { service, asked } = serviceWith([site])
  const rungs = await climb(service, 'meter/hot', 'warningCelsius', { ...period, site: 'garden', values: '45,50,80' })

  expect(asked.map(({ settings }) => settings)).toEqual([
    { warningCelsius: 45, urgentCelsius: 65 },
    { warningCelsius: 50, urgentCelsius: 65 },
  ])
  expect(rungs.map(({ value, inForce, devicesWithOrders }) => [value, inForce, devicesWithOrders])).toEqual([
    [45, false, 55],
    [50, true, 50],
    [80, false, 0],
  ])
  expect(rungs[2]?.refused).toContain('must not be above urgentCelsius')
})

test('a time or place that the service does not take is said once, and is no answer', async () => {
  const { service } = serviceWith([])
  const refusing = {
    ...service,
    request: async (method: Parameters<ServiceClient['request']>[0], path: string) => {
      if (method === 'POST') throw new UsageError('to: must be after from')
      return service.request(method, path)
    },
  } as typeof service
  await expect(climb(refusing, 'meter/hot', 'warningCelsius', { ...period, kind: true })).rejects.toThrow(
    'to: must be after from',
  )
})

test('what is no number is refused, and the numbers are named', async () => {
  const { service } = serviceWith([])
  await expect(climb(service, 'meter/hot', 'codes', { ...period, kind: true })).rejects.toThrow(
    'meter/hot has no number codes; it has warningCelsius, urgentCelsius',
  )
})
