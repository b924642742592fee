import { execFileSync, spawn } from 'node:child_process'
import {
  chownSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isErrno } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import {
  type Account,
  commandLine,
  lastComplaint,
  type PostgresBinaries,
  type Runner,
  wayOut,
} from './postgres-binaries.ts'

export interface Postmaster {
  readonly pid: number
  readonly socketDirectory: string
}

/** What it takes to start a postmaster. */
export interface Installation {
  readonly binaries: PostgresBinaries
  readonly runner: Runner
  readonly account: Account | undefined
  /** PGDATA. Absolute and without symbolic links, for an orphan is recognised by it. */
  readonly cluster: string
  readonly logFile: string
  readonly log: Log
}

/** Names the socket file only: PostgreSQL does not listen on TCP. */
export const socketPort = 5432

/** sun_path of sockaddr_un holds 104 bytes on macOS and 108 on Linux, the final NUL among them (unix(7), unix(4)). */
const maxSocketPathBytes = 103
const socketDirectoryPrefix = 'liftwatt-postgres-'

const retryMs = 250
/** How long a start waits for a lock that no living postmaster of ours holds: of backends that outlived theirs. */
const lockPatienceMs = 30_000
const readyPollMs = 10
const sayStillWaitingMs = 10_000
/** A fast shutdown ends with a checkpoint, which takes seconds on a slow disk. After this, SIGQUIT: safe, but recovery follows. */
const shutdownPatienceMs = 60_000

/**
 * Starts PostgreSQL, or adopts the one that a killed predecessor has left running on the same cluster.
 * @param how.socketDirectory where the socket must be again, when clients know it already
 * @param how.whileStarting its `abort` stops the one that is just starting
 * @throws {Error} one sentence, with PostgreSQL's own reason
 */
export async function startOrAdopt(installation: Installation, how: StartOptions): Promise<Postmaster> {
  const { cluster, log } = installation
  const { socketDirectory, whileStarting } = how
  const lockedUntil = Date.now() + lockPatienceMs
  for (;;) {
    const live = livePostmaster(cluster)
    if (live?.status === 'ready') {
      const sameSocket = socketDirectory === undefined || socketDirectory === live.socketDirectory
      if (sameSocket && (await listens(live.socketDirectory))) {
        log.info({ pid: live.pid }, 'adopted the PostgreSQL that was still running')
        return live
      }
      await stopPostmaster(cluster, live, log) // its socket is out of our reach: swept away, or in another /tmp
    }
    if (live === undefined) {
      const outcome = await launch(installation, how)
      if ('pid' in outcome) return outcome
      if (!outcome.locked || Date.now() > lockedUntil) {
        throw new Error(`PostgreSQL did not start: ${outcome.reason} (its log: ${installation.logFile}). ${wayOut}`)
      }
      takeOverStaleLocks(installation, socketDirectory)
    }
    if (whileStarting?.aborted) {
      if (live !== undefined) await stopPostmaster(cluster, live, log)
      whileStarting.throwIfAborted()
    }
    await sleep(retryMs) // one that is starting or shutting down settles by itself
  }
}

interface StartOptions {
  readonly socketDirectory?: string | undefined
  readonly whileStarting?: AbortSignal | undefined
}

type LaunchFailure = { readonly reason: string; readonly locked: boolean }

async function launch(
  installation: Installation,
  { socketDirectory, whileStarting }: StartOptions,
): Promise<Postmaster | LaunchFailure> {
  const { binaries, runner, cluster, logFile, log } = installation
  const sockets = prepareSocketDirectory(installation, socketDirectory)
  // A file, not a pipe: PostgreSQL must be able to write its log after we have been killed.
  const output = openSync(logFile, 'a', 0o600)
  const logStart = statSync(logFile).size
  // Detached: a process group of its own, or Ctrl-C would stop the database before the service has drained.
  const child = spawn(...commandLine(runner, binaries.postgres, ['-D', cluster, ...settings(sockets)]), {
    ...runner.options,
    detached: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  child.unref()
  let ended: string | undefined
  child.once('error', (error) => {
    ended = error.message
  })
  child.once('exit', (code, signal) => {
    ended = `it ended with ${signal ?? `code ${code}`}`
  })

  let sayAt = Date.now() + sayStillWaitingMs
  while (ended === undefined) {
    const found = readPidFile(cluster)
    if (found !== undefined && found.pid === child.pid && found.status === 'ready') {
      log.info({ pid: found.pid }, 'PostgreSQL started')
      return found
    }
    if (whileStarting?.aborted && !child.killed) child.kill('SIGINT') // a fast shutdown, in whatever state it is
    if (Date.now() > sayAt) {
      log.warn({ pid: child.pid }, 'PostgreSQL is still starting: after a crash it replays its log first')
      sayAt = Date.now() + sayStillWaitingMs
    }
    await sleep(readyPollMs)
  }

  if (socketDirectory === undefined) removeSocketDirectory(sockets)
  const said = readFileSync(logFile).subarray(logStart).toString()
  return {
    reason: lastComplaint(said) ?? ended,
    locked: /lock file ".+" already exists|pre-existing shared memory block/.test(said),
  }
}

/**
 * After a power cut the pid in a lock file may be that of any process by now, and PostgreSQL would not start for as long as that one lives.
 * One that names its own parent it takes for stale (`CreateLockFile` in miscinit.c): so ours goes into those that name no postmaster of this
 * cluster. All else stays, above all the shared memory in postmaster.pid, by which PostgreSQL then looks for backends that outlived
 * their postmaster; without that line the file is let be. The socket's lock is only looked at by whoever has won postmaster.pid.
 */
function takeOverStaleLocks(installation: Installation, socketDirectory = installation.cluster): void {
  const { cluster } = installation
  if (livePostmaster(cluster) !== undefined) return
  if (readPidFile(cluster)?.sharedMemory) takeOver(join(cluster, 'postmaster.pid'), installation)
  takeOver(`${socketFile(socketDirectory)}.lock`, installation)
}

function takeOver(lock: string, { account, log }: Installation): void {
  const [pid, ...others] = linesOf(lock) ?? []
  if (pid === undefined || pid === String(process.pid)) return
  log.warn(
    { lock, pid },
    'a lock of PostgreSQL that a crash has left names a process that is none of its: it does not count',
  )
  const aside = `${lock}.new` // PostgreSQL never sees half of it
  writeFileSync(aside, [process.pid, ...others].join('\n'), { mode: 0o600, flush: true })
  if (account) chownSync(aside, account.uid, account.gid)
  renameSync(aside, lock)
}

/** On the command line, so that neither postgresql.conf nor ALTER SYSTEM can undo them. */
function settings(socketDirectory: string): string[] {
  return Object.entries({
    port: socketPort,
    listen_addresses: '', // the socket only
    unix_socket_directories: `"${socketDirectory.replaceAll('"', '""')}"`, // a list: quoted, a comma is part of the name
    unix_socket_permissions: '0700',
    max_connections: 60,
    shared_buffers: '64MB',
    max_wal_size: '256MB',
    fsync: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'off', // to our file, which we keep short ourselves
    log_checkpoints: 'off',
    log_error_verbosity: 'terse', // DETAIL would write rows, and so people's names, into the log
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** The cluster itself, closed to others anyway; or a short directory in tmp when the socket's path would not fit. */
function prepareSocketDirectory({ cluster, account }: Installation, wanted: string | undefined): string {
  if (wanted === cluster || (wanted === undefined && fitsSocket(cluster))) return cluster
  const owner = account?.uid ?? process.getuid?.()
  const there = wanted === undefined ? undefined : lstatSync(wanted, { throwIfNoEntry: false })
  if (wanted !== undefined && there?.isDirectory() && there.uid === owner) return wanted

  const directory = wanted ?? mkdtempSync(join(tmpdir(), socketDirectoryPrefix))
  if (wanted !== undefined) mkdirSync(wanted, { mode: 0o700 }) // never through something that others put there
  if (account) chownSync(directory, account.uid, account.gid)
  return directory
}

function fitsSocket(directory: string): boolean {
  return Buffer.byteLength(socketFile(directory)) <= maxSocketPathBytes
}

function socketFile(directory: string): string {
  return join(directory, `.s.PGSQL.${socketPort}`)
}

function removeSocketDirectory(directory: string): void {
  const ours = dirname(directory) === tmpdir() && basename(directory).startsWith(socketDirectoryPrefix)
  if (ours) rmSync(directory, { recursive: true, force: true })
}

/** SIGINT is PostgreSQL's fast shutdown: it rolls back what is open, writes a checkpoint and ends. */
export async function stopPostmaster(cluster: string, { pid, socketDirectory }: Postmaster, log: Log): Promise<void> {
  signalPostmaster(cluster, pid, 'SIGINT')
  let impatientAt = Date.now() + shutdownPatienceMs
  while (isPostmaster(cluster, pid)) {
    if (Date.now() > impatientAt) {
      log.warn({ pid }, 'PostgreSQL takes long to shut down: stopping it at once, it will recover at the next start')
      signalPostmaster(cluster, pid, 'SIGQUIT')
      impatientAt = Date.now() + shutdownPatienceMs
    }
    await sleep(readyPollMs)
  }
  removeSocketDirectory(socketDirectory)
}

/** What has taken the number of one that has ended is let be. */
export function signalPostmaster(cluster: string, pid: number, name: NodeJS.Signals): void {
  if (!isPostmaster(cluster, pid)) return
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // ended meanwhile: what we wanted
  }
}

type PidFile = Postmaster & { readonly sharedMemory: string; readonly status: string }

/** The living postmaster of this cluster, in whatever state. A stale postmaster.pid stays: PostgreSQL judges it better than we. */
function livePostmaster(cluster: string): PidFile | undefined {
  const found = readPidFile(cluster)
  return found && isPostmaster(cluster, found.pid) ? found : undefined
}

/** Lines of postmaster.pid: 1 pid, 2 PGDATA, 3 start, 4 port, 5 socket directory, 6 address, 7 shared memory, 8 status (pidfile.h). */
function readPidFile(cluster: string): PidFile | undefined {
  const lines = linesOf(join(cluster, 'postmaster.pid'))
  const pid = Number(lines?.[0])
  if (lines === undefined || !Number.isSafeInteger(pid) || pid <= 1) return undefined // half written
  const [sharedMemory = '', status = ''] = lines.slice(6).map((line) => line.trim())
  return { pid, socketDirectory: lines[4] ?? '', sharedMemory, status }
}

function linesOf(file: string): string[] | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return undefined
    throw cause
  }
}

/** Whether `pid` lives, is no zombie, and is PostgreSQL on this very cluster: pids are used again, after a reboot at the latest. */
export function isPostmaster(cluster: string, pid: number): boolean {
  const command = commandOf(pid)
  return command !== undefined && /^[^\0]*\/postgres\0/.test(command) && command.includes(`\0-D\0${cluster}\0`)
}

/** The command line of a running process, its words ended by NUL; undefined for a dead one or a zombie. */
function commandOf(pid: number): string | undefined {
  try {
    // Not /proc/<pid>/exe: without CAP_SYS_PTRACE even root may not read that of another account. A zombie's is empty.
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8') || undefined
    const words = execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
    return words.trim().replace(/ (-[Dc]) /g, '\0$1\0') // macOS: untested
  } catch {
    return undefined
  }
}

function listens(socketDirectory: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketFile(socketDirectory))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
