import { type Column, ilike, or, type SQL } from 'drizzle-orm'

/** Whether one of these columns has this text in it, in any case of letters; `%` and `_` are letters like others. */
export function contains(text: string, columns: readonly (Column | SQL)[]): SQL | undefined {
  const pattern = `%${text.replaceAll('\0', '\ufffd').replace(/[\\%_]/g, '\\$&')}%`
  return or(...columns.map((column) => ilike(column, pattern)))
}
