import { readFile } from 'node:fs/promises'
import { connectAsync } from 'mqtt'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from '../core/clock.ts'
import { collectErrors, picture, prefer, seriousFaults, startBrowser } from './browser.ts'
import { describeWithEngine } from './engines/describe.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'
import { goodPassword, ofOurPages } from './test-api.ts'

/*
 * The page of a device in a real browser, on the real service: a day of readings with three hours in which nothing came, and a motor that has just
 * become too hot.
 */

const withinMs = 60_000
const hostileName = '<img src=x onerror="document.title=1"> 电梯 A'
/** In which its gateway was silent, hours ago. */
const silence = { from: 10, to: 7 }

let service: ServiceUnderTest
let browser: Browser
let cookies: Awaited<ReturnType<BrowserContext['cookies']>>

const spoken = {
  'zh-CN': { motor: '电机温度', urgent: '电机温度: 紧急 155 °C', tooHot: '曳引机温度过高', noData: /^无数据 .+ 至 / },
  en: { motor: 'Motor', urgent: 'Motor: urgent 155 °C', tooHot: 'Motor too hot', noData: /^No data .+ to / },
} as const
type Language = keyof typeof spoken

interface Context {
  readonly page: Page
  readonly errors: string[]
}

async function open(language: Language, path: string, viewport = { width: 1440, height: 900 }): Promise<Context> {
  const context = await browser.newContext({ viewport, locale: language, acceptDownloads: true })
  await context.addCookies(cookies)
  await prefer(context, language)
  const page = await context.newPage()
  page.setDefaultTimeout(withinMs)
  const errors = collectErrors(page)
  await page.goto(`${service.httpUrl}/console${path}`)
  return { page, errors }
}

const chartOf = (page: Page, name: string) => page.locator(`.chart[aria-label^="${name}:"]`)
const isDrawn = (page: Page, name: string) => chartOf(page, name).locator('canvas').waitFor()

await describeWithEngine('chromium', 'the page of a device in a browser', () => {
  beforeAll(async () => {
    ;[service, browser] = await Promise.all([startService(), startBrowser()])
    await furnish(service)
    await eventually('the motor is found too hot', async () => {
      const { items } = await service.api<{ items: { finding: string }[] }>('GET', '/incidents?deviceId=elv-1')
      return items.some(({ finding }) => finding === 'elevator/motor-over-temperature')
    })
    cookies = await signedIn()
  })
  afterAll(async () => {
    await browser?.close()
    await service?.stop()
    await service?.remove()
  })

  test('from the list, by a part of its place, to what is the matter with it', async () => {
    const { page, errors } = await open('zh-CN', '/devices')
    await page.getByRole('searchbox').fill('东苑 12幢')
    await page.locator('.device-row').filter({ hasText: '电梯 A' }).click()
    await page.getByRole('heading', { level: 1, name: hostileName }).waitFor()
    await page.locator('.device-state').getByText(spoken['zh-CN'].tooHot).waitFor()
    expect(new URL(page.url()).pathname).toBe('/console/devices/elv-1')
    await isDrawn(page, spoken['zh-CN'].motor)
    await picture(page, 'device-zh')
    expect(await page.title()).toContain(hostileName)
    expect(errors).toEqual([])
    await page.goBack()
    await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('东苑 12幢')

    await page.goto(`${service.httpUrl}/console/devices?state=never`)
    const rows = page.locator('.device-row')
    await rows.filter({ hasText: '电梯 B' }).getByText('从未收到数据 · 登记于').waitFor()
    expect(await rows.count()).toBe(1)
    expect(await seriousFaults(page)).toEqual([])
  })

  test.each(['zh-CN', 'en'] as const)(
    'limits, gaps and findings are on the curves, and nobody is shut out (%s)',
    async (language) => {
      const say = spoken[language]
      const { page, errors } = await open(language, '/devices/elv-1')
      await isDrawn(page, say.motor)
      const label = async () => (await chartOf(page, say.motor).getAttribute('aria-label')) ?? ''
      await expect.poll(label).toContain(say.urgent)
      expect((await label()).split('; ').filter((text) => say.noData.test(text))).toHaveLength(1)
      expect(await seriousFaults(page)).toEqual([])

      await page.locator('.mark').first().click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('heading', { level: 3, name: say.tooHot }).waitFor()
      expect(await seriousFaults(page)).toEqual([])
      expect(errors).toEqual([])
    },
  )

  test('dragging looks closer, a key goes to ninety days, and the address says it', async () => {
    const { page } = await open('en', '/devices/elv-1')
    await isDrawn(page, 'Motor')
    const over = chartOf(page, 'Motor').locator('.u-over')
    const box = await eventually('the chart has a size', async () => (await over.boundingBox()) ?? undefined)
    await page.mouse.move(box.x + box.width * 0.25, box.y + 40)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40, { steps: 5 })
    await page.mouse.up()
    await page.waitForURL(/from=/)
    const { searchParams } = new URL(page.url())
    const length = Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '')
    expect(length / hourMs).toBeCloseTo(6, 0)
    await page.keyboard.press('4')
    await page.waitForURL(/range=90d/)
    await chartOf(page, 'Motor').waitFor()
  })

  test('the table and the file say the same: no data is said, and never 0', async () => {
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * hourMs).toISOString()
    const around = new URLSearchParams({ from: hoursAgo(silence.from + 1), to: hoursAgo(silence.to - 0.5) })
    const { page, errors } = await open('en', `/devices/elv-1?${around}`)
    await isDrawn(page, 'Motor')
    await page.keyboard.press('t')
    await page.getByRole('table').waitFor()
    expect(await page.locator('.row-quiet td').allInnerTexts()).toEqual([expect.stringMatching(spoken.en.noData)])
    expect(await seriousFaults(page)).toEqual([])

    const download = page.waitForEvent('download')
    await page.keyboard.press('c')
    const csv = await readFile(await (await download).path(), 'utf8')
    const [head = '', ...lines] = csv.trimEnd().split('\r\n')
    const column = head.split(',').indexOf('motorCelsius')
    const at = (line: string) => Date.parse(line.split(',')[0] ?? '')
    const ages = lines.map((line) => (Date.now() - at(line)) / hourMs)
    expect(ages.filter((age) => age < silence.from - 0.1 && age > silence.to + 0.1)).toEqual([])
    expect(lines.length).toBeGreaterThan(80)
    expect(lines.every((line) => Number(line.split(',')[column]) > 30)).toBe(true)
    expect(errors).toEqual([])
  })

  test('on a phone nothing is wider than the screen', async () => {
    const { page } = await open('zh-CN', '/devices/elv-1?range=90d', { width: 390, height: 844 })
    await isDrawn(page, spoken['zh-CN'].motor)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    expect(await seriousFaults(page)).toEqual([])
  })

  test('a device that is gone is retired with a reason; its page stays and says so', async () => {
    const { page, errors } = await open('en', '/devices/elv-2')
    await page.getByRole('button', { name: 'Retire this device…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Why').fill('a typing error')
    expect(await seriousFaults(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Retire this device' }).click()
    await page.getByRole('status').filter({ hasText: 'Retired' }).waitFor()
    expect(await page.getByRole('button', { name: 'Retire this device…' }).count()).toBe(0)
    const [{ id }] = (await service.list<{ id: string }>('/devices?retired=true')) as [{ id: string }]
    expect(id).toBe('elv-2')
    expect(errors).toEqual([])

    await page.goto(`${service.httpUrl}/console/devices/nobody`)
    await page.getByText('It is not there any more.').waitFor()
    await page.getByRole('link', { name: 'Devices' }).click()
    await page.locator('.device-row').first().waitFor()
  })
})

async function furnish({ api, mqttPort }: ServiceUnderTest): Promise<void> {
  await api('POST', '/sites', { id: 'dy', type: 'estate', name: '东苑' })
  await api('POST', '/sites', { id: 'dy-12', type: 'building', name: '12 幢', parentId: 'dy' })
  const { password } = await api<{ password: string }>('POST', '/gateways', { id: 'gw-7' })
  const elevator = { kind: 'elevator', gatewayId: 'gw-7', siteId: 'dy-12', facts: { insulationClass: 'F' } }
  await api('POST', '/devices', { ...elevator, id: 'elv-1', name: hostileName })
  await api('POST', '/devices', { ...elevator, id: 'elv-2', name: '电梯 B', siteId: 'dy' })
  const gateway = await connectAsync({
    host: '127.0.0.1',
    port: mqttPort,
    username: 'gw-7',
    password,
    clientId: 'gw-7',
  })
  const readings = day(Date.now())
  for (let from = 0; from < readings.length; from += 400) {
    const payload = JSON.stringify(readings.slice(from, from + 400))
    await gateway.publishAsync('liftwatt/v1/gw-7/elv-1/telemetry', payload, { qos: 1 })
  }
  await gateway.endAsync()
}

/** By the minute, without the hours of silence; then two minutes in which the motor is too hot, every 10 s. */
function day(now: number) {
  const cool = Array.from({ length: 24 * 60 - 3 }, (_, index) => now - 24 * hourMs + (index + 1) * minuteMs)
  const isHeard = (at: number) => now - at > silence.from * hourMs || now - at < silence.to * hourMs
  const reading = (at: number, motorCelsius: number) => {
    const values = { motorCelsius, cabinetCelsius: 31, mode: 'normal', doorState: 'closed', alarmButton: false }
    return { at, values }
  }
  return [
    ...cool.filter(isHeard).map((at, index) => reading(at, 50 + 5 * Math.sin(index / 60))),
    ...Array.from({ length: 12 }, (_, index) => reading(now - (11 - index) * 10 * secondMs, 160)),
  ]
}

async function signedIn() {
  const { url } = await service
    .api<{ url: string }>('POST', '/accounts', {
      ...{ id: 'wang', name: '王工', memberships: [{ role: 'operator', scope: { sites: [] } }] },
    })
    .then(() => service.api<{ url: string }>('POST', '/accounts/wang/invitation'))
  const body = new URLSearchParams({ password: goodPassword, again: goodPassword })
  const joined = await fetch(service.httpUrl + new URL(url).pathname, { method: 'POST', body })
  if (!joined.ok) throw new Error(`${joined.status} ${await joined.text()}`)
  const context = await browser.newContext()
  const answer = await context.request.post(`${service.httpUrl}/api/v1/sign-in`, {
    ...{ data: { id: 'wang', password: goodPassword }, headers: ofOurPages },
  })
  if (!answer.ok()) throw new Error(`${answer.status()} ${await answer.text()}`)
  const found = await context.cookies()
  await context.close()
  return found
}
