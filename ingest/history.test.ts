import { expect, test } from 'vitest'
import { StoreUnavailable } from '../core/errors.ts'
import type { QuarantineItem } from '../core/quarantine.ts'
import type { Reading, Values } from '../core/reading.ts'
import { metricCatalogueOf } from '../devices/index.ts'
import { memoryReadings } from '../stores/readings/memory.ts'
import type { ReadingStore } from '../stores/readings/port.ts'
import { testDevice } from '../test/fixtures/rows.ts'
import { smokeDetector } from '../test/fixtures/smoke-detector.ts'
import type { DecodedBatch, DecodedItem } from './batch.ts'
import { createHistory } from './history.ts'

const catalogue = metricCatalogueOf([smokeDetector])
const device = testDevice({ id: 's1', kind: 'smoke-detector', gatewayId: 'g1' })

function batch(first: number, ...readings: [at: number, values: Values][]): DecodedBatch {
  const items = readings.map(([at, values], index) => {
    const reading: Reading = { deviceId: 's1', kind: 'smoke-detector', at, receivedAt: 9_000, values }
    return { type: 'message' as const, position: first + index, receivedAt: 9_000, device, readings: [reading] }
  })
  return { first, next: first + readings.length, items, quarantined: [] }
}

async function open(readings: ReadingStore, { rememberedPosition = 0, everyMs = 0 } = {}) {
  const refused: QuarantineItem[][] = []
  const history = await createHistory({
    readings,
    journalId: 'j1',
    rememberedPosition,
    everyMs,
    quarantine: async (items) => void refused.push([...items]),
  })
  /** Taken and written. */
  const takeWritten = async (taken: DecodedBatch) => {
    await history.take(taken)
    await history.flush()
  }
  return { history, refused, takeWritten }
}

const stored = (readings: ReadingStore) =>
  readings.between({ deviceId: 's1', kind: 'smoke-detector', from: 0, to: 1e9, limit: 100 })

test('duplicates, reordering and late data leave what a clean run leaves', async () => {
  const clean = memoryReadings({ catalogue })
  await (await open(clean)).takeWritten(batch(0, [1_000, { beeps: 1 }], [2_000, { beeps: 2 }], [3_000, { beeps: 3 }]))

  const messy = memoryReadings({ catalogue })
  const { takeWritten } = await open(messy)
  await takeWritten(batch(0, [3_000, { beeps: 3 }], [1_000, { beeps: 1 }]))
  await takeWritten(batch(2, [3_000, { beeps: 3 }], [1_000, { beeps: 1 }]))
  await takeWritten(batch(4, [2_000, { beeps: 2 }], [3_000, { beeps: 999 }]))

  expect(await stored(messy)).toEqual(await stored(clean))
})

test('a message that was refused as it was read for the history is kept, before anything behind it is taken', async () => {
  const readings = memoryReadings({ catalogue })
  const refusal: QuarantineItem = {
    ...{ position: 1, receivedAt: 0, gatewayId: 'g1', deviceId: 's1', reason: 'foreign-device', faults: [] },
    raw: Buffer.from('{}'),
  }
  const { refused, takeWritten } = await open(readings)
  await takeWritten({ ...batch(0, [1_000, { beeps: 1 }]), quarantined: [refusal] })
  expect(refused).toEqual([[refusal]])
  expect(await stored(readings)).toHaveLength(1)

  const down = await createHistory({
    ...{ readings, journalId: 'j2', rememberedPosition: 0, everyMs: 0 },
    quarantine: async () => {
      throw new Error('down')
    },
  })
  await expect(down.take({ ...batch(0, [2_000, { beeps: 2 }]), quarantined: [refusal] })).rejects.toThrow('down')
  expect(down.next).toBe(0)
})

test('it goes on after a restart where the store got to', async () => {
  const readings = memoryReadings({ catalogue })
  await (await open(readings)).takeWritten(batch(0, [1_000, { beeps: 1 }]))

  const { history } = await open(readings, { rememberedPosition: 77 })
  expect(history.position).toBe(1)
})

test('when the store cannot be asked at the start, it goes on from where it was last known', async () => {
  const readings = memoryReadings({ catalogue })
  const down = { ...readings, position: () => Promise.reject(new StoreUnavailable('readings', 'down')) }
  expect((await open(down, { rememberedPosition: 77 })).history.position).toBe(77)
})

test('a store that is down moves nothing, and the same batch afterwards is whole', async () => {
  const readings = memoryReadings({ catalogue })
  let down = true
  const { history, takeWritten } = await open({
    ...readings,
    write: (...args) => (down ? Promise.reject(new StoreUnavailable('readings', 'down')) : readings.write(...args)),
  })
  const taken = batch(0, [1_000, { beeps: 1 }], [2_000, { beeps: 2 }])

  await history.take(taken)
  for (let attempt = 0; attempt < 3; attempt++) await expect(takeWritten(taken)).rejects.toThrow(StoreUnavailable)
  expect([history.position, history.written]).toEqual([0, 0])
  down = false
  await takeWritten(taken)
  expect([history.position, history.written]).toEqual([2, 2])
  expect(await stored(readings)).toHaveLength(2)
})

test('what the store can never take is quarantined by reading and metric, and what lies behind it is written', async () => {
  const readings = memoryReadings({ catalogue })
  const { history, refused, takeWritten } = await open({
    ...readings,
    async write(all, mark, keepRefused) {
      const [poison, ...rest] = all
      // parts of it, as InfluxDB refuses one field: not the object that was written
      const refused = Object.entries(poison?.values ?? {}).flatMap(([metric, value]) =>
        poison ? [{ reading: { ...poison, values: { [metric]: value } }, reason: `${metric} is a string there` }] : [],
      )
      await keepRefused?.(refused)
      await readings.write(rest, mark)
      return { refused }
    },
  })
  await takeWritten(batch(0, [1_000, { beeps: 1, batteryVolts: 3 }], [2_000, { beeps: 2 }]))

  const text = (metric: string) =>
    `the history store will not take ${metric} of s1 at 1970-01-01T00:00:01.000Z: ${metric} is a string there`
  expect(await stored(readings)).toHaveLength(1)
  expect([history.position, history.written]).toEqual([2, 1])
  expect(refused).toEqual([
    [
      {
        position: 0,
        receivedAt: 9_000,
        gatewayId: 'g1',
        deviceId: 's1',
        reason: 'store-refused',
        faults: [
          { path: '$[0].values.beeps', reason: 'store-refused', text: text('beeps') },
          { path: '$[1].values.batteryVolts', reason: 'store-refused', text: text('batteryVolts') },
        ],
        raw: Buffer.from(
          '[{"deviceId":"s1","at":1000,"values":{"beeps":1}},{"deviceId":"s1","at":1000,"values":{"batteryVolts":3}}]',
        ),
      },
    ],
  ])
})

test('a mapped message is one item: of whatever the store will not take of its devices, and of one device only if there is no other', async () => {
  const readings = memoryReadings({ catalogue })
  const { refused, takeWritten } = await open(readings)
  const ofDevice = (id: string, beeps: string | number, position: number): DecodedItem => {
    const reading: Reading = {
      deviceId: id,
      kind: 'smoke-detector',
      at: position,
      receivedAt: 9_000,
      values: { beeps },
    }
    return { type: 'message', position, receivedAt: 9_000, device: { ...device, id }, readings: [reading] }
  }
  const items = [
    ofDevice('s1', 'a', 0),
    ofDevice('s2', 2, 0),
    ofDevice('s3', 'b', 0),
    ofDevice('s1', 1, 1),
    ofDevice('s2', 'c', 1),
  ]
  await takeWritten({ first: 0, next: 2, items, quarantined: [] })

  const part = (deviceId: string, at: number, beeps: string) => ({ deviceId, at, values: { beeps } })
  const quarantined = refused.flat().map((item) => ({ ...item, raw: JSON.parse(Buffer.from(item.raw).toString()) }))
  expect(quarantined).toMatchObject([
    {
      ...{ position: 0, deviceId: '', raw: [part('s1', 0, 'a'), part('s3', 0, 'b')] },
      faults: [{ path: '$[0].values.beeps' }, { path: '$[1].values.beeps' }],
    },
    { position: 1, deviceId: 's2', raw: [part('s2', 1, 'c')], faults: [{ path: '$[0].values.beeps' }] },
  ])
})

test('a process that dies before what was refused is in quarantine gets it again after its restart', async () => {
  const readings = memoryReadings({ catalogue })
  const taken = batch(0, [1_000, { beeps: 'many' }], [2_000, { beeps: 2 }])
  const quarantined: number[] = []
  let dies = true
  const start = () =>
    createHistory({
      ...{ readings, journalId: 'j1', rememberedPosition: 0, everyMs: 0 },
      async quarantine(items) {
        if (dies) throw new StoreUnavailable('operations', 'the process ends here')
        quarantined.push(...items.map(({ position }) => position))
      },
    })
  const first = await start()
  await first.take(taken)
  await expect(first.take(batch(2, [3_000, { beeps: 3 }]))).rejects.toThrow('the process ends here')

  dies = false
  const second = await start()
  expect(second.next).toBe(0)
  await second.take(taken)
  await second.flush()
  expect(quarantined).toEqual([0])
  expect([second.position, second.written]).toEqual([2, 1])
})

test('ticks and refused messages move the position, so that the journal can be trimmed behind them', async () => {
  const { history, takeWritten } = await open(memoryReadings({ catalogue }))
  await takeWritten({ first: 0, next: 4, items: [{ type: 'tick', position: 0, receivedAt: 1 }], quarantined: [] })
  expect(history.position).toBe(4)
})

test('a quiet stream is written in steps, each position with what it stands for', async () => {
  const memory = memoryReadings({ catalogue })
  const writes: number[] = []
  const readings: ReadingStore = {
    ...memory,
    write: (batch, mark) => {
      writes.push(batch.length)
      return memory.write(batch, mark)
    },
  }
  const { history } = await open(readings, { everyMs: 60_000 })
  for (let at = 0; at < 5; at++) await history.take(batch(at, [at, { beeps: at }]))
  expect(writes).toEqual([1])
  expect([history.position, history.next]).toEqual([1, 5])

  await history.flush()
  expect(writes).toEqual([1, 4])
  expect([history.position, history.next]).toEqual([5, 5])
  expect(await stored(readings)).toHaveLength(5)
})

test('a backlog does not wait for the next step', async () => {
  const readings = memoryReadings({ catalogue })
  const { history } = await open(readings, { everyMs: 60_000 })
  await history.take(batch(0, [0, { beeps: 0 }]))
  const many = Array.from({ length: 5_000 }, (_, at): [number, Values] => [at + 1, { beeps: at % 100 }])
  await history.take(batch(1, ...many))
  await expect.poll(() => history.position).toBe(5_001)
})

test('what was held while the store went down is read from the journal again', async () => {
  const memory = memoryReadings({ catalogue })
  let down = false
  const readings: ReadingStore = {
    ...memory,
    write: (...args) => (down ? Promise.reject(new StoreUnavailable('readings', 'down')) : memory.write(...args)),
  }
  const { history } = await open(readings, { everyMs: 20 })
  await history.take(batch(0, [1_000, { beeps: 1 }]))
  down = true
  await history.take(batch(1, [2_000, { beeps: 2 }]))
  await expect.poll(() => history.next).toBe(1)
  await expect(history.take(batch(2, [3_000, { beeps: 3 }]))).rejects.toThrow('down')

  down = false
  await history.take(batch(1, [2_000, { beeps: 2 }], [3_000, { beeps: 3 }]))
  await history.flush()
  expect(history.position).toBe(3)
  expect((await stored(readings)).map(({ at }) => at)).toEqual([1_000, 2_000, 3_000])
})
