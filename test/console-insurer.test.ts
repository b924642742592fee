import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectErrors, picture, prefer, seriousFaults, startBrowser } from './browser.ts'
import { describeWithEngine } from './engines/describe.ts'
import { companies, furnishPortfolio, type InsurerScene } from './insurer-scene.ts'
import { type ServiceUnderTest, startService } from './service.ts'
import { goodPassword } from './test-api.ts'

/* The insurer's console in a real browser, on the real service. */

const withinMs = 60_000
const desk = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }

const spoken = {
  'zh-CN': {
    ...{ name: '用户名', password: '密码', signIn: '登录', review: '质量评审' },
    ...{ opensVisit: '维保及其曲线', notProven: '未核实', figure: '核实到访率', measured: '测量数据' },
    ...{ how: '核实到访率如何计算', close: '关闭' },
  },
  en: {
    ...{ name: 'Name', password: 'Password', signIn: 'Sign in', review: 'Quality review' },
    ...{ opensVisit: 'Visit and its curve', notProven: 'not proven', figure: 'Verified visits' },
    ...{ measured: 'What was measured', how: 'How Verified visits is computed', close: 'Close' },
  },
} as const
type Language = keyof typeof spoken

let service: ServiceUnderTest
let browser: Browser
let scene: InsurerScene

interface Seat {
  readonly page: Page
  readonly errors: string[]
}

async function open(language: Language, path: string, viewport = desk): Promise<Seat> {
  const context = await browser.newContext({ viewport, locale: language })
  await prefer(context, language)
  const page = await context.newPage()
  page.setDefaultTimeout(withinMs)
  const errors = collectErrors(page)
  await page.goto(`${service.httpUrl}/console${path}`)
  return { page, errors }
}

/** Signs in where the page asked for it, and is back at that page. */
async function signIn({ page }: Seat, language: Language, id: string): Promise<void> {
  const say = spoken[language]
  await page.getByLabel(say.name, { exact: true }).fill(id)
  await page.getByLabel(say.password, { exact: true }).fill(goodPassword)
  await page.getByRole('button', { name: say.signIn }).click()
}

async function seatOf(language: Language, id: string, path: string, viewport = desk): Promise<Seat> {
  const seat = await open(language, path, viewport)
  await signIn(seat, language, id)
  return seat
}

await describeWithEngine('chromium', "the insurer's console in a browser", () => {
  beforeAll(async () => {
    ;[service, browser] = await Promise.all([startService(), startBrowser()])
    scene = await furnishPortfolio(service)
  })
  afterAll(async () => {
    await browser?.close()
    await service?.stop()
    await service?.remove()
  })

  test.each(['zh-CN', 'en'] as const)(
    'from sign-in: which company is worst, why, and the raw curve of one visit that nobody made (%s)',
    async (language) => {
      const say = spoken[language]
      const seat = await open(language, '/')
      const { page, errors } = seat
      await signIn(seat, language, 'shen')
      await page.getByRole('link', { name: say.review }).click()

      const refused: string[] = []
      page.on('response', (answer) => answer.status() < 400 || refused.push(`${answer.status()} ${answer.url()}`))
      const worst = page.locator('.review-comparison tbody tr').first()
      await worst.getByRole('rowheader').getByText(companies.bad).waitFor()
      await worst.getByText('⚠').first().waitFor()
      expect(await page.locator('.review-comparison tbody tr').count()).toBe(2)
      await page.locator('.review-trend').first().waitFor()
      expect(await seriousFaults(page)).toEqual([])
      await picture(page, `insurer-portfolio-${language}`)

      await page.getByRole('button', { name: say.how }).first().click()
      expect(await seriousFaults(page)).toEqual([])
      await page.getByRole('dialog').getByRole('button', { name: say.close }).click()

      await worst.getByRole('cell').filter({ hasText: '⚠' }).getByRole('link').click()
      await page.getByRole('heading', { level: 1, name: say.figure }).waitFor()
      expect(new URL(page.url()).searchParams.get('maintainerId')).toBe('bad')
      const visits = page.getByRole('link', { name: say.opensVisit })
      await expect.poll(() => visits.count()).toBe(6)
      expect(await seriousFaults(page)).toEqual([])
      if (language === 'en') await picture(page, 'insurer-figure-en')

      await visits.first().click()
      await page.locator('.review-verdict').getByText(say.notProven).waitFor()
      expect(new URL(page.url()).searchParams.get('maintainerId')).toBe('bad')
      await page.locator('.chart canvas').first().waitFor()
      await page.getByRole('heading', { level: 2, name: say.measured }).waitFor()
      expect(await seriousFaults(page)).toEqual([])
      if (language === 'en') await picture(page, 'insurer-visit-en')
      expect([...errors, ...refused]).toEqual([])
    },
  )

  test('the dossier of one elevator has its policy, orders and visits, and its order opens', async () => {
    const { page, errors } = await seatOf('zh-CN', 'shen', '/review/elevators/elv-b1')
    await page.getByText('P-bad').waitFor()
    await expect.poll(() => page.locator('a[href*="/review/visits/"]').count()).toBe(2)
    expect(await seriousFaults(page)).toEqual([])
    await picture(page, 'insurer-dossier-zh-CN')
    await page.getByRole('link', { name: '电梯困人' }).click()
    await page.getByText('已超时').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    expect(errors).toEqual([])
  })

  test('the maintainer objects, the insurer decides with a reason', async () => {
    const path = `/review/visits/${scene.visitId}`
    const maintainer = await seatOf('en', 'hong', path)
    await maintainer.page.getByLabel('Why').fill('We were in the machine room')
    await maintainer.page.getByRole('button', { name: 'Object to the verdict' }).click()
    await maintainer.page.getByText('The insurer decides.').waitFor()

    const { page, errors } = await seatOf('en', 'shen', path)
    await page.getByText('We were in the machine room').waitFor()
    await page.getByLabel('Reason for the decision').fill('The log book shows nothing')
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Reject' }).click()
    await page.getByRole('heading', { name: 'Objection: rejected' }).waitFor()
    expect((await service.api('GET', `/visits/${scene.visitId}`)).decision).toBe('rejected')
    expect([...errors, ...maintainer.errors]).toEqual([])
  })

  test('an unannounced inspection on a phone in the car: hidden before, scored item by item, an order at its end', async () => {
    const item = { weight: 50, deduction: 10, critical: false, source: '' }
    const items = [
      { ...item, id: 'car-door', name: { en: 'Car door', 'zh-CN': '轿门' }, photo: 'defect' },
      { ...item, id: 'pit', name: { en: 'Pit', 'zh-CN': '底坑' }, photo: 'never' },
    ]
    const sheet = { name: { en: 'Short sheet', 'zh-CN': '简表' }, passScore: 85, items }
    await service.api('PUT', '/quality/templates/elevator', sheet)
    const { page, errors } = await seatOf('zh-CN', 'shen', '/review/inspections', phone)
    await page.getByText('手动安排', { exact: true }).click()
    await page.getByLabel('电梯（编号）').fill('elv-b2')
    await page.getByLabel('完成期限').fill(new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10))
    await page.getByRole('button', { name: '安排', exact: true }).click()
    const start = page.getByRole('button', { name: '开始：我已到电梯' })
    await start.waitFor()
    const id = new URL(page.url()).pathname.split('/').at(-1)

    const maintainer = await seatOf('zh-CN', 'hong', '/review/inspections')
    await maintainer.page.getByText('没有符合的检查。').waitFor()
    await maintainer.page.goto(`${service.httpUrl}/console/review/inspections/${id}`)
    await maintainer.page.getByText('该内容已不存在。').waitFor()

    await start.click()
    const door = page.locator('#item-car-door')
    await door.getByRole('button', { name: '有缺陷' }).click()
    await door.getByRole('button', { name: '加一处' }).click()
    await door.getByText('−20').waitFor()
    await door.getByLabel('备注').fill('门轮磨损')
    await door.getByRole('button', { name: '保存备注' }).click()
    await door.locator('p', { hasText: '门轮磨损' }).waitFor()
    await door.locator('input[type=file]').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: onePixel })
    await door.getByText('1 张照片').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(phone.width)
    expect(await seriousFaults(page)).toEqual([])
    await picture(page, 'insurer-inspection-zh-CN')
    await expect.poll(() => page.getByText('尚未发送').count()).toBe(0)
    // without a link the phone keeps what is tapped, and sends it when there is one again
    await page.context().setOffline(true)
    const pit = page.locator('#item-pit')
    await pit.getByRole('button', { name: '正常' }).click()
    await pit.getByText('尚未发送').waitFor()
    await page.getByText('1 项尚未发送：已保存在本机').waitFor()
    // a browser that begins anew there opens the sheet as it was, with what was tapped
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
    await page.reload()
    await page.getByText('服务没有应答，没有丢失任何内容').waitFor()
    await page.getByText('1 项尚未发送：已保存在本机').waitFor()
    await pit.getByRole('button', { name: '不适用' }).click()
    await pit.getByRole('button', { name: '正常' }).click()
    await page.context().setOffline(false)
    await page.getByRole('button', { name: '完成检查' }).click()
    await page.locator('.review-verdict').getByText('不合格').waitFor()
    expect(await service.api('GET', `/quality/inspections/${id}`)).toMatchObject({
      ...{ state: 'done', score: 80, passed: false, remedies: [{ item: 'car-door' }] },
      findings: expect.arrayContaining([expect.objectContaining({ item: 'car-door', defects: 2, note: '门轮磨损' })]),
    })
    await maintainer.page.reload()
    await maintainer.page.locator('.review-verdict').getByText('不合格').waitFor()
    expect([...errors, ...maintainer.errors]).toEqual([])
  })

  test('every other page opens, says what would fill it, and shuts nobody out', async () => {
    const { page, errors } = await seatOf('en', 'shen', '/review/visits?verdict=not-proven&maintainerId=bad')
    await expect.poll(() => page.locator('main tbody tr').count()).toBe(6)
    expect(await seriousFaults(page)).toEqual([])
    const empty = {
      'inspections?view=samples': 'No sample was drawn yet.',
      'inspections?view=plan': 'There is no plan for this insurer yet.',
      'inspections?view=risk': 'There is no list for this quarter.',
      safety: 'The weighted mean of what is known',
      'safety?view=rooms': 'Nothing was found in any room in this period.',
      reports: 'There is no report yet.',
    }
    for (const [path, text] of Object.entries(empty)) {
      await page.goto(`${service.httpUrl}/console/review/${path}`)
      await page.getByText(text).waitFor()
      expect([path, await seriousFaults(page)]).toEqual([path, []])
    }
    expect(errors).toEqual([])
  })

  test('a proposal is approved for less than its estimate, with a reason', async () => {
    const { page, errors } = await seatOf('en', 'shen', '/review/overhauls')
    await page.getByRole('link', { name: /门机皮带/ }).click()
    await page.getByText('Look twice').waitFor()
    await page.getByLabel('Reason for the decision').fill('List price')
    await page.getByLabel('What is paid, yuan').fill('1,100')
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.locator('.review-verdict').getByText('approved').waitFor()
    expect(await service.api('GET', `/overhauls/${scene.overhaulId}`)).toMatchObject({
      ...{ state: 'approved', settledFen: 110_000, decisionReason: 'List price', decidedBy: 'shen' },
    })
    expect(errors).toEqual([])
  })
})

const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
