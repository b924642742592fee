import { and, asc, desc, eq, getTableColumns, lt, type SQL } from 'drizzle-orm'
import type { Incident, OrderEvent, WorkOrder } from '../../core/incident.ts'
import type { Database } from './database.ts'
import { first, pageOf, seqOf, withoutSeq } from './pages.ts'
import type { FollowedIncident, NewIncident, OrderTables, Page } from './port.ts'
import * as tables from './schema.ts'

/** Incidents, their orders, and what happened to those. */
export function orderTables(database: Database): OrderTables {
  return {
    async lockNewestIncident(scope, finding) {
      const { incidents } = tables
      const row = first(
        await database
          .select()
          .from(incidents)
          .where(
            and(eq(incidents.scopeType, scope.type), eq(incidents.scopeId, scope.id), eq(incidents.finding, finding)),
          )
          .orderBy(desc(incidents.seq))
          .limit(1)
          .for('update'),
      )
      if (row === undefined) return undefined
      const order = first(
        await database.select().from(tables.workOrders).where(eq(tables.workOrders.incidentId, row.id)).for('update'),
      )
      return {
        ...toIncident(row, order?.id ?? null),
        followed:
          row.journalId === null || row.journalPosition === null
            ? null
            : { journalId: row.journalId, position: row.journalPosition },
        orderState: (order?.state ?? null) as FollowedIncident['orderState'],
      }
    },
    async insertIncident({ scope, followed, place, ...incident }: NewIncident) {
      const rows = await database
        .insert(tables.incidents)
        .values({
          ...incident,
          scopeType: scope.type,
          scopeId: scope.id,
          ...place,
          journalId: followed?.journalId ?? null,
          journalPosition: followed?.position ?? null,
        })
        .onConflictDoNothing()
        .returning({ id: tables.incidents.id })
      return rows.length > 0
    },
    async updateIncident(id, { followed, ...change }) {
      await database
        .update(tables.incidents)
        .set({
          ...change,
          ...(followed && { journalId: followed.journalId, journalPosition: followed.position }),
        })
        .where(eq(tables.incidents.id, id))
    },
    incident: async (id) => first(await selectIncidents(database, eq(tables.incidents.id, id), 1)),
    async incidents(page) {
      const { incidents } = tables
      const where = and(
        page.deviceId === undefined ? undefined : eq(incidents.deviceId, page.deviceId),
        page.finding === undefined ? undefined : eq(incidents.finding, page.finding),
        page.state === undefined ? undefined : eq(incidents.state, page.state),
        page.after === undefined ? undefined : lt(incidents.seq, seqOf(page.after)),
      )
      const found = await selectIncidents(database, where, page.limit + 1)
      return withoutSeq(pageOf(found, page, (row) => String(row.seq)))
    },

    async insertOrder(order) {
      const rows = await database
        .insert(tables.workOrders)
        .values(order)
        .onConflictDoNothing({ target: tables.workOrders.incidentId })
        .returning({ id: tables.workOrders.id })
      return rows.length > 0
    },
    async updateOrder(id, expected, change) {
      const rows = await database
        .update(tables.workOrders)
        .set(change)
        .where(and(eq(tables.workOrders.id, id), eq(tables.workOrders.state, expected)))
        .returning({ id: tables.workOrders.id })
      return rows.length > 0
    },
    order: async (id) => toOrder(first(await selectOrders(database, eq(tables.workOrders.id, id), 1))),
    lockOrder: async (id) =>
      toOrder(first(await selectOrders(database, eq(tables.workOrders.id, id), 1).for('update'))),
    orderOfIncident: async (incidentId) =>
      toOrder(first(await selectOrders(database, eq(tables.workOrders.incidentId, incidentId), 1))),
    async orders(page) {
      const { workOrders } = tables
      const where = and(
        page.deviceId === undefined ? undefined : eq(workOrders.deviceId, page.deviceId),
        page.state === undefined ? undefined : eq(workOrders.state, page.state),
        page.after === undefined ? undefined : lt(workOrders.seq, seqOf(page.after)),
      )
      const rows = await selectOrders(database, where, page.limit + 1)
      return withoutSeq(pageOf(rows, page, (row) => String(row.seq))) as Page<WorkOrder>
    },

    async insertOrderEvent(orderId, event, idempotencyKey) {
      await database
        .insert(tables.workOrderEvents)
        .values({ orderId, ...event, idempotencyKey: idempotencyKey ?? null })
    },
    orderEvents: async (orderId) => selectEvents(database, eq(tables.workOrderEvents.orderId, orderId)),
    async orderEventByKey(orderId, key) {
      const { workOrderEvents } = tables
      const where = and(eq(workOrderEvents.orderId, orderId), eq(workOrderEvents.idempotencyKey, key))
      return first(await selectEvents(database, where))
    },
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

function toIncident(row: typeof tables.incidents.$inferSelect, orderId: string | null): Incident {
  const { seq: _, scopeType, scopeId, journalId: __, journalPosition: ___, ...withPlace } = row
  const { gatewayId, feederId, siteId, path, ...rest } = withPlace
  const place = { gatewayId, feederId, siteId, path }
  return { ...rest, scope: { type: scopeType, id: scopeId }, place, orderId } as Incident
}

function toOrder(row: typeof tables.workOrders.$inferSelect | undefined): WorkOrder | undefined {
  if (row === undefined) return undefined
  const { seq: _, ...order } = row
  return order as WorkOrder
}
