import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { ExpectedError, reasonOf, StoreUnavailable } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Database } from './database.ts'
import type { Operations, OperationsStore } from './port.ts'
import { accountTables } from './postgres-accounts.ts'
import { answerTables } from './postgres-answers.ts'
import { contractTables } from './postgres-contracts.ts'
import { dutyLogTables } from './postgres-duty-log.ts'
import { erasureTables } from './postgres-erasures.ts'
import { evidenceTables } from './postgres-evidence.ts'
import { healthTables } from './postgres-health.ts'
import { inspectionTables } from './postgres-inspections.ts'
import { mappingTables } from './postgres-mappings.ts'
import { noticeTables } from './postgres-notices.ts'
import { objectionTables } from './postgres-objections.ts'
import { orderTables } from './postgres-orders.ts'
import { overhaulTables } from './postgres-overhauls.ts'
import { peopleTables } from './postgres-people.ts'
import { planTables } from './postgres-plans.ts'
import { qualityTables } from './postgres-quality.ts'
import { recordEventTables } from './postgres-record-events.ts'
import { recordTables } from './postgres-records.ts'
import { registryTables } from './postgres-registry.ts'
import { reportTables } from './postgres-reports.ts'
import { ruleTables } from './postgres-rules.ts'
import { sightTables } from './postgres-sight.ts'
import { siteTables } from './postgres-sites.ts'
import { suppressionTables } from './postgres-suppressions.ts'
import { visitTables } from './postgres-visits.ts'

export interface PostgresOptions {
  /** A `postgres://` URL, or the parts of one. */
  readonly connection: string | { host: string; port: number; user: string; password: string; database: string }
  /** At most so many connections. */
  readonly connections: number
  readonly log: Log
}

const connectionTimeoutMillis = 10_000
/** Each costs the server's `deadlock_timeout` of a second. Unverified default. */
const attemptsOfDeadlocked = 4

/** Opens the operations database and brings its tables up to date. @throws {StoreUnavailable} */
export async function openPostgresOperations(options: PostgresOptions): Promise<OperationsStore> {
  const where = typeof options.connection === 'string' ? { connectionString: options.connection } : options.connection
  const pool = new pg.Pool({
    ...where,
    max: options.connections,
    connectionTimeoutMillis,
    statement_timeout: 30_000,
    // the server keeps the first one; when it is the server that is gone (a half-open connection), this one ends the wait
    query_timeout: 35_000,
    keepAlive: true,
    application_name: 'liftwatt',
  })
  pool.on('error', (cause) => {
    // the pool's end does not wait for its sockets: PostgreSQL, which stops next, may cut one of them before it is closed
    if (!pool.ending) options.log.warn({ reason: reasonOf(cause) }, 'an idle database connection was lost')
  })
  // the pool listens to idle ones only; one in use that breaks would end the process, and its query says it anyway
  pool.on('connect', (client) => client.on('error', () => {}))

  const database = drizzle(pool)
  try {
    await migrateOnce(where)
  } catch (cause) {
    await pool.end()
    throw unavailable(cause)
  }
  const operations = operationsOn(database)
  return {
    ...operations,
    transaction: (work) => againAfterDeadlock(() => operations.transaction(work), attemptsOfDeadlocked),
    async ping() {
      await guarded(() => pool.query('select 1'))
    },
    close: () => pool.end(),
  }
}

/**
 * Several threads and processes start at once: one migrates, the others wait for it. A large table takes as long as it takes: neither a
 * statement nor the wait has an end. The lock goes with the connection.
 */
async function migrateOnce(where: pg.ClientConfig): Promise<void> {
  const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url))
  const client = new pg.Client({ ...where, connectionTimeoutMillis, keepAlive: true, application_name: 'liftwatt' })
  // one that breaks would end the process, and its query says it anyway
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('set statement_timeout = 0')
    await client.query('select pg_advisory_lock(7162001)')
    await migrate(drizzle(client), { migrationsFolder })
  } finally {
    await client.end()
  }
}

const groups = [
  ...[registryTables, siteTables, peopleTables, planTables, orderTables, suppressionTables],
  ...[noticeTables, evidenceTables, visitTables, ruleTables, healthTables, recordTables],
  ...[accountTables, answerTables, dutyLogTables, sightTables, mappingTables],
  ...[contractTables, objectionTables, overhaulTables, erasureTables],
  ...[inspectionTables, recordEventTables, qualityTables, reportTables],
]
type Group = (typeof groups)[number]
type NameIn<One> = One extends (database: Database) => infer Methods ? keyof Methods : never
type Method = (...given: never[]) => Promise<unknown>

function operationsOn(database: Database): Operations {
  // into one object, for every transaction: to spread the groups takes ten times as long as to make them, and longer than a query
  const methods: Record<string, Method> = {}
  for (const group of groups) {
    for (const [name, method] of Object.entries<Method>(group(database) as never)) {
      methods[name] = (...given) => guarded(() => method(...given))
    }
  }
  const transaction: Operations['transaction'] = (work) =>
    guarded(() => database.transaction((inner) => work(operationsOn(inner))))
  return Object.assign(methods as unknown as Pick<Operations, NameIn<Group>>, { transaction })
}

/** Of transactions that wait for each other the server ends one and undoes it, so that the others can go on. */
async function againAfterDeadlock<T>(transact: () => Promise<T>, attempts: number): Promise<T> {
  try {
    return await transact()
  } catch (cause) {
    if (attempts === 1 || !isDeadlock(cause)) throw cause
    return againAfterDeadlock(transact, attempts - 1)
  }
}

function isDeadlock(cause: unknown): boolean {
  const inner = cause instanceof StoreUnavailable ? cause.cause : cause
  return inner instanceof pg.DatabaseError && inner.code === '40P01'
}

/**
 * Our own errors pass, and so do mistakes in code, for waiting does not mend them; what the driver throws becomes
 * `StoreUnavailable`, or `invalid` where a reference is missing.
 */
async function guarded<T>(work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw cause instanceof ExpectedError || isMistake(cause) ? cause : unavailable(cause)
  }
}

function isMistake(cause: unknown): boolean {
  return cause instanceof TypeError || cause instanceof RangeError || cause instanceof ReferenceError
}

const foreignKeyViolation = '23503'
/** SQLSTATE classes of what the same call can never achieve: data exceptions and broken constraints. */
const hopeless = /^2[23]/

function unavailable(cause: unknown): ExpectedError {
  // drizzle wraps the driver's error: the reason is in the cause
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const code = inner instanceof pg.DatabaseError ? (inner.code ?? '') : ''
  if (!hopeless.test(code) || !(inner instanceof pg.DatabaseError)) return new StoreUnavailable('operations', inner)
  if (code !== foreignKeyViolation)
    return new ExpectedError('invalid', `The database will not take it: ${inner.message}`)
  return new ExpectedError('invalid', `It refers to something that does not exist: ${inner.detail ?? inner.message}`)
}
