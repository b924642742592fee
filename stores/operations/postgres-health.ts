import { and, count, desc, eq, gte, inArray, lt, ne, or, sql } from 'drizzle-orm'
import type { Severity } from '../../core/severity.ts'
import type { Database } from './database.ts'
import type { HealthTables } from './port.ts'
import * as tables from './schema.ts'

/** One statement takes 65,535 parameters; a day has seven. */
const daysAtOnce = 2_000

export function healthTables(database: Database): HealthTables {
  const { deviceHealth, incidents, workOrders } = tables
  return {
    async putHealthDays(days) {
      for (let from = 0; from < days.length; from += daysAtOnce) {
        await database
          .insert(deviceHealth)
          .values(days.slice(from, from + daysAtOnce))
          .onConflictDoUpdate({
            target: [deviceHealth.deviceId, deviceHealth.day],
            set: {
              at: sql`excluded.at`,
              score: sql`excluded.score`,
              coverage: sql`excluded.coverage`,
              parts: sql`excluded.parts`,
              coveredMs: sql`excluded.covered_ms`,
            },
          })
      }
    },
    healthDays: (deviceId, limit) =>
      database
        .select()
        .from(deviceHealth)
        .where(eq(deviceHealth.deviceId, deviceId))
        .orderBy(desc(deviceHealth.day))
        .limit(limit),
    async newestHealth(deviceIds) {
      if (deviceIds.length === 0) return new Map()
      const rows = await database
        .selectDistinctOn([deviceHealth.deviceId])
        .from(deviceHealth)
        .where(inArray(deviceHealth.deviceId, [...deviceIds]))
        .orderBy(deviceHealth.deviceId, desc(deviceHealth.day))
      return new Map(rows.map((row) => [row.deviceId, row]))
    },
    async deleteHealthBefore(day) {
      return (await database.delete(deviceHealth).where(lt(deviceHealth.day, day))).rowCount ?? 0
    },
    async openFindings(deviceIds) {
      if (deviceIds.length === 0) return []
      const rows = await database
        .select({ deviceId: incidents.deviceId, finding: incidents.finding, severity: incidents.severity })
        .from(incidents)
        .where(and(inArray(incidents.deviceId, [...deviceIds]), ne(incidents.state, 'cleared')))
      return rows.flatMap(({ deviceId, finding, severity }) =>
        deviceId === null ? [] : [{ deviceId, finding, severity: severity as Severity }],
      )
    },
    async emergenciesOf(deviceIds, since) {
      if (deviceIds.length === 0) return new Map()
      const rows = await database
        .select({ deviceId: workOrders.deviceId, orders: count() })
        .from(workOrders)
        .where(
          and(
            inArray(workOrders.deviceId, [...deviceIds]),
            eq(workOrders.type, 'emergency'),
            gte(workOrders.detectedAt, since),
            or(sql`${workOrders.outcome} is null`, ne(workOrders.outcome, 'false-alarm')),
          ),
        )
        .groupBy(workOrders.deviceId)
      return new Map(rows.flatMap(({ deviceId, orders }) => (deviceId === null ? [] : [[deviceId, orders]])))
    },
  }
}
