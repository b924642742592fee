import { and, asc, desc, eq, getTableColumns, gt, inArray, isNotNull, isNull, ne, or, type SQL, sql } from 'drizzle-orm'
import { ExpectedError } from '../../core/errors.ts'
import { contains } from './contains.ts'
import type { Database } from './database.ts'
import { deviceTexts } from './device-texts.ts'
import { first, pageOf } from './pages.ts'
import { type RegistryTables, refusalsKept } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'
import { isAt } from './site-tree.ts'

/** Gateways, their credentials and refusals, and devices. */
export function registryTables(database: Database): RegistryTables {
  return {
    async insertGateway(gateway) {
      const rows = await database.insert(tables.gateways).values(gateway).onConflictDoNothing().returning()
      if (rows.length === 0) throw new ExpectedError('already-exists', `A gateway ${gateway.id} exists already`)
    },
    async updateGateway(id, change) {
      const rows = await database.update(tables.gateways).set(change).where(eq(tables.gateways.id, id)).returning()
      return rows.length > 0
    },
    gateway: async (id) => first(await database.select().from(tables.gateways).where(eq(tables.gateways.id, id))),
    lockGateway: async (id) =>
      first(await database.select().from(tables.gateways).where(eq(tables.gateways.id, id)).for('update')),
    async gateways(page) {
      const rows = await database
        .select()
        .from(tables.gateways)
        .where(
          and(
            page.after === undefined ? undefined : gt(tables.gateways.id, page.after),
            (await inSight(database, page.sight))('gateway'),
          ),
        )
        .orderBy(asc(tables.gateways.id))
        .limit(page.limit + 1)
      return pageOf(rows, page, (row) => row.id)
    },

    async insertCredential(credential) {
      await database.insert(tables.gatewayCredentials).values(credential)
    },
    async expireCredentials(gatewayId, except, expiresAt) {
      const { gatewayCredentials } = tables
      await database
        .update(gatewayCredentials)
        .set({ expiresAt })
        .where(
          and(
            eq(gatewayCredentials.gatewayId, gatewayId),
            except === null ? undefined : ne(gatewayCredentials.id, except),
            or(isNull(gatewayCredentials.expiresAt), gt(gatewayCredentials.expiresAt, expiresAt)),
          ),
        )
    },
    async credentialsOf(gatewayId, now) {
      const { gatewayCredentials } = tables
      return database
        .select()
        .from(gatewayCredentials)
        .where(and(eq(gatewayCredentials.gatewayId, gatewayId), isValidAt(now)))
        .orderBy(sql`${gatewayCredentials.expiresAt} desc nulls first`)
    },
    async validCredentials(now) {
      const { gatewayCredentials, gateways } = tables
      return database
        .select(getTableColumns(gatewayCredentials))
        .from(gatewayCredentials)
        .innerJoin(gateways, eq(gateways.id, gatewayCredentials.gatewayId))
        .where(and(isNull(gateways.revokedAt), isValidAt(now)))
    },

    async insertRefusals(refusals) {
      if (refusals.length === 0) return
      const { gatewayRefusals } = tables
      await database.insert(gatewayRefusals).values([...refusals])
      for (const gatewayId of new Set(refusals.map((refusal) => refusal.gatewayId))) {
        const kept = database
          .select({ id: gatewayRefusals.id })
          .from(gatewayRefusals)
          .where(eq(gatewayRefusals.gatewayId, gatewayId))
          .orderBy(desc(gatewayRefusals.at), desc(gatewayRefusals.id))
          .limit(refusalsKept)
        await database
          .delete(gatewayRefusals)
          .where(and(eq(gatewayRefusals.gatewayId, gatewayId), sql`${gatewayRefusals.id} not in ${kept}`))
      }
    },
    async refusals(gatewayId) {
      const { gatewayRefusals } = tables
      return database
        .select({ at: gatewayRefusals.at, reason: gatewayRefusals.reason, text: gatewayRefusals.text })
        .from(gatewayRefusals)
        .where(eq(gatewayRefusals.gatewayId, gatewayId))
        .orderBy(desc(gatewayRefusals.at), desc(gatewayRefusals.id))
        .limit(refusalsKept)
    },

    async insertDevice(device) {
      const rows = await database.insert(tables.devices).values(device).onConflictDoNothing().returning()
      if (rows.length === 0) throw new ExpectedError('already-exists', `A device ${device.id} exists already`)
    },
    async insertDevicesIfAbsent(devices) {
      if (devices.length === 0) return []
      const rows = await database
        .insert(tables.devices)
        .values([...devices])
        .onConflictDoNothing()
        .returning({ id: tables.devices.id })
      return rows.map(({ id }) => id)
    },
    async updateDevice(id, change) {
      const rows = await database.update(tables.devices).set(change).where(eq(tables.devices.id, id)).returning()
      return rows.length > 0
    },
    async replaceDevice({ id, createdAt: _, ...change }) {
      await database.update(tables.devices).set(change).where(eq(tables.devices.id, id))
    },
    device: async (id) => first(await database.select().from(tables.devices).where(eq(tables.devices.id, id))),
    lockDevice: async (id) =>
      first(await database.select().from(tables.devices).where(eq(tables.devices.id, id)).for('update')),
    devicesByIds: async (ids) =>
      ids.length === 0
        ? []
        : database
            .select()
            .from(tables.devices)
            .where(inArray(tables.devices.id, [...ids])),
    async devices(page) {
      const { devices } = tables
      const rows = await database
        .select()
        .from(devices)
        .where(
          and(
            page.gatewayId === undefined ? undefined : eq(devices.gatewayId, page.gatewayId),
            isAt(devices.id, page.siteId),
            page.kind === undefined ? undefined : eq(devices.kind, page.kind),
            page.text === undefined ? undefined : contains(page.text, deviceTexts),
            isListed(page.retired),
            page.after === undefined ? undefined : gt(devices.id, page.after),
            (await inSight(database, page.sight))('device'),
          ),
        )
        .orderBy(asc(devices.id))
        .limit(page.limit + 1)
      return pageOf(rows, page, (row) => row.id)
    },
    async countDevices(gatewayId, sight) {
      const { devices } = tables
      const isSeen = (await inSight(database, sight))('device')
      return database.$count(devices, and(eq(devices.gatewayId, gatewayId), isListed(), isSeen))
    },
  }
}

function isListed(retired?: 'too' | 'only'): SQL | undefined {
  const { retiredAt } = tables.devices
  if (retired === 'too') return undefined
  return retired === 'only' ? isNotNull(retiredAt) : isNull(retiredAt)
}

function isValidAt(now: number): SQL | undefined {
  const { expiresAt } = tables.gatewayCredentials
  return or(isNull(expiresAt), gt(expiresAt, now))
}
