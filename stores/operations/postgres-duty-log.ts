import { and, desc, eq, gte, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { ExpectedError } from '../../core/errors.ts'
import type { Database } from './database.ts'
import { first, pageOf, seqOf, withoutSeq } from './pages.ts'
import type { DutyLogTables, Period } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'

const { accounts, dutyLog, members, workOrderEvents, workOrders } = tables

/** What shifts write down. */
export function dutyLogTables(database: Database): DutyLogTables {
  return {
    async insertDutyEntry(entry) {
      await database.insert(dutyLog).values(entry)
    },
    async lockDutyEntry(id) {
      const row = first(await database.select().from(dutyLog).where(eq(dutyLog.id, id)).for('update'))
      if (row === undefined) return undefined
      const { seq: _, ...entry } = row
      return entry
    },
    async takeOver(id, takenOver) {
      await database.update(dutyLog).set(takenOver).where(eq(dutyLog.id, id))
    },
    async dutyEntries(page) {
      const isWaiting = and(eq(dutyLog.type, 'handover'), isNull(dutyLog.takenOverAt))
      const rows = await database
        .select()
        .from(dutyLog)
        .where(
          and(
            page.waiting ? isWaiting : undefined,
            page.from === undefined ? undefined : gte(dutyLog.at, page.from),
            page.to === undefined ? undefined : lt(dutyLog.at, page.to),
            page.after === undefined ? undefined : lt(dutyLog.seq, seqOf(page.after)),
            (await inSight(database, page.sight))('dutyEntry'),
          ),
        )
        .orderBy(desc(dutyLog.seq))
        .limit(page.limit + 1)
      return withoutSeq(pageOf(rows, page, (row) => String(row.seq)))
    },
    async dutyLines(page) {
      const isSeen = await inSight(database, page.sight)
      const sources = [written(isSeen('dutyEntry')), takenOver(isSeen('dutyEntry')), done(isSeen('order'))]
      const { rows } = await database.execute<LineRow>(sql`
        select * from (${sql.join(sources, sql` union all `)}) as line
        where ${isIn(page)} ${page.after === undefined ? sql`` : sql`and ${isAfter(page.after)}`}
        order by at, source, number limit ${page.limit + 1}`)
      const { items, nextCursor } = pageOf(rows, page, ({ at, source, number }) => `${timeOf(at)}_${source}_${number}`)
      return { nextCursor, items: items.map(({ source: _, number: __, at, ...line }) => ({ ...line, at: timeOf(at) })) }
    },
  }
}

const timeOf = (at: string) => new Date(at).getTime()

type LineRow = Record<string, unknown> & {
  readonly source: number
  readonly number: string
  readonly at: string
} & Omit<Awaited<ReturnType<DutyLogTables['dutyLines']>>['items'][number], 'at'>

function written(isSeen: SQL | undefined): SQL {
  return sql`select 1 as source, seq as number, at, type, name as who, site_id as "siteId", null as "deviceId",
      null::uuid as "orderId", null as finding, text, '{}'::jsonb as data
    from ${dutyLog} where ${isSeen ?? sql`true`}`
}

function takenOver(isSeen: SQL | undefined): SQL {
  return sql`select 2, seq, taken_over_at, 'taken-over', taken_over_name, site_id, null, null::uuid, null, text, '{}'::jsonb
    from ${dutyLog} where taken_over_at is not null and ${isSeen ?? sql`true`}`
}

/** Whoever did it, by name where there is one: a crew's member, else the account. */
function done(isSeen: SQL | undefined): SQL {
  const technicianId = sql`${workOrderEvents.data} ->> 'technicianId'`
  return sql`select 3, ${workOrderEvents.id}, ${workOrderEvents.at}, ${workOrderEvents.type},
      coalesce(${members.name}, ${technicianId}, ${accounts.name}, ${workOrderEvents.actor}),
      ${workOrders.siteId}, ${workOrders.deviceId}, ${workOrders.id}, ${workOrders.finding}, ${workOrders.summary},
      ${workOrderEvents.data}
    from ${workOrderEvents} join ${workOrders} on ${workOrders.id} = ${workOrderEvents.orderId}
      left join ${members} on ${members.id} = ${technicianId}
      left join ${accounts} on ${accounts.id} = ${workOrderEvents.actor}
    where ${isSeen ?? sql`true`}`
}

function isIn({ from, to }: Required<Period>): SQL {
  return sql`at >= ${sql.param(from, dutyLog.at)} and at < ${sql.param(to, dutyLog.at)}`
}

/** @throws {ExpectedError} `invalid` */
function isAfter(cursor: string): SQL {
  const [, at, source, number] = /^(\d{1,15})_(\d)_(\d{1,15})$/.exec(cursor) ?? []
  if (at === undefined) throw new ExpectedError('invalid', 'cursor is not one that this list answered')
  return sql`(at, source, number) > (${sql.param(Number(at), dutyLog.at)}, ${Number(source)}, ${Number(number)})`
}
