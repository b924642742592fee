import { and, asc, desc, eq, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { Deadline } from '../../core/plan.ts'
import { severities } from '../../core/severity.ts'
import { isAnyId } from './any-of.ts'
import type { Database } from './database.ts'
import { insertMany } from './many-rows.ts'
import { first } from './pages.ts'
import type { PlanTables } from './port.ts'
import { toKnownOrder } from './postgres-orders.ts'
import * as tables from './schema.ts'

const { deadlines, plans, workOrders } = tables
/** Written out, not as a parameter: only so does the planner see that the indexes of open ones may be used. */
const isOpen = sql`${deadlines.state} = 'open'`

/** Response plans, and the deadlines of running orders. */
export function planTables(database: Database): PlanTables {
  return {
    plans: async () => database.select().from(plans).orderBy(asc(plans.id)),
    plan: async (id) => first(await database.select().from(plans).where(eq(plans.id, id))),
    async savePlan(plan, before) {
      const saved =
        before === null
          ? await database.insert(plans).values(plan).onConflictDoNothing().returning({ id: plans.id })
          : await database.update(plans).set(plan).where(isVersion(plan.id, before)).returning({ id: plans.id })
      return saved.length > 0
    },
    async deletePlan(id, version) {
      const deleted = await database.delete(plans).where(isVersion(id, version)).returning({ id: plans.id })
      return deleted.length > 0
    },

    async insertDeadlines(fresh) {
      if (fresh.length === 0) return
      const rows = fresh.map(({ severity, ...deadline }) => ({
        ...deadline,
        severityRank: severities.indexOf(severity),
        nextAttemptAt: deadline.dueAt,
        state: 'open' as const,
      }))
      await database.execute(insertMany(deadlines, rows))
    },
    async deadlinesOf(orderId) {
      const rows = await database
        .select()
        .from(deadlines)
        .where(eq(deadlines.orderId, orderId))
        .orderBy(asc(deadlines.dueAt), asc(deadlines.id))
      return rows.map(toDeadline)
    },
    async endDeadlines(ids, state, at) {
      if (ids.length === 0) return
      await database
        .update(deadlines)
        .set({ state, settledAt: at })
        .where(and(isOneOf(ids), isOpen))
    },

    dueDeadlines: async (now, limit) =>
      database
        .select({ id: deadlines.id, orderId: deadlines.orderId, severityRank: deadlines.severityRank })
        .from(deadlines)
        .where(and(isOpen, lte(deadlines.nextAttemptAt, now)))
        .orderBy(desc(deadlines.severityRank), asc(deadlines.dueAt))
        .limit(limit),
    async nextDeadlineAt() {
      const { nextAttemptAt } = deadlines
      return first(
        await database.select({ nextAttemptAt }).from(deadlines).where(isOpen).orderBy(asc(nextAttemptAt)).limit(1),
      )?.nextAttemptAt
    },
    async claimDeadlines(ids, now) {
      const rows = await database
        .select()
        .from(deadlines)
        .innerJoin(workOrders, eq(workOrders.id, deadlines.orderId))
        .where(and(isOneOf(ids), isOpen, lte(deadlines.nextAttemptAt, now)))
        .for('update', { skipLocked: true })
      const claimed = new Map(rows.map((row) => [row.deadlines.id, row]))
      return ids.flatMap((id) => {
        const row = claimed.get(id)
        return row === undefined ? [] : [{ deadline: toDeadline(row.deadlines), order: toKnownOrder(row.work_orders) }]
      })
    },
    putOffDeadline: (id, reason, nextAttemptAt) =>
      database.transaction(async (inner) => {
        const row = first(await inner.select().from(deadlines).where(eq(deadlines.id, id)).for('update'))
        const attempts = (row?.attempts ?? 0) + 1
        await inner
          .update(deadlines)
          .set({ attempts, lastError: reason, nextAttemptAt: nextAttemptAt(attempts) })
          .where(and(eq(deadlines.id, id), isOpen))
        return attempts
      }),

    async overdueDeadlines(before) {
      const isOverdue = and(isOpen, lt(deadlines.dueAt, before))
      const { id, orderId, dueAt, attempts, lastError } = deadlines
      const worst = first(
        await database
          .select({ id, orderId, stepId: sql<string | null>`${deadlines.step} ->> 'id'`, dueAt, attempts, lastError })
          .from(deadlines)
          .where(isOverdue)
          .orderBy(desc(deadlines.severityRank), asc(deadlines.dueAt))
          .limit(1),
      )
      return worst === undefined
        ? { count: 0, worst: null }
        : { count: await database.$count(deadlines, isOverdue), worst }
    },
    async missingDeadlines(before) {
      const { rows } = await database.execute<{ count: string; order_id: string | null; step_id: string | null }>(sql`
        select count(*) as count, (array_agg(o.id order by o.seq, wanted -> 'minutes'))[1] as order_id,
          (array_agg(wanted ->> 'id' order by o.seq, wanted -> 'minutes'))[1] as step_id
        from ${workOrders} o cross join lateral jsonb_path_query(o.plan, '$.steps[*]') as wanted
        where o.state not in ('closed', 'cancelled') and o.raised_at < ${new Date(before).toISOString()}
          and case wanted ->> 'goal'
            when 'acknowledged' then o.acknowledged_at when 'arrived' then o.arrived_at
            -- who accepted it has given it away: whoever has it now is asked anew, but the contact is not
            when 'accepted' then case when o.technician_id is not null or o.arrived_at is not null
              or wanted ->> 'id' = 'contact-answers' then o.accepted_at end
            when 'restored' then o.restored_at when 'passenger-told' then coalesce(o.passenger_told_at, o.restored_at)
            when 'inspected' then o.inspected_at end is null
          and (wanted ->> 'goal' <> 'passenger-told' or o.finding like '%/entrapment')
          and not exists (select from ${deadlines} d
            where d.order_id = o.id and d.step ->> 'id' = wanted ->> 'id' and d.state in ('open', 'fired'))`)
      const { count = '0', order_id: orderId = null, step_id: stepId = null } = first(rows) ?? {}
      return { count: Number(count), first: orderId === null ? null : { orderId, stepId: stepId ?? '' } }
    },
  }
}

function isOneOf(ids: readonly string[]): SQL {
  return isAnyId(deadlines.id, ids)
}

function isVersion(id: string, version: number): SQL | undefined {
  return and(eq(plans.id, id), eq(plans.version, version))
}

function toDeadline(row: typeof deadlines.$inferSelect): Deadline {
  const { id, orderId, step, dueAt, state, settledAt } = row
  return { id, orderId, step, dueAt, state, settledAt }
}
