import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gte,
  inArray,
  isNull,
  like,
  lt,
  ne,
  notInArray,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { Incident, OrderEvent, OrderState, WorkOrder } from '../../core/incident.ts'
import type { Scope } from '../../core/scope.ts'
import { isAnyId, isAnyOf } from './any-of.ts'
import type { Database } from './database.ts'
import { insertMany, updateMany } from './many-rows.ts'
import { matchesText, sitesWithin } from './order-search.ts'
import { first, pageOf, seqOf, withoutSeq } from './pages.ts'
import type { FollowedIncident, NewIncident, OrderChange, OrderFilter, OrderTables, Page } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'

/** Incidents, their orders, and what happened to those. */
export function orderTables(database: Database): OrderTables {
  return {
    lockNewestIncident: ({ type, id }, finding) => {
      const { incidents } = tables
      const isIts = and(eq(incidents.scopeType, type), eq(incidents.scopeId, id), eq(incidents.finding, finding))
      return lockNewest(database, isIts)
    },
    lockFollowedIncident: (id) => lockNewest(database, eq(tables.incidents.id, id)),
    insertIncident: async (incident) => (await insertIncidents(database, [incident])).length > 0,
    insertIncidents: (incidents) => insertIncidents(database, incidents),
    async insertNewIncidents(incidents) {
      if (incidents.length > 0) await database.execute(insertMany(tables.incidents, incidents.map(toRow)))
    },
    async freeEpisodeTime({ scope, finding, occurredAt }) {
      const from = sql.param(occurredAt, tables.incidents.occurredAt)
      const { rows } = await database.execute<{ taken: number }>(sql`
        with later as (
          select occurred_at, row_number() over (order by occurred_at) - 1 as n from incidents
          where scope_type = ${scope.type} and scope_id = ${scope.id} and finding = ${finding} and occurred_at >= ${from})
        select coalesce(
          (select n from later where occurred_at > ${from}::timestamptz + n * interval '1 ms' order by n limit 1),
          (select count(*) from later))::integer as taken`)
      return occurredAt + (rows[0]?.taken ?? 0)
    },
    async updateIncident(id, { followed, place, ...change }) {
      await database
        .update(tables.incidents)
        .set({
          ...change,
          ...place,
          ...(followed && { journalId: followed.journalId, journalPosition: followed.position }),
        })
        .where(eq(tables.incidents.id, id))
    },
    incident: async (id) => first(await selectIncidents(database, eq(tables.incidents.id, id), 1)),
    incidentsByIds: async (ids) =>
      (await selectIncidents(database, isAnyId(tables.incidents.id, ids), ids.length)).map(
        ({ seq: _, ...incident }) => incident,
      ),
    async incidents(page) {
      const { incidents } = tables
      const where = and(
        page.deviceId === undefined ? undefined : eq(incidents.deviceId, page.deviceId),
        page.finding === undefined ? undefined : eq(incidents.finding, page.finding),
        page.state === undefined ? undefined : eq(incidents.state, page.state),
        page.parentId === undefined ? undefined : eq(incidents.parentId, page.parentId),
        page.after === undefined ? undefined : lt(incidents.seq, seqOf(page.after)),
        (await inSight(database, page.sight))('incident'),
      )
      const found = await selectIncidents(database, where, page.limit + 1)
      return withoutSeq(pageOf(found, page, (row) => String(row.seq)))
    },
    async holdingIncidents(scopes, findings, feedersOf) {
      const { incidents } = tables
      const isOfThem = scopes.map(({ type, id }) => and(eq(incidents.scopeType, type), eq(incidents.scopeId, id)))
      if (feedersOf !== undefined) isOfThem.push(and(eq(incidents.scopeType, 'feeder'), isInBuilding(feedersOf)))
      if (isOfThem.length === 0) return []
      const holds = and(ne(incidents.state, 'cleared'), isNull(incidents.overAt))
      const where = and(or(...isOfThem), inArray(incidents.finding, [...findings]), holds)
      return (await selectIncidents(database, where, 100)).map(({ seq: _, ...incident }) => incident)
    },
    async countChildren(parentId, sight) {
      const isSeen = (await inSight(database, sight))('incident')
      return database.$count(tables.incidents, and(eq(tables.incidents.parentId, parentId), isSeen))
    },

    async lockIncident(id) {
      const { incidents } = tables
      await database.select({ id: incidents.id }).from(incidents).where(eq(incidents.id, id)).for('update')
    },
    async lockReportedIncident({ source, externalId, prefix }) {
      const { incidents } = tables
      const { workOrders } = tables
      const isIt =
        externalId !== undefined
          ? eq(incidents.externalId, externalId)
          : and(sql`starts_with(${incidents.externalId}, ${prefix ?? ''})`, ne(incidents.state, 'cleared'))
      const row = first(
        await database
          .select()
          .from(incidents)
          .where(and(eq(incidents.source, source), isIt))
          .orderBy(desc(incidents.seq))
          .limit(1)
          .for('update'),
      )
      if (row === undefined) return undefined
      const order = first(
        await database.select({ id: workOrders.id }).from(workOrders).where(eq(workOrders.incidentId, row.id)),
      )
      return toIncident(row, order?.id ?? null)
    },
    async reportedBefore(source, externalIds) {
      const { externalId, source: of } = tables.incidents
      const rows = await database
        .select({ externalId })
        .from(tables.incidents)
        .where(and(eq(of, source), isAnyOf(externalId, externalIds)))
      return rows.flatMap((row) => row.externalId ?? [])
    },

    async insertOrder(order) {
      const insert = insertMany(tables.workOrders, [order])
      const { rowCount } = await database.execute(sql`${insert} on conflict (incident_id) do nothing`)
      return rowCount === 1
    },
    async insertOrders(orders) {
      if (orders.length > 0) await database.execute(insertMany(tables.workOrders, orders))
    },
    async ordersAmong(ids) {
      const { id } = tables.workOrders
      return (await database.select({ id }).from(tables.workOrders).where(isOneOf(ids))).map((row) => row.id)
    },
    async updateOrder(id, expected, change) {
      if (Object.keys(change).length === 0) return (await database.$count(tables.workOrders, isIn(id, expected))) > 0
      const rows = await database
        .update(tables.workOrders)
        .set(change)
        .where(isIn(id, expected))
        .returning({ id: tables.workOrders.id })
      return rows.length > 0
    },
    async updateOrders(changes) {
      for (const rows of withTheSameFields(changes)) await database.execute(updateMany(tables.workOrders, rows))
    },
    order: async (id) => toOrder(first(await selectOrders(database, eq(tables.workOrders.id, id), 1))),
    ordersByIds: async (ids) => (await selectOrders(database, isOneOf(ids), ids.length)).map(toKnownOrder),
    lockOrder: async (id) =>
      toOrder(first(await selectOrders(database, eq(tables.workOrders.id, id), 1).for('update'))),
    async openFollowUpOf(id) {
      const followers = sql`with recursive after as (
        select o.id from work_orders o where o.follows_id = ${id}
        union select o.id from after join work_orders o on o.follows_id = after.id
      ) select id from after`
      const isOpen = notInArray(tables.workOrders.state, ['closed', 'cancelled'])
      const open = and(sql`${tables.workOrders.id} in (${followers})`, isOpen)
      return toOrder(first(await selectOrders(database, open, 1).for('update')))
    },
    lockFreeOrders: async (ids) =>
      (await selectOrders(database, isOneOf(ids), ids.length).for('update', { skipLocked: true })).map(toKnownOrder),
    async openEntrapmentsIn({ scope, place }) {
      const { incidents, workOrders } = tables
      const isOpen = sql`${workOrders.state} not in ('closed', 'cancelled') and ${workOrders.restoredAt} is null`
      const isIt = and(isOpen, like(workOrders.finding, '%/entrapment'))
      const { building } = place.path
      const mayBeOnIt = scope.type === 'feeder' && building !== undefined
      const isAt = or(isAbout(scope), mayBeOnIt ? and(isNull(incidents.feederId), isInBuilding(building)) : undefined)
      const isThere = sql`exists (select from ${incidents} where ${incidents.id} = ${workOrders.incidentId} and ${isAt})`
      return (await selectOrders(database, and(isIt, isThere), 1_000)).map(toKnownOrder)
    },
    async listedDevices(incidentId, limit) {
      const { rows } = await database.execute<{
        deviceId: string
        name: string | null
        siteName: string | null
        count: number
      }>(
        sql`select l.device_id as "deviceId", d.name, s.name as "siteName", l.count::int from (
            select device_id, min(seq) as first, count(*) over () as count from incidents
            where parent_id = ${incidentId} and state = 'suppressed' and device_id is not null
            group by device_id order by first limit ${limit}
          ) l left join devices d on d.id = l.device_id left join sites s on s.id = d.site_id order by l.first`,
      )
      return { first: rows.map(({ count: _, ...device }) => device), count: rows[0]?.count ?? 0 }
    },
    orderOfIncident: async (incidentId) =>
      toOrder(first(await selectOrders(database, eq(tables.workOrders.incidentId, incidentId), 1))),
    async orderInPlaceOf(id) {
      // an end: only an open order takes one over, and what was taken over is not open
      let [order] = await selectOrders(database, eq(tables.workOrders.id, id), 1)
      while (order?.mergedIntoId != null) {
        ;[order] = await selectOrders(database, eq(tables.workOrders.id, order.mergedIntoId), 1)
      }
      return toOrder(order)
    },
    async orders(page) {
      const after = page.after === undefined ? undefined : lt(tables.workOrders.seq, seqOf(page.after))
      const see = await inSight(database, page.sight)
      const isMeant = page.search && (await matchesText(database, page.search, see))
      const within = page.siteId === undefined ? undefined : await sitesWithin(database, [page.siteId])
      const isThere = within && isAnyOf(tables.workOrders.siteId, within)
      const where = and(...matching(page), isThere, isMeant, after, see('order'))
      const rows = await selectOrders(database, where, page.limit + 1)
      return withoutSeq(pageOf(rows, page, (row) => String(row.seq))) as Page<WorkOrder>
    },
    async ordersMergedInto(id) {
      const { workOrders } = tables
      const merged = sql`with recursive merged as (
        select o.id from work_orders o where o.merged_into_id = ${id}
        union select o.id from merged join work_orders o on o.merged_into_id = merged.id
      ) select id from merged`
      const rows = await database.select().from(workOrders).where(sql`${workOrders.id} in (${merged})`)
      return rows.map(toKnownOrder)
    },

    orderEvents: async (orderId) => selectEvents(database, eq(tables.workOrderEvents.orderId, orderId)),
    async reassignments(orderIds) {
      const { orderId, id, at, type, actor, data } = tables.workOrderEvents
      const isOfThem = isAnyId(orderId, orderIds)
      const rows = await database
        .select({ orderId, event: { at, type, actor, data } })
        .from(tables.workOrderEvents)
        .where(and(isOfThem, eq(type, 'reassigned')))
        .orderBy(asc(id))
      const byOrder = new Map<string, OrderEvent[]>()
      for (const row of rows) {
        const events = byOrder.get(row.orderId) ?? []
        byOrder.set(row.orderId, events)
        events.push(row.event as OrderEvent)
      }
      return byOrder
    },
    async orderEventByKey(orderId, key) {
      const { workOrderEvents } = tables
      const where = and(eq(workOrderEvents.orderId, orderId), eq(workOrderEvents.idempotencyKey, key))
      return first(await selectEvents(database, where))
    },
  }
}

async function insertIncidents(database: Database, incidents: readonly NewIncident[]): Promise<string[]> {
  if (incidents.length === 0) return []
  const insert = insertMany(tables.incidents, incidents.map(toRow))
  const inserted = await database.execute<{ id: string }>(sql`${insert} on conflict do nothing returning id`)
  return inserted.rows.map(({ id }) => id)
}

function toRow({ scope, followed, place, ...incident }: NewIncident) {
  return {
    ...incident,
    scopeType: scope.type,
    scopeId: scope.id,
    ...place,
    journalId: followed?.journalId ?? null,
    journalPosition: followed?.position ?? null,
  }
}

async function selectIncidents(database: Database, where: SQL | undefined, limit: number) {
  const rows = await database
    .select({ ...getTableColumns(tables.incidents), orderId: tables.workOrders.id })
    .from(tables.incidents)
    .leftJoin(tables.workOrders, eq(tables.workOrders.incidentId, tables.incidents.id))
    .where(where)
    .orderBy(desc(tables.incidents.seq))
    .limit(limit)
  return rows.map((row) => ({ ...toIncident(row, row.orderId), seq: row.seq }))
}

function isIn(id: string, state: OrderState): SQL | undefined {
  return and(eq(tables.workOrders.id, id), eq(tables.workOrders.state, state))
}

function withTheSameFields(changes: ReadonlyMap<string, OrderChange>) {
  const groups = new Map<string, (OrderChange & { id: string })[]>()
  for (const [id, change] of changes) {
    const fields = Object.keys(change).sort().join()
    const rows = groups.get(fields) ?? []
    groups.set(fields, rows)
    rows.push({ id, ...change })
  }
  return groups.values()
}

function isOneOf(ids: readonly string[]): SQL {
  return isAnyId(tables.workOrders.id, ids)
}

function matching({ state, from, to, ...page }: OrderFilter): (SQL | undefined)[] {
  const { workOrders } = tables
  const equal = (['type', 'severity', 'teamId', 'finding', 'deviceId'] as const).map((name) => {
    const wanted = page[name]
    return wanted === undefined ? undefined : eq(workOrders[name], wanted)
  })
  return [
    ...equal,
    state === undefined
      ? undefined
      : state === 'open'
        ? sql`${workOrders.state} not in ('closed', 'cancelled')`
        : eq(workOrders.state, state),
    from === undefined ? undefined : gte(workOrders.detectedAt, from),
    to === undefined ? undefined : lt(workOrders.detectedAt, to),
  ]
}

/** Of an incident, as `idIn` says. */
function isAbout({ type, id }: Scope): SQL {
  const { deviceId, gatewayId, feederId, path } = tables.incidents
  if (type === 'device') return eq(deviceId, id)
  if (type === 'gateway') return eq(gatewayId, id)
  if (type === 'feeder') return eq(feederId, id)
  return sql`${path} @> ${JSON.stringify({ [type]: id })}::jsonb`
}

function isInBuilding(id: string): SQL {
  return sql`${tables.incidents.path} ->> 'building' = ${id}`
}

function selectOrders(database: Database, where: SQL | undefined, limit: number) {
  return database.select().from(tables.workOrders).where(where).orderBy(desc(tables.workOrders.seq)).limit(limit)
}

async function selectEvents(database: Database, where: SQL | undefined): Promise<OrderEvent[]> {
  const { id, at, type, actor, data } = tables.workOrderEvents
  const rows = await database
    .select({ at, type, actor, data })
    .from(tables.workOrderEvents)
    .where(where)
    .orderBy(asc(id))
  return rows as OrderEvent[]
}

async function lockNewest(database: Database, where: SQL | undefined): Promise<FollowedIncident | undefined> {
  const { incidents, workOrders } = tables
  const row = first(
    await database.select().from(incidents).where(where).orderBy(desc(incidents.seq)).limit(1).for('update'),
  )
  if (row === undefined) return undefined
  const order = first(await database.select().from(workOrders).where(eq(workOrders.incidentId, row.id)).for('update'))
  return toFollowed(row, order)
}

type IncidentRow = typeof tables.incidents.$inferSelect

export function toFollowed(
  row: IncidentRow,
  order: { id: string; state: string } | null | undefined,
): FollowedIncident {
  const { journalId, journalPosition, overAt, clearsAt, lastMemberAt, acknowledgedKey } = row
  const followed = journalId === null || journalPosition === null ? null : { journalId, position: journalPosition }
  const orderState = (order?.state ?? null) as OrderState | null
  return {
    ...toIncident(row, order?.id ?? null),
    ...{ followed, orderState, overAt, clearsAt, lastMemberAt, acknowledgedKey },
  }
}

function toIncident(row: IncidentRow, orderId: string | null): Incident {
  const { gatewayId, feederId, siteId, path, scopeType, scopeId } = row
  return {
    id: row.id,
    state: row.state as Incident['state'],
    scope: { type: scopeType as Incident['scope']['type'], id: scopeId },
    deviceId: row.deviceId,
    finding: row.finding,
    severity: row.severity as Incident['severity'],
    summary: row.summary,
    evidence: row.evidence as Incident['evidence'],
    count: row.count,
    occurredAt: row.occurredAt,
    receivedAt: row.receivedAt,
    detectedAt: row.detectedAt,
    clearedAt: row.clearedAt,
    orderId,
    place: { gatewayId, feederId, siteId, path },
    parentId: row.parentId,
    suppressed: row.suppressed,
    acknowledgedAt: row.acknowledgedAt,
    acknowledgedBy: row.acknowledgedBy,
    source: row.source,
    externalId: row.externalId,
    ruleVersion: row.ruleVersion,
  }
}

type OrderRow = typeof tables.workOrders.$inferSelect

function toOrder(row: OrderRow | undefined): WorkOrder | undefined {
  return row && toKnownOrder(row)
}

/** An order of an earlier version has one word for its technician, which may be either. */
export function toKnownOrder({ seq: _, ...order }: OrderRow): WorkOrder {
  const { technicianId, technicianName } = order
  return { ...order, technicianName: technicianId && (technicianName ?? technicianId) } as WorkOrder
}
