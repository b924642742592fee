import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { createAnalysis } from '../analytics/analyse.ts'
import { createAnalyticsHost } from '../analytics/host.ts'
import { releaseSuppressed } from '../analytics/release.ts'
import { loadRuleBook } from '../analytics/rule-book.ts'
import { minuteMs, secondMs } from '../core/clock.ts'
import { silentLog } from '../core/log.ts'
import { kinds, metricCatalogueOf } from '../devices/index.ts'
import { createBatchDecoder } from '../ingest/batch.ts'
import { createDecoder } from '../ingest/decode.ts'
import { openDeviceDirectory } from '../ingest/devices.ts'
import { followJournal } from '../ingest/follow.ts'
import { createHistory } from '../ingest/history.ts'
import { recordWithOrders } from '../response.ts'
import { memoryJournal } from '../stores/journal/memory.ts'
import type { Journal, JournalEntry } from '../stores/journal/port.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../stores/operations/embedded-postgres.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { openPostgresOperations } from '../stores/operations/postgres.ts'
import { memoryReadings } from '../stores/readings/memory.ts'
import type { ReadingStore } from '../stores/readings/port.ts'
import { memorySnapshots } from '../stores/snapshots/memory.ts'
import type { SnapshotStore } from '../stores/snapshots/port.ts'
import { smokeDetector } from './fixtures/smoke-detector.ts'

const start = 1_800_000_000_000
const allKinds = [...kinds, smokeDetector]

let directory: string
let postgres: EmbeddedPostgres
let operations: OperationsStore

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'liftwatt-toy-kind-'))
  postgres = await startEmbeddedPostgres({ directory, log: silentLog })
  operations = await openPostgresOperations({ connection: postgres.connection, connections: 4, log: silentLog })
  await operations.insertGateway({
    id: 'g1',
    name: null,
    autoRegister: 'smoke-detector',
    createdAt: 0,
    revokedAt: null,
  })
  await operations.insertGateway({ id: 'g2', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
})
afterAll(async () => {
  await operations?.close()
  await postgres?.stop()
  await rm(directory, { recursive: true, force: true })
})

function append(journal: Journal, entry: JournalEntry): Promise<void> {
  return new Promise((resolve, reject) => journal.append([entry], (error) => (error ? reject(error) : resolve())))
}

/** A gateway's message, received `seconds` after the start, as its bytes. */
function sent(seconds: number, deviceId: string, payload: unknown, gatewayId = 'g1'): JournalEntry {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return { type: 'message', receivedAt: start + seconds * secondMs, gatewayId, deviceId, payload: Buffer.from(text) }
}

const reading = (seconds: number, values: object) => ({ at: start + seconds * secondMs, values })
const tick = (seconds: number): JournalEntry => ({ type: 'tick', receivedAt: start + seconds * secondMs })

interface Stores {
  journal: Journal
  readings: ReadingStore
  snapshots: SnapshotStore
}

/** The data path as worker.ts puts it together, over the given stores; `kill` forgets what is not in them. */
async function service({ journal, readings, snapshots }: Stores) {
  const log = silentLog
  const directoryOf = await openDeviceDirectory({
    operations,
    kindIds: new Set(allKinds.map(({ id }) => id)),
    clock: () => start,
    log,
  })
  const host = createAnalyticsHost({ kinds: allKinds, log })
  const saved = await snapshots.load()
  if (saved !== undefined) host.restore(saved.entries, directoryOf.get)
  const quarantine = async (items: Parameters<OperationsStore['insertQuarantine']>[1]) => {
    await operations.insertQuarantine(journal.id, items)
  }

  const history = await createHistory({ readings, journalId: journal.id, rememberedPosition: 0, quarantine })
  const analysis = createAnalysis({
    host,
    snapshots,
    journalId: journal.id,
    startAt: saved?.position ?? 0,
    rulesAt: (version) => loadRuleBook(operations, version),
    async record(events) {
      await recordWithOrders(operations, events, journal.id, start)
    },
    quarantine,
    log,
  })
  const following = followJournal({
    journal,
    batchBytes: 200,
    decode: createBatchDecoder({
      decode: createDecoder({ kinds: allKinds, maxAgeDays: 400 }),
      directory: directoryOf,
      log,
    }),
    consumers: [history, analysis],
    clock: () => start,
    log,
  })
  onTestFinished(() => following.stop())
  return {
    analysis,
    kill: () => following.stop(),
    caughtUp: () =>
      vi.waitFor(() => {
        following.wake()
        expect([history.position, analysis.position]).toEqual([journal.head, journal.head])
      }, 10_000),
  }
}

test('a third kind needs no line outside its own: from the bytes in the journal to the order, killed on the way', async () => {
  const stores: Stores = {
    journal: memoryJournal(),
    readings: memoryReadings({ catalogue: metricCatalogueOf(allKinds) }),
    snapshots: memorySnapshots(),
  }
  const { journal, readings, snapshots } = stores
  const first = await service(stores)

  await append(journal, { type: 'start', receivedAt: start })
  await append(journal, sent(10, 'kitchen', reading(10, { smokePercentPerM: 0, batteryVolts: 3 })))
  await append(journal, sent(15, 'kitchen', '{"at":NaN}'))
  await append(journal, sent(16, 'cellar', reading(16, { smokePercentPerM: 40 }), 'g2'))
  await append(journal, sent(20, 'kitchen', reading(20, { smokePercentPerM: 6, batteryVolts: 'flat', amps: 3 })))
  await first.caughtUp()
  await first.analysis.snapshot()
  await append(journal, sent(30, 'kitchen', [reading(30, { smokePercentPerM: 40 }), reading(25, { testButton: true })]))
  for (let seconds = 35; seconds <= 60; seconds += 5) await append(journal, tick(seconds))
  await first.caughtUp()
  await first.kill() // without a snapshot: what came since the last one is read again

  const second = await service(stores)
  expect(second.analysis.position).toBe(5)
  await append(journal, { type: 'start', receivedAt: start + 100 * secondMs })
  await append(journal, sent(101, 'kitchen', reading(101, { smokePercentPerM: 0 })))
  await second.caughtUp()

  const orders = (await operations.orders({ limit: 10 })).items.reverse()
  expect(
    orders.map(({ deviceId, finding, type, severity, detectedAt, arriveBy }) => [
      deviceId,
      finding,
      type,
      severity,
      (detectedAt - start) / secondMs,
      ((arriveBy ?? 0) - start) / minuteMs,
    ]),
  ).toEqual([
    ['kitchen', 'smoke-detector/smoke', 'emergency', 'critical', 20, 30 + 20 / 60],
    ['kitchen', 'smoke-detector/button-held', 'emergency', 'urgent', 55, 30 + 55 / 60],
  ])
  // what is over is cleared when it has stayed away for a while
  await releaseSuppressed({ operations, now: start + 101 * secondMs + 2 * minuteMs })
  const incidents = (await operations.incidents({ limit: 10 })).items.reverse()
  expect(incidents.map(({ finding, state, count, orderId }) => [finding, state, count, orderId])).toEqual([
    ['smoke-detector/smoke', 'cleared', 2, orders[0]?.id],
    ['smoke-detector/button-held', 'open', 1, orders[1]?.id],
  ])

  const refused = (await operations.quarantine({ limit: 10 })).items.reverse()
  expect(
    refused.map(({ position, deviceId, faults }) => [
      position,
      deviceId,
      faults.map(({ path, reason }) => `${reason} ${path}`),
    ]),
  ).toEqual([
    [2, 'kitchen', ['bad-json $']],
    [3, 'cellar', ['unknown-device $']],
    [4, 'kitchen', ['wrong-type $.values.batteryVolts', 'unknown-metric $.values.amps']],
  ])
  expect(refused[0]?.raw).toEqual(Buffer.from('{"at":NaN}'))

  const range = { deviceId: 'kitchen', kind: 'smoke-detector', from: 0, to: start + 1e9, limit: 100 }
  expect((await readings.between(range)).map(({ at }) => (at - start) / secondMs)).toEqual([10, 20, 25, 30, 101])
  expect(await operations.device('kitchen')).toMatchObject({ kind: 'smoke-detector', gatewayId: 'g1' })
  expect((await operations.audit({ limit: 10, subject: 'kitchen' })).items).toMatchObject([
    { action: 'device-added', actor: 'g1', before: null, after: { id: 'kitchen', kind: 'smoke-detector' } },
  ])
  expect((await snapshots.load())?.position).toBe(5)
})
