import { and, asc, desc, eq, getTableColumns, gt, gte, inArray, isNull, lt, lte, ne, or, sql } from 'drizzle-orm'
import { ExpectedError } from '../../core/errors.ts'
import type { Visit } from '../../core/visit.ts'
import { isAnyId } from './any-of.ts'
import type { Database } from './database.ts'
import { first, pageOf, seqOf, withoutSeq } from './pages.ts'
import type { VisitTables } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'
import { isAt } from './site-tree.ts'

/** A statement takes 65,535 parameters. */
const rowsAtOnce = 1_000

/** Maintenance regimes and claimed visits. */
export function visitTables(database: Database): VisitTables {
  const { recordEvents, regimes, visits } = tables
  return {
    async insertRegime(regime) {
      const { deviceId, validFrom } = regime
      const [last] = await database
        .select()
        .from(regimes)
        .where(eq(regimes.deviceId, deviceId))
        .orderBy(desc(regimes.validFrom))
        .limit(1)
        .for('update')
      if (last !== undefined && last.validFrom >= validFrom) {
        const since = new Date(last.validFrom).toISOString()
        throw new ExpectedError('invalid', `A regime of ${deviceId} begins at ${since}; the next must begin after it`)
      }
      if (last !== undefined) {
        const where = and(eq(regimes.deviceId, deviceId), eq(regimes.validFrom, last.validFrom))
        await database.update(regimes).set({ validUntil: validFrom }).where(where)
      }
      const rows = await database
        .insert(regimes)
        .values({ ...regime, validUntil: null })
        .onConflictDoNothing()
        .returning({ deviceId: regimes.deviceId })
      if (rows.length === 0) throw new ExpectedError('invalid', `A regime of ${deviceId} begins then already`)
    },
    regimesOf: async (deviceId) =>
      database.select().from(regimes).where(eq(regimes.deviceId, deviceId)).orderBy(desc(regimes.validFrom)),
    async firstRegimesOf(deviceIds) {
      if (deviceIds.length === 0) return new Map()
      const rows = await database
        .selectDistinctOn([regimes.deviceId], { id: regimes.deviceId, validFrom: regimes.validFrom })
        .from(regimes)
        .where(inArray(regimes.deviceId, [...deviceIds]))
        .orderBy(asc(regimes.deviceId), asc(regimes.validFrom))
      return new Map(rows.map(({ id, validFrom }) => [id, validFrom]))
    },
    async regimesAt(at, page) {
      const where = and(
        lte(regimes.validFrom, at),
        or(isNull(regimes.validUntil), gt(regimes.validUntil, at)),
        sql`not exists (select from devices d where d.id = ${regimes.deviceId} and d.retired_at is not null)`,
        page.after === undefined ? undefined : gt(regimes.deviceId, page.after),
      )
      const rows = await database
        .select()
        .from(regimes)
        .where(where)
        .orderBy(asc(regimes.deviceId))
        .limit(page.limit + 1)
      return pageOf(rows, page, (row) => row.deviceId)
    },

    async insertVisitsIfAbsent(given) {
      const inserted: string[] = []
      for (let start = 0; start < given.length; start += rowsAtOnce) {
        const values = given.slice(start, start + rowsAtOnce)
        const rows = await database.insert(visits).values(values).onConflictDoNothing().returning({ id: visits.id })
        inserted.push(...rows.map(({ id }) => id))
      }
      return inserted
    },
    async newestVisitNumber() {
      const [row] = await database.select({ seq: visits.seq }).from(visits).orderBy(desc(visits.seq)).limit(1)
      return row?.seq ?? 0
    },
    async lockUnrecordedVisits({ after, upTo }, limit) {
      const isRecorded = sql<boolean>`exists (select from ${recordEvents} where ${recordEvents.subjectId} = ${visits.id})`
      const rows = await database
        .select({ visit: getTableColumns(visits), isRecorded })
        .from(visits)
        .where(and(gt(visits.seq, after), lte(visits.seq, upTo)))
        .orderBy(asc(visits.seq))
        .limit(limit)
        .for('update')
      const last = rows.at(-1)?.visit.seq ?? null
      return { visits: rows.filter((row) => !row.isRecorded).map(({ visit }) => toVisit(visit)), last }
    },
    visit: async (id) => toVisit(first(await database.select().from(visits).where(eq(visits.id, id)))),
    visitsByIds: async (ids) =>
      (await database.select().from(visits).where(isAnyId(visits.id, ids))).map((row) => toVisit(row)),
    lockVisit: async (id) =>
      toVisit(first(await database.select().from(visits).where(eq(visits.id, id)).for('update'))),
    async setVerdict(id, verdict) {
      await database.update(visits).set(verdict).where(eq(visits.id, id))
    },
    async visits(page) {
      const where = and(
        page.deviceId === undefined ? undefined : eq(visits.deviceId, page.deviceId),
        isAt(visits.deviceId, page.siteId),
        page.teamId === undefined ? undefined : eq(visits.teamId, page.teamId),
        page.verdict === undefined ? undefined : eq(visits.verdict, page.verdict),
        page.from === undefined ? undefined : gte(visits.startedAt, page.from),
        page.to === undefined ? undefined : lt(visits.startedAt, page.to),
        page.after === undefined ? undefined : lt(visits.seq, seqOf(page.after)),
        (await inSight(database, page.sight))('visit'),
      )
      const rows = await database
        .select()
        .from(visits)
        .where(where)
        .orderBy(desc(visits.seq))
        .limit(page.limit + 1)
      return withoutSeq(pageOf(rows, page, (row) => String(row.seq)))
    },
    async visitsSince(deviceIds, from) {
      if (deviceIds.length === 0) return []
      const rows = await database
        .select()
        .from(visits)
        .where(and(inArray(visits.deviceId, [...deviceIds]), gte(visits.startedAt, from)))
        .orderBy(asc(visits.startedAt), asc(visits.seq))
      return rows.map((row) => toVisit(row))
    },
    async unprovenSince(claimedAt) {
      const rows = await database
        .select()
        .from(visits)
        .where(and(gte(visits.claimedAt, claimedAt), or(isNull(visits.verdict), ne(visits.verdict, 'proven'))))
        .orderBy(asc(visits.seq))
      return rows.map((row) => toVisit(row))
    },
  }
}

function toVisit(row: typeof tables.visits.$inferSelect): Visit
function toVisit(row: typeof tables.visits.$inferSelect | undefined): Visit | undefined
function toVisit(row: typeof tables.visits.$inferSelect | undefined): Visit | undefined {
  if (row === undefined) return undefined
  const { seq: _, ...visit } = row
  return visit
}
