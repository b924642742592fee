import { and, asc, desc, eq, getTableColumns, lt } from 'drizzle-orm'
import { ExpectedError } from '../../core/errors.ts'
import type { Database } from './database.ts'
import { first, pageOf, seqOf, withoutSeq } from './pages.ts'
import type { ObjectionTables } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'

const { evidenceFiles, objections, visitEvidence, visits } = tables
const { seq: _, ...fields } = getTableColumns(objections)

/** Objections to verdicts of visits, and what was kept for them. */
export function objectionTables(database: Database): ObjectionTables {
  return {
    async insertObjection(objection) {
      const rows = await database
        .insert(objections)
        .values(objection)
        .onConflictDoNothing()
        .returning({ id: fields.id })
      if (rows.length === 0) throw new ExpectedError('already-exists', 'There is an objection to this verdict already')
    },
    async updateObjection(id, change) {
      await database.update(objections).set(change).where(eq(objections.id, id))
    },
    objection: async (id) => first(await database.select(fields).from(objections).where(eq(objections.id, id))),
    objectionOfVisit: async (visitId) =>
      first(await database.select(fields).from(objections).where(eq(objections.visitId, visitId))),
    async objections(page) {
      const where = and(
        page.state === undefined ? undefined : eq(objections.state, page.state),
        page.visitId === undefined ? undefined : eq(objections.visitId, page.visitId),
        page.after === undefined ? undefined : lt(objections.seq, seqOf(page.after)),
        (await inSight(database, page.sight))('objection'),
      )
      const rows = await database
        .select()
        .from(objections)
        .where(where)
        .orderBy(desc(objections.seq))
        .limit(page.limit + 1)
      return withoutSeq(pageOf(rows, page, ({ seq }) => String(seq)))
    },
    async setDecision(visitId, decision) {
      await database.update(visits).set({ decision }).where(eq(visits.id, visitId))
    },
    async insertVisitEvidence(evidence) {
      await database.insert(visitEvidence).values(evidence).onConflictDoNothing()
    },
    evidenceOfVisit: async (visitId) =>
      database
        .select({
          ...getTableColumns(visitEvidence),
          ...{ mediaType: evidenceFiles.mediaType, bytes: evidenceFiles.bytes },
        })
        .from(visitEvidence)
        .innerJoin(evidenceFiles, eq(evidenceFiles.sha256, visitEvidence.sha256))
        .where(eq(visitEvidence.visitId, visitId))
        .orderBy(asc(visitEvidence.addedAt), desc(visitEvidence.part), asc(visitEvidence.sha256)),
  }
}
