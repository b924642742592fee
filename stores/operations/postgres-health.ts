import { and, count, desc, eq, gte, inArray, isNull, lt, ne, notInArray, or, sql } from 'drizzle-orm'
import type { Severity } from '../../core/severity.ts'
import type { Database } from './database.ts'
import { insertMany } from './many-rows.ts'
import type { HealthTables } from './port.ts'
import * as tables from './schema.ts'

/** So that no statement holds up the thread, or the database, for long. */
const rowsAtOnce = 2_000

export function healthTables(database: Database): HealthTables {
  const { deviceForecasts, deviceHealth, incidents, workOrders } = tables
  return {
    async putHealthDays(days) {
      for (let from = 0; from < days.length; from += rowsAtOnce) {
        const rows = days.slice(from, from + rowsAtOnce)
        await database.execute(sql`${insertMany(deviceHealth, rows)}
          on conflict (device_id, day) do update set at = excluded.at, score = excluded.score, coverage = excluded.coverage,
            parts = excluded.parts, covered_ms = excluded.covered_ms`)
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
    async putForecastDays(day, deviceIds, forecasts) {
      if (deviceIds.length === 0) return
      await database
        .delete(deviceForecasts)
        .where(and(eq(deviceForecasts.day, day), inArray(deviceForecasts.deviceId, [...deviceIds])))
      for (let from = 0; from < forecasts.length; from += rowsAtOnce) {
        await database.execute(insertMany(deviceForecasts, forecasts.slice(from, from + rowsAtOnce)))
      }
    },
    async deleteForecastsBefore(day) {
      return (await database.delete(deviceForecasts).where(lt(deviceForecasts.day, day))).rowCount ?? 0
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
            or(isNull(workOrders.outcome), notInArray(workOrders.outcome, ['false-alarm', 'drill'])),
          ),
        )
        .groupBy(workOrders.deviceId)
      return new Map(rows.flatMap(({ deviceId, orders }) => (deviceId === null ? [] : [[deviceId, orders]])))
    },
  }
}
