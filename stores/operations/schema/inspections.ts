import { sql } from 'drizzle-orm'
import {
  boolean,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { Inspection, RiskList, ScoreSheet } from '../../../core/inspection.ts'
import { instant, json, words } from './columns.ts'

/** Every version of every sheet. */
export const scoreSheets = pgTable(
  'score_sheets',
  {
    id: text().notNull(),
    version: integer().notNull(),
    name: json().$type<ScoreSheet['name']>().notNull(),
    passScore: doublePrecision('pass_score').notNull(),
    items: json().$type<ScoreSheet['items']>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.id, table.version] })],
)

/** What each insurer wants to have planned by itself. */
export const inspectionPlans = pgTable('inspection_plans', {
  insurerId: text('insurer_id').primaryKey(),
  version: integer().notNull(),
  sheetId: text('sheet_id').notNull(),
  quarterly: boolean().notNull(),
  monthlyShare: doublePrecision('monthly_share').notNull(),
  unannouncedPerMonth: integer('unannounced_per_month').notNull(),
  publicSource: words('public_source'),
  changedAt: instant('changed_at').notNull(),
  since: instant().notNull(),
})

/** The month's sample of a portfolio: its population and its seed, which is a secret until the month is over. */
export const inspectionSamples = pgTable(
  'inspection_samples',
  {
    id: uuid().primaryKey(),
    insurerId: text('insurer_id').notNull(),
    month: text().notNull(),
    count: integer().notNull(),
    population: json().$type<readonly string[]>().notNull(),
    populationSize: integer('population_size').notNull().default(0),
    populationSha256: text('population_sha256').notNull(),
    seed: text().notNull(),
    seedSha256: text('seed_sha256').notNull(),
    publicSource: words('public_source'),
    publicValue: text('public_value'),
    committedAt: instant('committed_at').notNull(),
    drawnAt: instant('drawn_at'),
    cutOff: text('cut_off'),
    revealedAt: instant('revealed_at'),
  },
  (table) => [
    uniqueIndex('inspection_samples_month').on(table.insurerId, table.month),
    index('inspection_samples_open').on(table.month).where(sql`revealed_at is null`),
  ],
)

/** No number runs through them: from what is shown nobody may tell how much is not. */
export const inspections = pgTable(
  'inspections',
  {
    id: uuid().primaryKey(),
    deviceId: text('device_id').notNull(),
    kind: text().$type<Inspection['kind']>().notNull(),
    state: text().$type<Inspection['state']>().notNull(),
    insurerId: text('insurer_id'),
    period: text(),
    dueOn: text('due_on').notNull(),
    plannedAt: instant('planned_at').notNull(),
    startedAt: instant('started_at'),
    endedAt: instant('ended_at'),
    inspector: words(),
    maintainerId: text('maintainer_id'),
    sheetId: text('sheet_id'),
    sheetVersion: integer('sheet_version'),
    recheckOf: uuid('recheck_of'),
    findings: json().$type<Inspection['findings']>().notNull(),
    photos: json().$type<Inspection['photos']>().notNull(),
    remedies: json().$type<Inspection['remedies']>().notNull(),
    score: doublePrecision(),
    passed: boolean(),
    reason: words(),
    note: words(),
    risk: json().$type<Inspection['risk']>(),
  },
  (table) => [
    uniqueIndex('inspections_planned').on(table.deviceId, table.kind, table.period, table.insurerId),
    index('inspections_due').on(table.dueOn, table.id),
    index('inspections_insurer').on(table.insurerId, table.dueOn, table.id),
    index('inspections_device').on(table.deviceId, table.endedAt),
    index('inspections_ended').on(table.endedAt),
    index('inspections_recheck').on(table.recheckOf).where(sql`recheck_of is not null`),
    // what a maintainer asks takes no longer because of what it may not know
    index('inspections_started').on(table.dueOn, table.id).where(sql`started_at is not null`),
  ],
)

/** Frozen when they were made. */
export const riskLists = pgTable(
  'risk_lists',
  {
    insurerId: text('insurer_id').notNull(),
    quarter: text().notNull(),
    madeAt: instant('made_at').notNull(),
    items: json().$type<RiskList['items']>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.insurerId, table.quarter] })],
)
