import { and, asc, desc, eq, gte, inArray, isNotNull, lt, lte, max, sql } from 'drizzle-orm'
import type { RuleChange } from '../../core/rule.ts'
import type { Database } from './database.ts'
import { first, pageOf, seqOf } from './pages.ts'
import type { IncidentOutcomeRow, RuleTables } from './port.ts'
import * as tables from './schema.ts'

type Row = typeof tables.ruleChanges.$inferSelect

export function ruleTables(database: Database): RuleTables {
  const { ruleChanges, sites } = tables
  return {
    async insertRuleChange({ scope, ...change }) {
      await database.execute(sql`lock table ${ruleChanges} in share row exclusive mode`)
      const rows = await database
        .insert(ruleChanges)
        .values({ ...change, scopeType: scope.type, scopeId: scope.id })
        .returning()
      return changeOf(rows[0] as Row)
    },
    async ruleChanges({ upTo, finding }) {
      const { scopeType, scopeId, version } = ruleChanges
      const rows = await database
        .selectDistinctOn([ruleChanges.finding, scopeType, scopeId])
        .from(ruleChanges)
        .where(and(lte(version, upTo), finding === undefined ? undefined : eq(ruleChanges.finding, finding)))
        .orderBy(ruleChanges.finding, scopeType, scopeId, desc(version))
      return rows.map(changeOf).filter(({ enabled, settings }) => enabled !== null || Object.keys(settings).length > 0)
    },
    async ruleVersion() {
      const row = first(await database.select({ version: max(ruleChanges.version) }).from(ruleChanges))
      return row?.version ?? 0
    },
    async ruleHistory(finding, page) {
      const rows = await database
        .select()
        .from(ruleChanges)
        .where(
          and(
            eq(ruleChanges.finding, finding),
            page.scope === undefined ? undefined : eq(ruleChanges.scopeType, page.scope.type),
            page.scope === undefined ? undefined : eq(ruleChanges.scopeId, page.scope.id),
            page.after === undefined ? undefined : lt(ruleChanges.version, seqOf(page.after)),
          ),
        )
        .orderBy(desc(ruleChanges.version))
        .limit(page.limit + 1)
      const { items, nextCursor } = pageOf(rows, page, ({ version }) => String(version))
      return { items: items.map(changeOf), nextCursor }
    },
    async outcomesOf({ finding, from, to }) {
      const { incidents, workOrders } = tables
      const rows = await database
        .select({
          deviceId: incidents.deviceId,
          occurredAt: incidents.occurredAt,
          orderId: workOrders.id,
          outcome: workOrders.outcome,
        })
        .from(incidents)
        .leftJoin(workOrders, eq(workOrders.incidentId, incidents.id))
        .where(
          and(
            eq(incidents.finding, finding),
            isNotNull(incidents.deviceId),
            gte(incidents.detectedAt, from),
            lt(incidents.detectedAt, to),
          ),
        )
      return rows as IncidentOutcomeRow[]
    },
    async insertJournalNote(note) {
      await database.insert(tables.journalNotes).values({ note })
    },
    journalNotes: async (limit) =>
      database.select().from(tables.journalNotes).orderBy(asc(tables.journalNotes.id)).limit(limit),
    async deleteJournalNotes(ids) {
      if (ids.length > 0) await database.delete(tables.journalNotes).where(inArray(tables.journalNotes.id, [...ids]))
    },
    async allSitesAbove() {
      const rows = await database.select({ id: sites.id, parentId: sites.parentId }).from(sites)
      const parents = new Map(rows.map(({ id, parentId }) => [id, parentId]))
      return new Map(rows.map(({ id }) => [id, chainOf(id, parents)]))
    },
  }
}

function changeOf({ scopeType: type, scopeId: id, ...row }: Row): RuleChange {
  return { ...row, scope: { type, id } }
}

/** A site and all above it; each once, whatever the rows say. */
function chainOf(id: string, parents: ReadonlyMap<string, string | null>): string[] {
  const chain = new Set<string>()
  for (let at: string | null = id; at !== null && !chain.has(at); at = parents.get(at) ?? null) chain.add(at)
  return [...chain]
}
