import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

/**
 * `insert into … select …` of many rows with one parameter, a JSON text that PostgreSQL takes apart; in the order of the rows, each
 * with the fields of the first. A parameter for each field costs several times as much, here and there. What follows (`on conflict …`)
 * is the caller's.
 */
export function insertMany<Table extends PgTable>(
  table: Table,
  rows: readonly Partial<Record<keyof Table['_']['columns'], unknown>>[],
): SQL {
  const known = getTableColumns(table)
  const columns = Object.keys(rows[0] ?? {}).flatMap((field) => {
    const column = known[field]
    return column === undefined ? [] : [{ field, column, isJson: column.getSQLType() === 'jsonb' }]
  })
  const texts = rows.map((row) => {
    const cells = columns.map(({ field, column, isJson }) => {
      const value = (row as Record<string, unknown>)[field] ?? null
      const driven = value === null ? null : column.mapToDriverValue(value)
      return `${JSON.stringify(column.name)}:${isJson && driven !== null ? driven : JSON.stringify(driven)}`
    })
    return `{${cells.join()}}`
  })
  const names = sql.join(
    columns.map(({ column }) => sql.identifier(column.name)),
    sql`, `,
  )
  const json = `[${texts.join()}]`
  return sql`insert into ${table} (${names}) select ${names} from jsonb_populate_recordset(null::${table}, ${json}::jsonb)`
}
