import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync, type MqttClient } from 'mqtt'
import { telemetryTopic } from '../core/topic.ts'
import { machineText, milliseconds, quantile } from './figures.ts'
import { type District, employDistrict } from './people.ts'
import { coresBetween, processUsage, residentMegabytes } from './process-usage.ts'
import { type MeasuredService, startService } from './service.ts'

export interface StormOptions {
  readonly elevators: number
  readonly seconds: number
  /** How long after the last fault the orders may take. */
  readonly patience: number
}

const finding = 'elevator/motor-over-temperature'
const crews = 20
const elevatorsPerBuilding = 20
const buildingsPerEstate = 50
const connectingAtOnce = 50
const apiEveryMs = 100

/** With the first no gateway has enough at once for a storm, with the second each has. */
const variants = [
  { perGateway: 9, text: '9 elevators behind a gateway: an order each' },
  { perGateway: 100, text: '100 elevators behind a gateway: the first 9 have orders until the tenth makes it a storm' },
]

/** Elevators of a whole city whose motors are too hot within a minute: every one in an order, once, and the service answers meanwhile. */
export async function benchStorm(options: StormOptions): Promise<void> {
  const { elevators, seconds } = options
  console.log(`storm: ${elevators} elevators faulty within ${seconds} s, ${crews} crews; ${machineText()}`)
  for (const { perGateway, text } of variants) {
    console.log(`\n${text}`)
    const service = await startService()
    const district = await employDistrict(service, crews)
    try {
      await play(service, district, planCity(elevators, perGateway), options)
    } finally {
      district.stop()
      await service.stop()
    }
  }
}

interface Elevator {
  readonly id: string
  readonly gatewayId: string
  readonly building: number
}

function planCity(elevators: number, perGateway: number): Elevator[] {
  return Array.from({ length: elevators }, (_, index) => ({
    id: `elevator-${index}`,
    gatewayId: `gateway-${Math.floor(index / perGateway)}`,
    building: Math.floor(index / elevatorsPerBuilding),
  }))
}

async function play(service: MeasuredService, district: District, city: readonly Elevator[], options: StormOptions) {
  const clients = await connectGateways(service, await registerCity(service, city))
  await service.caughtUp()
  const before = { ...residentMegabytes(service.pid), usage: processUsage(service.pid) }
  const watch = watchApi(service)
  try {
    const startedAt = performance.now()
    await publishFaults(clients, city, options.seconds)
    const publishedAt = performance.now()
    const committedAt = await allRecorded(service, city.length, options.patience)
    const late = (committedAt - publishedAt) / 1000
    const during = residentMegabytes(service.pid)
    const elapsed = (committedAt - startedAt) / 1000
    const cores = coresBetween(service.pid, before.usage, processUsage(service.pid), elapsed)
    console.log(
      `published in ${((publishedAt - startedAt) / 1000).toFixed(1)} s; the last was committed ${late.toFixed(1)} s after its publication, ${(city.length / elapsed).toFixed(0)}/s; cores ${cores.all.toFixed(2)}, of them main thread ${cores.main.toFixed(2)}, data thread ${cores.busiestOther.toFixed(2)}`,
    )
    const toldAt = await allTold(service, options.patience)
    console.log(await watch.stop())
    console.log(
      `memory without PostgreSQL: ${before.now.toFixed(0)} MB before, ${during.now.toFixed(0)} MB after, ${during.most.toFixed(0)} MB at most`,
    )
    const running = await checkOrders(service, city)
    const untold = running.filter(({ id }) => !district.told.has(id))
    if (untold.length > 0) throw new Error(`nobody was told of ${untold.length} orders`)
    console.log(`order → first notice received: ${spread(running.map((order) => toldAfterMs(order, district)))}`)
    console.log(
      `all notices were handed over ${((toldAt - publishedAt) / 1000).toFixed(1)} s after the last publication, ${((toldAt - startedAt) / 1000).toFixed(1)} s after the first: ${district.received()} messages about ${district.told.size} orders`,
    )
    const { ok, orders, events } = await service.api<{ ok: boolean; orders: number; events: number }>('GET', '/verify')
    console.log(`chains: ${ok ? 'whole' : 'BROKEN'}, ${orders} orders, ${events} events`)
  } finally {
    await watch.stop()
    for (const client of clients.values()) client.end(true)
  }
}

/** Both clocks are this machine's. */
function toldAfterMs({ id, raisedAt }: Order, { told }: District): number {
  return performance.timeOrigin + (told.get(id) ?? Number.NaN) - Date.parse(raisedAt)
}

function spread(times: readonly number[]): string {
  const [p50, p99, worst] = [0.5, 0.99, 1].map((part) => milliseconds(quantile(times, part)))
  return `p50 ${p50}, p99 ${p99}, worst ${worst}`
}

/** Answers the gateways' passwords. */
async function registerCity(service: MeasuredService, city: readonly Elevator[]): Promise<Map<string, string>> {
  const gatewayIds = [...new Set(city.map(({ gatewayId }) => gatewayId))]
  const passwords = new Map<string, string>()
  for (let first = 0; first < gatewayIds.length; first += 20) {
    await Promise.all(
      gatewayIds.slice(first, first + 20).map(async (id) => {
        passwords.set(id, (await service.api<{ password: string }>('POST', '/gateways', { id })).password)
      }),
    )
  }
  const buildings = Math.max(...city.map(({ building }) => building)) + 1
  const estateOf = (building: number) => `estate-${Math.floor(building / buildingsPerEstate)}`
  const estates = [...new Set(Array.from({ length: buildings }, (_, building) => estateOf(building)))]
  await importCsv(service, [
    'id,type,name,parentId',
    'district,district,District,',
    ...estates.map((id) => `${id},estate,${id},district`),
    ...Array.from({ length: buildings }, (_, n) => `building-${n},building,House ${n},${estateOf(n)}`),
  ])
  const devices = city.map(({ id, gatewayId, building }) => `${id},elevator,${gatewayId},building-${building}`)
  await importCsv(service, ['id,kind,gatewayId,siteId', ...devices])
  await sleep(1_000) // the MQTT door takes a new credential over a moment after it is made
  return passwords
}

async function importCsv(service: MeasuredService, lines: readonly string[]): Promise<void> {
  await service.api('POST', '/import?apply=true', lines.join('\n'))
}

async function connectGateways(
  service: MeasuredService,
  passwords: ReadonlyMap<string, string>,
): Promise<Map<string, MqttClient>> {
  const clients = new Map<string, MqttClient>()
  const all = [...passwords]
  for (let first = 0; first < all.length; first += connectingAtOnce) {
    await Promise.all(
      all.slice(first, first + connectingAtOnce).map(async ([id, password]) => {
        const place = { host: '127.0.0.1', port: service.port, reconnectPeriod: 0 }
        clients.set(id, await connectAsync({ ...place, clientId: id, username: id, password }))
      }),
    )
  }
  return clients
}

/** One after the other, evenly over the time, each from another gateway than the one before: four samples that are far too hot. */
async function publishFaults(clients: ReadonlyMap<string, MqttClient>, city: readonly Elevator[], seconds: number) {
  const startedAt = performance.now()
  const acknowledged: Promise<unknown>[] = []
  for (const [index, { id, gatewayId }] of inTurns(city).entries()) {
    const waitMs = startedAt + (index / city.length) * seconds * 1000 - performance.now()
    if (waitMs > 1) await sleep(waitMs)
    const now = Date.now()
    const readings = [30_000, 20_000, 10_000, 0].map((ago) => ({ at: now - ago, values: { motorCelsius: 250 } }))
    const client = clients.get(gatewayId)
    if (client === undefined) throw new Error(`${gatewayId} is not connected`)
    acknowledged.push(client.publishAsync(telemetryTopic(gatewayId, id), JSON.stringify(readings), { qos: 1 }))
  }
  await Promise.all(acknowledged)
}

/** The first of each gateway, then the second of each, and so on. */
function inTurns(city: readonly Elevator[]): Elevator[] {
  const places = new Map<string, number>()
  const placed = city.map((elevator) => {
    const place = places.get(elevator.gatewayId) ?? 0
    places.set(elevator.gatewayId, place + 1)
    return { elevator, place }
  })
  return placed.toSorted((one, other) => one.place - other.place).map(({ elevator }) => elevator)
}

/** Answers when the last was. */
async function allRecorded(service: MeasuredService, wanted: number, patience: number): Promise<number> {
  const until = performance.now() + patience * 1000
  for (;;) {
    const { opened } = await service.progress()
    if (opened >= wanted) return performance.now()
    if (performance.now() > until) throw new Error(`${opened} of ${wanted} were recorded within ${patience} s`)
    await sleep(50)
  }
}

/** Answers when no notice waited any more. @throws {Error} one is a dead letter */
async function allTold(service: MeasuredService, patience: number): Promise<number> {
  const until = performance.now() + patience * 1000
  const count = async (state: string) =>
    (await service.api<{ items: object[] }>('GET', `/notices?state=${state}&limit=1`)).items.length
  while ((await count('waiting')) > 0) {
    if (performance.now() > until) throw new Error(`notices still wait after ${patience} s`)
    await sleep(200)
  }
  const at = performance.now()
  if ((await count('dead')) > 0) throw new Error('a notice could not be handed over')
  return at
}

/** Somebody who looks at orders and incidents all the time. */
function watchApi(service: MeasuredService) {
  const taken = new Map<string, number[]>([
    ['/work-orders?limit=100', []],
    ['/incidents?limit=100', []],
  ])
  let stopped = false
  const looking = [...taken].map(async ([path, times]) => {
    while (!stopped) {
      const began = performance.now()
      await service.api('GET', path)
      times.push(performance.now() - began)
      await sleep(apiEveryMs)
    }
  })
  return {
    async stop(): Promise<string> {
      stopped = true
      await Promise.all(looking)
      const texts = [...taken].map(
        ([path, times]) =>
          `GET ${path} ${times.length} times, p50 ${milliseconds(quantile(times, 0.5))}, p95 ${milliseconds(quantile(times, 0.95))}, worst ${milliseconds(quantile(times, 1))}`,
      )
      return `${texts.join('; ')}   (floor p95 1,000 ms)`
    },
  }
}

interface Incident {
  readonly id: string
  readonly deviceId: string | null
  readonly orderId: string | null
  readonly parentId: string | null
  readonly suppressed: object | null
  readonly detectedAt: string
}
interface Order {
  readonly id: string
  readonly incidentId: string
  readonly state: string
  readonly detectedAt: string
  readonly raisedAt: string
}

/** Answers the running orders. @throws {Error} an elevator has not exactly one incident, or that has neither an order that runs nor a storm that has one */
async function checkOrders(service: MeasuredService, city: readonly Elevator[]): Promise<readonly Order[]> {
  const incidents = await listAll<Incident>(service, `/incidents?finding=${encodeURIComponent(finding)}`)
  const orders = await listAll<Order>(service, '/work-orders?state=open')
  const running = new Map(orders.map((order) => [order.incidentId, order]))
  if (running.size !== orders.length) throw new Error('an incident has two orders')
  const ofDevice = new Map<string, Incident>()
  for (const incident of incidents) {
    if (incident.deviceId === null) continue
    if (ofDevice.has(incident.deviceId)) throw new Error(`${incident.deviceId} has two incidents`)
    ofDevice.set(incident.deviceId, incident)
  }
  let own = 0
  for (const { id } of city) {
    const incident = ofDevice.get(id)
    if (incident === undefined) throw new Error(`${id} has no incident`)
    const hasOwn = running.has(incident.id)
    const isPart = incident.suppressed !== null && running.has(incident.parentId ?? '')
    if (hasOwn === isPart) throw new Error(`${id} is in ${hasOwn ? 'two orders' : 'no order'}`)
    own += hasOwn ? 1 : 0
  }
  const delays = [...ofDevice.values()].flatMap(({ id, detectedAt }) => {
    const order = running.get(id)
    return order === undefined ? [] : [Date.parse(order.raisedAt) - Date.parse(detectedAt)]
  })
  console.log(
    `each elevator once: ${own} in orders of their own, ${city.length - own} in ${orders.length - own} orders of storms`,
  )
  if (delays.length > 0) console.log(`detected → order: ${spread(delays)}`)
  return orders
}

async function listAll<T>(service: MeasuredService, path: string): Promise<T[]> {
  const items: T[] = []
  let cursor: string | null = null
  do {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page: { items: T[]; nextCursor: string | null } = await service.api('GET', `${path}&limit=1000${after}`)
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return items
}
