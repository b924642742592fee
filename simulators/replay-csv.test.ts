import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { type Log, silentLog } from '../core/log.ts'
import { startTestBroker, type TestBroker } from '../test/fixtures/mqtt-broker.ts'
import { type CsvMapping, parseMapping } from './csv-mapping.ts'
import { createGateway, type Gateway } from './gateway.ts'
import { parseSpeed } from './pace.ts'
import { csvRows, type ReplayOptions, replayCsv, surveyCsv } from './replay-csv.ts'

let directory: string | undefined
let broker: TestBroker | undefined
let gateway: Gateway | undefined
afterEach(async () => {
  await gateway?.stop()
  await broker?.stop()
  if (directory) await rm(directory, { recursive: true })
  directory = broker = gateway = undefined
})

const mapping: CsvMapping = parseMapping(`{
  "time": { "column": "time", "format": "iso" },
  "device": { "column": "meter" },
  "metrics": { "watts": { "column": "power" }, "volts": { "column": "volts" } }
}`)
const start = Date.UTC(2026, 10, 1)
const iso = (at: number) => new Date(at).toISOString()

async function replay(csv: string, options: Partial<ReplayOptions> = {}) {
  directory = await mkdtemp(join(tmpdir(), 'liftwatt-replay-'))
  const file = join(directory, 'recorded.csv')
  await writeFile(file, csv)
  broker = await startTestBroker()
  gateway = await createGateway({ url: broker.url, gatewayId: 'gw-1', password: 'secret' })
  return replayCsv({ file, mapping, gateway, endNow: false, speed: 'max', ...options })
}

function received() {
  return (broker?.messages ?? []).flatMap(({ deviceId, readings }) =>
    readings.map(({ at, values }) => ({ deviceId, at, ...values })),
  )
}

test('what the service receives is what is in the file: 6,000 rows, two meters, holes and all', async () => {
  const rows = Array.from({ length: 6_000 }, (_, index) => ({
    deviceId: `m${index % 2}`,
    at: start + index * 1_000,
    ...(index % 5 === 0 ? {} : { watts: index / 10 }),
    ...(index % 7 === 0 ? {} : { volts: 230 }),
  }))
  const lines = rows.map((row) => [iso(row.at), row.deviceId, row.watts ?? '', row.volts ?? ''].join(','))
  const result = await replay(['time,meter,power,volts', ...lines].join('\r\n'))

  const withValues = rows.filter(({ watts, volts }) => watts !== undefined || volts !== undefined)
  expect(received().sort((one, other) => one.at - other.at)).toEqual(withValues)
  expect(result).toEqual({
    rows: 6_000,
    emptyRows: 6_000 - withValues.length,
    readings: withValues.length,
    devices: 2,
    firstAt: withValues[0]?.at,
    lastAt: withValues.at(-1)?.at,
  })
})

test('with the end now, all times move alike and the last reading is of the moment when the replay ends', async () => {
  const now = Date.now()
  const csv = `time,meter,power,volts\n${iso(start)},m1,1,\n${iso(start + 500)},m1,2,\n${iso(start + 900)},m1,3,\n`
  const atOnce = await replay(csv, { endNow: true, clock: () => now })

  expect(received().map(({ at }) => at - now)).toEqual([-900, -400, 0])
  expect([atOnce.firstAt, atOnce.lastAt]).toEqual([now - 900, now])
})

test('at a chosen speed no reading comes before its time, and the last one when it is due', async () => {
  const csv = `time,meter,power,volts\n${iso(start)},m1,1,\n${iso(start + 3_000)},m1,2,\n`
  const begunAt = Date.now()
  await replay(csv, { endNow: true, speed: 10 })
  const endedAt = Date.now()

  expect(endedAt - begunAt).toBeGreaterThanOrEqual(300)
  expect(received()[1]?.at).toBeLessThanOrEqual(endedAt)
  expect(received()[1]?.at).toBeGreaterThanOrEqual(begunAt + 300)
  expect(Number(received()[1]?.at) - Number(received()[0]?.at)).toBe(3_000)
})

test("a file that is not in order is sorted, so that every device's newest reading comes last", async () => {
  const csv = `time,meter,power,volts\n${iso(start + 2_000)},m1,2,\n${iso(start)},m1,0,\n${iso(start + 1_000)},m1,1,\n`
  await replay(csv)

  expect(received().map((reading) => Object.entries(reading).at(-1))).toEqual([
    ['watts', 0],
    ['watts', 1],
    ['watts', 2],
  ])
})

test('every wrong cell is counted, the first are named by line and column, and nothing is published', async () => {
  const bad = Array.from({ length: 6 }, (_, index) => `${iso(start + index)},m1,none,`)
  const csv = ['time,meter,power,volts', `${iso(start)},m1,1,`, ...bad, 'yesterday,m1,1,'].join('\n')

  await expect(replay(csv)).rejects.toThrow(
    /^line 3, column "power": "none" is not a number\n(line \d, .+\n){4}and 2 more$/,
  )
  expect(received()).toEqual([])
})

test.each([
  ['an empty file', '', 'needs a header line'],
  ['a file of nothing but holes', 'time,meter,power,volts\n2026-11-01,m1,,', 'No reading in 1 rows'],
  ['a row that is too short', 'time,meter,power,volts\n2026-11-01,m1\n', 'got 2 on line 2'],
  ['another file', 'a;b\n1;2', 'has no column "time"; its columns are: a;b'],
])('%s is refused in words', async (_, csv, sentence) => {
  await expect(surveyCsv(Readable.from([csv]), mapping)).rejects.toThrow(sentence)
})

test('a file that is not there is named', async () => {
  await expect(replay('', { file: '/nowhere/recorded.csv' })).rejects.toThrow(
    '/nowhere/recorded.csv cannot be read: ENOENT',
  )
})

test('times that the service will quarantine are said beforehand', async () => {
  const warnings: string[] = []
  const log: Log = { ...silentLog, warn: (_, message) => warnings.push(message) }
  await replay('time,meter,power,volts\n2014-04-01 00:00:00,m1,1,\n', { log })

  expect(warnings).toEqual(['Times older than 400 days will be quarantined as clock-too-old'])
})

test('a byte-order mark, spaces in the header and another delimiter are no obstacle', async () => {
  const rows: unknown[] = []
  const text = Readable.from(['\uFEFFtime; meter ;power;volts\n2026-11-01;m1;1;230\n'])
  for await (const row of csvRows(text, { ...mapping, delimiter: ';' })) rows.push(row)

  expect(rows).toEqual([
    { line: 2, problems: [], readings: [{ deviceId: 'm1', at: start, values: { watts: 1, volts: 230 } }] },
  ])
})

test.each([
  ['max', 'max'],
  ['1', 1],
  ['x60', 60],
  ['×2.5', 2.5],
])('the speed %s is understood', (text, speed) => {
  expect(parseSpeed(text)).toBe(speed)
})

test.each(['', '0.5', '-1', 'fast', 'Infinity', 'x'])('the speed "%s" is refused', (text) => {
  expect(() => parseSpeed(text)).toThrow('neither "max" nor a number')
})
