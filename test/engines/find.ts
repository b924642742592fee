import { execFile, execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Real engines for tests, without installing anything: one from the machine's PATH when its version
 * is right, else Debian's packages unpacked into `.cache/engines`, else none and a line that says why.
 */

const root = join(import.meta.dirname, '..', '..')
const cache = join(root, '.cache', 'engines')

const recipes = {
  mosquitto: {
    packages: ['mosquitto', 'mosquitto-clients'],
    binaries: ['mosquitto', 'mosquitto_pub', 'mosquitto_sub', 'mosquitto_passwd'],
    versionArgs: ['-h'],
    version: /mosquitto version 2\./,
  },
  influxd: {
    packages: ['influxdb'],
    binaries: ['influxd'],
    versionArgs: ['version'],
    version: /InfluxDB v1\./,
  },
  'nats-server': {
    packages: ['nats-server'],
    binaries: ['nats-server'],
    versionArgs: ['--version'],
    version: /nats-server: v2\./,
  },
  strace: {
    packages: ['strace'],
    binaries: ['strace'],
    versionArgs: ['-V'],
    version: /strace -- version /,
  },
  faketime: {
    packages: ['faketime', 'libfaketime'],
    binaries: ['faketime'],
    versionArgs: ['--version'],
    version: /faketime: Version /,
  },
  chromium: {
    packages: ['chromium', 'fonts-noto-cjk'],
    binaries: ['chromium'],
    versionArgs: ['--version'],
    version: /^Chromium \d+/m,
  },
}

export type EngineName = keyof typeof recipes

export interface Engine {
  name: EngineName
  /** Absolute path of the engine's own binary. */
  path: string
  /** Absolute path by file name, e.g. `mosquitto_pub`. */
  binaries: Record<string, string>
  /** The environment to run them in: ours, with the unpacked libraries. */
  env: NodeJS.ProcessEnv
}

type Verdict = { engine: Engine; line: string } | { engine?: undefined; line: string }

const verdicts = new Map<EngineName, Promise<Verdict>>()

/** Where an engine is, fetched when it must be; `undefined` when it is not to be had. Says which, once per test run. */
export async function findEngine(name: EngineName): Promise<Engine | undefined> {
  let verdict = verdicts.get(name)
  if (!verdict) {
    verdict = look(name)
    verdicts.set(name, verdict)
  }
  return (await verdict).engine
}

async function look(name: EngineName): Promise<Verdict> {
  const verdict = installed(name) ?? (await fetched(name))
  if (firstToSay(name, verdict.line)) process.stdout.write(`engine ${name}: ${verdict.line}\n`)
  return verdict
}

function installed(name: EngineName): Verdict | undefined {
  // An ordinary user's PATH lacks the folders where Debian keeps servers.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin']
  const engine = engineIn(name, folders, process.env)
  return engine && isRightVersion(engine) ? { engine, line: `found ${engine.path}` } : undefined
}

async function fetched(name: EngineName): Promise<Verdict> {
  const folder = join(cache, name)
  const { ok, said } = await runFetch(folder, recipes[name].packages)
  if (!ok) return notToBeHad(said)

  const libraryPath = [...librariesIn(folder), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':')
  const env = { ...process.env, LD_LIBRARY_PATH: libraryPath }
  // the programs themselves first: a wrapper in bin/ may know no other place than the machine's own
  const places = [join('lib', name), 'bin', 'sbin'].map((place) => join(folder, 'usr', place))
  const engine = engineIn(name, places, env)
  if (!engine) return notToBeHad(`the packages hold no ${recipes[name].binaries.join(', ')}`)
  if (!isRightVersion(engine)) return notToBeHad(`${engine.path} does not run here or has the wrong version`)
  return { engine, line: said === 'fetched' ? 'fetched into .cache/engines' : 'found in .cache/engines' }
}

function runFetch(folder: string, packages: string[]): Promise<{ ok: boolean; said: string }> {
  return new Promise((resolve) => {
    execFile(join(import.meta.dirname, 'fetch.sh'), [folder, ...packages], (error, stdout) => {
      const said = stdout.trim().split('\n').at(-1) || error?.message.split('\n')[0] || 'fetch.sh said nothing'
      resolve({ ok: error === null, said })
    })
  })
}

/** Debian's library folders carry the machine's triplet, such as `usr/lib/x86_64-linux-gnu`; PulseAudio has one of its own in them. */
function librariesIn(folder: string): string[] {
  const parents = [join(folder, 'usr', 'lib'), join(folder, 'lib')].filter((parent) => existsSync(parent))
  const folders = parents.flatMap((parent) =>
    readdirSync(parent)
      .filter((child) => /-linux-gnu/.test(child))
      .map((child) => join(parent, child)),
  )
  return [...folders, ...folders.map((parent) => join(parent, 'pulseaudio')).filter((child) => existsSync(child))]
}

function engineIn(name: EngineName, folders: string[], env: NodeJS.ProcessEnv): Engine | undefined {
  const binaries: Record<string, string> = {}
  for (const binary of recipes[name].binaries) {
    const path = folders.map((folder) => join(folder, binary)).find(isExecutable)
    if (!path) return undefined
    binaries[binary] = path
  }
  const path = binaries[name]
  return path ? { name, path, binaries, env } : undefined
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function isRightVersion({ name, path, env }: Engine): boolean {
  const { versionArgs, version } = recipes[name]
  return version.test(outputOf(path, versionArgs, env))
}

/** What a program prints, whatever its exit status: `mosquitto -h` ends with 3. */
function outputOf(path: string, args: string[], env: NodeJS.ProcessEnv): string {
  try {
    return execFileSync(path, args, { env, encoding: 'utf8', timeout: 120_000, stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (failed) {
    return String((failed as { stdout?: unknown }).stdout ?? '')
  }
}

function notToBeHad(why: string): Verdict {
  return { line: `NOT TO BE HAD: ${why}; its tests are skipped` }
}

/** Workers of one run (named by `test/engines/run.ts`) share a note per engine: who makes it says the line. */
function firstToSay(name: EngineName, line: string): boolean {
  const run = process.env.LIFTWATT_TEST_RUN
  if (!run) return true
  try {
    writeFileSync(join(run, `${name}.said`), line, { flag: 'wx' })
    return true
  } catch {
    return false
  }
}
