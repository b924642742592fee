import { and, desc, eq, getTableColumns, isNull, lt, lte, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { first, pageOf, seqOf, withoutSeq } from './pages.ts'
import type { ReportTables } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'

const { reportFiles, reports, reportSchedules, reportShares, seals } = tables
const { seq: _seq, ...reportFields } = getTableColumns(reports)
const { content: _content, reportId: _reportId, ...fileFields } = getTableColumns(reportFiles)
const { seq: _shareSeq, tokenSha256: _token, ...shareFields } = getTableColumns(reportShares)
const { seq: _scheduleSeq, ...scheduleFields } = getTableColumns(reportSchedules)

/** Reports, their files and links, and their schedules. */
export function reportTables(database: Database): ReportTables {
  return { ...ofReports(database), ...ofShares(database), ...ofSchedules(database) }
}

function ofReports(database: Database) {
  const waits = (id: string) => and(eq(reports.id, id), eq(reports.state, 'waiting'))
  return {
    async insertReport(report) {
      const rows = await database.insert(reports).values(report).onConflictDoNothing().returning({ id: reports.id })
      return rows.length > 0
    },
    report: async (id) => first(await database.select(reportFields).from(reports).where(eq(reports.id, id))),
    async reports(page) {
      const { type, state, scheduleId } = page
      const where = and(
        type === undefined ? undefined : eq(reports.type, type),
        state === undefined ? undefined : eq(reports.state, state),
        scheduleId === undefined ? undefined : eq(reports.scheduleId, scheduleId),
        page.after === undefined ? undefined : lt(reports.seq, seqOf(page.after)),
        (await inSight(database, page.sight))('report'),
      )
      const rows = await database
        .select()
        .from(reports)
        .where(where)
        .orderBy(desc(reports.seq))
        .limit(page.limit + 1)
      return withoutSeq(pageOf(rows, page, ({ seq }) => String(seq)))
    },
    waitingReports: (limit) =>
      database.select(reportFields).from(reports).where(eq(reports.state, 'waiting')).orderBy(reports.seq).limit(limit),
    async finishReport(id, { files, ...made }) {
      const set = { ...made, state: 'done' as const }
      const rows = await database.update(reports).set(set).where(waits(id)).returning({ id: reports.id })
      if (rows.length === 0) return false
      const values = files.map((file) => ({ ...file, reportId: id, bytes: file.content.length }))
      await database.insert(reportFiles).values(values)
      return true
    },
    async failReport(id, error, endedAt) {
      const set = { error, endedAt, state: 'failed' as const }
      const rows = await database.update(reports).set(set).where(waits(id)).returning({ id: reports.id })
      return rows.length > 0
    },
    async retryReport(id) {
      const set = { error: null, endedAt: null, state: 'waiting' as const }
      const hasFailed = and(eq(reports.id, id), eq(reports.state, 'failed'))
      return (await database.update(reports).set(set).where(hasFailed).returning({ id: reports.id })).length > 0
    },
    async removeReportFiles(madeBefore, removedAt) {
      const isOld = sql`${reportFiles.reportId} in (select ${reports.id} from ${reports} where ${lt(reports.endedAt, madeBefore)})`
      const rows = await database
        .update(reportFiles)
        .set({ content: null, removedAt })
        .where(and(isNull(reportFiles.removedAt), isOld))
        .returning({ name: reportFiles.name })
      return rows.length
    },
    reportFiles: (reportId) =>
      database.select(fileFields).from(reportFiles).where(eq(reportFiles.reportId, reportId)).orderBy(reportFiles.name),
    async reportFile(reportId, name) {
      if (name.includes('\0')) return undefined // PostgreSQL takes no such text, and refuses to look for it
      const rows = await database
        .select({ ...fileFields, content: reportFiles.content })
        .from(reportFiles)
        .where(and(eq(reportFiles.reportId, reportId), eq(reportFiles.name, name)))
      const [file] = rows
      return file?.content == null ? undefined : { ...file, content: file.content }
    },
    async sealAt(at) {
      const rows = await database
        .select({ number: seals.number, at: seals.at, hash: seals.hash })
        .from(seals)
        .where(lte(seals.at, at))
        .orderBy(desc(seals.number))
        .limit(1)
      return first(rows)
    },
  } satisfies Partial<ReportTables>
}

function ofShares(database: Database) {
  return {
    async insertReportShare(share, tokenSha256) {
      await database.insert(reportShares).values({ ...share, tokenSha256 })
    },
    reportShares: (reportId) =>
      database
        .select(shareFields)
        .from(reportShares)
        .where(eq(reportShares.reportId, reportId))
        .orderBy(desc(reportShares.seq)),
    reportShareOf: async (tokenSha256) =>
      first(await database.select(shareFields).from(reportShares).where(eq(reportShares.tokenSha256, tokenSha256))),
    async revokeReportShare(id, by) {
      const isLiving = and(eq(reportShares.id, id), isNull(reportShares.revokedAt))
      return first(await database.update(reportShares).set(by).where(isLiving).returning(shareFields))
    },
    async countShareUse(id, at) {
      await database
        .update(reportShares)
        .set({ uses: sql`${reportShares.uses} + 1`, lastUsedAt: at })
        .where(eq(reportShares.id, id))
    },
  } satisfies Partial<ReportTables>
}

function ofSchedules(database: Database) {
  return {
    async insertReportSchedule(schedule) {
      await database.insert(reportSchedules).values(schedule)
    },
    async reportSchedules(page) {
      const where = and(
        page.after === undefined ? undefined : lt(reportSchedules.seq, seqOf(page.after)),
        (await inSight(database, page.sight))('reportSchedule'),
      )
      const rows = await database
        .select()
        .from(reportSchedules)
        .where(where)
        .orderBy(desc(reportSchedules.seq))
        .limit(page.limit + 1)
      return withoutSeq(pageOf(rows, page, ({ seq }) => String(seq)))
    },
    reportSchedule: async (id) =>
      first(await database.select(scheduleFields).from(reportSchedules).where(eq(reportSchedules.id, id))),
    liveReportSchedules: () =>
      database
        .select(scheduleFields)
        .from(reportSchedules)
        .where(isNull(reportSchedules.endedAt))
        .orderBy(reportSchedules.seq),
    async endReportSchedule(id, by) {
      const rows = await database
        .update(reportSchedules)
        .set(by)
        .where(and(eq(reportSchedules.id, id), isNull(reportSchedules.endedAt)))
        .returning({ id: reportSchedules.id })
      return rows.length > 0
    },
  } satisfies Partial<ReportTables>
}
