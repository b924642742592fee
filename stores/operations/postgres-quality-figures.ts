import { and, type SQL, sql } from 'drizzle-orm'
import { type Countable, type Duration, durations, type Measure, measures, spanOfMonth } from '../../core/kpi.ts'
import type { Sight } from '../../core/sight.ts'
import { isAnyOf } from './any-of.ts'
import type { Database } from './database.ts'
import type { KpiGrouping, KpiQuery, QualityTables } from './port.ts'
import { bitOf, yearOf } from './postgres-quality-totals.ts'
import { columnOf } from './schema.ts'
import { ancestorsOf, descendantsOf } from './site-tree.ts'

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
      const { from, group } = grouped(query, by, totalsFor(query, by))
      const stratum = byStratum ? sql`k.stratum` : sql`''`
      // as floating-point numbers, which are exact up to 2^53 and much faster to add than the numerics that sums of integers are
      const sums = measures.map((measure) => sql`sum(k.${column(measure)}::float8)`)
      const rows = await roomily<{ group: string | null; stratum: string; sums: number[] }>(sql`${from.with}
        select ${group} as "group", ${stratum} as stratum, array[${sql.join(sums, sql`, `)}] as sums
        from ${from.tables} where ${from.where} and ${isAnyOf(sql`k.month`, months)} group by 1, 2`)
      return rows.map(({ sums, ...row }) => ({
        ...row,
        sums: Object.fromEntries(measures.map((measure, index) => [measure, sums[index] ?? 0])) as Record<
          Measure,
          number
        >,
      }))
    },
    async kpiExposure(query, months, by, byStratum) {
      const { from, group } = grouped(query, by, totalsFor(query, by))
      const stratum = byStratum ? sql`k.stratum` : sql`''`
      return roomily(sql`${from.with}, each as (
          select ${group} as "group", ${stratum} as stratum, k.month, sum(k.exposure_minutes::float8) as minutes
          from ${from.tables} where ${from.where} and ${isAnyOf(sql`k.month`, months)} and k.exposure_minutes > 0 group by 1, 2, 3)
        select "group", stratum, jsonb_object_agg(month, minutes) as minutes from each group by 1, 2`)
    },
    async kpiDurations(query, months, by) {
      if (totalsFor(query, by)?.level === 'company') {
        const { from, group } = grouped(query, by, { table: 'kpi_occurrences' })
        return all(sql`${from.with} select ${group} as "group", k.what as duration, k.seconds, sum(k.times)::int as times
          from ${from.tables} where ${from.where} and ${isAnyOf(sql`k.month`, months)} and ${isAnyOf(sql`k.what`, durations)} group by 1, 2, 3`)
      }
      const { from, group } = grouped(query, by)
      const lists = durations.map((duration) => sql`(${duration}, k.${column(duration)})`)
      const isThere = durations.map((duration) => sql`k.${column(duration)} is not null`)
      return roomily(sql`${from.with} select ${group} as "group", list.duration, s as seconds, count(*)::int as times
        from ${from.tables} cross join lateral (values ${sql.join(lists, sql`, `)}) list (duration, seconds)
          cross join unnest(list.seconds) s
        where ${from.where} and ${isAnyOf(sql`k.month`, months)} and (${sql.join(isThere, sql` or `)}) group by 1, 2, 3`)
    },
    async kpiRules(query, months, by) {
      if (totalsFor(query, by)?.level === 'company') {
        const { from, group } = grouped(query, by, { table: 'kpi_occurrences' })
        return all(sql`${from.with} select ${group} as "group", k.rule, sum(k.times) filter (where k.what = 'ended')::int as ended,
            coalesce(sum(k.times) filter (where k.what = 'falseAlarms'), 0)::int as "falseAlarms"
          from ${from.tables} where ${from.where} and ${isAnyOf(sql`k.month`, months)} and k.rule <> '' group by 1, 2`)
      }
      const { from, group } = grouped(query, by)
      return all(sql`${from.with} select ${group} as "group", r.key as rule, sum((r.value ->> 'ended')::int)::int as ended,
          sum((r.value ->> 'falseAlarms')::int)::int as "falseAlarms"
        from ${from.tables} cross join jsonb_each(k.rules) r
        where ${from.where} and ${isAnyOf(sql`k.month`, months)} and k.rules is not null group by 1, 2`)
    },
    async kpiDevices(query, months, by, until) {
      const { from, group } = grouped(query, by, { table: 'kpi_holders' })
      const held = grouped(query, by, { table: 'others_held' })
      const rows = await roomily<{
        group: string | null
        total: number
        elevators: number
        others: number
      }>(sql`${from.with}, ${estatesOf(isOfOthers)}, others_held as (${othersHeld(months, until, by)}), each as (
          select ${group} as "group", k.device_id from ${from.tables} where ${from.where} and ${isHeldIn(months)}
          union select ${group}, k.device_id from ${held.from.tables} where ${held.from.where}
        ), known as (select each.*, devices.kind = 'elevator' as is_elevator from each join devices on devices.id = each.device_id)
        select "group", 0 as total, count(*) filter (where is_elevator)::int as elevators, count(*) filter (where not is_elevator)::int as others
        from known group by 1
        union all select null, 1, count(*) filter (where is_elevator)::int, count(*) filter (where not is_elevator)::int
        from (select distinct device_id, is_elevator from known) one`)
      const [groups, [total]] = [rows.filter((row) => row.total === 0), rows.filter((row) => row.total === 1)]
      return { groups, elevators: total?.elevators ?? 0, others: total?.others ?? 0 }
    },
    async kpiDeviceRows(query, months, limit) {
      const { from } = grouped(query, 'estate', { table: 'kpi_holders' })
      // one that moved is held at both estates until all of its years are counted again
      return all(sql`${from.with} select distinct on (k.device_id) k.device_id as "deviceId", k.estate_id as "estateId",
          ${isPlaced(query)} as "isPlaced"
        from ${from.tables} where ${from.where} and ${isHeldIn(months)} order by k.device_id, k.year desc, k.estate_id limit ${limit}`)
    },
    async kpiMonthsWith(query, months, what) {
      const { from } = grouped(query, 'none')
      return all(sql`${from.with} select k.month, count(distinct k.device_id)::int as devices
        from ${from.tables} where ${from.where} and ${isAnyOf(sql`k.month`, months)} and ${isSomething(what)} group by 1 order by 1 desc`)
    },
    async kpiDevicesWith(query, month, what) {
      const { from } = grouped(query, 'none')
      return all(sql`${from.with} select distinct k.device_id as "deviceId", ${isPlaced(query)} as "isPlaced"
        from ${from.tables} where ${from.where} and k.month = ${month} and ${isSomething(what)} order by 1`)
    },

    async estateHazards(query, { from, to }, openBefore, asOf) {
      const { withs, where } = seenDevices(query, to)
      // who had it may be older than its registration here
      const hadBefore = sql`exists (select from device_parties p where p.device_id = d.id and p.valid_from < ${time(to)})`
      const isInService = sql`(d.retired_at is null or d.retired_at >= ${time(to)})`
      const isOpen = sql`coalesce(o.closed_at, o.cancelled_at, 'infinity') >= ${time(to)}`
      return all(sql`with ${withs}, ${estatesOf(sql`true`)}
        select estates.id as "siteId", count(*)::int as devices,
          count(*) filter (where ${isInService} and exists (select from ${ordersKnown(asOf)} o where o.device_id = d.id and ${isOpen}
            and o.detected_at < ${time(openBefore)}))::int as neglected,
          count(*) filter (where d.kind = 'electricity-meter')::int as meters,
          count(*) filter (where d.kind = 'electricity-meter' and exists (select from ${ordersKnown(asOf)} o where o.device_id = d.id
            and o.arrive_by is not null and ${isTrouble} and ${within(from, to)}
            and ${isBeforeEnd(sql`d.retired_at`, sql`o.occurred_at`)}))::int as "troubledMeters"
        from devices d join estates on estates.start = d.site_id
        where ${where} and (d.created_at < ${time(to)} or ${hadBefore}) and (d.retired_at is null or d.retired_at > ${time(from)}) group by 1`)
    },
    async roomTroubles(query, { from, to }, asOf, leftOut) {
      const { withs, where } = seenDevices(query, to)
      const days = sql`f.at >= ${time(from)} and f.at < ${time(to)} and f.at <= ${time(asOf)}`
      return all(sql`with ${withs}, troubles as (
          select o.device_id, o.finding, count(*)::int as orders,
            count(*) filter (where coalesce(o.closed_at, o.cancelled_at, m.retired_at, 'infinity') > ${time(asOf)})::int as open,
            count(*) filter (where o.arrived_at is not null)::int as attended,
            count(*) filter (where o.outcome in ('self-corrected', 'serviced', 'repaired', 'enforcement'))::int as ended,
            count(*) filter (where o.outcome = 'self-corrected')::int as self_corrected
          from ${ordersKnown(asOf)} o join devices m on m.id = o.device_id and m.kind = 'electricity-meter'
          where ${isTrouble} and not ${isAnyOf(sql`o.finding`, leftOut)} and ${within(from, to)}
            and ${isBeforeEnd(sql`m.retired_at`, sql`o.occurred_at`)} group by 1, 2
        ), leakage as (
          select distinct on (f.device_id) f.device_id, first_value(f.level) over days as first_level, f.level, f.level_limit, f.days, f.day
          from device_forecasts f join devices m on m.id = f.device_id and ${isBeforeEnd(sql`m.retired_at`, sql`f.at`)}
          where f.finding = 'electricity-meter/residual-current' and ${days}
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
  const each = what.map((one) => (isDuration(one) ? sql`k.${column(one)} is not null` : sql`k.${column(one)} <> 0`))
  return sql`(${sql.join(each, sql` or `)})`
}

const isDuration = (what: string): what is Duration => (durations as readonly string[]).includes(what)

const column = (measure: string) => sql.identifier(columnOf(measure))

/** Where counts are read: of each device, or sums. */
type Source = { readonly table: DeviceTable; readonly level?: undefined } | Totals
type DeviceTable = 'kpi_months' | 'kpi_occurrences' | 'kpi_holders' | 'others_held'
type Totals = { readonly table: 'kpi_totals'; readonly level: 'company' | 'estate' }

/** Sums, if no single place or device is asked for or seen: else undefined. */
function totalsFor({ sight, maintainerId, siteId, deviceId }: KpiQuery, by: KpiGrouping): Totals | undefined {
  const isAnywhere = siteId === undefined && (sight === 'everything' || sight.sites.length === 0)
  if (!isAnywhere || deviceId !== undefined || by === 'elevator') return undefined
  if (by !== 'estate') return { table: 'kpi_totals', level: 'company' }
  const isAnybody = maintainerId === undefined && (sight === 'everything' || sight.maintainers.length === 0)
  return isAnybody ? { table: 'kpi_totals', level: 'estate' } : undefined
}

/** The counts that are asked for and seen, as `k`, and by what they are told apart. */
function grouped(query: KpiQuery, by: KpiGrouping, source: Source = { table: 'kpi_months' }) {
  const { sight, maintainerId, insurerId, siteId, deviceId } = query
  const isAnyMaintainer = (ids: readonly string[]) => isAnyOf(sql`k.maintainer_id`, ids)
  const conditions = [
    source.level === undefined ? undefined : sql`k.level = ${source.level}`,
    maintainerId === undefined ? undefined : isAnyMaintainer([maintainerId]),
    insurerId === undefined ? undefined : sql`k.insurer_id = ${insurerId}`,
    deviceId === undefined ? undefined : sql`k.device_id = ${deviceId}`,
    siteId === undefined ? undefined : sql`d.site_id in (select id from asked)`,
    sight === 'everything'
      ? undefined
      : sql`(${placed(sight)} or ${isAnyMaintainer(sight.maintainers)} or ${isAnyOf(sql`k.insurer_id`, sight.insurers)})`,
  ]
  const needsPlace = siteId !== undefined || (sight !== 'everything' && sight.sites.length > 0)
  const places = needsPlace ? sql` join devices d on d.id = k.device_id` : sql``
  const groups: Readonly<Record<KpiGrouping, SQL>> = {
    none: sql`null::text`,
    maintainer: sql`k.maintainer_id`,
    insurer: sql`k.insurer_id`,
    estate: sql`k.estate_id`,
    elevator: sql`k.device_id`,
  }
  return {
    group: groups[by],
    from: {
      with: sql`with ${placesOf(query)}`,
      tables: sql`${sql.identifier(source.table)} k${places}`,
      where: and(...conditions) ?? sql`true`,
    },
  }
}

/** Whether something is counted for it in one of these months. */
function isHeldIn(months: readonly string[]): SQL {
  const bits = new Map<number, number>()
  for (const month of months) bits.set(yearOf(month), (bits.get(yearOf(month)) ?? 0) | bitOf(month))
  const years = [...bits].map(([year, bit]) => sql`(k.year = ${year}::int and k.months & ${bit}::int <> 0)`)
  return years.length === 0 ? sql`false` : sql`(${sql.join(years, sql` or `)})`
}

/** `estates (start, id)`: the estate that each of these places `s` is in. */
const estatesOf = (where: SQL) => sql`estates as (${ancestorsOf(where)} select distinct on (start) start, id from above
  where type = 'estate' order by start, level)`
const isOfOthers = sql`s.id in (select o.site_id from devices o where o.kind <> 'elevator')`

/**
 * What is no elevator, and who had it when: it is under watch whether or not anything was counted for it. One row for each time from which
 * somebody else had it.
 */
function othersHeld(months: readonly string[], until: number, by: KpiGrouping): SQL {
  const [first = '', last = ''] = [months[0], months.at(-1)]
  const [from, to] = [time(spanOfMonth(first).from), time(Math.min(spanOfMonth(last).to, until))]
  const holder = (role: 'maintainer' | 'insurer') =>
    sql`(select p.team_id from device_parties p where p.device_id = d.id and p.role = ${role}
      and p.valid_from <= t.at and (p.valid_until is null or p.valid_until > t.at))`
  const [estate, join] =
    by === 'estate' ? [sql`estates.id`, sql`left join estates on estates.start = d.site_id`] : [sql`null::text`, sql``]
  return sql`select d.id as device_id, ${holder('maintainer')} as maintainer_id, ${holder('insurer')} as insurer_id, ${estate} as estate_id
    from devices d ${join} cross join lateral (
      select greatest(least(d.created_at, min(p.valid_from)), ${from}) as at from device_parties p where p.device_id = d.id
      union select unnest(array[p.valid_from, p.valid_until]) from device_parties p where p.device_id = d.id
    ) t
    where d.kind <> 'elevator' and t.at >= ${from} and t.at < ${to} and (d.retired_at is null or t.at < d.retired_at)`
}

/** `asked` and `seen`: the places that are asked for, and those in sight, with all that is in them. */
function placesOf({ sight, siteId }: KpiQuery): SQL {
  const roots = sight === 'everything' ? [] : sight.sites
  return sql`asked as (${descendantsOf(siteId === undefined ? [] : [siteId])} select distinct id from below),
    seen as (${descendantsOf(roots)} select distinct id from below)`
}

/** Orders as they were known then, with their cause and outcome as they were put right by then. */
function ordersKnown(asOf: number): SQL {
  const known = time(asOf)
  const soFar = (...columns: string[]) =>
    sql.join(
      columns.map(
        (name) =>
          sql`case when w.${sql.identifier(name)} <= ${known} then w.${sql.identifier(name)} end as ${sql.identifier(name)}`,
      ),
      sql`, `,
    )
  return sql`(select w.id, w.device_id, w.finding, w.occurred_at, w.detected_at, w.arrive_by, ${soFar('arrived_at', 'closed_at', 'cancelled_at')},
      case when w.cancelled_at <= ${known} then w.merged_into_id end as merged_into_id,
      case when coalesce(w.closed_at, w.cancelled_at) <= ${known} then coalesce(c.outcome, w.outcome) end as outcome
    from work_orders w left join lateral (select c.outcome from order_corrections c
      where c.order_id = w.id and c.at <= ${known} order by c.at desc limit 1) c on true
    where w.raised_at <= ${known})`
}

/** An order that was about something, and is not somebody else's as well. */
const isTrouble = sql`o.outcome is distinct from 'false-alarm' and o.outcome is distinct from 'drill' and o.merged_into_id is null`

/** What comes after a device was retired is not counted. */
const isBeforeEnd = (retiredAt: SQL, at: SQL) => sql`(${retiredAt} is null or ${at} < ${retiredAt})`

const within = (from: number, to: number) => sql`o.occurred_at >= ${time(from)} and o.occurred_at < ${time(to)}`

/** Devices `d` that are asked for and seen: at a place of the sight, or in the hands of its companies just before `to`. */
function seenDevices(query: KpiQuery, to: number) {
  const { sight, maintainerId, insurerId, siteId, deviceId } = query
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
    withs: placesOf(query),
    where: and(...conditions) ?? sql`true`,
  }
}

function isPlaced({ sight }: KpiQuery): SQL {
  return sight === 'everything' ? sql`true` : placed(sight)
}

function placed({ sites }: Exclude<Sight, 'everything'>): SQL {
  return sites.length === 0 ? sql`false` : sql`coalesce(d.site_id in (select id from seen), false)`
}
