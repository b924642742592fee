import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from './core/log.ts'
import type { Visit } from './core/visit.ts'
import { recordOldOnce, recordVisitsLeft } from './old-records.ts'
import { memoryEvidence } from './stores/evidence/memory.ts'
import type { Operations } from './stores/operations/port.ts'
import { testDevice } from './test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from './test/operations-database.ts'
import { sealAll } from './workorders/evidence/seals.ts'
import { verifyAll } from './workorders/evidence/verify.ts'

const now = Date.UTC(2026, 10, 24, 8)
let database: TestDatabase
let operations: Operations

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  await operations.insertDevice(testDevice({ id: 'elv-1' }))
})
afterAll(() => database?.remove())

/** As a version without chains wrote it down, or somebody behind our back. */
function visitAt(startedAt: number): Visit {
  return {
    ...{ id: randomUUID(), deviceId: 'elv-1', teamId: null, items: ['half-month'], workers: ['Li'], note: null },
    ...{ startedAt, endedAt: startedAt + 1, claimedAt: now, claimedBy: 'li', decision: null },
    ...{ verdict: null, verdictText: null, verdictEvidence: null },
  }
}

const unrecorded = () => operations.recordsWithoutEvents(9_000)

test('what versions without events wrote gets them once; what is put in behind our back later stays named', async () => {
  const old = 1_001
  await operations.insertVisitsIfAbsent(Array.from({ length: old }, (_, index) => visitAt(index)))
  expect(await unrecorded()).toHaveLength(old)
  await recordOldOnce(operations, now, silentLog)
  // those that are to get theirs are not named meanwhile, but counted
  expect(await unrecorded()).toEqual([])
  const verified = () => verifyAll(operations, memoryEvidence())
  expect(await verified()).toMatchObject({ ok: true, visitsWithoutChain: old })
  const recordLeft = (signal: AbortSignal) => recordVisitsLeft(operations, now, silentLog, signal)
  await recordLeft(AbortSignal.abort())
  let failures = 0
  const away: Operations = {
    ...operations,
    transaction: async (work) => (failures++ === 0 ? Promise.reject(new Error('away')) : operations.transaction(work)),
  }
  await recordVisitsLeft(away, now, silentLog, new AbortController().signal, 0)
  const { items } = await operations.audit({ limit: 9, action: 'old-records-recorded' })
  expect(items).toMatchObject([{ data: { visits: 1 } }, { data: { visits: 1_000 } }])
  expect(await unrecorded()).toEqual([])
  expect(await verified()).toMatchObject({ ok: true, visitsWithoutChain: 0 })

  const planted = visitAt(now)
  await operations.insertVisitsIfAbsent([planted])
  await recordOldOnce(operations, now, silentLog)
  await recordLeft(new AbortController().signal)
  expect(await unrecorded()).toEqual([planted.id])
})

test('while a seal is full the next one follows, so that nothing new waits behind much that is old', async () => {
  expect(await sealAll(operations, () => now, 300)).toBe(4)
  expect((await operations.seals(0, 9)).map(({ heads }) => heads.length)).toEqual([300, 300, 300, 101])
  expect(await sealAll(operations, () => now, 300)).toBe(0)
})
