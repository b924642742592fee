import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import { telemetryTopic } from '../core/topic.ts'
import { machineText, milliseconds, percent, quantile, thousands } from './figures.ts'
import { type Load, startLoad } from './load.ts'
import { loadClients, mixText, planMix } from './mix.ts'
import { type District, employDistrict } from './people.ts'
import { coresBetween, processUsage } from './process-usage.ts'
import { type MeasuredService, registerGateways, settle, startService } from './service.ts'

export interface LatencyOptions {
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
  readonly faults: number
  /** Teams on duty behind webhooks, who are told. */
  readonly people: boolean
}

const maximumWindow = 32
const share = 0.15
const warmUpSeconds = 3
const pollEveryMs = 4
const orderWithinMs = 30_000
const crews = 4
/** Fewer than what is a storm: that would be one order for all. */
const devicesPerGateway = 9

/** P5 and P6 at 15 % of what this very service acknowledges at most with these connections. */
export async function benchLatency({ rounds, seconds, connections, faults, people }: LatencyOptions): Promise<void> {
  const devices = planMix(connections)
  console.log(`latency: ${rounds} rounds of ${seconds} s; ${machineText()}`)
  const service = await startService()
  const load = startLoad()
  let district: District | undefined
  try {
    if (people) district = await employDistrict(service, crews)
    const { clients, payloadBytes } = loadClients(devices, await registerGateways(service, devices))
    console.log(`mix: ${connections} connections; ${mixText}; ${payloadBytes} B of payload on average; everything on`)
    await load.connect(service.port, clients)
    await settle(service, load, connections)

    const most = await maximum(load, seconds)
    await service.caughtUp()
    const rate = Math.round(share * most)
    console.log(
      `own maximum, window ${maximumWindow}: ${thousands(most)}; from here on open loop at ${percent(share)} of it, ${thousands(rate)}`,
    )

    const p99s: number[] = []
    load.startOpenLoop(rate)
    for (let round = 1; round <= rounds; round++) p99s.push(await acknowledgements(service, load, round, seconds))
    console.log(
      `P5 p99 PUBACK: median of ${rounds} rounds ${milliseconds(quantile(p99s, 0.5))}, worst ${milliseconds(Math.max(...p99s))}   (floor 40 ms, goal 10 ms)`,
    )

    const delays = await ordersAfter(service, district, faults)
    console.log(
      `P6 publish → order seen through the API (so committed), ${faults} faults, one after the other: ${spread(delays.map(({ orderMs }) => orderMs))}; the polling adds up to ${pollEveryMs} ms and a request   (floor 1,000 ms, goal 100 ms)`,
    )
    const told = delays.flatMap((delay) => delay.told ?? [])
    if (told.length > 0) {
      const [published, raised] = [told.map(({ publishedMs }) => publishedMs), told.map(({ raisedMs }) => raisedMs)]
      console.log(
        `P6 its first notice reached a webhook's receiver: after publishing ${spread(published)}   (floor 2,000 ms); after the order was raised, in the transaction that commits both, ${spread(raised)}`,
      )
    }
    await load.rest()
  } finally {
    load.end()
    district?.stop()
    await service.stop()
  }
}

function spread(delays: readonly number[]): string {
  const [p50, p99, worst] = [0.5, 0.99, 1].map((share) => milliseconds(quantile(delays, share)))
  return `p50 ${p50}, p99 ${p99}, worst ${worst}`
}

async function maximum(load: Load, seconds: number): Promise<number> {
  load.startClosedLoop(maximumWindow)
  await sleep(warmUpSeconds * 1000)
  const before = await load.sample()
  await sleep(seconds * 1000)
  const after = await load.sample()
  await load.rest()
  return ((after.acknowledged - before.acknowledged) / (after.atMs - before.atMs)) * 1000
}

async function acknowledgements(service: MeasuredService, load: Load, round: number, seconds: number): Promise<number> {
  await sleep(warmUpSeconds * 1000)
  const before = { load: await load.sample(), usage: processUsage(service.pid) }
  await sleep(seconds * 1000)
  const { latenciesMs, latenessMs, atMs, cpuSeconds } = await load.sample()
  const elapsed = (atMs - before.load.atMs) / 1000
  const { all } = coresBetween(service.pid, before.usage, processUsage(service.pid), elapsed)
  const generator = (cpuSeconds - before.load.cpuSeconds) / elapsed
  const p99 = quantile(latenciesMs, 0.99)
  console.log(
    `round ${round}  ${thousands(latenciesMs.length / elapsed)}, PUBACK p50 ${milliseconds(quantile(latenciesMs, 0.5))}, p99 ${milliseconds(p99)}, worst ${milliseconds(quantile(latenciesMs, 1))}; in it the generator's own lateness, p99 ${milliseconds(quantile(latenessMs, 0.99))}; cores ${all.toFixed(2)}, generator ${generator.toFixed(2)}`,
  )
  return p99
}

interface Delay {
  /** From publishing, ms. */
  readonly orderMs: number
  /** When the first notice came, from publishing and from the order's `raisedAt`, ms; null where there is nobody to be told. */
  readonly told: { readonly publishedMs: number; readonly raisedMs: number } | null
}

/** Elevators whose motor is far too hot in three samples, one after the other. */
async function ordersAfter(service: MeasuredService, district: District | undefined, faults: number): Promise<Delay[]> {
  const delays: Delay[] = []
  for (let first = 0; first < faults; first += devicesPerGateway) {
    const count = Math.min(devicesPerGateway, faults - first)
    const devices = Array.from({ length: count }, (_, index) => `fault-elevator-${first + index + 1}`)
    delays.push(...(await ordersBehind(service, district, `fault-gateway-${first + 1}`, devices)))
  }
  return delays
}

async function ordersBehind(
  service: MeasuredService,
  district: District | undefined,
  gatewayId: string,
  devices: readonly string[],
): Promise<Delay[]> {
  const { password } = await service.api<{ password: string }>('POST', '/gateways', { id: gatewayId })
  for (const id of devices) await service.api('POST', '/devices', { id, kind: 'elevator', gatewayId })
  await sleep(1_000) // the MQTT door takes a new credential over a moment after it is made
  const client = await connectAsync({
    host: '127.0.0.1',
    port: service.port,
    clientId: gatewayId,
    username: gatewayId,
    password,
  })
  const delays: Delay[] = []
  try {
    for (const device of devices) {
      const now = Date.now()
      const readings = [30_000, 20_000, 10_000, 0].map((ago) => ({ at: now - ago, values: { motorCelsius: 250 } }))
      const startedAt = performance.now()
      await client.publishAsync(telemetryTopic(gatewayId, device), JSON.stringify(readings), { qos: 1 })
      const order = await orderOf(service, device)
      const orderMs = performance.now() - startedAt
      const toldAt = district && (await toldOf(district, order.id))
      // both clocks are this machine's
      const raisedAt = Date.parse(order.raisedAt) - performance.timeOrigin
      const told = toldAt === undefined ? null : { publishedMs: toldAt - startedAt, raisedMs: toldAt - raisedAt }
      delays.push({ orderMs, told })
    }
  } finally {
    await client.endAsync()
  }
  return delays
}

interface RaisedOrder {
  readonly id: string
  readonly raisedAt: string
}

async function orderOf(service: MeasuredService, deviceId: string): Promise<RaisedOrder> {
  const until = performance.now() + orderWithinMs
  while (performance.now() < until) {
    const { items } = await service.api<{ items: RaisedOrder[] }>('GET', `/work-orders?deviceId=${deviceId}`)
    if (items[0] !== undefined) return items[0]
    await sleep(pollEveryMs)
  }
  throw new Error(`no order for ${deviceId} within ${orderWithinMs / 1000} s`)
}

/** performance.now() at which the first notice of an order came. */
async function toldOf({ told }: District, orderId: string): Promise<number> {
  const until = performance.now() + orderWithinMs
  while (performance.now() < until) {
    const toldAt = told.get(orderId)
    if (toldAt !== undefined) return toldAt
    await sleep(pollEveryMs)
  }
  throw new Error(`nobody was told of the order ${orderId} within ${orderWithinMs / 1000} s`)
}
