import { accessSync, chmodSync, constants, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isErrno, reasonOf } from '../core/errors.ts'

interface Holder {
  readonly pid: number
  /** When that process started, in clock ticks since boot: a pid alone may be another's by now. */
  readonly started: string
}

/**
 * Makes the data directory and takes it for this process.
 * @returns lets go of it
 * @throws {Error} one sentence: it cannot be used, or a live process has it
 */
export function takeDataDirectory(directory: string): () => void {
  makeDataDirectory(directory)
  const file = join(directory, 'lock')
  const own: Holder = { pid: process.pid, started: startOf(process.pid) ?? '' }

  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, JSON.stringify(own), { flag: 'wx', mode: 0o600 })
      return () => rmSync(file, { force: true })
    } catch (cause) {
      if (!isErrno(cause, 'EEXIST') || attempt > 3) throw notWritable(directory, cause)
    }
    const holder = readHolder(file)
    if (holder !== undefined && startOf(holder.pid) === holder.started && holder.pid !== process.pid) {
      throw new Error(
        `${directory} is in use by another Liftwatt (process ${holder.pid}); stop it, or set LIFTWATT_DATA to another directory`,
      )
    }
    rmSync(file, { force: true })
  }
}

/**
 * Makes it, with those above it, unless it is there. Under root others may pass through, for PostgreSQL, which refuses to run as
 * root, must reach its cluster.
 * @throws {Error} one sentence: it cannot be made, is no directory, or cannot be written
 */
export function makeDataDirectory(directory: string): void {
  try {
    makeDirectory(directory, process.getuid?.() === 0 ? 0o711 : 0o700)
  } catch (cause) {
    throw new Error(`${directory} cannot be made (${reasonOf(cause)}); ${another}`, { cause })
  }
  const isDirectory = statSync(directory, { throwIfNoEntry: false })?.isDirectory()
  if (isDirectory !== true) throw new Error(`${directory} is not a directory; ${another}`)
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw notWritable(directory, cause)
  }
}

function notWritable(directory: string, cause: unknown): Error {
  return new Error(`${directory} cannot be written (${reasonOf(cause)}); ${another}`, { cause })
}

const another = 'set LIFTWATT_DATA to a directory that can be written'

/** Level by level: Node's `recursive` never ends where the system says that a directory that is there is not (/proc; Node 20). */
function makeDirectory(directory: string, mode: number): void {
  try {
    mkdirSync(directory, { mode })
  } catch (cause) {
    if (isErrno(cause, 'EEXIST')) return
    const parent = dirname(directory)
    if (!isErrno(cause, 'ENOENT') || parent === directory) throw cause
    makeDirectory(parent, mode)
    mkdirSync(directory, { mode })
  }
}

/** What the engines make by themselves, with modes of their own liking. */
const madeByEngines = ['journal', 'snapshots', 'evidence', 'readings.duckdb', 'readings.duckdb.wal'] as const

/**
 * From now on whatever this process makes is for its own account alone (0700 and 0600), and so is what earlier versions made.
 * To be called when PostgreSQL runs, not before: under root that is another account, which must read the libraries made for it.
 */
export function closeToOthers(directory: string): void {
  process.umask(0o077)
  for (const name of madeByEngines) {
    const path = join(directory, name)
    const there = statSync(path, { throwIfNoEntry: false })
    if (there !== undefined) chmodSync(path, there.isDirectory() ? 0o700 : 0o600)
  }
}

/**
 * Whether a live process has the directory, and which.
 * @throws {Error} one sentence: it cannot be seen, for the lock is another account's
 */
export function holderOf(directory: string): number | undefined {
  const holder = readHolder(join(directory, 'lock'))
  return holder !== undefined && startOf(holder.pid) === holder.started ? holder.pid : undefined
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch (cause) {
    const isGone = isErrno(cause, 'ENOENT') || isErrno(cause, 'ENOTDIR')
    const isCutOff = cause instanceof SyntaxError // by a crash while it was written
    if (isGone || isCutOff) return undefined
    throw new Error(
      `${file} cannot be read (${reasonOf(cause)}): whether another Liftwatt has the directory cannot be seen; use the account that it is of`,
      { cause },
    )
  }
}

/** Field 22 of /proc/<pid>/stat, counted after the command's name, which may hold spaces and parentheses. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
