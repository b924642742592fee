import { join } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import { pino } from 'pino'
import { createAnalysis } from './analytics/analyse.ts'
import { createAnalyticsHost } from './analytics/host.ts'
import { loadRuleBook } from './analytics/rule-book.ts'
import type { EpisodeEvent } from './core/episode.ts'
import { reasonOf } from './core/errors.ts'
import { loggerOptions } from './core/logging.ts'
import type { QuarantineItem } from './core/quarantine.ts'
import { serveCalls } from './core/remote-calls.ts'
import { startSteadyClock } from './core/steady-clock.ts'
import type { DataThreadStart, DataThreadStatus, FromDataThread, ToDataThread } from './data-thread.ts'
import { kinds, metricCatalogue } from './devices/index.ts'
import { giveWay } from './give-way.ts'
import { createBatchDecoder } from './ingest/batch.ts'
import { createDecoder } from './ingest/decode.ts'
import { createRawDecoder } from './ingest/decode-raw.ts'
import { openDeviceDirectory } from './ingest/devices.ts'
import { followJournal } from './ingest/follow.ts'
import { createHistory } from './ingest/history.ts'
import { createMappings } from './ingest/mappings.ts'
import { createPositionKeeper } from './ingest/positions.ts'
import { createQuarantine } from './ingest/quarantine.ts'
import { recordWithOrders } from './response.ts'
import { openLevelJournal } from './stores/journal/leveldb.ts'
import { openPostgresOperations } from './stores/operations/postgres.ts'
import { openDuckdbReadings } from './stores/readings/duckdb.ts'
import { openInfluxReadings } from './stores/readings/influx.ts'
import { serveReadings } from './stores/readings/remote.ts'
import { openLevelSnapshots } from './stores/snapshots/leveldb.ts'

/**
 * The data thread: reads the journal, decodes each message once, stores it and analyses it, each at its own pace. Everything
 * it knows is in the journal, in the stores or in a snapshot, so it may be killed at any moment.
 */
const batchBytes = 2 * 1024 * 1024
/** Gateways wait by it when more comes in than is worked off. */
const statusEveryMs = 100
/** The history's engine is asked for it by a query. */
const memoryEveryMs = 10_000
const positionsEveryMs = 1_000
const databaseConnections = 4
/** DuckDB takes what it may. Batches, checkpoints and sorting under full load were run with it, a chart of 90 days was not. */
const historyMegabytes = 224

/** Where cores are short, the door goes first. The engines' own threads are not asked. Unverified default. */
const niceness = 5
giveWay(niceness)

const port = parentPort
if (port === null) throw new Error('worker.ts is started by main.ts, as a thread')
const say = (message: FromDataThread) => port.postMessage(message)

port.once('message', (begin: DataThreadStart) => {
  start(begin).catch((cause: unknown) => say({ type: 'failed', reason: reasonOf(cause) }))
})
say({ type: 'loaded' })

async function start(begin: DataThreadStart): Promise<void> {
  const { settings, directory, database, clockEpoch, readings: readingsPort } = begin
  const log = pino(loggerOptions(settings.LOG_LEVEL)).child({ thread: 'data' })
  const clock = startSteadyClock({ epoch: clockEpoch }).now

  const operations = await openPostgresOperations({ connection: database, connections: databaseConnections, log })
  const journal = await openLevelJournal({ directory: join(directory, 'journal'), role: 'reader', log })
  const readings =
    settings.INFLUX_URL === undefined
      ? await openDuckdbReadings({
          file: join(directory, 'readings.duckdb'),
          catalogue: metricCatalogue,
          log,
          memoryLimitMegabytes: historyMegabytes,
        })
      : await openInfluxReadings({
          url: settings.INFLUX_URL,
          database: settings.INFLUX_DATABASE,
          ...(settings.INFLUX_TOKEN !== undefined && { token: settings.INFLUX_TOKEN }),
          ...(settings.INFLUX_USERNAME !== undefined && { username: settings.INFLUX_USERNAME }),
          ...(settings.INFLUX_PASSWORD !== undefined && { password: settings.INFLUX_PASSWORD }),
          catalogue: metricCatalogue,
          log,
        })
  const snapshots = await openLevelSnapshots(join(directory, 'snapshots'))
  const devices = await openDeviceDirectory({
    operations,
    kindIds: new Set(kinds.map((kind) => kind.id)),
    clock,
    log,
  })

  const host = createAnalyticsHost({ kinds, log })
  const saved = await snapshots.load()
  if (saved !== undefined) host.restore(saved.entries, devices.get)
  if (host.rulesVersion > 0) host.rulesChanged(await loadRuleBook(operations, host.rulesVersion))

  const counts = {
    quarantined: {} as Record<string, number>,
    episodes: {} as Record<string, number>,
    damagedEntries: 0,
  }

  const keepInQuarantine = createQuarantine({ operations, journalId: journal.id, log })
  async function quarantine(items: readonly QuarantineItem[]): Promise<void> {
    for (const { reason } of await keepInQuarantine(items)) {
      counts.quarantined[reason] = (counts.quarantined[reason] ?? 0) + 1
    }
  }

  async function record(events: readonly EpisodeEvent[]): Promise<void> {
    const fresh = await recordWithOrders(operations, events, journal.id, clock())
    for (const { change } of fresh) counts.episodes[change] = (counts.episodes[change] ?? 0) + 1
    if (fresh.length > 0) say({ type: 'orders-changed' })
  }

  const positions = await journal.positions()
  const history = await createHistory({
    readings,
    journalId: journal.id,
    rememberedPosition: positions.get('history') ?? 0,
    quarantine,
  })
  const analysis = createAnalysis({
    host,
    snapshots,
    journalId: journal.id,
    startAt: saved?.journalId === journal.id ? saved.position : 0,
    rulesAt: (version) => loadRuleBook(operations, version),
    record,
    quarantine,
    log,
  })
  /** As far as anybody had read before this start. */
  const passed = Math.max(history.position, analysis.position)
  const decodeRules = { kinds, maxAgeDays: settings.READINGS_MAX_AGE_DAYS }
  const following = followJournal({
    journal,
    batchBytes,
    decode: createBatchDecoder({
      decode: createDecoder(decodeRules),
      raw: { decode: createRawDecoder(decodeRules), findMap: createMappings({ find: operations.mapping, log }) },
      directory: devices,
      onDamaged: (entries) => {
        counts.damagedEntries += entries
      },
      log,
    }),
    consumers: [history, analysis],
    clock,
    log,
  })

  serveReadings(readingsPort, readings)
  const { statusOf, heardAtOf, gatewaysOf } = host
  serveCalls(begin.deviceStatus, { statusOf, heardAtOf, gatewaysOf })
  // what must be kept for a restart: analytics goes back to its snapshot
  const savePositions = createPositionKeeper(journal, {
    history: () => history.position,
    analytics: () => analysis.savedPosition,
  })
  let memory: DataThreadStatus['memory'] = { heapBytes: getHeapStatistics().used_heap_size, historyBytes: null }
  const lookAtMemory = async () => {
    // a store that is down is named by those who need it
    const historyBytes = await readings.engineBytes().catch(() => memory.historyBytes)
    memory = { heapBytes: getHeapStatistics().used_heap_size, historyBytes }
  }
  const tellStatus = () => {
    const status: DataThreadStatus = {
      consumers: following.health(),
      devices: host.deviceCount,
      written: history.written,
      analysed: analysis.analysed,
      brokenRules: host.brokenRules,
      leftOut: analysis.leftOut,
      memory,
      ...counts,
    }
    say({ type: 'status', status })
  }
  await savePositions()
  let isSaving = false
  const savePositionsUnlessBusy = async () => {
    if (isSaving) return
    isSaving = true
    await savePositions().catch((cause: unknown) => log.warn({ reason: reasonOf(cause) }, 'positions were not saved'))
    isSaving = false
  }
  const timers = [
    setInterval(tellStatus, statusEveryMs),
    setInterval(savePositionsUnlessBusy, positionsEveryMs),
    setInterval(lookAtMemory, memoryEveryMs),
  ]

  /** A rule may hold for a site: which devices are in it may be others now. */
  async function sitesChanged(): Promise<void> {
    const version = host.rulesVersion
    if (version === 0) return
    const book = await loadRuleBook(operations, version)
    if (host.rulesVersion === version) host.rulesChanged(book) // else the journal has brought newer ones meanwhile
  }

  async function registryChanged(): Promise<void> {
    await devices.reload()
    await sitesChanged()
    for (const device of devices.all()) host.deviceChanged(device)
  }

  async function stop(): Promise<void> {
    for (const timer of timers) clearInterval(timer)
    readingsPort.close()
    begin.deviceStatus.close()
    const steps = [
      following.stop,
      history.flush,
      analysis.snapshot,
      savePositions,
      readings.close,
      snapshots.close,
      journal.close,
    ]
    for (const step of [...steps, operations.close]) {
      // a full disk, say: what was not saved is read from the journal again, and the others must be let go all the same
      await step().catch((cause: unknown) => log.warn({ reason: reasonOf(cause) }, 'could not stop cleanly'))
    }
    say({ type: 'stopped' })
    port?.close()
  }

  port?.on('message', (message: ToDataThread) => {
    const { type } = message
    if (type === 'head') {
      journal.advanceTo(message.head)
      following.wake()
    }
    if (type === 'serve-readings') serveReadings(message.port, readings)
    if (type === 'registry-changed') {
      registryChanged().catch((cause: unknown) =>
        log.warn({ reason: reasonOf(cause) }, 'the registry was not reloaded'),
      )
    }
    if (type === 'stop') stop()
  })
  tellStatus()
  say({ type: 'ready', passed })
}
