import type { Database } from './database.ts'
import type { PeopleTables } from './port.ts'

/** Teams, their members, and who is on duty when. */
export function peopleTables(_database: Database): PeopleTables {
  return {}
}
