import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StoreUnavailable } from '../../core/errors.ts'
import { silentLog } from '../../core/log.ts'
import type { Reading, Values } from '../../core/reading.ts'
import { contractCatalogue, readingStoreContract } from './contract.ts'
import { type DuckdbReadingsOptions, openDuckdbReadings } from './duckdb.ts'

const noon = Date.UTC(2026, 10, 24, 12)
const elevator = { deviceId: 'elv-1', kind: 'elevator', from: 0, to: 2 * noon, limit: 1_000_000 }

let directory: string
let file: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'liftwatt-readings-'))
  file = join(directory, 'readings.duckdb')
})
afterEach(() => rm(directory, { recursive: true }))

const open = (options: Partial<DuckdbReadingsOptions> = {}) =>
  openDuckdbReadings({ file, catalogue: contractCatalogue, log: silentLog, ...options })

describe('readings in DuckDB', () => readingStoreContract({ open }))
describe('readings in DuckDB, moved to the sorted table after each write', () =>
  readingStoreContract({ open: () => open({ sortAtRows: 1, checkpointAtBytes: 1 }) }))

function reading(at: number, values: Values, deviceId = 'elv-1'): Reading {
  return { deviceId, kind: 'elevator', at, receivedAt: at + 150, values }
}

/** One reading each of `devices`, at `at`, with text that does not compress. */
function round(at: number, devices: number): Reading[] {
  return Array.from({ length: devices }, (_, n) =>
    reading(at, { floor: n, motorCelsius: Math.random(), direction: String(Math.random()) }, `elv-${n}`),
  )
}

test('a metric of a newer version is added to the table, and an older version opens it again', async () => {
  const older = await open()
  await older.write([reading(noon, { floor: 1 })], { journalId: 'j', position: 1 })
  await older.close()

  const catalogue = { ...contractCatalogue, elevator: { ropeMillimetres: 'number', floor: 'number' } } as const
  const newer = await open({ catalogue })
  await newer.write([reading(noon, { ropeMillimetres: 9.8 }), reading(noon + 1, { floor: 2 })], {
    journalId: 'j',
    position: 2,
  })
  expect(await newer.between(elevator)).toEqual([
    { at: noon, values: { floor: 1, ropeMillimetres: 9.8 } },
    { at: noon + 1, values: { floor: 2 } },
  ])
  await newer.close()

  const again = await open()
  await again.write([reading(noon + 2, { doorOpen: true })], { journalId: 'j', position: 3 })
  expect(await again.between(elevator)).toHaveLength(3)
  await again.close()
})

test('a metric whose type has changed is told in one sentence', async () => {
  await (await open()).close()
  const opening = open({ catalogue: { elevator: { floor: 'string' } } })
  await expect(opening).rejects.toThrow('holds floor as number, and this version wants it as string')
})

test('a file that another process holds is told in one sentence, and opens when it has gone', async () => {
  const duckdb = createRequire(import.meta.url).resolve('@duckdb/node-api')
  const script = `require(${JSON.stringify(duckdb)}).DuckDBInstance.create(process.argv[1]).then(async (instance) => {
    await instance.connect(); console.log('open'); setInterval(() => {}, 1000) })`
  const holder = spawn(process.execPath, ['-e', script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')

  await expect(open()).rejects.toThrow(
    `${file} is in use by the process ${holder.pid}; only one process at a time can open it`,
  )
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  await (await open()).close()
})

test('reads beside writes, sorting and checkpoints miss nothing that was acknowledged', async () => {
  const store = await open({ sortAtRows: 20_000, checkpointAtBytes: 2_000_000 })
  let acknowledged = 0
  let writing = true
  const misses: string[] = []
  const reader = (async () => {
    while (writing) {
      await setImmediate()
      const atLeast = acknowledged
      const found = (await store.between({ ...elevator, deviceId: 'elv-77' })).length
      if (found < atLeast) misses.push(`${found} of ${atLeast}`)
    }
  })()
  for (let n = 0; n < 60; n += 1) {
    await store.write(round(noon + n * 10_000, 1_000), { journalId: 'j', position: n })
    acknowledged = n + 1
  }
  writing = false
  await reader

  expect(misses).toEqual([])
  await store.close()
  const tables = await DuckDBInstance.create(file)
  const connection = await tables.connect()
  const [[sorted]] = (await connection.runAndReadAll('SELECT count(*)::INT FROM "elevator sorted"')).getRows() as [
    [number],
  ]
  expect(sorted).toBeGreaterThanOrEqual(20_000)
  connection.closeSync()
  tables.closeSync()
})

test('the write-ahead log stays near its limit', async () => {
  const store = await open({ checkpointAtBytes: 1_000_000 })
  for (let n = 0; n < 20; n += 1) await store.write(round(noon + n, 2_000), { journalId: 'j', position: n })

  const log = await stat(`${file}.wal`).catch(() => ({ size: 0 }))
  expect(log.size).toBeLessThan(1_500_000)
  await store.close()
})

test('the engine says how much memory it holds, and holds no more than it may', async () => {
  const store = await open({ memoryLimitMegabytes: 64 })
  const before = await store.engineBytes()
  for (let n = 1; n <= 40; n++) await store.write(round(noon + n, 500), { journalId: 'j', position: n })
  const after = await store.engineBytes()
  expect(after).toBeGreaterThan(before ?? 0)
  expect(after).toBeLessThan(64e6)
  await store.close()
})

test('nothing can be asked of a closed store', async () => {
  const store = await open()
  await store.close()
  await store.close()
  await expect(store.position('j')).rejects.toThrow(StoreUnavailable)
  await expect(store.write([], { journalId: 'j', position: 1 })).rejects.toThrow(StoreUnavailable)
})

describe.runIf(canMount())('a full disk (a 24 MB tmpfs)', () => {
  let disk: string
  beforeEach(async () => {
    disk = await mkdtemp(join(tmpdir(), 'liftwatt-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk])
  })
  afterEach(async () => {
    execFileSync('umount', [disk])
    await rm(disk, { recursive: true })
  })

  test.each([
    ['while it logs', 64_000_000],
    ['while it checkpoints', 1_000_000],
  ])(
    '%s: nothing acknowledged is lost, reads go on, and writes recover by themselves',
    async (_, checkpointAtBytes) => {
      const full = join(disk, 'readings.duckdb')
      const store = await open({ file: full, checkpointAtBytes })
      await writeFile(join(disk, 'ballast'), Buffer.alloc(10_000_000))
      let acknowledged = 0
      const write = async () => {
        await store.write(round(noon + acknowledged, 8_000), { journalId: 'j', position: acknowledged + 1 })
        acknowledged += 1
      }
      const untilFull = async () => {
        for (let n = 0; n < 200; n += 1) await write()
      }
      await expect(untilFull()).rejects.toThrow(/The readings store is not available: .*No space left on device/)
      await expect(write()).rejects.toThrow(StoreUnavailable)
      expect(await store.between(elevator)).toHaveLength(acknowledged)
      expect(await store.position('j')).toBe(acknowledged)

      await rm(join(disk, 'ballast'))
      await write()
      await write()
      expect(await store.between(elevator)).toHaveLength(acknowledged)
      await store.close()

      const again = await open({ file: full })
      expect(await again.between(elevator)).toHaveLength(acknowledged)
      expect(await again.position('j')).toBe(acknowledged)
      await again.close()
    },
  )
})

function canMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
