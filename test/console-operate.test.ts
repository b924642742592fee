import { connectAsync } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectErrors, picture, prefer, seriousFaults, startBrowser } from './browser.ts'
import { describeWithEngine } from './engines/describe.ts'
import { type ServiceUnderTest, startService } from './service.ts'
import { goodPassword } from './test-api.ts'

/*
 * An operator in a real browser, against the real service: signs in, moves a site and takes it back, imports a file, writes a roster
 * with a gap in it, sees that a gateway is heard of and that somebody tries its name, finds a place by `/`, and reads in the audit who did what.
 */

const desk = { width: 1440, height: 900 }
const withinMs = 60_000
const markup = '<img src=x onerror="document.title=1">'

let service: ServiceUnderTest
let browser: Browser

async function openAt(path: string, language: 'zh-CN' | 'en') {
  const context = await browser.newContext({ viewport: desk, locale: language })
  await prefer(context, language)
  const page = await context.newPage()
  page.setDefaultTimeout(withinMs)
  const errors = collectErrors(page)
  await page.goto(`${service.httpUrl}/console${path}`)
  await page.locator('input[autocomplete=username]').fill('wang')
  await page.locator('input[type=password]').fill(goodPassword)
  await page.locator('button[type=submit]').click()
  await page.locator('.verdict, .split, .rows').first().waitFor()
  return { page, errors }
}

const show = (page: Page, view: string) => page.locator(`nav a[href$="view=${view}"]`).click()
const nameOf = async (id: string) => (await service.api<{ name: string }>('GET', `/sites/${id}`)).name

await describeWithEngine('chromium', "the operator's pages", () => {
  beforeAll(async () => {
    ;[service, browser] = await Promise.all([startService(), startBrowser()])
    const add = (path: string, body: object) => service.api('POST', path, body)
    await add('/sites', { id: 'xihu', type: 'district', name: '西湖区' })
    await add('/sites', { id: 'dongyuan', type: 'estate', name: '东苑', parentId: 'xihu' })
    await add('/sites', { id: 'dy-12', type: 'building', name: `12 幢 ${markup}`, parentId: 'dongyuan' })
    await add('/teams', { id: 'crew-1', type: 'crew', name: '第1组' })
    await add('/members', { id: 'jia', teamId: 'crew-1', name: '甲' })
    await add('/accounts', { id: 'wang', name: '王', memberships: [{ role: 'operator', scope: { sites: [] } }] })
    const { url } = await service.api<{ url: string }>('POST', '/accounts/wang/invitation')
    const body = new URLSearchParams({ password: goodPassword, again: goodPassword })
    await fetch(service.httpUrl + new URL(url).pathname, { method: 'POST', body })
    const { password } = await service.api<{ password: string }>('POST', '/gateways', {
      ...{ id: 'gw-7', autoRegister: 'elevator' },
    })
    const login = { host: '127.0.0.1', port: service.mqttPort, clientId: 'gw-7', username: 'gw-7', reconnectPeriod: 0 }
    const gateway = await connectAsync({ ...login, password })
    const reading = { at: Date.now(), values: { motorCelsius: 41 } }
    await gateway.publishAsync('liftwatt/v1/gw-7/elv-1/telemetry', JSON.stringify(reading), { qos: 1 })
    await gateway.endAsync()
    await connectAsync({ ...login, password: 'guessed' }).catch(() => {})
  })
  afterAll(async () => {
    await browser?.close()
    await service?.remove()
  })

  test('from sign-in to done: a site renamed and put back, a file imported, a roster with its gap, a gateway looked after, all of it in the audit', async () => {
    const { page, errors } = await openAt('/operate', 'en')
    await show(page, 'sites')
    await page.getByRole('button', { name: 'Show what is in 西湖区' }).click()
    await page.getByRole('button', { name: '东苑 estate dongyuan' }).click()
    const editor = page.getByRole('region', { name: '东苑' })
    await editor.getByLabel('Name', { exact: true }).fill('East Garden')
    await editor.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Undo' }).waitFor()
    expect(await nameOf('dongyuan')).toBe('East Garden')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('As it was before.').waitFor()
    expect(await nameOf('dongyuan')).toBe('东苑')

    await page.getByText('From a CSV file').click()
    const file = (text: string) => ({ name: 'sites.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    const header = 'id,type,name,parentId\n'
    const input = page.locator('input[type=file]')
    await input.setInputFiles(file(`${header}dy-13,building,13,dongyuan\ndy-14,palace,14,dongyuan\n`))
    await page.getByText('1 line is wrong: nothing can be taken').waitFor()
    expect(await page.getByRole('button', { name: /^Take/ }).count()).toBe(0)
    await input.setInputFiles(file(`${header}dy-13,building,13,dongyuan\n`))
    await page.getByRole('button', { name: 'Take 1 line' }).click()
    await page.getByText('Taken, all lines in one.').waitFor()
    expect(await nameOf('dy-13')).toBe('13')
    expect(await seriousFaults(page)).toEqual([])

    await show(page, 'teams')
    await page.getByRole('button', { name: 'Open: 第1组' }).click()
    await page.getByRole('button', { name: 'Close: 第1组' }).waitFor()
    await page.getByText('Change the roster').click()
    await page.getByRole('button', { name: 'Add a shift' }).click()
    await page.getByRole('checkbox', { name: '甲' }).check()
    await page.getByRole('button', { name: 'Save' }).first().click()
    await page.locator('.part.gap').first().waitFor()
    expect(await page.locator('.week li').count()).toBe(7)
    await page.getByText('Somebody in another’s place').click()
    const swap = page.locator('form', { hasText: 'Who comes instead' })
    await swap.getByLabel('From').fill('2099-10-01T08:00')
    await swap.getByLabel('Until').fill('2099-10-01T20:00')
    await swap.getByLabel('Why').fill('leave')
    await swap.getByRole('button', { name: 'Write down' }).click()
    await page.getByText('nobody in place of 甲').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    expect(await service.api('GET', '/teams/crew-1/roster')).toMatchObject({
      swaps: [{ memberId: 'jia', insteadId: null, from: '2099-10-01T00:00:00.000Z', reason: 'leave' }],
    })
    await page.getByRole('button', { name: 'Take out: nobody in place of 甲' }).click()
    await page.getByText('nobody in place of 甲').waitFor({ state: 'detached' })

    await page.getByText('Change the roster').click()
    await page.getByLabel('Add a holiday').fill('2099-10-01')
    await page.getByRole('group', { name: 'Holidays' }).getByRole('button', { name: 'Add' }).click()
    await page.getByLabel('also on holidays').first().uncheck()
    await page.locator('form', { hasText: 'Add a shift' }).getByRole('button', { name: 'Save' }).click()
    await page.getByText('version 4').waitFor()
    expect(await service.api('GET', '/teams/crew-1/roster')).toMatchObject({
      holidays: ['2099-10-01'],
      shifts: [{ holidays: false }],
    })

    await show(page, 'plans')
    await page.getByRole('button', { name: /^Open: Elevator/ }).click()
    await page.getByText('Change this plan').click()
    const plan = page.locator('form', { hasText: 'Which orders it is for' })
    await plan.getByRole('group', { name: 'Step 8' }).getByLabel('Minutes after detection').fill('720')
    await plan.getByRole('group', { name: 'Step 8' }).getByLabel('supervisor').check()
    expect(await seriousFaults(page)).toEqual([])
    await plan.getByRole('button', { name: 'Save' }).click()
    await page.getByText('version 1').waitFor()
    const { steps } = await service.api<{ steps: { goal: string; minutes: number; tell: string[] }[] }>(
      'GET',
      '/plans/elevator-emergency',
    )
    expect(steps.at(-1)).toMatchObject({
      ...{ goal: 'inspected', minutes: 720, tell: ['supervisor', 'insurer-inspector'] },
    })
    await page.getByText('Another plan like this').click()
    await page.getByLabel('Id (for ever)').fill('dongyuan-lifts')
    await page.getByLabel('Ids of its sites').fill('dongyuan')
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.locator('code', { hasText: 'dongyuan-lifts' }).waitFor()
    expect(await service.api('GET', '/plans/dongyuan-lifts')).toMatchObject({
      version: 1,
      match: { siteIds: ['dongyuan'] },
    })

    await show(page, 'accounts')
    await page.getByRole('button', { name: 'Open: wang' }).click()
    await page.getByText('Name, language, e-mail').click()
    await page.getByLabel('E-mail at the sign-in provider').last().fill('wang@city.example')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    const isWang = expect.objectContaining({ id: 'wang', name: '王', email: 'wang@city.example' })
    expect(await service.list('/accounts')).toContainEqual(isWang)

    await show(page, 'gateways')
    await page.getByText('clock right').waitFor()
    expect(await page.locator('.line').innerText()).toMatch(
      /not connected[\s\S]*last message[\s\S]*1 messages, 0 refused[\s\S]*1 tries with a wrong password/,
    )
    await page.getByText(`127.0.0.1:${service.mqttPort}`).waitFor()
    expect(await seriousFaults(page)).toEqual([])

    await page.keyboard.press('/')
    await page.keyboard.type('dy-12')
    await page.getByRole('option', { name: 'dy-12' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: '12 幢' }).waitFor()
    expect(new URL(page.url()).search).toBe('?view=sites&site=dy-12')

    await page.getByRole('link', { name: 'What was changed of it' }).click()
    await show(page, 'audit')
    await page.getByRole('button', { name: 'dongyuan', exact: true }).first().click()
    await page.locator('.audit li', { hasText: 'East Garden' }).nth(1).waitFor()
    const [putBack = '', renamed = '', added = ''] = await page.locator('.audit > li').allInnerTexts()
    expect(putBack).toMatch(/wang[\s\S]*site changed[\s\S]*name East Garden 东苑/)
    expect(renamed).toMatch(/wang[\s\S]*site changed[\s\S]*name 东苑 East Garden/)
    expect(added).toMatch(/operator[\s\S]*site added/)
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).not.toBe('1')
    expect(errors).toEqual([])
    await page.context().close()
  })

  test('by keys alone: the tabs by their figures, a device by a part of its registration code, the map under ?, the pages of the review', async () => {
    await service.api('PATCH', '/devices/elv-1', { name: '客梯', facts: { registrationCode: '31103301042019070012' } })
    const { page, errors } = await openAt('/operate', 'en')
    await page.locator('.check', { hasText: 'HEARTBEAT_URL is not set' }).waitFor()
    await page.keyboard.press('2')
    await page.locator('.tree-line').first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('04201907')
    await page.getByRole('option', { name: 'device 客梯' }).waitFor()
    await page.keyboard.press('Escape')
    await page.locator('h1').click()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    expect(await seriousFaults(page)).toEqual([])

    await page.goto(`${service.httpUrl}/console/review`)
    await page.locator('.review-tabs').waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).getByText('The pages, in their order').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('2')
    await page.waitForURL('**/console/review/visits*')
    expect(errors).toEqual([])
    await page.context().close()
  })

  test.each(['zh-CN', 'en'] as const)(
    'every page is there in %s',
    async (language) => {
      const { page, errors } = await openAt('/operate', language)
      expect(await page.locator('.check').count()).toBeGreaterThan(9)
      await picture(page, `operator-${language}`)
      for (const view of ['status', 'sites', 'gateways', 'teams', 'plans', 'rules', 'accounts', 'channels', 'audit']) {
        await show(page, view)
        await page.locator('.check, .tree-line, .rows > li, .empty-state').first().waitFor()
        expect(await seriousFaults(page), view).toEqual([])
      }
      await page.goto(`${service.httpUrl}/console/operate?view=sites&site=dongyuan`)
      await page.locator('.tree-link[aria-current]').waitFor()
      await picture(page, `operator-sites-${language}`)
      await page.goto(`${service.httpUrl}/console/operate?view=teams&team=crew-1`)
      await page.locator('.week').waitFor()
      await picture(page, `operator-roster-${language}`)
      expect(errors).toEqual([])
      await page.context().close()
    },
    180_000,
  )
})
