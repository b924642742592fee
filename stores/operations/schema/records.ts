import { sql } from 'drizzle-orm'
import { bigint, bigserial, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { MaintenanceItem, RegimeType, Visit } from '../../../core/visit.ts'
import type { EvidencePart, EvidenceTask } from '../port.ts'
import { bytes, instant, json, words } from './columns.ts'

export const quarantine = pgTable(
  'quarantine',
  {
    journalId: uuid('journal_id').notNull(),
    journalPosition: bigint('journal_position', { mode: 'number' }).notNull(),
    seq: bigserial({ mode: 'number' }).notNull(),
    receivedAt: instant('received_at').notNull(),
    gatewayId: text('gateway_id').notNull(),
    deviceId: text('device_id').notNull(),
    topic: words(),
    reason: text().notNull(),
    faults: json().notNull(),
    raw: bytes().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.journalId, table.journalPosition] }),
    uniqueIndex('quarantine_seq').on(table.seq),
    index('quarantine_received').on(table.receivedAt),
    index('quarantine_gateway').on(table.gatewayId, table.seq),
  ],
)

export const audit = pgTable(
  'audit',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    at: instant().notNull(),
    actor: words().notNull(),
    action: text().notNull(),
    subject: words().notNull(),
    data: json().$type<Readonly<Record<string, unknown>>>().notNull(),
  },
  (table) => [
    index('audit_at').on(table.at),
    index('audit_actor').on(table.actor, table.id),
    index('audit_action').on(table.action, table.id),
    index('audit_subject').on(table.subject, table.id),
  ],
)

export const settings = pgTable('settings', {
  key: text().primaryKey(),
  value: json().notNull(),
})

/** Evidence files by content; the bytes lie in LIFTWATT_DATA/evidence. */
export const evidenceFiles = pgTable('evidence_files', {
  sha256: text().primaryKey(),
  mediaType: text('media_type').notNull(),
  bytes: integer().notNull(),
  createdAt: instant('created_at').notNull(),
})

/** Which evidence belongs to which incident and order. */
export const evidenceLinks = pgTable(
  'evidence_links',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    incidentId: uuid('incident_id').notNull(),
    orderId: uuid('order_id'),
    part: text().$type<EvidencePart>().notNull(),
    name: words().notNull(),
    sha256: text()
      .notNull()
      .references(() => evidenceFiles.sha256),
    addedAt: instant('added_at').notNull(),
    addedBy: words('added_by').notNull(),
  },
  (table) => [index('evidence_links_incident').on(table.incidentId), index('evidence_links_order').on(table.orderId)],
)

/** Evidence still to be frozen: rows, so that a restart goes on. */
export const evidenceTasks = pgTable(
  'evidence_tasks',
  {
    incidentId: uuid('incident_id').notNull(),
    part: text().$type<EvidenceTask['part']>().notNull(),
    dueAt: instant('due_at').notNull(),
    doneAt: instant('done_at'),
    attempts: integer().notNull().default(0),
    lastError: words('last_error'),
  },
  (table) => [
    primaryKey({ columns: [table.incidentId, table.part] }),
    index('evidence_tasks_due').on(table.dueAt).where(sql`done_at is null`),
  ],
)

/** Orders, and other records with a chain, whose chain grew since the last seal. */
export const unsealedOrders = pgTable('unsealed_orders', {
  orderId: uuid('order_id').primaryKey(),
  since: instant().notNull(),
})

/** Each seal names the heads of the order chains that grew since the one before, and is chained itself. */
export const seals = pgTable('seals', {
  number: integer().primaryKey(),
  at: instant().notNull(),
  /** [orderId, number of events, hash of the last] of each. */
  heads: json().$type<readonly (readonly [string, number, string])[]>().notNull(),
  hash: text().notNull(),
})

/** Maintenance regimes of elevators; history is kept. */
export const regimes = pgTable(
  'regimes',
  {
    deviceId: text('device_id').notNull(),
    type: text().$type<RegimeType>().notNull(),
    dueFrom: text('due_from').$type<'schedule' | 'completion'>().notNull(),
    validFrom: instant('valid_from').notNull(),
    validUntil: instant('valid_until'),
  },
  (table) => [primaryKey({ columns: [table.deviceId, table.validFrom] })],
)

export const visits = pgTable(
  'visits',
  {
    id: uuid().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    deviceId: text('device_id').notNull(),
    items: json().$type<readonly MaintenanceItem[]>().notNull(),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at').notNull(),
    teamId: text('team_id'),
    workers: json().$type<readonly string[]>().notNull(),
    note: words(),
    claimedAt: instant('claimed_at').notNull(),
    claimedBy: words('claimed_by').notNull(),
    verdict: text().$type<Visit['verdict']>(),
    verdictText: words('verdict_text'),
    verdictEvidence: json('verdict_evidence').$type<Readonly<Record<string, unknown>>>(),
    decision: text().$type<NonNullable<Visit['decision']>>(),
  },
  (table) => [
    uniqueIndex('visits_seq').on(table.seq),
    uniqueIndex('visits_device').on(table.deviceId, table.startedAt),
  ],
)
