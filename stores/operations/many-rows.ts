import { type Column, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

type Row<Table extends PgTable> = Partial<Record<keyof Table['_']['columns'], unknown>>

/**
 * `insert into … select …` of rows, in their order. A field that none of them has is the table's default; one that only others have
 * is null. What follows (`on conflict …`) is the caller's.
 */
export function insertMany<Table extends PgTable>(table: Table, rows: readonly Row<Table>[]): SQL {
  const { names, records } = recordsOf(table, rows)
  return sql`insert into ${table} (${sql.join(names, sql`, `)}) select ${sql.join(names, sql`, `)} from ${records}`
}

/** `update … from …` of the rows with these ids, each with the same other fields. What follows is the caller's. */
export function updateMany<Table extends PgTable>(
  table: Table,
  rows: readonly (Row<Table> & { readonly id: string })[],
): SQL {
  const { names, records } = recordsOf(table, rows)
  const changes = names.filter(({ value }) => value !== 'id').map((name) => sql`${name} = given.${name}`)
  return sql`update ${table} set ${sql.join(changes, sql`, `)} from ${records} as given where ${table}.id = given.id`
}

/**
 * Rows as PostgreSQL takes them apart itself, from one parameter, a JSON text: a parameter for each field costs several times as
 * much, here and there.
 */
function recordsOf<Table extends PgTable>(table: Table, rows: readonly Row<Table>[]) {
  const columns = Object.entries(getTableColumns(table))
    .filter(([field]) => rows.some((row) => row[field as keyof Row<Table>] !== undefined))
    .map(([field, column]) => ({ field, column, isJson: isJson(column) }))
  const texts = rows.map((row) => {
    const cells = columns.map(({ field, column, isJson }) => {
      const value = (row as Record<string, unknown>)[field] ?? null
      const driven = value === null ? null : column.mapToDriverValue(value)
      return `"${column.name}":${isJson && driven !== null ? driven : JSON.stringify(driven)}`
    })
    return `{${cells.join()}}`
  })
  return {
    names: columns.map(({ column }) => sql.identifier(column.name)),
    records: sql`jsonb_populate_recordset(null::${table}, ${`[${texts.join()}]`}::jsonb)`,
  }
}

/** What the driver gets for it is JSON already. */
function isJson(column: Column): boolean {
  return column.getSQLType() === 'jsonb'
}
