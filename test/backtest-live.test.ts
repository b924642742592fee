import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createAnalysis } from '../analytics/analyse.ts'
import { type BacktestEpisode, runBacktest } from '../analytics/backtest.ts'
import { type BacktestRequest, createBacktests } from '../analytics/backtests.ts'
import { createAnalyticsHost } from '../analytics/host.ts'
import { releaseSuppressed } from '../analytics/release.ts'
import { loadRuleBook } from '../analytics/rule-book.ts'
import { createRules } from '../analytics/rules.ts'
import { holdOffMs } from '../analytics/stages/hold-off.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../core/clock.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import type { WorkOrder } from '../core/incident.ts'
import { silentLog } from '../core/log.ts'
import type { Values } from '../core/reading.ts'
import type { RuleSettings } from '../core/rule.ts'
import { orderTypeOf } from '../core/severity.ts'
import { kinds, metricCatalogue } from '../devices/index.ts'
import { createBatchDecoder } from '../ingest/batch.ts'
import { createDecoder } from '../ingest/decode.ts'
import { openDeviceDirectory } from '../ingest/devices.ts'
import { createHistory } from '../ingest/history.ts'
import { recordWithOrders, settleAndTell } from '../response.ts'
import { type FleetDevice, fleetReadings, type PlannedFault } from '../simulators/fleet.ts'
import { seededRandom } from '../simulators/random.ts'
import { openLevelJournal } from '../stores/journal/leveldb.ts'
import type { Journal, JournalEntry } from '../stores/journal/port.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { openDuckdbReadings } from '../stores/readings/duckdb.ts'
import { openLevelSnapshots } from '../stores/snapshots/leveldb.ts'
import { createWorkOrders } from '../workorders/life/act.ts'
import { testDevice } from './fixtures/rows.ts'
import { startTestDatabase } from './operations-database.ts'
import { eventually } from './service.ts'

/** A month where there is time for it. */
const isLong = process.env.LIFTWATT_TEST_LONG !== undefined
const days = isLong ? 30 : 6
const patienceMs = (isLong ? 40 : 10) * minuteMs
vi.setConfig({ testTimeout: patienceMs, hookTimeout: patienceMs })
const startAt = Date.UTC(2026, 5, 1)
const endAt = startAt + days * dayMs
const perKind = 3
const tickMs = 5 * secondMs
const travelMs = 2 * secondMs
const entriesAtOnce = 20_000
/** In the long run the service is killed so often, and goes on from what it had saved. */
const restarts = isLong ? 20 : 0
/** So many of the readings come some minutes after newer ones of their device. */
const lateShare = 0.02
/** Gateways off the air for some hours, which then send at once what they have kept. */
const offAir = kinds.map(({ id }, n) => {
  const from = startAt + (days / 4 + 1 + n / 2) * dayMs
  return { gatewayId: `gw-${id}-1`, from, to: from + 5 * hourMs }
})
/** People close what no data end so long after it was last said, as a back-test takes it. */
const closedAfterMs = 2 * dayMs

const facts: Readonly<Record<string, Record<string, unknown>>> = {
  elevator: { ratedSpeedMps: 1.75, ratedLoadKg: 1_000, stops: 18, motorKilowatts: 11 },
  'electricity-meter': { use: 'residential' },
}
const fleet = kinds.flatMap(({ id: kind }) =>
  Array.from({ length: perKind }, (_, n): FleetDevice & { facts: Record<string, unknown> } => ({
    ...{ id: `${kind}-${n}`, kind, gatewayId: `gw-${kind}-${n}`, seed: n, facts: facts[kind] ?? {} },
  })),
)
const detectors = kinds.flatMap((kind) => kind.detectors)
const openEnded = new Set(detectors.filter(({ clears }) => !clears).map(({ id }) => id))

/** Every fault after some days of health: what wears for days on a device of its own, the others for a while on the other two. */
function allFaults(): PlannedFault[] {
  const soundMs = Math.min(7, days / 4) * dayMs
  return kinds.flatMap(({ id: kind, simulator }) => {
    const detectorOf = (fault: string) => detectors.find(({ id }) => id === simulator.faults[fault])
    const isUrgent = (fault: string) =>
      detectorOf(fault)?.about.severities.some((severity) => orderTypeOf(severity) === 'emergency')
    const isWear = (fault: string) => detectorOf(fault)?.forecast !== undefined && !isUrgent(fault)
    const inTurn = (faults: string[], numbers: number[], lastsMs: (fault: string, slotMs: number) => number) => {
      const slotMs = (endAt - startAt - soundMs) / Math.ceil(faults.length / numbers.length)
      return faults.map((fault, index): PlannedFault => {
        const afterMs = soundMs + Math.floor(index / numbers.length) * slotMs
        const [afterSeconds, repairAfterSeconds] = [afterMs, afterMs + lastsMs(fault, slotMs)].map(
          (ms) => ms / secondMs,
        )
        const deviceId = `${kind}-${numbers[index % numbers.length]}`
        return {
          deviceId,
          fault,
          afterSeconds: afterSeconds as number,
          repairAfterSeconds: repairAfterSeconds as number,
        }
      })
    }
    const faults = Object.keys(simulator.faults)
    return [
      ...inTurn(
        faults.filter((fault) => !isWear(fault)),
        [0, 1],
        (fault) => (isUrgent(fault) ? 40 * minuteMs : 3 * hourMs),
      ),
      ...inTurn(faults.filter(isWear), [2], (_, slotMs) => 0.9 * slotMs),
    ]
  })
}

type Message = Extract<JournalEntry, { type: 'message' }>

/**
 * A tick each 5 s, and each reading about a second after it was taken, minutes after newer ones, or with others after hours; in the order
 * of arrival.
 */
function* journalEntries(): Generator<JournalEntry> {
  const random = seededRandom(7)
  const plan = { kinds, devices: fleet, faults: allFaults(), intervalSeconds: 60 }
  const heard = new Set<string>()
  const startsAt = Array.from({ length: restarts }, () => startAt + random() * (endAt - startAt)).sort((a, b) => a - b)
  const kept = new Map<string, { at: number; values: Values }[]>()
  let held: { readonly message: Message; readonly at: number; readonly until: number }[] = []
  let tickAt = startAt
  let arrivedAt = startAt
  yield { type: 'start', receivedAt: startAt }
  for (const { deviceId, gatewayId, at, values } of fleetReadings(plan, startAt, endAt)) {
    arrivedAt = Math.max(arrivedAt, at + 300 + Math.round(random() * secondMs))
    for (; tickAt <= arrivedAt; tickAt += tickMs) {
      yield { type: 'tick', receivedAt: tickAt }
      if (tickAt < (startsAt[0] ?? endAt)) continue
      startsAt.shift()
      yield { type: 'start', receivedAt: tickAt }
    }
    const waiting = kept.get(gatewayId) ?? []
    if (offAir.some((gap) => gap.gatewayId === gatewayId && at >= gap.from && at < gap.to)) {
      kept.set(gatewayId, [...waiting, { at, values }])
      continue
    }
    kept.delete(gatewayId)
    const payload = Buffer.from(JSON.stringify([...waiting, { at, values }]))
    const message: Message = { type: 'message', receivedAt: arrivedAt, gatewayId, deviceId, payload }
    if (heard.has(deviceId) && random() < lateShare) {
      held.push({ message, at, until: at + (1 + 20 * random()) * minuteMs })
      continue
    }
    yield message
    heard.add(deviceId)
    const due = held.filter((one) => one.message.deviceId === deviceId && one.until <= arrivedAt)
    held = held.filter((one) => !due.includes(one))
    for (const one of due) yield { ...one.message, receivedAt: arrivedAt }
  }
}

/**
 * People as a back-test takes them to be: an order is closed when its condition has stayed away for two minutes, or two days after a
 * rule that never clears has last said it. Nothing was repaired by that: the simulated faults end by themselves.
 */
function createPeople(operations: OperationsStore) {
  let now = startAt
  let heardUpTo = 0
  const closesAt = new Map<string, number>()
  const endsWithOrder = (finding: string) => openEnded.has(finding)
  const workOrders = createWorkOrders({ operations, clock: () => now, endsWithOrder, afterChange: settleAndTell })

  async function close(key: string): Promise<void> {
    await releaseSuppressed({ operations, now })
    for (const { id, finding, incidentId } of (await operations.orders({ limit: 1_000, state: 'open' })).items) {
      const scope = (await operations.incident(incidentId))?.scope.id
      if (`${finding} ${scope}` !== key) continue
      await workOrders.act({ orderId: id, action: 'close', actor: 'ann', outcome: 'false-alarm' })
    }
  }

  return {
    clock: () => now,
    /** What a restart tells again is known to them. */
    isNews: ({ position }: EpisodeEvent) => position >= heardUpTo,
    hasWork: (until: number) => Math.min(...closesAt.values()) <= until,
    async workUntil(until: number) {
      for (const [key, at] of [...closesAt].sort(([, one], [, other]) => one - other)) {
        if (at > until) break
        closesAt.delete(key)
        now = at
        await close(key)
      }
      now = until
    },
    hear({ finding, scope, change, detectedAt, position }: EpisodeEvent) {
      heardUpTo = Math.max(heardUpTo, position)
      const key = `${finding} ${scope.id}`
      if (openEnded.has(finding)) closesAt.set(key, detectedAt + closedAfterMs)
      else if (change === 'cleared') closesAt.set(key, detectedAt + holdOffMs)
      else if (change !== 'passed') closesAt.delete(key)
    },
  }
}

/** The service from the journal to the orders, in this process: the real journal, stores, detectors and transactions. */
async function openService(changes: Readonly<Record<string, RuleSettings>>) {
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-backtest-'))
  const { operations, remove } = await startTestDatabase()
  const people = createPeople(operations)
  const { clock } = people
  for (const { id, kind, gatewayId, facts } of fleet) {
    await operations.insertGateway({ id: gatewayId, name: null, autoRegister: null, createdAt: 0, revokedAt: null })
    await operations.insertDevicesIfAbsent([testDevice({ id, kind, gatewayId, facts })])
  }
  let version = 0
  const rules = createRules({ operations, kinds, clock })
  for (const [finding, settings] of Object.entries(changes)) {
    const scope = { type: 'kind', id: kindOf(finding) } as const
    version = (await rules.change(finding, { scope, settings, reason: 'to try it' }, 'ann')).version
  }

  const log = silentLog
  const journal = await openLevelJournal({ directory: join(directory, 'journal'), role: 'writer', log })
  const file = join(directory, 'readings.duckdb')
  const readings = await openDuckdbReadings({ file, catalogue: metricCatalogue, log })
  const snapshots = await openLevelSnapshots(join(directory, 'snapshots'))
  const kindIds = new Set(kinds.map(({ id }) => id))
  const devices = await openDeviceDirectory({ operations, kindIds, clock, log })
  const refuse = async (items: readonly unknown[]) => expect(items).toEqual([])
  const decode = createBatchDecoder({ decode: createDecoder({ kinds, maxAgeDays: 400 }), directory: devices, log })

  /** As a process begins: from its last snapshot, and from what is written. */
  async function begin() {
    const host = createAnalyticsHost({ kinds, log })
    const saved = await snapshots.load()
    if (saved !== undefined) host.restore(saved.entries, devices.get)
    if (host.rulesVersion > 0) host.rulesChanged(await loadRuleBook(operations, host.rulesVersion))
    const history = await createHistory({
      ...{ readings, journalId: journal.id, rememberedPosition: 0, quarantine: refuse, everyMs: 0 },
    })
    const analysis = createAnalysis({
      ...{ host, snapshots, journalId: journal.id, startAt: saved?.position ?? 0, log },
      rulesAt: (at) => loadRuleBook(operations, at),
      record: (events) => recordAmongPeople(operations, people, events, journal.id),
      quarantine: refuse,
    })
    return { history, analysis }
  }
  let { history, analysis } = await begin()

  async function work(): Promise<void> {
    while (analysis.position < journal.head) {
      const batch = await decode(await journal.read(analysis.position, 2 ** 21), analysis.position)
      // after a restart what is written already is analysed again, up to there
      if (batch.first === history.next) await history.take(batch)
      await analysis.take(batch)
    }
    expect(history.next).toBe(journal.head)
  }

  return {
    ...{ operations, readings },
    async live() {
      if (version > 0) await append(journal, [{ type: 'rules', receivedAt: startAt, version }])
      const random = seededRandom(3)
      let some: JournalEntry[] = []
      for (const entry of journalEntries()) {
        if (entry.type === 'start' && entry.receivedAt > startAt) {
          await append(journal, some)
          await work()
          some = []
          await history.flush()
          if (random() < 0.3) await analysis.snapshot()
          ;({ history, analysis } = await begin())
          await work()
        }
        if (some.push(entry) < entriesAtOnce) continue
        await append(journal, some)
        await work()
        some = []
      }
      await append(journal, some)
      await work()
      await history.flush()
    },
    async close() {
      await journal.close()
      await readings.close()
      await snapshots.close()
      await remove()
      await rm(directory, { recursive: true })
    },
  }
}

/** Events as they come, each after what people did until then. */
async function recordAmongPeople(
  operations: OperationsStore,
  people: ReturnType<typeof createPeople>,
  events: readonly EpisodeEvent[],
  journalId: string,
): Promise<void> {
  let together: EpisodeEvent[] = []
  const record = async () => {
    const last = together.at(-1)
    if (last !== undefined) await recordWithOrders(operations, together, journalId, last.detectedAt)
    together = []
  }
  for (const event of events) {
    if (!people.isNews(event)) {
      await recordWithOrders(operations, [event], journalId, people.clock())
      continue
    }
    if (people.hasWork(event.detectedAt)) {
      await record()
      await people.workUntil(event.detectedAt)
    }
    together.push(event)
    people.hear(event)
  }
  await record()
}

const append = (journal: Journal, entries: readonly JournalEntry[]) =>
  Promise.all(
    entries.map(
      (entry) =>
        new Promise<void>((resolve, reject) => {
          journal.append([entry], (error) => (error === null ? resolve() : reject(error)))
        }),
    ),
  )

const kindOf = (finding: string) => finding.slice(0, finding.indexOf('/'))

/** What an order is, and when it was found. */
interface Raised {
  readonly order: string
  readonly detectedAt: number
}

async function ordersOf({ operations }: Service, finding: string): Promise<Raised[]> {
  const { items } = await operations.orders({ limit: 1_000, finding })
  return items.filter(({ mergedIntoId }) => mergedIntoId === null).map((order) => raised(order, order.type))
}

function raised(
  what: Pick<WorkOrder, 'finding' | 'deviceId' | 'occurredAt' | 'severity' | 'detectedAt'>,
  type: string,
) {
  const { finding, deviceId, occurredAt, severity, detectedAt } = what
  return { order: `${type} ${finding} ${deviceId} ${severity} ${new Date(occurredAt).toISOString()}`, detectedAt }
}

const toOrders = (episodes: readonly BacktestEpisode[]) =>
  episodes.flatMap((episode) => (episode.order === null ? [] : [raised(episode, episode.order)]))

async function backtest({ operations, readings }: Service, finding: string, change: Partial<BacktestRequest>) {
  const run: Parameters<typeof createBacktests>[0]['run'] = (plan, given) => {
    const kind = kinds.find(({ id }) => id === plan.kind)
    if (kind === undefined) throw new Error(plan.kind)
    return runBacktest(plan, { ...given, kind, readings: readings.between })
  }
  const backtests = createBacktests({ operations, kinds, run, clock: () => endAt })
  const scope = { type: 'kind', id: kindOf(finding) } as const
  const { id } = await backtests.start(finding, { scope, from: startAt, to: endAt, warmUpDays: 0, ...change })
  return eventually(`the back-test of ${finding}`, async () => backtests.get(id).result ?? false, patienceMs)
}

const sorted = (orders: readonly Raised[]) => orders.toSorted((one, other) => (one.order < other.order ? -1 : 1))

type Service = Awaited<ReturnType<typeof openService>>
let service: Service
beforeAll(async () => {
  service = await openService({})
  await service.live()
})
afterAll(() => service.close())

test('switched off, each rule would have raised none of exactly the orders that the service raised', async () => {
  const wrong: Record<string, unknown> = {}
  let orders = 0
  let lateReadings = 0
  for (const { id } of detectors) {
    // the others, which raised none, take their time: they are for the long run
    if (!isLong && (await ordersOf(service, id)).length === 0) continue
    const { gone, late } = await backtest(service, id, { enabled: false })
    lateReadings += late ?? 0
    const [told, real] = [sorted(toOrders(gone)), sorted(await ordersOf(service, id))]
    orders += real.length
    if (told.map(({ order }) => order).join() !== real.map(({ order }) => order).join()) wrong[id] = { told, real }
    // by ticks that lie elsewhere, and without the time on the way
    const isLate = told.some(
      ({ detectedAt }, n) => Math.abs(detectedAt - (real[n]?.detectedAt ?? 0)) > 2 * tickMs + travelMs,
    )
    if (isLate) wrong[`${id}: when`] = { told, real }
  }
  expect(wrong).toEqual({})
  expect(orders).toBeGreaterThan(10)
  expect(lateReadings).toBeGreaterThan(1_000)
})

test('a back-test of changed limits shows exactly the orders that the service then raises on the same data', async () => {
  const changes: Readonly<Record<string, RuleSettings>> = {
    'elevator/entrapment': { atFloorSeconds: 900, atFloorWithButtonSeconds: 150 },
    'elevator/safety-circuit': { confirmSeconds: 5, codeSeconds: 50, codeAtFloorSeconds: 300 },
    'elevator/motor-over-temperature': { warnBelowLimitKelvin: 60 },
    'elevator/machine-room-temperature': { highCelsius: 30 },
    'electricity-meter/terminal-over-temperature': { warningCelsius: 35 },
  }
  const changed = await openService(changes)
  await changed.live()
  const differing: string[] = []
  for (const [finding, settings] of Object.entries(changes)) {
    const before = (await ordersOf(service, finding)).map(({ order }) => order)
    const after = (await ordersOf(changed, finding)).map(({ order }) => order)
    const { came, gone, moved } = await backtest(service, finding, { settings })

    const lost = toOrders([...gone, ...moved.map(({ current }) => current)]).map(({ order }) => order)
    const won = toOrders([...came, ...moved.map(({ proposed }) => proposed)]).map(({ order }) => order)
    expect(lost.filter((order) => !before.includes(order))).toEqual([])
    expect([...before.filter((order) => !lost.includes(order)), ...won].sort()).toEqual(after.sort())
    if (after.join() !== before.sort().join()) differing.push(finding)
  }
  // which of them show up in readings a minute apart is a matter of luck
  expect(differing.length).toBeGreaterThan(2)
  await changed.close()
})
