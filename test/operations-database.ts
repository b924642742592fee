import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../core/log.ts'
import { startEmbeddedPostgres } from '../stores/operations/embedded-postgres.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { openPostgresOperations } from '../stores/operations/postgres.ts'

export interface TestDatabase {
  readonly operations: OperationsStore
  readonly connection: Awaited<ReturnType<typeof startEmbeddedPostgres>>['connection']
  /** As when the machine of the database is gone. */
  shutDown(): Promise<void>
  startAgain(): Promise<void>
  /** Closes everything and removes the data. */
  remove(): Promise<void>
}

/** A real PostgreSQL of its own, empty and migrated, for the tests of one file. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-operations-'))
  const start = () => startEmbeddedPostgres({ directory: join(directory, 'postgres'), log: silentLog })
  let postgres = await start()
  const { connection } = postgres
  const operations = await openPostgresOperations({ connection, connections: 6, log: silentLog })
  return {
    operations,
    connection,
    shutDown: () => postgres.stop(),
    async startAgain() {
      postgres = await start()
    },
    async remove() {
      await operations.close()
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
