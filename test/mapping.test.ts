import { connectAsync, type MqttClient } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectErrors, picture, prefer, seriousFaults, startBrowser } from './browser.ts'
import { describeWithEngine } from './engines/describe.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'
import { goodPassword } from './test-api.ts'

/* From outside: a gateway that knows neither our topics nor our words, by MQTT, to an order. */

const mapping = {
  rules: [
    {
      ...{ topic: 'zigbee2mqtt/{device}', time: { path: '$.last_seen', format: 'epoch-ms' } },
      metrics: { terminalCelsius: { path: '$.temperature' }, watts: { path: '$.power_kw', scale: 1_000 } },
    },
  ],
  ignore: ['zigbee2mqtt/bridge/+'],
  devices: { 'Garden 7, room 3': 'meter-3' },
}

let service: ServiceUnderTest
let password: string
let client: MqttClient | undefined

beforeAll(async () => {
  service = await startService()
  ;({ password } = await service.api<{ password: string }>('POST', '/gateways', { id: 'gw-1' }))
  await service.api('POST', '/devices', { id: 'meter-3', kind: 'electricity-meter', gatewayId: 'gw-1' })
})
afterAll(async () => {
  await client?.endAsync(true)
  await service?.remove()
})

async function connected(): Promise<MqttClient> {
  client = await connectAsync(`mqtt://127.0.0.1:${service.mqttPort}`, {
    ...{ clientId: 'gw-1', username: 'gw-1', password, reconnectPeriod: 0 },
  })
  return client.on('error', () => {})
}

const topic = 'zigbee2mqtt/Garden 7, room 3'
const said = (at: number, temperature: number) =>
  JSON.stringify({ last_seen: at, temperature, power_kw: '1.25', linkquality: 120 })

test('refused at first, tried on what was refused, then mapped: two hot readings in foreign words are one order', async () => {
  const stranger = await connected()
  const cut = new Promise<void>((resolve) => stranger.once('close', () => resolve()))
  stranger.publish(topic, said(Date.now(), 21), { qos: 1 })
  await cut

  const { items: tried } = await service.api<{ items: object[] }>('POST', '/gateways/gw-1/mapping/try', { mapping })
  expect(tried).toMatchObject([
    { source: 'refused', topic, readings: [{ deviceId: 'meter-3', values: { watts: 1_250, terminalCelsius: 21 } }] },
  ])
  await service.api('PUT', '/gateways/gw-1/mapping', { mapping, version: 0, reason: 'It speaks zigbee2mqtt' })

  const gateway = await connected()
  const now = Date.now()
  await gateway.publishAsync('zigbee2mqtt/bridge/state', '{"state": "online"}', { qos: 1, retain: true })
  for (const [secondsAgo, celsius] of [
    [20, 91],
    [10, 92],
  ] as const) {
    await gateway.publishAsync(topic, said(now - secondsAgo * 1_000, celsius), { qos: 1 })
  }
  await gateway.publishAsync(topic, '{"battery": 7}', { qos: 1 })

  const [order] = await eventually('there is an order', async () => {
    const orders = await service.list<{ deviceId: string; finding: string }>('/work-orders?deviceId=meter-3')
    return orders.length > 0 ? orders : undefined
  })
  expect(order).toMatchObject({ deviceId: 'meter-3', finding: 'electricity-meter/terminal-over-temperature' })
  await expect
    .poll(() => service.list('/devices?lastHeard=true'), { timeout: 30_000 })
    .toMatchObject([{ id: 'meter-3', lastHeardAt: new Date(now - 10_000).toISOString() }])

  const quarantined = await eventually('what does not map is in quarantine', async () => {
    const items = await service.list<object>('/quarantine?gatewayId=gw-1')
    return items.length > 0 ? items : undefined
  })
  expect(quarantined).toMatchObject([{ topic, reason: 'not-mapped', deviceId: '' }])
})

await describeWithEngine('chromium', 'the mapping editor', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser?.close())

  test.each([
    ['en', { width: 1920, height: 1080 }],
    ['zh-CN', { width: 390, height: 844 }],
  ] as const)(
    'an operator sees what the gateway says, maps it and puts it in force, in %s',
    async (language, viewport) => {
      const id = `gw-${viewport.width}`
      await service.api('POST', '/gateways', { id, autoRegister: 'electricity-meter' })
      await operator(`operator-${viewport.width}`)
      const context = await browser.newContext({ viewport, locale: language })
      await prefer(context, language)
      const page = await context.newPage()
      const errors = collectErrors(page)
      await signIn(page, `/operate?view=gateways&gateway=${id}&mapping=${id}`, `operator-${viewport.width}`)

      const editor = page.locator('.mapping')
      await editor.locator('section input').fill('acme/up')
      await editor
        .locator('section textarea')
        .fill(JSON.stringify({ t: Math.round(Date.now() / 1_000), sn: 'meter-9', P: '1.25', ok: true }))
      await editor.locator('.tried button').first().click()
      await editor.locator('fieldset').waitFor()
      await editor.locator('fieldset select').first().selectOption('path')
      await editor.locator('fieldset .fact-fields input').first().fill('$.sn')
      const metric = editor.locator('.metric', { has: page.locator('input') }).nth(2)
      await metric.locator('input').nth(1).fill('watts')
      await metric.locator('input').nth(2).fill('1000')
      await editor.locator('.made', { hasText: '1250' }).waitFor()
      expect(await seriousFaults(page)).toEqual([])
      await picture(page, `mapping-${language}`)

      await editor.locator('form input').fill('It cannot be told our topic')
      await editor.locator('form button[type=submit]').click()
      await page.locator('summary', { hasText: language === 'en' ? 'Version 1' : '第 1 版' }).waitFor()
      const saved = await service.api<{ mapping: object }>('GET', `/gateways/${id}/mapping`)
      expect(saved.mapping).toEqual({
        rules: [
          {
            ...{ topic: 'acme/up', device: { path: '$.sn' }, time: 'receipt' },
            metrics: { watts: { path: '$.P', as: 'number', scale: 1_000 } },
          },
        ],
      })
      expect(errors).toEqual([])
      await context.close()
    },
  )
})

async function operator(id: string): Promise<void> {
  await service.api('POST', '/accounts', { id, name: id, memberships: [{ role: 'operator', scope: { sites: [] } }] })
  const { url } = await service.api<{ url: string }>('POST', `/accounts/${id}/invitation`)
  const body = new URLSearchParams({ password: goodPassword, again: goodPassword })
  await fetch(service.httpUrl + new URL(url).pathname, { method: 'POST', body })
}

async function signIn(page: Page, path: string, id: string): Promise<void> {
  await page.goto(`${service.httpUrl}/console${path}`)
  await page.locator('input[autocomplete=username]').fill(id)
  await page.locator('input[type=password]').fill(goodPassword)
  await page.locator('button[type=submit]').click()
}
