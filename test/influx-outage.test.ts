import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { describeWithEngine } from './engines/describe.ts'
import { type RunningInfluxd, startInfluxd } from './engines/influxd.ts'
import { createJudge, figures, type Judge, oneOrderEach } from './judge.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'

const outageMs = process.env.LIFTWATT_TEST_LONG === undefined ? 15_000 : 120_000

let influxd: RunningInfluxd | undefined
let service: ServiceUnderTest | undefined
let judge: Judge | undefined
afterEach(async () => {
  await judge?.stop()
  await service?.remove()
  await influxd?.remove()
})

await describeWithEngine('influxd', 'InfluxDB is away under load', () => {
  test(`${outageMs / 1000} s: gateways are acknowledged, orders are raised, and nothing is missing afterwards`, async () => {
    influxd = await startInfluxd()
    service = await startService({ environment: { INFLUX_URL: influxd.url } })
    judge = await createJudge(service, 20)
    const load = judge.load(10)
    const before = await judge.faultEpisode()
    await eventually('an order while all is well', orderFor(service, before))

    await influxd.stop()
    const stoppedAt = performance.now()
    const acknowledgedBefore = judge.acknowledged()
    const during = await judge.faultEpisode()
    await eventually('an order while InfluxDB is away', orderFor(service, during))
    const orderAfterMs = performance.now() - stoppedAt

    // killed in the outage, the service starts without its history, too
    await service.kill()
    service = await service.restart()
    const afterRestart = await judge.faultEpisode()
    await eventually('an order after a restart in the outage', orderFor(service, afterRestart))
    await delay(Math.max(0, outageMs - (performance.now() - stoppedAt)))
    const acknowledgedMeanwhile = judge.acknowledged() - acknowledgedBefore
    // however lately it was started: a history that has not answered since the start is no hiccup
    expect((await fetch(`${service.httpUrl}/readyz`)).status).toBe(503)
    await expect(service.api('GET', '/devices/meter-0/readings')).rejects.toThrow('503')

    await influxd.start()
    const startedAt = performance.now()
    await load.stop()
    await judge.drained()
    const verdict = await judge.verdict(service)
    const caughtUpMs = performance.now() - startedAt
    const slowest = { 'order in the outage after': orderAfterMs, 'all stored after': caughtUpMs }
    console.log(figures(`InfluxDB away for ${outageMs / 1000} s`, verdict, slowest))
    expect(verdict).toMatchObject({ ...oneOrderEach, episodes: 3 })
    expect(acknowledgedMeanwhile).toBeGreaterThan(outageMs / 50) // a tenth of what a machine at rest publishes
  }, 600_000)
})

function orderFor(service: ServiceUnderTest, deviceId: string) {
  return async () => (await service.list(`/work-orders?deviceId=${deviceId}`)).length > 0
}
