import type { Database } from './database.ts'
import type { EvidenceTables } from './port.ts'

/** Evidence files and the seals of the order chains. */
export function evidenceTables(_database: Database): EvidenceTables {
  return {}
}
