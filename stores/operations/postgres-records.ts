import { and, desc, eq, isNull, lt, sql } from 'drizzle-orm'
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
          set: { faults: sql`${quarantine.faults} || excluded.faults` },
          setWhere: sql`not ${quarantine.faults} @> excluded.faults`,
        })
        .returning({ position: quarantine.journalPosition })
      const positions = new Set(inserted.map(({ position }) => position))
      return items.filter(({ position }) => positions.has(position))
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

    async insertAudit(entry) {
      await database.insert(tables.audit).values(entry)
    },

    async counts() {
      const { gateways, devices, workOrders } = tables
      return {
        gateways: await database.$count(gateways, isNull(gateways.revokedAt)),
        devices: await database.$count(devices),
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
