import { expect, test } from 'vitest'
import { secondMs } from '../core/clock.ts'
import { StoreUnavailable } from '../core/errors.ts'
import { silentLog } from '../core/log.ts'
import type { QuarantineItem } from '../core/quarantine.ts'
import { memorySnapshots } from '../stores/snapshots/memory.ts'
import { testDevice } from '../test/fixtures/rows.ts'
import { smokeDetector } from '../test/fixtures/smoke-detector.ts'
import { type AnalysedBatch, createAnalysis } from './analyse.ts'
import { createAnalyticsHost } from './host.ts'
import { shippedRules } from './rule-book.ts'

const start = 1_800_000_000_000
const device = (id: string) => testDevice({ id, kind: 'smoke-detector', gatewayId: 'g1' })

/** One message of each device in turn, at the positions from `first` on. */
function batch(first: number, smokePercentPerM: number, ids: string[], quarantinedCount = 0): AnalysedBatch {
  const items = ids.map((id, index) => {
    const position = first + index
    const at = start + position * 10 * secondMs
    const reading = { deviceId: id, kind: 'smoke-detector', at, receivedAt: at, values: { smokePercentPerM } }
    return { type: 'message' as const, position, receivedAt: at, device: device(id), readings: [reading] }
  })
  const quarantined = Array.from({ length: quarantinedCount }, (_, position) => ({ position }) as QuarantineItem)
  return { first, next: first + ids.length, items, quarantined }
}

function analysis(options: Partial<Parameters<typeof createAnalysis>[0]> = {}) {
  const recorded: string[] = []
  const quarantined: number[] = []
  const snapshots = memorySnapshots()
  const host = createAnalyticsHost({ kinds: [smokeDetector], log: silentLog })
  const it = createAnalysis({
    host,
    snapshots,
    journalId: 'j1',
    startAt: 0,
    rulesAt: async (version) => ({ ...shippedRules, version }),
    async record(events) {
      for (const event of events) recorded.push(`${event.change} ${event.deviceId}`)
    },
    async quarantine(items) {
      quarantined.push(items.length)
    },
    log: silentLog,
    ...options,
  })
  return { it, host, snapshots, recorded, quarantined }
}

test('a database that is down in the middle of a batch: nothing is stepped twice, and only the rest is repeated', async () => {
  const recorded: string[] = []
  let down = true
  const { it, quarantined } = analysis({
    async record(events) {
      if (down && events.some(({ deviceId }) => deviceId === 's2')) throw new StoreUnavailable('operations', 'down')
      for (const { change, deviceId } of events) recorded.push(`${change} ${deviceId}`)
    },
  })
  const all = batch(0, 40, ['s1', 's2', 's3'], 1)
  await expect(it.take(all)).rejects.toThrow(StoreUnavailable)
  await expect(it.take(all)).rejects.toThrow(StoreUnavailable)
  expect([it.position, it.analysed, recorded, quarantined]).toEqual([0, 3, ['opened s1'], []])

  down = false
  // meanwhile more has come: the batch that was begun is finished first
  await it.take({ ...all, next: 99 })
  expect([it.position, it.analysed, quarantined]).toEqual([3, 3, [1]])
  expect(recorded).toEqual(['opened s1', 'opened s2', 'opened s3'])
})

test('what the database will never take is named and left out, and what lies behind it is recorded', async () => {
  const errors: object[] = []
  const recorded: string[] = []
  const { it } = analysis({
    async record(events) {
      if (events.some(({ deviceId }) => deviceId === 's1')) throw new Error('violates a check')
      recorded.push(...events.map(({ deviceId }) => String(deviceId)))
    },
    log: { ...silentLog, error: (fields) => errors.push(fields) },
  })
  await it.take(batch(0, 40, ['s1', 's2']))
  expect([it.position, recorded]).toEqual([2, ['s2']])
  expect(errors).toMatchObject([
    { device: 's1', finding: 'smoke-detector/smoke', severity: 'critical', position: 0, reason: 'violates a check' },
  ])
  expect(it.leftOut).toBe(1)
})

test('what a batch found is recorded together; when some of it cannot be, each is tried alone', async () => {
  const tried: number[] = []
  const { it } = analysis({
    async record(events) {
      tried.push(events.length)
      if (events.length > 1 && it.position > 0) throw new StoreUnavailable('operations', 'somebody was in the way')
    },
  })
  await it.take(batch(0, 40, ['s1', 's2', 's3']))
  expect(tried.splice(0)).toEqual([3])
  await it.take(batch(3, 0, ['s1', 's2', 's3']))
  expect(tried).toEqual([3, 1, 1, 1])
  expect([it.position, it.leftOut]).toEqual([6, 0])
})

test('a snapshot holds what was known at its position; a restart goes on from there and says the same again', async () => {
  const first = analysis()
  await first.it.take(batch(0, 0, ['s1']))
  await first.it.snapshot()
  expect([first.it.position, first.it.savedPosition]).toEqual([1, 1])
  await first.it.take(batch(1, 40, ['s1']))
  await first.it.take(batch(2, 0, ['s1']))
  expect([first.it.position, first.it.savedPosition]).toEqual([3, 1])

  const saved = await first.snapshots.load()
  expect(saved).toMatchObject({ journalId: 'j1', position: 1 })
  const second = analysis({ startAt: saved?.position ?? 0 })
  second.host.restore(saved?.entries ?? new Map(), device)
  await second.it.take(batch(1, 40, ['s1']))
  await second.it.take(batch(2, 0, ['s1']))
  expect(second.recorded).toEqual(first.recorded)
  expect(second.recorded).toEqual(['opened s1', 'cleared s1'])
})

test('nothing is saved while effects of a batch are outstanding: they would be skipped after a restart', async () => {
  const { it, snapshots } = analysis({
    record: () => Promise.reject(new StoreUnavailable('operations', 'down')),
  })
  await it.take(batch(0, 0, ['s1']))
  await expect(it.take(batch(1, 40, ['s1']))).rejects.toThrow(StoreUnavailable)
  await it.snapshot()
  expect(await snapshots.load()).toBeUndefined()
})

test('a snapshot that fails loses nothing: the next one has its changes too', async () => {
  const kept = memorySnapshots()
  let full = true
  const { it } = analysis({
    snapshots: {
      ...kept,
      save: (snapshot) => (full ? Promise.reject(new StoreUnavailable('snapshots', 'full')) : kept.save(snapshot)),
    },
  })
  await it.take(batch(0, 40, ['s1']))
  await it.snapshot()
  expect(it.savedPosition).toBe(0)
  await it.take(batch(1, 40, ['s2']))
  full = false
  await it.snapshot()
  const keys = [...((await kept.load())?.entries.keys() ?? [])].sort()
  expect(keys).toEqual(['device/s1', 'device/s2', 'gateway-silence/g1', 'gateway/g1'])
  expect(it.savedPosition).toBe(2)
})
