import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { StoreUnavailable } from '../core/errors.ts'
import { memoryOutbox, type Outbox, openDiskOutbox } from './outbox.ts'

const directories: string[] = []
const opened: Outbox[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((outbox) => outbox.close()))
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true })))
})

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-outbox-'))
  directories.push(directory)
  return directory
}

async function opening(outbox: Promise<Outbox> | Outbox): Promise<Outbox> {
  opened.push(await outbox)
  return outbox
}

const reading = (n: number) => ({ deviceId: 'm1', json: `{"at":${n},"values":{}}` })
const all = async (outbox: Outbox) => (await outbox.read(-1, 1_000)).map(({ json }) => JSON.parse(json).at)

describe.each([
  ['in memory', (maxBytes: number) => memoryOutbox({ maxBytes })],
  ['on disk', async (maxBytes: number) => openDiskOutbox(await newDirectory(), { maxBytes })],
])('%s', (_, create) => {
  test('gives back what was appended, oldest first, until it is acknowledged', async () => {
    const outbox = await opening(create(1e6))
    await Promise.all([1, 2, 3, 4].map((n) => outbox.append(reading(n))))
    const [first, , third] = await outbox.read(-1, 3)
    if (first && third) await outbox.acknowledge([first, third])

    expect(await all(outbox)).toEqual([2, 4])
    expect(outbox.entries).toBe(2)
  })

  test('reads on behind a position, also when all before it is gone', async () => {
    const outbox = await opening(create(1e6))
    await Promise.all([1, 2, 3].map((n) => outbox.append(reading(n))))
    const two = await outbox.read(-1, 2)
    await outbox.acknowledge(two)

    expect((await outbox.read(two[1]?.position ?? 0, 9)).map(({ json }) => json)).toEqual([reading(3).json])
  })

  test('refuses when it is full, keeps what it has, and takes readings again once some are acknowledged', async () => {
    const bytes = 2 + reading(1).json.length
    const outbox = await opening(create(2 * bytes))
    await outbox.append(reading(1))
    await outbox.append(reading(2))
    await expect(outbox.append(reading(3))).rejects.toThrow(StoreUnavailable)
    expect(await all(outbox)).toEqual([1, 2])

    await outbox.acknowledge(await outbox.read(-1, 1))
    await outbox.append(reading(4))

    expect(await all(outbox)).toEqual([2, 4])
    expect(outbox.bytes).toBe(2 * bytes)
  })
})

test('on disk: the next process finds readings, their order and their size, and goes on behind them', async () => {
  const directory = await newDirectory()
  const before = await openDiskOutbox(directory, { maxBytes: 1e6 })
  await Promise.all([1, 2, 3].map((n) => before.append(reading(n))))
  await before.acknowledge(await before.read(-1, 1))
  const bytes = before.bytes
  await before.close()

  const after = await opening(openDiskOutbox(directory, { maxBytes: 1e6 }))
  await after.append(reading(4))

  expect(await all(after)).toEqual([2, 3, 4])
  expect(after.bytes).toBe(bytes + 2 + reading(4).json.length)
})

test('on disk: a second process on the same directory is told so', async () => {
  const directory = await newDirectory()
  await opening(openDiskOutbox(directory, { maxBytes: 1e6 }))

  await expect(openDiskOutbox(directory, { maxBytes: 1e6 })).rejects.toThrow('another process is using it')
})
