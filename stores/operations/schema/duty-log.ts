import { sql } from 'drizzle-orm'
import { bigserial, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { DutyEntry } from '../../../core/duty-log.ts'
import { instant, words } from './columns.ts'

/** What a shift wrote down. Nothing is changed or deleted; a handover is taken over once. */
export const dutyLog = pgTable(
  'duty_log',
  {
    id: uuid().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    at: instant().notNull(),
    type: text().$type<DutyEntry['type']>().notNull(),
    siteId: text('site_id'),
    text: words().notNull(),
    name: words().notNull(),
    writtenBy: words('written_by').notNull(),
    takenOverAt: instant('taken_over_at'),
    takenOverName: words('taken_over_name'),
    takenOverBy: words('taken_over_by'),
  },
  (table) => [
    uniqueIndex('duty_log_seq').on(table.seq),
    index('duty_log_at').on(table.at),
    index('duty_log_waiting').on(table.seq).where(sql`type = 'handover' and taken_over_at is null`),
  ],
)
