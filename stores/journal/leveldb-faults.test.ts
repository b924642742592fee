import { execFileSync, fork } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { ClassicLevel } from 'classic-level'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { StoreUnavailable } from '../../core/errors.ts'
import { type Log, silentLog } from '../../core/log.ts'
import { appendAll, message, readAll, tick } from './contract.ts'
import { type LevelJournalWriter, openLevelJournal } from './leveldb.ts'
import type { Journal } from './port.ts'

const root = resolve(import.meta.dirname, '../..')
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'journal-faults-'))
  await buildInto(join(scratch, 'built'))
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

function openWriter(directory: string): Promise<LevelJournalWriter> {
  return openLevelJournal({ directory, log: silentLog, role: 'writer' })
}

test('kill -9 under load, five times: all that was acknowledged is there, in order, once', {
  timeout: 120_000,
}, async () => {
  const directory = join(scratch, 'killed')
  let acknowledged = 0

  for (let round = 0; round < 5; round++) {
    acknowledged = Math.max(acknowledged, await appendUntilKilled(directory, 150 + Math.random() * 500))
    const journal = await openWriter(directory)
    const entries = await readAll(journal)
    expect(acknowledged).toBeGreaterThan(0)
    expect(journal.head).toBeGreaterThanOrEqual(acknowledged)
    expect(entries).toHaveLength(journal.head)
    // The child stamps each entry with the position it expects for it.
    expect(entries.findIndex((entry, index) => entry.position !== index || entry.receivedAt !== index)).toBe(-1)
    await journal.close()
  }
})

/** Answers the highest position that the child had called durable, plus one. */
async function appendUntilKilled(directory: string, afterMs: number): Promise<number> {
  const script = join(scratch, 'built', 'appender.js')
  await writeFile(
    script,
    `
    import { writeSync } from 'node:fs'
    import { openLevelJournal } from './stores/journal/leveldb.js'
    import { silentLog } from './core/log.js'
    const journal = await openLevelJournal({ directory: process.argv[2], log: silentLog, role: 'writer' })
    let next = journal.head
    function feed() {
      for (let count = 0; count < 200; count++) {
        const position = next++
        const payload = Buffer.alloc(200, position)
        journal.append([{ type: 'message', receivedAt: position, gatewayId: 'gw-7', deviceId: 'elv-1', payload }], (error) => {
          if (error) throw error
          if (position % 50 === 0) writeSync(1, position + '\\n')
        })
      }
      if (journal.pendingBytes < 4e6) setImmediate(feed)
      else setTimeout(feed, 1)
    }
    feed()
  `,
  )
  const child = fork(script, [directory], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  let said = ''
  child.stdout?.on('data', (chunk) => {
    said += chunk
  })
  await new Promise((acknowledged) => child.stdout?.once('data', acknowledged))
  await sleep(afterMs)
  const ended = new Promise((end) => child.once('close', end))
  child.kill('SIGKILL')
  await ended
  // The last line may be cut off.
  const lines = said.slice(0, said.lastIndexOf('\n')).split('\n')
  return Number(lines.at(-1)) + 1
}

test('every commit asks for fsync, which kill -9 cannot tell', async () => {
  const journal = await openWriter(join(scratch, 'synced'))
  const batch = vi.spyOn(ClassicLevel.prototype, 'batch')
  await appendAll(journal, [tick(0)])
  await appendAll(journal, [tick(1)])
  const options = batch.mock.calls.map((call) => (call as unknown[])[1])
  vi.restoreAllMocks()
  await journal.close()

  expect(options).toEqual([{ sync: true }, { sync: true }])
})

test('a failed commit that reached the disk all the same is neither acknowledged nor ever served', async () => {
  const directory = join(scratch, 'resurfacing')
  const journal = await openWriter(directory)
  const reader = await openLevelJournal({ directory, log: silentLog, role: 'reader' })
  await appendAll(journal, [message(0, 'good')])
  expect(await readAll(reader)).toHaveLength(1)

  // As with an fsync error: LevelDB has the record in its log, and may or may not find it when it is opened again.
  const real = ClassicLevel.prototype.batch as unknown as (...args: unknown[]) => Promise<void>
  const spy = vi.spyOn(ClassicLevel.prototype, 'batch') as unknown as { mockImplementationOnce(fake: unknown): void }
  spy.mockImplementationOnce(async function (this: unknown, ...args: unknown[]) {
    journal.append([tick(4)], note(4))
    await real.apply(this, args)
    throw new Error('IO error: fsync')
  })
  // Large enough for a blob each, so that the next commit does not just overwrite what has surfaced.
  const large = 'x'.repeat(600_000)
  const outcomes: string[] = []
  const note = (at: number) => (error: Error | null) => {
    outcomes.push(error instanceof StoreUnavailable ? `${at} ${error.message}` : `${at} durable`)
  }
  for (const at of [1, 2, 3]) journal.append([message(at, large)], note(at))
  while (outcomes.length < 4) await sleep(5)
  vi.restoreAllMocks()

  expect(outcomes).toEqual([1, 2, 3, 4].map((at) => `${at} The journal store is not available: IO error: fsync`))
  expect(journal.head).toBe(1)
  expect(journal.pendingBytes).toBe(0)
  expect(journal.lastError).toBeInstanceOf(StoreUnavailable)
  await expect(appendAll(journal, [tick(4)])).rejects.toThrow(StoreUnavailable)

  await untilAccepted(journal, 5)
  expect(journal.lastError).toBeNull()
  for (const side of [journal, reader]) {
    expect((await readAll(side)).map(({ position, receivedAt }) => [position, receivedAt])).toEqual([
      [0, 0],
      [1, 5],
    ])
  }
  await reader.close()
  await journal.close()
})

const canMount = mountWorks()

test.skipIf(!canMount)(
  `a full disk${canMount ? '' : ' (SKIPPED: tmpfs cannot be mounted here)'}: nothing acknowledged, reads go on in another thread, and it recovers without restart`,
  { timeout: 60_000 },
  async () => {
    const disk = join(scratch, 'disk')
    await mkdir(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk])
    try {
      await fillAndFree(disk)
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  },
)

async function fillAndFree(disk: string): Promise<void> {
  const directory = join(disk, 'journal')
  const said: string[] = []
  const log: Log = {
    ...silentLog,
    info: (_, text) => said.push(`info: ${text}`),
    error: (_, text) => said.push(`error: ${text}`),
  }
  const journal = await openLevelJournal({ directory, log, role: 'writer' })
  const worker = await startReadingWorker(directory)
  const acknowledged: number[] = []
  await appendNoted(journal, acknowledged, 0, 500)
  await writeFile(join(disk, 'filler'), Buffer.alloc(10 * 1024 * 1024))

  let at = 500
  while (journal.lastError === null && at < 50_000) {
    await appendNoted(journal, acknowledged, at, 50)
    at += 50
  }
  expect(journal.lastError?.message).toMatch(/No space left|space/)
  const durable = acknowledged.length
  expect(journal.head).toBe(durable)

  const refusedFrom = at
  for (let round = 0; round < 10; round++) {
    await appendNoted(journal, acknowledged, at, 10)
    at += 10
    await sleep(100)
  }
  expect(acknowledged).toHaveLength(durable)
  expect((await readAll(journal)).map((entry) => entry.receivedAt)).toEqual(acknowledged)
  expect(await worker.readAll()).toEqual(acknowledged)
  // The disk may or may not have room for so small a file; it must not be half there.
  await journal.savePosition('history', 3).catch((error) => expect(error).toBeInstanceOf(StoreUnavailable))
  expect([undefined, 3]).toContain((await journal.positions()).get('history'))
  expect(said).toEqual(['error: The journal cannot be written: nothing is acknowledged until it can'])

  await rm(join(disk, 'filler'))
  const freedAt = performance.now()
  await untilAccepted(journal, at)
  acknowledged.push(at)
  expect(performance.now() - freedAt).toBeLessThan(60_000)
  expect(said.at(-1)).toBe('info: The journal can be written again')
  await appendNoted(journal, acknowledged, at + 1, 100)

  expect(journal.head).toBe(durable + 101)
  expect(acknowledged.some((receivedAt) => receivedAt >= refusedFrom && receivedAt < at)).toBe(false)
  expect((await readAll(journal)).map((entry) => entry.receivedAt)).toEqual(acknowledged)
  expect(await worker.readAll()).toEqual(acknowledged)
  await worker.close()
  await journal.close()

  const reopened = await openWriter(directory)
  expect((await readAll(reopened)).map((entry) => entry.receivedAt)).toEqual(acknowledged)
  await reopened.close()
}

/** Appends entries received at `from`…, incompressible, and notes those that were called durable. */
async function appendNoted(journal: Journal, acknowledged: number[], from: number, count: number): Promise<void> {
  const outcomes = Array.from({ length: count }, (_, index) => {
    const payload = crypto.getRandomValues(new Uint8Array(2_000))
    return new Promise<void>((done) => {
      journal.append([{ ...message(from + index, ''), payload }], (error) => {
        if (!error) acknowledged.push(from + index)
        done()
      })
    })
  })
  await Promise.all(outcomes)
}

async function untilAccepted(journal: Journal, receivedAt: number): Promise<void> {
  for (;;) {
    const error = await new Promise((outcome) => journal.append([tick(receivedAt)], outcome))
    if (error === null) return
    await sleep(20)
  }
}

async function startReadingWorker(directory: string) {
  const script = join(scratch, 'built', 'reading-worker.js')
  await writeFile(
    script,
    `
    import { parentPort, workerData } from 'node:worker_threads'
    import { openLevelJournal } from './stores/journal/leveldb.js'
    import { silentLog } from './core/log.js'
    const journal = await openLevelJournal({ directory: workerData, log: silentLog, role: 'reader' })
    parentPort.on('message', async (command) => {
      if (command === 'close') {
        await journal.close()
        parentPort.postMessage('closed')
        parentPort.close()
        return
      }
      const times = []
      for (let next = 0; ; ) {
        const batch = await journal.read(next, 100_000)
        if (batch.next === next) break
        times.push(...batch.entries.map((entry) => entry.receivedAt), ...batch.damaged)
        next = batch.next
      }
      parentPort.postMessage(times)
    })
    parentPort.postMessage('ready')
  `,
  )
  const worker = new Worker(script, { workerData: directory })
  const answer = () =>
    new Promise<unknown>((done, failed) => {
      worker.once('message', done)
      worker.once('error', failed)
    })
  await answer()

  function ask(command: string): Promise<unknown> {
    const answered = answer()
    worker.postMessage(command)
    return answered
  }
  return { readAll: () => ask('read'), close: () => ask('close') }
}

function mountWorks(): boolean {
  const probe = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe], { stdio: 'ignore' })
    execFileSync('umount', [probe])
    return true
  } catch {
    console.warn('SKIPPED: the journal on a full disk, because a tmpfs cannot be mounted here')
    return false
  } finally {
    execFileSync('rmdir', [probe])
  }
}

/** Plain JavaScript for child processes and worker threads, which do not go through vitest. */
async function buildInto(directory: string): Promise<void> {
  const journalFiles = (await readdir(import.meta.dirname)).filter((name) => !/test|contract|memory/.test(name))
  const sources = [
    ...['core/errors.ts', 'core/log.ts', 'core/one-at-a-time.ts'],
    ...journalFiles.map((name) => `stores/journal/${name}`),
  ]
  const compilerOptions: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
    rewriteRelativeImportExtensions: true,
    verbatimModuleSyntax: true,
  }
  for (const source of sources) {
    const target = join(directory, source.replace(/\.ts$/, '.js'))
    await mkdir(dirname(target), { recursive: true })
    const { outputText } = ts.transpileModule(await readFile(join(root, source), 'utf8'), { compilerOptions })
    await writeFile(target, outputText)
  }
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
}
