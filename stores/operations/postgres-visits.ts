import type { Database } from './database.ts'
import type { VisitTables } from './port.ts'

/** Maintenance regimes and claimed visits. */
export function visitTables(_database: Database): VisitTables {
  return {}
}
