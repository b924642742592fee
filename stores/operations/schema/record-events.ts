import { integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant, json, words } from './columns.ts'

/** What happened to records that are no orders; each of them has a chain of its own. */
export const recordEvents = pgTable(
  'record_events',
  {
    subjectId: uuid('subject_id').notNull(),
    number: integer().notNull(),
    subjectType: text('subject_type').notNull(),
    at: instant().notNull(),
    type: text().notNull(),
    actor: words().notNull(),
    data: json().$type<Readonly<Record<string, unknown>>>().notNull(),
    hash: text().notNull(),
    salt: text(),
    said: text(),
  },
  (table) => [primaryKey({ columns: [table.subjectId, table.number] })],
)
