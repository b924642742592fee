import type { LightMyRequestResponse } from 'fastify'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dayMs, hourMs, secondMs } from '../core/clock.ts'
import { createPasswords } from '../registry/passwords.ts'
import { goodPassword, ofOurPages, operatorToken, startTestApi, type TestApi } from '../test/test-api.ts'

/* How people and programs prove who they are, over HTTP. */

const dutyRoom = { role: 'duty-room', scope: { sites: [] } }
let api: TestApi
let sql: pg.Client

beforeAll(async () => {
  api = await startTestApi()
  sql = new pg.Client(api.connection)
  await sql.connect()
})
afterAll(async () => {
  await sql?.end()
  await api?.stop()
})
beforeEach(() => {
  api.time.now += dayMs // what was tried from this address is forgotten
})

test('an account lives: added, invited, joined, signed in, changed, signed out, removed, each in the audit', async () => {
  const account = { id: 'li', name: '李小龙', memberships: [dutyRoom] }
  const added = await api.send('POST', '/accounts', account)
  expect([added.statusCode, added.headers.location]).toEqual([201, '/api/v1/accounts/li'])
  expect(added.json()).toMatchObject({ ...account, locale: 'zh-CN', passwordSetAt: null, removedAt: null })
  expect((await tryIt('li', goodPassword)).statusCode).toBe(401)

  const invited = await api.send('POST', '/accounts/li/invitation', undefined, {
    ...{ authorization: `Bearer ${operatorToken}`, host: 'liftwatt.example' },
  })
  expect(invited.json()).toMatchObject({
    url: expect.stringMatching(/^http:\/\/liftwatt\.example\/join\/[\w-]{65}$/),
    ...{ purpose: 'invitation', expiresAt: new Date(api.time.now + 7 * dayMs).toISOString() },
  })
  const { pathname } = new URL(invited.json().url)
  expect((await submit(pathname, goodPassword)).statusCode).toBe(200)

  const entered = await tryIt('li', goodPassword)
  expect(entered.json()).toEqual({ accountId: 'li', name: '李小龙', memberships: [dutyRoom], roles: ['duty-room'] })
  const cookie = cookieOf(entered)
  const me = () => api.send('GET', '/me', undefined, { cookie })
  expect((await me()).json()).toEqual(entered.json())
  const installer = { role: 'installer', scope: { sites: [] } }
  await api.send('PATCH', '/accounts/li', { memberships: [installer] })
  expect((await me()).json().roles).toEqual(['installer']) // at once

  expect((await api.send('POST', '/sign-out', undefined, { cookie, ...ofOurPages })).statusCode).toBe(204)
  expect((await me()).statusCode).toBe(401)
  expect((await api.send('DELETE', '/accounts/li')).statusCode).toBe(204)
  expect((await tryIt('li', goodPassword)).statusCode).toBe(401)
  expect((await api.send('GET', '/accounts/li')).json().removedAt).not.toBeNull()
  expect((await api.send('GET', '/accounts')).json().items).toEqual([])
  expect((await api.send('DELETE', '/accounts/li')).statusCode).toBe(404)

  const audit = await auditOf('li')
  expect(audit.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
    'operator account-added',
    'sign-in sign-in-failed',
    'operator account-invited',
    'li account-joined',
    'li signed-in',
    'operator account-changed',
    'li session-ended',
    'operator account-removed', // and then it is as unknown as any other name
  ])
  expect(audit[0]?.data).toEqual({ memberships: { before: null, after: [dutyRoom] } })
  expect(audit[5]?.data).toEqual({ memberships: { before: [dutyRoom], after: [installer] } })
})

test('the cookie is for this host alone, out of reach of scripts and of other pages; over TLS, a browser holds us to it', async () => {
  await api.addAccount('cookie', [dutyRoom])
  const plain = String((await tryIt('cookie', goodPassword)).headers['set-cookie'])
  expect(plain).toMatch(/^liftwatt=[\w-]{65}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/)
  const answer = await tryIt('cookie', goodPassword, { origin: 'https://x.example', host: 'x.example' })
  const secure = String(answer.headers['set-cookie'])
  expect(secure).toMatch(/^__Host-liftwatt=[\w-]{65}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
  for (const cookie of [plain, secure].map((text) => text.split(';')[0] ?? '')) {
    expect((await api.send('GET', '/me', undefined, { cookie: `a=b; ${cookie}` })).statusCode).toBe(200)
  }
})

test('where no provider is set there is nothing to sign in by but a password', async () => {
  expect((await api.send('GET', '/sign-in', undefined, {})).json()).toEqual({ provider: null })
  expect((await api.app.inject('/sign-in/oidc')).statusCode).toBe(404)
})

test('a browser forgets a cookie that is good for nothing, and nothing when it sent none of ours', async () => {
  const ask = (cookie: string) => api.send('GET', '/me', undefined, { cookie })
  const forgotten = [(await ask('liftwatt=over; other=1')).headers['set-cookie']].flat()
  expect(forgotten.map((text) => /^([\w-]+)=; Max-Age=0;/.exec(String(text))?.[1])).toEqual([
    '__Host-liftwatt',
    'liftwatt',
  ])
  expect((await ask('other=1')).headers['set-cookie']).toBeUndefined()
})

test('signing in again ends the session that the browser had', async () => {
  await api.addAccount('again', [dutyRoom])
  const cookie = await api.signIn('again')
  const next = cookieOf(await tryIt('again', goodPassword, { cookie, ...ofOurPages }))
  expect(next).not.toBe(cookie)
  expect((await api.send('GET', '/me', undefined, { cookie })).statusCode).toBe(401)
  expect((await api.send('GET', '/me', undefined, { cookie: next })).statusCode).toBe(200)
})

test.each(['sign-out', 'one of them ended', 'everywhere', 'password', 'reset', 'an operator', 'removal', 'idle'])(
  'A35: after %s, a deep link opened with an old session is 401 at once',
  async (how) => {
    const id = `a35-${how.replaceAll(' ', '-')}`
    await api.addAccount(id, [dutyRoom])
    const [cookie, other] = [await api.signIn(id), await api.signIn(id)]
    const opens = async (key: string) => (await api.send('GET', '/me', undefined, { cookie: key })).statusCode
    expect([await opens(cookie), await opens(other)]).toEqual([200, 200])

    const own = { cookie: other, ...ofOurPages }
    const sessions = (await api.send('GET', '/me/sessions', undefined, own)).json().items
    expect(sessions).toMatchObject([{ address: '127.0.0.1' }, { address: '127.0.0.1' }])
    const old = sessions.find(({ isThis }: { isThis: boolean }) => !isThis).id
    let fresh: string | undefined
    if (how === 'sign-out') await api.send('POST', '/sign-out', undefined, { cookie, ...ofOurPages })
    if (how === 'one of them ended') await api.send('DELETE', `/me/sessions/${old}`, undefined, own)
    if (how === 'everywhere') await api.send('DELETE', '/me/sessions', undefined, own)
    if (how === 'password') {
      const change = { current: goodPassword, password: 'four cranes on a roof' }
      const wrong = await api.send('POST', '/me/password', { ...change, current: 'wrong' }, own)
      expect([wrong.statusCode, wrong.json().errors]).toEqual([
        400,
        [{ path: 'current', message: 'is not your password' }],
      ])
      const changed = await api.send('POST', '/me/password', change, own)
      expect(changed.statusCode).toBe(204)
      fresh = cookieOf(changed)
    }
    if (how === 'reset') {
      const { url } = (await api.send('POST', `/accounts/${id}/invitation`)).json()
      expect((await submit(new URL(url).pathname, 'four cranes on a roof')).statusCode).toBe(200)
    }
    if (how === 'an operator') await api.send('DELETE', `/accounts/${id}/sessions`)
    if (how === 'removal') await api.send('DELETE', `/accounts/${id}`)
    if (how === 'idle') api.time.now += 12 * hourMs
    expect(await opens(cookie)).toBe(401)
    const isAlone = how === 'sign-out' || how === 'one of them ended'
    expect(await opens(other)).toBe(isAlone ? 200 : 401)
    if (fresh !== undefined) expect(await opens(fresh)).toBe(200)
  },
)

test('A22: a session or a token that is forged, cut, longer, over, ended or of somebody removed is answered like none', async () => {
  for (const id of ['a22', 'a22-other', 'a22-gone']) await api.addAccount(id, [dutyRoom])
  const key = (await api.signIn('a22')).slice('liftwatt='.length)
  const otherKey = (await api.signIn('a22-other')).slice('liftwatt='.length)
  const goneKey = (await api.signIn('a22-gone')).slice('liftwatt='.length)
  const lives = async (id: string, ms: number): Promise<string> => {
    const body = { name: 'x', expiresAt: new Date(api.time.now + ms).toISOString() }
    return (await api.send('POST', `/accounts/${id}/tokens`, body)).json().secret
  }
  const token = await lives('a22', dayMs)
  const brief = await lives('a22', secondMs)
  const gone = await lives('a22-gone', dayMs)
  const removed = await lives('a22', dayMs)
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` })
  const session = (text: string) => ({ cookie: `liftwatt=${text}` })
  for (const right of [session(key), bearer(token), bearer(gone), bearer(removed), bearer(brief)]) {
    expect((await api.send('GET', '/me', undefined, right)).statusCode).toBe(200)
  }
  await api.send('DELETE', '/accounts/a22-gone')
  const [newest] = (await api.send('GET', '/accounts/a22/tokens')).json().items
  const ids = (await api.send('GET', '/accounts/a22/tokens')).json().items.map(({ id }: { id: string }) => id)
  const removedId = removed.slice(3, 25)
  expect(ids).toContain(removedId)
  expect(JSON.stringify(newest)).not.toMatch(/hash|salt|secret/)
  await api.send('DELETE', `/accounts/a22/tokens/${removedId}`)
  api.time.now += secondMs

  const forge = (text: string) => [
    ...[text.slice(0, -1), `${text}A`, text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')],
    ...[text.toLowerCase(), text.slice(0, text.length - 43), `${text.slice(0, -43)}${'A'.repeat(43)}`],
  ]
  const wrong = [
    ...[...forge(key), `${key.slice(0, 22)}${otherKey.slice(22)}`, goneKey, token, '', '"', '%00'].map(session),
    ...[...forge(token), `lw_${key}`, key, brief, gone, removed, `lw_${'A'.repeat(65)}`, 'lw_'].map(bearer),
    // a wrong token is not made good by the session beside it
    { ...session(key), ...bearer('wrong') },
    {},
  ]
  const bodies = new Set<string>()
  for (const headers of wrong) {
    const answer = await api.send('GET', '/me', undefined, headers as Record<string, string>)
    expect(answer.statusCode, JSON.stringify(headers)).toBe(401)
    bodies.add(JSON.stringify({ ...answer.json(), requestId: '' }))
  }
  expect(bodies.size).toBe(1)
  for (const right of [session(key), bearer(token)]) {
    expect((await api.send('GET', '/me', undefined, right)).statusCode).toBe(200)
  }
})

test('a token makes no session, no other token and no other password; it reads what its roles may', async () => {
  await api.addAccount('program', [{ role: 'operator', scope: { sites: [] } }])
  const cookie = await api.signIn('program')
  const expiresAt = new Date(api.time.now + dayMs).toISOString()
  const made = await api.send('POST', '/me/tokens', { name: 'x', expiresAt }, { cookie, ...ofOurPages })
  expect(made.statusCode).toBe(201)
  const authorization = `Bearer ${made.json().secret}`
  expect((await api.send('GET', '/teams', undefined, { authorization })).statusCode).toBe(200)
  for (const [path, body] of [
    ['/me/tokens', { name: 'y', expiresAt }],
    ['/me/password', { current: goodPassword, password: 'four cranes on a roof' }],
  ] as const) {
    expect((await api.send('POST', path, body, { authorization })).json().code).toBe('forbidden')
  }
  const listed = await api.send('GET', '/me/tokens', undefined, { cookie })
  expect(listed.json().items).toMatchObject([{ name: 'x', createdBy: 'program' }])
  expect(listed.body).not.toContain(made.json().secret.slice(25))
  const removed = await api.send('DELETE', `/me/tokens/${made.json().id}`, undefined, { cookie, ...ofOurPages })
  expect(removed.statusCode).toBe(204)
  expect((await api.send('GET', '/teams', undefined, { authorization })).statusCode).toBe(401)
})

test('what a token was given counts as long as its account has exactly that', async () => {
  for (const id of ['kept', 'left']) await api.send('POST', '/sites', { id, type: 'district', name: id })
  const operatorOf = (...sites: string[]) => [{ role: 'operator' as const, scope: { sites } }]
  await api.addAccount('moved', operatorOf('kept', 'left'))
  const body = { name: 'x', expiresAt: new Date(api.time.now + dayMs).toISOString() }
  const authorization = `Bearer ${(await api.send('POST', '/accounts/moved/tokens', body)).json().secret}`
  const status = async () => (await api.send('GET', '/devices', undefined, { authorization })).statusCode
  expect(await status()).toBe(200)
  await api.send('PATCH', '/accounts/moved', { memberships: operatorOf('kept') })
  expect(await status()).toBe(403)
})

test.each([
  ['/api/v1/sign-in', 5, 413],
  ['/join/x', 5, 413],
  ['/l/x/reports', 9, 413],
  ['/o/x/accept', 33, 413],
  // with its link it takes a picture, and without one it reads nothing
  ['/o/x/photos', 9, 404],
  ['/nowhere', 9, 404],
])(
  'what anybody sends to %s without signing in is not read beyond what it needs (%i KiB)',
  async (url, kib, status) => {
    const headers = { 'content-type': 'application/json', ...ofOurPages }
    const { statusCode } = await api.app.inject({ method: 'POST', url, headers, payload: '['.repeat(kib * 1024) })
    expect(statusCode).toBe(status)
  },
)

test('A23: an unknown name, one without a password and a wrong password are answered alike, in the same time', async () => {
  const tries = 60
  const hash = await createPasswords().hash(goodPassword)
  for (let n = 0; n * 9 < tries; n++) {
    const account = { id: `timed-${n}`, name: 'x', locale: 'en', memberships: [], createdAt: 0 } as const
    await api.operations.insertAccount({
      ...account,
      email: null,
      identity: null,
      passwordSetAt: null,
      removedAt: null,
    })
    await api.operations.setPassword(account.id, hash, api.time.now)
  }
  await api.operations.insertAccount({
    ...{
      id: 'timed-open',
      name: 'x',
      locale: 'en',
      memberships: [],
      email: null,
      identity: null,
      createdAt: 0,
      passwordSetAt: null,
      removedAt: null,
    },
  })
  const bodies = new Set<string>()
  async function measured(id: string): Promise<number> {
    api.time.now += secondMs // or the address would have to wait
    const from = performance.now()
    const answer = await tryIt(id, 'a wrong password')
    const ms = performance.now() - from
    expect(answer.statusCode).toBe(401)
    bodies.add(JSON.stringify({ ...answer.json(), requestId: '' }))
    return ms
  }
  await measured('timed-open')
  const [known, unknown]: [number[], number[]] = [[], []]
  for (let n = 0; n < tries; n++) {
    const one = () => measured(`timed-${Math.floor(n / 9)}`).then((ms) => known.push(ms))
    const other = () => measured(`nobody-${Math.floor(n / 9)}`).then((ms) => unknown.push(ms))
    for (const ask of n % 2 === 0 ? [one, other] : [other, one]) await ask()
  }
  expect(bodies.size).toBe(1)
  const [a, b] = [median(known), median(unknown)]
  console.log(`medians of ${tries}: wrong password ${a.toFixed(1)} ms, unknown name ${b.toFixed(1)} ms`)
  // 5 ms on a machine at rest; on a busy one every time is longer, but none twice as long: a hash that is left out is most of it
  expect(Math.abs(a - b)).toBeLessThan(Math.max(5, Math.min(a, b)))
})

test('A23: a name that was tried too often is 429 with the time to wait, whether or not anybody has it', async () => {
  await api.addAccount('waits', [dutyRoom])
  for (const id of ['waits', 'nobody-waits']) {
    for (let n = 0; n < 10; n++) expect((await tryIt(id, 'wrong')).statusCode).toBe(401)
    const answer = await tryIt(id, goodPassword)
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([
      ...[429, 'too-many-requests', '60'],
    ])
  }
  const failed = (await auditOf('waits')).filter(({ action }) => action === 'sign-in-failed')
  expect(failed.map(({ data }) => data.failures)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

test('A23: an address that tries a hundred names waits, others do not; the audit counts what it does not list', async () => {
  const tryFrom = (remoteAddress: string, id: string) =>
    api.app.inject({ ...{ method: 'POST', url: '/api/v1/sign-in', remoteAddress }, payload: { id, password: 'x' } })
  for (let n = 0; n < 101; n++) expect((await tryFrom('10.9.9.9', `name-${n}`)).statusCode).toBe(401)
  expect((await tryFrom('10.9.9.9', 'name-x')).statusCode).toBe(429)
  expect((await tryFrom('10.9.9.8', 'name-x')).statusCode).toBe(401)
  api.time.now += 60 * secondMs
  expect((await tryFrom('10.9.9.9', 'name-x')).statusCode).toBe(401)
  const rows = await auditOf('unknown')
  expect(rows.filter(({ action }) => action === 'sign-ins-failed').at(-1)?.data).toMatchObject({ unlisted: 42 })
  expect(JSON.stringify(rows)).not.toContain('name-')
})

test('A39: no password, secret or hash stands in audit, history or an answer', async () => {
  await api.addAccount('careful', [dutyRoom])
  const cookie = await api.signIn('careful')
  await tryIt('careful', 'a wrong but telling password')
  await tryIt('a password typed as a name', goodPassword)
  const { rows } = await sql.query<{ row: string }>(
    'select row_to_json(audit)::text as row from audit union all select row_to_json(history)::text from history',
  )
  const kept = rows.map(({ row }) => row).join('\n')
  expect(kept).toContain('careful')
  for (const secret of [goodPassword, 'telling', 'typed as a name', '$argon2', cookie.slice(-43), 'passwordHash']) {
    expect(kept).not.toContain(secret)
  }
  const account = await api.send('GET', '/accounts/careful')
  expect(Object.keys(account.json()).sort()).toEqual(
    ['createdAt', 'email', 'id', 'identity', 'locale', 'memberships', 'name', 'passwordSetAt', 'removedAt'].sort(),
  )
})

function tryIt(id: string, password: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  return api.send('POST', '/sign-in', { id, password }, headers)
}

function cookieOf({ headers }: LightMyRequestResponse): string {
  return String(headers['set-cookie']).split(';')[0] ?? ''
}

function submit(url: string, password: string, again = password): Promise<LightMyRequestResponse> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return api.app.inject({
    ...{ method: 'POST', url, headers },
    payload: String(new URLSearchParams({ password, again })),
  })
}

async function auditOf(subject: string) {
  const { rows } = await sql.query<{ actor: string; action: string; data: Record<string, unknown> }>(
    'select actor, action, data from audit where subject = $1 order by id',
    [subject],
  )
  return rows
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
