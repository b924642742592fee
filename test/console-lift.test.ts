import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { qrPath } from '../console/shared/qr-code.ts'
import { dayMs } from '../core/clock.ts'
import { createOrderLinks, loadLinkKey } from '../workorders/notices/order-link.ts'
import { collectErrors, picture, prefer, seriousFaults, startBrowser } from './browser.ts'
import { describeWithEngine } from './engines/describe.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'

/* The page behind the code in a lift, for a passenger and for the crew that comes, in a real browser against the real service. */

/** A telephone of long ago. */
const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true } as const
const withinMs = 60_000

interface Label {
  readonly deviceId: string
  readonly url: string
}
interface Order {
  readonly id: string
  readonly deviceId: string
  readonly finding: string
  readonly state: string
  readonly reportedBy: Readonly<Record<string, string>> | null
  readonly events: readonly { readonly data: { readonly of?: string; readonly by?: string } }[]
}

let service: ServiceUnderTest
let browser: Browser
let labels: readonly Label[] = []

const ordersOf = (deviceId: string) => service.list<Order>(`/work-orders?deviceId=${deviceId}`)
const urlOf = (deviceId: string) => labels.find((label) => label.deviceId === deviceId)?.url ?? ''

async function open(page: Page, url: string): Promise<Page> {
  page.setDefaultTimeout(withinMs)
  await page.goto(url)
  return page
}

await describeWithEngine('chromium', 'the code in a lift', () => {
  beforeAll(async () => {
    ;[service, browser] = await Promise.all([startService(), startBrowser()])
    const contacts = [{ role: 'emergency', name: '应急', phone: '0571-96333' }]
    await service.api('POST', '/sites', { id: 'dy', type: 'estate', name: '西湖区翠苑街道东苑小区', contacts })
    await service.api('POST', '/sites', { id: 'dy-12', type: 'building', name: '12 幢', parentId: 'dy' })
    await service.api('POST', '/gateways', { id: 'gw-7' })
    await service.api('POST', '/teams', { id: 'crew-west', type: 'crew', name: '西区抢修班' })
    for (const [id, name] of [
      ['elv-1', '1 号梯'],
      ['elv-2', '2 号梯'],
    ]) {
      await service.api('POST', '/devices', { id, name, kind: 'elevator', gatewayId: 'gw-7', siteId: 'dy-12' })
    }
    labels = await service.list<Label>('/labels')
  })
  afterAll(async () => {
    await browser?.close()
    await service?.remove()
  })

  test('a passenger who is shut in calls for help by one button, on a telephone without script', async () => {
    const context = await browser.newContext({ ...phone, locale: 'zh-CN', javaScriptEnabled: false })
    const page = await open(await context.newPage(), urlOf('elv-1'))
    expect(await page.locator('h1').innerText()).toBe('1 号梯')
    expect(await page.locator('.tel:visible').getAttribute('href')).toBe('tel:057196333')
    await page.locator('#trapped-phone').fill('138 0000 0000')
    await page.locator('.trapped button').click()
    expect(await page.locator('[role=status]').innerText()).toContain('您的报告已记录')
    expect(await page.locator('main').innerText()).toContain('尚无人应答')
    expect(await ordersOf('elv-1')).toMatchObject([
      { finding: 'manual/entrapment', reportedBy: { phone: '138 0000 0000' } },
    ])
    await context.close()
  })

  test('somebody who hears a noise says so in English, and nothing on the page is hard to read or to reach', async () => {
    const context = await browser.newContext({ ...phone, locale: 'en-GB' })
    const page = await open(await context.newPage(), urlOf('elv-2'))
    const errors = collectErrors(page)
    expect(await seriousFaults(page)).toEqual([])
    await picture(page, 'lift-public-en')
    await page.locator('a:has-text("中文")').click()
    await picture(page, 'lift-public-zh')
    await page.locator('a:has-text("English")').click()
    await page.locator('label:has-text("Noise")').click()
    await page.locator('#words').fill('<b>it squeals</b>')
    await page.locator('button:has-text("Send")').click()
    expect(await page.locator('[role=status]').innerText()).toContain('your report is recorded')
    // nobody is told of what was there when the page came: it has the focus
    expect(await page.evaluate('document.activeElement.role')).toBe('status')
    expect((await ordersOf('elv-2'))[0]?.reportedBy).toEqual({ words: '<b>it squeals</b>' })
    expect(await page.locator('#crew').isVisible()).toBe(false)
    expect(errors).toEqual([])
    await context.close()
  })

  test('the crew that comes scans it, and is on site by a tap that the record can tell from one by hand', async () => {
    const [order] = await ordersOf('elv-1')
    const id = order?.id ?? ''
    await service.api('POST', `/work-orders/${id}/reassign`, { teamId: 'crew-west' }).catch(() => {}) // it may be theirs
    const links = createOrderLinks({ key: loadLinkKey(service.directory), publicUrl: service.httpUrl })
    const claim = {
      orderId: id,
      scope: 'crew',
      name: '张伟',
      teamId: 'crew-west',
      expiresAt: Date.now() + dayMs,
    } as const
    const context = await browser.newContext({ ...phone, locale: 'zh-CN' })
    const page = await open(await context.newPage(), `${service.httpUrl}/o/${links.sign(claim)}`)
    await page.locator('button.crew-main:has-text("接 单")').click()
    await eventually('accepted', async () => (await ordersOf('elv-1'))[0]?.state === 'accepted')
    await page.waitForSelector('button.crew-main:has-text("已到场")')

    await page.goto(urlOf('elv-1'))
    await page.locator('#crew a').click()
    await page.waitForSelector('.crew-undo')
    await page.close({ runBeforeUnload: true }) // the phone goes into the pocket
    const beside = await eventually('arrived, and how', async () => {
      const { events } = await service.api<Order>('GET', `/work-orders/${id}`)
      return events.find(({ data }) => data.of === 'arrive')
    })
    expect(beside.data.by).toBe('code')
    expect((await ordersOf('elv-1'))[0]?.state).toBe('arrived')
    await context.close()
  })

  test('an operator prints a label for each lift, with the code of its page', async () => {
    await service.api('POST', '/accounts', {
      id: 'op',
      name: 'op',
      memberships: [{ role: 'operator', scope: { sites: [] } }],
    })
    const { url } = await service.api<{ url: string }>('POST', '/accounts/op/invitation')
    const body = new URLSearchParams({ password: 'three trees and a river', again: 'three trees and a river' })
    await fetch(service.httpUrl + new URL(url).pathname, { method: 'POST', body })
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'zh-CN' })
    await prefer(context, 'zh-CN')
    const signedIn = await context.request.post(`${service.httpUrl}/api/v1/sign-in`, {
      data: { id: 'op', password: 'three trees and a river' },
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect(signedIn.ok()).toBe(true)
    const page = await open(await context.newPage(), `${service.httpUrl}/console/labels`)
    await page.waitForSelector('.label')
    const paths = await page.locator('.label svg path').evaluateAll((all) => all.map((one) => one.getAttribute('d')))
    expect(paths).toEqual(['elv-1', 'elv-2'].map((id) => qrPath(urlOf(id)).path))
    expect(await seriousFaults(page)).toEqual([])
    await picture(page, 'labels-zh')
    await page.locator('input[type=search]').fill('2 号')
    await expect.poll(() => page.locator('.label-number').allInnerTexts()).toEqual(['elv-2'])
    await context.close()
  })
})
