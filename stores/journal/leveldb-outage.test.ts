import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { StoreUnavailable } from '../../core/errors.ts'
import { silentLog } from '../../core/log.ts'
import { appendAll, appendOneByOne, readAll, tick } from './contract.ts'
import { openLevelJournal } from './leveldb.ts'
import { everythingRead } from './space.ts'

const scarce = vi.hoisted(() => ({ now: false }))
vi.mock('./space.ts', async (original) => ({
  ...(await original<typeof import('./space.ts')>()),
  isSpaceScarce: async () => scarce.now,
}))

/** A disk that refuses writes although it has room, as with EROFS, EIO or a quota: the writer tries again and again. */
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-outage-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(directory, { recursive: true, force: true })
})

async function openBoth() {
  const writer = await openLevelJournal({ directory, log: silentLog, role: 'writer' })
  await appendOneByOne(writer, 3, 10)
  const reader = await openLevelJournal({ directory, log: silentLog, role: 'reader' })
  return { writer, reader }
}

const noWrites = () => vi.spyOn(ClassicLevel.prototype, 'batch').mockRejectedValue(new Error('EROFS'))

test('while the disk refuses writes, readers lose nothing: reads go on after failed recoveries', async () => {
  const { writer, reader } = await openBoth()
  const batch = noWrites()
  await expect(appendAll(writer, [tick(9)])).rejects.toThrow('EROFS')
  await expect.poll(() => batch.mock.calls.length).toBeGreaterThan(2)
  await expect.poll(() => readAll(reader)).toHaveLength(3)

  vi.restoreAllMocks()
  await expect.poll(() => writer.lastError).toBeNull()
  await appendAll(writer, [tick(10)])
  expect(await readAll(reader)).toHaveLength(4)
  await reader.close()
  await writer.close()
})

test('a reader that comes while the disk refuses writes is told that, and let in when the writes work again', async () => {
  const writer = await openLevelJournal({ directory, log: silentLog, role: 'writer' })
  await appendOneByOne(writer, 3, 10)
  const batch = noWrites()
  await expect(appendAll(writer, [tick(9)])).rejects.toThrow('EROFS')
  await expect.poll(() => batch.mock.calls.length).toBeGreaterThan(1) // a recovery has failed
  const reading = () => openLevelJournal({ directory, log: silentLog, role: 'reader' })
  await expect(reading()).rejects.toThrow('cannot be opened: it cannot be written: EROFS')

  const next = reading()
  vi.restoreAllMocks()
  const reader = await next
  expect(await readAll(reader)).toHaveLength(3)
  await reader.close()
  await writer.close()
})

test('while it cannot even be opened, a read and a trim are refused in time, and both sides can stop', async () => {
  const { writer, reader } = await openBoth()
  await writer.savePosition('history', 3)
  noWrites()
  const open = vi.spyOn(ClassicLevel.prototype, 'open').mockRejectedValue(new Error('EIO'))
  await expect(appendAll(writer, [tick(9)])).rejects.toThrow('EROFS')
  await expect.poll(() => open).toHaveBeenCalled()

  await expect(reader.read(0, 1_000)).rejects.toThrow(StoreUnavailable)
  await expect(writer.trim(everythingRead)).rejects.toThrow(StoreUnavailable)
  await reader.close()
  await writer.close()
})

test('a journal that a full disk keeps from being opened is not to be moved away: it holds what was acknowledged', async () => {
  const full = new Error('IO error: entries/000005.ldb: No space left on device')
  vi.spyOn(ClassicLevel.prototype, 'open').mockRejectedValue(new Error('Database failed to open', { cause: full }))
  const told = await openLevelJournal({ directory, log: silentLog, role: 'writer' }).catch(
    (cause: Error) => cause.message,
  )
  expect(told).toMatch(/No space left on device; free space, and start again: it holds what was acknowledged$/)
})

test('on a scarce disk a recovery drops what every reader has read before it takes anything new', async () => {
  const { writer, reader } = await openBoth()
  await writer.savePosition('history', 2)
  scarce.now = true
  noWrites().mockRejectedValueOnce(new Error('ENOSPC'))
  await expect(appendAll(writer, [tick(9)])).rejects.toThrow('ENOSPC')
  vi.spyOn(ClassicLevel.prototype, 'batch').mockRestore()
  await expect.poll(() => writer.lastError).toBeNull()
  expect((await readAll(writer)).map(({ position }) => position)).toEqual([2])
  await reader.close()
  await writer.close()
})
