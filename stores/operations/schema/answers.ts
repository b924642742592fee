import { index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { instant, words } from './columns.ts'

/** The first answer to each Idempotency-Key of the last day. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** A hash: what a caller sends is too long for an index. */
    id: text().primaryKey(),
    actor: words().notNull(),
    route: text().notNull(),
    fingerprint: text().notNull(),
    claimedAt: instant('claimed_at').notNull(),
    /** Null = it is being done. */
    status: integer(),
    body: words(),
    location: words(),
  },
  (table) => [index('idempotency_keys_claimed').on(table.claimedAt)],
)
