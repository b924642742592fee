import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hourMs } from '../core/clock.ts'
import { StoreUnavailable } from '../core/errors.ts'
import { silentLog } from '../core/log.ts'
import type { QuarantineItem } from '../core/quarantine.ts'
import type { Operations } from '../stores/operations/port.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { createQuarantine } from './quarantine.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database?.remove())

const receivedAt = Date.UTC(2026, 10, 24)

function item(gatewayId: string, position: number, reason: QuarantineItem['reason'] = 'bad-json'): QuarantineItem {
  const faults = [{ path: '$', reason, text: `broken ${position}` }]
  return { position, receivedAt, gatewayId, deviceId: 'd-1', reason, faults, raw: Buffer.from('x') }
}

const keepIn = (journalId: string, operations: Operations = database.operations) =>
  createQuarantine({ operations, journalId, log: silentLog })

test('of one list that two are given, the database hears once; where it could not be kept, again', async () => {
  const journalId = randomUUID()
  let tries = 0
  const transaction: Operations['transaction'] = (work) => {
    tries += 1
    if (tries === 1) throw new StoreUnavailable('operations', 'down')
    return database.operations.transaction(work)
  }
  const keepItems = keepIn(journalId, { ...database.operations, transaction })
  const items = [item('gw-twice', 1)]
  await expect(keepItems(items)).rejects.toThrow(StoreUnavailable)
  expect((await Promise.all([keepItems(items), keepItems(items)])).map(({ length }) => length)).toEqual([1, 0])
  expect(tries).toBe(2)
})

test('an item is kept with its refusal; told again after a crash, neither is kept twice', async () => {
  const journalId = randomUUID()
  await database.operations.insertGateway({
    id: 'gw-once',
    name: null,
    autoRegister: null,
    createdAt: 0,
    revokedAt: null,
  })
  expect(await keepIn(journalId)([item('gw-once', 1)])).toHaveLength(1)
  expect(await keepIn(journalId)([item('gw-once', 1)])).toEqual([])

  expect((await database.operations.quarantine({ limit: 10, gatewayId: 'gw-once' })).items).toHaveLength(1)
  expect(await database.operations.refusals('gw-once')).toEqual([
    { at: receivedAt, reason: 'bad-json', text: 'd-1: broken 1 (at $)' },
  ])
  const since = (at: number) => database.operations.quarantinedSince(['gw-once', 'gw-none'], at)
  expect(await since(receivedAt)).toEqual(new Map([['gw-once', 1]]))
  expect(await since(receivedAt + 1)).toEqual(new Map())
})

test('a message that the schema and then the history store faulted has both faults', async () => {
  const keep = keepIn(randomUUID())
  await keep([item('gw-both', 1)])
  await keep([item('gw-both', 1, 'store-refused')])
  await keep([item('gw-both', 1, 'store-refused')])

  const { items } = await database.operations.quarantine({ limit: 10, gatewayId: 'gw-both' })
  expect(items.map(({ reason, faults }) => [reason, faults.map((fault) => fault.reason)])).toEqual([
    ['bad-json', ['bad-json', 'store-refused']],
  ])
})

test('a message that is faulted for one device and then for others is of none alone', async () => {
  const keep = keepIn(randomUUID())
  await keep([item('gw-mapped', 1, 'store-refused')])
  await keep([{ ...item('gw-mapped', 1, 'out-of-range'), deviceId: '', topic: 'acme/up' }])

  const { items } = await database.operations.quarantine({ limit: 10, gatewayId: 'gw-mapped' })
  expect(items).toMatchObject([{ deviceId: '', faults: [{ reason: 'store-refused' }, { reason: 'out-of-range' }] }])
})

test('a gateway that speaks for a device of another is audited: once an hour, and never twice for one message', async () => {
  const journalId = randomUUID()
  const keep = keepIn(journalId)
  const breach = (position: number, at: number) => ({
    ...item('gw-breach', position),
    receivedAt: at,
    faults: [
      { path: '$.values.volts', reason: 'out-of-range' as const, text: '900' },
      {
        path: '$.device',
        reason: 'foreign-device' as const,
        text: `the topic says device d-1, the payload "d-${position}"`,
      },
    ],
  })
  await keep([item('gw-breach', 1), breach(2, receivedAt), breach(3, receivedAt + 1), breach(4, receivedAt + hourMs)])
  await keep([breach(5, receivedAt + hourMs + 1)])
  await keepIn(journalId)([breach(2, receivedAt), breach(5, receivedAt + hourMs + 1)]) // after a crash

  const audited = await database.operations.audit({ limit: 10, actor: 'gw-breach' })
  expect(audited.items.map(({ action, subject, at }) => [action, subject, at])).toEqual([
    ['breach', 'foreign-device', receivedAt + hourMs],
    ['breach', 'foreign-device', receivedAt],
  ])
  expect(audited.items.at(-1)?.data).toEqual({
    topic: 'liftwatt/v1/gw-breach/d-1/telemetry',
    path: '$.device',
    text: 'the topic says device d-1, the payload "d-2"',
  })
})

test('an audit that the database did not take is tried again', async () => {
  let isAway = true
  const flaky: Operations = {
    ...database.operations,
    transaction: (work) =>
      database.operations.transaction(async (unit) => {
        const result = await work(unit)
        if (isAway) throw new StoreUnavailable('operations', new Error('gone'))
        return result
      }),
  }
  const keep = keepIn(randomUUID(), flaky)
  const breach = item('gw-again', 1, 'foreign-device')
  await expect(keep([breach])).rejects.toThrow(StoreUnavailable)
  isAway = false
  await keep([breach])
  expect((await database.operations.audit({ limit: 10, actor: 'gw-again' })).items).toHaveLength(1)
})

test('a flood goes to the database in portions that one statement can take', async () => {
  const portions: number[] = []
  const counting: Operations = {
    ...database.operations,
    transaction: (work) => work({ ...counting, insertRefusals: async () => {} }),
    async insertQuarantine(_journalId, items) {
      portions.push(items.length)
      return [...items]
    },
  }
  const flood = Array.from({ length: 80_000 }, (_, index) => item('gw-flood', index))
  expect(await keepIn(randomUUID(), counting)(flood)).toHaveLength(80_000)
  expect(Math.max(...portions)).toBeLessThanOrEqual(1_000)
})

test('a gateway that floods does not push the refusals of another out', async () => {
  const flood = Array.from({ length: 3_000 }, (_, index) => item('gw-noisy', index + 2))
  expect(await keepIn(randomUUID())([item('gw-quiet', 1), ...flood])).toHaveLength(3_001)
  expect(await database.operations.refusals('gw-quiet')).toHaveLength(1)
  expect(await database.operations.refusals('gw-noisy')).toHaveLength(20)
})

test('one item that the database never takes is left out, and its neighbours are kept', async () => {
  const poison = { ...item('gw-poison', 2), receivedAt: Number.MAX_SAFE_INTEGER }
  expect(await keepIn(randomUUID())([item('gw-poison', 1), poison, item('gw-poison', 3)])).toHaveLength(2)
})

test('when the database is away, it is said so, to be done again', async () => {
  const away: Operations = {
    ...database.operations,
    transaction: () => Promise.reject(new StoreUnavailable('operations', new Error('gone'))),
  }
  await expect(keepIn(randomUUID(), away)([item('gw-away', 1)])).rejects.toThrow(StoreUnavailable)
})
