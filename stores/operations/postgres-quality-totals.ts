import { type SQL, type SQLChunk, sql } from 'drizzle-orm'
import { durations, measures } from '../../core/kpi.ts'
import { isAnyOf } from './any-of.ts'
import type { Database } from './database.ts'
import { columnOf } from './schema.ts'

/**
 * What a month of some devices adds to `kpi_totals`, `kpi_occurrences` and `kpi_holders`: it is taken away before its rows are replaced,
 * and what the new rows come to is added. Nobody else may do so meanwhile.
 */
export function totalsOf(database: Database, month: string, deviceIds: readonly string[]) {
  const rows = sql`from kpi_months k where k.month = ${month} and ${isAnyOf(sql`k.device_id`, deviceIds)}`

  async function change(sign: 1 | -1): Promise<void> {
    await database.execute(addSums(rows, sign))
    await database.execute(addOccurrences(rows, sign))
  }

  return {
    async takeAway(): Promise<void> {
      await change(-1)
      await database.execute(sql`update kpi_holders set months = months & ~${bitOf(month)}::int
        where ${isAnyOf(sql`device_id`, deviceIds)} and year = ${yearOf(month)}`)
    },
    async add(): Promise<void> {
      await change(1)
      await database.execute(sql`insert into kpi_holders as h (device_id, year, maintainer_id, insurer_id, estate_id, months)
        select k.device_id, ${yearOf(month)}::int, k.maintainer_id, k.insurer_id, k.estate_id, ${bitOf(month)}::int ${rows}
        on conflict on constraint kpi_holders_once do update set months = h.months | excluded.months, estate_id = excluded.estate_id`)
      await database.execute(sql`delete from kpi_totals where month = ${month} and months = 0`)
      await database.execute(sql`delete from kpi_occurrences where month = ${month} and times = 0`)
      await database.execute(sql`delete from kpi_holders
        where ${isAnyOf(sql`device_id`, deviceIds)} and year = ${yearOf(month)} and months = 0`)
    },
  }
}

export const yearOf = (month: string) => Number(month.slice(0, 4))
export const bitOf = (month: string) => 1 << (Number(month.slice(5)) - 1)

const summed = ['exposure_minutes', ...measures.map(columnOf)].map((name) => sql.identifier(name))

function addSums(rows: SQL, sign: 1 | -1): SQL {
  const sums = summed.map((name) => sql`${sign}::int * sum(k.${name})`)
  const added = [sql.identifier('months'), ...summed].map((name) => sql`${name} = t.${name} + excluded.${name}`)
  return sql`insert into kpi_totals as t (level, month, estate_id, maintainer_id, insurer_id, stratum, months, ${list(summed)})
    select case when grouping(k.estate_id) = 1 then 'company' else 'estate' end, k.month, k.estate_id, k.maintainer_id, k.insurer_id,
      k.stratum, ${sign}::int * count(*), ${list(sums)} ${rows}
    group by grouping sets ((k.month, k.maintainer_id, k.insurer_id, k.stratum), (k.month, k.estate_id, k.insurer_id))
    on conflict on constraint kpi_totals_once do update set ${list(added)}`
}

function addOccurrences(rows: SQL, sign: 1 | -1): SQL {
  const lists = durations.map((duration) => sql`(${duration}, ours.${sql.identifier(duration)})`)
  return sql`insert into kpi_occurrences as o (month, maintainer_id, insurer_id, what, seconds, rule, times)
    select ours.month, ours.maintainer_id, ours.insurer_id, each.what, each.seconds, each.rule, ${sign}::int * sum(each.times)
    from (select * ${rows}) ours cross join lateral (
      select list.what, s as seconds, '' as rule, 1 as times
        from (values ${list(lists)}) list (what, seconds) cross join unnest(list.seconds) s
      union all select tally.key, 0, r.key, tally.value::int
        from jsonb_each(ours.rules) r cross join jsonb_each_text(r.value) tally
    ) each group by 1, 2, 3, 4, 5, 6
    on conflict on constraint kpi_occurrences_once do update set times = o.times + excluded.times`
}

const list = (parts: SQLChunk[]) => sql.join(parts, sql`, `)
