import { connectAsync } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hourMs } from '../core/clock.ts'
import { collectErrors, picture, prefer, seriousFaults, startBrowser, takesPictures } from './browser.ts'
import { describeWithEngine } from './engines/describe.ts'
import { type ServiceUnderTest, startService } from './service.ts'
import { goodPassword } from './test-api.ts'

/*
 * An installer of one building in a real browser: signs in, adds a gateway with its device, sends what is wrong by MQTT and reads what
 * to do about it, sends what is right and sees the light turn green.
 */

const phone = { width: 390, height: 844 }
const desk = { width: 1440, height: 900 }
const withinMs = 60_000
const markup = '<img src=x onerror="document.title=1">'

let service: ServiceUnderTest
let browser: Browser

async function addAccount(id: string, membership: object): Promise<void> {
  await service.api('POST', '/accounts', { id, name: id, memberships: [membership] })
  const { url } = await service.api<{ url: string }>('POST', `/accounts/${id}/invitation`)
  const body = new URLSearchParams({ password: goodPassword, again: goodPassword })
  const joined = await fetch(service.httpUrl + new URL(url).pathname, { method: 'POST', body })
  if (!joined.ok) throw new Error(`${joined.status} ${await joined.text()}`)
}

/** Opens a page and signs in on the way to it. */
async function open(path: string, account: string, language: 'zh-CN' | 'en', viewport: typeof phone) {
  const context = await browser.newContext({ viewport, locale: language })
  await prefer(context, language)
  const page = await context.newPage()
  page.setDefaultTimeout(withinMs)
  const errors = collectErrors(page)
  await page.goto(`${service.httpUrl}/console${path}`)
  await page.locator('input[autocomplete=username]').fill(account)
  await page.locator('input[type=password]').fill(goodPassword)
  await page.locator('button[type=submit]').click()
  await page.locator('h1', { hasNotText: 'Liftwatt' }).waitFor()
  return { page, errors }
}

/** One message, and away; a broker that refuses it closes the connection. */
async function send(password: string, topic: string, payload: object | string, gateway = 'gw-7'): Promise<void> {
  const login = { clientId: gateway, username: gateway, password, reconnectPeriod: 0 }
  const client = await connectAsync({ host: '127.0.0.1', port: service.mqttPort, ...login })
  client.on('error', () => {})
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const isClosed = new Promise<void>((resolve) => client.once('close', resolve))
  // of one that is refused, the library says nothing
  await Promise.race([client.publishAsync(topic, text, { qos: 1 }), isClosed]).catch(() => {})
  await client.endAsync(true)
}

/** From a site to the green light, as the pages of the documentation show it. */
async function showFirstMessage(page: Page): Promise<void> {
  await page.locator('.choice').click()
  await page.getByLabel('Device id', { exact: true }).fill('elv-43')
  await page.getByLabel('Gateway id', { exact: true }).fill('gw-43')
  await page.getByRole('button', { name: 'Add gateway and device' }).click()
  const password = await page.locator('.credential code').nth(2).innerText()
  await says(page, 'Waiting for gw-43…')
  const topic = 'liftwatt/v1/gw-43/elv-43/telemetry'
  await send(password, topic, { at: Date.now() + 8 * hourMs, values: { motorCelsius: 61.2 } }, 'gw-43')
  await says(page, 'The clock is 8 h ahead.')
  await page.setViewportSize({ width: 1440, height: 1400 })
  await picture(page, 'installer-wrong-en')
  await send(password, topic, { at: Date.now(), values: { motorCelsius: 61.2, floor: 7 } }, 'gw-43')
  await light(page).locator('.values').waitFor()
  await page.getByRole('button', { name: '中文' }).click()
  await picture(page, 'installer-green-zh-CN')
}

const light = (page: Page) => page.locator('.light')
const says = (page: Page, text: string) => light(page).getByText(text).first().waitFor()

await describeWithEngine('chromium', "the installer's pages", () => {
  beforeAll(async () => {
    ;[service, browser] = await Promise.all([startService(), startBrowser()])
    await service.api('POST', '/sites', { id: 'dongyuan', type: 'estate', name: '东苑' })
    await service.api('POST', '/sites', {
      id: 'dy-12',
      type: 'building',
      name: `12 幢 ${markup}`,
      parentId: 'dongyuan',
    })
    await service.api('POST', '/sites', { id: 'dy-13', type: 'building', name: '13 幢', parentId: 'dongyuan' })
    await addAccount('li', { role: 'installer', scope: { sites: ['dy-12'] } })
  })
  afterAll(async () => {
    await browser?.close()
    await service?.remove()
  })

  test('from nothing to a green light, over a wrong topic, a clock that is 8 h ahead and a metric of a wrong name', async () => {
    const { page, errors } = await open('/install', 'li', 'en', desk)
    await page.locator('.choice').waitFor()
    expect(await page.locator('.choice').count()).toBe(1) // the other building is not theirs
    await page.locator('.choice').click()
    await page.getByLabel('Device id', { exact: true }).fill('elv-1')
    await page.getByLabel('Gateway id', { exact: true }).fill('gw-7')
    await page.getByRole('button', { name: 'Add gateway and device' }).click()
    const password = await page.locator('.credential code').nth(2).innerText()
    await says(page, 'Waiting for gw-7…')
    expect(await page.locator('pre').innerText()).toContain(`-P ${password}`)
    expect(await seriousFaults(page)).toEqual([])

    await send(password, `t/gw-7/${markup}`, {})
    await says(page, `The topic is t/gw-7/${markup}.`)
    await says(page, 'Publish to liftwatt/v1/gw-7/elv-1/telemetry')

    const topic = 'liftwatt/v1/gw-7/elv-1/telemetry'
    await send(password, topic, { at: Date.now() + 8 * hourMs, values: { motorCelsius: 61.2 } })
    await says(page, 'The clock is 8 h ahead.')
    await send(password, topic, '{"at": 1764000000000 "values": {}}')
    await says(page, 'The payload stops to be JSON at column 22.')
    expect(await light(page).getAttribute('class')).toContain('light-wrong')
    expect(await seriousFaults(page)).toEqual([])

    await send(password, topic, { at: Date.now(), values: { motorCelsius: 61.2, floor: 7, [markup]: 1 } })
    await light(page).locator('.values').waitFor()
    expect(await light(page).getAttribute('class')).toContain('light-green')
    expect((await light(page).locator('.values').innerText()).split(/\s+/)).toEqual(
      expect.arrayContaining(['motorCelsius', '61.2', 'floor', '7']),
    )
    await says(page, `There is no metric ${markup}.`)
    expect(await seriousFaults(page)).toEqual([])
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).not.toBe('1')
    expect(errors).toEqual([])
    await page.context().close()
  })

  test('who looks after many sites finds each of them: by its name, or page by page', async () => {
    await service.api('POST', '/sites', { id: 'gudang', type: 'estate', name: '古荡新村' })
    const buildings = Array.from({ length: 43 }, (_, index) => index + 1)
    for (const number of buildings) {
      const site = { id: `gd-${number}`, type: 'building', name: `${number} 幢`, parentId: 'gudang' }
      await service.api('POST', '/sites', site)
    }
    await addAccount('zhou', { role: 'installer', scope: { sites: ['gudang'] } })
    const { page, errors } = await open('/install', 'zhou', 'en', desk)
    const shown = page.locator('.choice')
    await expect.poll(() => shown.count()).toBe(20)
    const more = page.getByRole('button', { name: 'show more' })
    await more.click()
    await expect.poll(() => shown.count()).toBe(40)
    await more.click()
    await expect.poll(() => shown.count()).toBe(44)
    await more.waitFor({ state: 'detached' })
    expect(await seriousFaults(page)).toEqual([])
    await page.getByLabel('Search by name, id or address').fill('gd-43')
    await expect.poll(() => shown.allInnerTexts()).toEqual([expect.stringContaining('43 幢')])
    if (takesPictures) await showFirstMessage(page)
    expect(errors).toEqual([])
    await page.context().close()
  })

  test('on a phone, in Chinese: the gateway is known again, a new password is asked about first and shown, and the old one is not kept', async () => {
    const { page, errors } = await open('/install?gateway=gw-7&device=elv-1', 'li', 'zh-CN', phone)
    await light(page).waitFor()
    expect(await light(page).locator('.values').count()).toBe(0) // what came before is no first message of now
    await page.getByText('PASSWORD', { exact: false }).first().waitFor()
    await page.getByRole('button', { name: '更换密码…' }).click()
    await page.getByRole('button', { name: '生成新密码' }).click()
    const password = await page.locator('.credential code').nth(2).innerText()
    await send(password, 'liftwatt/v1/gw-7/elv-1/telemetry', { at: Date.now(), values: { motorCelsius: 61.2 } })
    await says(page, '电机温度 61.2 °C')
    expect(await seriousFaults(page)).toEqual([])
    // nothing is wider than the phone
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(phone.width)

    // another box can be told neither our topic nor our words
    await send(password, 'acme/up', { P: 61.2 })
    await says(page, '主题为 acme/up，不正确。')
    await page.getByRole('button', { name: '网关无法更改' }).click()
    await page.locator('.tried li', { hasText: 'acme/up' }).getByRole('button', { name: '以此新建规则' }).click()
    await page.getByLabel('设备编号', { exact: true }).last().fill('elv-1')
    await page.getByLabel('指标', { exact: true }).fill('motorCelsius')
    await page.getByText('得到 1 条读数').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(phone.width)
    expect(await seriousFaults(page)).toEqual([])
    await page.getByLabel('原因（随版本保存）').fill('电表厂家格式')
    await page.getByRole('button', { name: '保存并生效' }).click()
    await page.getByText('第 1 版').waitFor()
    await expect
      .poll(async () => {
        await send(password, 'acme/up', { P: 58.5 })
        return (await service.api<{ last: { values: object } }>('GET', '/devices/elv-1')).last.values
      })
      .toMatchObject({ motorCelsius: 58.5 })
    expect(await service.list('/audit?action=gateway-mapped')).toMatchObject([{ actor: 'li', subject: 'gw-7' }])

    await page.getByRole('button', { name: '吊销…' }).click()
    const revoke = page.getByRole('dialog').getByRole('button', { name: '吊销', exact: true })
    expect(await revoke.isDisabled()).toBe(true)
    await page.getByRole('dialog').getByRole('textbox').fill('gw-7')
    await revoke.click()
    await page.getByText('该网关已永久吊销').waitFor()
    await expect(send(password, 'x', {})).rejects.toThrow()
    expect(errors).toEqual([])
    await page.context().close()
  })
})
