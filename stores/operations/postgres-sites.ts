import { and, asc, desc, eq, getTableColumns, gt, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import { ExpectedError } from '../../core/errors.ts'
import { nowhere, type Place, type Scope } from '../../core/scope.ts'
import { type SitePath, siteTypes } from '../../core/site.ts'
import { isAnyOf } from './any-of.ts'
import { contains } from './contains.ts'
import type { Database } from './database.ts'
import { first, pageOf, seqOf } from './pages.ts'
import type { DeviceParties, PartyChange, PartyRole, SiteTables } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'
import { ancestorsOf, descendantsOf } from './site-tree.ts'

/** So many rows per statement: PostgreSQL takes 65,535 parameters, and other work gets its turn in between. */
const rowsAtOnce = 500
/** Any number that no other lock of ours has. */
const siteTreeLock = 7_162_002

/** Where devices are, and whom they belong to. */
export function siteTables(database: Database): SiteTables {
  const { sites, devices, deviceParties, gateways, teams } = tables

  async function sitesAbove(siteId: string) {
    const above = ancestorsOf(sql`s.id = ${siteId}`)
    const rows = await database.execute<{ id: string }>(sql`${above} select id from above order by level`)
    const order = new Map(rows.rows.map(({ id }, index) => [id, index]))
    const found = await sitesByIds([...order.keys()])
    return found.sort((one, other) => (order.get(one.id) ?? 0) - (order.get(other.id) ?? 0))
  }

  async function sitesByIds(ids: readonly string[]) {
    if (ids.length === 0) return []
    return database.select().from(sites).where(isAnyOf(sites.id, ids))
  }

  async function pathOf(siteId: string): Promise<SitePath> {
    const above = ancestorsOf(sql`s.id = ${siteId}`)
    const { rows } = await database.execute<{ path: SitePath | null }>(
      sql`${above} select ${pathFrom} as path from above`,
    )
    return rows[0]?.path ?? {}
  }

  async function placesOf(deviceIds: readonly string[]): Promise<Map<string, Place>> {
    if (deviceIds.length === 0) return new Map()
    const wanted = isAnyOf(sql`d.id`, deviceIds)
    const above = ancestorsOf(sql`s.id in (select d.site_id from devices d where ${wanted})`)
    type Row = Omit<Place, 'path'> & { id: string; path: SitePath | null }
    const { rows } = await database.execute<Row>(sql`${above}
      select d.id, d.gateway_id as "gatewayId", d.feeder_id as "feederId", d.site_id as "siteId",
        (select ${pathFrom} from above where above.start = d.site_id) as path
      from devices d where ${wanted}`)
    return new Map(rows.map(({ id, path, ...where }) => [id, { ...where, path: path ?? {} }]))
  }

  async function sitesWithin(siteIds: readonly string[]): Promise<string[]> {
    if (siteIds.length === 0) return []
    const { rows } = await database.execute<{ id: string }>(
      sql`${descendantsOf(siteIds)} select distinct id from below order by id`,
    )
    return rows.map(({ id }) => id)
  }

  const partiesAt = (deviceIds: readonly string[], at: number) =>
    database
      .select({ deviceId: deviceParties.deviceId, role: deviceParties.role, teamId: deviceParties.teamId })
      .from(deviceParties)
      .where(
        and(
          isAnyOf(deviceParties.deviceId, deviceIds),
          lte(deviceParties.validFrom, at),
          or(isNull(deviceParties.validUntil), gt(deviceParties.validUntil, at)),
        ),
      )

  async function setDeviceParties(changes: readonly PartyChange[], from: number): Promise<void> {
    if (changes.length === 0) return
    const wanted = wantedParties(changes, from)
    const isPresent = sql`p.device_id = w.device_id and p.role = w.role and p.valid_until is null`
    await database.execute(sql`${wanted} delete from device_parties p using wanted w
      where ${isPresent} and p.valid_from = w.valid_from and w.team_id is null`)
    await database.execute(sql`${wanted} update device_parties p set team_id = w.team_id from wanted w
      where ${isPresent} and p.valid_from = w.valid_from`)
    await database.execute(sql`${wanted} update device_parties p set valid_until = w.valid_from from wanted w
      where ${isPresent} and p.valid_from < w.valid_from and p.team_id is distinct from w.team_id`)
    await database.execute(sql`${wanted} insert into device_parties (device_id, role, team_id, valid_from)
      select w.device_id, w.role, w.team_id, w.valid_from from wanted w
      where w.team_id is not null and not exists (select from device_parties p where ${isPresent})`)
  }

  return {
    async lockSiteTree() {
      await database.execute(sql`select pg_advisory_xact_lock(${siteTreeLock})`)
    },
    async insertSite(site) {
      const rows = await database.insert(sites).values(site).onConflictDoNothing().returning({ id: sites.id })
      if (rows.length === 0) throw new ExpectedError('already-exists', `A site ${site.id} exists already`)
    },
    async updateSite(id, change) {
      const rows = await database.update(sites).set(change).where(eq(sites.id, id)).returning({ id: sites.id })
      return rows.length > 0
    },
    async deleteSite(id) {
      const rows = await database.delete(sites).where(eq(sites.id, id)).returning({ id: sites.id })
      return rows.length > 0
    },
    site: async (id) => first(await database.select().from(sites).where(eq(sites.id, id))),
    sitesByIds,
    sitesBelow: async (parentIds) =>
      parentIds.length === 0
        ? []
        : database.select().from(sites).where(isAnyOf(sites.parentId, parentIds)).orderBy(asc(sites.id)),
    async sites(page) {
      const rows = await database
        .select()
        .from(sites)
        .where(
          and(
            page.parentId === undefined ? undefined : isParent(page.parentId),
            page.type === undefined ? undefined : eq(sites.type, page.type),
            page.text === undefined ? undefined : contains(page.text, [sites.id, sites.name, sites.address]),
            page.after === undefined ? undefined : gt(sites.id, page.after),
            (await inSight(database, page.sight))('site'),
          ),
        )
        .orderBy(asc(sites.id))
        .limit(page.limit + 1)
      return pageOf(rows, page, ({ id }) => id)
    },
    countDevicesAt: async (siteId, sight) =>
      database.$count(
        devices,
        and(eq(devices.siteId, siteId), isNull(devices.retiredAt), (await inSight(database, sight))('device')),
      ),
    async isSiteNamed(siteId) {
      const naming = [devices, gateways, tables.incidents, tables.workOrders]
      const found = naming.map((table) => sql`exists (select from ${table} where ${eq(table.siteId, siteId)})`)
      const { rows } = await database.execute<{ named: boolean }>(sql`select ${or(...found)} as named`)
      return rows[0]?.named ?? false
    },

    sitesAbove,
    pathOf,
    placeOf: async (deviceId) => (await placesOf([deviceId])).get(deviceId) ?? nowhere,
    placesOf,
    sitesWithin,
    async devicesIn(scope, kind) {
      const rows = await database
        .select({ id: devices.id })
        .from(devices)
        .where(and(isIn(scope), isNull(devices.retiredAt), kind === undefined ? undefined : eq(devices.kind, kind)))
        .orderBy(asc(devices.id))
      return rows.map(({ id }) => id)
    },
    async contactsOf(deviceId) {
      const device = first(await database.select().from(devices).where(eq(devices.id, deviceId)))
      if (device === undefined) return []
      const above = device.siteId === null ? [] : await sitesAbove(device.siteId)
      return [
        ...device.contacts.map((contact) => ({ ...contact, of: 'device' as const, ofId: device.id })),
        ...above.flatMap(({ contacts, type, id }) => contacts.map((contact) => ({ ...contact, of: type, ofId: id }))),
      ]
    },

    setDeviceParty: (deviceId, role, teamId, from) => setDeviceParties([{ deviceId, role, teamId }], from),
    setDeviceParties,
    async deviceParty(deviceId, role, at) {
      return (await partiesAt([deviceId], at)).find((party) => party.role === role)?.teamId ?? null
    },
    async isRoleKnown(role) {
      const rows = await database
        .select({ deviceId: deviceParties.deviceId })
        .from(deviceParties)
        .where(eq(deviceParties.role, role))
        .limit(1)
      return rows.length > 0
    },
    async partiesOf(deviceIds, at) {
      const nobody: DeviceParties = { maintainerId: null, insurerId: null }
      const parties = new Map(deviceIds.map((id) => [id, nobody]))
      const rows = deviceIds.length === 0 ? [] : await partiesAt(deviceIds, at)
      for (const { deviceId, role, teamId } of rows)
        parties.set(deviceId, { ...(parties.get(deviceId) ?? nobody), [fieldOf[role]]: teamId })
      return parties
    },
    partyHistory: async (deviceId) =>
      database
        .select(partyFields)
        .from(deviceParties)
        .where(eq(deviceParties.deviceId, deviceId))
        .orderBy(asc(deviceParties.validFrom), asc(deviceParties.role)),
    async teamTypes(ids) {
      if (ids.length === 0) return new Map()
      const rows = await database
        .select({ id: teams.id, type: teams.type })
        .from(teams)
        .where(and(isAnyOf(teams.id, ids), isNull(teams.removedAt)))
      return new Map(rows.map(({ id, type }) => [id, type]))
    },

    async lockDevices(ids) {
      const locked: (typeof devices.$inferSelect)[] = []
      for (const some of chunks([...ids].sort())) {
        locked.push(
          ...(await database
            .select()
            .from(devices)
            .where(isAnyOf(devices.id, some))
            .orderBy(sql`${devices.id} collate "C"`)
            .for('update')),
        )
      }
      return locked
    },
    lockGateways: async (ids) =>
      ids.length === 0
        ? []
        : database.select().from(gateways).where(isAnyOf(gateways.id, ids)).orderBy(asc(gateways.id)).for('update'),
    async saveSites(given) {
      // a row's parent must be there when its statement ends
      const parentsFirst = [...given].sort((one, other) => siteTypes.indexOf(one.type) - siteTypes.indexOf(other.type))
      for (const rows of chunks(parentsFirst)) {
        await database
          .insert(sites)
          .values(rows)
          .onConflictDoUpdate({
            target: sites.id,
            set: excluded(
              ...['type', 'name', 'parent_id', 'use', 'address', 'entrance', 'emergency_plan', 'contacts'],
              ...['latitude', 'longitude'],
            ),
          })
      }
    },
    async saveDevices(given) {
      for (const rows of chunks(given)) {
        await database
          .insert(devices)
          .values(rows)
          .onConflictDoUpdate({
            target: devices.id,
            set: excluded('gateway_id', 'moved_from', 'name', 'site_id', 'feeder_id', 'contacts', 'facts'),
          })
      }
    },

    async insertHistory(...entries) {
      for (const rows of chunks(entries)) await database.insert(tables.history).values(rows)
    },
    async history(subjectType, subjectId, page) {
      const { history } = tables
      const rows = await database
        .select()
        .from(history)
        .where(
          and(
            eq(history.subjectType, subjectType),
            eq(history.subjectId, subjectId),
            page.after === undefined ? undefined : lt(history.id, seqOf(page.after)),
          ),
        )
        .orderBy(desc(history.id))
        .limit(page.limit + 1)
      const { items, nextCursor } = pageOf(rows, page, ({ id }) => String(id))
      return { items: items.map(({ id: _, ...entry }) => entry), nextCursor }
    },
  }
}

const { contractId: _, ...partyFields } = getTableColumns(tables.deviceParties)

const fieldOf: Readonly<Record<PartyRole, keyof DeviceParties>> = { maintainer: 'maintainerId', insurer: 'insurerId' }

/**
 * `wanted (device_id, role, team_id, valid_from)`: who follows, and from when; not before the last change of this party, so that
 * two never hold at one time, whatever the clock did.
 */
function wantedParties(changes: readonly PartyChange[], from: number): SQL {
  const list = (field: keyof PartyChange) => sql`${sql.param(changes.map((change) => change[field]))}::text[]`
  return sql`with wanted as (
    select g.device_id, g.role, g.team_id, greatest(${new Date(from).toISOString()}::timestamptz, (
      select max(greatest(b.valid_from, b.valid_until)) from device_parties b
      where b.device_id = g.device_id and b.role = g.role
    )) as valid_from
    from unnest(${list('deviceId')}, ${list('role')}, ${list('teamId')}) as g (device_id, role, team_id)
  )`
}

const pathFrom = sql`jsonb_object_agg(above.type, above.id)`

function isIn({ type, id }: Scope): SQL {
  const { devices } = tables
  if (type === 'device') return eq(devices.id, id)
  if (type === 'gateway') return eq(devices.gatewayId, id)
  if (type === 'feeder') return eq(devices.feederId, id)
  return sql`${devices.siteId} in (${descendantsOf([id])} select id from below)`
}

function isParent(id: string | null): SQL {
  return id === null ? isNull(tables.sites.parentId) : eq(tables.sites.parentId, id)
}

function excluded(...columns: readonly string[]) {
  return Object.fromEntries(columns.map((column) => [camelCase(column), sql.raw(`excluded."${column}"`)]))
}

function camelCase(column: string): string {
  return column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}

function* chunks<T>(rows: readonly T[]): Generator<T[]> {
  for (let start = 0; start < rows.length; start += rowsAtOnce) yield rows.slice(start, start + rowsAtOnce)
}
