import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { silentLog } from '../core/log.ts'
import { startEmbeddedPostgres } from '../stores/operations/embedded-postgres.ts'
import { openPostgresOperations } from '../stores/operations/postgres.ts'
import { type Connection, secretsIn } from '../stores/operations/postgres-cluster.ts'
import { isPostmaster } from '../stores/operations/postmaster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    sharedPostgres: SharedPostgres
  }
}

export interface SharedPostgres {
  readonly connection: Connection
  /** May make databases. */
  readonly superuser: Connection
  /** Empty, and migrated: `create database … template …` copies it in a tenth of the time that the migrations take. */
  readonly template: string
}

const prefix = 'liftwatt-shared-postgres-'

/** vitest's globalSetup: one PostgreSQL for a whole run, of which each test file has a database of its own. */
export async function setup(project: TestProject) {
  await stopOrphans()
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
  const postgres = await startEmbeddedPostgres({ directory, log: silentLog })
  const { connection } = postgres
  const operations = await openPostgresOperations({ connection, connections: 2, log: silentLog })
  await operations.close()

  const { superuserPassword } = secretsIn(directory, join(directory, 'cluster'))
  const superuser = { ...connection, user: 'postgres', password: superuserPassword, database: 'postgres' }
  const shared = { connection, superuser, template: connection.database }
  // nobody pulls its plug: what survives that is tested on others (startOwnPostgres, test/kill.test.ts)
  await asSuperuser(shared, `alter role ${connection.user} set synchronous_commit = off`)
  project.provide('sharedPostgres', shared)
  return async () => {
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

/** Those whose run was killed; of this user, for another's are not ours to look into. */
async function stopOrphans(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const run = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1])
    if (!run || isAlive(run)) continue
    const directory = join(tmpdir(), name)
    const { uid } = await stat(directory).catch(() => ({ uid: undefined }))
    if (uid === undefined || uid !== process.getuid?.()) continue
    const cluster = join(directory, 'cluster')
    const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')
    const postmaster = Number(text.split('\n')[0])
    if (isPostmaster(cluster, postmaster)) process.kill(postmaster, 'SIGQUIT')
    await rm(directory, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** As whoever may make and drop databases. */
export async function asSuperuser({ superuser }: SharedPostgres, sql: string): Promise<void> {
  const client = new pg.Client(superuser)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
