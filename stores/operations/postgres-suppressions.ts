import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  inArray,
  isNull,
  lt,
  lte,
  ne,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { dayMs } from '../../core/clock.ts'
import type { Scope } from '../../core/scope.ts'
import type { Suppression } from '../../core/suppression.ts'
import type { Database } from './database.ts'
import { first, pageOf, seqOf } from './pages.ts'
import type { FollowedIncident, SharedPlace, StoredSuppression, SuppressionTables } from './port.ts'
import { toFollowed } from './postgres-orders.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'

const { incidents, suppressions, workOrders } = tables

/** The order that goes on for another, or that one itself. */
const restored = alias(workOrders, 'restored')

const isActive = ne(incidents.state, 'cleared')
const isSilence = sql`${incidents.finding} like '%/silent'`
/** Its sensor has called it over, and somebody has said since that it goes on: whether the sensor is heard changes nothing. */
const isHeldByWord = sql`(${incidents.overAt} is not null and ${incidents.clearsAt} is null)`

/** What keeps incidents from becoming orders: larger incidents, maintenance, planned work, shelving. */
export function suppressionTables(database: Database): SuppressionTables {
  return {
    async lockPlace(...places) {
      const keys = places.flatMap(({ gatewayId, feederId, path }) => {
        const shared = { gateway: gatewayId, feeder: feederId, building: path.building, estate: path.estate }
        return Object.entries(shared).flatMap(([type, id]) => (id == null ? [] : [`place/${type}/${id}`]))
      })
      if (keys.length === 0) return
      // always in one order, so that two who need the same places never wait for each other
      const sorted = sql.param([...new Set(keys)].sort())
      await database.execute(
        sql`select pg_advisory_xact_lock(hashtextextended(key, 0)) from unnest(${sorted}::text[]) as key`,
      )
    },
    async surroundingsOf({ id, finding }, { scopes, at, gatewayId, peersFrom }) {
      if (scopes.length === 0) return { active: [], suppressions: [], peers: 0 }
      const peers = sql`(
        select count(*)::integer from incidents where gateway_id = ${gatewayId}
          and detected_at >= ${sql.param(peersFrom, incidents.detectedAt)} and finding = ${finding} and id <> ${id}
          and state <> 'cleared' and parent_id is null and suppressed is null and device_id is not null)`
      const { rows } = await database.execute<{ incidents: string[]; suppressions: string[]; peers: number }>(sql`
        select array(select id::text from incidents
            where (${isOneOf(incidents, scopes)}) and state <> 'cleared' and id <> ${id}) as incidents,
          array(select id::text from suppressions
            where (${isOneOf(suppressions, scopes)}) and (${isInForce(at)})) as suppressions,
          ${gatewayId === null ? sql`0` : peers} as peers`)
      const [found] = rows
      return {
        active: await incidentsWithOrders(database, found?.incidents ?? []),
        suppressions: await suppressionsByIds(database, found?.suppressions ?? []),
        peers: found?.peers ?? 0,
      }
    },
    async lookAhead({ episodes, scopes, gatewayIds, from, until, peersFrom }) {
      const newest = await database.execute<{ id: string }>(sql`
        select newest.id from ${asTable(episodes.map(({ scope, finding }) => [scope.type, scope.id, finding]))}
          as asked (type, id, finding)
        cross join lateral (select id from incidents where scope_type = asked.type and scope_id = asked.id
          and finding = asked.finding order by seq desc limit 1) as newest`)
      const begins = sql.param(until, suppressions.startsAt)
      const ends = sql.param(from, suppressions.endsAt)
      const busy = await database.execute<Scope & { isSaid: boolean } & Record<string, unknown>>(sql`
        select type, id, said.is_so as "isSaid"
        from ${asTable(scopes.map(({ type, id }) => [type, id]))} as asked (type, id)
        cross join lateral (select exists (select 1 from suppressions
          where scope_type = asked.type and scope_id = asked.id
            and starts_at <= ${begins} and least(ends_at, ended_at, 'infinity') > ${ends}) as is_so) as said
        where said.is_so or exists (select 1 from incidents
          where scope_type = asked.type and scope_id = asked.id and state <> 'cleared')`)
      const isPeer = sql`gateway_id = any(${sql.param([...gatewayIds])}::text[])
        and detected_at >= ${sql.param(peersFrom, incidents.detectedAt)} and state <> 'cleared'
        and parent_id is null and suppressed is null and device_id is not null`
      const peers = await database.execute<{ gatewayId: string; finding: string; count: number }>(sql`
        select gateway_id as "gatewayId", finding, count(*)::integer as count from incidents
        where ${isPeer} group by gateway_id, finding`)
      return {
        newest: await incidentsWithOrders(
          database,
          newest.rows.map(({ id }) => id),
        ),
        busy: busy.rows,
        peers: peers.rows,
      }
    },
    async lockFreeIncidents(wanted) {
      const patterns = wanted.findings.map((finding) => finding.replaceAll('*', '%'))
      const since = gte(incidents.detectedAt, wanted.from)
      const alsoIds = wanted.alsoIds ?? []
      const rows = await database
        .select()
        .from(incidents)
        .where(
          and(
            eq(placeColumns[wanted.in], wanted.id),
            isActive,
            isNull(incidents.parentId),
            isNull(incidents.suppressed),
            sql`${incidents.finding} like any(${sql.param(patterns)}::text[])`,
            alsoIds.length === 0 ? since : or(since, inArray(incidents.id, [...alsoIds])),
          ),
        )
        .orderBy(asc(incidents.seq))
        .for('update')
      if (rows.length === 0) return []
      const ids = rows.map(({ id }) => id)
      const orders = await database
        .select({ id: workOrders.id, state: workOrders.state, incidentId: workOrders.incidentId })
        .from(workOrders)
        .where(inArray(workOrders.incidentId, ids))
        .orderBy(asc(workOrders.seq))
        .for('update')
      const byIncident = new Map(orders.map((order) => [order.incidentId, order]))
      return rows.map((row) => toFollowed(row, byIncident.get(row.id)))
    },
    async takeIncidents(ids, parentId, suppressed) {
      if (ids.length === 0) return
      await database
        .update(incidents)
        .set({ parentId, ...(suppressed && { suppressed, state: 'suppressed' }) })
        .where(inArray(incidents.id, [...ids]))
    },
    async moveChildren(fromId, toId) {
      const moved = await database
        .update(incidents)
        .set({
          parentId: toId,
          suppressed: sql`case when ${incidents.suppressed} ->> 'id' = ${fromId}
            then jsonb_set(${incidents.suppressed}, '{id}', to_jsonb(${toId}::text)) else ${incidents.suppressed} end`,
        })
        .where(and(eq(incidents.parentId, fromId), isActive))
      return moved.rowCount ?? 0
    },

    async markUnknown(of) {
      await database
        .update(incidents)
        .set({ state: 'unknown', clearsAt: null })
        .where(and(isAbout(of), eq(incidents.state, 'open'), sql`not ${isSilence}`, sql`not ${isHeldByWord}`))
    },
    async markKnown(of, clearsAt) {
      // read once, not once for each incident: the planner does not know how many there are after a flood
      const silentDevices = sql`(
        select scope_id from incidents as silence where silence.scope_type = 'device' and silence.state <> 'cleared'
          and silence.over_at is null and silence.finding like '%/silent')`
      await database
        .update(incidents)
        .set({
          state: 'open',
          clearsAt: sql`case when ${incidents.overAt} is null then null else ${sql.param(clearsAt, incidents.clearsAt)}::timestamptz end`,
        })
        .where(
          and(
            isAbout(of),
            eq(incidents.state, 'unknown'),
            or(isNull(incidents.deviceId), sql`${incidents.deviceId} not in ${silentDevices}`),
          ),
        )
    },

    async clearIncidentsOf(deviceId, at) {
      const cleared = await database
        .update(incidents)
        .set({ state: 'cleared', clearedAt: at, clearsAt: null })
        .where(and(eq(incidents.deviceId, deviceId), isActive))
      return cleared.rowCount ?? 0
    },
    async clearQuietIncidents(now) {
      const cleared = await database
        .update(incidents)
        .set({ state: 'cleared', clearedAt: sql`${incidents.overAt}` })
        .where(and(isActive, lte(incidents.clearsAt, now)))
      return cleared.rowCount ?? 0
    },
    async emptyGroups(limit) {
      const rows = await database
        .select({ id: incidents.id })
        .from(incidents)
        .where(and(isGroup, sql`not ${hasActiveChildren}`))
        .orderBy(asc(incidents.seq))
        .limit(limit)
      return rows.map(({ id }) => id)
    },
    async childrenOf(parentId) {
      const row = first(
        await database
          .select({
            active: sql<string>`count(*) filter (where ${isActive})`,
            lastClearedAt: sql`max(${incidents.clearedAt})`.mapWith(incidents.clearedAt),
          })
          .from(incidents)
          .where(eq(incidents.parentId, parentId)),
      )
      return { active: Number(row?.active ?? 0), lastClearedAt: row?.lastClearedAt ?? null }
    },
    async groupsWithoutOrder(endedBefore, limit) {
      const rows = await database
        .select({ id: incidents.id })
        .from(incidents)
        .innerJoin(workOrders, eq(workOrders.incidentId, incidents.id))
        .where(
          and(
            isGroup,
            eq(incidents.state, 'open'),
            lte(
              sql`coalesce(${workOrders.closedAt}, ${workOrders.cancelledAt})`,
              sql.param(endedBefore, workOrders.closedAt),
            ),
            hasActiveChildren,
          ),
        )
        .orderBy(asc(incidents.seq))
        .limit(limit)
      return rows.map(({ id }) => id)
    },
    async feltAfterRestored(restoredBefore, limit) {
      const since = restoredBefore - dayMs
      return database
        .select({
          incidentId: incidents.id,
          deviceId: sql<string>`${incidents.deviceId}`,
          restoredAt: sql`${restored.restoredAt}`.mapWith(workOrders.restoredAt),
        })
        .from(workOrders)
        .innerJoin(restored, sql`${restored.id} = coalesce(${workOrders.mergedIntoId}, ${workOrders.id})`)
        .innerJoin(
          incidents,
          or(
            eq(incidents.id, workOrders.incidentId),
            and(
              eq(incidents.parentId, workOrders.incidentId),
              sql`(${incidents.suppressed} ->> 'orderId')::uuid = ${workOrders.id}`,
            ),
          ),
        )
        .where(
          and(
            // both by the index of their time
            gte(workOrders.detectedAt, since),
            gte(restored.detectedAt, since),
            inArray(restored.state, ['restored', 'closed']),
            sql`${restored.finding} like '%/entrapment'`,
            lte(restored.restoredAt, restoredBefore),
            sql`${restored.outcome} is distinct from 'false-alarm'`,
            eq(incidents.source, 'liftwatt'),
            sql`${incidents.finding} like '%/entrapment'`,
            sql`${incidents.state} in ('open', 'suppressed')`,
            isNull(incidents.overAt),
            sql`${incidents.deviceId} is not null`,
          ),
        )
        .orderBy(asc(incidents.seq))
        .limit(limit)
    },
    async releasableIncidents(now, limit) {
      const at = sql.param(now, suppressions.endsAt)
      const { rows } = await database.execute<{ id: string }>(sql`
        select child.id from incidents as child
        left join incidents as parent on parent.id = child.parent_id
        left join suppressions on suppressions.id = case
          when child.suppressed ->> 'by' in ('maintenance', 'planned-work', 'shelf') then (child.suppressed ->> 'id')::uuid end
        where child.suppressed is not null and child.state = 'suppressed' and child.over_at is null
          and case when child.suppressed ->> 'by' in ('maintenance', 'planned-work', 'shelf')
            then suppressions.id is null or least(suppressions.ended_at, suppressions.ends_at) <= ${at}
            when child.suppressed ->> 'orderId' is not null then not ${goesOn(sql`(child.suppressed ->> 'orderId')::uuid`)}
            else parent.id is null or parent.state = 'cleared' end
        order by child.seq limit ${limit}`)
      return rows.map(({ id }) => id)
    },

    async insertSuppression({ scope, ...suppression }) {
      const rows = await database
        .insert(suppressions)
        .values({ ...suppression, scopeType: scope.type, scopeId: scope.id })
        .onConflictDoNothing({ target: suppressions.key })
        .returning({ id: suppressions.id })
      return rows.length > 0
    },
    suppressionByKey: async (key) => shown(first(await selectSuppressions(database, eq(suppressions.key, key)))),
    suppression: async (id) => shown(first(await selectSuppressions(database, eq(suppressions.id, id)))),
    lockSuppression: async (id) => {
      const row = first(await selectSuppressions(database, eq(suppressions.id, id)).for('update'))
      return row && toStored(row)
    },
    async endSuppression(id, end) {
      await database.update(suppressions).set(end).where(eq(suppressions.id, id))
    },
    async suppressionsAt(scopes, at) {
      if (scopes.length === 0) return []
      const rows = await selectSuppressions(database, and(isOneOf(suppressions, scopes), isInForce(at)))
      return rows.map(toSuppression).reverse()
    },
    async suppressions(page) {
      const where = and(
        page.type === undefined ? undefined : eq(suppressions.type, page.type),
        page.scopeType === undefined ? undefined : eq(suppressions.scopeType, page.scopeType),
        page.scopeId === undefined ? undefined : eq(suppressions.scopeId, page.scopeId),
        page.activeAt === undefined ? undefined : isInForce(page.activeAt),
        page.after === undefined ? undefined : lt(suppressions.seq, seqOf(page.after)),
        (await inSight(database, page.sight))('suppression'),
      )
      const rows = await selectSuppressions(database, where).limit(page.limit + 1)
      const { items, nextCursor } = pageOf(rows, page, (row) => String(row.seq))
      return { items: items.map(toSuppression), nextCursor }
    },
  }
}

/** Whether an order, or the one that took it over, has not ended. */
function goesOn(orderId: SQL): SQL {
  return sql`exists (
    with recursive way (state, merged_into_id) as (
      select state, merged_into_id from work_orders where id = ${orderId}
      union all select next.state, next.merged_into_id from work_orders as next join way on next.id = way.merged_into_id
    ) select from way where state not in ('closed', 'cancelled'))`
}

/** Rows of texts, each column from one parameter. At least one row. */
function asTable(rows: readonly (readonly string[])[]): SQL {
  const columns = (rows[0] ?? []).map((_, index) => sql`${sql.param(rows.map((row) => row[index]))}::text[]`)
  return sql`unnest(${sql.join(columns, sql`, `)})`
}

async function incidentsWithOrders(database: Database, ids: readonly string[]): Promise<FollowedIncident[]> {
  if (ids.length === 0) return []
  const rows = await database
    .select({ incident: getTableColumns(incidents), order: { id: workOrders.id, state: workOrders.state } })
    .from(incidents)
    .leftJoin(workOrders, eq(workOrders.incidentId, incidents.id))
    .where(inArray(incidents.id, [...ids]))
    .orderBy(desc(incidents.seq))
  return rows.map(({ incident, order }) => toFollowed(incident, order))
}

async function suppressionsByIds(database: Database, ids: readonly string[]): Promise<Suppression[]> {
  if (ids.length === 0) return []
  const rows = await selectSuppressions(database, inArray(suppressions.id, [...ids]))
  return rows.map(toSuppression).reverse()
}

const placeColumns: Readonly<Record<SharedPlace, SQL>> = {
  device: sql`${incidents.deviceId}`,
  gateway: sql`${incidents.gatewayId}`,
  feeder: sql`${incidents.feederId}`,
  building: sql`(${incidents.path} ->> 'building')`,
  estate: sql`(${incidents.path} ->> 'estate')`,
}

const isGroup = and(sql`${incidents.lastMemberAt} is not null`, isActive)

const hasActiveChildren = sql`exists (
  select 1 from incidents as child where child.parent_id = ${incidents.id} and child.state <> 'cleared')`

function isAbout(of: { deviceId: string } | { gatewayId: string }): SQL | undefined {
  if ('deviceId' in of) return eq(incidents.deviceId, of.deviceId)
  const isOfDevices = sql`(${incidents.deviceId} is not null or ${incidents.lastMemberAt} is not null)`
  return and(eq(incidents.gatewayId, of.gatewayId), isActive, isOfDevices)
}

function isOneOf(table: typeof incidents | typeof suppressions, scopes: readonly Scope[]): SQL | undefined {
  return or(...scopes.map(({ type, id }) => and(eq(table.scopeType, type), eq(table.scopeId, id))))
}

function isInForce(at: number): SQL | undefined {
  return and(
    lte(suppressions.startsAt, at),
    or(isNull(suppressions.endsAt), gt(suppressions.endsAt, at)),
    or(isNull(suppressions.endedAt), gt(suppressions.endedAt, at)),
  )
}

function selectSuppressions(database: Database, where: SQL | undefined) {
  return database.select().from(suppressions).where(where).orderBy(desc(suppressions.seq))
}

type SuppressionRow = typeof suppressions.$inferSelect

function toStored({ seq: _, scopeType, scopeId, ...row }: SuppressionRow): StoredSuppression {
  return { ...row, scope: { type: scopeType, id: scopeId } }
}

function toSuppression(row: SuppressionRow): Suppression {
  const { key: _, endedKey: __, ...suppression } = toStored(row)
  return suppression
}

function shown(row: SuppressionRow | undefined): Suppression | undefined {
  return row && toSuppression(row)
}
