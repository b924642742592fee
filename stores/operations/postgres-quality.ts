import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import { dayMs } from '../../core/clock.ts'
import { monthOf } from '../../core/kpi.ts'
import type { KpiDays, KpiHealth, KpiInspection, KpiOrder, KpiOverhaul, KpiVisit } from '../../core/kpi-records.ts'
import { localDate, shanghai } from '../../core/local-time.ts'
import type { Visit } from '../../core/visit.ts'
import { isAnyOf } from './any-of.ts'
import type { Database } from './database.ts'
import { insertMany } from './many-rows.ts'
import type {
  DaySpan,
  MaintenanceVisit,
  QualityDevice,
  QualityTables,
  RecordMoment,
  RecordSource,
  StaleMonths,
} from './port.ts'
import { figureTables, rowsIn, time } from './postgres-quality-figures.ts'
import { bitOf, totalsOf, yearOf } from './postgres-quality-totals.ts'
import * as tables from './schema.ts'
import { ancestorsOf } from './site-tree.ts'

const { deviceDays, estateIndexWeights, kpiMonths, kpiStale, orderCorrections } = tables

/** So that no statement holds up the thread, or the database, for long. */
const rowsAtOnce = 2_000
/** Older visits say nothing about what is due: more than twice the longest period. */
const visitsLookedAtMs = 800 * dayMs
const ordersLookBackMs = 31 * dayMs
const rollUpLock = 7_162_003
/** Fewer known days on either side of a visit say nothing. */
const leastHealthDays = 3

/** What the insurer's figures rest on, and their roll-up. */
export function qualityTables(database: Database): QualityTables {
  const all = rowsIn(database)

  return {
    async qualityRecords(deviceIds, { from, to }, asOf, sources) {
      const of = async <Row>(source: RecordSource, read: () => PromiseLike<Row[]>) =>
        sources.includes(source) ? read() : []
      const ids = sql`${sql.param([...deviceIds])}::text[]`
      const [since, until, known] = [time(from), time(to), time(asOf)]
      const above = ancestorsOf(sql`s.id in (select d.site_id from devices d where d.id = any(${ids}))`)
      const devices = await all<QualityDevice>(sql`
        with places as (${above} select above.start, above.id, above.type, above.level, s.use from above join sites s on s.id = above.id),
        nearest as (select distinct on (start) start, use from places where use is not null order by start, level),
        estates as (select distinct on (start) start, id from places where type = 'estate' order by start, level)
        select d.id, d.kind, ${ms(sql`d.created_at`)} as "createdAt", ${ms(sql`d.retired_at`)} as "retiredAt",
          d.facts ->> 'installedOn' as "installedOn", (d.facts ->> 'stops')::float8 as stops, nearest.use,
          estates.id as "estateId"
        from devices d left join nearest on nearest.start = d.site_id left join estates on estates.start = d.site_id where d.id = any(${ids})`)
      const parties = await database
        .select()
        .from(tables.deviceParties)
        .where(isAnyOf(tables.deviceParties.deviceId, deviceIds))
      const orders = await of('orders', () => all<KpiOrder>(ordersIn(ids, from - ordersLookBackMs, until, known)))
      const health = (days: SQL) => (sources.includes('health') ? meanHealth(days, known) : sql`null`)
      const visits = await of('visits', () =>
        all<KpiVisit>(sql`
          select v.id, v.device_id as "deviceId", ${ms(sql`v.started_at`)} as "startedAt", v.team_id as "teamId",
            v.verdict, ${decision(sql`v`, known)} as decision,
            ${health(sql`day >= (v.day - 7)::text and day < v.day::text`)} as "healthBefore",
            ${health(sql`day > v.day::text and day <= (v.day + 7)::text`)} as "healthAfter"
          from (select *, (started_at at time zone 'Asia/Shanghai')::date as day from visits) v
          where v.device_id = any(${ids}) and v.started_at >= ${since} and v.started_at < ${until} and v.claimed_at <= ${known}`),
      )
      const regimes = await of('due', () =>
        database.select().from(tables.regimes).where(isAnyOf(tables.regimes.deviceId, deviceIds)),
      )
      // one from the books of before was planned when it was imported
      const inspections = await of('inspections', () =>
        all<KpiInspection>(sql`
          select id, device_id as "deviceId", kind, score, passed, recheck_of as "recheckOf", ${ms(sql`ended_at`)} as "endedAt"
          from inspections where device_id = any(${ids}) and ended_at >= ${since} and ended_at < ${until}
            and greatest(ended_at, planned_at) <= ${known}`),
      )
      const overhauls = await of('overhauls', () =>
        all<KpiOverhaul>(sql`
          select id, device_id as "deviceId", ${ms(sql`proposed_at`)} as "proposedAt", ${ms(sql`done_at`)} as "doneAt"
          from overhauls where device_id = any(${ids}) and done_at >= ${since} and done_at < ${until} and done_at <= ${known}`),
      )
      return { devices, parties, orders, visits, regimes, inspections, overhauls }
    },
    maintenanceVisits: (deviceIds, from, asOf, halfMonthSince) =>
      all<MaintenanceVisit>(sql`
        select v.device_id as "deviceId", v.items, ${ms(sql`v.started_at`)} as "startedAt", v.verdict, ${decision(sql`v`, time(asOf))} as decision
        from visits v where ${isAnyOf(sql`v.device_id`, deviceIds)} and v.started_at >= ${time(from - visitsLookedAtMs)}
          and (v.started_at >= ${time(halfMonthSince)} or v.items <> '["half-month"]') and v.claimed_at <= ${time(asOf)}`),
    async devicesWithRecords(deviceIds, { from, to }, moments) {
      const within = (at: SQL) => sql`${at} >= ${time(from)} and ${at} < ${time(to)}`
      const days = [from, to - 1].map((at) => localDate(at, shanghai))
      const where: Readonly<Record<RecordMoment, SQL>> = {
        orders: sql`work_orders where ${within(sql`occurred_at`)}`,
        visits: sql`visits where ${within(sql`started_at`)}`,
        inspections: sql`inspections where ${within(sql`ended_at`)}`,
        overhauls: sql`overhauls where ${within(sql`done_at`)}`,
        'days-out-of-service': sql`device_days where day >= ${days[0]} and day <= ${days[1]} and out_of_service_minutes > 0`,
      }
      const each = moments.map(
        (moment) => sql`select device_id from ${where[moment]} and ${isAnyOf(sql`device_id`, deviceIds)}`,
      )
      const rows = await all<{ id: string }>(
        sql`select device_id as id from (${sql.join(each, sql` union `)}) each order by 1`,
      )
      return rows.map(({ id }) => id)
    },
    async sumDays(spans, asOf) {
      return all<KpiDays>(sql`with ${given(spans)}, newest as (
          select distinct on (d.device_id, d.day) g.at, d.* from given g join device_days d
            on d.device_id = g.device_id and d.day >= g.from_day and d.day < g.until_day and d.known_at <= ${time(asOf)}
          order by d.device_id, d.day, d.known_at desc)
        select device_id as "deviceId", at, sum(in_service_minutes)::int as "inServiceMinutes",
          sum(out_of_service_minutes)::int as "outOfServiceMinutes", sum(planned_minutes)::int as "plannedMinutes"
        from newest group by device_id, at`)
    },
    sumHealth: (spans, asOf) =>
      all<KpiHealth>(sql`with ${given(spans)}
        select g.device_id as "deviceId", g.at, count(*)::int as days, sum(h.score)::int as points
        from given g join device_health h on h.device_id = g.device_id and h.day >= g.from_day and h.day < g.until_day
          and h.score is not null and h.at <= ${time(asOf)}
        group by g.device_id, g.at`),

    async insertDeviceDays(days) {
      let inserted = 0
      for (let from = 0; from < days.length; from += rowsAtOnce) {
        const rows = days.slice(from, from + rowsAtOnce)
        const { rowCount } = await database.execute(sql`insert into device_days
          select g.* from jsonb_populate_recordset(null::device_days, ${JSON.stringify(rows.map(dayRow))}::jsonb) g
          where not exists (
            select from (select * from device_days d where d.device_id = g.device_id and d.day = g.day
              order by d.known_at desc limit 1) known
            where (known.in_service_minutes, known.out_of_service_minutes, known.planned_minutes)
              = (g.in_service_minutes, g.out_of_service_minutes, g.planned_minutes))
          on conflict do nothing`)
        inserted += rowCount ?? 0
      }
      return inserted
    },
    deviceDays: async (deviceIds, fromDay, untilDay, asOf) =>
      database
        .selectDistinctOn([deviceDays.deviceId, deviceDays.day])
        .from(deviceDays)
        .where(
          and(
            isAnyOf(deviceDays.deviceId, deviceIds),
            sql`${deviceDays.day} >= ${fromDay} and ${deviceDays.day} < ${untilDay} and ${deviceDays.knownAt} <= ${time(asOf)}`,
          ),
        )
        .orderBy(deviceDays.deviceId, deviceDays.day, sql`${deviceDays.knownAt} desc`),
    async newestDeviceDay() {
      const [row] = await all<{ day: string | null }>(sql`select max(day) as day from device_days`)
      return row?.day ?? undefined
    },
    async elevatorsIn({ from, to }, after, limit) {
      // who had it may be older than its registration here, and its telemetry with it
      const hadBefore = sql`exists (select from device_parties p where p.device_id = devices.id and p.valid_from < ${time(to)})`
      const rows = await all<{ id: string }>(sql`select id from devices where kind = 'elevator' and id > ${after}
        and (created_at < ${time(to)} or ${hadBefore}) and (retired_at is null or retired_at > ${time(from)})
        order by id limit ${limit}`)
      return rows.map(({ id }) => id)
    },

    async insertOrderCorrection(correction) {
      await database.insert(orderCorrections).values(correction)
    },
    orderCorrections: async (orderId) =>
      database
        .select()
        .from(orderCorrections)
        .where(eq(orderCorrections.orderId, orderId))
        .orderBy(orderCorrections.at),
    unrecordedCorrections: async (limit) =>
      database
        .select()
        .from(orderCorrections)
        .where(sql`not exists (select from work_order_events e where e.order_id = ${orderCorrections.orderId}
          and e.data ->> 'action' = 'correct' and (e.data ->> 'correctedAt')::timestamptz = ${orderCorrections.at})`)
        .orderBy(orderCorrections.at)
        .limit(limit),

    async lockRollUp(waits) {
      if (waits) {
        await database.execute(sql`select pg_advisory_xact_lock(${rollUpLock})`)
        return true
      }
      const [row] = await all<{ got: boolean }>(sql`select pg_try_advisory_xact_lock(${rollUpLock}) as got`)
      return row?.got === true
    },
    takeStaleMonths: (limit) =>
      all<StaleMonths>(sql`delete from kpi_stale where id in (select id from kpi_stale order by id limit ${limit})
        returning device_id as "deviceId", from_month as "fromMonth", to_month as "toMonth"`),
    async putStaleMonths(marks) {
      for (let from = 0; from < marks.length; from += rowsAtOnce) {
        await database.insert(kpiStale).values(marks.slice(from, from + rowsAtOnce))
      }
    },
    async countStaleMonths(limit) {
      const [row] = await all<{ stale: number }>(
        sql`select count(*)::int as stale from (select from ${kpiStale} limit ${limit}) s`,
      )
      return row?.stale ?? 0
    },
    async markPassed(since, now) {
      await database.execute(sql`insert into kpi_stale (device_id, from_month, to_month)
        select device_id, kpi_month(occurred_at), kpi_month(occurred_at) from work_orders
        where state not in ('closed', 'cancelled') and arrived_at is null
          and arrive_by >= ${time(since)} and arrive_by < ${time(now)} and device_id is not null`)
      const month = monthOf(now)
      if (monthOf(since) === month) return
      await database.execute(sql`insert into kpi_stale (device_id, from_month, to_month)
        select d.id, ${month}, ${month} from devices d where d.retired_at is null
          and (d.kind = 'elevator' or exists (select from regimes r where r.device_id = d.id)) and not exists (select from kpi_holders h
            where h.device_id = d.id and h.year = ${yearOf(month)} and h.months & ${bitOf(month)}::int <> 0)
          and not exists (select from kpi_stale s where s.device_id = d.id and s.from_month <= ${month}
            and (s.to_month is null or s.to_month >= ${month}))`)
    },
    async firstMonthsOf(deviceIds) {
      const ids = sql`${sql.param([...deviceIds])}::text[]`
      const rows = await all<{ id: string; at: number; month: string | null }>(sql`
        select d.id, ${ms(sql`least(d.created_at, ${sql.join(firstTimes, sql`, `)})`)} as at,
          (select min(k.month) from kpi_months k where k.device_id = d.id) as month
        from devices d where d.id = any(${ids})`)
      return new Map(rows.map(({ id, at, month }) => [id, earlier(monthOf(at), month)]))
    },
    async replaceKpiMonths(month, deviceIds, rows) {
      const totals = totalsOf(database, month, deviceIds)
      await totals.takeAway()
      await database.delete(kpiMonths).where(and(eq(kpiMonths.month, month), isAnyOf(kpiMonths.deviceId, deviceIds)))
      for (let from = 0; from < rows.length; from += rowsAtOnce) {
        await database.execute(insertMany(kpiMonths, rows.slice(from, from + rowsAtOnce)))
      }
      await totals.add()
    },

    ...figureTables(database),
    async indexWeights() {
      return database.select().from(estateIndexWeights).orderBy(desc(estateIndexWeights.version))
    },
    async insertIndexWeights(weights) {
      const rows = await database.insert(estateIndexWeights).values(weights).onConflictDoNothing().returning()
      return rows.length > 0
    },
  }
}

const ms = (column: SQL) => sql`(extract(epoch from ${column}) * 1000)::float8`

/**
 * Orders that occurred before `until` and were at work from `from` on, with all that they follow and that follow them: as they were known,
 * for what was done later was not done yet. The newest correction holds.
 */
function ordersIn(ids: SQL, from: number, until: SQL, known: SQL): SQL {
  const sofar = (column: string) => {
    const at = sql.raw(`o.${column}`)
    return sql`case when ${at} <= ${known} then ${ms(at)} end`
  }
  return sql`
    with recursive chain as (
      select o.id, o.follows_id from work_orders o
      where o.device_id = any(${ids}) and o.occurred_at < ${until} and o.raised_at <= ${known}
        and greatest(o.occurred_at, o.detected_at, o.restored_at, o.closed_at) >= ${time(from)}
      union select o.id, o.follows_id from chain join work_orders o on o.id = chain.follows_id or o.follows_id = chain.id
      where o.device_id is not null and o.raised_at <= ${known}
    )
    select o.id, o.device_id as "deviceId", o.finding, i.source, ${ms(sql`o.occurred_at`)} as "occurredAt",
      ${ms(sql`o.detected_at`)} as "detectedAt", ${sofar('upgraded_at')} as "upgradedAt", ${sofar('accepted_at')} as "acceptedAt",
      ${sofar('arrived_at')} as "arrivedAt", ${sofar('restored_at')} as "restoredAt", ${sofar('closed_at')} as "closedAt",
      ${sofar('cancelled_at')} as "cancelledAt", o.follows_id as "followsId",
      case when o.upgraded_at > ${known} then 'planned' else o.type end as type,
      case when o.upgraded_at > ${known} then null else ${ms(sql`o.arrive_by`)} end as "arriveBy",
      case when o.closed_at <= ${known} then 'closed' when o.cancelled_at <= ${known} then 'cancelled'
        when o.state in ('closed', 'cancelled') then 'raised' else o.state end as state,
      case when o.cancelled_at <= ${known} then o.merged_into_id end as "mergedIntoId",
      case when coalesce(o.closed_at, o.cancelled_at) <= ${known}
        then case when c.order_id is null then o.cause_class else c.cause_class end end as "causeClass",
      case when coalesce(o.closed_at, o.cancelled_at) <= ${known} then coalesce(c.outcome, o.outcome) end as outcome
    from work_orders o join incidents i on i.id = o.incident_id left join lateral (select * from order_corrections c where c.order_id = o.id and c.at <= ${known}
      order by c.at desc limit 1) c on true
    where o.id in (select id from chain)`
}

/** About an objection to the verdict, once it was decided. */
function decision(visit: SQL, known: SQL): SQL<NonNullable<Visit['decision']> | null> {
  return sql`case when not exists (select from objections ob where ob.visit_id = ${visit}.id and ob.decided_at > ${known})
    then ${visit}.decision end`
}

function meanHealth(days: SQL, known: SQL): SQL {
  return sql`(select case when count(*) >= ${leastHealthDays} then avg(score)::float8 end from device_health
    where device_id = v.device_id and ${days} and score is not null and at <= ${known})`
}

/** `given (device_id, from_day, until_day, at)` */
function given(spans: readonly DaySpan[]): SQL {
  const list = (field: keyof DaySpan, type: string) =>
    sql`${sql.param(spans.map((span) => span[field]))}::${sql.raw(type)}[]`
  return sql`given as (select * from unnest(${list('deviceId', 'text')}, ${list('fromDay', 'text')}, ${list('untilDay', 'text')},
    ${list('at', 'float8')}) as g (device_id, from_day, until_day, at))`
}

function dayRow(day: Parameters<QualityTables['insertDeviceDays']>[0][number]) {
  return {
    ...{ device_id: day.deviceId, day: day.day, known_at: new Date(day.knownAt).toISOString() },
    ...{ in_service_minutes: day.inServiceMinutes, out_of_service_minutes: day.outOfServiceMinutes },
    planned_minutes: day.plannedMinutes,
  }
}

/** What may be older than the registration of a device: an insurer begins with years of paper. */
const firstTimes = [
  ...[sql`(select min(p.valid_from) from device_parties p where p.device_id = d.id)`],
  ...[sql`(select min(r.valid_from) from regimes r where r.device_id = d.id)`],
  ...[sql`(select min(o.occurred_at) from work_orders o where o.device_id = d.id)`],
  ...[sql`(select min(v.started_at) from visits v where v.device_id = d.id)`],
  ...[sql`(select min(i.ended_at) from inspections i where i.device_id = d.id)`],
  ...[sql`(select min(h.done_at) from overhauls h where h.device_id = d.id)`],
]

const earlier = (one: string, other: string | null) => (other !== null && other < one ? other : one)
