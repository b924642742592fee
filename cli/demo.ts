import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { reasonOf } from '../core/errors.ts'
import { readSettings, type Settings } from '../core/settings.ts'
import { kinds } from '../devices/index.ts'
import type { RunningService } from '../main.ts'
import { type FleetDevice, type PlannedFault, runFleet } from '../simulators/fleet.ts'
import { planFleet } from '../simulators/fleet-plan.ts'
import { behaviours, playPeople, type SeenOrder } from '../simulators/people.ts'
import { booksBefore } from './demo-books.ts'
import { fleetSize, furnishDistrict, linksOf, silentTeam } from './demo-district.ts'
import { fillReadings, importMonth, markImported } from './demo-history.ts'
import type { Month } from './demo-month.ts'
import { contractDistrict, importReview } from './demo-portfolio.ts'
import { connectService, type ServiceClient } from './service.ts'
import { registerFleet } from './simulate.ts'
import { addresses, startUnlessStopped, stopSignal, untilStopped } from './start.ts'

type Environment = Readonly<Record<string, string | undefined>>

const intervalSeconds = 2
const aMonthSeconds = 30 * 24 * 3600

/** What goes wrong, on which kind of device, how many seconds after the start. */
const script: readonly (Omit<PlannedFault, 'deviceId'> & { readonly kind: string })[] = [
  { kind: 'electricity-meter', fault: 'leakage-step', afterSeconds: 10 },
  { kind: 'elevator', fault: 'entrapment', afterSeconds: 15 },
  // a screw that has come loose by the time somebody switches a heater on: within four minutes its terminal is warmer by what is a warning
  { kind: 'electricity-meter', fault: 'loose-terminal', afterSeconds: 20, grownSeconds: 3_600 },
  { kind: 'elevator', fault: 'entrapment', afterSeconds: 25 },
  // charged from 20:00 on each evening, and found when its current has been flat for hours and then falls for one: at night
  { kind: 'electricity-meter', fault: 'e-bike', afterSeconds: 30 },
]

interface OrderRow {
  id: string
  deviceId: string
  finding: string
  severity: string
  summary: string
  state: string
  teamId: string | null
  arriveBy: string | null
}

export function demoCommand(program: Command): void {
  program
    .command('demo')
    .description('Run the service with a simulated district and scripted faults; its data is kept in ./data/demo')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt demo\nThere is no --json: it runs until it is stopped, for a person to watch.',
    )
    .action(() => runDemo(process.env))
}

/** The whole service with a simulated district behind real MQTT, and a few faults that raise orders within two minutes. */
async function runDemo(environment: Environment): Promise<void> {
  const settings = await demoSettings(environment)
  const signal = stopSignal()
  const stopping = new AbortController()
  signal.then(() => stopping.abort())
  const devices = planFleet(fleetSize)
  const directory = resolve(settings.LIFTWATT_DATA)
  const month = await fillReadings(directory, devices, Date.now(), stopping.signal)
  // what a start makes up for (days, figures, inspections that are due) is made of the books as well: they come in before it
  if (month !== undefined) await bringInBooks(settings, signal, { devices, month, directory })
  const service = await startUnlessStopped(settings, signal)
  const client = clientOf(service, settings)
  console.log(`Liftwatt demo: a simulated district of ${fleetSize.devices} devices.\n${addresses(service).join('\n')}`)
  console.log(`Operator token\n${service.operatorToken}\n`)
  console.log('All its readings, orders and visits, of the time before as well, are simulated: invented, not measured.')
  console.log('Faults begin in 10 to 30 seconds; the first order follows within two minutes. Stop with Ctrl-C.\n')

  const faults = await plannedFaults(client, devices)
  const credentials = await registerFleet(client, devices)
  await furnishDistrict(client, devices)
  await contractDistrict(client, devices, Date.now())
  console.log(
    `Each person's screen. A link sets their password, once:\n${(await linksOf(client, service.httpUrl)).join('\n')}\n`,
  )
  const fleet = runFleet({
    kinds,
    url: `mqtt://127.0.0.1:${service.mqttPort}`,
    devices,
    faults,
    credentials,
    intervalSeconds,
    durationSeconds: aMonthSeconds,
    speedUp: 1,
    drainSeconds: 2,
    onTruth: ({ deviceId, fault }) => console.log(`${time()}  in the district: ${deviceId} has "${fault}" from now on`),
    signal: stopping.signal,
  })
  fleet.catch((cause: unknown) => console.error(`The simulated district stopped: ${reasonOf(cause)}`))
  const watching = watchOrders(client, service, stopping.signal)
  const people = playPeople({
    // planned work waits for whoever looks at the demo
    openOrders: async () => (await client.list<SeenOrderRow>('/work-orders?state=open&type=emergency')).map(seen),
    act: (id, { action, body }) => client.request('POST', `/work-orders/${id}/${action}`, body),
    behaviourOf: (teamId) => (teamId === silentTeam ? behaviours.silent : behaviours.prompt),
    clock: Date.now,
    signal: stopping.signal,
  })

  await untilStopped(service, signal, async () => {
    await Promise.allSettled([fleet, watching, people])
  })
}

function clientOf({ operatorToken, httpUrl }: RunningService, { LIFTWATT_DATA }: Settings): ServiceClient {
  return connectService({ LIFTWATT_OPERATOR_TOKEN: operatorToken, LIFTWATT_DATA }, httpUrl)
}

/** Into a service of its own, which is stopped again: what people know of the time before, by the ways that are there for it. */
async function bringInBooks(
  settings: Settings,
  signal: Promise<object>,
  { devices, month, directory }: { devices: readonly FleetDevice[]; month: Month; directory: string },
): Promise<void> {
  console.log('Importing the books of the months before, once')
  const service = await startUnlessStopped(settings, signal)
  try {
    const client = clientOf(service, settings)
    const books = booksBefore(devices, month.until)
    await registerFleet(client, devices)
    await furnishDistrict(client, devices)
    await contractDistrict(client, devices, month.until)
    await importMonth(client, month, books.troubles)
    await importReview(client, devices, books, month.until)
    markImported(directory)
  } finally {
    await service.stop()
  }
}

async function demoSettings(environment: Environment): Promise<Settings> {
  const { own, dropped } = demoEnvironment(environment)
  if (dropped.length > 0) console.log(`The demo keeps everything in its own directory; not used: ${dropped.join(', ')}`)
  const settings = readSettings(own)
  return {
    ...settings,
    HTTP_PORT: await freePort(settings.HTTP_HOST, settings.HTTP_PORT),
    MQTT_PORT: await freePort(settings.MQTT_HOST, settings.MQTT_PORT),
  }
}

/** What a shell says about stores is meant for the real service: simulated elevators must never get into them. */
export function demoEnvironment(environment: Environment): { own: Environment; dropped: string[] } {
  const given = Object.entries(environment)
  const isStore = (name: string) => name === 'DATABASE_URL' || name.startsWith('INFLUX_')
  return {
    own: {
      LIFTWATT_DATA: './data/demo',
      LOG_LEVEL: 'warn',
      MQTT_HOST: '127.0.0.1',
      ...Object.fromEntries(given.filter(([name]) => !isStore(name))),
    },
    dropped: given.filter(([name, value]) => isStore(name) && value?.trim()).map(([name]) => name),
  }
}

/** The wanted port, or 0 (any) when it is taken: the demo prints the one it got. */
function freePort(host: string, wanted: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(0))
    probe.listen({ host, port: wanted }, () => probe.close(() => resolve(wanted)))
  })
}

/** Devices that still have an open order from an earlier demo stay well: their trouble is known already. */
async function plannedFaults(client: ServiceClient, devices: readonly FleetDevice[]): Promise<PlannedFault[]> {
  const orders = await client.list<OrderRow>('/work-orders')
  const open = orders.filter(({ state }) => state !== 'closed' && state !== 'cancelled')
  const taken = new Set(open.map(({ deviceId }) => deviceId))
  return script.flatMap(({ kind, ...planned }) => {
    const device = devices.find((candidate) => candidate.kind === kind && !taken.has(candidate.id))
    if (device === undefined) return []
    taken.add(device.id)
    return [{ deviceId: device.id, ...planned }]
  })
}

type SeenOrderRow = { [Key in keyof SeenOrder]: SeenOrder[Key] extends number | null ? string | null : SeenOrder[Key] }

/** As the API sends it, with times as numbers. */
function seen(row: SeenOrderRow): SeenOrder {
  const { id, state, teamId } = row
  const ms = (text: string | null) => (text === null ? null : Date.parse(text))
  return {
    ...{ id, state, teamId, raisedAt: ms(row.raisedAt) ?? 0, acknowledgedAt: ms(row.acknowledgedAt) },
    ...{ acceptedAt: ms(row.acceptedAt), arrivedAt: ms(row.arrivedAt), restoredAt: ms(row.restoredAt) },
  }
}

/** Prints each order of a fault when it is raised, and what happens to it afterwards; what is due by the calendar is no news. */
async function watchOrders(client: ServiceClient, service: RunningService, signal: AbortSignal): Promise<void> {
  const shown = new Set((await client.list<OrderRow>('/work-orders')).map(({ id }) => id))
  const told = new Map<string, string>()
  while (!signal.aborted) {
    await delay(1_000, undefined, { signal }).catch(() => undefined)
    const orders = await client.list<OrderRow>('/work-orders').catch(() => [])
    for (const order of orders.filter(isOfFault)) {
      const news = [order.severity, order.state, ...(order.teamId === null ? [] : [order.teamId])].join(', ')
      if (shown.has(order.id) && told.has(order.id) && told.get(order.id) !== news) {
        console.log(`${time()}  ${order.deviceId ?? 'order'}: ${news}`)
      }
      if (shown.has(order.id)) told.set(order.id, news)
      if (shown.has(order.id)) continue
      told.set(order.id, news)
      shown.add(order.id)
      const arrive = order.arriveBy === null ? '' : `, on site by ${order.arriveBy}`
      console.log(`${time()}  WORK ORDER (${order.severity}${arrive}) ${order.deviceId}: ${order.summary}`)
      console.log(
        `curl -s -H "Authorization: Bearer ${service.operatorToken}" ${service.httpUrl}/api/v1/work-orders/${order.id}\n`,
      )
    }
  }
}

function isOfFault({ finding }: OrderRow): boolean {
  return kinds.some(({ id }) => finding.startsWith(`${id}/`))
}

function time(): string {
  return new Date().toISOString().slice(11, 19)
}
