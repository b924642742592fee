import { and, asc, desc, eq, getTableColumns, gt, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import { ExpectedError } from '../../core/errors.ts'
import { isAnyId } from './any-of.ts'
import type { Database } from './database.ts'
import { insertMany } from './many-rows.ts'
import { first } from './pages.ts'
import type { ChainedEvent, ChainHead, EvidenceFile, EvidenceLink, EvidenceTables } from './port.ts'
import * as tables from './schema.ts'

/** Evidence files, the chains of order events, and the seals over them. */
export function evidenceTables(database: Database): EvidenceTables {
  return { ...fileTables(database), ...chainTables(database), ...sealTables(database) }
}

function fileTables(database: Database) {
  const { evidenceFiles, evidenceLinks, evidenceTasks } = tables
  const isTask = ({ incidentId, part }: { incidentId: string; part: 'before' | 'after' }) =>
    and(eq(evidenceTasks.incidentId, incidentId), eq(evidenceTasks.part, part))

  async function evidenceOfEach(incidentIds: readonly string[]) {
    const { workOrders } = tables
    const wanted = sql`(select asked.id, ${workOrders.id} as order_id from unnest(${sql.param([...incidentIds])}::uuid[]) as asked (id)
      left join ${workOrders} on ${workOrders.incidentId} = asked.id) as wanted`
    const rows = await database
      .select({ wantedId: sql<string>`wanted.id`, link: getTableColumns(evidenceLinks), file: evidenceFiles })
      .from(evidenceLinks)
      .innerJoin(evidenceFiles, eq(evidenceFiles.sha256, evidenceLinks.sha256))
      .innerJoin(
        wanted,
        or(sql`${evidenceLinks.incidentId} = wanted.id`, sql`${evidenceLinks.orderId} = wanted.order_id`),
      )
      .orderBy(asc(evidenceLinks.id))
    // what was carried to the order that goes on has a link to each of the two
    const found = new Map<string, Map<string, EvidenceLink & EvidenceFile>>()
    for (const { wantedId, link, file } of rows) {
      const { id: _, ...shown } = link
      const bySha256 = found.get(wantedId) ?? new Map()
      found.set(wantedId, bySha256)
      if (!bySha256.has(file.sha256)) bySha256.set(file.sha256, { ...shown, ...file })
    }
    return new Map([...found].map(([id, bySha256]) => [id, [...bySha256.values()]]))
  }

  return {
    async insertEvidenceFile(file) {
      await database.insert(evidenceFiles).values(file).onConflictDoNothing()
    },
    evidenceFile: async (sha256) =>
      first(await database.select().from(evidenceFiles).where(eq(evidenceFiles.sha256, sha256))),
    async insertEvidenceLink(...links) {
      if (links.length > 0) await database.execute(insertMany(evidenceLinks, links))
    },
    evidenceOf: async (incidentId) => (await evidenceOfEach([incidentId])).get(incidentId) ?? [],
    evidenceOfEach,
    evidenceFiles: async (after, limit) =>
      database
        .select()
        .from(evidenceFiles)
        .where(gt(evidenceFiles.sha256, after))
        .orderBy(asc(evidenceFiles.sha256))
        .limit(limit),
    async insertEvidenceTasks(tasks) {
      if (tasks.length > 0) await database.execute(sql`${insertMany(evidenceTasks, tasks)} on conflict do nothing`)
    },
    async claimEvidenceTask(now) {
      const rows = await database
        .select()
        .from(evidenceTasks)
        .where(and(isNull(evidenceTasks.doneAt), lte(evidenceTasks.dueAt, now)))
        .orderBy(asc(evidenceTasks.dueAt))
        .limit(1)
        .for('update', { skipLocked: true })
      return first(rows)
    },
    async finishEvidenceTask(task, doneAt) {
      await database.update(evidenceTasks).set({ doneAt, lastError: null }).where(isTask(task))
    },
    async postponeEvidenceTask(task, dueAt, lastError) {
      await database
        .update(evidenceTasks)
        .set({ dueAt, lastError, attempts: task.attempts + 1 })
        .where(isTask(task))
    },
  } satisfies Partial<EvidenceTables>
}

function chainTables(database: Database) {
  const { workOrderEvents, unsealedOrders } = tables
  const ofOrder = (orderId: string) => eq(workOrderEvents.orderId, orderId)
  return {
    async chainHead(orderId) {
      const { number, hash, at } = workOrderEvents
      const row = first(
        await database
          .select({ number, hash, at })
          .from(workOrderEvents)
          .where(ofOrder(orderId))
          .orderBy(sql`${number} desc nulls last`)
          .limit(1),
      )
      return row && headIn(row)
    },
    async chainHeads(orderIds) {
      const { orderId, number, hash, at } = workOrderEvents
      const rows = await database
        .selectDistinctOn([orderId], { orderId, number, hash, at })
        .from(workOrderEvents)
        .where(isAnyId(orderId, orderIds))
        .orderBy(asc(orderId), sql`${number} desc nulls last`)
      const heads = rows.map((row) => [row.orderId, headIn(row)] as const)
      return new Map(heads.flatMap(([id, head]) => (head === undefined ? [] : [[id, head]])))
    },
    async insertChainedEvent(...events) {
      if (events.length === 0) return
      const { rowCount } = await database.execute(sql`${insertMany(workOrderEvents, events)} on conflict do nothing`)
      if (rowCount !== events.length)
        throw new ExpectedError('invalid', 'The order was changed by someone else at the same moment')
      // updated, not left alone: it waits for a seal that is being made, and is seen by the next
      const newest = new Map(events.map(({ orderId, at }) => [orderId, at]))
      const rows = [...newest].map(([orderId, since]) => ({ orderId, since }))
      await database.execute(
        sql`${insertMany(unsealedOrders, rows)} on conflict (order_id) do update set since = excluded.since`,
      )
    },
    async chainOf(orderId) {
      const rows = await database
        .select()
        .from(workOrderEvents)
        .where(ofOrder(orderId))
        .orderBy(sql`${workOrderEvents.number} asc nulls first`, asc(workOrderEvents.id))
      return rows.map(({ id: _, ...event }) => event) as ChainedEvent[]
    },
    async orderIds(after, limit) {
      const { id } = tables.workOrders
      const rows = await database
        .select({ id })
        .from(tables.workOrders)
        .where(after === null ? undefined : gt(id, after))
        .orderBy(asc(id))
        .limit(limit)
      return rows.map((row) => row.id)
    },
    async unchainedOrderIds(limit) {
      const { orderId, number } = workOrderEvents
      const rows = await database.selectDistinct({ orderId }).from(workOrderEvents).where(isNull(number)).limit(limit)
      return rows.map((row) => row.orderId)
    },
    async chainOldEvents(orderId, places) {
      const rows = await database
        .select({ id: workOrderEvents.id, at: workOrderEvents.at })
        .from(workOrderEvents)
        .where(and(ofOrder(orderId), isNull(workOrderEvents.number)))
        .orderBy(asc(workOrderEvents.id))
      for (const [index, { id }] of rows.entries()) {
        const place = places[index]
        if (place !== undefined) await database.update(workOrderEvents).set(place).where(eq(workOrderEvents.id, id))
      }
      const since = rows.at(-1)?.at
      if (since !== undefined) await database.insert(unsealedOrders).values({ orderId, since }).onConflictDoNothing()
    },
  } satisfies Partial<EvidenceTables>
}

function sealTables(database: Database) {
  const { recordEvents, seals, unsealedOrders, workOrderEvents } = tables
  return {
    async takeUnsealedHeads(limit) {
      const taken = await database
        .select({ orderId: unsealedOrders.orderId })
        .from(unsealedOrders)
        .orderBy(asc(unsealedOrders.since))
        .limit(limit)
        .for('update', { skipLocked: true })
      const ids = taken.map(({ orderId }) => orderId)
      if (ids.length === 0) return []
      await database.delete(unsealedOrders).where(inArray(unsealedOrders.orderId, ids))
      const { orderId, number, hash } = workOrderEvents
      const heads = await database
        .selectDistinctOn([orderId], { id: orderId, number, hash })
        .from(workOrderEvents)
        .where(inArray(orderId, ids))
        .orderBy(asc(orderId), sql`${number} desc nulls last`)
      const { subjectId } = recordEvents
      const others = await database
        .selectDistinctOn([subjectId], { id: subjectId, number: recordEvents.number, hash: recordEvents.hash })
        .from(recordEvents)
        .where(inArray(subjectId, ids))
        .orderBy(asc(subjectId), desc(recordEvents.number))
      return [...heads, ...others].map((head) => [head.id, head.number ?? 0, head.hash ?? ''] as const)
    },
    async unsealedAmong(ids) {
      const { orderId } = unsealedOrders
      const isOneOf = isAnyId(orderId, ids)
      return (await database.select({ orderId }).from(unsealedOrders).where(isOneOf)).map((row) => row.orderId)
    },
    async insertSeal(seal) {
      await database.insert(seals).values(seal)
    },
    lastSeal: async () => first(await database.select().from(seals).orderBy(desc(seals.number)).limit(1)),
    seals: async (after, limit) =>
      database.select().from(seals).where(gt(seals.number, after)).orderBy(asc(seals.number)).limit(limit),
  } satisfies Partial<EvidenceTables>
}

/** Undefined for an event that is older than the chains. */
function headIn({ number, hash, at }: Pick<ChainedEvent, 'number' | 'hash' | 'at'>): ChainHead | undefined {
  return number === null || hash === null ? undefined : { number, hash, at }
}
