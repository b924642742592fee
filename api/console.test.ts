import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveConsole } from './console.ts'

let directory: string
let app: FastifyInstance

const page = '<!doctype html><head><title>App</title></head><script src="/console/assets/app-1.js"></script>'
const built = {
  'index.html': { file: 'assets/app-1.js' },
  'crew/page.tsx': { file: 'assets/crew-2.js', css: ['assets/crew-2.css'], imports: ['_words.js', 'index.html'] },
  '_words.js': { file: 'assets/words-3.js', imports: ['crew/page.tsx'] },
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'liftwatt-console-'))
  mkdirSync(join(directory, 'console', 'assets'), { recursive: true })
  writeFileSync(join(directory, 'secret.json'), '{}')
  writeFileSync(join(directory, 'console', 'index.html'), page)
  writeFileSync(join(directory, 'console', 'assets.json'), JSON.stringify(built))
  writeFileSync(join(directory, 'console', 'assets', 'app-1.js'), 'let one = 1\n'.repeat(50))
  writeFileSync(join(directory, 'console', 'sw.js'), 'self.skipWaiting()')
  app = Fastify()
  await serveConsole(app, join(directory, 'console'))
})
afterAll(async () => {
  await app.close()
  rmSync(directory, { recursive: true, force: true })
})

const get = (url: string, headers = {}) => app.inject({ url, headers })

test('every address of the app is the same page, which runs nothing but its own files', async () => {
  for (const url of ['/console/', '/console/duty', '/console/orders/123?tab=log']) {
    const { statusCode, body, headers } = await get(url)
    expect([statusCode, body]).toEqual([200, page])
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/)
    expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/)
    expect(headers['cache-control']).toBe('no-cache')
  }
  expect((await get('/console')).headers.location).toBe('/console/')
})

test('the worker that keeps the app may stand in for the links of messages, which are not below it', async () => {
  expect((await get('/console/sw.js')).headers['service-worker-allowed']).toBe('/')
  expect((await get('/console/')).headers['service-worker-allowed']).toBeUndefined()
})

test('an order behind a link is asked for together with the page, not after it', async () => {
  const { body, headers } = await get('/console/o/AgFrDm-_7')
  expect(body).toBe(
    page.replace(
      '</head>',
      `<link rel="preload" as="fetch" crossorigin href="/o/AgFrDm-_7/order.json">
<link rel="modulepreload" crossorigin href="/console/assets/crew-2.js">
<link rel="stylesheet" crossorigin href="/console/assets/crew-2.css">
<link rel="modulepreload" crossorigin href="/console/assets/words-3.js">
</head>`,
    ),
  )
  expect(headers['content-security-policy']).toBe((await get('/console/')).headers['content-security-policy'])
})

test.each(['/console/o/', '/console/o/%22%3E', '/console/o/a/b', '/console/o/a%20b'])(
  '%s is no link, and nothing of it comes back in the page',
  async (url) => {
    expect((await get(url)).body).toBe(page)
  },
)

test('a file with a hash in its name is kept for ever; a page is asked for again and not sent twice', async () => {
  const script = await get('/console/assets/app-1.js')
  expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8')

  const { headers } = await get('/console/duty')
  const again = await get('/console/duty', { 'if-none-match': headers.etag })
  expect([again.statusCode, again.body]).toEqual([304, ''])
})

test('who takes gzip gets it, and who does not gets the file as it is', async () => {
  const packed = await get('/console/assets/app-1.js', { 'accept-encoding': 'gzip, br' })
  const plain = await get('/console/assets/app-1.js', { 'accept-encoding': 'gzip;q=0, br' })
  expect(packed.headers['content-encoding']).toBe('gzip')
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body)
})

test.each([
  '/console/assets/app-0.js',
  '/console/../secret.json',
  '/console/..%2fsecret.json',
  '/console/%2e%2e/secret.json',
  '/console/assets/..%2f..%2fsecret.json',
  '/console//etc/passwd.json',
  '/console/__proto__.js',
])('%s is not there', async (url) => {
  expect((await get(url)).statusCode).toBe(404)
})

test('a service whose console was not built says so', async () => {
  const bare = Fastify()
  await serveConsole(bare, join(directory, 'console', 'assets'))
  const { statusCode, body } = await bare.inject({ url: '/console/' })
  expect([statusCode, JSON.parse(body).detail]).toEqual([503, 'The console is not built here: npm run build'])
  await bare.close()
})
