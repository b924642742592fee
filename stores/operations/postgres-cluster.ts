import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lchownSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Client, DatabaseError } from 'pg'
import { z } from 'zod'
import { type Account, type PostgresBinaries, type Runner, run, wayOut } from './postgres-binaries.ts'
import { type Postmaster, socketPort } from './postmaster.ts'

const superuser = 'postgres'
const application = 'liftwatt'

const Secrets = z.object({ superuserPassword: z.string().min(1), applicationPassword: z.string().min(1) })
export type Secrets = z.infer<typeof Secrets>

/** How `pg` connects: `host` is the directory of the unix socket. */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

/** `nobody`: PostgreSQL needs an account that is in passwd, and this one is on every Linux. */
const nobody: Account = { uid: 65534, gid: 65534 }

/** Whom PostgreSQL runs as when we are root: the owner of the cluster there is, so that one made without root stays usable. */
export function accountFor(cluster: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const there = statSync(cluster, { throwIfNoEntry: false })
  return there && there.uid !== 0 ? { uid: there.uid, gid: there.gid } : nobody
}

/** The passwords of this installation, made at its first start. Only we read the file: PostgreSQL keeps its own hashes. */
export function secretsIn(directory: string, cluster: string): Secrets {
  const file = join(directory, 'secret.json')
  if (existsSync(file)) return Secrets.parse(JSON.parse(readFileSync(file, 'utf8')))
  if (existsSync(cluster)) {
    throw new Error(
      `${file}, the passwords of the database in ${cluster}, is missing: restore both together. ${wayOut}`,
    )
  }
  const password = () => randomBytes(32).toString('base64url')
  const secrets = { superuserPassword: password(), applicationPassword: password() }
  writeFileSync(`${file}.new`, JSON.stringify(secrets), { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  syncDirectory(directory)
  return secrets
}

const draftPrefix = 'cluster.new-'

/**
 * Makes the cluster, unless it is there. It is made under another name and renamed when complete, so a crash half-way
 * leaves no cluster, only a draft, and every start throws old drafts away.
 * @throws {Error} one sentence, with initdb's own reason
 */
export async function ensureCluster(
  cluster: string,
  secrets: Secrets,
  { initdb }: PostgresBinaries,
  runner: Runner,
  account: Account | undefined,
): Promise<void> {
  if (existsSync(cluster)) {
    if (account && statSync(cluster).uid === 0) giveTo(account, cluster) // restored from a backup by root
    return
  }
  const directory = dirname(cluster)
  removeDrafts(directory)
  const draft = mkdtempSync(join(directory, draftPrefix))
  const passwordFile = join(draft, 'password')
  writeFileSync(passwordFile, secrets.superuserPassword, { mode: 0o600 })
  if (account) giveTo(account, draft)
  const failure = await run(runner, initdb, [
    ...['-D', join(draft, 'cluster'), '-U', superuser, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ])
  if (failure !== undefined) {
    throw new Error(`The database in ${cluster} could not be made: ${failure}${whatToDo(failure)}. ${wayOut}`)
  }
  renameSync(join(draft, 'cluster'), cluster)
  syncDirectory(directory)
  removeDrafts(directory)
}

/** `initdb` looks its account up in passwd, whatever `--username` says. */
function whatToDo(failure: string): string {
  if (!failure.includes('could not look up effective user ID')) return ''
  return '; run it as an account that /etc/passwd names (in a container, as one that the image has)'
}

function removeDrafts(directory: string): void {
  for (const name of readdirSync(directory).filter((name) => name.startsWith(draftPrefix))) {
    try {
      rmSync(join(directory, name), { recursive: true, force: true })
    } catch {
      // The initdb of a killed predecessor may still write there: the next start removes it.
    }
  }
}

function giveTo({ uid, gid }: Account, directory: string): void {
  const below = readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => join(directory, name))
  for (const path of [directory, ...below]) lchownSync(path, uid, gid)
  chmodSync(directory, 0o700) // PostgreSQL refuses a cluster that others may enter
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/**
 * The application's way into the database; its role and database are made or repaired first, if they do not answer.
 * The role is no superuser: COPY and the server's file functions stay closed to whatever the service is tricked into.
 */
export async function ensureApplication({ socketDirectory }: Postmaster, secrets: Secrets): Promise<Connection> {
  const place = { host: socketDirectory, port: socketPort }
  const connection = { ...place, user: application, password: secrets.applicationPassword, database: application }
  if (await admits(connection)) return connection

  const admin = { ...place, user: superuser, password: secrets.superuserPassword, database: 'postgres' }
  await connected(admin, async (client) => {
    const exists = async (sql: string) => ((await client.query(sql, [application])).rowCount ?? 0) > 0
    if (!(await exists('select from pg_roles where rolname = $1'))) await client.query(`create role ${application}`)
    await client.query(
      `alter role ${application} login nosuperuser password ${client.escapeLiteral(secrets.applicationPassword)}`,
    )
    if (!(await exists('select from pg_database where datname = $1'))) {
      await client.query(`create database ${application} owner ${application}`)
    }
    await client.query(`alter database ${application} owner to ${application}`)
  })
  await connected(connection, async () => {})
  return connection
}

/** False when the role, its password or the database is not what it should be; other failures are thrown. */
async function admits(connection: Connection): Promise<boolean> {
  try {
    await connected(connection, async () => {})
    return true
  } catch (error) {
    // invalid_authorization_specification, invalid_password, invalid_catalog_name (PostgreSQL 18, appendix A)
    if (error instanceof DatabaseError && ['28000', '28P01', '3D000'].includes(error.code ?? '')) return false
    throw error
  }
}

async function connected(connection: Connection, use: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ ...connection, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {}) // without a listener a broken connection would end the process; the query rejects anyway
  try {
    await client.connect()
    await use(client)
  } finally {
    await client.end()
  }
}
