import { bigserial, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { KeptReport, ReportFile, ReportSchedule } from '../../../core/report.ts'
import { bytes, instant, json, words } from './columns.ts'

/** Reports, as they were asked for and as they became. */
export const reports = pgTable(
  'reports',
  {
    id: uuid().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    type: text().$type<KeptReport['type']>().notNull(),
    from: instant('period_from').notNull(),
    to: instant('period_to').notNull(),
    asOf: instant('as_of'),
    filter: json().$type<KeptReport['filter']>().notNull(),
    sight: json().$type<KeptReport['sight']>().notNull(),
    scheduleId: uuid('schedule_id').references(() => reportSchedules.id),
    requestedAt: instant('requested_at').notNull(),
    requestedBy: words('requested_by').notNull(),
    state: text().$type<KeptReport['state']>().notNull(),
    error: words(),
    endedAt: instant('ended_at'),
    summary: json().$type<NonNullable<KeptReport['summary']>>(),
    sealed: json().$type<NonNullable<KeptReport['sealed']>>(),
  },
  (table) => [
    uniqueIndex('reports_seq').on(table.seq),
    index('reports_state').on(table.state, table.seq),
    uniqueIndex('reports_period').on(table.scheduleId, table.from),
  ],
)

/** Their files. What is downloaded is found by a name in here, and nowhere else. */
export const reportFiles = pgTable(
  'report_files',
  {
    reportId: uuid('report_id')
      .notNull()
      .references(() => reports.id),
    name: text().notNull(),
    format: text().$type<ReportFile['format']>().notNull(),
    locale: text().$type<ReportFile['locale']>().notNull(),
    sha256: text().notNull(),
    bytes: integer().notNull(),
    /** Null once it is removed: its name and its hash stay. */
    content: bytes(),
    removedAt: instant('removed_at'),
  },
  (table) => [primaryKey({ columns: [table.reportId, table.name] })],
)

/** Links to read one. Of the token that is in a link only the hash is kept. */
export const reportShares = pgTable(
  'report_shares',
  {
    id: uuid().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    reportId: uuid('report_id')
      .notNull()
      .references(() => reports.id),
    name: words().notNull(),
    tokenSha256: text('token_sha256').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: words('created_by').notNull(),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
    revokedBy: words('revoked_by'),
    uses: integer().notNull(),
    lastUsedAt: instant('last_used_at'),
  },
  (table) => [
    uniqueIndex('report_shares_token').on(table.tokenSha256),
    index('report_shares_report').on(table.reportId, table.seq),
  ],
)

/** Reports that come by themselves. */
export const reportSchedules = pgTable(
  'report_schedules',
  {
    id: uuid().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    type: text().$type<ReportSchedule['type']>().notNull(),
    filter: json().$type<ReportSchedule['filter']>().notNull(),
    sight: json().$type<ReportSchedule['sight']>().notNull(),
    recipients: json().$type<ReportSchedule['recipients']>().notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: words('created_by').notNull(),
    since: instant().notNull(),
    endedAt: instant('ended_at'),
    endedBy: words('ended_by'),
  },
  (table) => [uniqueIndex('report_schedules_seq').on(table.seq)],
)
