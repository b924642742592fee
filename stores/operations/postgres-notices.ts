import type { Database } from './database.ts'
import type { NoticeTables } from './port.ts'

/** Channels, the outbox of notices, and the live stream. */
export function noticeTables(_database: Database): NoticeTables {
  return {}
}
