import { bigint, index, pgTable, primaryKey, real, smallint, text } from 'drizzle-orm/pg-core'
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
