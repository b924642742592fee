import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../core/clock.ts'
import { testDevice, testIncident } from '../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { createHealthWatch, type DeviceStatus, type HealthWatch } from './health.ts'

const start = Date.UTC(2026, 10, 24, 8)
let now = start
let database: TestDatabase
let statuses: Record<string, DeviceStatus> = {}
let watch: HealthWatch
let client: pg.Client

const heard = (given: Partial<DeviceStatus> = {}): DeviceStatus => ({
  ...{ newestAt: now, firstAt: start - dayMs, coveredMs: now - start + dayMs, forecasts: [] },
  ...given,
})

beforeAll(async () => {
  database = await startTestDatabase()
  const { operations } = database
  client = new pg.Client(database.connection)
  await client.connect()
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: start, revokedAt: null })
  await operations.saveSites([
    {
      ...{ id: 'garden', type: 'estate', name: 'Garden', parentId: null, use: null, address: null, entrance: null },
      ...{ emergencyPlan: null, contacts: [], latitude: null, longitude: null, createdAt: start },
    },
  ])
  for (const id of ['well', 'ill', 'mute']) await operations.insertDevice(testDevice({ id, siteId: 'garden' }))
  const found = {
    deviceId: 'ill',
    finding: 'elevator/door-close-drift',
    severity: 'warning',
    detectedAt: start,
  } as const
  await operations.insertIncident({ ...testIncident(found), followed: null } as never)
  watch = createHealthWatch({
    operations,
    statusOf: async (ids) => new Map(ids.flatMap((id) => (statuses[id] ? [[id, statuses[id]]] : []))),
    heardAtOf: async (ids) => new Map(ids.flatMap((id) => (statuses[id] ? [[id, statuses[id].newestAt]] : []))),
    clock: () => now,
  })
})
afterAll(async () => {
  await client.end()
  await database.remove()
})

test('of each device the newest reading is known; of one that was never heard nothing, and nothing while nobody answers', async () => {
  statuses = { well: heard({ newestAt: start - minuteMs }) }
  expect(await watch.lastHeard(['well', 'mute'])).toEqual(new Map([['well', start - minuteMs]]))
  const gone = () => Promise.reject(new Error('the thread is gone'))
  const blind = { operations: database.operations, statusOf: gone, heardAtOf: gone, clock: () => now }
  expect(await createHealthWatch(blind).lastHeard(['well'])).toBe(undefined)
})

test('each device has what is found on it and what is known of it; one that was never heard is unknown', async () => {
  statuses = { well: heard(), ill: heard() }
  now = start + hourMs
  statuses = { well: heard(), ill: heard() }

  expect(await watch.ofDevice('well')).toMatchObject({ score: 100, coverage: 1, parts: [], history: [] })
  expect(await watch.ofDevice('ill')).toMatchObject({
    score: 85,
    parts: [{ cause: 'finding', finding: 'elevator/door-close-drift', points: 15 }],
  })
  expect(await watch.ofDevice('mute')).toMatchObject({ score: null, coverage: 0 })
  expect(await watch.ofSite('garden')).toEqual({ devices: 3, unknown: 1, mean: 92.5, lowest: 85, needWork: 0 })
})

test('a day is written down once, and its coverage goes on from there', async () => {
  now = start + dayMs
  statuses = { well: heard(), ill: heard() }
  expect(await watch.recordDay()).toBe(3)
  now += minuteMs
  expect(await watch.recordDay()).toBe(3)
  now += dayMs
  statuses = { well: heard(), ill: heard({ coveredMs: 2 * dayMs }) }

  const { coverage, history, score } = await watch.ofDevice('ill')
  expect(coverage).toBeCloseTo(0.5, 1)
  expect(score).toBe(100 - 15 - 10)
  expect(history).toMatchObject([{ day: '2026-11-25', score: 85, coverage: 0.999 }])
  expect((await watch.ofDevice('well')).coverage).toBe(1)
})

test('a forecast is shown with its interval, and takes its points', async () => {
  const forecast = {
    ...{ finding: 'elevator/door-close-drift', quantity: 'doorCloseSeconds', level: 3.4, limit: 4, at: now },
    ...{ days: 20, lowDays: 15, highDays: 30 },
  }
  statuses = { well: heard({ forecasts: [forecast] }) }
  expect(await watch.ofDevice('well')).toMatchObject({ score: 85, forecasts: [forecast] })
})

test('what will wear out is written down with the day, or why nobody can say; later the same day it is replaced, and kept for 90 days', async () => {
  now += dayMs
  const common = { quantity: 'stoppingMetres', level: 0.8, limit: 1, at: now - hourMs }
  const brake = { ...common, finding: 'elevator/brake-drift', days: 20, lowDays: 15.5, highDays: 30 }
  const none = { days: null, lowDays: null, highDays: null }
  const door = { ...common, finding: 'elevator/door-close-drift', ...none, refused: 'no-trend' }
  const forecastsOf = async (deviceId: string) => {
    const { rows } = await client.query('select * from device_forecasts where device_id = $1 order by finding', [
      deviceId,
    ])
    return rows
  }

  statuses = { well: heard({ forecasts: [brake, door] }), ill: heard({ forecasts: [brake] }) }
  await watch.recordDay()
  expect(await forecastsOf('well')).toMatchObject([
    {
      ...{ finding: 'elevator/brake-drift', day: '2026-11-27', at: new Date(now), sample_at: new Date(now - hourMs) },
      ...{
        quantity: 'stoppingMetres',
        level: 0.8,
        level_limit: 1,
        days: 20,
        low_days: 15.5,
        high_days: 30,
        refused: null,
      },
    },
    { finding: 'elevator/door-close-drift', ...{ days: null, low_days: null, high_days: null, refused: 'no-trend' } },
  ])

  // the brake was renewed on the same day
  statuses = { well: heard({ forecasts: [door] }), ill: heard({ forecasts: [brake] }) }
  await watch.recordDay()
  expect((await forecastsOf('well')).map(({ finding }) => finding)).toEqual(['elevator/door-close-drift'])
  expect(await forecastsOf('ill')).toHaveLength(1)

  now += 90 * dayMs
  statuses = {}
  await watch.recordDay()
  expect(await forecastsOf('ill')).toHaveLength(1)
  now += dayMs
  await watch.recordDay()
  expect(await forecastsOf('ill')).toEqual([])
  expect((await watch.ofDevice('ill')).history.length).toBeGreaterThan(1)
})

test('nobody asks for what is not there', async () => {
  await expect(watch.ofDevice('nobody')).rejects.toMatchObject({ code: 'not-found' })
  await expect(watch.ofSite('nowhere')).rejects.toMatchObject({ code: 'not-found' })
})
