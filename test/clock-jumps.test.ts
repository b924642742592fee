import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minuteMs, secondMs } from '../core/clock.ts'
import { createGateway, type Gateway } from '../simulators/gateway.ts'
import { describeWithEngine } from './engines/describe.ts'
import { type FakedClock, fakeClock } from './engines/faketime.ts'
import { moveDeadline } from './move-deadline.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'

/** Long enough that all which a jump could set off has been set off: the worker looks every second. */
const patienceMs = 4 * secondMs

await describeWithEngine('faketime', 'the whole service, PostgreSQL too, under a clock that is set', () => {
  let clock: FakedClock
  let service: ServiceUnderTest
  let gateway: Gateway

  beforeAll(async () => {
    clock = await fakeClock()
    service = await startService({ environment: clock.environment })
    const { password } = await service.api<{ password: string }>('POST', '/gateways', {
      ...{ id: 'gw-1', autoRegister: 'elevator' },
    })
    gateway = await createGateway({
      ...{ url: `mqtt://127.0.0.1:${service.mqttPort}`, gatewayId: 'gw-1', password },
      settings: { firstPauseMs: 50, longestPauseMs: 200, refusedPauseMs: 200, acknowledgeTimeoutMs: 5_000 },
    })
  })
  afterAll(async () => {
    await gateway?.stop()
    await service?.remove()
    clock?.remove()
  })

  test('an hour ahead and two back: no deadline fires early, none twice, and each in its time', async () => {
    const order = await trapped('elv-1')
    expect(await missed(order)).toEqual([])

    clock.set('+1h')
    await eventually('the service sees that its clock was set', async () => clockText(/set 3\d\d\d s ahead/))
    await delay(patienceMs)
    expect(await missed(order)).toEqual([])
    await firesInTime(order, 'duty-room-acknowledges')

    clock.set('-2h')
    await eventually('the service sees that its clock was set', async () => clockText(/set \d+ s back/))
    await delay(patienceMs)
    expect(await missed(order)).toEqual(['duty-room-acknowledges'])
    await firesInTime(order, 'crew-accepts')

    clock.set('+0')
    await delay(patienceMs)
    expect((await missed(order)).toSorted()).toEqual(['crew-accepts', 'duty-room-acknowledges'])
  })

  test('an order that is raised meanwhile has its 30 minutes', async () => {
    clock.set('-2h')
    await eventually('the service sees that its clock was set', async () => clockText(/set \d+ s back/))
    const raisedFrom = Date.now()
    const order = await trapped('elv-2')
    const { detectedAt, arriveBy } = await service.api<{ detectedAt: string; arriveBy: string }>(
      'GET',
      `/work-orders/${order}`,
    )
    expect(Date.parse(arriveBy) - Date.parse(detectedAt)).toBe(30 * minuteMs)
    expect(Math.abs(Date.parse(detectedAt) - raisedFrom)).toBeLessThan(minuteMs)
    expect(await missed(order)).toEqual([])
  })

  test('started again with a clock behind what it wrote, it says that deadlines are late', async () => {
    clock.set('-2h')
    for (const _ of ['once', 'and by a supervisor that saw the first one unready']) {
      await service.kill()
      service = await service.restart()
      expect(await clockText(/is 7\d\d\d s behind what Liftwatt wrote before this start/)).toBe(true)
    }
  })

  /** Somebody in a car that has stood between two floors for 40 s. Answers the order's id, long before its first deadline. */
  async function trapped(deviceId: string): Promise<string> {
    const standing = { carSpeedMps: 0, doorState: 'closed', doorZone: false, passengerPresent: true, mode: 'normal' }
    const end = Date.now()
    for (const seconds of [40, 20, 0]) {
      await gateway.record(deviceId, { at: end - seconds * secondMs, values: { ...standing, floor: 7 } })
    }
    const list = `/work-orders?deviceId=${deviceId}&finding=${encodeURIComponent('elevator/entrapment')}`
    const { id } = await eventually('there is an order', async () => (await service.list<{ id: string }>(list))[0])
    const inAnHour = Date.now() + 60 * minuteMs
    for (const stepId of ['duty-room-acknowledges', 'passenger-is-told']) {
      await moveDeadline(service, { orderId: id, stepId, dueAt: inAnHour })
    }
    return id
  }

  async function firesInTime(orderId: string, stepId: string): Promise<void> {
    const dueAt = Date.now() + 2 * secondMs
    await moveDeadline(service, { orderId, stepId, dueAt })
    const at = await eventually(`${stepId} was fired`, async () => firedAt(orderId, stepId))
    expect(at).toBeGreaterThanOrEqual(dueAt)
    console.log(`${stepId} was fired ${at - dueAt} ms after it was due`)
  }

  async function escalations(orderId: string) {
    const { events } = await service.api<{ events: { type: string; at: string; data: { step?: string } }[] }>(
      'GET',
      `/work-orders/${orderId}`,
    )
    return events.filter(({ type }) => type === 'escalated')
  }

  async function missed(orderId: string): Promise<unknown[]> {
    return (await escalations(orderId)).map(({ data }) => data.step)
  }

  async function firedAt(orderId: string, stepId: string): Promise<number | undefined> {
    const event = (await escalations(orderId)).find(({ data }) => data.step === stepId)
    return event && Date.parse(event.at)
  }

  async function clockText(pattern: RegExp): Promise<boolean> {
    const text = await (await fetch(`${service.httpUrl}/readyz`)).text()
    return pattern.test(text)
  }
})
