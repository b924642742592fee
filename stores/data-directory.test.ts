import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLog } from '../core/log.ts'
import { closeToOthers, holderOf, takeDataDirectory } from './data-directory.ts'
import { tick } from './journal/contract.ts'
import { openLevelJournal } from './journal/leveldb.ts'
import { contractCatalogue } from './readings/contract.ts'
import { openDuckdbReadings } from './readings/duckdb.ts'
import { openLevelSnapshots } from './snapshots/leveldb.ts'

let parent: string
let umask: number
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'liftwatt-data-'))
  umask = process.umask(0o022)
})
afterEach(() => {
  process.umask(umask)
  rmSync(parent, { recursive: true })
})

const modeOf = (path: string) => statSync(path).mode & 0o777

test('it is made with those above it, held, and let go', () => {
  const directory = join(parent, 'a', 'b')
  const letGo = takeDataDirectory(directory)
  expect(modeOf(directory)).toBe(process.getuid?.() === 0 ? 0o711 : 0o700) // PostgreSQL of another account passes through
  expect(holderOf(directory)).toBe(process.pid)
  letGo()
  expect(holderOf(directory)).toBeUndefined()
})

test("a lock that cannot be read is nobody's to take", () => {
  mkdirSync(join(parent, 'lock')) // to root, every file is readable
  const sentence = /lock cannot be read \(EISDIR.*\): whether another Liftwatt has the directory cannot be seen/
  expect(() => takeDataDirectory(parent)).toThrow(sentence)
  expect(() => holderOf(parent)).toThrow(sentence)
})

test.each([
  ['in /proc', () => '/proc/liftwatt', /^\/proc\/liftwatt cannot be made \(ENOENT: .*\); set LIFTWATT_DATA/],
  ['/proc itself', () => '/proc', /^\/proc cannot be written \(\w+: .*\); set LIFTWATT_DATA/],
  ['a file', () => join(parent, 'file'), /file is not a directory; set LIFTWATT_DATA/],
  ['below a file', () => join(parent, 'file', 'data'), /data cannot be made \(ENOTDIR: .*\); set LIFTWATT_DATA/],
  ['a link to nowhere', () => join(parent, 'link'), /link is not a directory; set LIFTWATT_DATA/],
])('a data directory that is %s is refused in one sentence', (_, pathOf, sentence) => {
  writeFileSync(join(parent, 'file'), '')
  symlinkSync(join(parent, 'nowhere'), join(parent, 'link'))
  expect(() => takeDataDirectory(pathOf())).toThrow(sentence)
})

test('what the engines make is closed to other accounts, whatever they would do by themselves', async () => {
  closeToOthers(parent)
  const journal = await openLevelJournal({ directory: join(parent, 'journal'), role: 'writer', log: silentLog })
  await new Promise((done) => journal.append([tick(1)], done))
  const file = join(parent, 'readings.duckdb')
  const readings = await openDuckdbReadings({ file, catalogue: contractCatalogue, log: silentLog })
  const reading = { deviceId: 'e', kind: 'elevator', at: 1, receivedAt: 1, values: { floor: 1 } }
  await readings.write([reading], { journalId: 'j', position: 1 })
  const snapshots = await openLevelSnapshots(join(parent, 'snapshots'))

  const paths = await readdir(parent, { recursive: true })
  expect(paths).toEqual(expect.arrayContaining(['journal/entries/CURRENT', 'readings.duckdb.wal', 'snapshots/CURRENT']))
  const open = await Promise.all(paths.map(async (path) => [path, (await stat(join(parent, path))).mode & 0o077]))
  expect(open.filter(([, mode]) => mode !== 0)).toEqual([])
  await Promise.all([journal.close(), readings.close(), snapshots.close()])
})

test('what an earlier version left open is closed; what others put there is left alone', () => {
  mkdirSync(join(parent, 'journal'))
  for (const name of ['readings.duckdb', 'notes.txt']) writeFileSync(join(parent, name), '')
  closeToOthers(parent)
  expect(['journal', 'readings.duckdb', 'notes.txt'].map((name) => modeOf(join(parent, name)))).toEqual([
    0o700, 0o600, 0o644,
  ])
})
