import { randomUUID } from 'node:crypto'
import { like } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Notice } from '../../core/notice.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { insertMany, updateMany } from './many-rows.ts'
import { notices } from './schema.ts'

/** NUL, half a surrogate pair, and what would end a string in SQL or JSON. */
const hostile = `a\0b\ud800c'"\\;--{}$1`

let database: TestDatabase
let pool: pg.Pool
beforeAll(async () => {
  database = await startTestDatabase()
  pool = new pg.Pool(database.connection)
})
afterAll(async () => {
  await pool.end()
  await database.remove()
})

function row(key: string, given: Partial<Notice> = {}) {
  const recipient: Notice['recipient'] = {
    ...{ party: 'crew', teamId: null, memberId: null, name: hostile, locale: 'zh-CN', channelId: 'ch', why: '值班' },
    address: hostile,
  }
  return {
    ...{
      id: randomUUID(),
      key,
      orderId: null,
      reason: 'raised' as const,
      recipient,
      content: { said: [hostile, 1.5] },
    },
    ...{
      critical: true,
      state: 'waiting' as const,
      createdAt: 1_764_000_000_123,
      nextAttemptAt: 0.75,
      giveUpAt: 2 ** 41,
    },
    ...{ attempts: 3, held: false, sentAt: null, sentAs: null, lastError: hostile },
    ...{ channelId: 'ch', address: hostile },
    ...given,
  }
}

test('what is inserted so is what the library inserts, in the order of the rows', async () => {
  const orm = drizzle(pool)
  const many = Array.from({ length: 50 }, (_, index) =>
    row(`many-${index}`, { sentAt: index % 2 === 0 ? null : index }),
  )
  await orm.execute(insertMany(notices, many))
  await orm
    .insert(notices)
    .values(many.map((one) => ({ ...one, id: randomUUID(), key: one.key.replace('many', 'one') })))

  const kept = (await orm.select().from(notices).orderBy(notices.seq)).map(({ id: _, seq: __, ...one }) => one)
  expect(kept.map(({ key }) => key)).toEqual([
    ...many.map(({ key }) => key),
    ...many.map(({ key }) => key.replace('many', 'one')),
  ])
  const without = (rows: typeof kept) => rows.map(({ key: _, ...one }) => one)
  expect(without(kept.slice(0, 50))).toEqual(without(kept.slice(50)))
})

test('a field that only later rows have is kept, and null in the others', async () => {
  const orm = drizzle(pool)
  const { lastError: _, ...first } = row('some-0')
  await orm.execute(insertMany(notices, [first, row('some-1'), { ...first, id: randomUUID(), key: 'some-2' }]))
  const kept = await orm.select().from(notices).where(like(notices.key, 'some-%')).orderBy(notices.seq)
  expect(kept.map(({ lastError }) => lastError)).toEqual([null, expect.stringContaining('\\;--{}$1'), null])
})

test('many rows are changed at once, each as itself, and no other', async () => {
  const orm = drizzle(pool)
  const rows = [row('changed-0'), row('changed-1'), row('changed-2')]
  await orm.execute(insertMany(notices, rows))
  const changes = rows.slice(0, 2).map(({ id }, index) => ({ id, address: `${index}: '"`, content: { index } }))
  await orm.execute(updateMany(notices, changes))
  const kept = await orm.select().from(notices).where(like(notices.key, 'changed-%')).orderBy(notices.seq)
  expect(kept).toMatchObject([...changes, { id: rows[2]?.id, content: { said: [expect.any(String), 1.5] } }])
  expect(kept.map(({ attempts }) => attempts)).toEqual([3, 3, 3])
})
