import { chmodSync, copyFileSync, mkdirSync, realpathSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { reasonOf } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { chooseRunner, completeLibraries, findBinaries, wayOut } from './postgres-binaries.ts'
import {
  accountFor,
  type Connection,
  ensureApplication,
  ensureCluster,
  type Secrets,
  secretsIn,
} from './postgres-cluster.ts'
import { type Installation, isPostmaster, type Postmaster, startOrAdopt, stopPostmaster } from './postmaster.ts'

export interface EmbeddedPostgres {
  /** How `pg` connects: the directory of the unix socket as host. Not a superuser. Stays the same for the whole life. */
  readonly connection: Connection
  /** SIGINT (fast shutdown), then waits until the postmaster is gone. Stop it last: whatever drains still needs it. */
  stop(): Promise<void>
}

const watchMs = 1_000
/** The log and one older copy: no more than about twice this, however long the service runs. */
const maxLogBytes = 10 * 1024 * 1024

/**
 * PostgreSQL for whoever has set no DATABASE_URL: made on first use in `directory`, then started, or adopted when a killed
 * predecessor has left it running; started again when it dies under us. Works for root and for any other user.
 *
 * `directory` holds `cluster/` (PGDATA), `secret.json` (passwords), `postgres.log` (and `.1`) and, where npm was told to run no
 * scripts, `lib/`. The caller keeps a second service off it: starting twice means adopting, and either one's stop stops it.
 *
 * @param options.directory absolute path, e.g. `data/postgres`; the directories above it are made too
 * @param options.whileStarting its `abort` ends the start, and leaves no process behind
 * @throws {Error} one sentence that says why it cannot start and that DATABASE_URL is the way out
 */
export async function startEmbeddedPostgres(options: {
  directory: string
  log: Log
  whileStarting?: AbortSignal
}): Promise<EmbeddedPostgres> {
  const { log, whileStarting } = options
  const binaries = findBinaries()
  const directory = prepareDirectory(options.directory)
  const cluster = join(directory, 'cluster')
  const logFile = join(directory, 'postgres.log')
  const secrets = secretsIn(directory, cluster)
  const account = accountFor(cluster)
  const libraries = completeLibraries(binaries, join(directory, 'lib'))
  const runner = await chooseRunner(binaries, libraries, account, directory)
  whileStarting?.throwIfAborted()
  await ensureCluster(cluster, secrets, binaries, { ...runner, endedBy: whileStarting }, account)
  whileStarting?.throwIfAborted()

  shortenLog(logFile)
  const installation = { binaries, runner, account, cluster, logFile, log }
  const { postmaster, connection } = await startServing(installation, secrets, whileStarting)
  return { connection, stop: keepRunning(installation, postmaster) }
}

interface Serving {
  readonly postmaster: Postmaster
  readonly connection: Connection
}

/** One that is adopted may be dying of a kill that has just reached it: then the next one is started, once. */
async function startServing(
  installation: Installation,
  secrets: Secrets,
  whileStarting: AbortSignal | undefined,
  mayDie = true,
): Promise<Serving> {
  const { cluster, log } = installation
  const postmaster = await startOrAdopt(installation, { whileStarting })
  try {
    return { postmaster, connection: await ensureApplication(postmaster, secrets) }
  } catch (cause) {
    const isDead = !isPostmaster(cluster, postmaster.pid)
    await stopPostmaster(cluster, postmaster, log)
    if (isDead && mayDie) return startServing(installation, secrets, whileStarting, false)
    throw new Error(`The database in ${cluster} cannot be used: ${inWords(cause)}. ${wayOut}`, { cause })
  }
}

/** A disk that gets full in the middle of a page is told by PostgreSQL as "wrote only 4096 of 8192 bytes", with the code of a full disk. */
function inWords(cause: unknown): string {
  const isDiskFull = cause instanceof Error && 'code' in cause && cause.code === '53100'
  const reason = reasonOf(cause)
  return isDiskFull && !/no space left/i.test(reason) ? `${reason}: no space left on device` : reason
}

/** Under root others may pass, for PostgreSQL's account must reach its cluster; all that lies in here is closed by itself. */
function prepareDirectory(wanted: string): string {
  mkdirSync(wanted, { recursive: true, mode: 0o700 })
  const directory = realpathSync(wanted)
  const user = process.getuid?.()
  const owner = statSync(directory).uid
  if (user !== 0 && owner !== user) {
    throw new Error(
      `${directory} belongs to uid ${owner}, and this is uid ${user}: run as its owner or as root. ${wayOut}`,
    )
  }
  chmodSync(directory, user === 0 ? 0o711 : 0o700)
  return directory
}

/** Starts PostgreSQL again when it dies (the kernel out of memory, a kill), and keeps its log short, until stopped. */
function keepRunning(installation: Installation, first: Postmaster): () => Promise<void> {
  const { cluster, log, logFile } = installation
  let postmaster = first
  let restart: Promise<void> | undefined
  let stopped: Promise<void> | undefined

  const watch = setInterval(() => {
    shortenLog(logFile)
    if (restart || isPostmaster(cluster, postmaster.pid)) return
    log.error({ pid: postmaster.pid }, 'PostgreSQL has ended without being asked to: starting it again')
    restart = startOrAdopt(installation, { socketDirectory: first.socketDirectory })
      .then((again) => {
        postmaster = again
      })
      .catch((error: unknown) => log.error({ err: error }, 'PostgreSQL does not come back: trying again'))
      .finally(() => {
        restart = undefined
      })
  }, watchMs)
  watch.unref()

  return () => {
    clearInterval(watch)
    stopped ??= Promise.resolve(restart).then(() => stopPostmaster(cluster, postmaster, log))
    return stopped
  }
}

/** Copies and truncates instead of renaming: PostgreSQL holds the file open, for appending, and may outlive us. */
function shortenLog(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
  if (size <= maxLogBytes) return
  try {
    copyFileSync(logFile, `${logFile}.1`)
  } catch {
    // No room for the copy: then the old lines go, for the disk is what the database needs most.
  }
  truncateSync(logFile)
}
