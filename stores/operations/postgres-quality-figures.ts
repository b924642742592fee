import { and, eq, type SQL, sql } from 'drizzle-orm'
import { type Countable, type Duration, durations, type Measure, measures } from '../../core/kpi.ts'
import type { Sight } from '../../core/sight.ts'
import type { Database } from './database.ts'
import type { KpiGrouping, KpiQuery, QualityTables } from './port.ts'
import * as tables from './schema.ts'
import { ancestorsOf, descendantsOf, isAnyOf } from './site-tree.ts'

const { kpiMonths } = tables

type FigureTables = Pick<
  QualityTables,
  | 'kpiSums'
  | 'kpiExposure'
  | 'kpiDurations'
  | 'kpiRules'
  | 'kpiDevices'
  | 'kpiDeviceRows'
  | 'kpiMonthsWith'
  | 'kpiDevicesWith'
  | 'estateHazards'
  | 'roomTroubles'
>

/** What was rolled up, added up for whoever asks, and what is wrong at places. */
export function figureTables(database: Database): FigureTables {
  const all = rowsIn(database)
  /** With memory for the sums of many groups at once: else PostgreSQL writes them to files. */
  const roomily = <Row extends object>(query: SQL): Promise<Row[]> =>
    database.transaction(async (inner) => {
      await inner.execute(sql`set local work_mem = '48MB'`)
      return rowsIn(inner)<Row>(query)
    })

  return {
    async kpiSums(query, months, by, byStratum) {
      const sums = measures.map((measure) => sql`sum(${kpiMonths[measure]})::float8`)
      const { from, group } = grouped(query, months, by)
      const stratum = byStratum ? sql`kpi_months.stratum` : sql`''`
      const rows = await roomily<{ group: string | null; stratum: string; sums: number[] }>(sql`${from.with}
        select ${group} as "group", ${stratum} as stratum, array[${sql.join(sums, sql`, `)}] as sums
        from ${from.tables} where ${from.where} group by 1, 2`)
      return rows.map(({ sums, ...row }) => ({
        ...row,
        sums: Object.fromEntries(measures.map((measure, index) => [measure, sums[index] ?? 0])) as Record<
          Measure,
          number
        >,
      }))
    },
    async kpiExposure(query, months, by, byStratum) {
      const { from, group } = grouped(query, months, by)
      const stratum = byStratum ? sql`kpi_months.stratum` : sql`''`
      return roomily(sql`${from.with} select ${group} as "group", ${stratum} as stratum, kpi_months.month,
          sum(${kpiMonths.exposureMinutes})::float8 as minutes
        from ${from.tables} where ${from.where} and ${kpiMonths.exposureMinutes} > 0 group by 1, 2, 3`)
    },
    async kpiDurations(query, months, by) {
      const { from, group } = grouped(query, months, by)
      const lists = durations.map((duration) => sql`(${duration}, ${kpiMonths[duration]})`)
      const isThere = durations.map((duration) => sql`${kpiMonths[duration]} is not null`)
      return roomily(sql`${from.with} select ${group} as "group", list.duration, s as seconds, count(*)::int as times
        from ${from.tables} cross join lateral (values ${sql.join(lists, sql`, `)}) list (duration, seconds)
          cross join unnest(list.seconds) s where ${from.where} and (${sql.join(isThere, sql` or `)}) group by 1, 2, 3`)
    },
    async kpiRules(query, months, by) {
      const { from, group } = grouped(query, months, by)
      return roomily(sql`${from.with} select ${group} as "group", r.key as rule, sum((r.value ->> 'ended')::int)::int as ended,
          sum((r.value ->> 'falseAlarms')::int)::int as "falseAlarms"
        from ${from.tables} cross join jsonb_each(${kpiMonths.rules}) r where ${from.where} and ${kpiMonths.rules} is not null group by 1, 2`)
    },
    async kpiDevices(query, months, by) {
      const { from, group } = grouped(query, months, by)
      const rows = await roomily<{
        group: string | null
        total: number
        elevators: number
        others: number
      }>(sql`${from.with}
        select "group", grouping("group") as total, count(distinct id) filter (where kind = 'elevator')::int as elevators,
          count(distinct id) filter (where kind <> 'elevator')::int as others
        from (select distinct ${group} as "group", kpi_months.device_id from ${from.tables} where ${from.where}) each
          join devices on devices.id = each.device_id group by grouping sets (("group"), ())`)
      const [groups, [total]] = [rows.filter((row) => row.total === 0), rows.filter((row) => row.total === 1)]
      return { groups, elevators: total?.elevators ?? 0, others: total?.others ?? 0 }
    },
    async kpiDeviceRows(query, months, limit) {
      const { from, group } = grouped(query, months, 'estate')
      return all(sql`${from.with} select distinct kpi_months.device_id as "deviceId", ${group} as "estateId", ${isPlaced(query)} as "isPlaced"
        from ${from.tables} where ${from.where} order by 1 limit ${limit}`)
    },
    async kpiMonthsWith(query, months, what) {
      const { from } = grouped(query, months, 'none')
      return all(sql`${from.with} select kpi_months.month, count(distinct kpi_months.device_id)::int as devices
        from ${from.tables} where ${from.where} and ${isSomething(what)} group by 1 order by 1 desc`)
    },
    async kpiDevicesWith(query, month, what) {
      const { from } = grouped(query, [month], 'none')
      return all(sql`${from.with} select distinct kpi_months.device_id as "deviceId", ${isPlaced(query)} as "isPlaced"
        from ${from.tables} where ${from.where} and ${isSomething(what)} order by 1`)
    },

    async estateHazards(query, { from, to }, openBefore) {
      const { withs, where } = seenDevices(query, to)
      const isOpen = sql`coalesce(o.closed_at, o.cancelled_at, 'infinity') >= ${time(to)}`
      return all(sql`with ${withs}, estates as (${ancestorsOf(sql`true`)} select distinct on (start) start, id from above
          where type = 'estate' order by start, level)
        select estates.id as "siteId", count(*)::int as devices,
          count(*) filter (where exists (select from work_orders o where o.device_id = d.id and ${isOpen}
            and o.detected_at < ${time(openBefore)}))::int as neglected,
          count(*) filter (where d.kind = 'electricity-meter')::int as meters,
          count(*) filter (where d.kind = 'electricity-meter' and exists (select from work_orders o where o.device_id = d.id
            and o.arrive_by is not null and ${isTrouble} and ${within(from, to)}))::int as "troubledMeters"
        from devices d join estates on estates.start = d.site_id
        where ${where} and d.created_at < ${time(to)} and (d.retired_at is null or d.retired_at > ${time(from)}) group by 1`)
    },
    async roomTroubles(query, { from, to }) {
      const { withs, where } = seenDevices(query, to)
      const days = sql`f.at >= ${time(from)} and f.at < ${time(to)}`
      return all(sql`with ${withs}, troubles as (
          select o.device_id, o.finding, count(*)::int as orders,
            count(*) filter (where coalesce(o.closed_at, o.cancelled_at) is null)::int as open,
            count(*) filter (where o.arrived_at is not null)::int as attended,
            count(*) filter (where o.outcome in ('self-corrected', 'serviced', 'repaired', 'enforcement'))::int as ended,
            count(*) filter (where o.outcome = 'self-corrected')::int as self_corrected
          from work_orders o where ${isTrouble} and ${within(from, to)} 
            and o.device_id in (select id from devices where kind = 'electricity-meter') group by 1, 2
        ), leakage as (
          select distinct on (f.device_id) f.device_id, first_value(f.level) over days as first_level, f.level, f.level_limit, f.days, f.day
          from device_forecasts f where f.finding = 'electricity-meter/residual-current' and ${days}
          window days as (partition by f.device_id order by f.day) order by f.device_id, f.day desc
        )
        select d.id as "deviceId", d.name, d.site_id as "siteId",
          coalesce((select jsonb_object_agg(t.finding, t.orders) from troubles t where t.device_id = d.id), '{}') as findings,
          coalesce(t.open, 0)::int as open, coalesce(t.attended, 0)::int as attended, coalesce(t.ended, 0)::int as ended,
          coalesce(t.self_corrected, 0)::int as "selfCorrected",
          case when l.device_id is not null then jsonb_build_object('firstLevel', l.first_level, 'level', l.level,
            'limit', l.level_limit, 'days', l.days) end as leakage
        from devices d left join leakage l on l.device_id = d.id
          left join (select device_id, sum(open) as open, sum(attended) as attended, sum(ended) as ended,
            sum(self_corrected) as self_corrected from troubles group by 1) t on t.device_id = d.id
        where ${where} and d.kind = 'electricity-meter' and (t.device_id is not null or l.device_id is not null)`)
    },
  }
}

/** As the driver gives them. */
export const rowsIn =
  (database: Database) =>
  async <Row extends object>(query: SQL): Promise<Row[]> =>
    (await database.execute<{ [Field in keyof Row]: Row[Field] }>(query)).rows as Row[]

export const time = (at: number) => sql`${new Date(at).toISOString()}::timestamptz`

function isSomething(what: readonly Countable[]): SQL {
  const each = what.map((one) => (isDuration(one) ? sql`${kpiMonths[one]} is not null` : sql`${kpiMonths[one]} <> 0`))
  return sql`(${sql.join(each, sql` or `)})`
}

const isDuration = (what: string): what is Duration => (durations as readonly string[]).includes(what)

/** The counts that are asked for and seen, and by what they are told apart. */
function grouped(query: KpiQuery, months: readonly string[], by: KpiGrouping) {
  const { sight, maintainerId, insurerId, siteId, deviceId } = query
  const withs: SQL[] = []
  if (siteId !== undefined) withs.push(sql`asked as (${descendantsOf([siteId])} select distinct id from below)`)
  if (sight !== 'everything') withs.push(sql`seen as (${descendantsOf(sight.sites)} select distinct id from below)`)
  if (by === 'estate') {
    withs.push(sql`estates as (${ancestorsOf(sql`true`)} select distinct on (start) start, id from above
      where type = 'estate' order by start, level)`)
  }
  const conditions = [
    isAnyOf(kpiMonths.month, months),
    maintainerId === undefined ? undefined : eq(kpiMonths.maintainerId, maintainerId),
    insurerId === undefined ? undefined : eq(kpiMonths.insurerId, insurerId),
    deviceId === undefined ? undefined : eq(kpiMonths.deviceId, deviceId),
    siteId === undefined ? undefined : sql`d.site_id in (select id from asked)`,
    sight === 'everything'
      ? undefined
      : sql`(${placed(sight)} or ${isAnyOf(kpiMonths.maintainerId, sight.maintainers)}
          or ${isAnyOf(kpiMonths.insurerId, sight.insurers)})`,
  ]
  const needsPlace = by === 'estate' || siteId !== undefined || (sight !== 'everything' && sight.sites.length > 0)
  const places = needsPlace ? sql` join devices d on d.id = kpi_months.device_id` : sql``
  const estates = by === 'estate' ? sql` left join estates on estates.start = d.site_id` : sql``
  const groups: Readonly<Record<KpiGrouping, SQL>> = {
    none: sql`null::text`,
    maintainer: sql`kpi_months.maintainer_id`,
    insurer: sql`kpi_months.insurer_id`,
    estate: sql`estates.id`,
    elevator: sql`kpi_months.device_id`,
  }
  return {
    group: groups[by],
    from: {
      with: withs.length === 0 ? sql`` : sql`with ${sql.join(withs, sql`, `)}`,
      tables: sql`kpi_months${places}${estates}`,
      where: and(...conditions) ?? sql`true`,
    },
  }
}

/** An order that was about something, and is not somebody else's as well. */
const isTrouble = sql`o.outcome is distinct from 'false-alarm' and o.outcome is distinct from 'drill' and o.merged_into_id is null`

const within = (from: number, to: number) => sql`o.occurred_at >= ${time(from)} and o.occurred_at < ${time(to)}`

/** Devices `d` that are asked for and seen: at a place of the sight, or in the hands of its companies just before `to`. */
function seenDevices({ sight, maintainerId, insurerId, siteId, deviceId }: KpiQuery, to: number) {
  const roots = sight === 'everything' ? [] : sight.sites
  const holds = (role: 'maintainer' | 'insurer', teamIds: readonly string[]) => sql`exists (select from device_parties p
    where p.device_id = d.id and p.role = ${role} and ${isAnyOf(sql`p.team_id`, teamIds)} and p.valid_from < ${time(to)}
      and (p.valid_until is null or p.valid_until >= ${time(to)}))`
  const conditions = [
    sight === 'everything'
      ? undefined
      : sql`(${placed(sight)} or ${holds('maintainer', sight.maintainers)} or ${holds('insurer', sight.insurers)})`,
    maintainerId === undefined ? undefined : holds('maintainer', [maintainerId]),
    insurerId === undefined ? undefined : holds('insurer', [insurerId]),
    siteId === undefined ? undefined : sql`d.site_id in (select id from asked)`,
    deviceId === undefined ? undefined : sql`d.id = ${deviceId}`,
  ]
  return {
    withs: sql`asked as (${descendantsOf(siteId === undefined ? [] : [siteId])} select distinct id from below),
      seen as (${descendantsOf(roots)} select distinct id from below)`,
    where: and(...conditions) ?? sql`true`,
  }
}

function isPlaced({ sight }: KpiQuery): SQL {
  return sight === 'everything' ? sql`true` : placed(sight)
}

function placed({ sites }: Exclude<Sight, 'everything'>): SQL {
  return sites.length === 0 ? sql`false` : sql`coalesce(d.site_id in (select id from seen), false)`
}
