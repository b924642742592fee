import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/* The service worker is a script of its own, as the browser loads it: it is run with the browser's part given. */

type Fetch = (event: object) => void

const source = readFileSync(new URL('../public/sw.js', import.meta.url), 'utf8')
const origin = 'https://liftwatt.example'

/** What a crew sees who opens the app. */
async function opened(answer: () => Promise<Response>, kept: Response | undefined): Promise<Response> {
  let onFetch: Fetch = () => {}
  const addEventListener = (type: string, call: Fetch) => {
    if (type === 'fetch') onFetch = call
  }
  const caches = { open: async () => ({ match: async () => kept }) }
  new Function('self', 'caches', 'fetch', 'location', source)({ addEventListener }, caches, answer, { origin })
  const request = { method: 'GET', url: `${origin}/console/crew`, mode: 'navigate' }
  return new Promise((resolve, reject) => {
    onFetch({ request, respondWith: (page: Promise<Response>) => page.then(resolve, reject), waitUntil: () => {} })
  })
}

const page = (text: string, status = 200) => new Response(text, { status })

test.each([500, 502, 503, 504])('behind a proxy that answers %i the kept app opens', async (status) => {
  const seen = await opened(async () => page('proxy', status), page('kept'))
  expect(await seen.text()).toBe('kept')
})

test('a phone that keeps no app yet sees what was answered', async () => {
  expect((await opened(async () => page('proxy', 502), undefined)).status).toBe(502)
})

test('without a link the kept app opens, with one the newest', async () => {
  const noLink = await opened(() => Promise.reject(new TypeError('no link')), page('kept'))
  expect(await noLink.text()).toBe('kept')
  for (const status of [200, 404]) {
    const seen = await opened(async () => page('newest', status), page('kept'))
    expect(await seen.text()).toBe('newest')
  }
})
