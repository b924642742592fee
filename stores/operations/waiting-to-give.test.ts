import { PgDialect } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { givingReasons } from '../../core/notice.ts'
import { isWaitingToGive } from './schema.ts'

test('every notice that gives an order to a team is watched until it has left', () => {
  const { sql } = new PgDialect().sqlToQuery(isWaitingToGive)
  expect(sql).toContain(`reason in (${givingReasons.map((reason) => `'${reason}'`).join(', ')})`)
})
