import type { Database } from './database.ts'
import type { PlanTables } from './port.ts'

/** Response plans, and the deadlines of running orders. */
export function planTables(_database: Database): PlanTables {
  return {}
}
