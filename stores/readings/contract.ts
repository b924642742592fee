import { afterEach, expect, test } from 'vitest'
import { StoreUnavailable } from '../../core/errors.ts'
import type { Reading, Values } from '../../core/reading.ts'
import type { MetricCatalogue, ReadingStore } from './port.ts'

/** The kinds that the contract's stores are opened with. */
export const contractCatalogue: MetricCatalogue = {
  elevator: { motorCelsius: 'number', floor: 'number', tripCount: 'number', direction: 'string', doorOpen: 'boolean' },
  'electricity-meter': { currentAmperes: 'number', breakerState: 'string', tripCount: 'number' },
}

const journal = 'journal-1'
const noon = Date.UTC(2026, 10, 24, 12)
const always = { from: 0, to: noon * 2 }

let position = 0

function reading(at: number, values: Values, deviceId = 'elv-0042', kind = 'elevator'): Reading {
  return { deviceId, kind, at, receivedAt: at + 150, values }
}

function mark() {
  position += 1
  return { journalId: journal, position }
}

/**
 * What every reading store promises. `open` answers a store on the same data each time within a test, and on none at
 * its first call; `reopens` is false for one that forgets, `tellsArrival` for one that keeps no word of how a reading came.
 */
export function readingStoreContract({
  open,
  reopens = true,
  tellsArrival = true,
}: {
  open: () => Promise<ReadingStore>
  reopens?: boolean
  tellsArrival?: boolean
}) {
  const opened: ReadingStore[] = []
  async function openStore(): Promise<ReadingStore> {
    const store = await open()
    opened.push(store)
    return store
  }
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()))
  })

  const elevator = { deviceId: 'elv-0042', kind: 'elevator' }
  const all = { ...elevator, ...always, limit: 1_000 }

  test('what was written comes back equal, oldest first, of the asked device only', async () => {
    const store = await openStore()
    const report = await store.write(
      [
        reading(noon, { motorCelsius: 41.25, floor: -1, direction: 'up', doorOpen: false }),
        reading(noon, { motorCelsius: 12 }, 'elv-0043'),
        reading(noon, { currentAmperes: 3.5, breakerState: 'closed' }, 'mtr-1', 'electricity-meter'),
        reading(noon + 10_000, { motorCelsius: 0, doorOpen: true }),
      ],
      mark(),
    )

    expect(report.refused).toEqual([])
    expect(await store.between(all)).toEqual([
      { at: noon, values: { motorCelsius: 41.25, floor: -1, direction: 'up', doorOpen: false } },
      { at: noon + 10_000, values: { motorCelsius: 0, doorOpen: true } },
    ])
    expect(await store.between({ ...all, deviceId: 'mtr-1', kind: 'electricity-meter' })).toEqual([
      { at: noon, values: { currentAmperes: 3.5, breakerState: 'closed' } },
    ])
  })

  test('how a reading came is said where it is asked for and known: when, and whether after something newer', async () => {
    const store = await openStore()
    await store.write([reading(noon, { floor: 3 }), reading(noon + 20_000, { floor: 4 })], mark())
    const receivedAt = noon + 90_000
    const late = { ...reading(noon + 10_000, { floor: 5 }), receivedAt }
    const addition = { ...reading(noon + 20_000, { motorCelsius: 40 }), receivedAt }
    await store.write([late, addition, reading(noon + 100_000, { floor: 6 })], mark())

    const found = await store.between({ ...all, metrics: ['floor', 'motorCelsius'], arrival: true })
    expect(found.map(({ at }) => at - noon)).toEqual([0, 10_000, 20_000, 100_000])
    const known = found.filter((one) => one.receivedAt !== undefined)
    expect(known).toHaveLength(tellsArrival ? 4 : 0)
    if (tellsArrival) {
      expect(found.map((one) => (one.receivedAt ?? 0) - noon)).toEqual([150, 90_000, 20_150, 100_150])
      expect(found.map((one) => one.late)).toEqual([false, true, false, false])
    }
    expect((await store.between(all))[1]).toEqual({ at: noon + 10_000, values: { floor: 5 } })
  })

  test('a repeated write leaves one reading, so a redelivered message is harmless', async () => {
    const store = await openStore()
    const batch = [reading(noon, { floor: 3 }), reading(noon + 1_000, { floor: 4 })]
    await store.write(batch, mark())
    await store.write(batch, mark())
    await store.write([...batch, ...batch], mark())

    expect(await store.between(all)).toHaveLength(2)
    expect(await store.downsampled({ ...all, metric: 'floor', stepSeconds: 60 })).toMatchObject([{ count: 2 }])
  })

  test('a second message for one time adds its metrics and changes none, in one batch and across batches', async () => {
    const store = await openStore()
    await store.write(
      [reading(noon, { floor: 3 }), reading(noon, { floor: 9, doorOpen: true }), reading(noon + 1_000, { floor: 4 })],
      mark(),
    )
    await store.write([reading(noon + 1_000, { floor: 9, direction: 'down' })], mark())
    await store.write(
      [reading(noon, { doorOpen: false, motorCelsius: 40 }), reading(noon, { motorCelsius: 50 })],
      mark(),
    )

    expect(await store.between(all)).toEqual([
      { at: noon, values: { floor: 3, doorOpen: true, motorCelsius: 40 } },
      { at: noon + 1_000, values: { floor: 4, direction: 'down' } },
    ])
  })

  test('late readings find their place, also several of one time and older than everything', async () => {
    const store = await openStore()
    await store.write([reading(noon, { floor: 5 }), reading(noon + 20_000, { floor: 7 })], mark())
    await store.write(
      [
        reading(noon + 30_000, { floor: 8 }),
        reading(noon + 10_000, { floor: 6 }),
        reading(noon - 86_400_000, { floor: 1 }),
        reading(noon - 86_400_000, { floor: 2, direction: 'up' }),
        reading(noon, { floor: 0, doorOpen: true }),
      ],
      mark(),
    )

    expect(await store.between(all)).toEqual([
      { at: noon - 86_400_000, values: { floor: 1, direction: 'up' } },
      { at: noon, values: { floor: 5, doorOpen: true } },
      { at: noon + 10_000, values: { floor: 6 } },
      { at: noon + 20_000, values: { floor: 7 } },
      { at: noon + 30_000, values: { floor: 8 } },
    ])
  })

  test('a range includes its start and excludes its end; a limit keeps the oldest; a metric leaves out who lacks it', async () => {
    const store = await openStore()
    const readings = [0, 1, 2, 3].map((n) =>
      reading(noon + n * 1_000, n % 2 ? { floor: n } : { floor: n, doorOpen: true }),
    )
    await store.write(readings, mark())

    const times = async (query: object) => (await store.between({ ...all, ...query })).map(({ at }) => at - noon)
    expect(await times({ from: noon + 1_000, to: noon + 3_000 })).toEqual([1_000, 2_000])
    expect(await times({ from: noon + 1_000, limit: 2 })).toEqual([1_000, 2_000])
    expect(await times({ metric: 'doorOpen' })).toEqual([0, 2_000])
    expect(await times({ metric: 'direction' })).toEqual([])
    expect(await times({ metric: 'unheardOf' })).toEqual([])
  })

  test('metrics: only those, of the readings that have any of them', async () => {
    const store = await openStore()
    const door = [0, 2_000].map((ms) => ({ at: noon + ms, values: { doorOpen: true } }))
    const readings = [0, 1, 2, 3].map((n) =>
      reading(noon + n * 1_000, n % 2 ? { floor: n } : { floor: n, doorOpen: true }),
    )
    await store.write(readings, mark())

    expect(await store.between({ ...all, metrics: ['doorOpen'] })).toEqual(door)
    expect(await store.between({ ...all, metrics: ['doorOpen', 'direction', 'unheardOf'], limit: 1 })).toEqual([
      door[0],
    ])
    expect(await store.between({ ...all, metrics: ['doorOpen', 'floor'] })).toHaveLength(4)
    expect(await store.between({ ...all, metrics: ['unheardOf'] })).toEqual([])
  })

  test('last knows the newest of each metric: the floor of five minutes ago beside the door of now', async () => {
    const store = await openStore()
    await store.write(
      [reading(noon - 300_000, { floor: 12, doorOpen: false }), reading(noon, { doorOpen: true })],
      mark(),
    )
    expect(await store.last('elv-0042', 'elevator')).toEqual({ at: noon, values: { floor: 12, doorOpen: true } })

    await store.write(
      [reading(noon + 1_000, { direction: 'up' }), reading(noon - 60_000, { floor: 13, doorOpen: false })],
      mark(),
    )
    await store.write([reading(noon + 1_000, { direction: 'down', motorCelsius: 30 })], mark())
    expect(await store.last('elv-0042', 'elevator')).toEqual({
      at: noon + 1_000,
      values: { floor: 13, doorOpen: true, direction: 'up', motorCelsius: 30 },
    })
  })

  test('down-sampled windows are aligned to the clock, and empty ones are left out', async () => {
    const store = await openStore()
    await store.write(
      [
        reading(noon + 59_000, { motorCelsius: 40 }),
        reading(noon + 60_000, { motorCelsius: 41 }),
        reading(noon + 100_000, { motorCelsius: 46 }),
        reading(noon + 119_999, { motorCelsius: 42 }),
        reading(noon + 119_999, { floor: 1 }),
        reading(noon + 300_000, { floor: 2 }),
        reading(noon + 600_000, { motorCelsius: 50 }),
        reading(noon + 700_000, { motorCelsius: 99 }),
      ],
      mark(),
    )

    const query = { ...elevator, from: noon + 59_000, to: noon + 700_000, metric: 'motorCelsius', stepSeconds: 60 }
    expect(await store.downsampled(query)).toEqual([
      { at: noon, mean: 40, min: 40, max: 40, last: 40, count: 1 },
      { at: noon + 60_000, mean: 43, min: 41, max: 46, last: 42, count: 3 },
      { at: noon + 600_000, mean: 50, min: 50, max: 50, last: 50, count: 1 },
    ])
  })

  test('states and flags are down-sampled to their last value', async () => {
    const store = await openStore()
    await store.write(
      [
        reading(noon, { direction: 'up', doorOpen: true }),
        reading(noon + 1_000, { direction: 'down', doorOpen: false }),
        reading(noon + 2_000, { floor: 1 }),
      ],
      mark(),
    )

    const of = (metric: string) => store.downsampled({ ...all, metric, stepSeconds: 10 })
    expect(await of('direction')).toEqual([{ at: noon, mean: null, min: null, max: null, last: 'down', count: 2 }])
    expect(await of('doorOpen')).toEqual([{ at: noon, mean: null, min: null, max: null, last: false, count: 2 }])
    expect(await of('unheardOf')).toEqual([])
  })

  test('a chart has at most 2,000 points, the first ones', async () => {
    const store = await openStore()
    const readings = Array.from({ length: 2_500 }, (_, n) => reading(noon + n * 10_000, { floor: n }))
    await store.write(readings, mark())

    const chart = await store.downsampled({ ...all, metric: 'floor', stepSeconds: 10 })
    expect(chart).toHaveLength(2_000)
    expect(chart[0]).toMatchObject({ at: noon, last: 0 })
    expect(chart[1_999]).toMatchObject({ at: noon + 19_990_000, last: 1_999 })
    expect(await store.between({ ...all, limit: 5_000 })).toHaveLength(2_500)
  })

  test('a device that never spoke has no readings', async () => {
    const store = await openStore()
    await store.write([reading(noon, { floor: 1 })], mark())

    const unknown = { ...all, deviceId: 'elv-9999' }
    expect(await store.between(unknown)).toEqual([])
    expect(await store.last('elv-9999', 'elevator')).toBeUndefined()
    expect(await store.downsampled({ ...unknown, metric: 'floor', stepSeconds: 60 })).toEqual([])
  })

  test('each journal has its own position, and an empty batch moves it too', async () => {
    const store = await openStore()
    expect(await store.position('a')).toBe(0)
    await store.write([reading(noon, { floor: 1 })], { journalId: 'a', position: 12 })
    await store.write([], { journalId: "b'; DROP", position: 2 ** 40 })
    await store.write([], { journalId: 'a', position: 13 })

    expect(await store.position('a')).toBe(13)
    expect(await store.position("b'; DROP")).toBe(2 ** 40)
  })

  test.each([
    ['quotes and spaces', `it's "up", isn't = it`],
    ['backslashes', 'C:\\up\\'],
    ['a line break and a line of protocol', 'up\nelevator,device=elv-0042 floor=99 1\r\n'],
    ['SQL', `'; DROP TABLE "elevator recent"; --`],
    ['InfluxQL', `" OR 1=1; DROP MEASUREMENT "elevator"; --`],
    ['Korean and Chinese', '상승 上行 🛗 ①②③'],
    ['nothing', ''],
    ['a byte order mark first', '\ufeffup'],
    ['nothing but a byte order mark', '\ufeff'],
    ['a tab and a NUL', 'a\tb'],
  ])('a state that holds %s comes back as it was sent', async (_, direction) => {
    const store = await openStore()
    await store.write([reading(noon, { direction, floor: 1 })], mark())
    await store.write([reading(noon, { direction: 'other', doorOpen: true })], mark())

    expect(await store.between(all)).toEqual([{ at: noon, values: { direction, floor: 1, doorOpen: true } }])
    expect(await store.last('elv-0042', 'elevator')).toMatchObject({ values: { direction } })
    expect(await store.downsampled({ ...all, metric: 'direction', stepSeconds: 60 })).toMatchObject([
      { last: direction },
    ])
  })

  test.each(["elv' OR '1'='1", 'elv" OR 1=1 --', 'elv\\', 'elv-0042; DROP DATABASE liftwatt', 'x\n'])(
    'asking for the device %j finds nothing and breaks nothing',
    async (deviceId) => {
      const store = await openStore()
      await store.write([reading(noon, { floor: 1 })], mark())

      expect(await store.between({ ...all, deviceId })).toEqual([])
      expect(await store.last(deviceId, 'elevator')).toBeUndefined()
      expect(await store.downsampled({ ...all, deviceId, metric: 'floor', stepSeconds: 60 })).toEqual([])
      expect(await store.between({ ...all, kind: 'elevator" --', metric: 'floor" --' })).toEqual([])
      expect(await store.between(all)).toHaveLength(1)
    },
  )

  test('what can never be stored is answered with a reason, and the rest is stored', async () => {
    const store = await openStore()
    const strange = [
      reading(noon, { floor: 'three' }),
      reading(noon + 1_000, { motorCelsius: Number.NaN }),
      reading(noon + 2_000, { horsepower: 3 }),
      reading(noon + 3_000, { floor: 3 }, 'esc-1', 'escalator'),
    ]
    const { refused } = await store.write([...strange, reading(noon + 4_000, { floor: 4 })], mark())

    expect(refused.map(({ reading }) => reading)).toEqual(strange)
    for (const { reason } of refused) expect(reason).not.toBe('')
    expect(await store.between(all)).toEqual([{ at: noon + 4_000, values: { floor: 4 } }])
  })

  test('what can never be stored is handed over before the position moves, and a write whose hand-over fails comes again', async () => {
    const store = await openStore()
    const strange = reading(noon, { floor: 'three' })
    const batch = [strange, reading(noon + 1_000, { floor: 4 })]
    const target = mark()
    const before = await store.position(journal)
    await expect(
      store.write(batch, target, async () => {
        throw new StoreUnavailable('operations', 'down')
      }),
    ).rejects.toThrow('The operations store is not available: down')
    expect(await store.position(journal)).toBe(before)

    const kept: Reading[] = []
    await store.write(batch, target, async (refused) => {
      kept.push(...refused.map((refusal) => refusal.reading))
      expect(await store.position(journal)).toBe(before)
    })
    expect(kept).toEqual([strange])
    expect(await store.position(journal)).toBe(target.position)
    expect(await store.between(all)).toEqual([{ at: noon + 1_000, values: { floor: 4 } }])
  })

  test('thousands of readings of many devices in one batch come back, each with its own', async () => {
    const store = await openStore()
    const devices = Array.from({ length: 300 }, (_, n) => `elv-${n}`)
    const readings = Array.from({ length: 20 }, (_, n) => n).flatMap((n) =>
      devices.map((deviceId, device) =>
        reading(noon + n * 10_000, n % 2 ? { floor: device, doorOpen: n % 4 === 1 } : { motorCelsius: n }, deviceId),
      ),
    )
    await store.write(readings, mark())

    for (const device of [0, 136, 299]) {
      const expected = readings.filter(({ deviceId }) => deviceId === `elv-${device}`)
      expect(await store.between({ ...all, deviceId: `elv-${device}` })).toEqual(
        expected.map(({ at, values }) => ({ at, values })),
      )
    }
  })

  // one that forgets has not skipped anything
  if (!reopens) return

  test('data and position outlive the process, and what comes again is known again', async () => {
    const before = await openStore()
    const readings = [reading(noon, { floor: 1 }), reading(noon + 20_000, { floor: 2, direction: 'up' })]
    await before.write(readings, { journalId: 'j', position: 42 })
    await before.close()

    const store = await openStore()
    expect(await store.position('j')).toBe(42)
    expect(await store.between(all)).toHaveLength(2)
    await store.write(
      [...readings, reading(noon + 10_000, { floor: 7 }), reading(noon, { floor: 9, doorOpen: true })],
      mark(),
    )
    await store.write([reading(noon + 30_000, { floor: 3 })], mark())

    expect(await store.between(all)).toEqual([
      { at: noon, values: { floor: 1, doorOpen: true } },
      { at: noon + 10_000, values: { floor: 7 } },
      { at: noon + 20_000, values: { floor: 2, direction: 'up' } },
      { at: noon + 30_000, values: { floor: 3 } },
    ])
    expect(await store.last('elv-0042', 'elevator')).toMatchObject({
      at: noon + 30_000,
      values: { floor: 3, direction: 'up' },
    })
  })
}
