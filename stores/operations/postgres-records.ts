import { and, count, desc, eq, getTableColumns, gte, inArray, isNotNull, isNull, lt, sql } from 'drizzle-orm'
import type { QuarantineItem } from '../../core/quarantine.ts'
import type { Database } from './database.ts'
import { first, pageOf, seqOf } from './pages.ts'
import type { RecordTables } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'

/** Quarantine, audit, settings. */
export function recordTables(database: Database): RecordTables {
  return {
    async insertQuarantine(journalId, items) {
      if (items.length === 0) return []
      const rows = items.map(({ position, ...item }) => ({ journalId, journalPosition: position, ...item }))
      const { quarantine } = tables
      const inserted = await database
        .insert(quarantine)
        .values(rows)
        .onConflictDoUpdate({
          target: [quarantine.journalId, quarantine.journalPosition],
          set: {
            faults: sql`${quarantine.faults} || excluded.faults`,
            deviceId: sql`case ${quarantine.deviceId} when excluded.device_id then excluded.device_id else '' end`,
          },
          setWhere: sql`not ${quarantine.faults} @> excluded.faults`,
        })
        .returning({ position: quarantine.journalPosition })
      const positions = new Set(inserted.map(({ position }) => position))
      return items.filter(({ position }) => positions.has(position))
    },
    async quarantinedSince(gatewayIds, since) {
      const { gatewayId, receivedAt } = tables.quarantine
      const rows = await database
        .select({ gatewayId, messages: count() })
        .from(tables.quarantine)
        .where(and(inArray(gatewayId, [...gatewayIds]), gte(receivedAt, since)))
        .groupBy(gatewayId)
      return new Map(rows.map((row) => [row.gatewayId, row.messages]))
    },
    async quarantine(page) {
      const { quarantine } = tables
      const rows = await database
        .select()
        .from(quarantine)
        .where(
          and(
            page.gatewayId === undefined ? undefined : eq(quarantine.gatewayId, page.gatewayId),
            page.deviceId === undefined ? undefined : eq(quarantine.deviceId, page.deviceId),
            page.isMapped && isNotNull(quarantine.topic),
            page.after === undefined ? undefined : lt(quarantine.seq, seqOf(page.after)),
            (await inSight(database, page.sight))('quarantine'),
          ),
        )
        .orderBy(desc(quarantine.seq))
        .limit(page.limit + 1)
      const { items, nextCursor } = pageOf(rows, page, (row) => String(row.seq))
      return {
        nextCursor,
        items: items.map(({ journalId: _, journalPosition: position, seq: __, ...item }) => ({
          ...(item as Omit<QuarantineItem, 'position'>),
          position,
        })),
      }
    },
    async trimQuarantine({ receivedBefore, maxBytes }) {
      const { quarantine } = tables
      const old = await database.delete(quarantine).where(lt(quarantine.receivedAt, receivedBefore))
      const beyond = await database.execute(sql`
          delete from ${quarantine} where ${quarantine.seq} <= coalesce((
            select max(seq) from (
              select seq, sum(length(raw) + 200) over (order by seq desc) as bytes from ${quarantine}
            ) as sized where bytes > ${maxBytes}
          ), 0)`)
      return (old.rowCount ?? 0) + (beyond.rowCount ?? 0)
    },

    async insertAudit(...entries) {
      if (entries.length > 0) await database.insert(tables.audit).values([...entries])
    },
    async audit(query) {
      const { audit } = tables
      const rows = await database
        .select({ ...getTableColumns(audit), before: changeOf('before'), after: changeOf('after') })
        .from(audit)
        .where(
          and(
            query.actor === undefined ? undefined : eq(audit.actor, query.actor),
            query.action === undefined ? undefined : eq(audit.action, query.action),
            query.subject === undefined ? undefined : eq(audit.subject, query.subject),
            query.from === undefined ? undefined : gte(audit.at, query.from),
            query.to === undefined ? undefined : lt(audit.at, query.to),
            query.after === undefined ? undefined : lt(audit.id, seqOf(query.after)),
          ),
        )
        .orderBy(desc(audit.id))
        .limit(query.limit + 1)
      return pageOf(rows, query, ({ id }) => String(id))
    },

    async counts() {
      const { gateways, devices, workOrders } = tables
      return {
        gateways: await database.$count(gateways, isNull(gateways.revokedAt)),
        devices: await database.$count(devices, isNull(devices.retiredAt)),
        openOrders: await database.$count(workOrders, sql`${workOrders.state} not in ('closed', 'cancelled')`),
      }
    },

    setting: async (key) =>
      first(await database.select().from(tables.settings).where(eq(tables.settings.key, key)))?.value,
    async putSetting(key, value) {
      await database
        .insert(tables.settings)
        .values({ key, value })
        .onConflictDoUpdate({ target: tables.settings.key, set: { value } })
    },
  }
}

/**
 * Of the history, which was written in the same transaction, with the same time and actor; what an action is done to stands first in
 * its name: `site-changed`. One that keeps no history finds none.
 */
function changeOf(side: 'before' | 'after') {
  // spelled out: of a column in a selection Drizzle leaves the table away, and both tables have an "at" and an "actor"
  return sql<unknown>`(
    select h.${sql.identifier(side)} from history h
    where h.subject_type = substring(audit.action from '^[a-z]+') and h.subject_id = audit.subject
      and h.at = audit.at and h.actor = audit.actor
    limit 1
  )`
}
