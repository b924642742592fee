import { afterAll, beforeAll, expect, test } from 'vitest'
import { telemetryTopic } from '../core/topic.ts'
import { describeWithEngine } from './engines/describe.ts'
import { type RunningInfluxd, startInfluxd } from './engines/influxd.ts'
import { hostileTexts } from './hostile-texts.ts'
import { caughtUp } from './judge.ts'
import { addGateway, logIn, publishOnce } from './raw-mqtt.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'

await describeWithEngine('influxd', 'attacks, with the history in InfluxDB', () => {
  let influxd: RunningInfluxd
  let service: ServiceUnderTest
  beforeAll(async () => {
    influxd = await startInfluxd()
    service = await startService({ environment: { INFLUX_URL: influxd.url } })
  })
  afterAll(async () => {
    await service?.remove()
    await influxd?.remove()
  })

  test('A29: a hostile text in a metric is stored to the letter, and its neighbours are as they were', async () => {
    const texts = hostileTexts.filter(({ length }) => length <= 16)
    const client = await logIn(service, await addGateway(service, 'elevators', 'elevator'))
    const begin = Date.now() - 60_000
    const send = (number: number, faultCode: string) =>
      publishOnce(
        client,
        telemetryTopic('elevators', 'codes'),
        JSON.stringify({ at: begin + number, values: { faultCode, floor: number } }),
      )
    await publishOnce(
      client,
      telemetryTopic('elevators', 'neighbour'),
      JSON.stringify({ at: begin, values: { floor: 7 } }),
    )
    for (const [number, faultCode] of texts.entries()) await send(number, faultCode)
    await eventually('all is stored', () => caughtUp(service))

    const stored = await service.list<{ values: object }>('/devices/codes/readings')
    expect(stored.map(({ values }) => values)).toEqual(texts.map((faultCode, floor) => ({ faultCode, floor })))
    const neighbour = await service.list('/devices/neighbour/readings')
    expect(neighbour).toEqual([{ at: new Date(begin).toISOString(), values: { floor: 7 } }])
    client.leave()
  })
})
