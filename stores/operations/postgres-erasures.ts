import { desc, lt, type SQL, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { pageOf, seqOf } from './pages.ts'
import type { ErasureTables, WordedRow } from './port.ts'
import * as tables from './schema.ts'

const { erasures, redactedFiles } = tables

/** Telemetry, what programs write to each other, and what is deleted as a whole. */
const withoutWords = new Set([
  ...['quarantine', 'seals', 'settings', 'stream_events', 'journal_notes', 'device_health', 'device_forecasts'],
  ...['idempotency_keys', 'gateway_credentials', 'sign_in_attempts', 'sessions', 'api_tokens'],
  ...['account_links', 'channels', 'evidence_files', 'redacted_files', 'erasures', 'device_days'],
  ...['inspection_samples', 'kpi_months', 'kpi_holders', 'kpi_occurrences', 'kpi_totals'],
])
/** 160 MB. */
const pagesAtOnce = 20_000
/** What is said in them is a word of ours. */
const codedColumn =
  /^(?:id|type|state|kind|key|hash|salt|said|sha256|role|locale|finding|severity|day|month)$|(?:_ids?|_key|_sha256|_type)$/
const namedColumns = new Set(['technician_id'])

/** Of a table: its primary key, and the columns in which people write. */
type Worded = {
  readonly table: string
  readonly keys: string[]
  readonly columns: string[]
}

/** Where a person may be named: asked of the catalogue, so that no table is forgotten. */
export function erasureTables(database: Database): ErasureTables {
  async function worded(): Promise<Worded[]> {
    const { rows } = await database.execute<Omit<Worded, 'keys'> & { keys: string[] | null }>(sql`
      select c.table_name as "table", array_agg(c.column_name::text) as columns, (
        select array_agg(a.attname::text) from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
        where i.indisprimary and i.indrelid = format('%I.%I', c.table_schema, c.table_name)::regclass) as keys
      from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = current_schema() and t.table_type = 'BASE TABLE' and c.data_type in ('text', 'jsonb')
      group by c.table_schema, c.table_name order by c.table_name`)
    return rows.flatMap(({ table, keys, columns }) => {
      if (withoutWords.has(table)) return []
      if (keys === null) throw new Error(`The table ${table} has no primary key: nobody can be erased from it`)
      const said = columns.filter((name) => namedColumns.has(name) || !(codedColumn.test(name) || keys.includes(name)))
      return said.length === 0 ? [] : [{ table, keys, columns: said }]
    })
  }

  /** A large table in parts: no statement may take longer than the store allows for one. */
  async function pagesOf(table: string): Promise<SQL[]> {
    const { rows } = await database.execute<{ pages: number }>(
      sql`select (pg_relation_size(${table}::regclass) / current_setting('block_size')::int)::int as pages`,
    )
    const starts = Array.from(
      { length: Math.ceil((rows[0]?.pages ?? 0) / pagesAtOnce) || 1 },
      (_, n) => n * pagesAtOnce,
    )
    return starts.map((start, index) => {
      const end = starts[index + 1]
      const from = sql`t.ctid >= ${`(${start},0)`}::tid`
      // what comes meanwhile is in the last part
      return end === undefined ? from : sql`${from} and t.ctid < ${`(${end},0)`}::tid`
    })
  }

  const objectOf = (names: readonly string[]) =>
    sql`jsonb_build_object(${sql.join(
      names.flatMap((name) => [sql.raw(`'${name}'`), sql.identifier(name)]),
      sql`, `,
    )})`
  const listOf = (names: readonly string[]) =>
    sql.join(
      names.map((name) => sql.identifier(name)),
      sql`, `,
    )

  return {
    async rowsNaming(pattern, limit) {
      const found: WordedRow[] = []
      for (const { table, keys, columns } of await worded()) {
        const ofTable: WordedRow[] = []
        for (const pages of await pagesOf(table)) {
          const { rows } = await database.execute<Omit<WordedRow, 'table'>>(sql`
            select ${objectOf(keys)} as key, ${objectOf(columns)} as cells, to_jsonb(t) as whole
            from ${sql.identifier(table)} as t
            where ${pages} and ${objectOf(columns)}::text ~* ${pattern} limit ${limit - ofTable.length}`)
          ofTable.push(...rows.map((row) => ({ table, ...row })))
          if (ofTable.length >= limit) break
        }
        found.push(...ofTable)
      }
      return found
    },
    async beginErasing() {
      await database.execute(sql`select set_config('liftwatt.erasing', 'on', true)`)
    },
    async updateWordedRow({ table, key, cells: before }, cells) {
      const [keys, columns] = [Object.keys(key), Object.keys(cells)]
      const read = Object.fromEntries(columns.filter((name) => name in before).map((name) => [name, before[name]]))
      const from = (names: readonly string[], values: object) =>
        sql`(select ${listOf(names)} from jsonb_populate_record(null::${sql.identifier(table)}, ${JSON.stringify(values)}::jsonb))`
      const { rowCount } = await database.execute(sql`
        update ${sql.identifier(table)} set (${listOf(columns)}) = ${from(columns, cells)}
        where (${listOf(keys)}) = ${from(keys, key)} and ${objectOf(Object.keys(read))} = ${JSON.stringify(read)}::jsonb`)
      return rowCount === 1
    },
    async deleteAnswersNaming(pattern) {
      const { rowCount } = await database.execute(sql`delete from idempotency_keys where body ~* ${pattern}`)
      return rowCount ?? 0
    },
    async voidNoticesTo(noticeIds) {
      if (noticeIds.length === 0) return
      await database.execute(sql`update notices set state = 'void'
        where state = 'waiting' and id = any(${sql.param([...noticeIds])}::uuid[])`)
    },
    async insertErasure(id) {
      await database.insert(erasures).values({ id })
    },
    async erasures(page) {
      const rows = await database
        .select()
        .from(erasures)
        .where(page.after === undefined ? undefined : lt(erasures.seq, seqOf(page.after)))
        .orderBy(desc(erasures.seq))
        .limit(page.limit + 1)
      const { items, nextCursor } = pageOf(rows, page, ({ seq }) => String(seq))
      return { items: items.map(({ id }) => id), nextCursor }
    },
    async insertRedactedFile(sha256, redactedAs) {
      await database.insert(redactedFiles).values({ sha256, redactedAs })
    },
    async redactedFiles() {
      const rows = await database.select().from(redactedFiles)
      return new Map(rows.map(({ sha256, redactedAs }) => [sha256, redactedAs]))
    },
  }
}
