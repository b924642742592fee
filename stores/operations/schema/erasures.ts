import { bigserial, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { evidenceFiles } from './records.ts'

/** Which persons were forgotten; what was done is in the chain of each (`record_events`). */
export const erasures = pgTable(
  'erasures',
  { id: uuid().primaryKey(), seq: bigserial({ mode: 'number' }).notNull() },
  (table) => [uniqueIndex('erasures_seq').on(table.seq)],
)

/** Evidence files that named a person who was forgotten: the same without, under its own hash. */
export const redactedFiles = pgTable('redacted_files', {
  sha256: text()
    .primaryKey()
    .references(() => evidenceFiles.sha256),
  redactedAs: text('redacted_as').notNull(),
})
