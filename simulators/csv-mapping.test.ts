import { expect, test } from 'vitest'
import { parseMapping, rowReader } from './csv-mapping.ts'

const mapping = (more: object) =>
  parseMapping(JSON.stringify({ time: { column: 'time', format: 'iso' }, device: { id: 'm1' }, ...more }))
const watts = { metrics: { watts: { column: 'power' } } }

function readRow(more: object, row: Record<string, string>) {
  return rowReader(mapping(more), Object.keys(row))(row)
}

test('columns become metrics, scaled and shifted; an empty cell says nothing', () => {
  const metrics = {
    watts: { column: 'kw', scale: 1_000 },
    ambientCelsius: { column: 'kelvin', offset: -273 },
    mode: { column: 'mode', as: 'text' },
    doorZone: { column: 'zone', as: 'flag' },
    faultCode: { column: 'code', as: 'text' },
    amps: { column: 'amps' },
  }
  const row = {
    time: '2026-11-01T00:00:00Z',
    kw: ' 1.5 ',
    kelvin: '300',
    mode: 'normal',
    zone: 'No',
    code: '00',
    amps: '',
  }

  expect(readRow({ metrics }, row)).toEqual({
    problems: [],
    readings: [
      {
        deviceId: 'm1',
        at: Date.UTC(2026, 10, 1),
        values: { watts: 1_500, ambientCelsius: 27, mode: 'normal', doorZone: false, faultCode: '00' },
      },
    ],
  })
})

test.each([
  ['2026-11-01T08:00:00Z', undefined],
  ['2026-11-01 08:00:00', undefined],
  ['2026-11-01 16:00', '+08:00'],
  ['2026-11-01T16:00:00.000+0800', undefined],
  ['2026-11-01T08:00:00Z', '+08:00'],
])('the ISO time %s, with %s where it names no zone, is eight in the morning, UTC', (text, utcOffset) => {
  const time = { column: 'time', format: 'iso', ...(utcOffset ? { utcOffset } : {}) }

  expect(readRow({ ...watts, time }, { time: text, power: '1' }).readings[0]?.at).toBe(Date.UTC(2026, 10, 1, 8))
})

test.each([
  ['epoch-ms', '1793520000000'],
  ['epoch-s', '1793520000'],
])('%s is understood', (format, text) => {
  const read = readRow({ ...watts, time: { column: 'time', format } }, { time: text, power: '1' })

  expect(read.readings[0]?.at).toBe(1_793_520_000_000)
})

test.each([
  ['a word for a number', { power: 'abc' }, 'column "power": "abc" is not a number'],
  ['a number that is too large for one', { power: '1e999' }, 'column "power": "1e999" is not a number'],
  ['a hexadecimal', { power: '0x10' }, 'column "power": "0x10" is not a number'],
  ['no time', { time: '' }, 'column "time": "" is not an ISO 8601 time'],
  ['a day that does not exist', { time: '2026-02-30T00:00:00Z' }, '"2026-02-30T00:00:00Z" is not an ISO 8601 time'],
  ['a device id with a slash', { device: 'a/b' }, 'column "device": "a/b" is not a device id'],
])('%s is named with its column, and the row gives no such value', (_, cells, sentence) => {
  const row = { time: '2026-11-01T00:00:00Z', device: 'm1', power: '1', ...cells }
  const { problems } = readRow({ ...watts, device: { column: 'device' } }, row)

  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(sentence)
})

test.each([
  ['epoch-ms', '1793520000', '1970'],
  ['epoch-s', '1793520000000', '5880'],
])('a time in the wrong unit for %s is noticed', (format, text, year) => {
  const { problems } = readRow({ ...watts, time: { column: 'time', format } }, { time: text, power: '1' })

  expect(problems[0]).toContain(`would be the year ${year}`)
})

test('words that stand for nothing are as good as an empty cell', () => {
  const row = { time: '2026-11-01', power: 'NA' }

  expect(readRow({ ...watts, empty: ['NA'] }, row)).toEqual({ problems: [], readings: [] })
  expect(readRow(watts, row).problems).toHaveLength(1)
})

test('a row of many columns is a series, and rows without a time follow each other per device', () => {
  const read = rowReader(
    mapping({
      time: { start: '2026-11-01T00:00:00Z', stepSeconds: 86_400 },
      device: { column: 'id' },
      series: { metric: 'watts', from: 'm0', to: 'm2', stepSeconds: 60 },
    }),
    ['id', 'm0', 'm1', 'm2', 'note'],
  )
  const start = Date.UTC(2026, 10, 1)
  const timesAndWatts = (row: Record<string, string>) =>
    read(row).readings.map(({ at, values }) => [at - start, values.watts])

  expect(timesAndWatts({ id: 'a', m0: '1', m1: '', m2: '3', note: '9' })).toEqual([
    [0, 1],
    [120_000, 3],
  ])
  expect(timesAndWatts({ id: 'b', m0: '5', m1: '', m2: '', note: '' })).toEqual([[0, 5]])
  expect(timesAndWatts({ id: 'a', m0: '7', m1: '', m2: '', note: '' })).toEqual([[86_400_000, 7]])
})

test.each([
  ['not JSON', '{', 'The mapping is not JSON'],
  ['a misspelt key', '{"tiem":{},"device":{"id":"m1"},"metrics":{"watts":{"column":"power"}}}', 'tiem'],
  ['no metric', '{"time":{"column":"t","format":"iso"},"device":{"id":"m1"},"metrics":{}}', 'at least one metric'],
  [
    'neither metrics nor series',
    '{"time":{"column":"t","format":"iso"},"device":{"id":"m1"}}',
    'either "metrics" or "series"',
  ],
  [
    'an unknown time format',
    '{"time":{"column":"t","format":"unix"},"device":{"id":"m1"},"metrics":{"watts":{"column":"power"}}}',
    'time',
  ],
])('a mapping with %s is refused in words', (_, text, sentence) => {
  expect(() => parseMapping(text)).toThrow(sentence)
})

test.each([
  ['lacks', ['time', 'watts'], 'has no column "power"; its columns are: time, watts'],
  ['has twice', ['time', 'power', 'power'], 'has column "power" 2 times'],
])('a column that the file %s is named', (_, header, sentence) => {
  expect(() => rowReader(mapping(watts), header)).toThrow(sentence)
})
