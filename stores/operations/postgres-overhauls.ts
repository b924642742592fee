import { and, asc, desc, eq, getTableColumns, gt, gte, inArray, lt, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { first, pageOf, seqOf, withoutSeq } from './pages.ts'
import type { OverhaulTables } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'
import { isAt } from './site-tree.ts'

const { deviceForecasts, incidents, overhauls } = tables
const { seq: _, ...fields } = getTableColumns(overhauls)

/** Proposals of parts and overhauls. */
export function overhaulTables(database: Database): OverhaulTables {
  return {
    async insertOverhaul(overhaul) {
      await database.insert(overhauls).values(overhaul)
    },
    async updateOverhaul(id, change) {
      await database.update(overhauls).set(change).where(eq(overhauls.id, id))
    },
    overhaul: async (id) => first(await database.select(fields).from(overhauls).where(eq(overhauls.id, id))),
    lockOverhaul: async (id) =>
      first(await database.select(fields).from(overhauls).where(eq(overhauls.id, id)).for('update')),
    async overhauls(page) {
      const { deviceId, teamId, state, from, to } = page
      const where = and(
        deviceId === undefined ? undefined : eq(overhauls.deviceId, deviceId),
        isAt(overhauls.deviceId, page.siteId),
        teamId === undefined ? undefined : eq(overhauls.teamId, teamId),
        state === undefined ? undefined : eq(overhauls.state, state),
        from === undefined ? undefined : gte(overhauls.proposedAt, from),
        to === undefined ? undefined : lt(overhauls.proposedAt, to),
        page.after === undefined ? undefined : lt(overhauls.seq, seqOf(page.after)),
        (await inSight(database, page.sight))('overhaul'),
      )
      const rows = await database
        .select()
        .from(overhauls)
        .where(where)
        .orderBy(desc(overhauls.seq))
        .limit(page.limit + 1)
      return withoutSeq(pageOf(rows, page, ({ seq }) => String(seq)))
    },
    overhaulsOf: async (deviceIds) =>
      database
        .select(fields)
        .from(overhauls)
        .where(inArray(overhauls.deviceId, [...deviceIds]))
        .orderBy(asc(overhauls.seq)),
    newestForecasts: async (deviceId) =>
      database
        .select()
        .from(deviceForecasts)
        .where(
          and(
            eq(deviceForecasts.deviceId, deviceId),
            sql`${deviceForecasts.day} = (select max(f.day) from device_forecasts f where f.device_id = ${deviceId})`,
          ),
        )
        .orderBy(asc(deviceForecasts.finding)),
    countFindings: async (deviceId, from, to) =>
      database.$count(
        incidents,
        and(
          eq(incidents.deviceId, deviceId),
          sql`${incidents.severity} <> 'info'`,
          // what people ordered by the calendar is no finding
          sql`${incidents.finding} not like 'maintenance/%'`,
          lt(incidents.occurredAt, to),
          sql`coalesce(${incidents.clearedAt}, 'infinity') >= ${new Date(from).toISOString()}::timestamptz`,
        ),
      ),
    async standingWarnings(before, page) {
      const where = and(
        eq(incidents.severity, 'warning'),
        inArray(incidents.state, ['open', 'unknown']),
        lt(incidents.occurredAt, before),
        sql`${incidents.deviceId} is not null and ${incidents.finding} not like 'maintenance/%'`,
        sql`not exists (select from overhauls o where o.device_id = ${incidents.deviceId} and o.proposed_at >= ${incidents.occurredAt})`,
        page.after === undefined ? undefined : gt(incidents.seq, seqOf(page.after)),
        (await inSight(database, page.sight))('incident'),
      )
      const rows = await database
        .select({
          ...{ seq: incidents.seq, incidentId: incidents.id, deviceId: sql<string>`${incidents.deviceId}` },
          ...{ finding: incidents.finding, summary: incidents.summary, occurredAt: incidents.occurredAt },
          teamId: sql<string | null>`(select p.team_id from device_parties p where p.device_id = ${incidents.deviceId}
            and p.role = 'maintainer' and p.valid_until is null limit 1)`,
        })
        .from(incidents)
        .where(where)
        .orderBy(asc(incidents.seq))
        .limit(page.limit + 1)
      return withoutSeq(pageOf(rows, page, ({ seq }) => String(seq)))
    },
  }
}
