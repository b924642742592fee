import { and, asc, desc, eq, gt, type SQLWrapper, sql } from 'drizzle-orm'
import { ExpectedError } from '../../core/errors.ts'
import { groupedBy } from '../../core/grouped.ts'
import { chained, type RecordEvent, type RecordHead } from '../../core/record-chain.ts'
import { isAnyId } from './any-of.ts'
import type { Database } from './database.ts'
import { insertMany } from './many-rows.ts'
import { type RecordEventTables, visitsToRecord } from './port.ts'
import * as tables from './schema.ts'

const { recordEvents, settings, unsealedOrders, visits } = tables

const isAnyOf = (ids: readonly string[]) => isAnyId(recordEvents.subjectId, ids)

const hasEvents = (id: SQLWrapper) => sql`exists (select from ${recordEvents} where ${recordEvents.subjectId} = ${id})`
const [after, upTo] = ['after', 'upTo'].map((name) => sql`(${settings.value} ->> ${name}::text)::bigint`)
/** Of a visit: it is among those that are to get a chain. */
const isToCome = sql`exists (select from ${settings} where ${settings.key} = ${visitsToRecord}
  and ${visits.seq} > ${after} and ${visits.seq} <= ${upTo})`

/** What happened to records that are no orders. */
export function recordEventTables(database: Database): RecordEventTables {
  async function headsOf(subjectIds: readonly string[]): Promise<Map<string, RecordHead>> {
    const { subjectId, number, hash, at } = recordEvents
    const rows = await database
      .selectDistinctOn([subjectId], { subjectId, number, hash, at })
      .from(recordEvents)
      .where(isAnyOf(subjectIds))
      .orderBy(asc(subjectId), desc(number))
    return new Map(rows.map(({ subjectId: id, ...head }) => [id, head]))
  }

  return {
    async appendRecordEvents(...events) {
      if (events.length === 0) return []
      const heads = await headsOf([...new Set(events.map(({ subjectId }) => subjectId))])
      const placed = events.map((event) => {
        const next = chained(event, heads.get(event.subjectId))
        heads.set(event.subjectId, next)
        return next
      })
      const { rowCount } = await database.execute(sql`${insertMany(recordEvents, placed)} on conflict do nothing`)
      if (rowCount !== placed.length) {
        throw new ExpectedError('invalid', 'It was changed by someone else at the same moment')
      }
      const unsealed = [...heads].map(([orderId, { at: since }]) => ({ orderId, since }))
      // updated, not left alone: it waits for a seal that is being made, and is seen by the next
      await database.execute(
        sql`${insertMany(unsealedOrders, unsealed)} on conflict (order_id) do update set since = excluded.since`,
      )
      return placed
    },
    async recordEventsOf(subjectId) {
      const where = eq(recordEvents.subjectId, subjectId)
      const rows: RecordEvent[] = await database
        .select()
        .from(recordEvents)
        .where(where)
        .orderBy(asc(recordEvents.number))
      return rows
    },
    async recordEventsOfEach(subjectIds) {
      const rows: RecordEvent[] = await database
        .select()
        .from(recordEvents)
        .where(isAnyOf(subjectIds))
        .orderBy(asc(recordEvents.subjectId), asc(recordEvents.number))
      return groupedBy(rows, ({ subjectId }) => subjectId)
    },
    recordSubjects: async (after, limit) =>
      database
        .select({ subjectType: recordEvents.subjectType, subjectId: recordEvents.subjectId })
        .from(recordEvents)
        .where(and(eq(recordEvents.number, 1), after === null ? undefined : gt(recordEvents.subjectId, after)))
        .orderBy(asc(recordEvents.subjectId))
        .limit(limit),
    async recordsWithoutEvents(limit) {
      const { contracts, inspectionSamples, inspections, objections, overhauls } = tables
      const ids = [contracts, inspectionSamples, inspections, objections, overhauls].map(
        ({ id }) => sql`select ${id} from ${id.table}`,
      )
      ids.push(sql`select ${visits.id} from ${visits} where not ${isToCome}`)
      const { rows } = await database.execute<{ id: string }>(sql`
        select row.id from (${sql.join(ids, sql` union all `)}) as row (id)
        where not ${hasEvents(sql`row.id`)} order by 1 limit ${limit}`)
      return rows.map(({ id }) => id)
    },
    async countVisitsToRecord() {
      const { rows } = await database.execute<{ count: number }>(
        sql`select count(*)::int as count from ${visits} where ${isToCome} and not ${hasEvents(visits.id)}`,
      )
      return rows[0]?.count ?? 0
    },
  }
}
