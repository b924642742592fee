import { setTimeout as sleep } from 'node:timers/promises'
import { mostBehind } from '../admission.ts'
import { machineText, medianAndRange, percent, thousands } from './figures.ts'
import { type Load, startLoad } from './load.ts'
import { loadClients, mixText, planMix } from './mix.ts'
import type { LoadClient, LoadSample } from './mqtt-load.ts'
import { coresBetween, type ProcessUsage, processUsage, residentMegabytes } from './process-usage.ts'
import {
  type MeasuredService,
  type Progress,
  registerGateways,
  settle,
  startBareAedes,
  startService,
} from './service.ts'

export interface IngestOptions {
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
  readonly window: number
  /** Of Node for bare aedes, blanks between them. */
  readonly bareFlags: string
}

const warmUpSeconds = 3
/** A burst is over in seconds; the service has run before. */
const burstWarmUpMs = 500
const steadyWithinSeconds = 180

/**
 * P1 and P2 against bare aedes, one after the other, round by round.
 *
 * P1 is a burst: what is acknowledged while history and detectors run and fall behind, as they may for so many entries
 * (`admission.ts`), and no longer. P2 is what lasts: the same load goes on until gateways are held back, and then what goes through
 * is counted.
 */
export async function benchIngest({ rounds, seconds, connections, window, bareFlags }: IngestOptions): Promise<void> {
  const devices = planMix(connections)
  console.log(`ingest: ${rounds} rounds of ${seconds} s after ${warmUpSeconds} s of warm-up; ${machineText()}`)
  const bare = await startBareAedes(bareFlags.split(' ').filter(Boolean))
  const service = await startService()
  try {
    const ours = loadClients(devices, await registerGateways(service, devices))
    const theirs = loadClients(devices)
    console.log(
      `mix: ${connections} connections, window ${window}; ${mixText}; ${ours.payloadBytes} B of payload on average`,
    )
    console.log(
      'on: stream guard, credentials, topic rights, journal with fsync, quarantine, DuckDB, all detectors, PostgreSQL, API',
    )
    console.log(`service: ${service.command}; bare aedes: node ${bareFlags || '(no flags)'}`)
    await withLoad(service.port, ours.clients, (load) => settle(service, load, connections))

    const acked: number[] = []
    const through: number[] = []
    for (let round = 1; round <= rounds; round++) {
      const reference = await withLoad(bare.port, theirs.clients, async (load) => {
        load.startClosedLoop(window)
        await sleep(warmUpSeconds * 1000)
        return measure(load, bare.pid, () => sleep(seconds * 1000))
      })
      console.log(`round ${round}  bare aedes          ${inWords(reference)}`)

      const [burst, lasting] = await withLoad(service.port, ours.clients, async (load) => {
        load.startClosedLoop(window)
        await sleep(burstWarmUpMs)
        const first = await measure(load, service.pid, () => nearlyHeldBack(service, seconds), service)
        await heldBack(service)
        return [first, await measure(load, service.pid, () => sleep(seconds * 1000), service)] as const
      })
      console.log(`round ${round}  liftwatt, burst     ${inWords(burst)}`)
      console.log(`round ${round}  liftwatt, lasting   ${inWords(lasting)}`)
      acked.push(burst.ackedPerSecond / reference.ackedPerSecond)
      through.push((lasting.through?.perSecond ?? Number.NaN) / reference.ackedPerSecond)
      await service.caughtUp()
    }
    const { quarantined, opened } = await service.progress()
    console.log(`P1 acknowledged / bare aedes: ${medianAndRange(acked, percent)}   (floor 85 %, goal 120 %)`)
    console.log(`P2 through / bare aedes:      ${medianAndRange(through, percent)}   (floor 45 %, goal 75 %)`)
    const { now, mapped, most } = residentMegabytes(service.pid)
    console.log(
      `memory without PostgreSQL: ${now.toFixed(0)} MB after the load (${mapped.toFixed(0)} MB of it mapped files), at most ${most.toFixed(0)} MB   (floor 1,000 MB)`,
    )
    console.log(`quarantined messages: ${quarantined}, episodes opened: ${opened}`)
  } finally {
    await bare.stop()
    await service.stop()
  }
}

async function withLoad<T>(port: number, clients: readonly LoadClient[], work: (load: Load) => Promise<T>): Promise<T> {
  const load = startLoad()
  try {
    await load.connect(port, clients)
    const result = await work(load)
    await load.rest()
    return result
  } finally {
    load.end()
  }
}

/** Waits for so many seconds, or until the backlog is nearly as long as it may be. */
async function nearlyHeldBack(service: MeasuredService, seconds: number): Promise<void> {
  const until = performance.now() + seconds * 1000
  while (performance.now() < until && behindOf(await service.progress()) < 0.9 * mostBehind) await sleep(50)
}

/** Waits until the backlog is as long as it may be, or grows no more. */
async function heldBack(service: MeasuredService): Promise<void> {
  const until = performance.now() + steadyWithinSeconds * 1000
  for (let before = -1; performance.now() < until; ) {
    const behind = behindOf(await service.progress())
    if (behind >= mostBehind || behind <= before) return
    before = behind
    await sleep(5_000)
  }
  throw new Error(`the backlog still grows after ${steadyWithinSeconds} s`)
}

function behindOf({ head, history, analytics }: Progress): number {
  return head - Math.min(history, analytics)
}

interface Measured {
  /** s. */
  readonly elapsed: number
  readonly ackedPerSecond: number
  readonly generatorCores: number
  readonly cores: ReturnType<typeof coresBetween>
  readonly through?: { readonly perSecond: number; readonly behindBefore: number; readonly behindAfter: number }
}

interface Look {
  readonly load: LoadSample
  readonly usage: ProcessUsage
  readonly progress: Progress | undefined
}

async function measure(
  load: Load,
  pid: number,
  until: () => Promise<unknown>,
  service?: MeasuredService,
): Promise<Measured> {
  const look = async (): Promise<Look> => ({
    load: await load.sample(),
    usage: processUsage(pid),
    progress: await service?.progress(),
  })
  const before = await look()
  await until()
  const after = await look()

  const elapsed = (after.load.atMs - before.load.atMs) / 1000
  const through = throughBetween(before.progress, after.progress)
  return {
    elapsed,
    ackedPerSecond: (after.load.acknowledged - before.load.acknowledged) / elapsed,
    generatorCores: (after.load.cpuSeconds - before.load.cpuSeconds) / elapsed,
    cores: coresBetween(pid, before.usage, after.usage, elapsed),
    ...(through && { through }),
  }
}

/** The slower of history and detectors counts. */
function throughBetween(before: Progress | undefined, after: Progress | undefined): Measured['through'] {
  if (before === undefined || after === undefined) return undefined
  const entries = Math.min(after.history - before.history, after.analytics - before.analytics)
  const seconds = (after.atMs - before.atMs) / 1000
  return { perSecond: entries / seconds, behindBefore: behindOf(before), behindAfter: behindOf(after) }
}

function inWords({ elapsed, ackedPerSecond, generatorCores, cores, through }: Measured): string {
  const { all, main, busiestOther } = cores
  return [
    `${elapsed.toFixed(1)} s, acked ${thousands(ackedPerSecond)}`,
    ...(through
      ? [`through ${thousands(through.perSecond)}, behind ${through.behindBefore} → ${through.behindAfter} entries`]
      : []),
    `${((all / ackedPerSecond) * 1e6).toFixed(1)} µs CPU per acked message`,
    `cores ${all.toFixed(2)} (main thread ${main.toFixed(2)}, busiest other ${busiestOther.toFixed(2)})`,
    `generator ${generatorCores.toFixed(2)} = ${percent(generatorCores / all)}`,
  ].join('; ')
}
