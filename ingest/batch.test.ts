import { expect, test } from 'vitest'
import { hourMs } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import { silentLog } from '../core/log.ts'
import { Mapping } from '../core/mapping.ts'
import type { JournalBatch } from '../stores/journal/port.ts'
import { testDevice } from '../test/fixtures/rows.ts'
import { smokeDetector } from '../test/fixtures/smoke-detector.ts'
import { createBatchDecoder } from './batch.ts'
import { createDecoder } from './decode.ts'
import { createRawDecoder } from './decode-raw.ts'
import type { DeviceDirectory } from './devices.ts'
import { compileMapping } from './mapping.ts'

const now = 1_800_000_000_000
const device = (id: string) => testDevice({ id, kind: 'smoke-detector', gatewayId: 'g1' })
const directory = {
  get: (id: string) => (id === 'nobody' ? undefined : device(id)),
  resolve: async () => () => undefined,
} as Partial<DeviceDirectory> as DeviceDirectory

const rules = { kinds: [smokeDetector], maxAgeDays: 400 }
const decode = createDecoder(rules)

const mapping = Mapping.parse({
  rules: [
    {
      ...{ topic: 'alarms', each: '$.d', device: { path: '@.sn' }, time: { path: '@.t', format: 'epoch-s' } },
      metrics: { beeps: { path: '@.n' } },
    },
    { topic: 'alarm/{device}', time: 'receipt', metrics: { beeps: { path: '$.n' } } },
  ],
})
/** Version 1 is the mapping above. */
const findMap = async (_: string, version: number) => (version === 1 ? compileMapping(mapping) : undefined)
const rawReading = { decode: createRawDecoder(rules), findMap }
const raw = (position: number, body: unknown, mappingVersion = 1, topic = 'alarms') => ({
  ...{ type: 'raw' as const, position, receivedAt: now, gatewayId: 'g1', topic, mappingVersion },
  payload: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})

function message(position: number, deviceId: string, payload: unknown = { at: now, values: { beeps: 1 } }) {
  const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
  return { type: 'message' as const, position, receivedAt: now, gatewayId: 'g1', deviceId, payload: bytes }
}

const batchOf = (...entries: JournalBatch['entries']): JournalBatch => ({ entries, damaged: [], next: entries.length })

test('keeps the order of the journal, with its ticks and starts, and leaves out what gave no reading', async () => {
  const decodeBatch = createBatchDecoder({ decode, raw: rawReading, directory, log: silentLog })
  const { items, quarantined, first, next } = await decodeBatch(
    batchOf(
      { type: 'start', position: 0, receivedAt: now },
      message(1, 's1'),
      message(2, 'nobody'),
      { type: 'tick', position: 3, receivedAt: now },
      message(4, 's2', '{'),
      message(5, 's2', { at: now, values: { beeps: 1, amps: 2 } }),
    ),
    0,
  )
  expect(items.map(({ type, position }) => [type, position])).toEqual([
    ['start', 0],
    ['message', 1],
    ['tick', 3],
    ['message', 5],
  ])
  expect(quarantined.map(({ position, reason }) => [position, reason])).toEqual([
    [2, 'unknown-device'],
    [4, 'bad-json'],
    [5, 'unknown-metric'],
  ])
  expect([first, next]).toEqual([0, 6])
})

test('a message on which our own code fails is quarantined and logged, and those around it are taken', async () => {
  const errors: object[] = []
  const decodeBatch = createBatchDecoder({
    decode(sent, of) {
      if (sent.deviceId === 'poison') throw new RangeError('Maximum call stack size exceeded')
      return decode(sent, of)
    },
    raw: rawReading,
    directory,
    log: { ...silentLog, error: (fields) => errors.push(fields) },
  })
  const { items, quarantined } = await decodeBatch(batchOf(message(0, 's1'), message(1, 'poison'), message(2, 's1')), 0)

  expect(items.map(({ position }) => position)).toEqual([0, 2])
  expect(quarantined).toMatchObject([
    { position: 1, deviceId: 'poison', reason: 'bad-reading', faults: [{ path: '$' }] },
  ])
  expect(errors).toEqual([{ position: 1, about: 'poison', reason: 'Maximum call stack size exceeded' }])
})

test('a damaged stretch of the journal is said, and its entries are counted once, however often it is read', async () => {
  const errors: object[] = []
  const log = { ...silentLog, error: (fields: object) => errors.push(fields) }
  const counts: number[] = []
  const onDamaged = (entries: number) => counts.push(entries)
  const decodeBatch = createBatchDecoder({ decode, raw: rawReading, directory, onDamaged, log })
  const damaged = [{ from: 3, to: 9, reason: 'checksum' }]
  await decodeBatch({ entries: [], damaged, next: 9 }, 3)
  expect(errors).toEqual(damaged)
  await decodeBatch({ entries: [], damaged: [{ from: 5, to: 12, reason: 'checksum' }], next: 12 }, 5)
  await decodeBatch({ entries: [], damaged, next: 9 }, 3)
  expect(counts).toEqual([6, 3])
})

test('a message of which nothing can be used for a clock that is ahead still says that its gateway is there', async () => {
  const decodeBatch = createBatchDecoder({ decode, raw: rawReading, directory, log: silentLog })
  const values = { beeps: 1 }
  const { items, quarantined } = await decodeBatch(
    batchOf(
      message(0, 's1', { at: now + 8 * hourMs, values }),
      message(1, 's1', [
        { at: now + 8 * hourMs, values },
        { at: now, values },
      ]),
      message(2, 's1', { at: -1, values }),
      message(3, 'nobody', { at: now + 8 * hourMs, values }),
    ),
    0,
  )
  expect(items.map(({ type, position }) => [type, position])).toEqual([
    ['clock-ahead', 0],
    ['message', 1],
  ])
  expect(items[0]).toMatchObject({ aheadMs: 8 * hourMs, gatewayId: directory.get('s1')?.gatewayId })
  expect(quarantined.map(({ reason }) => reason)).toEqual(['clock-ahead', 'clock-ahead', 'bad-time', 'unknown-device'])
})

test('what a gateway says in its own words becomes readings of each of its devices, and faults where they stood in it', async () => {
  const decodeBatch = createBatchDecoder({ decode, raw: rawReading, directory, log: silentLog })
  const t = now / 1_000
  const { items, quarantined } = await decodeBatch(
    batchOf(
      raw(0, {
        d: [
          { sn: 's1', t: t - 1, n: 1 },
          { sn: 's2', t, n: 2 },
          { sn: 's1', t: t - 2, n: 3 },
        ],
      }),
      message(1, 's1'),
      raw(2, {
        d: [
          { sn: 's1', t, n: -7 },
          { sn: 'nobody', t, n: 1 },
          { sn: 's2', t: t + 8 * 3_600, n: 1 },
        ],
      }),
    ),
    0,
  )
  expect(items).toMatchObject([
    { position: 0, device: { id: 's1' }, readings: [{ at: now - 2_000, values: { beeps: 3 } }, { at: now - 1_000 }] },
    { position: 0, device: { id: 's2' }, readings: [{ at: now, values: { beeps: 2 } }] },
    { position: 1, device: { id: 's1' } },
    { type: 'clock-ahead', position: 2, gatewayId: 'g1', aheadMs: 8 * hourMs },
  ])
  expect(quarantined).toMatchObject([
    {
      ...{ position: 2, topic: 'alarms', deviceId: '', reason: 'out-of-range' },
      faults: [
        { path: '$.d[0].n', reason: 'out-of-range' },
        { path: '$.d[1]', reason: 'unknown-device' },
        { path: '$.d[2].t', reason: 'clock-ahead' },
      ],
    },
  ])
})

test('a quarantined message is shown with a device only if it can be of no other', async () => {
  const decodeBatch = createBatchDecoder({ decode, raw: rawReading, directory, log: silentLog })
  const good = { sn: 's1', t: now / 1_000, n: 1 }
  const { quarantined } = await decodeBatch(
    batchOf(raw(0, { d: [good, { ...good, sn: 's2', n: 'abc' }] }), raw(1, { n: -7 }, 1, 'alarm/s1')),
    0,
  )
  expect(quarantined).toMatchObject([
    { position: 0, deviceId: '', faults: [{ path: '$.d[1].n', reason: 'wrong-type' }] },
    { position: 1, deviceId: 's1', faults: [{ path: '$.n', reason: 'out-of-range' }] },
  ])
})

test('devices are looked up as the journal names them, and a version of a mapping once', async () => {
  const named: string[] = []
  const versions: number[] = []
  const decodeBatch = createBatchDecoder({
    ...{ decode, log: silentLog },
    raw: {
      ...rawReading,
      findMap: (gatewayId, version) => {
        versions.push(version)
        return findMap(gatewayId, version)
      },
    },
    directory: {
      ...directory,
      async resolve(messages) {
        named.push(...[...messages].map(({ deviceId }) => deviceId))
        return () => undefined
      },
    },
  })
  const batch = batchOf(
    raw(0, { n: 1 }, 1, 'alarm/s1'),
    message(1, 's2'),
    raw(2, { n: 1 }, 1, 'alarm/s3'),
    ...[raw(3, {}, 2), raw(4, {}, 2)],
  )
  await decodeBatch(batch, 0)
  expect([named, versions]).toEqual([
    ['s1', 's2', 's3'],
    [1, 2],
  ])
})

test('what does not map is named and kept, and nothing behind it waits', async () => {
  const decodeBatch = createBatchDecoder({ decode, raw: rawReading, directory, log: silentLog })
  const good = { d: [{ sn: 's1', t: now / 1_000, n: 1 }] }
  const { items, quarantined } = await decodeBatch(
    batchOf(raw(0, '{'), raw(1, { e: 1 }), raw(2, good, 2), raw(3, good, 1, 'others'), raw(4, good)),
    0,
  )
  expect(items.map(({ position }) => position)).toEqual([4])
  expect(quarantined.map(({ position, reason }) => [position, reason])).toEqual([
    ...[
      [0, 'bad-json'],
      [1, 'not-mapped'],
      [2, 'not-mapped'],
      [3, 'not-mapped'],
    ],
  ])
})

test('a device that nobody has registered yet is judged as it would be: its junk says what is wrong with it, and only what is usable registers it', async () => {
  const taken: string[] = []
  const registered = new Map<string, Device>()
  const decodeBatch = createBatchDecoder({
    ...{ decode, raw: rawReading, log: silentLog },
    directory: {
      get: (id: string) => registered.get(id),
      async resolve(messages, isUsableAs) {
        for (const message of messages) {
          if (!isUsableAs(message, device(message.deviceId))) continue
          taken.push(message.deviceId)
          registered.set(message.deviceId, device(message.deviceId))
        }
        return ({ deviceId }) => device(deviceId)
      },
    } as Partial<DeviceDirectory> as DeviceDirectory,
  })
  const t = now / 1_000
  const { items, quarantined } = await decodeBatch(
    batchOf(
      message(0, 'junk', 'x'),
      message(1, 'other', { at: now, values: { doorOpen: true } }),
      message(2, 'ahead', { at: now + 8 * hourMs, values: { beeps: 1 } }),
      message(3, 'good', [{ at: now, values: { beeps: 1 } }, 7]),
      raw(4, {
        d: [
          { sn: 'raw-junk', t, n: -1 },
          { sn: 'raw-good', t, n: 1 },
        ],
      }),
    ),
    0,
  )
  expect(taken).toEqual(['good', 'raw-good'])
  expect(items.map(({ type, position }) => [type, position])).toEqual([
    ['clock-ahead', 2],
    ['message', 3],
    ['message', 4],
  ])
  expect(quarantined.map(({ position, faults }) => [position, ...faults.map(({ reason }) => reason)])).toEqual([
    [0, 'bad-json'],
    [1, 'unknown-metric'],
    [2, 'clock-ahead'],
    [3, 'bad-reading'],
    [4, 'out-of-range'],
  ])
})
