import { setTimeout as sleep } from 'node:timers/promises'
import { linearRegression } from 'simple-statistics'
import { machineText, milliseconds, quantile, thousands } from './figures.ts'
import { startLoad } from './load.ts'
import { loadClients, mixText, planMix } from './mix.ts'
import { residentMegabytes } from './process-usage.ts'
import { registerGateways, settle, startService } from './service.ts'

export interface SoakOptions {
  readonly minutes: number
  readonly rate: number
  readonly connections: number
}

/** Whether memory stays flat, and the door open, under hours of steady load. */
export async function benchSoak({ minutes, rate, connections }: SoakOptions): Promise<void> {
  const devices = planMix(connections)
  console.log(`soak: ${minutes} minutes, open loop at ${thousands(rate)}; ${machineText()}`)
  const service = await startService()
  const load = startLoad()
  const points: { minute: number; all: number; history: number }[] = []
  try {
    const { clients, payloadBytes } = loadClients(devices, await registerGateways(service, devices))
    console.log(`mix: ${connections} connections; ${mixText}; ${payloadBytes} B of payload on average; everything on`)
    await load.connect(service.port, clients)
    await settle(service, load, connections)
    load.startOpenLoop(rate)
    for (let minute = 1; minute <= minutes; minute++) {
      await sleep(60_000)
      const { acknowledged, latenciesMs } = await load.sample()
      const { now, mapped, most } = residentMegabytes(service.pid)
      const { memory } = await service.progress()
      const [mainHeap, dataHeap, history] = [memory.mainHeap, memory.dataHeap, memory.history].map(inMegabytes)
      points.push({ minute, all: now, history: memory.history / 1e6 })
      const [p99, worst] = [quantile(latenciesMs, 0.99), quantile(latenciesMs, 1)].map(milliseconds)
      console.log(
        `minute ${minute}: ${acknowledged} acknowledged; PUBACK p99 ${p99}, worst ${worst}; memory ${now.toFixed(0)} MB (mapped ${mapped.toFixed(0)}, heaps ${mainHeap} + ${dataHeap}, history ${history}), at most ${most.toFixed(0)}`,
      )
    }
    const second = points.slice(Math.floor(points.length / 2))
    const [all, history] = (['all', 'history'] as const).map((part) => perHour(second, part))
    console.log(
      `memory over the second half: ${all} MB an hour, of it ${history} the history's engine, which keeps what it has read up to its limit   (floor: flat)`,
    )
    await load.rest()
    await service.caughtUp()
  } finally {
    load.end()
    await service.stop()
  }
}

function perHour(points: readonly { minute: number; all: number; history: number }[], part: 'all' | 'history'): string {
  const { m: perMinute } = linearRegression(points.map((point) => [point.minute, point[part]]))
  return (perMinute * 60).toFixed(1)
}

function inMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}
