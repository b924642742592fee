import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backtestInThread } from '../backtest-thread.ts'
import { dayMs, secondMs } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import { silentLog } from '../core/log.ts'
import type { Reading } from '../core/reading.ts'
import type { RuleInForce, RuleSettings } from '../core/rule.ts'
import { kinds, metricCatalogue } from '../devices/index.ts'
import { fleetReadings } from '../simulators/fleet.ts'
import { planFleet } from '../simulators/fleet-plan.ts'
import { openDuckdbReadings } from '../stores/readings/duckdb.ts'
import type { ReadingStore } from '../stores/readings/port.ts'
import { serveReadings } from '../stores/readings/remote.ts'
import { machineText, thousands } from './figures.ts'

export interface BacktestBenchOptions {
  readonly devices: number
  readonly days: number
  /** Seconds between two readings of a device. */
  readonly interval: number
  /** Findings, with commas in between. */
  readonly rules: string
}

/** The pilot district, for a month at one reading a minute; a rule replays the devices of its kind. */
const pilot: Readonly<Record<string, number>> = { elevator: 2_763, 'electricity-meter': 1_079 }
const monthReadings = 30 * 24 * 60
const startAt = Date.UTC(2026, 5, 1)
const readingsAtOnce = 20_000
const facts: Readonly<Record<string, Record<string, unknown>>> = {
  elevator: { ratedSpeedMps: 1.75, ratedLoadKg: 1_000, stops: 18, motorKilowatts: 11 },
  'electricity-meter': { use: 'residential' },
}

/**
 * How fast a back-test replays what DuckDB has stored: the same thread, the same store, the same code as the service, with nothing else
 * coming in. Both settings are replayed: the rate counts a reading once.
 */
export async function benchBacktest(options: BacktestBenchOptions): Promise<void> {
  const { devices: count, days, interval, rules } = options
  console.log(`back-test: ${count} devices, ${days} days, a reading each ${interval} s; ${machineText()}`)
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-bench-'))
  const readings = await openDuckdbReadings({
    ...{ file: join(directory, 'readings.duckdb'), catalogue: metricCatalogue, log: silentLog },
    memoryLimitMegabytes: 224,
    sortAtRows: 100_000,
  })
  const devices = await fill(readings, options)
  const run = backtestInThread((port) => serveReadings(port, readings))

  for (const finding of rules.split(',')) {
    const kind = kinds.find(({ detectors }) => detectors.some(({ id }) => id === finding))
    const detector = kind?.detectors.find(({ id }) => id === finding)
    if (kind === undefined || detector === undefined) throw new Error(`There is no rule ${finding}`)
    const current: RuleInForce = { enabled: true, settings: detector.settings as RuleSettings, version: 0 }
    const some = devices.filter((device) => device.kind === kind.id)
    const [from, to] = [startAt, startAt + days * dayMs]
    const plan = { finding, kind: kind.id, from, to, warmUpFrom: from }
    const begun = performance.now()
    const cpu = process.cpuUsage()
    const result = await run(
      { ...plan, devices: some.map((device) => ({ device, current, proposed: current })) },
      { onProgress() {}, signal: new AbortController().signal },
    )
    const seconds = (performance.now() - begun) / secondMs
    const { user, system } = process.cpuUsage(cpu)
    const microseconds = (user + system) / result.readings
    const month = (pilot[kind.id] ?? 0) * monthReadings
    const hours = month / (result.readings / seconds) / 3_600
    console.log(
      `${finding}: ${result.readings} readings of ${some.length} devices in ${seconds.toFixed(1)} s, ${thousands(result.readings / seconds)}, ${microseconds.toFixed(1)} µs of CPU each; ` +
        `a month of the pilot's ${pilot[kind.id]} (${(month / 1e6).toFixed(0)} million): ${hours.toFixed(1)} h`,
    )
  }
  await readings.close()
  await rm(directory, { recursive: true })
}

async function fill(
  readings: ReadingStore,
  { devices: count, days, interval }: BacktestBenchOptions,
): Promise<Device[]> {
  const planned = planFleet({ devices: count, shares: pilot, devicesPerGateway: 10, seed: 1 })
  const fleet = planned.map((device) => ({ ...device, facts: facts[device.kind] ?? {} }))
  const begun = performance.now()
  const plan = { kinds, devices: fleet, intervalSeconds: interval }
  let batch: Reading[] = []
  let position = 0
  const write = async () => {
    position += batch.length
    await readings.write(batch, { journalId: 'bench', position })
    batch = []
  }
  for (const { deviceId, kind, at, values } of fleetReadings(plan, startAt, startAt + days * dayMs)) {
    if (batch.push({ deviceId, kind, at, receivedAt: at, values }) === readingsAtOnce) await write()
  }
  await write()
  console.log(`${position} readings simulated and stored in ${((performance.now() - begun) / secondMs).toFixed(0)} s`)
  const unknown = { name: null, siteId: null, feederId: null, contacts: [], createdAt: 0 }
  return fleet.map(({ id, kind, gatewayId, facts }) => ({ id, kind, gatewayId, ...unknown, facts }))
}
