import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import ts from 'typescript'
import { afterEach, expect, test } from 'vitest'
import { type Log, silentLog } from '../core/log.ts'
import { startTestBroker, type TestBroker, timesOf } from '../test/fixtures/mqtt-broker.ts'
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'
import { defaultTiming, pauseAfter } from './uplink.ts'

const directories: string[] = []
const running: { stop(): Promise<void> }[] = []

afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop()
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true, force: true })))
})

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-gateway-'))
  directories.push(directory)
  return directory
}

async function started<S extends { stop(): Promise<void> }>(service: Promise<S>): Promise<S> {
  running.push(await service)
  return service
}

const fast = { firstPauseMs: 20, longestPauseMs: 100, refusedPauseMs: 100, acknowledgeTimeoutMs: 300 }

function gatewayTo(url: string, options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const settings = { ...fast, ...options.settings }
  return started(createGateway({ url, gatewayId: 'gw-1', password: 'secret', ...options, settings }))
}

async function recordAll(gateway: Gateway, times: readonly number[], deviceId = 'm1'): Promise<void> {
  await Promise.all(times.map((at) => gateway.record(deviceId, { at, values: { watts: at } })))
}

const upTo = (end: number, from = 1) => Array.from({ length: end - from + 1 }, (_, index) => from + index)

test('readings arrive as they were recorded, in order, each once', async () => {
  const broker = await started(startTestBroker())
  const gateway = await gatewayTo(broker.url, { outboxDirectory: await newDirectory(), clock: () => 77 })
  await recordAll(gateway, upTo(300))
  await recordAll(gateway, upTo(300), 'm2')
  await gateway.drained()

  expect(broker.messages.filter(({ deviceId }) => deviceId === 'm1').flatMap(({ readings }) => readings)).toEqual(
    upTo(300).map((at) => ({ at, values: { watts: at } })),
  )
  expect(timesOf(broker.messages, 'm2')).toEqual(upTo(300))
  expect(gateway.stats()).toMatchObject({
    recorded: 600,
    acknowledged: 600,
    waiting: 0,
    waitingBytes: 0,
    connections: 1,
  })
  expect(gateway.stats().lastAcknowledgedAt).toBe(77)
})

test('nothing is lost while the broker is away, and what waited comes in few messages', async () => {
  const first = await started(startTestBroker())
  const gateway = await gatewayTo(first.url, { outboxDirectory: await newDirectory() })
  await recordAll(gateway, upTo(100))
  await gateway.drained()
  await first.stop()
  running.splice(running.indexOf(first), 1)
  await recordAll(gateway, upTo(1_100, 101))

  const second = await started(startTestBroker({ port: first.port }))
  await gateway.drained()

  expect(timesOf([...first.messages, ...second.messages], 'm1')).toEqual(upTo(1_100))
  expect(second.messages.length).toBeLessThanOrEqual(5)
})

test('messages whose acknowledgement is withheld are sent again on a new connection', async () => {
  const broker = await started(startTestBroker())
  const gateway = await gatewayTo(broker.url)
  await gateway.connected(60_000)
  broker.silent = true
  await recordAll(gateway, upTo(50))
  await expect.poll(() => broker.connects).toBeGreaterThanOrEqual(3)
  expect(gateway.stats()).toMatchObject({ acknowledged: 0, waiting: 50 })
  expect(gateway.stats().problem).toContain('no acknowledgement within 0.3 s')

  broker.silent = false
  await gateway.drained()

  expect(timesOf(broker.messages, 'm1')).toEqual(upTo(50))
  expect(gateway.stats()).toMatchObject({ acknowledged: 50, problem: undefined })
})

test('no more messages are under way than the window allows', async () => {
  const broker = await started(startTestBroker())
  const gateway = await gatewayTo(broker.url, {
    settings: { window: 4, acknowledgeTimeoutMs: 60_000, stopPatienceMs: 10 },
  })
  await gateway.connected(60_000)
  broker.silent = true
  for (const deviceId of upTo(20)) await gateway.record(`m${deviceId}`, { at: 1, values: {} })
  await sleep(100)

  expect(gateway.stats()).toMatchObject({ inFlight: 4, waiting: 20 })
})

test('what is in the outbox when the gateway is stopped is sent by the next one', async () => {
  const broker = await started(startTestBroker())
  const outboxDirectory = await newDirectory()
  const before = await gatewayTo('mqtt://127.0.0.1:1', { outboxDirectory })
  await recordAll(before, upTo(700))
  const leftover = expect(before.drained()).rejects.toThrow('is stopped')
  running.splice(running.indexOf(before), 1)
  await before.stop()
  await leftover
  await expect(before.record('m1', { at: 1, values: {} })).rejects.toThrow('is stopped')

  const after = await gatewayTo(broker.url, { outboxDirectory })
  await after.drained()

  expect(timesOf(broker.messages, 'm1')).toEqual(upTo(700))
})

test('a full outbox refuses new readings, says so once, counts them, and sends all that it kept', async () => {
  const broker = await startTestBroker()
  await broker.stop()
  const warnings: string[] = []
  const log: Log = { ...silentLog, warn: (_, message) => warnings.push(message) }
  const gateway = await gatewayTo(broker.url, { log, settings: { outboxMaxBytes: 2_000 } })
  const results = await Promise.allSettled(upTo(100).map((at) => gateway.record('m1', { at, values: { watts: 1 } })))
  const kept = results.filter(({ status }) => status === 'fulfilled').length
  expect(kept).toBeGreaterThan(10)
  expect(gateway.stats()).toMatchObject({ recorded: kept, refused: 100 - kept })
  expect(warnings.filter((warning) => warning.includes('full'))).toHaveLength(1)
  expect(gateway.hasRoom()).toBe(false)

  const back = await started(startTestBroker({ port: broker.port }))
  await gateway.room()
  await gateway.drained()

  expect(timesOf(back.messages, 'm1')).toEqual(upTo(kept))
})

test('a wrong password is said in words, tried again only slowly, and loses nothing', async () => {
  const broker = await started(startTestBroker({ password: 'another' }))
  const warnings: string[] = []
  const log: Log = { ...silentLog, warn: (_, message) => warnings.push(message) }
  const gateway = await gatewayTo(broker.url, { log, settings: { refusedPauseMs: 60_000 } })
  await recordAll(gateway, [1])

  await expect(gateway.connected(60_000)).rejects.toMatchObject({ code: 'unauthenticated' })
  await sleep(300)
  expect(broker.connects).toBe(1)
  expect(warnings).toEqual([
    `The broker at ${broker.url} refuses gateway gw-1: the password is wrong, or no such gateway is registered`,
  ])
  expect(gateway.stats()).toMatchObject({ state: 'refused', waiting: 1 })
})

test('a broker that is not there is named', async () => {
  const gateway = await gatewayTo('mqtt://127.0.0.1:1')

  await expect(gateway.connected(1_000)).rejects.toThrow(
    'The connection to mqtt://127.0.0.1:1 failed: connect ECONNREFUSED',
  )
})

test.each(['localhost:1883', 'http://localhost:1883', 'mqtt://gw-1:secret@localhost', 'mqtt://'])(
  'the broker address %s is refused in words',
  async (url) => {
    await expect(gatewayTo(url)).rejects.toThrow('given as mqtt://host:port or mqtts://host:port')
  },
)

test('pauses between attempts double up to a minute, and no two gateways keep the same', () => {
  const pauses = (random: number, refused = false) =>
    [0, 1, 2, 5, 6, 30].map((failures) =>
      pauseAfter(failures, { refused, sentence: '' }, { timing: defaultTiming, random: () => random }),
    )

  expect(pauses(1)).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000])
  expect(pauses(0)).toEqual([500, 1_000, 2_000, 16_000, 30_000, 30_000])
  expect(pauses(1, true)).toEqual([60_000, 60_000, 60_000, 60_000, 60_000, 60_000])
})

test('a gateway that is killed again and again delivers every reading that it recorded', async () => {
  const program = await compileGateway()
  const outboxDirectory = await newDirectory()
  const broker: TestBroker = await started(startTestBroker())
  const promised: number[] = []

  for (const life of upTo(5)) {
    broker.silent = life % 2 === 1 // Every other life, nothing leaves the outbox.
    const child = spawn(process.execPath, [program, broker.url, outboxDirectory, String(life * 1_000_000)])
    const died = new Promise((resolve) => child.once('exit', resolve))
    await promisesOf(child, 30 + 10 * life, promised)
    child.kill('SIGKILL')
    await died
  }
  broker.silent = false
  const last = await gatewayTo(broker.url, { outboxDirectory })
  await last.drained()

  expect(promised.length).toBeGreaterThanOrEqual(5 * 30)
  const arrived = new Set(timesOf(broker.messages, 'm1'))
  expect(promised.filter((at) => !arrived.has(at))).toEqual([])
})

/** Collects the times that the child says are recorded, for as long as it takes to have `count` more. */
async function promisesOf(child: ChildProcess, count: number, promised: number[]): Promise<void> {
  const errors: string[] = []
  child.stderr?.on('data', (data) => errors.push(String(data)))
  if (!child.stdout) throw new Error('The child has no output')
  const lines = createInterface({ input: child.stdout })
  let missing = count
  await new Promise<void>((enough, reject) => {
    lines.on('line', (line) => {
      promised.push(Number(line))
      missing -= 1
      if (missing === 0) enough()
    })
    child.once('exit', () => reject(new Error(`The child ended early: ${errors.join('')}`)))
  })
}

/** The gateway as a program of its own: it records one reading after the other and writes each one's time once it is kept. */
async function compileGateway(): Promise<string> {
  const root = resolve(import.meta.dirname, '..')
  const directory = await newDirectory()
  const compiled = ts.createProgram([join(import.meta.dirname, 'gateway.ts')], {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    rewriteRelativeImportExtensions: true,
    noCheck: true,
    types: [],
    rootDir: root,
    outDir: directory,
  })
  compiled.emit()
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
  await mkdir(join(directory, 'simulators'), { recursive: true })
  const program = join(directory, 'simulators', 'child.js')
  await writeFile(
    program,
    `import { writeSync } from 'node:fs'
     import { createGateway } from './gateway.js'
     const [url, outboxDirectory, from] = process.argv.slice(2)
     const gateway = await createGateway({ url, gatewayId: 'gw-1', password: 'secret', outboxDirectory })
     for (let at = Number(from); ; at += 5) {
       await Promise.all([0, 1, 2, 3, 4].map(async (n) => {
         await gateway.record('m1', { at: at + n, values: { watts: 1 } })
         writeSync(1, at + n + '\\n')
       }))
     }`,
  )
  return program
}
