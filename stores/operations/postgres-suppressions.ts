import type { Database } from './database.ts'
import type { SuppressionTables } from './port.ts'

/** What keeps incidents from becoming orders: maintenance, planned work, shelving. */
export function suppressionTables(_database: Database): SuppressionTables {
  return {}
}
