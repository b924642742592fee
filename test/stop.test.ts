import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { freePort } from './free-port.ts'
import { createJudge, figures, type Judge, oneOrderEach } from './judge.ts'
import { eventually, postmasterPid, type ServiceUnderTest, startRefused, startService } from './service.ts'

const long = process.env.LIFTWATT_TEST_LONG !== undefined
const rounds = long ? 10 : 3
/** The promise is 10 s. `npm test` shares its machine with whatever else runs there. */
const stoppedWithinMs = long ? 10_000 : 30_000

let service: ServiceUnderTest | undefined
let judge: Judge | undefined
const directories: string[] = []
afterEach(async () => {
  await judge?.stop()
  await service?.remove()
  judge = undefined
  service = undefined
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

test('SIGTERM under load: exit 0 in time, nothing acknowledged is lost, PostgreSQL goes last, old data is there again', async () => {
  service = await startService()
  judge = await createJudge(service, 20)
  let slowestMs = 0

  for (let round = 0; round < rounds; round++) {
    const load = judge.load(25)
    const episode = judge.faultEpisode()
    await delay(100 + Math.random() * 1_000)
    const postmaster = await postmasterPid(service.directory)
    if (postmaster === undefined) throw new Error('there is no PostgreSQL')

    const ends = watchEnds(service, postmaster)
    const begin = performance.now()
    expect(await service.stop()).toBe(0)
    slowestMs = Math.max(slowestMs, performance.now() - begin)
    const { doorClosedAt, postgresGoneAt } = await ends
    expect(doorClosedAt).toBeLessThan(postgresGoneAt)
    expect(await postmasterPid(service.directory)).toBeUndefined()
    expect(await readFile(join(service.directory, 'postgres', 'postgres.log'), 'utf8')).toMatch(
      /database system is shut down\s*$/,
    )

    service = await service.restart()
    await episode
    await load.stop()
    await judge.drained()
  }

  const verdict = await judge.verdict(service)
  console.log(figures(`SIGTERM, ${rounds} rounds`, verdict, { 'to the end at most': slowestMs }))
  expect(verdict).toMatchObject({ ...oneOrderEach, episodes: rounds })
  expect(slowestMs).toBeLessThanOrEqual(stoppedWithinMs)
}, 600_000)

test('a second start on the same data refuses and names the first, which goes on', async () => {
  service = await startService()
  judge = await createJudge(service, 1)

  const { exitCode, printed } = await startRefused({ LIFTWATT_DATA: service.directory, HTTP_PORT: '0', MQTT_PORT: '0' })
  expect(exitCode).toBe(1)
  expect(printed.trim()).toBe(
    `LIFTWATT_DATA: ${service.directory} is in use by another Liftwatt (process ${service.pid}); stop it, or set LIFTWATT_DATA to another directory`,
  )

  const load = judge.load(20)
  await delay(300)
  await load.stop()
  await judge.drained()
  expect(await judge.verdict(service)).toMatchObject({ missing: 0, storedTwice: 0, wrong: 0 })
})

test('SIGTERM at any moment of a start: it ends in time, and leaves neither a process nor a lock behind', async () => {
  const directory = await newDirectory()
  const port = await freePort()
  const there = (name: string) => async () => existsSync(join(directory, name))
  // in the order in which a first start comes to them; each start goes on with what the one before has left
  const moments: [string, () => Promise<boolean>][] = [
    ['the data directory is taken', there('lock')],
    ['the database is being made', async () => (await processesOf(directory)).some((line) => line.includes('initdb'))],
    ['PostgreSQL is starting', there('postgres/cluster/postmaster.pid')],
    ['journal and history are being opened', there('readings.duckdb')],
    ['gateways are let in', () => answers(port)],
  ]
  const some = moments.filter((_, n) => long || n % 2 === 1)
  let slowestMs = 0
  for (const [moment, isReached] of some) {
    const { child, printed } = startLiftwatt({ LIFTWATT_DATA: directory, MQTT_PORT: String(port) })
    const ended = once(child, 'close')
    await eventually(moment, async () => child.exitCode !== null || (await isReached()), 120_000)
    const begin = performance.now()
    child.kill('SIGTERM')
    expect(await ended, `${moment}: ${printed()}`).toEqual([0, null])
    slowestMs = Math.max(slowestMs, performance.now() - begin)
    expect(await processesOf(directory), moment).toEqual([])
    expect(existsSync(join(directory, 'lock')), moment).toBe(false)
  }
  console.log(`SIGTERM at ${some.length} moments of a start: to the end at most ${Math.round(slowestMs)} ms`)
  expect(slowestMs).toBeLessThanOrEqual(stoppedWithinMs)

  service = await startService({ directory })
  expect((await service.list('/gateways')).length).toBe(0)
  expect(await service.stop()).toBe(0)
}, 300_000)

test('whatever is kept in the data directory is closed to other accounts', async () => {
  service = await startService()
  judge = await createJudge(service, 1)
  const load = judge.load(20)
  await delay(500)
  await load.stop()
  await judge.drained()

  const kept = service.directory
  const paths = (await readdir(kept, { recursive: true })).filter((path) => !path.startsWith('postgres'))
  expect(paths).toEqual(expect.arrayContaining(['journal', 'snapshots', 'readings.duckdb', 'operator-token']))
  const modes = await Promise.all(paths.map(async (path) => [path, (await stat(join(kept, path))).mode & 0o077]))
  expect(modes.filter(([, open]) => open !== 0)).toEqual([])
})

test('wrong settings are all named at once, and nothing starts', async () => {
  const directory = join(await newDirectory(), 'data')
  const wrong = {
    HTTP_PORT: '808o',
    MQTT_PORT: '70000',
    DATABASE_URL: 'mysql://localhost/liftwatt',
    INFLUX_URL: 'localhost:8086',
    LIFTWATT_OPERATOR_TOKEN: 'short',
    LIFTWATT_ROLES: 'broker,brewer',
    LOG_LEVEL: 'loud',
    JOURNAL_MAX_DAYS: '-1',
    GATEWAY_MAX_MESSAGE_PER_SECOND: '5', // a typing error
  }
  const { exitCode, printed } = await startRefused({ LIFTWATT_DATA: directory, ...wrong })

  expect(exitCode).toBe(1)
  for (const name of Object.keys(wrong)) expect(printed).toMatch(new RegExp(`^  ${name}: `, 'm'))
  expect(printed).not.toContain('short')
  expect(existsSync(directory)).toBe(false)
})

test.each([
  ['TLS_CERT', { MQTTS_PORT: '0', TLS_CERT: '/no/such/cert.pem', TLS_KEY: '/no/such/key.pem' }],
  ['HTTP_PORT', { HTTP_PORT: 'taken' }],
  ['MQTT_PORT', { MQTT_PORT: 'taken' }],
  ['MQTT_HOST', { MQTT_HOST: '192.0.2.1' }], // of the addresses that nobody has
])(
  '%s that only turns out to be wrong at the start is named, and nothing stays behind',
  async (name, environment) => {
    const directory = await newDirectory()
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const taken = typeof address === 'object' && address !== null ? String(address.port) : ''
    const given = Object.entries({ HTTP_PORT: '0', MQTT_PORT: '0', ...environment }).map(([key, value]) => [
      key,
      value === 'taken' ? taken : value,
    ])

    const { exitCode, printed } = await startRefused({
      LIFTWATT_DATA: directory,
      MQTT_HOST: '127.0.0.1',
      ...Object.fromEntries(given),
    })
    server.close()

    expect(exitCode).toBe(1)
    // its last line; a connection that PostgreSQL closes on the way out may be logged before
    expect(printed.trim().split('\n').at(-1)).toContain(`${name}: `)
    expect(await postmasterPid(directory)).toBeUndefined()
    expect(existsSync(join(directory, 'lock'))).toBe(false)
    expect(existsSync(join(directory, 'operator-token'))).toBe(false) // nobody was shown one
  },
  120_000,
)

test.each([
  ['a file', (directory: string) => join(directory, 'file'), 'is not a directory'],
  ['below a file', (directory: string) => join(directory, 'file', 'data'), 'cannot be made (ENOTDIR: not a directory'],
  // where Node's own way to make a directory with those above it never ends
  ['in /proc', () => '/proc/liftwatt', 'cannot be made (ENOENT: no such file or directory'],
])('LIFTWATT_DATA that is %s is refused in one sentence', async (_, pathIn, reason) => {
  const directory = await newDirectory()
  await writeFile(join(directory, 'file'), '')
  const path = pathIn(directory)
  const { exitCode, printed } = await startRefused({ LIFTWATT_DATA: path, HTTP_PORT: '0', MQTT_PORT: '0' })

  expect(exitCode).toBe(1)
  expect(printed).toContain(`LIFTWATT_DATA: ${path} ${reason}`)
  expect(printed.trim()).toMatch(/; set LIFTWATT_DATA to a directory that can be written$/)
  expect(printed.trim().split('\n')).toHaveLength(1)
})

/** As `npm start` does, without waiting for anything. */
function startLiftwatt(environment: Readonly<Record<string, string>>) {
  const launcher = join(import.meta.dirname, '../bin/liftwatt.js')
  const child = spawn(process.execPath, [launcher, 'start'], {
    env: { PATH: process.env.PATH, HTTP_PORT: '0', MQTT_HOST: '127.0.0.1', LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  }
  return { child, printed: () => printed }
}

/** The command lines of all processes that name the directory, as PostgreSQL's do. */
async function processesOf(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line.includes(directory)).map((line) => line.replaceAll('\0', ' ').trim())
}

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-test-'))
  directories.push(directory)
  return directory
}

/** When the service let no more gateway in, and when PostgreSQL was gone. */
async function watchEnds(service: ServiceUnderTest, postmaster: number) {
  const untilGone = async (isThere: () => Promise<boolean>) => {
    while (await isThere()) await delay(5)
    return performance.now()
  }
  const [doorClosedAt, postgresGoneAt] = await Promise.all([
    untilGone(() => answers(service.mqttPort)),
    untilGone(async () => existsSync(`/proc/${postmaster}`)),
  ])
  return { doorClosedAt, postgresGoneAt }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
