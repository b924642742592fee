import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nowhere, type Place } from '../../core/scope.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import type { StoredSuppression } from './port.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.remove())

async function insert(given: Parameters<typeof testIncident>[0]) {
  const { orderId: _, ...incident } = testIncident(given)
  await database.operations.insertIncident({ ...incident, followed: null })
  return incident
}

test('who needs a gateway, feeder, building or estate waits for whoever has it, and for nobody else', async () => {
  const { operations } = database
  const held: Place = { gatewayId: 'g', feederId: 'f', siteId: null, path: { building: 'b', estate: 'e', unit: 'u' } }
  const order: string[] = []
  const take = (name: string, place: Place) =>
    operations.transaction(async (unit) => {
      await unit.lockPlace(place)
      order.push(name)
    })
  await operations.transaction(async (unit) => {
    await unit.lockPlace(held)
    const waiting = [
      take('gateway', { ...nowhere, gatewayId: 'g' }),
      take('building', { ...nowhere, path: { building: 'b' } }),
    ]
    await take('another gateway', { ...nowhere, gatewayId: 'f' })
    await take('the unit alone', { ...nowhere, path: { unit: 'u' } })
    expect(order).toEqual(['another gateway', 'the unit alone'])
    order.push('released')
    return Promise.race([Promise.allSettled(waiting), Promise.resolve()])
  })
  await expect.poll(() => order.slice(3).sort()).toEqual(['building', 'gateway'])
  expect(order[2]).toBe('released')
})

test('those who take the same places in any order never wait for each other', async () => {
  const place: Place = { gatewayId: 'g2', feederId: 'f2', siteId: null, path: { building: 'b2', estate: 'e2' } }
  const take = () => database.operations.transaction((unit) => unit.lockPlace(place))
  expect(await Promise.all(Array.from({ length: 20 }, take))).toHaveLength(20)
})

test('free is what is active, in no larger incident and not explained, of that place, time and finding', async () => {
  const place = { ...nowhere, gatewayId: 'gw-free', path: { building: 'b-free' } }
  const found = (deviceId: string, given = {}) =>
    insert({ deviceId, place, finding: 'elevator/silent', detectedAt: 1_000, ...given })
  const free = await found('d-1')
  const suppressed = { by: 'shelf', id: null, text: '', at: 0 } as const
  await found('d-2', { state: 'suppressed', suppressed })
  await found('d-3', { parentId: free.id })
  await found('d-4', { state: 'cleared' })
  await found('d-5', { finding: 'elevator/sensor-silent' })
  await found('d-6', { place: { ...place, gatewayId: 'gw-other', path: {} } })
  const old = await found('d-7', { detectedAt: 999 })
  await database.operations.insertOrder(testOrder({ incidentId: free.id, state: 'accepted' }))

  for (const where of [{ in: 'gateway', id: 'gw-free' } as const, { in: 'building', id: 'b-free' } as const]) {
    const wanted = { ...where, findings: ['*/silent'], from: 1_000 }
    const all = await database.operations.lockFreeIncidents(wanted)
    expect(all.map(({ id, orderState }) => [id, orderState])).toEqual([[free.id, 'accepted']])
    const also = await database.operations.lockFreeIncidents({ ...wanted, alsoIds: [old.id] })
    expect(also.map(({ id }) => id)).toEqual([free.id, old.id])
  }
})

test('suppressions are listed newest first, by their scope, and those in force at a time', async () => {
  const scope = { type: 'feeder', id: 'f-list' } as const
  const insertOne = async (startsAt: number, endsAt: number | null, endedAt: number | null = null) => {
    const suppression: StoredSuppression = {
      ...{ id: randomUUID(), type: 'planned-work', scope, finding: null, reason: 'x', startsAt, endsAt },
      ...{ createdAt: 0, createdBy: 'wang', endedAt, endedBy: null, key: null, endedKey: null },
    }
    expect(await database.operations.insertSuppression(suppression)).toBe(true)
    return suppression.id
  }
  const first = await insertOne(0, 10)
  const second = await insertOne(5, null)
  const third = await insertOne(0, 100, 7)
  const at = async (time: number) =>
    (await database.operations.suppressionsAt([scope], time)).map(({ id }) => id).sort()
  expect(await at(4)).toEqual([first, third].sort())
  expect(await at(5)).toEqual([first, second, third].sort())
  expect(await at(7)).toEqual([first, second].sort())
  expect(await at(10)).toEqual([second])
  expect(await database.operations.suppressionsAt([], 5)).toEqual([])

  const page = await database.operations.suppressions({ limit: 2, scopeType: 'feeder', scopeId: 'f-list' })
  expect(page.items.map(({ id }) => id)).toEqual([third, second])
  const rest = await database.operations.suppressions({ limit: 2, scopeId: 'f-list', after: page.nextCursor ?? '' })
  expect([rest.items.map(({ id }) => id), rest.nextCursor]).toEqual([[first], null])
})
