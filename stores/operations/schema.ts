import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'

/** Milliseconds since 1970 in our code, `timestamptz` in SQL, so that Grafana and psql show a time. */
const instant = customType<{ data: number; driverData: Date | string }>({
  dataType: () => 'timestamp (3) with time zone',
  toDriver: (ms) => new Date(ms).toISOString(),
  fromDriver: (value) => new Date(value).getTime(),
})

const bytes = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => 'bytea',
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
})

/**
 * PostgreSQL takes neither NUL nor half a surrogate pair in text and jsonb, and devices send both: each becomes U+FFFD, for
 * one such message must not stop what comes behind it.
 */
function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed()
}

const words = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: storable,
})

const json = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: (value) => JSON.stringify(value, (_key, part) => (typeof part === 'string' ? storable(part) : part)),
})

export const gateways = pgTable('gateways', {
  id: text().primaryKey(),
  name: words(),
  autoRegister: text('auto_register'),
  createdAt: instant('created_at').notNull(),
  revokedAt: instant('revoked_at'),
})

export const gatewayCredentials = pgTable(
  'gateway_credentials',
  {
    id: uuid().primaryKey(),
    gatewayId: text('gateway_id')
      .notNull()
      .references(() => gateways.id),
    salt: text().notNull(),
    hash: text().notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at'),
  },
  (table) => [index('gateway_credentials_gateway').on(table.gatewayId)],
)

export const gatewayRefusals = pgTable(
  'gateway_refusals',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    gatewayId: text('gateway_id').notNull(),
    at: instant().notNull(),
    reason: words().notNull(),
    text: words().notNull(),
  },
  (table) => [index('gateway_refusals_gateway').on(table.gatewayId, table.id)],
)

export const devices = pgTable(
  'devices',
  {
    id: text().primaryKey(),
    kind: text().notNull(),
    gatewayId: text('gateway_id')
      .notNull()
      .references(() => gateways.id),
    name: words(),
    siteId: text('site_id'),
    facts: json().$type<Readonly<Record<string, unknown>>>().notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('devices_gateway').on(table.gatewayId)],
)

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
    journalId: uuid('journal_id').notNull(),
    journalPosition: bigint('journal_position', { mode: 'number' }).notNull(),
  },
  (table) => [
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
  },
  (table) => [
    uniqueIndex('work_orders_seq').on(table.seq),
    index('work_orders_device').on(table.deviceId, table.seq),
    index('work_orders_open').on(table.seq).where(sql`state not in ('closed', 'cancelled')`),
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
  },
  (table) => [uniqueIndex('work_order_events_key').on(table.orderId, table.idempotencyKey)],
)

export const quarantine = pgTable(
  'quarantine',
  {
    journalId: uuid('journal_id').notNull(),
    journalPosition: bigint('journal_position', { mode: 'number' }).notNull(),
    seq: bigserial({ mode: 'number' }).notNull(),
    receivedAt: instant('received_at').notNull(),
    gatewayId: text('gateway_id').notNull(),
    deviceId: text('device_id').notNull(),
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

export const audit = pgTable('audit', {
  id: bigserial({ mode: 'number' }).primaryKey(),
  at: instant().notNull(),
  actor: words().notNull(),
  action: text().notNull(),
  subject: words().notNull(),
  data: json().$type<Readonly<Record<string, unknown>>>().notNull(),
})

export const settings = pgTable('settings', {
  key: text().primaryKey(),
  value: json().notNull(),
})
