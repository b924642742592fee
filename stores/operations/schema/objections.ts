import { sql } from 'drizzle-orm'
import { bigserial, index, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { Objection, VisitEvidence } from '../../../core/objection.ts'
import { instant, words } from './columns.ts'
import { evidenceFiles, visits } from './records.ts'

/** Objections to verdicts, one a visit; what happened to each is in its chain (`record_events`). */
export const objections = pgTable(
  'objections',
  {
    id: uuid().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    visitId: uuid('visit_id')
      .notNull()
      .unique()
      .references(() => visits.id),
    deviceId: text('device_id').notNull(),
    verdict: text().$type<Objection['verdict']>().notNull(),
    verdictText: words('verdict_text'),
    reason: words().notNull(),
    state: text().$type<Objection['state']>().notNull(),
    raisedAt: instant('raised_at').notNull(),
    raisedBy: words('raised_by').notNull(),
    decidedAt: instant('decided_at'),
    decidedBy: words('decided_by'),
    decisionReason: words('decision_reason'),
  },
  (table) => [
    uniqueIndex('objections_seq').on(table.seq),
    index('objections_open').on(table.seq).where(sql`state = 'open'`),
  ],
)

/** What was frozen or added for a visit whose verdict is disputed. */
export const visitEvidence = pgTable(
  'visit_evidence',
  {
    visitId: uuid('visit_id')
      .notNull()
      .references(() => visits.id),
    sha256: text()
      .notNull()
      .references(() => evidenceFiles.sha256),
    part: text().$type<VisitEvidence['part']>().notNull(),
    name: words().notNull(),
    addedAt: instant('added_at').notNull(),
    addedBy: words('added_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.visitId, table.sha256] }), index('visit_evidence_sha256').on(table.sha256)],
)
