import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { silentLog } from '../../core/log.ts'
import { appendAll, appendOneByOne, describeJournal, message, readAll, tick } from './contract.ts'
import { keyOf, type Level, openLevel } from './level.ts'
import { type LevelJournalWriter, openLevelJournal } from './leveldb.ts'

const directories: string[] = []

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'journal-'))
  directories.push(directory)
  return directory
}

function openWriter(directory: string): Promise<LevelJournalWriter> {
  return openLevelJournal({ directory, log: silentLog, role: 'writer' })
}

describe('the journal in LevelDB', () => {
  describeJournal(async () => openWriter(await newDirectory()))
})

describe('reopened', () => {
  test('it is the same journal and goes on where it stopped', async () => {
    const directory = await newDirectory()
    const before = await openWriter(directory)
    await appendOneByOne(before, 5, 10)
    await before.close()

    const after = await openWriter(directory)
    expect(after.id).toBe(before.id)
    expect(after.head).toBe(5)
    await appendAll(after, [tick(9)])
    expect((await readAll(after)).map((entry) => entry.receivedAt)).toEqual([0, 1, 2, 3, 4, 9])
    await after.close()
  })

  test('a journal of another format is refused, not eaten', async () => {
    const directory = await newDirectory()
    await writeFile(join(directory, 'journal.json'), '{"format":2,"id":"x"}')

    await expect(openWriter(directory)).rejects.toThrow(/format 2, this version reads 1/)
    expect(await readdir(directory)).not.toContain('entries')
  })

  test('a broken manifest is one clear sentence', async () => {
    const directory = await newDirectory()
    const journal = await openWriter(directory)
    await appendAll(journal, [tick(0)])
    await journal.close()
    await writeFile(join(directory, 'entries', 'CURRENT'), 'MANIFEST-nonsense')

    await expect(openWriter(directory)).rejects.toThrow(/journal in .* cannot be opened: .*Corruption/)
  })
})

test('without its CURRENT file the entries are left alone', async () => {
  const directory = await newDirectory()
  const journal = await openWriter(directory)
  await appendAll(journal, [tick(0)])
  await journal.close()
  const current = await readFile(join(directory, 'entries', 'CURRENT'))
  await rm(join(directory, 'entries', 'CURRENT'))

  await expect(openWriter(directory)).rejects.toThrow(/CURRENT is missing/)
  await writeFile(join(directory, 'entries', 'CURRENT'), current)
  const again = await openWriter(directory)
  expect(await readAll(again)).toHaveLength(1)
  await again.close()
})

describe('a reader beside the writer', () => {
  test('follows what becomes durable and keeps its position', async () => {
    const directory = await newDirectory()
    const writer = await openWriter(directory)
    await appendOneByOne(writer, 3, 10)
    const reader = await openLevelJournal({ directory, log: silentLog, role: 'reader' })
    expect(reader.id).toBe(writer.id)
    expect(reader.head).toBe(3)
    expect(await readAll(reader)).toHaveLength(3)

    await appendOneByOne(writer, 2, 10)
    expect((await reader.read(3, 1_000)).entries).toHaveLength(2)
    await reader.savePosition('history', 4)
    expect(await writer.positions()).toEqual(new Map([['history', 4]]))
    expect(await writer.trim({ receivedBefore: 1e9, maxBytes: 0 })).toBe(4)
    expect(await reader.read(0, 1_000)).toMatchObject({ damaged: [], entries: [{ position: 4 }], next: 5 })
    await reader.close()
    await writer.close()
  })

  test('lets go when the writer closes, and then is refused', async () => {
    const directory = await newDirectory()
    const writer = await openWriter(directory)
    await appendAll(writer, [tick(0)])
    const reader = await openLevelJournal({ directory, log: silentLog, role: 'reader' })
    await reader.read(0, 1_000)
    await writer.close()
    const again = await openWriter(directory)
    expect(again.head).toBe(1)
    await reader.close()
    await again.close()
    await expect(reader.read(0, 1_000)).rejects.toThrow(/closed/)
  })

  test('needs a writer in its process', async () => {
    const directory = await newDirectory()
    await (await openWriter(directory)).close()

    await expect(openLevelJournal({ directory, log: silentLog, role: 'reader' })).rejects.toThrow(/no thread/)
  })
})

describe('damage', () => {
  /** 10 entries, a commit each, then `harm` to the closed LevelDB. */
  async function damaged(harm: (level: Level) => Promise<void>): Promise<LevelJournalWriter> {
    const directory = await newDirectory()
    const journal = await openWriter(directory)
    await appendOneByOne(journal, 10, 100)
    await journal.close()
    const level = await openLevel(directory)
    await harm(level)
    await level.close()
    return openWriter(directory)
  }

  async function flipBit(level: Level, position: number, offset: number): Promise<void> {
    const blob = Buffer.from((await level.get(keyOf(position))) ?? '')
    blob[offset] = (blob[offset] ?? 0) ^ 1
    await level.put(keyOf(position), blob)
  }

  async function readWithDamage(journal: LevelJournalWriter) {
    const positions: number[] = []
    const ranges: object[] = []
    for (let from = 0; ; ) {
      const batch = await journal.read(from, 250)
      if (batch.next === from) return { positions, ranges }
      positions.push(...batch.entries.map((entry) => entry.position))
      ranges.push(...batch.damaged)
      from = batch.next
    }
  }

  test.each([
    ['its checksum', 0],
    ['its count', 4],
    ['its position', 8],
    ['its payload', 80],
  ])('one flipped bit in %s: the entry is reported and skipped, those behind it are served', async (_, offset) => {
    const journal = await damaged((level) => flipBit(level, 4, offset))

    expect(await readWithDamage(journal)).toEqual({
      positions: [0, 1, 2, 3, 5, 6, 7, 8, 9],
      ranges: [{ from: 4, to: 5, reason: 'checksum does not match' }],
    })
    await journal.close()
  })

  test('damaged oldest entries are trimmed with the next', async () => {
    const journal = await damaged(async (level) => {
      for (const position of [0, 1, 2]) await flipBit(level, position, 50)
    })
    await journal.savePosition('history', 10)

    expect(await journal.trim({ receivedBefore: 3, maxBytes: 1e9 })).toBe(0)
    expect(await journal.trim({ receivedBefore: 4, maxBytes: 1e9 })).toBe(4)
    expect(await readWithDamage(journal)).toEqual({ positions: [4, 5, 6, 7, 8, 9], ranges: [] })
    await journal.close()
  })

  test('neighbours that are damaged and missing are one range', async () => {
    const journal = await damaged(async (level) => {
      await flipBit(level, 0, 50)
      await level.del(keyOf(1))
      await flipBit(level, 2, 50)
    })

    expect(await readWithDamage(journal)).toMatchObject({
      positions: [3, 4, 5, 6, 7, 8, 9],
      ranges: [{ from: 0, to: 3 }],
    })
    await journal.close()
  })

  test('an entry under a key that was never written is not served', async () => {
    const journal = await damaged(async (level) => {
      await level.put(keyOf(2 ** 40), (await level.get(keyOf(3))) ?? Buffer.alloc(0))
    })
    expect(journal.head).toBe(10)
    expect(await readWithDamage(journal)).toMatchObject({ positions: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], ranges: [] })
    await journal.close()
  })

  test('lost at the end: reported, and no position is given out twice', async () => {
    const journal = await damaged(async (level) => {
      await level.del(keyOf(8))
      await level.del(keyOf(9))
    })
    expect(journal.head).toBe(10)
    await appendAll(journal, [tick(77)])

    expect(await readWithDamage(journal)).toEqual({
      positions: [0, 1, 2, 3, 4, 5, 6, 7, 10],
      ranges: [{ from: 8, to: 10, reason: 'missing' }],
    })
    await journal.close()
  })

  test('lost beyond what the journal itself knows, but a reader: what came under positions he has passed comes again behind them', async () => {
    const directory = await newDirectory()
    const journal = await openWriter(directory)
    await journal.passed(0)
    await appendAll(journal, [message(1, 'a'), message(2, 'b')])
    await journal.close()

    const interrupted = await openWriter(directory) // its process ends before anybody says how far he has read
    await appendAll(interrupted, [message(3, 'c')])
    await interrupted.close()

    const after = await openWriter(directory)
    await appendAll(after, [message(4, 'd')])
    await after.passed(50)
    expect(after.head).toBe(52)
    await appendAll(after, [tick(5)])
    expect((await after.read(50, 1_000)).entries.map(({ receivedAt }) => receivedAt)).toEqual([3, 4, 5])
    await after.close()

    const later = await openWriter(directory)
    await later.passed(53)
    expect(later.head).toBe(53)
    await later.close()
  })

  test('the last entry damaged: new ones come after all that it may have held', async () => {
    const journal = await damaged((level) => flipBit(level, 9, 60))
    expect(journal.head).toBeGreaterThanOrEqual(10)
    const { head } = journal
    await appendAll(journal, [tick(77)])

    const { positions, ranges } = await readWithDamage(journal)
    expect(positions).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, head])
    expect(ranges).toMatchObject([{ from: 9, to: head }])
    await journal.close()
  })

  test.each(['.ldb', '.log'])('bytes overwritten in a %s file on disk', async (extension) => {
    const directory = await newDirectory()
    const journal = await openWriter(directory)
    const filler = () => Array.from({ length: 20_000 }, () => String.fromCharCode(33 + Math.random() * 90)).join('')
    for (let index = 0; index < 60; index++) await appendAll(journal, [message(index, filler())])
    await journal.close()
    if (extension === '.ldb') await compact(directory)
    const file = await overwriteMiddle(join(directory, 'entries'), extension)

    const after = await openWriter(directory)
    expect(after.head).toBeGreaterThanOrEqual(60)
    await appendAll(after, [tick(77)])
    const { positions, ranges } = await readWithDamage(after)
    const lost = Array.from({ length: 60 }, (_, index) => index).filter((position) => !positions.includes(position))
    expect(lost.length, file).toBeGreaterThan(0)
    expect(lost.length, file).toBeLessThan(60)
    for (const position of lost) {
      expect(ranges.some((range) => within(position, range as { from: number; to: number }))).toBe(true)
    }
    for (const entry of await readAll(after)) {
      if (entry.type === 'message') expect(entry.receivedAt).toBe(entry.position)
    }
    expect((await readAll(after)).at(-1)).toMatchObject({ type: 'tick', receivedAt: 77 })
    await after.close()
  })
})

function within(position: number, { from, to }: { from: number; to: number }): boolean {
  return position >= from && position < to
}

async function compact(directory: string): Promise<void> {
  const level = await openLevel(directory)
  await level.compactRange(keyOf(0), keyOf(1_000))
  await level.close()
}

async function overwriteMiddle(directory: string, extension: string): Promise<string> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith(extension)) continue
    const path = join(directory, name)
    const bytes = await readFile(path)
    if (bytes.length < 100_000) continue
    bytes.fill(0xa5, bytes.length / 2, bytes.length / 2 + 2_000)
    await writeFile(path, bytes)
    return name
  }
  throw new Error(`no large ${extension} file in ${directory}`)
}
