import { setTimeout as sleep } from 'node:timers/promises'
import { machineText, medianAndRange, percent, thousands } from './figures.ts'
import { startLoad } from './load.ts'
import { loadClients, mixText, planMix } from './mix.ts'
import type { LoadClient } from './mqtt-load.ts'
import { coresBetween, processUsage, residentMegabytes } from './process-usage.ts'
import { type MeasuredService, registerGateways, startBareAedes, startService } from './service.ts'

export interface IngestOptions {
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
  readonly window: number
}

const warmUpSeconds = 3

/** P1 and P2: acknowledged, and stored and analysed, against bare aedes; one after the other, round by round. */
export async function benchIngest({ rounds, seconds, connections, window }: IngestOptions): Promise<void> {
  const devices = planMix(connections)
  console.log(`ingest: ${rounds} rounds of ${seconds} s after ${warmUpSeconds} s of warm-up; ${machineText()}`)
  const bare = await startBareAedes()
  const service = await startService()
  try {
    const ours = loadClients(devices, await registerGateways(service, devices))
    const theirs = loadClients(devices)
    console.log(
      `mix: ${connections} connections, window ${window}; ${mixText}; ${ours.payloadBytes} B of payload on average`,
    )
    console.log(
      `on: stream guard, credentials, topic rights, journal with fsync, quarantine, DuckDB, all detectors, PostgreSQL, API`,
    )

    const acked: number[] = []
    const through: number[] = []
    for (let round = 1; round <= rounds; round++) {
      const reference = await measure(bare.pid, bare.port, theirs.clients, window, seconds)
      tell(round, 'bare aedes', reference)
      const product = await measure(service.pid, service.port, ours.clients, window, seconds, service)
      tell(round, 'liftwatt', product)
      acked.push(product.ackedPerSecond / reference.ackedPerSecond)
      through.push((product.through?.perSecond ?? Number.NaN) / reference.ackedPerSecond)
      await service.caughtUp()
    }
    const { quarantined, opened } = await service.progress()
    console.log(`P1 acknowledged / bare aedes: ${medianAndRange(acked, percent)}   (floor 85 %, goal 120 %)`)
    console.log(`P2 through / bare aedes:      ${medianAndRange(through, percent)}   (floor 45 %, goal 75 %)`)
    const { now, most } = residentMegabytes(service.pid)
    console.log(
      `memory without PostgreSQL: ${now.toFixed(0)} MB after the load, at most ${most.toFixed(0)} MB   (floor 1,000 MB)`,
    )
    console.log(`quarantined messages: ${quarantined}, episodes opened: ${opened}`)
  } finally {
    await bare.stop()
    await service.stop()
  }
}

interface Measured {
  readonly ackedPerSecond: number
  readonly generatorCores: number
  readonly cores: ReturnType<typeof coresBetween>
  readonly through?: { perSecond: number; historyPerSecond: number; lagBefore: number; lagAfter: number }
}

async function measure(
  pid: number,
  port: number,
  clients: readonly LoadClient[],
  window: number,
  seconds: number,
  service?: MeasuredService,
): Promise<Measured> {
  const load = startLoad()
  try {
    await load.connect(port, clients)
    load.startClosedLoop(window)
    await sleep(warmUpSeconds * 1000)

    const look = async () => ({
      load: await load.sample(),
      usage: processUsage(pid),
      progress: await service?.progress(),
    })
    const before = await look()
    await sleep(seconds * 1000)
    const after = await look()
    await load.rest()

    const elapsed = (after.load.atMs - before.load.atMs) / 1000
    const measured = {
      ackedPerSecond: (after.load.acknowledged - before.load.acknowledged) / elapsed,
      generatorCores: (after.load.cpuSeconds - before.load.cpuSeconds) / elapsed,
      cores: coresBetween(pid, before.usage, after.usage, elapsed),
    }
    if (before.progress === undefined || after.progress === undefined) return measured
    const progressSeconds = (after.progress.atMs - before.progress.atMs) / 1000
    const historyPerSecond = (after.progress.history - before.progress.history) / progressSeconds
    const analyticsPerSecond = (after.progress.analytics - before.progress.analytics) / progressSeconds
    const through = {
      perSecond: Math.min(historyPerSecond, analyticsPerSecond),
      historyPerSecond,
      lagBefore: before.progress.head - Math.min(before.progress.history, before.progress.analytics),
      lagAfter: after.progress.head - Math.min(after.progress.history, after.progress.analytics),
    }
    return { ...measured, through }
  } finally {
    load.end()
  }
}

function tell(round: number, name: string, { ackedPerSecond, generatorCores, cores, through }: Measured): void {
  const { all, main, busiestOther } = cores
  const parts = [
    `round ${round}  ${name.padEnd(10)} acked ${thousands(ackedPerSecond)}`,
    ...(through
      ? [`through ${thousands(through.perSecond)}, behind ${through.lagBefore} → ${through.lagAfter} entries`]
      : []),
    `${((all / ackedPerSecond) * 1e6).toFixed(1)} µs CPU per message`,
    `cores ${all.toFixed(2)} (main ${main.toFixed(2)}, busiest other thread ${busiestOther.toFixed(2)})`,
    `generator ${generatorCores.toFixed(2)} = ${percent(generatorCores / all)}`,
  ]
  console.log(parts.join('; '))
}
