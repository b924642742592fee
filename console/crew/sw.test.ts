import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/* The service worker is a script of its own, as the browser loads it: it is run with the browser's part given. */

type Fetch = (event: object) => void

const source = readFileSync(new URL('../public/sw.js', import.meta.url), 'utf8')
const origin = 'https://liftwatt.example'

/** What a crew sees who opens this page; undefined = the worker lets it alone. */
async function opened(
  answer: () => Promise<Response>,
  kept: Response | undefined,
  path = '/console/crew',
  { mode = 'navigate', method = 'GET' } = {},
): Promise<Response | undefined> {
  let onFetch: Fetch = () => {}
  const addEventListener = (type: string, call: Fetch) => {
    if (type === 'fetch') onFetch = call
  }
  const caches = { open: async () => ({ match: async () => kept }) }
  new Function('self', 'caches', 'fetch', 'location', source)({ addEventListener }, caches, answer, { origin })
  let seen: Promise<Response> | undefined
  const respondWith = (page: Promise<Response>) => {
    seen = page
  }
  onFetch({ request: { method, url: origin + path, mode }, respondWith, waitUntil: () => {} })
  return seen
}

const page = (text: string, status = 200) => new Response(text, { status })

test.each([500, 502, 503, 504])('behind a proxy that answers %i the kept app opens', async (status) => {
  const seen = await opened(async () => page('proxy', status), page('kept'))
  expect(await seen?.text()).toBe('kept')
})

test('a phone that keeps no app yet sees what was answered', async () => {
  expect((await opened(async () => page('proxy', 502), undefined))?.status).toBe(502)
})

test('without a link the kept app opens, with one the newest', async () => {
  const noLink = await opened(() => Promise.reject(new TypeError('no link')), page('kept'))
  expect(await noLink?.text()).toBe('kept')
  for (const status of [200, 404]) {
    const seen = await opened(async () => page('newest', status), page('kept'))
    expect(await seen?.text()).toBe('newest')
  }
})

const noLink = () => Promise.reject(new TypeError('no link'))

test("a message's own link leads to the order in the kept app, where the service does not answer", async () => {
  for (const answer of [noLink, async () => page('proxy', 502)]) {
    const seen = await opened(answer, page('kept'), '/o/AgFr-m_7')
    expect([seen?.status, seen?.headers.get('location')]).toEqual([302, `${origin}/console/o/AgFr-m_7`])
  }
  expect(await (await opened(async () => page('order'), page('kept'), '/o/AgFr-m_7'))?.text()).toBe('order')
})

test.each([
  ['/o/AgFr-m_7', { mode: 'cors' }],
  ['/o/AgFr-m_7', { method: 'POST' }],
  ['/o/AgFr-m_7/order.json', {}],
  ['/api/v1/me', { mode: 'cors' }],
  ['/l/4H2K', {}],
  ['/', {}],
  ['/docs/', {}],
])('%s %j passes the worker by', async (path, request) => {
  expect(await opened(noLink, page('kept'), path, request)).toBeUndefined()
})
