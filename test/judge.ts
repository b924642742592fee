import { setTimeout as delay } from 'node:timers/promises'
import { createGateway, type Gateway } from '../simulators/gateway.ts'
import { eventually, type ServiceUnderTest } from './service.ts'

/**
 * An outside judge: publishes as twenty gateways would, keeps its own list of what was acknowledged, and compares it with what
 * the public API shows. It knows nothing of the inside.
 */
export interface Judge {
  /** Publishes numbered readings from every gateway until stopped. */
  load(readingsPerSecondAndGateway: number): { stop(): Promise<void> }
  /** One fault episode: a terminal that is at 90 °C for some readings, on a device that never had one. Answers the device. */
  faultEpisode(): Promise<string>
  /** Readings acknowledged so far, by their PUBACKs. */
  acknowledged(): number
  /** The time, in ms since 1970, of the latest PUBACK that any gateway got; 0 before the first. */
  lastAcknowledgedAt(): number
  /** Resolves when every gateway has had every reading acknowledged. */
  drained(): Promise<void>
  /** Compares, once `drained`: every figure must be 0, or 1 for orders per episode. */
  verdict(service: ServiceUnderTest): Promise<Verdict>
  stop(): Promise<void>
}

export interface Verdict {
  readonly acknowledged: number
  /** Acknowledged, and not in the store. */
  readonly missing: number
  readonly storedTwice: number
  /** Stored with another value than was sent, or never sent. */
  readonly wrong: number
  readonly episodes: number
  readonly fewestOrders: number
  readonly mostOrders: number
}

const kind = 'electricity-meter'

interface Row {
  at: string
  values: Record<string, number>
}

export async function createJudge(service: ServiceUnderTest, gatewayCount: number): Promise<Judge> {
  const gateways: { gateway: Gateway; deviceId: string; sent: Map<number, number> }[] = []
  for (let index = 0; index < gatewayCount; index++) {
    const id = `judge-${index}`
    const { password } = await service.api<{ password: string }>('POST', '/gateways', { id, autoRegister: kind })
    const gateway = await createGateway({
      url: `mqtt://127.0.0.1:${service.mqttPort}`,
      gatewayId: id,
      password,
      // readily back, so that an outage is measured and not the pause; a late acknowledgement is one that never comes
      settings: { firstPauseMs: 50, longestPauseMs: 200, refusedPauseMs: 200, acknowledgeTimeoutMs: 5_000 },
    })
    gateways.push({ gateway, deviceId: `meter-${index}`, sent: new Map() })
  }
  const faulty: { deviceId: string; sent: Map<number, number> }[] = []
  let number = 0
  let over = false

  async function publish(to: (typeof gateways)[number], at: number): Promise<void> {
    number += 1
    to.sent.set(at, number)
    await to.gateway.record(to.deviceId, { at, values: { energyKwh: number, volts: 230, terminalCelsius: 31 } })
  }

  const acknowledged = () => gateways.reduce((sum, { gateway }) => sum + gateway.stats().acknowledged, 0)

  return {
    load(readingsPerSecondAndGateway) {
      let stopped = false
      const runs = gateways.map(async (one) => {
        let at = Date.now()
        while (!stopped && !over) {
          await delay(1000 / readingsPerSecondAndGateway)
          at = Math.max(at + 1, Date.now()) // one reading per time: a repeated one would be merged
          if (!over) await publish(one, at)
        }
      })
      return {
        async stop() {
          stopped = true
          await Promise.all(runs)
        },
      }
    },

    async faultEpisode() {
      const deviceId = `faulty-${faulty.length}`
      const sent = new Map<number, number>()
      const host = gateways[faulty.length % gateways.length]
      if (host === undefined) throw new Error('there is no gateway')
      faulty.push({ deviceId, sent })
      const begin = Date.now()
      for (let step = 0; step < 10; step++) {
        const at = begin + step
        sent.set(at, step)
        // 90 °C: critical from the second sample on; repeated, so that the order's episode is touched again and again
        await host.gateway.record(deviceId, { at, values: { energyKwh: step, terminalCelsius: 90 } })
        await delay(30)
      }
      return deviceId
    },

    acknowledged,
    lastAcknowledgedAt: () => Math.max(...gateways.map(({ gateway }) => gateway.stats().lastAcknowledgedAt ?? 0)),

    async drained() {
      await Promise.all(gateways.map(({ gateway }) => gateway.drained()))
    },

    async verdict(current) {
      await eventually('the service has stored all that it acknowledged', () => caughtUp(current), 120_000)
      let missing = 0
      let storedTwice = 0
      let wrong = 0
      for (const { deviceId, sent } of [...gateways, ...faulty]) {
        const rows = await listOf<Row>(current, `/devices/${deviceId}/readings`)
        const stored = new Map(rows.map(({ at, values }) => [Date.parse(at), values.energyKwh]))
        storedTwice += rows.length - stored.size
        for (const [at, value] of sent) {
          if (!stored.has(at)) missing += 1
          else if (stored.get(at) !== value) wrong += 1
        }
        wrong += [...stored.keys()].filter((at) => !sent.has(at)).length
      }
      const orders = await listOf<{ deviceId: string }>(current, '/work-orders')
      const perEpisode = faulty.map(({ deviceId }) => orders.filter((order) => order.deviceId === deviceId).length)
      return {
        acknowledged: acknowledged(),
        missing,
        storedTwice,
        wrong,
        episodes: faulty.length,
        fewestOrders: perEpisode.length === 0 ? 0 : Math.min(...perEpisode),
        mostOrders: Math.max(0, ...perEpisode),
      }
    },

    async stop() {
      over = true
      await Promise.all(gateways.map(({ gateway }) => gateway.stop()))
    },
  }
}

/** PostgreSQL may just be coming back from its own death. */
function listOf<T>(service: ServiceUnderTest, path: string): Promise<T[]> {
  return eventually(`the API answers ${path}`, () => service.list<T>(path), 60_000)
}

/** Every consumer has read up to the journal's head, by the public metrics. */
export async function caughtUp(service: ServiceUnderTest): Promise<boolean> {
  const text = await (await fetch(`${service.httpUrl}/metrics`)).text()
  const head = Number(/^liftwatt_journal_head (\d+)/m.exec(text)?.[1])
  const positions = [...text.matchAll(/^liftwatt_consumer_position\{consumer="\w+"\} (\d+)/gm)].map((match) =>
    Number(match[1]),
  )
  return Number.isFinite(head) && positions.length === 2 && positions.every((position) => position >= head)
}

/** What `expect(verdict).toMatchObject` must find. */
export const nothingLost = { missing: 0, storedTwice: 0, wrong: 0 } as const
/** The same, after fault episodes. */
export const oneOrderEach = { ...nothingLost, fewestOrders: 1, mostOrders: 1 } as const

/** The line of figures that each of these tests prints. */
export function figures(title: string, verdict: Verdict, slowest: Readonly<Record<string, number>>): string {
  const { acknowledged, missing, storedTwice, wrong, episodes, fewestOrders, mostOrders } = verdict
  const orders = episodes === 0 ? '' : `, orders per fault ${fewestOrders} to ${mostOrders} (${episodes} faults)`
  const times = Object.entries(slowest).map(([name, ms]) => `, ${name} ${Math.round(ms)} ms`)
  return `${title}: acknowledged ${acknowledged}, missing ${missing}, stored twice ${storedTwice}, wrong ${wrong}${orders}${times.join('')}`
}
