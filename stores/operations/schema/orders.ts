import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { Part } from '../../../core/incident.ts'
import type { Deadline, FrozenPlan, PlanStep, ResponsePlan } from '../../../core/plan.ts'
import type { ScopeType } from '../../../core/scope.ts'
import type { SitePath } from '../../../core/site.ts'
import type { Suppressed, SuppressionType } from '../../../core/suppression.ts'
import { instant, json, words } from './columns.ts'

export const incidents = pgTable(
  'incidents',
  {
    id: uuid().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    state: text().notNull(),
    scopeType: text('scope_type').notNull(),
    scopeId: text('scope_id').notNull(),
    deviceId: text('device_id'),
    finding: text().notNull(),
    severity: text().notNull(),
    summary: words().notNull(),
    evidence: json().notNull(),
    count: integer().notNull(),
    occurredAt: instant('occurred_at').notNull(),
    receivedAt: instant('received_at').notNull(),
    detectedAt: instant('detected_at').notNull(),
    clearedAt: instant('cleared_at'),
    /** Null when it was not found in a journal: a person or another system reported it. */
    journalId: uuid('journal_id'),
    journalPosition: bigint('journal_position', { mode: 'number' }),
    gatewayId: text('gateway_id'),
    feederId: text('feeder_id'),
    siteId: text('site_id'),
    path: json().$type<SitePath>().notNull().default({}),
    parentId: uuid('parent_id').references((): AnyPgColumn => incidents.id),
    suppressed: json().$type<Suppressed>(),
    acknowledgedAt: instant('acknowledged_at'),
    acknowledgedBy: words('acknowledged_by'),
    acknowledgedKey: text('acknowledged_key'),
    /** Since when the condition is over, by the device's clock; null while it holds. */
    overAt: instant('over_at'),
    /** Cleared from then on, by our clock, if it stays away; null = it holds, or nobody can tell. */
    clearsAt: instant('clears_at'),
    /** When the newest member joined it; null = it is no collection of other incidents. */
    lastMemberAt: instant('last_member_at'),
    source: text().notNull().default('liftwatt'),
    externalId: words('external_id'),
    ruleVersion: integer('rule_version').notNull().default(0),
  },
  (table) => [
    /** What is over may come again under the same id; past records that were read in may not. */
    uniqueIndex('incidents_external')
      .on(table.source, table.externalId)
      .where(sql`state <> 'cleared' or source in ('liftwatt', 'manual', 'import')`),
    index('incidents_external_all').on(table.source, table.externalId),
    index('incidents_parent').on(table.parentId),
    index('incidents_site').on(table.siteId, table.seq),
    // not of the active ones alone: in a flood the planner believes that they are few, and reads all of them
    index('incidents_gateway').on(table.gatewayId, table.detectedAt),
    index('incidents_feeder').on(table.feederId, table.detectedAt),
    index('incidents_building').on(sql`(path ->> 'building')`, table.detectedAt),
    index('incidents_estate').on(sql`(path ->> 'estate')`, table.detectedAt),
    index('incidents_clears').on(table.clearsAt).where(sql`clears_at is not null and state <> 'cleared'`),
    index('incidents_groups').on(table.seq).where(sql`last_member_at is not null and state <> 'cleared'`),
    index('incidents_path').using('gin', table.path),
    index('incidents_scope').on(table.scopeType, table.scopeId, table.finding, table.seq),
    index('incidents_suppressed').on(table.seq).where(sql`suppressed is not null and state <> 'cleared'`),
    uniqueIndex('incidents_episode').on(table.scopeType, table.scopeId, table.finding, table.occurredAt),
    uniqueIndex('incidents_seq').on(table.seq),
    index('incidents_device_finding').on(table.deviceId, table.finding, table.seq),
  ],
)

export const workOrders = pgTable(
  'work_orders',
  {
    id: uuid().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    incidentId: uuid('incident_id')
      .notNull()
      .unique()
      .references(() => incidents.id),
    type: text().notNull(),
    state: text().notNull(),
    deviceId: text('device_id'),
    finding: text().notNull(),
    severity: text().notNull(),
    summary: words().notNull(),
    occurredAt: instant('occurred_at').notNull(),
    receivedAt: instant('received_at').notNull(),
    detectedAt: instant('detected_at').notNull(),
    raisedAt: instant('raised_at').notNull(),
    upgradedAt: instant('upgraded_at'),
    arriveBy: instant('arrive_by'),
    acknowledgedAt: instant('acknowledged_at'),
    acceptedAt: instant('accepted_at'),
    arrivedAt: instant('arrived_at'),
    restoredAt: instant('restored_at'),
    closedAt: instant('closed_at'),
    cancelledAt: instant('cancelled_at'),
    causeClass: text('cause_class'),
    outcome: text(),
    siteId: text('site_id'),
    plan: json().$type<FrozenPlan>(),
    teamId: text('team_id'),
    assignedBecause: words('assigned_because').notNull().default(''),
    technicianId: words('technician_id'),
    technicianName: words('technician_name'),
    passengerToldAt: instant('passenger_told_at'),
    inspectedAt: instant('inspected_at'),
    dueAt: instant('due_at'),
    followsId: uuid('follows_id').references((): AnyPgColumn => workOrders.id),
    mergedIntoId: uuid('merged_into_id').references((): AnyPgColumn => workOrders.id),
    note: words(),
    parts: json().$type<readonly Part[]>().notNull().default([]),
    reportedBy: json('reported_by').$type<Readonly<Record<string, string>>>(),
  },
  (table) => [
    uniqueIndex('work_orders_seq').on(table.seq),
    index('work_orders_device').on(table.deviceId, table.seq),
    index('work_orders_team').on(table.teamId, table.seq),
    // where a crew was sent, read from here alone
    index('work_orders_team_places').on(table.teamId, table.deviceId, table.siteId),
    index('work_orders_team_open').on(table.teamId).where(sql`state not in ('closed', 'cancelled')`),
    index('work_orders_site').on(table.siteId, table.seq),
    index('work_orders_open').on(table.seq).where(sql`state not in ('closed', 'cancelled')`),
    index('work_orders_finding').on(table.finding, table.seq),
    index('work_orders_detected').on(table.detectedAt),
    // of what is rare: a list of it would read all others, and hardly an order is written there
    index('work_orders_critical').on(table.seq).where(sql`severity = 'critical'`),
    index('work_orders_planned').on(table.seq).where(sql`type <> 'emergency'`),
    index('work_orders_cancelled').on(table.seq).where(sql`state = 'cancelled'`),
    index('work_orders_follows').on(table.followsId).where(sql`follows_id is not null`),
    index('work_orders_merged').on(table.mergedIntoId).where(sql`merged_into_id is not null`),
  ],
)

export const workOrderEvents = pgTable(
  'work_order_events',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    orderId: uuid('order_id')
      .notNull()
      .references(() => workOrders.id),
    at: instant().notNull(),
    type: text().notNull(),
    actor: words().notNull(),
    data: json().$type<Readonly<Record<string, unknown>>>().notNull(),
    idempotencyKey: text('idempotency_key'),
    /** Its place in the order's chain, from 1 on, and its SHA-256 over the hash before it; null = older than the chains. */
    number: integer(),
    hash: text(),
    /** `core/said.ts`; null on both = of an earlier version. */
    salt: text(),
    said: text(),
  },
  (table) => [
    uniqueIndex('work_order_events_key').on(table.orderId, table.idempotencyKey),
    uniqueIndex('work_order_events_number').on(table.orderId, table.number),
    index('work_order_events_at').on(table.at, table.id),
    // looked for at every start, and as good as always empty
    index('work_order_events_unchained').on(table.orderId).where(sql`number is null`),
  ],
)

/** What keeps incidents from becoming orders, for a time. */
export const suppressions = pgTable(
  'suppressions',
  {
    id: uuid().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    type: text().$type<SuppressionType>().notNull(),
    scopeType: text('scope_type').$type<ScopeType>().notNull(),
    scopeId: text('scope_id').notNull(),
    finding: text(),
    reason: words().notNull(),
    startsAt: instant('starts_at').notNull(),
    endsAt: instant('ends_at'),
    createdAt: instant('created_at').notNull(),
    createdBy: words('created_by').notNull(),
    endedAt: instant('ended_at'),
    endedBy: words('ended_by'),
    /** Idempotency keys of its beginning and its end. */
    key: text(),
    endedKey: text('ended_key'),
  },
  (table) => [
    index('suppressions_scope').on(table.scopeType, table.scopeId),
    uniqueIndex('suppressions_seq').on(table.seq),
    uniqueIndex('suppressions_key').on(table.key),
    index('suppressions_open').on(table.endsAt).where(sql`ended_at is null`),
  ],
)

/** Due times of running orders; absolute, so that starting again arms them. */
export const deadlines = pgTable(
  'deadlines',
  {
    id: uuid().primaryKey(),
    orderId: uuid('order_id')
      .notNull()
      .references(() => workOrders.id),
    step: json().$type<PlanStep>().notNull(),
    /** 3 = critical … 0 = info: what is due together is fired the most severe first. */
    severityRank: integer('severity_rank').notNull(),
    dueAt: instant('due_at').notNull(),
    state: text().$type<Deadline['state']>().notNull(),
    settledAt: instant('settled_at'),
    /** `due_at`, until firing it failed: then when it is tried again. */
    nextAttemptAt: instant('next_attempt_at').notNull(),
    attempts: integer().notNull().default(0),
    lastError: words('last_error'),
  },
  (table) => [
    index('deadlines_order').on(table.orderId),
    index('deadlines_soonest').on(table.nextAttemptAt).where(sql`state = 'open'`),
    index('deadlines_overdue').on(table.dueAt).where(sql`state = 'open'`),
  ],
)

export const plans = pgTable('plans', {
  id: text().primaryKey(),
  version: integer().notNull(),
  name: json().$type<ResponsePlan['name']>().notNull(),
  enabled: boolean().notNull(),
  match: json().$type<ResponsePlan['match']>().notNull(),
  tell: json().$type<ResponsePlan['tell']>().notNull(),
  askFirst: json('ask_first').$type<ResponsePlan['askFirst']>(),
  steps: json().$type<ResponsePlan['steps']>().notNull(),
})
