import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operatorToken, startTestApi, type TestApi } from '../test/test-api.ts'
import { requireToken } from './auth.ts'
import { createRateLimit, limitRates, networkOf, ratesFor } from './rate-limits.ts'

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

test('one setting moves the limits of accounts, of the token and of addresses together', () => {
  expect(ratesFor(20)).toEqual({
    account: { perSecond: 20, burst: 200 },
    operatorToken: { perSecond: 200, burst: 2_000 },
    address: { perSecond: 200, burst: 2_000 },
  })
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
  app.post('/door/:token', { config: { public: true } }, async () => 'taken')
  app.post('/own', { config: { public: true, ownLimit: true } }, async () => 'taken')
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

test('a flood at one door shuts no other one, and a form that bounds itself is bounded by nothing else', async () => {
  const { statuses } = await limited()
  await statuses(305, 'POST', '/door/a')
  expect(await statuses(3, 'POST', '/door/a')).toEqual([0, 3, 0])
  expect(await statuses(3, 'POST', '/door/b')).toEqual([3, 0, 0])
  expect(await statuses(3, 'POST', '/form')).toEqual([3, 0, 0])
  expect(await statuses(3, 'POST', '/own')).toEqual([3, 0, 0])
  expect(await statuses(310, 'POST', '/own', undefined, '192.0.2.2')).toEqual([310, 0, 0])
})

test('an address is stopped before anybody is looked for, whatever it sends', async () => {
  const { statuses } = await limited()
  const [, , unknown = 0] = await statuses(100, 'GET', '/api/v1/none')
  expect(unknown).toBe(100)
  await statuses(400, 'GET', '/page')
  expect(await statuses(3, 'GET', '/api/v1/things', 'token-of-bo')).toEqual([0, 3, 0])
  expect(await statuses(3, 'GET', '/page', undefined, '192.0.2.3')).toEqual([3, 0, 0])
})

describe('with the whole service', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await startTestApi({ trustedProxies: ['10.0.0.1', 'fd00::/8'] })
  })
  afterAll(() => api?.stop())

  test('a flood of reports keeps nobody behind the same address from signing in, or from reporting that they are trapped', async () => {
    await api.addAccount('duty', [{ role: 'duty-room', scope: { sites: [] } }])
    await api.send('POST', '/gateways', { id: 'gw-1' })
    await api.send('POST', '/devices', { id: 'lift-1', kind: 'elevator', gatewayId: 'gw-1' })
    const { url } = (await api.send('GET', '/labels')).json().items[0]
    const report = (path: string, kind: string) =>
      api.app.inject({ method: 'POST', url: `${path}/reports`, payload: { kind } })
    const statuses = new Set<number>()
    for (let n = 0; n < 1_000; n++) statuses.add((await report('/l/x', 'noise')).statusCode)
    expect([...statuses]).toEqual([404])
    expect(await api.signIn('duty')).toContain('liftwatt=')
    expect((await report(new URL(url).pathname, 'trapped')).json()).toEqual({ taken: 'taken' })
  })

  test('behind a trusted proxy everybody has their own address; what others say of theirs is not believed', async () => {
    const tryFrom = async (remoteAddress: string, forwarded: string) => {
      const headers = { 'x-forwarded-for': forwarded }
      const asked = { method: 'POST', url: '/api/v1/sign-in', payload: {} } as const
      return (await api.app.inject({ ...asked, headers, remoteAddress })).statusCode
    }
    for (let n = 0; n < 300; n++) await tryFrom('10.0.0.1', '192.0.2.1')
    expect(await tryFrom('10.0.0.1', '192.0.2.1')).toBe(429)
    expect(await tryFrom('10.0.0.1', '198.51.100.9, 192.0.2.1')).toBe(429) // the proxy adds whom it heard to what they say
    expect(await tryFrom('fd00::7', '192.0.2.1')).toBe(429)
    expect(await tryFrom('10.0.0.1', '192.0.2.2')).toBe(400)
    expect(await tryFrom('10.0.0.2', '192.0.2.1')).toBe(400)
    for (let n = 0; n < 300; n++) await tryFrom('10.0.0.2', `192.0.2.${n % 200}`)
    expect(await tryFrom('10.0.0.2', '192.0.2.250')).toBe(429)
  })
})
