import {
  type AnyPgColumn,
  bigserial,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import type { Device } from '../../../core/device.ts'
import type { Mapping } from '../../../core/mapping.ts'
import type { BuildingUse, Contact, SiteType } from '../../../core/site.ts'
import { instant, json, words } from './columns.ts'

export const gateways = pgTable('gateways', {
  id: text().primaryKey(),
  name: words(),
  autoRegister: text('auto_register'),
  /** Not a reference: the site may be registered later. */
  siteId: text('site_id'),
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

/** How what a gateway says in its own words is read: versions, never overwritten; the newest is in force, null = switched off. */
export const gatewayMappings = pgTable(
  'gateway_mappings',
  {
    gatewayId: text('gateway_id')
      .notNull()
      .references(() => gateways.id),
    version: integer().notNull(),
    mapping: json().$type<Mapping | null>(),
    at: instant().notNull(),
    actor: words().notNull(),
    reason: words().notNull(),
  },
  (table) => [primaryKey({ columns: [table.gatewayId, table.version] })],
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
    feederId: text('feeder_id'),
    contacts: json().$type<readonly Contact[]>().notNull().default([]),
    facts: json().$type<Readonly<Record<string, unknown>>>().notNull(),
    createdAt: instant('created_at').notNull(),
    retiredAt: instant('retired_at'),
    movedFrom: json('moved_from').$type<NonNullable<Device['movedFrom']>>(),
  },
  (table) => [
    index('devices_gateway').on(table.gatewayId),
    index('devices_site').on(table.siteId),
    index('devices_feeder').on(table.feederId),
  ],
)

export const sites = pgTable(
  'sites',
  {
    id: text().primaryKey(),
    type: text().$type<SiteType>().notNull(),
    name: words().notNull(),
    parentId: text('parent_id').references((): AnyPgColumn => sites.id),
    use: text().$type<BuildingUse>(),
    address: words(),
    entrance: words(),
    emergencyPlan: words('emergency_plan'),
    contacts: json().$type<readonly Contact[]>().notNull(),
    latitude: doublePrecision(),
    longitude: doublePrecision(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('sites_parent').on(table.parentId)],
)

/** Who maintains or insures a device, and since when; the newest without an end is the present one. */
export const deviceParties = pgTable(
  'device_parties',
  {
    deviceId: text('device_id')
      .notNull()
      .references(() => devices.id),
    role: text().$type<'maintainer' | 'insurer'>().notNull(),
    teamId: text('team_id').notNull(),
    validFrom: instant('valid_from').notNull(),
    validUntil: instant('valid_until'),
    /** The contract that it follows from; null = somebody said it by itself. */
    contractId: uuid('contract_id'),
  },
  (table) => [
    primaryKey({ columns: [table.deviceId, table.role, table.validFrom] }),
    index('device_parties_team').on(table.teamId),
  ],
)

/** What registry, people and plans were before each change. */
export const history = pgTable(
  'history',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    at: instant().notNull(),
    actor: words().notNull(),
    subjectType: text('subject_type').notNull(),
    subjectId: text('subject_id').notNull(),
    before: json(),
    after: json(),
  },
  (table) => [index('history_subject').on(table.subjectType, table.subjectId, table.id)],
)
