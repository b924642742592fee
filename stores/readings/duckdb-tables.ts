import type { DuckDBConnection } from '@duckdb/node-api'
import { ExpectedError } from '../../core/errors.ts'
import type { ColumnType, TableColumn, TableLayout } from './duckdb-chunks.ts'
import type { MetricCatalogue, MetricType } from './port.ts'

/**
 * A kind's readings lie in two tables with the same columns. `recent` takes what arrives, in order of arrival; once it is
 * large, its rows move to `sorted`, ordered by device and time, so that a chart of one device reads a few row groups
 * (122,880 rows, each with its smallest and largest value a column) instead of everybody's. `late` is the writer's own:
 * readings to be compared with what is stored.
 */
export interface KindTables {
  readonly kind: string
  readonly metrics: Readonly<Record<string, MetricType>>
  readonly recent: TableLayout
  readonly sorted: TableLayout
  readonly late: TableLayout
}

const ownColumns: readonly TableColumn[] = [
  { name: 'device', type: 'device' },
  { name: 'at', type: 'time' },
  { name: 'receivedAt', type: 'time' },
  /** Something newer of its device was stored before it. */
  { name: 'late', type: 'boolean' },
]

const sqlTypes: Record<ColumnType, string> = {
  device: 'INTEGER',
  time: 'BIGINT',
  number: 'DOUBLE',
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
}

/** Makes what is missing. Columns of metrics that the catalogue no longer has stay as they are. */
export async function prepareTables(
  writer: DuckDBConnection,
  catalogue: MetricCatalogue,
): Promise<Map<string, KindTables>> {
  await writer.run(`CREATE TABLE IF NOT EXISTS ${quoted('liftwatt devices')} (number INTEGER, id VARCHAR)`)
  await writer.run(`CREATE TABLE IF NOT EXISTS ${quoted('liftwatt positions')} ("journalId" VARCHAR, position BIGINT)`)
  const kinds = new Map<string, KindTables>()
  for (const [kind, metrics] of Object.entries(catalogue)) kinds.set(kind, await prepareKind(writer, kind, metrics))
  return kinds
}

async function prepareKind(
  writer: DuckDBConnection,
  kind: string,
  metrics: Readonly<Record<string, MetricType>>,
): Promise<KindTables> {
  const wanted = [...ownColumns, ...Object.entries(metrics).map(([name, type]) => ({ name, type }))]
  const recent = await prepareTable(writer, `${kind} recent`, wanted)
  const sorted = await prepareTable(writer, `${kind} sorted`, wanted)
  await writer.run(`CREATE OR REPLACE TEMP TABLE ${quoted(`${kind} late`)} (${wanted.map(definition).join(', ')})`)
  return { kind, metrics, recent, sorted, late: { table: `${kind} late`, catalog: 'temp', columns: wanted } }
}

async function prepareTable(
  writer: DuckDBConnection,
  table: string,
  wanted: readonly TableColumn[],
): Promise<TableLayout> {
  await writer.run(`CREATE TABLE IF NOT EXISTS ${quoted(table)} (${ownColumns.map(definition).join(', ')})`)
  const there = new Map((await columnsOf(writer, table)).map(({ name, type }) => [name, type]))
  for (const column of wanted) {
    const type = there.get(column.name)
    if (type === undefined) await writer.run(`ALTER TABLE ${quoted(table)} ADD COLUMN ${definition(column)}`)
    else if (sqlTypes[type] !== sqlTypes[column.type]) {
      const reason = `${table} holds ${column.name} as ${type}, and this version wants it as ${column.type}`
      throw new ExpectedError('unavailable', `The readings cannot be opened: ${reason}`)
    }
  }
  return { table, columns: await columnsOf(writer, table) }
}

async function columnsOf(writer: DuckDBConnection, table: string): Promise<TableColumn[]> {
  const sql = 'SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = $1 ORDER BY column_index'
  const rows = (await writer.runAndReadAll(sql, [table])).getRows()
  return rows.map(([name, type]) => ({ name: String(name), type: columnType(String(name), String(type)) }))
}

function columnType(name: string, sqlType: string): ColumnType {
  const own = ownColumns.find((column) => column.name === name)
  if (own) return own.type
  if (sqlType === 'VARCHAR') return 'string'
  return sqlType === 'BOOLEAN' ? 'boolean' : 'number'
}

function definition({ name, type }: TableColumn): string {
  return `${quoted(name)} ${sqlTypes[type]}`
}

/** `at` is a reserved word, kinds hold dashes. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
