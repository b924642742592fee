import type { Database } from './database.ts'
import type { SiteTables } from './port.ts'

/** Where devices are, and whom they belong to. */
export function siteTables(_database: Database): SiteTables {
  return {}
}
