import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { silentLog } from '../core/log.ts'
import { startEmbeddedPostgres } from '../stores/operations/embedded-postgres.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { openPostgresOperations } from '../stores/operations/postgres.ts'
import type { Connection } from '../stores/operations/postgres-cluster.ts'
import { asSuperuser } from './shared-postgres.ts'

export interface TestDatabase {
  readonly operations: OperationsStore
  readonly connection: Connection
  /** Closes everything and removes the data. */
  remove(): Promise<void>
}

/** A real database of its own, empty and migrated, for the tests of one file, in the PostgreSQL that a run shares. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const shared = inject('sharedPostgres')
  const database = `liftwatt_${randomUUID().replaceAll('-', '')}`
  await asSuperuser(shared, `create database ${database} template ${shared.template} owner ${shared.connection.user}`)
  const connection = { ...shared.connection, database }
  const operations = await openPostgresOperations({ connection, connections: 6, log: silentLog })
  return {
    operations,
    connection,
    async remove() {
      await operations.close()
      await asSuperuser(shared, `drop database ${database} with (force)`)
    },
  }
}

export interface OwnPostgres extends TestDatabase {
  /** As when the machine of the database is gone. */
  shutDown(): Promise<void>
  startAgain(): Promise<void>
}

/** A PostgreSQL of its own, for tests that take it away. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
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
