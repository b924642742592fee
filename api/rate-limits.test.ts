import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { requireToken } from './auth.ts'
import { createRateLimit, limitRates, networkOf } from './rate-limits.ts'

const operatorToken = 'an-operator-token-of-more-than-32-characters'

test('a burst passes, then so many a second, and it is said how long to wait', () => {
  let now = 0
  const limit = createRateLimit({ perSecond: 2, burst: 3 }, () => now)
  expect([1, 2, 3, 4].map(() => limit.take('ann'))).toEqual([0, 0, 0, 1])
  expect(limit.take('bo')).toBe(0)
  now = 500
  expect([limit.take('ann'), limit.take('ann')]).toEqual([0, 1])
  now -= 3_600_000 // put back: nothing is refilled, and nothing taken away
  expect(limit.take('ann')).toBe(1)
  now += 500
  expect(limit.take('ann')).toBe(0)
  now = 60_000
  expect([1, 2, 3, 4].map(() => limit.take('ann'))).toEqual([0, 0, 0, 1])
})

test('a slow rate tells the whole wait', () => {
  const limit = createRateLimit({ perSecond: 0.1, burst: 1 }, () => 0)
  expect([limit.take('x'), limit.take('x')]).toEqual([0, 10])
})

test('keys without end take no memory without end, and the busiest is not forgotten for them', () => {
  const limit = createRateLimit({ perSecond: 1, burst: 1 }, () => 0)
  limit.take('busy')
  for (let i = 0; i < 50_000; i++) {
    limit.take(`key ${i}`)
    if (i % 1_000 === 0) expect(limit.take('busy')).toBe(1)
  }
  expect(limit.take('key 0')).toBe(0)
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '::ffff:192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

/** An application of three routes, limited, with a clock that stands still. */
async function limited() {
  const time = { now: Date.UTC(2026, 10, 24, 8) }
  const clock = () => time.now
  const memberships = [{ role: 'operator', scope: { sites: [] } }] as const
  const accountOf: Record<string, string> = { 'token-of-ann': 'ann', 'token-of-bo': 'bo' }
  const viewerOfApiToken = async (token: string) => {
    const accountId = accountOf[token]
    return accountId === undefined ? undefined : { accountId, name: accountId, memberships, sessionId: null }
  }
  const app = Fastify()
  limitRates(app, clock, { account: { perSecond: 10, burst: 100 }, address: { perSecond: 50, burst: 500 } })
  requireToken(app, { operatorToken, clock, signIn: { viewerOfApiToken, viewerOfSession: async () => undefined } })
  app.get('/api/v1/things', async () => 'things')
  app.post('/form', { config: { public: true } }, async () => 'taken')
  app.get('/page', { config: { public: true } }, async () => 'page')
  const statuses = async (
    times: number,
    method: 'GET' | 'POST',
    url: string,
    token?: string,
    remoteAddress = '192.0.2.1',
  ) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const found: number[] = []
    for (let i = 0; i < times; i++) found.push((await app.inject({ method, url, headers, remoteAddress })).statusCode)
    return [200, 429, 401].map((status) => found.filter((one) => one === status).length)
  }
  return { app, time, statuses }
}

test('an account in a loop is stopped, others from the same address are not', async () => {
  const { app, time, statuses } = await limited()
  expect(await statuses(110, 'GET', '/api/v1/things', 'token-of-ann')).toEqual([100, 10, 0])
  expect(await statuses(5, 'GET', '/api/v1/things', 'token-of-bo')).toEqual([5, 0, 0])
  expect(await statuses(5, 'GET', '/api/v1/things', operatorToken)).toEqual([5, 0, 0])
  const headers = { authorization: 'Bearer token-of-ann' }
  const refused = await app.inject({ url: '/api/v1/things', headers, remoteAddress: '198.51.100.9' })
  expect([refused.statusCode, refused.headers['retry-after'], refused.json().code]).toEqual([
    ...[429, '1', 'too-many-requests'],
  ])
  time.now += 1_000
  expect(await statuses(15, 'GET', '/api/v1/things', 'token-of-ann')).toEqual([10, 5, 0])
})

test('forms that anybody may send are stopped earlier than pages, by address', async () => {
  const { statuses } = await limited()
  expect(await statuses(305, 'POST', '/form')).toEqual([300, 5, 0])
  expect(await statuses(5, 'GET', '/page')).toEqual([5, 0, 0])
  expect(await statuses(5, 'POST', '/form', undefined, '192.0.2.2')).toEqual([5, 0, 0])
})

test('an address is stopped before anybody is looked for, whatever it sends', async () => {
  const { statuses } = await limited()
  const [, , unknown = 0] = await statuses(100, 'GET', '/api/v1/none')
  expect(unknown).toBe(100)
  await statuses(400, 'GET', '/page')
  expect(await statuses(3, 'GET', '/api/v1/things', 'token-of-bo')).toEqual([0, 3, 0])
  expect(await statuses(3, 'GET', '/page', undefined, '192.0.2.3')).toEqual([3, 0, 0])
})
