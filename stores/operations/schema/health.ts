import { bigint, doublePrecision, index, pgTable, primaryKey, real, smallint, text } from 'drizzle-orm/pg-core'
import type { HealthPart } from '../../../core/health.ts'
import { instant, json } from './columns.ts'

/** A device's health day by day. */
export const deviceHealth = pgTable(
  'device_health',
  {
    deviceId: text('device_id').notNull(),
    day: text().notNull(),
    at: instant().notNull(),
    score: smallint(),
    coverage: real().notNull(),
    parts: json().$type<readonly HealthPart[]>().notNull(),
    coveredMs: bigint('covered_ms', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.deviceId, table.day] }), index('device_health_day').on(table.day)],
)

/** What wears on a device, and when it will be at its limit, as it was seen on each day. */
export const deviceForecasts = pgTable(
  'device_forecasts',
  {
    deviceId: text('device_id').notNull(),
    finding: text().notNull(),
    day: text().notNull(),
    at: instant().notNull(),
    sampleAt: instant('sample_at').notNull(),
    quantity: text().notNull(),
    level: doublePrecision().notNull(),
    /** `limit` alone is a word of SQL. */
    limit: doublePrecision('level_limit').notNull(),
    days: real(),
    lowDays: real('low_days'),
    highDays: real('high_days'),
    refused: text(),
  },
  (table) => [
    primaryKey({ columns: [table.deviceId, table.finding, table.day] }),
    index('device_forecasts_day').on(table.day),
  ],
)
