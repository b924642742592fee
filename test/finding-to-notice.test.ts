import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minuteMs, secondMs } from '../core/clock.ts'
import { orderStates } from '../core/incident.ts'
import { createGateway, type Gateway } from '../simulators/gateway.ts'
import { moveDeadline } from './move-deadline.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'
import { keysByOccasion, type Received, startReceiver } from './webhook-receiver.ts'

/*
 * From outside: trapped passengers come in by MQTT, people act through the API, a receiver counts what it is told, and the service
 * is killed at moments that nobody chose.
 */

const isLong = process.env.LIFTWATT_TEST_LONG === '1'
const rounds = isLong ? 200 : 5
const trials = isLong ? 5 : 1
/** In the long form nobody comes to every fourth: their deadlines fire while the service is killed again and again. */
const isLeft = (round: number) => isLong && round % 4 === 3
/** A notice that was on its way when its sender died leaves again 20 s later; on a busy machine the start before it takes longer. */
const toldWithinMs = 180_000

let service: ServiceUnderTest
let receiver: Awaited<ReturnType<typeof startReceiver>>
let gateway: Gateway

beforeAll(async () => {
  receiver = await startReceiver()
  service = await startService()
  const teamTypes = { duty: 'duty-room', 'crew-1': 'crew', 'crew-2': 'crew', boss: 'supervisor' }
  for (const [id, type] of Object.entries(teamTypes)) {
    await service.api('POST', '/channels', { id, type: 'webhook', name: id, settings: receiver.settingsFor(id) })
    await service.api('POST', '/teams', { id, type, name: id, addresses: [{ channelId: id, address: null }] })
  }
  const { password } = await service.api<{ password: string }>('POST', '/gateways', {
    ...{ id: 'gw-1', autoRegister: 'elevator' },
  })
  gateway = await createGateway({
    url: `mqtt://127.0.0.1:${service.mqttPort}`,
    gatewayId: 'gw-1',
    password,
    settings: { firstPauseMs: 50, longestPauseMs: 200, refusedPauseMs: 200, acknowledgeTimeoutMs: 5_000 },
  })
})
afterAll(async () => {
  await gateway?.stop()
  await service?.remove()
  receiver?.stop()
})

interface Order {
  readonly id: string
  readonly state: string
  readonly teamId: string
  readonly detectedAt: string
}
interface OrderDetail extends Order {
  readonly events: readonly { type: string; data: Record<string, unknown> }[]
  readonly plan: { readonly steps: readonly { readonly id: string; readonly minutes: number }[] }
}
interface Notice {
  readonly id: string
  readonly key: string
  readonly state: string
}

test(`killed ${rounds} times between a finding and the closed order: each passenger has one order, each deadline fires once, each notice has one key`, async () => {
  for (let round = 0; round < rounds; round++) {
    const deviceId = `trapped-${round}`
    await shutIn(deviceId)
    const acting = isLeft(round)
      ? eventually('there is an order', () => firstOrder(deviceId), toldWithinMs)
      : act(deviceId)
    await delay(Math.random() * 2 * secondMs)
    await service.kill()
    service = await service.restart()
    await Promise.race([acting, service.died])
    if (isLong && round % 20 === 19) console.log(`${round + 1} of ${rounds}`)
  }
  await gateway.drained()

  for (let round = 0; round < rounds; round++) {
    const deviceId = `trapped-${round}`
    expect(await service.list(`/incidents?${of(deviceId)}`), deviceId).toHaveLength(1)
    const order = await theOnlyOrder(deviceId)
    if (isLeft(round)) {
      await expectDeadlinesFiredOnce(order)
      continue
    }
    expect(order).toMatchObject({ state: 'closed' })
    const found = await detail(order)
    const states = found.events.filter(({ type }) => (orderStates as readonly string[]).includes(type))
    expect(
      states.map(({ type }) => type),
      deviceId,
    ).toEqual(['raised', 'accepted', 'arrived', 'restored', 'closed'])
    // where the next start takes longer than a minute, nobody could answer in time
    expectOnceEach(missedSteps(found))
    await expectOneKeyEach(order, ['duty raised', `${states[0]?.data.teamId} raised`])
  }
  await expectChainsWhole()
}, 10_800_000)

test(`down over a deadline, ${trials} times: it fires once, at the start`, async () => {
  for (let trial = 0; trial < trials; trial++) {
    const deviceId = `overdue-${trial}`
    await shutIn(deviceId)
    const order = await eventually('there is an order', () => firstOrder(deviceId))
    await told(order, 'duty raised')
    await (isLong ? downOver(Date.parse(order.detectedAt) + minuteMs) : downOverMoved(order))
    const startedAt = Date.now()
    await told(order, 'duty escalated acknowledged')
    await told(order, 'boss escalated acknowledged')
    console.log(`down over a deadline: told ${Date.now() - startedAt} ms after the start`)

    await service.kill()
    service = await service.restart()
    await act(deviceId)
    const missed = missedSteps(await detail(order))
    expect(missed).toContain('duty-room-acknowledges')
    expectOnceEach(missed)
    await theOnlyOrder(deviceId)
    await expectOneKeyEach(order, ['duty escalated acknowledged', 'boss escalated acknowledged'])
  }
  await expectChainsWhole()
}, 1_200_000)

/** Somebody in a car that has stood between two floors for 40 s. */
async function shutIn(deviceId: string): Promise<void> {
  const standing = { carSpeedMps: 0, doorState: 'closed', doorZone: false, passengerPresent: true, mode: 'normal' }
  const end = Date.now()
  for (const seconds of [40, 20, 0]) {
    await gateway.record(deviceId, { at: end - seconds * secondMs, values: { ...standing, floor: 7 } })
  }
}

async function letOut(deviceId: string): Promise<void> {
  await gateway.record(deviceId, { at: Date.now(), values: { doorState: 'open', doorZone: true } })
}

/** What people do when they are told; whoever gets no answer presses again, which counts once. */
async function act(deviceId: string): Promise<void> {
  const order = await eventually('there is an order', () => firstOrder(deviceId), toldWithinMs)
  await told(order, 'duty raised')
  await told(order, `${order.teamId} raised`)
  await press(order, 'accept', { technicianId: 'wang', teamId: order.teamId })
  await press(order, 'arrive')
  await letOut(deviceId)
  await press(order, 'restore')
  await press(order, 'close', { outcome: 'repaired', causeClass: 'equipment' })
}

function press({ id }: Order, action: string, said: object = {}): Promise<object> {
  const headers = { 'idempotency-key': action }
  return eventually(
    `${action} is answered`,
    () => service.api('POST', `/work-orders/${id}/${action}`, said, headers),
    toldWithinMs,
  )
}

async function firstOrder(deviceId: string): Promise<Order | undefined> {
  return (await ordersOf(deviceId))[0]
}

async function theOnlyOrder(deviceId: string): Promise<Order> {
  const orders = await ordersOf(deviceId)
  expect(orders, deviceId).toHaveLength(1)
  return orders[0] as Order
}

function ordersOf(deviceId: string): Promise<Order[]> {
  return service.list<Order>(`/work-orders?${of(deviceId)}`)
}

function of(deviceId: string): string {
  return `deviceId=${deviceId}&finding=${encodeURIComponent('elevator/entrapment')}`
}

function detail({ id }: Order): Promise<OrderDetail> {
  return service.api<OrderDetail>('GET', `/work-orders/${id}`)
}

function reached({ id }: Order): Received[] {
  return receiver.received.filter(({ orderId }) => orderId === id)
}

function told(order: Order, occasion: string): Promise<boolean> {
  return eventually(`${occasion} came`, async () => keysByOccasion(reached(order)).has(occasion), toldWithinMs)
}

/** Whoever had to be told was, every repeat came under its first key, and nothing came that stands in no outbox. */
async function expectOneKeyEach(order: Order, occasions: readonly string[]): Promise<void> {
  const keys = keysByOccasion(reached(order))
  expect([...keys.keys()]).toEqual(expect.arrayContaining([...occasions]))
  for (const [occasion, { size }] of keys) expect(size, `${order.id} ${occasion}`).toBe(1)
  await expectAllCame(order)
}

async function expectAllCame(order: Order): Promise<void> {
  const notices = await service.list<Notice>(`/notices?orderId=${order.id}`)
  expect(new Set(notices.map(({ key }) => key))).toEqual(new Set(reached(order).map(({ key }) => key)))
  expect(notices.filter(({ state }) => state === 'dead')).toEqual([])
  expect(receiver.refused).toEqual([])
}

/** Of an order that nobody has answered: each step that was due has fired, once, and those whom it names were told; nothing else has. */
async function expectDeadlinesFiredOnce(order: Order): Promise<void> {
  const due = ({ plan }: OrderDetail, at: number) =>
    plan.steps.filter(({ minutes }) => Date.parse(order.detectedAt) + minutes * minuteMs <= at).map(({ id }) => id)
  const lookedAt = Date.now()
  const shown = await eventually('what was due has fired', async () => {
    const found = await detail(order)
    return due(found, lookedAt).every((id) => missedSteps(found).includes(id)) && found
  })
  const steps = missedSteps(shown)
  expectOnceEach(steps)
  expect(due(shown, Date.now())).toEqual(expect.arrayContaining(steps))
  const isSent = async () =>
    (await service.list<Notice>(`/notices?orderId=${order.id}`)).every(({ state }) => state !== 'waiting')
  await eventually('all were told', isSent, toldWithinMs)
  await expectAllCame(order)
}

/** The steps of the plan that were missed, as often as they were escalated. */
function missedSteps({ events }: OrderDetail): string[] {
  return events.filter(({ type }) => type === 'escalated').map(({ data }) => String(data.step))
}

function expectOnceEach(steps: readonly string[]): void {
  expect(steps).toEqual([...new Set(steps)])
}

async function expectChainsWhole(): Promise<void> {
  expect(await service.api('GET', '/verify')).toMatchObject({ ok: true, breaks: [] })
}

/** In real time: ended within 10 s of the deadline, by a signal or without one, and back 1 to 20 s later. */
async function downOver(dueAt: number): Promise<void> {
  const endAt = dueAt + (Math.random() * 2 - 1) * 10 * secondMs
  await delay(Math.max(0, endAt - Date.now()))
  if (Math.random() < 0.5) await service.kill()
  else await service.stop()
  await delay((1 + Math.random() * 19) * secondMs)
  service = await service.restart()
}

/** The same within seconds: while it is down, the deadline comes to it. */
async function downOverMoved({ id }: Order): Promise<void> {
  await service.kill()
  const dueAt = Date.now() + secondMs
  await moveDeadline(service, { orderId: id, stepId: 'duty-room-acknowledges', dueAt })
  await delay(dueAt + secondMs - Date.now())
  service = await service.restart()
}
