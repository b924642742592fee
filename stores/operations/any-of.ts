import { type inArray, type SQL, sql } from 'drizzle-orm'

type Column = Parameters<typeof inArray>[0] | SQL

/** One parameter, however many texts. */
export function isAnyOf(column: Column, texts: readonly string[]): SQL {
  return sql`${column} = any(${sql.param([...texts])}::text[])`
}

/** The same of a column that holds UUIDs. */
export function isAnyId(column: Column, ids: readonly string[]): SQL {
  return sql`${column} = any(${sql.param([...ids])}::uuid[])`
}
