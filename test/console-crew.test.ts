import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs, minuteMs } from '../core/clock.ts'
import { createOrderLinks, loadLinkKey } from '../workorders/notices/order-link.ts'
import { collectErrors, looksAlike, picture, prefer, seriousFaults, startBrowser } from './browser.ts'
import { startCuttableLink } from './cuttable-link.ts'
import { describeWithEngine } from './engines/describe.ts'
import { listen } from './said-aloud.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'
import { goodPassword, ofOurPages } from './test-api.ts'

/* The crew's page in a real browser, from the link of a message, against the real service. */

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const

/** Of one step, on a busy machine. */
const withinMs = 60_000

interface Order {
  readonly id: string
  readonly state: string
  readonly teamId: string | null
  readonly technicianId: string | null
  readonly events: readonly {
    readonly type: string
    readonly actor: string
    readonly data: {
      readonly note?: string
      readonly of?: string
      readonly said?: string
      readonly offline?: boolean
      readonly evidence?: string
    }
  }[]
  readonly acceptedAt: string
  readonly causeClass: string | null
  readonly parts: readonly { readonly name: string }[]
}

let service: ServiceUnderTest
let browser: Browser

let devices = 0

/** Somebody is trapped in an elevator of their own: calls about the same one would be one order. */
async function addOrder(): Promise<string> {
  devices += 1
  const deviceId = `elv-${devices}`
  const contacts = [{ role: 'car-phone', name: '轿厢', phone: `0571-9633 ${devices}` }]
  const device = {
    id: deviceId,
    kind: 'elevator',
    gatewayId: 'gw-7',
    name: `电梯 ${devices}`,
    siteId: 'dy-12',
    contacts,
  }
  await service.api('POST', '/devices', device)
  const call = {
    deviceId,
    severity: 'critical',
    summary: '有人被困，轿厢停在 6 楼与 7 楼之间',
    finding: 'elevator/entrapment',
    reportedBy: { phone: '138 0000 0000', words: '两个人，有老人' },
  }
  const order = await service.api<Order>('POST', '/work-orders', call)
  if (order.teamId !== 'crew-west')
    await service.api('POST', `/work-orders/${order.id}/reassign`, { teamId: 'crew-west' })
  return order.id
}

/** The address in a crew's message. */
function linkTo(orderId: string, name = '张伟', teamId = 'crew-west'): string {
  const links = createOrderLinks({ key: loadLinkKey(service.directory), publicUrl: service.httpUrl })
  return `${service.httpUrl}/o/${links.sign({ orderId, scope: 'crew', name, teamId, expiresAt: Date.now() + dayMs })}`
}

/** So many orders lie on the phone. */
const keptOn = (page: Page) =>
  page.evaluate<number>(`new Promise((resolve, reject) => {
    const opened = indexedDB.open('liftwatt-crew')
    opened.onerror = () => reject(opened.error)
    opened.onsuccess = () => {
      const counted = opened.result.transaction('orders').objectStore('orders').count()
      counted.onsuccess = () => { opened.result.close(); resolve(counted.result) }
    }
  })`)

const read = (id: string) => service.api<Order>('GET', `/work-orders/${id}`)
const eventsOf = (order: Order, ...types: string[]) => order.events.filter(({ type }) => types.includes(type))
const button = (page: Page) => page.locator('button.crew-main')
const main = (page: Page) => page.locator('.crew-main')
const focused = (page: Page) => page.evaluate<string>('document.activeElement.innerText')
const isReady = (page: Page) => page.waitForSelector('.crew-main')
const isKeptApp = (page: Page) => page.evaluate('navigator.serviceWorker.ready.then(() => true)')

async function open(context: BrowserContext, link: string): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(withinMs)
  await page.clock.install() // it goes on, and can be put forward
  await page.goto(link)
  await isReady(page)
  return page
}

/** When the phone says that it was done, in the event beside the action. */
function timeOf(order: Order, action: string): number {
  const event = order.events.find(({ data }) => data.of === action)
  // the browser's clock is put forward and the service's is not: the phone is ahead, and the record says that it said so
  return Date.parse(event?.data.said ?? '')
}

async function photosOf(id: string): Promise<number> {
  const items = await service.list<{ part: string }>(`/work-orders/${id}/evidence`)
  return items.filter(({ part }) => part === 'photo').length
}

/** A PNG. */
const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const minutesBetween = (from: number, to: number) => (to - from) / minuteMs

/** What the button says, and the state of the order after it. */
const steps = [
  ['Accept', 'accepted'],
  ['On site', 'arrived'],
  ['Restored', 'restored'],
  ['Done', 'closed'],
] as const

async function addTechnician(id: string, teamId: string): Promise<void> {
  const memberships = [{ role: 'technician', scope: { teamId } }]
  await service.api('POST', '/accounts', { id, name: id, memberships })
  const { url } = await service.api<{ url: string }>('POST', `/accounts/${id}/invitation`)
  const body = new URLSearchParams({ password: goodPassword, again: goodPassword })
  const joined = await fetch(service.httpUrl + new URL(url).pathname, { method: 'POST', body })
  if (!joined.ok) throw new Error(`${joined.status} ${await joined.text()}`)
}

await describeWithEngine('chromium', "the crew's phone", () => {
  beforeAll(async () => {
    ;[service, browser] = await Promise.all([startService(), startBrowser()])
    await service.api('POST', '/sites', {
      id: 'dongyuan',
      type: 'estate',
      name: '东苑',
      entrance: '东门刷卡，保安 24 小时',
    })
    const contacts = [{ role: 'property', name: '李经理', phone: '0571-8888 1234' }]
    await service.api('POST', '/sites', {
      id: 'dy-12',
      type: 'building',
      name: '12 幢',
      parentId: 'dongyuan',
      contacts,
    })
    await service.api('POST', '/gateways', { id: 'gw-7' })
    for (const id of ['crew-west', 'crew-east']) await service.api('POST', '/teams', { id, type: 'crew', name: id })
  })
  afterAll(async () => {
    await browser?.close()
    await service?.remove()
  })

  test('a crew accepts, loses the link, arrives and restores in the shaft, and all of it arrives once, in order, with its own time', async () => {
    const id = await addOrder()
    const context = await browser.newContext({ ...phone, locale: 'zh-CN' })
    await prefer(context, 'zh-CN')
    const page = await context.newPage()
    page.setDefaultTimeout(withinMs)
    await page.clock.install()
    const errors = collectErrors(page)
    const link = linkTo(id)
    await page.goto(link)
    await isReady(page)
    expect(new URL(page.url()).pathname).toMatch(/^\/console\/o\//)
    expect(await main(page).innerText()).toBe('接 单')
    expect(await looksAlike(page, '.crew-main', '接单')).toBe(false) // else it is boxes
    expect((await main(page).boundingBox())?.height).toBeGreaterThanOrEqual(64)
    await expect.poll(() => page.locator('.crew-left').getAttribute('data-live')).toBe('true')
    expect(await page.locator('a[href="tel:057188881234"]').innerText()).toContain('物业')
    expect(await page.locator('.crew-callers').innerText()).toContain('两个人，有老人')
    expect(await page.locator('.crew-callers a').getAttribute('href')).toBe('tel:13800000000')
    await page.locator('.crew-step').first().click()
    await page.locator('h2:has-text("现场处置步骤 1/")').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    expect(errors).toEqual([])
    await picture(page, 'crew-order-zh')
    await isKeptApp(page)

    // a slip of the thumb is taken back: nothing is sent; and the focus is never lost with a button that goes
    const heard = await listen(page)
    await button(page).click()
    await expect.poll(() => focused(page)).toBe('✓ 接单')
    await page.locator('.crew-undo').click()
    await expect.poll(() => focused(page)).toBe('接 单')
    await page.clock.fastForward(10_000)
    expect((await read(id)).state).not.toBe('accepted')

    await button(page).click()
    const accepting = page.waitForResponse((response) => response.url().endsWith('/accept'))
    await page.clock.fastForward(6_000)
    await (await accepting).finished()
    await page.waitForSelector('button.crew-main:has-text("已到场")')
    await expect.poll(() => focused(page)).toBe('已到场')
    expect((await read(id)).state).toBe('accepted')

    await context.setOffline(true)
    await page.waitForSelector('.bar:has-text("离线")')
    await expect.poll(heard).toContainEqual(expect.stringMatching(/^polite: ⚠ 离线/))
    await page.clock.fastForward(4 * minuteMs)
    await button(page).click()
    await page.clock.fastForward(3 * minuteMs)
    await page.locator('textarea').fill('门机皮带断')
    await page.locator('button:has-text("添加备注")').click()
    await page.locator('input[type=file]').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: onePixel })
    await page.waitForSelector('text=1 张照片已记在本机')
    await page.clock.fastForward(4 * minuteMs)
    await button(page).click()
    await page.clock.fastForward(6_000)
    await page.waitForSelector('.bar:has-text("4 项待发送")')
    await picture(page, 'crew-offline-zh')
    await page.goto(link) // the message's link is tapped again in the shaft
    await page.waitForSelector('.bar:has-text("4 项待发送")')
    expect((await read(id)).state).toBe('accepted')

    await context.setOffline(false)
    // by the page's own clock as it goes: put forward, it would give up what a busy machine has not answered yet
    const order = await eventually('restored, with the picture', async () => {
      const found = await read(id)
      const isAll = found.events.some(({ data }) => data.of === 'restore') && (await photosOf(id)) === 1
      return isAll && found
    })
    const crews = order.events.filter(({ actor }) => actor === '张伟')
    // a picture goes whenever nothing else does
    const done = crews.filter(({ data }) => data.of === undefined && data.evidence === undefined)
    expect(done.map(({ type, actor, data }) => [type, actor, data.note ?? null])).toEqual([
      ['accepted', '张伟', null],
      ['arrived', '张伟', null],
      ['noted', '张伟', '门机皮带断'],
      ['restored', '张伟', null],
    ])
    const beside = order.events.filter(({ data }) => data.of !== undefined)
    expect(beside.map(({ data }) => [data.of, data.offline])).toEqual([
      ['arrive', true],
      ['note', true],
      ['restore', true],
    ])
    expect(beside[0]?.data.note).toMatch(/^手动 by hand; .*; 离线 offline$/)
    expect(minutesBetween(Date.parse(order.acceptedAt), timeOf(order, 'arrive'))).toBeCloseTo(4, 0)
    expect(minutesBetween(timeOf(order, 'arrive'), timeOf(order, 'note'))).toBeCloseTo(3, 0)
    expect(minutesBetween(timeOf(order, 'arrive'), timeOf(order, 'restore'))).toBeCloseTo(7, 0)
    await page.waitForSelector('.bar', { state: 'detached' })

    await page.locator('button.crew-main:has-text("完 成")').click()
    expect(await page.locator('dialog .crew-main').isDisabled()).toBe(true)
    await page.locator('dialog button:has-text("设备")').click()
    await page.locator('dialog button:has-text("已修复")').click()
    await page.locator('dialog textarea').first().fill('门机皮带')
    await page.reload()
    await page.locator('button.crew-main:has-text("完 成")').click()
    expect(await page.locator('dialog textarea').first().inputValue()).toBe('门机皮带')
    expect(await page.locator('dialog [aria-pressed=true]').allInnerTexts()).toEqual(['设备', '已修复'])
    expect(await seriousFaults(page)).toEqual([])
    await picture(page, 'crew-closing-zh')
    await page.locator('dialog .crew-main').click()
    await page.clock.fastForward(6_000)
    const closed = await eventually('closed', async () => {
      const found = await read(id)
      return found.state === 'closed' && found
    })
    expect(closed).toMatchObject({ causeClass: 'equipment', parts: [{ name: '门机皮带' }] })
    expect(await service.api('GET', '/verify')).toMatchObject({ ok: true, breaks: [] })
    expect(errors).toEqual([])
    await context.close()
  })

  test('an old countdown is not shown as live, and says since when', async () => {
    const context = await browser.newContext({ ...phone, locale: 'en-GB' })
    await prefer(context, 'en', 'dark')
    const page = await open(context, linkTo(await addOrder()))
    expect(await main(page).innerText()).toBe('Accept')
    expect(await seriousFaults(page)).toEqual([])
    await context.setOffline(true)
    await page.waitForSelector('[data-live=false]')
    expect(await page.locator('.crew-clock').innerText()).toMatch(/as of \d\d:\d\d, not live/)
    expect(await page.locator('.bar').innerText()).toMatch(/Offline since \d\d:\d\d/)
    expect(await seriousFaults(page)).toEqual([])
    await context.close()
  })

  test('a link that hangs, and says nothing, is said within 5 s, and nothing is live; its end is seen by itself, and what others did meanwhile', async () => {
    const link = await startCuttableLink(service.httpUrl)
    const context = await browser.newContext({ ...phone, locale: 'en-GB' })
    await prefer(context, 'en')
    const id = await addOrder()
    const page = await open(context, linkTo(id).replace(service.httpUrl, link.url))
    await page.waitForSelector('[data-live=true]')
    link.cut()
    await page.clock.runFor(5_000)
    await page.waitForSelector('.bar:has-text("Offline since")')
    expect(await page.locator('.crew-clock').innerText()).toMatch(/as of \d\d:\d\d, not live/)
    link.mend()
    await page.clock.runFor(2_500)
    await page.waitForSelector('.bar', { state: 'detached' })
    await page.waitForSelector('[data-live=true]')

    // what others do is heard, once
    const heard = await listen(page)
    await service.api('POST', `/work-orders/${id}/accept`, { technicianId: '甲', teamId: 'crew-east' })
    await page.clock.runFor(5_000)
    await expect.poll(() => main(page).innerText()).toBe('甲 has accepted')
    await expect.poll(heard).toContain('polite: 甲 has accepted')
    expect((await heard()).filter((text) => text.includes('甲'))).toHaveLength(1)
    await context.close()
    await link.stop()
  })

  test('what is refused when the link is back is shown with what happened, until somebody has read it', async () => {
    const id = await addOrder()
    const context = await browser.newContext({ ...phone, locale: 'zh-CN' })
    const page = await open(context, linkTo(id))
    await context.setOffline(true)
    await button(page).click()
    await service.api('POST', `/work-orders/${id}/accept`, { technicianId: '甲', teamId: 'crew-east' })
    await context.setOffline(false)
    await page.clock.fastForward(6_000)
    await page.waitForSelector('.crew-refused')
    expect(await page.locator('.crew-refused').innerText()).toMatch(/未被记录：接单 \d\d:\d\d/)
    await expect.poll(() => main(page).innerText()).toBe('甲 已接单')
    await page.reload()
    await page.locator('.crew-refused button').click()
    await page.waitForSelector('.crew-refused', { state: 'detached' })
    expect(eventsOf(await read(id), 'accepted').map(({ data }) => data)).toEqual([
      expect.objectContaining({ technicianId: '甲' }),
    ])
    await context.close()
  })

  test('a tap is not lost with the page: closing it sends what could still be taken back', async () => {
    const id = await addOrder()
    const context = await browser.newContext(phone)
    const page = await open(context, linkTo(id))
    await button(page).click()
    await page.close({ runBeforeUnload: true })
    await eventually('accepted', async () => (await read(id)).state === 'accepted')
    expect(eventsOf(await read(id), 'accepted')).toHaveLength(1)
    await context.close()
  })

  test('a browser without script gets the page with forms', async () => {
    const context = await browser.newContext({ ...phone, javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(linkTo(await addOrder()))
    expect(await page.locator('form button').count()).toBeGreaterThan(0)
    await context.close()
  })

  test('somebody who signed in finds the orders of their crew, and brings one to its end', async () => {
    const [mine, theirs] = [await addOrder(), await addOrder()]
    await service.api('POST', `/work-orders/${theirs}/reassign`, { teamId: 'crew-east' })
    await addTechnician('zhang', 'crew-west')
    const context = await browser.newContext({ ...phone, locale: 'en-GB' })
    await prefer(context, 'en')
    await context.request.post(`${service.httpUrl}/api/v1/sign-in`, {
      data: { id: 'zhang', password: goodPassword },
      headers: ofOurPages,
    })
    const page = await context.newPage()
    page.setDefaultTimeout(withinMs)
    await page.clock.install()
    await page.goto(`${service.httpUrl}/console/crew`)
    await page.waitForSelector('.crew-list a')
    expect(await page.locator(`a[href$="${theirs}"]`).count()).toBe(0)
    expect(await seriousFaults(page)).toEqual([])
    await picture(page, 'crew-list-en')
    const box = page.getByLabel('Search: place, device, fault, order')
    await box.fill(mine.slice(0, 13))
    await expect.poll(() => page.locator('.crew-list a').count()).toBe(1)
    await box.fill('no such thing')
    await expect.poll(() => page.locator('.crew-list a').count()).toBe(0)
    await page.clock.fastForward(1_000)
    await page.getByText('No other order is found by this.').waitFor()
    await box.fill('')
    await isKeptApp(page)
    await context.setOffline(true)
    await page.reload()
    await page.waitForSelector('.bar:has-text("Offline")') // without the clock being put forward: at once
    expect(await page.locator('.crew-list').innerText()).toMatch(/as of \d\d:\d\d, not live/)
    await page.locator(`a[href$="${mine}"]`).click()
    await page.locator('button.crew-main:has-text("Accept")').click()
    await page.goBack()
    await page.locator(`a[href$="${mine}"]`, { hasText: /Not sent yet: Accepted \d\d:\d\d/ }).waitFor()
    await context.setOffline(false)
    await page.reload()
    await page.waitForSelector('.bar', { state: 'detached' })
    await page.locator(`a[href$="${mine}"]`).click()
    await eventually('accepted', async () => (await read(mine)).state === 'accepted')
    for (const [step, state] of steps.slice(1)) {
      await page.locator(`button.crew-main:has-text("${step}")`).click()
      if (state === 'closed') {
        await page.locator('dialog button:has-text("equipment")').click()
        await page.locator('dialog button:has-text("repaired")').click()
        await page.locator('dialog .crew-main').click()
      }
      await page.clock.fastForward(6_000)
      await eventually(state, async () => (await read(mine)).state === state)
    }
    await page.waitForSelector('.crew-main:has-text("This order is closed.")')
    expect(await seriousFaults(page)).toEqual([])
    expect(await read(mine)).toMatchObject({ technicianId: 'zhang', teamId: 'crew-west' })

    expect(await keptOn(page)).toBeGreaterThan(0)
    await page.goto(`${service.httpUrl}/console/`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect.poll(() => keptOn(page)).toBe(0)
    await context.close()
  })
})
