import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Visit } from '../../core/visit.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import type { Operations } from './port.ts'

let database: TestDatabase
let operations: Operations

beforeAll(async () => {
  database = await startTestDatabase()
  operations = database.operations
})
afterAll(() => database.remove())

const calendar = { type: 'calendar', dueFrom: 'completion' } as const

test('a new regime ends the one before, and history is not rewritten', async () => {
  await operations.insertRegime({ deviceId: 'e1', ...calendar, validFrom: 100 })
  await operations.insertRegime({ deviceId: 'e1', ...calendar, type: 'on-demand', validFrom: 200 })
  await expect(operations.insertRegime({ deviceId: 'e1', ...calendar, validFrom: 200 })).rejects.toMatchObject({
    code: 'invalid',
  })
  expect(await operations.regimesOf('e1')).toMatchObject([
    { type: 'on-demand', validFrom: 200, validUntil: null },
    { type: 'calendar', validFrom: 100, validUntil: 200 },
  ])
  await operations.insertRegime({ deviceId: 'e2', ...calendar, validFrom: 150 })
  const at = async (time: number) => (await operations.regimesAt(time, { limit: 9 })).items.map((one) => one.deviceId)
  expect([await at(99), await at(100), await at(199), await at(200)]).toEqual([[], ['e1'], ['e1', 'e2'], ['e1', 'e2']])
  expect(await operations.firstRegimesOf(['e1', 'e2', 'e3'])).toEqual(
    new Map([
      ['e1', 100],
      ['e2', 150],
    ]),
  )
  const first = await operations.regimesAt(200, { limit: 1 })
  expect(first.nextCursor).toBe('e1')
  expect((await operations.regimesAt(200, { limit: 1, after: 'e1' })).items).toMatchObject([{ deviceId: 'e2' }])
})

test('a visit is kept once per elevator and beginning, found by what is asked, and judged later', async () => {
  const visits = [visit({ startedAt: 10 }), visit({ startedAt: 20, teamId: 't' }), visit({ startedAt: 20 })]
  expect(await operations.insertVisitsIfAbsent(visits)).toEqual(visits.slice(0, 2).map(({ id }) => id))
  const found = async (filter: object) =>
    (await operations.visits({ limit: 9, ...filter })).items.map(({ startedAt }) => startedAt)
  expect(await found({ deviceId: 'v1' })).toEqual([20, 10])
  expect(await found({ from: 11 })).toEqual([20])
  expect(await found({ to: 20 })).toEqual([10])
  expect(await found({ teamId: 't' })).toEqual([20])
  expect((await operations.visitsSince(['v1'], 10)).map(({ startedAt }) => startedAt)).toEqual([10, 20])
  expect(await operations.visitsSince([], 0)).toEqual([])

  const [first = visit({})] = visits
  await operations.setVerdict(first.id, { verdict: 'proven', verdictText: 'seen', verdictEvidence: { runs: 3 } })
  expect(await operations.lockVisit(first.id)).toEqual({
    ...first,
    verdict: 'proven',
    verdictText: 'seen',
    verdictEvidence: { runs: 3 },
  })
  expect((await operations.unprovenSince(0)).map(({ startedAt }) => startedAt)).toEqual([20])
  expect(await operations.unprovenSince(1_001)).toEqual([])
})

function visit(given: Partial<Visit>): Visit {
  return {
    id: randomUUID(),
    ...{ deviceId: 'v1', items: ['half-month'], startedAt: 10, endedAt: 50, teamId: null, workers: ['Li'] },
    ...{
      note: null,
      claimedAt: 1_000,
      claimedBy: 'x',
      verdict: null,
      verdictText: null,
      verdictEvidence: null,
      decision: null,
    },
    ...given,
  }
}
