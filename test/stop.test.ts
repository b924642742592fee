import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createJudge, figures, type Judge, oneOrderEach } from './judge.ts'
import { postmasterPid, type ServiceUnderTest, startRefused, startService } from './service.ts'

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
}, 120_000)

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
}, 60_000)

test.each([
  ['TLS_CERT', { MQTTS_PORT: '0', TLS_CERT: '/no/such/cert.pem', TLS_KEY: '/no/such/key.pem' }],
  ['HTTP_PORT', { HTTP_PORT: 'taken' }],
  ['MQTT_PORT', { MQTT_PORT: 'taken' }],
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
    expect(printed.trim().split('\n').at(-1)).toContain(name)
    expect(await postmasterPid(directory)).toBeUndefined()
    expect(existsSync(join(directory, 'lock'))).toBe(false)
  },
  120_000,
)

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
