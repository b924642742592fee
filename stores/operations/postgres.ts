import { fileURLToPath } from 'node:url'
import { and, asc, desc, eq, getTableColumns, gt, inArray, isNull, lt, ne, or, type SQL, sql } from 'drizzle-orm'
import { drizzle, type NodePgDatabase, type NodePgQueryResultHKT } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import type { PgDatabase } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { ExpectedError, StoreUnavailable } from '../../core/errors.ts'
import type { Incident, OrderEvent, WorkOrder } from '../../core/incident.ts'
import type { Log } from '../../core/log.ts'
import type { QuarantineItem } from '../../core/quarantine.ts'
import type { FollowedIncident, NewIncident, Operations, OperationsStore, Page, PageRequest } from './port.ts'
import * as tables from './schema.ts'

const refusalsKept = 20

export interface PostgresOptions {
  /** A `postgres://` URL, or the parts of one. */
  readonly connection: string | { host: string; port: number; user: string; password: string; database: string }
  /** At most so many connections. */
  readonly connections: number
  readonly log: Log
}

/** Opens the operations database and brings its tables up to date. @throws {StoreUnavailable} */
export async function openPostgresOperations(options: PostgresOptions): Promise<OperationsStore> {
  const where = typeof options.connection === 'string' ? { connectionString: options.connection } : options.connection
  const pool = new pg.Pool({
    ...where,
    max: options.connections,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    application_name: 'liftwatt',
  })
  pool.on('error', (cause) => options.log.warn({ err: cause }, 'an idle database connection was lost'))

  const database = drizzle(pool)
  try {
    await migrateOnce(database, pool)
  } catch (cause) {
    await pool.end()
    throw unavailable(cause)
  }
  return {
    ...operationsOn(database),
    async ping() {
      await guarded(() => pool.query('select 1'))
    },
    close: () => pool.end(),
  }
}

/** Several threads and processes start at once: one migrates, the others wait for it. */
async function migrateOnce(database: NodePgDatabase, pool: pg.Pool): Promise<void> {
  const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url))
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock(7162001)')
    await migrate(database, { migrationsFolder })
  } finally {
    await client.query('select pg_advisory_unlock(7162001)').catch(() => undefined)
    client.release()
  }
}

type Database = PgDatabase<NodePgQueryResultHKT>

function operationsOn(database: Database): Operations {
  return {
    transaction: (work) => guarded(() => database.transaction((inner) => work(operationsOn(inner)))),

    insertGateway: (gateway) =>
      guarded(async () => {
        const rows = await database.insert(tables.gateways).values(gateway).onConflictDoNothing().returning()
        if (rows.length === 0) throw new ExpectedError('already-exists', `A gateway ${gateway.id} exists already`)
      }),
    updateGateway: (id, change) =>
      guarded(async () => {
        const rows = await database.update(tables.gateways).set(change).where(eq(tables.gateways.id, id)).returning()
        return rows.length > 0
      }),
    gateway: (id) =>
      guarded(async () => first(await database.select().from(tables.gateways).where(eq(tables.gateways.id, id)))),
    lockGateway: (id) =>
      guarded(async () =>
        first(await database.select().from(tables.gateways).where(eq(tables.gateways.id, id)).for('update')),
      ),
    gateways: (page) =>
      guarded(async () => {
        const rows = await database
          .select()
          .from(tables.gateways)
          .where(page.after === undefined ? undefined : gt(tables.gateways.id, page.after))
          .orderBy(asc(tables.gateways.id))
          .limit(page.limit + 1)
        return pageOf(rows, page, (row) => row.id)
      }),

    insertCredential: (credential) =>
      guarded(async () => {
        await database.insert(tables.gatewayCredentials).values(credential)
      }),
    expireCredentials: (gatewayId, except, expiresAt) =>
      guarded(async () => {
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
      }),
    credentialsOf: (gatewayId, now) =>
      guarded(() => {
        const { gatewayCredentials } = tables
        return database
          .select()
          .from(gatewayCredentials)
          .where(and(eq(gatewayCredentials.gatewayId, gatewayId), isValidAt(now)))
          .orderBy(sql`${gatewayCredentials.expiresAt} desc nulls first`)
      }),
    validCredentials: (now) =>
      guarded(() => {
        const { gatewayCredentials, gateways } = tables
        return database
          .select(getTableColumns(gatewayCredentials))
          .from(gatewayCredentials)
          .innerJoin(gateways, eq(gateways.id, gatewayCredentials.gatewayId))
          .where(and(isNull(gateways.revokedAt), isValidAt(now)))
      }),

    insertRefusals: (refusals) =>
      guarded(async () => {
        if (refusals.length === 0) return
        const { gatewayRefusals } = tables
        await database.insert(gatewayRefusals).values([...refusals])
        for (const gatewayId of new Set(refusals.map((refusal) => refusal.gatewayId))) {
          const kept = database
            .select({ id: gatewayRefusals.id })
            .from(gatewayRefusals)
            .where(eq(gatewayRefusals.gatewayId, gatewayId))
            .orderBy(desc(gatewayRefusals.id))
            .limit(refusalsKept)
          await database
            .delete(gatewayRefusals)
            .where(and(eq(gatewayRefusals.gatewayId, gatewayId), sql`${gatewayRefusals.id} not in ${kept}`))
        }
      }),
    refusals: (gatewayId) =>
      guarded(() => {
        const { gatewayRefusals } = tables
        return database
          .select({ at: gatewayRefusals.at, reason: gatewayRefusals.reason, text: gatewayRefusals.text })
          .from(gatewayRefusals)
          .where(eq(gatewayRefusals.gatewayId, gatewayId))
          .orderBy(desc(gatewayRefusals.id))
          .limit(refusalsKept)
      }),

    insertDevice: (device) =>
      guarded(async () => {
        const rows = await database.insert(tables.devices).values(device).onConflictDoNothing().returning()
        if (rows.length === 0) throw new ExpectedError('already-exists', `A device ${device.id} exists already`)
      }),
    insertDevicesIfAbsent: (devices) =>
      guarded(async () => {
        if (devices.length > 0)
          await database
            .insert(tables.devices)
            .values([...devices])
            .onConflictDoNothing()
      }),
    updateDevice: (id, change) =>
      guarded(async () => {
        const rows = await database.update(tables.devices).set(change).where(eq(tables.devices.id, id)).returning()
        return rows.length > 0
      }),
    device: (id) =>
      guarded(async () => first(await database.select().from(tables.devices).where(eq(tables.devices.id, id)))),
    lockDevice: (id) =>
      guarded(async () =>
        first(await database.select().from(tables.devices).where(eq(tables.devices.id, id)).for('update')),
      ),
    devicesByIds: (ids) =>
      guarded(async () =>
        ids.length === 0
          ? []
          : database
              .select()
              .from(tables.devices)
              .where(inArray(tables.devices.id, [...ids])),
      ),
    devices: (page) =>
      guarded(async () => {
        const { devices } = tables
        const rows = await database
          .select()
          .from(devices)
          .where(
            and(
              page.gatewayId === undefined ? undefined : eq(devices.gatewayId, page.gatewayId),
              page.kind === undefined ? undefined : eq(devices.kind, page.kind),
              page.after === undefined ? undefined : gt(devices.id, page.after),
            ),
          )
          .orderBy(asc(devices.id))
          .limit(page.limit + 1)
        return pageOf(rows, page, (row) => row.id)
      }),
    countDevices: (gatewayId) =>
      guarded(() => database.$count(tables.devices, eq(tables.devices.gatewayId, gatewayId))),

    lockNewestIncident: (deviceId, finding) =>
      guarded(async () => {
        const { incidents } = tables
        const row = first(
          await database
            .select()
            .from(incidents)
            .where(and(eq(incidents.deviceId, deviceId), eq(incidents.finding, finding)))
            .orderBy(desc(incidents.seq))
            .limit(1)
            .for('update'),
        )
        if (row === undefined) return undefined
        const order = first(
          await database.select().from(tables.workOrders).where(eq(tables.workOrders.incidentId, row.id)),
        )
        return {
          ...toIncident(row, order?.id ?? null),
          followed: { journalId: row.journalId, position: row.journalPosition },
          orderState: (order?.state ?? null) as FollowedIncident['orderState'],
        }
      }),
    insertIncident: ({ scope, followed, ...incident }: NewIncident) =>
      guarded(async () => {
        const rows = await database
          .insert(tables.incidents)
          .values({
            ...incident,
            scopeType: scope.type,
            scopeId: scope.id,
            journalId: followed.journalId,
            journalPosition: followed.position,
          })
          .onConflictDoNothing()
          .returning({ id: tables.incidents.id })
        return rows.length > 0
      }),
    updateIncident: (id, { followed, ...change }) =>
      guarded(async () => {
        await database
          .update(tables.incidents)
          .set({
            ...change,
            ...(followed && { journalId: followed.journalId, journalPosition: followed.position }),
          })
          .where(eq(tables.incidents.id, id))
      }),
    incident: (id) => guarded(async () => first(await selectIncidents(database, eq(tables.incidents.id, id), 1))),
    incidents: (page) =>
      guarded(async () => {
        const { incidents } = tables
        const where = and(
          page.deviceId === undefined ? undefined : eq(incidents.deviceId, page.deviceId),
          page.finding === undefined ? undefined : eq(incidents.finding, page.finding),
          page.state === undefined ? undefined : eq(incidents.state, page.state),
          page.after === undefined ? undefined : lt(incidents.seq, seqOf(page.after)),
        )
        const found = await selectIncidents(database, where, page.limit + 1)
        return withoutSeq(pageOf(found, page, (row) => String(row.seq)))
      }),

    insertOrder: (order) =>
      guarded(async () => {
        const rows = await database
          .insert(tables.workOrders)
          .values(order)
          .onConflictDoNothing({ target: tables.workOrders.incidentId })
          .returning({ id: tables.workOrders.id })
        return rows.length > 0
      }),
    updateOrder: (id, expected, change) =>
      guarded(async () => {
        const rows = await database
          .update(tables.workOrders)
          .set(change)
          .where(and(eq(tables.workOrders.id, id), eq(tables.workOrders.state, expected)))
          .returning({ id: tables.workOrders.id })
        return rows.length > 0
      }),
    order: (id) => guarded(async () => toOrder(first(await selectOrders(database, eq(tables.workOrders.id, id), 1)))),
    lockOrder: (id) =>
      guarded(async () => toOrder(first(await selectOrders(database, eq(tables.workOrders.id, id), 1).for('update')))),
    orderOfIncident: (incidentId) =>
      guarded(async () =>
        toOrder(first(await selectOrders(database, eq(tables.workOrders.incidentId, incidentId), 1))),
      ),
    orders: (page) =>
      guarded(async () => {
        const { workOrders } = tables
        const where = and(
          page.deviceId === undefined ? undefined : eq(workOrders.deviceId, page.deviceId),
          page.state === undefined ? undefined : eq(workOrders.state, page.state),
          page.after === undefined ? undefined : lt(workOrders.seq, seqOf(page.after)),
        )
        const rows = await selectOrders(database, where, page.limit + 1)
        return withoutSeq(pageOf(rows, page, (row) => String(row.seq))) as Page<WorkOrder>
      }),

    insertOrderEvent: (orderId, event, idempotencyKey) =>
      guarded(async () => {
        await database
          .insert(tables.workOrderEvents)
          .values({ orderId, ...event, idempotencyKey: idempotencyKey ?? null })
      }),
    orderEvents: (orderId) => guarded(() => selectEvents(database, eq(tables.workOrderEvents.orderId, orderId))),
    orderEventByKey: (orderId, key) =>
      guarded(async () => {
        const { workOrderEvents } = tables
        const where = and(eq(workOrderEvents.orderId, orderId), eq(workOrderEvents.idempotencyKey, key))
        return first(await selectEvents(database, where))
      }),

    insertQuarantine: (journalId, items) =>
      guarded(async () => {
        if (items.length === 0) return
        const rows = items.map(({ position, ...item }) => ({ journalId, journalPosition: position, ...item }))
        await database.insert(tables.quarantine).values(rows).onConflictDoNothing()
      }),
    quarantine: (page) =>
      guarded(async () => {
        const { quarantine } = tables
        const rows = await database
          .select()
          .from(quarantine)
          .where(
            and(
              page.gatewayId === undefined ? undefined : eq(quarantine.gatewayId, page.gatewayId),
              page.deviceId === undefined ? undefined : eq(quarantine.deviceId, page.deviceId),
              page.after === undefined ? undefined : lt(quarantine.seq, seqOf(page.after)),
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
      }),
    trimQuarantine: ({ receivedBefore, maxBytes }) =>
      guarded(async () => {
        const { quarantine } = tables
        const old = await database.delete(quarantine).where(lt(quarantine.receivedAt, receivedBefore))
        const beyond = await database.execute(sql`
          delete from ${quarantine} where ${quarantine.seq} <= coalesce((
            select max(seq) from (
              select seq, sum(length(raw) + 200) over (order by seq desc) as bytes from ${quarantine}
            ) as sized where bytes > ${maxBytes}
          ), 0)`)
        return (old.rowCount ?? 0) + (beyond.rowCount ?? 0)
      }),

    insertAudit: (entry) =>
      guarded(async () => {
        await database.insert(tables.audit).values(entry)
      }),

    counts: () =>
      guarded(async () => {
        const { gateways, devices, workOrders } = tables
        return {
          gateways: await database.$count(gateways, isNull(gateways.revokedAt)),
          devices: await database.$count(devices),
          openOrders: await database.$count(workOrders, sql`${workOrders.state} not in ('closed', 'cancelled')`),
        }
      }),

    setting: (key) =>
      guarded(
        async () => first(await database.select().from(tables.settings).where(eq(tables.settings.key, key)))?.value,
      ),
    putSetting: (key, value) =>
      guarded(async () => {
        await database
          .insert(tables.settings)
          .values({ key, value })
          .onConflictDoUpdate({ target: tables.settings.key, set: { value } })
      }),
  }
}

function isValidAt(now: number): SQL | undefined {
  const { expiresAt } = tables.gatewayCredentials
  return or(isNull(expiresAt), gt(expiresAt, now))
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
  const { seq: _, scopeType, scopeId, journalId: __, journalPosition: ___, ...rest } = row
  return { ...rest, scope: { type: scopeType, id: scopeId }, orderId } as Incident
}

function toOrder(row: typeof tables.workOrders.$inferSelect | undefined): WorkOrder | undefined {
  if (row === undefined) return undefined
  const { seq: _, ...order } = row
  return order as WorkOrder
}

function first<T>(rows: readonly T[]): T | undefined {
  return rows[0]
}

/** One row more than asked for was read: it says whether there is a next page. */
function pageOf<T>(rows: T[], page: PageRequest, cursorOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, page.limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > page.limit && last !== undefined ? cursorOf(last) : null }
}

function withoutSeq<T extends { seq: number }>({ items, nextCursor }: Page<T>): Page<Omit<T, 'seq'>> {
  return { items: items.map(({ seq: _, ...item }) => item), nextCursor }
}

function seqOf(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw new ExpectedError('invalid', 'cursor is not one that this list answered')
  return Number(cursor)
}

/**
 * Our own errors pass, and so do mistakes in code, for waiting does not mend them; what the driver throws becomes
 * `StoreUnavailable`, or `invalid` where a reference is missing.
 */
async function guarded<T>(work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw cause instanceof ExpectedError || isMistake(cause) ? cause : unavailable(cause)
  }
}

function isMistake(cause: unknown): boolean {
  return cause instanceof TypeError || cause instanceof RangeError || cause instanceof ReferenceError
}

const foreignKeyViolation = '23503'
/** SQLSTATE classes of what the same call can never achieve: data exceptions and broken constraints. */
const hopeless = /^2[23]/

function unavailable(cause: unknown): ExpectedError {
  // drizzle wraps the driver's error: the reason is in the cause
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const code = inner instanceof pg.DatabaseError ? (inner.code ?? '') : ''
  if (!hopeless.test(code) || !(inner instanceof pg.DatabaseError)) return new StoreUnavailable('operations', inner)
  if (code !== foreignKeyViolation) return new ExpectedError('invalid', `The database will not take it: ${inner.message}`)
  return new ExpectedError('invalid', `It refers to something that does not exist: ${inner.detail ?? inner.message}`)
}
