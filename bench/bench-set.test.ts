import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { columnOf, dataFiles, openSet, readTable, scoreOutputs, writeTable } from './bench-set.ts'
import { benchNab } from './nab.ts'
import { readSeries, scoreSeries } from './score-series.ts'
import { benchSkab } from './skab.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'liftwatt-bench-set-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function put(path: string, text: string): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}
const folder = () => join(root, 'set')
const putSet = (kind: string) => put('set/set.json', JSON.stringify({ kind, name: 'a set', more: 1 }))

test('a set is named by its set.json; a folder without one and a set of another kind are refused with the option', () => {
  expect(() => openSet(folder(), 'nab')).toThrow(/--data: there is no set\.json in .*set/)

  putSet('nab')
  expect(openSet(folder(), 'nab')).toMatchObject({ name: 'a set', folder: folder() })
  expect(() => openSet(folder(), 'rul')).toThrow(/kind "nab", not "rul"/)
})

test('its data files are found at any depth, in order, and nothing but CSV', () => {
  putSet('nab')
  put('set/data/b/2.csv', '')
  put('set/data/a/10.csv', '')
  put('set/data/a/notes.txt', '')

  expect(dataFiles(openSet(folder(), 'nab'))).toEqual(['a/10.csv', 'b/2.csv'])
})

test('what is written is read back; a column that is not there is named with those that are', () => {
  const table = {
    header: ['unit', 'rul'],
    rows: [
      ['1', '22.4'],
      ['3', '3.6'],
    ],
  }
  writeTable(root, 'deep/predictions.csv', table)
  const path = join(root, 'deep/predictions.csv')

  expect(readFileSync(path, 'utf8')).toBe('unit,rul\n1,22.4\n3,3.6\n')
  expect(readTable(path)).toEqual(table)
  expect(columnOf(table, 'rul', path)).toBe(1)
  expect(() => columnOf(table, 'life', path)).toThrow(/no column "life", only unit, rul/)
})

test('the scorer beside the set scores, is given its options, and its refusal is an error', () => {
  putSet('nab')
  const set = openSet(folder(), 'nab')
  expect(scoreOutputs(set, 'out')).toBeNull()

  put(
    'score.mjs',
    'const [set, out, ...more] = process.argv.slice(2)\nif (out === "bad") process.exit(1)\nconsole.log(out, ...more)',
  )
  expect(scoreOutputs(set, 'out', ['--threshold', '0.5'])).toBe('out --threshold 0.5\n')
  expect(() => scoreOutputs(set, 'bad')).toThrow(/refuses bad/)
})

const format = { separator: ';', timeColumn: 'datetime', labelColumns: ['anomaly'] }

test('a series is read without its truth; what is no number is named with its row', () => {
  const good = put('1.csv', 'datetime;flow;anomaly\n2020-03-09 10:14:33;32.5;1\n2020-03-09 10:14:34;;0\n')
  const bad = put('2.csv', 'datetime;flow;anomaly\n2020-03-09 10:14:33;x;1\n')

  expect(readSeries(good, format)).toEqual([
    { timestamp: '2020-03-09 10:14:33', at: Date.UTC(2020, 2, 9, 10, 14, 33), values: [32.5] },
    { timestamp: '2020-03-09 10:14:34', at: Date.UTC(2020, 2, 9, 10, 14, 34), values: [null] },
  ])
  expect(() => readSeries(bad, format)).toThrow(/2\.csv: row 2/)
})

test('the score of a row depends on no later row', () => {
  const rows = Array.from({ length: 600 }, (_, index) => ({
    timestamp: '',
    at: index * 60_000,
    values: [index === 500 ? 90 : (index * 7) % 13],
  }))

  expect(scoreSeries(rows).scores.slice(0, 550)).toEqual(scoreSeries(rows.slice(0, 550)).scores)
  expect(scoreSeries(rows).scores[500]).toBeGreaterThan(0.8)
})

test.each([
  ['nab', 'timestamp,value\n2014-04-01 00:00:00,20\n2014-04-01 00:05:00,21\n', benchNab],
  ['skab', 'datetime;a;b\n2014-04-01 00:00:00;20;1\n2014-04-01 00:05:00;21;2\n', benchSkab],
] as const)('a set %s without labels is scored row by row all the same', (kind, text, bench) => {
  putSet(kind)
  put('set/data/x/1.csv', text)
  bench({ data: folder(), out: join(root, 'out') })

  expect(readFileSync(join(root, 'out/x/1.csv'), 'utf8')).toBe(
    'timestamp,anomaly_score\n2014-04-01 00:00:00,0\n2014-04-01 00:05:00,0\n',
  )
})
