import type { LightMyRequestResponse } from 'fastify'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dayMs } from '../core/clock.ts'
import { silentLog } from '../core/log.ts'
import { createProvider } from '../registry/provider.ts'
import { type Person, startTestProvider, type TestProvider } from '../test/openid-provider.ts'
import { goodPassword, startTestApi, type TestApi } from '../test/test-api.ts'

/* People sign in at another service, a real one on this machine. */

const publicUrl = 'https://liftwatt.example'
const redirectUrl = `${publicUrl}/sign-in/oidc/callback`
const dutyRoom = { role: 'duty-room', scope: { sites: [] } }
let provider: TestProvider
let api: TestApi
let sql: pg.Client

beforeAll(async () => {
  provider = await startTestProvider(redirectUrl)
  const { issuer, clientId, clientSecret } = provider
  api = await startTestApi({ publicUrl, provider: { issuer, clientId, clientSecret, publicUrl } })
  sql = new pg.Client(api.connection)
  await sql.connect()
})
afterAll(async () => {
  await sql?.end()
  await api?.stop()
  await provider?.stop()
})
beforeEach(() => {
  api.time.now += dayMs // what was tried from this address is forgotten
})

test('somebody whose e-mail an operator has entered signs in, and is known by their subject from then on', async () => {
  await add('li', { email: 'Li@City.example' })
  const li = { subject: 'li-at-the-city', email: 'li@city.example' }
  const first = await signInAs(li, '/duty?order=7')
  expect(first.landed).toEqual({ path: '/console/sign-in', next: '/duty?order=7', problem: null })
  expect(first.setCookies).toContainEqual(
    expect.stringMatching(/^__Host-liftwatt=[\w-]{65}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
  )
  expect((await me(first.cookie)).json()).toMatchObject({ accountId: 'li', roles: ['duty-room'] })
  const account = (await api.send('GET', '/accounts/li')).json()
  expect(account.identity).toEqual({ issuer: provider.issuer, subject: 'li-at-the-city' })
  expect(account.passwordSetAt).toBeNull()

  // another address there, or none, is still the same person; their address with somebody else is not
  expect((await signInAs({ subject: 'li-at-the-city', email: 'li.new@city.example' })).landed.problem).toBeNull()
  expect((await signInAs({ subject: 'li-at-the-city' })).landed.problem).toBeNull()
  expect((await signInAs({ subject: 'the-next-li', email: 'li@city.example' })).landed.problem).toBe('unknown')

  const [added, linked, signedIn] = await auditOf('li')
  expect(added).toMatchObject({ action: 'account-added' })
  expect(linked).toMatchObject({ actor: 'li', action: 'account-changed', data: { fields: ['identity'] } })
  expect(signedIn).toMatchObject({ actor: 'li', action: 'signed-in' })
  expect(signedIn?.data).toEqual({ address: '127.0.0.1', issuer: provider.issuer })
})

test('somebody whom an operator knows by their subject needs no e-mail', async () => {
  await add('wang', { identity: { issuer: provider.issuer, subject: 'wang-007' } })
  const { cookie } = await signInAs({ subject: 'wang-007' })
  await api.send('PATCH', '/accounts/wang', { email: 'wang@city.example' }) // one more way to be known, and nothing else
  expect((await me(cookie)).json()).toMatchObject({ accountId: 'wang' })
})

test('whoever has no account gets none: they are told so, and an operator sees in the audit who it was', async () => {
  const before = (await api.send('GET', '/accounts')).json().items.length
  const stranger = await signInAs({ subject: 'stranger', email: 'stranger@city.example' }, '/duty')
  expect(stranger.landed).toEqual({ path: '/console/sign-in', next: '/duty', problem: 'unknown' })
  expect(stranger.cookie).toBeUndefined()
  expect((await api.send('GET', '/accounts')).json().items).toHaveLength(before)
  const [failed] = await auditOf('unknown', 'desc')
  expect(failed).toMatchObject({ actor: 'sign-in', action: 'sign-in-failed' })
  expect(failed?.data).toEqual({
    address: '127.0.0.1',
    person: { identity: { issuer: provider.issuer, subject: 'stranger' }, email: 'stranger@city.example' },
  })
})

test.each<[string, string, Partial<Person>]>([
  ['is not verified', 'he@city.example', { isVerified: false }],
  ['is verified in other words than true', 'shen@city.example', { isVerified: 'true' }],
  [
    'only looks the same in small letters (U+212A, the Kelvin sign)',
    'kong@city.example',
    { email: '\u212aong@city.example' },
  ],
])('an e-mail that %s opens no account', async (_, email, said) => {
  await add(email.split('@')[0] ?? '', { email })
  expect((await signInAs({ subject: `not-${email}`, email, ...said })).landed.problem).toBe('unknown')
})

test('a removed account is nobody’s, and its e-mail is free for a new one', async () => {
  await add('sun', { email: 'sun@city.example' })
  const sun = { subject: 'sun', email: 'sun@city.example' }
  const { cookie } = await signInAs(sun)
  await api.send('DELETE', '/accounts/sun')
  expect((await me(cookie)).statusCode).toBe(401)
  expect((await signInAs(sun)).landed.problem).toBe('unknown')
  await add('sun-2', { email: 'sun@city.example' })
  expect((await signInAs(sun)).landed.problem).toBeNull()
})

test('another e-mail ends what the person before had: their sessions and their way in', async () => {
  await add('zhou', { email: 'zhou@city.example' })
  const zhou = { subject: 'zhou', email: 'zhou@city.example' }
  const { cookie } = await signInAs(zhou)
  const changed = await api.send('PATCH', '/accounts/zhou', { email: 'wu@city.example' })
  expect(changed.json()).toMatchObject({ email: 'wu@city.example', identity: null })
  expect((await me(cookie)).statusCode).toBe(401)
  expect((await signInAs(zhou)).landed.problem).toBe('unknown')
  expect((await signInAs({ subject: 'wu', email: 'wu@city.example' })).landed.problem).toBeNull()
  const change = (await auditOf('zhou')).find(
    ({ actor, action }) => actor === 'operator' && action === 'account-changed',
  )
  expect(change?.data).toEqual({ fields: ['email', 'identity'] })
})

test('one person at the provider is one account', async () => {
  const identity = { issuer: provider.issuer, subject: 'zheng' }
  await add('zheng', { email: 'zheng@city.example', identity })
  await add('feng', {})
  const taken = await api.send('PATCH', '/accounts/feng', { email: 'Zheng@city.example', identity })
  expect(taken.json().errors).toEqual([
    { path: 'email', message: 'is that of the account zheng' },
    { path: 'identity', message: 'is that of the account zheng' },
  ])
  const added = await api.send('POST', '/accounts', { id: 'qian', name: 'x', memberships: [dutyRoom], identity })
  expect(added.json().errors).toMatchObject([{ path: 'identity' }])
})

test('two browsers of one person that come for the first time at once are both let in', async () => {
  await add('chen', { email: 'chen@city.example' })
  const chen = { subject: 'chen', email: 'chen@city.example' }
  const both = await Promise.all([signInAs(chen), signInAs(chen)])
  expect(both.map(({ landed }) => landed.problem)).toEqual([null, null])
})

test('signing in ends the session that the browser had', async () => {
  await add('chu', { email: 'chu@city.example' })
  const chu = { subject: 'chu', email: 'chu@city.example' }
  const before = await signInAs(chu)
  const { back, errand } = await goThere(chu, '', (url) => url, before.cookie)
  // its cookie is SameSite=Strict, and does not come along from the provider's page
  const after = await comeBack(back, errand)
  expect(errand).not.toContain(before.cookie?.slice(-43))
  expect((await me(before.cookie)).statusCode).toBe(401)
  expect((await me(after.cookie)).statusCode).toBe(200)
})

test('who declines there is told that nothing happened', async () => {
  expect((await signInAs(undefined)).landed.problem).toBe('declined')
})

test.each<[string, (back: URL, errand: string) => [URL, string | undefined]]>([
  ['another state', (back, errand) => [changed(back, 'state', 'x'.repeat(43)), errand]],
  ['no state', (back, errand) => [changed(back, 'state', null), errand]],
  ['two states', (back, errand) => [new URL(`${back}&state=${back.searchParams.get('state')}`), errand]],
  ['another browser, which began nothing', (back) => [back, undefined]],
  ['a cookie that is none', (back) => [back, '__Host-liftwatt-errand=eyJzdGF0ZSI6MX0']],
  ['a code that was never given', (back, errand) => [changed(back, 'code', 'x'.repeat(43)), errand]],
  ['the answer of another provider (mix-up)', (back, errand) => [changed(back, 'iss', 'https://evil.example'), errand]],
  ['an answer without its issuer', (back, errand) => [changed(back, 'iss', null), errand]],
])('attack: with %s nobody is signed in', async (_, attack) => {
  await addOnce('attacked', { email: 'attacked@city.example' })
  const { back, errand } = await goThere({ subject: 'attacked', email: 'attacked@city.example' })
  const { landed, cookie } = await comeBack(...attack(back, errand))
  expect([landed.problem, cookie]).toEqual(['unproven', undefined])
})

test('attack: what is not an answer to us is not even taken to the provider', async () => {
  const { back, errand } = await goThere({ subject: 'attacked' })
  const before = provider.tokenRequests
  await comeBack(back, undefined)
  await comeBack(changed(back, 'state', 'x'.repeat(43)), errand)
  await comeBack(changed(back, 'iss', 'https://evil.example'), errand)
  expect(provider.tokenRequests).toBe(before)
})

test.each([
  ['nonce', 'x'.repeat(43)],
  ['code_challenge', 'x'.repeat(43)],
])('attack: an answer that was made for another %s signs nobody in', async (name, value) => {
  await addOnce('attacked', { email: 'attacked@city.example' })
  const person = { subject: 'attacked', email: 'attacked@city.example' }
  const { back, errand } = await goThere(person, '', (url) => changed(url, name, value))
  const { landed, cookie } = await comeBack(back, errand)
  expect([landed.problem, cookie]).toEqual(['unproven', undefined])
})

test('attack: an answer that was used is good for nothing, in the same browser too', async () => {
  await addOnce('attacked', { email: 'attacked@city.example' })
  const { back, errand } = await goThere({ subject: 'attacked', email: 'attacked@city.example' })
  const first = await comeBack(back, errand)
  expect(first.landed.problem).toBeNull()
  expect(first.setCookies).toContainEqual(expect.stringMatching(/^__Host-liftwatt-errand=; Max-Age=0;/))
  expect((await comeBack(back, errand)).landed.problem).toBe('unproven')
})

test.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', 'x'.repeat(4_000)])(
  'attack: %s as the page to go to leads to no address but ours',
  async (next) => {
    await addOnce('attacked', { email: 'attacked@city.example' })
    const { location } = await signInAs({ subject: 'attacked', email: 'attacked@city.example' }, next)
    expect(location).toMatch(/^\/console\/sign-in(\?next=[\w%.+]{1,600})?$/)
  },
)

test('who tries too often from one address is sent away, and the provider is asked nothing', async () => {
  const { back, errand } = await goThere({ subject: 'attacked' })
  const declined = await goThere(undefined)
  const forged = changed(back, 'state', 'x'.repeat(43))
  for (let n = 0; n < 100; n++) await comeBack(forged, errand)
  expect((await comeBack(declined.back, declined.errand)).landed.problem).toBe('declined') // who declines is no attacker
  expect((await begin()).headers.location).toContain(provider.issuer)
  await comeBack(forged, errand)
  const before = provider.tokenRequests
  expect((await comeBack(back, errand)).landed.problem).toBe('too-many')
  expect((await begin()).headers.location).toBe('/console/sign-in?problem=too-many')
  expect(provider.tokenRequests).toBe(before)
  await api.addAccount('has-a-password', [dutyRoom])
  expect(await api.signIn('has-a-password')).toContain('liftwatt=')
})

test('attack: a foreign page that sends browsers here without end keeps nobody of their address from signing in', async () => {
  await addOnce('attacked', { email: 'attacked@city.example' })
  const { back, errand } = await goThere({ subject: 'attacked', email: 'attacked@city.example' })
  for (let n = 0; n < 250; n++) await comeBack(back, undefined)
  await api.addAccount('beside', [dutyRoom])
  expect((await api.send('POST', '/sign-in', { id: 'beside', password: 'wrong' }, {})).statusCode).toBe(401)
  expect(await api.signIn('beside')).toContain('liftwatt=')
  expect((await comeBack(back, errand)).landed.problem).toBeNull()
})

test('while the provider is down, people are told so, and passwords work', async () => {
  await api.addAccount('operator-on-call', [dutyRoom])
  const { back, errand } = await goThere({ subject: 'attacked' })
  await provider.stop()
  try {
    expect((await comeBack(back, errand)).landed.problem).toBe('unavailable')
    expect((await begin('/duty')).headers.location).toBe('/console/sign-in?next=%2Fduty&problem=unavailable')
    expect(await api.signIn('operator-on-call', goodPassword)).toContain('liftwatt=')
  } finally {
    await provider.startAgain()
  }
  await addOnce('attacked', { email: 'attacked@city.example' })
  expect((await signInAs({ subject: 'attacked', email: 'attacked@city.example' })).landed.problem).toBeNull()
})

test('a provider that says it is another than the one of the settings is not believed', async () => {
  const { issuer, clientId, clientSecret } = provider
  const sameMachine = issuer.replace('127.0.0.1', 'localhost')
  const other = createProvider({ issuer: sameMachine, clientId, clientSecret, redirectUrl }, silentLog)
  expect(await other.begin()).toBeUndefined()
})

test('a provider that does not know our secret is in trouble, and nobody else is', async () => {
  const { issuer, clientId } = provider
  const other = createProvider({ issuer, clientId, clientSecret: 'wrong', redirectUrl }, silentLog)
  const begun = await other.begin()
  if (begun === undefined) throw new Error('it answers')
  provider.person = { subject: 'attacked' }
  const { search } = await provider.visit(begun.url)
  expect(await other.finish(search, begun.errand)).toEqual({ outcome: 'unavailable' })
})

test('the sign-in page learns where to go', async () => {
  expect((await api.send('GET', '/sign-in', undefined, {})).json()).toEqual({
    provider: { url: `${publicUrl}/sign-in/oidc` },
  })
})

async function add(id: string, more: object): Promise<void> {
  const added = await api.send('POST', '/accounts', { id, name: id, memberships: [dutyRoom], ...more })
  expect(added.statusCode, added.body).toBe(201)
}

async function addOnce(id: string, more: object): Promise<void> {
  if ((await api.send('GET', `/accounts/${id}`)).statusCode === 404) await add(id, more)
}

const begin = (next = '', cookie = '') =>
  api.app.inject({ url: `/sign-in/oidc?next=${encodeURIComponent(next)}`, headers: { cookie } })

/** To the provider, where they sign in: what the browser is sent back to, and the cookie that it has in hand. */
async function goThere(person: Person | undefined, next = '', onTheWay = (url: URL) => url, cookie = '') {
  const begun = await begin(next, cookie)
  expect(begun.statusCode, begun.body).toBe(302)
  provider.person = person
  const back = await provider.visit(String(onTheWay(new URL(String(begun.headers.location)))))
  return { back, errand: cookiesOf(begun)[0]?.split(';')[0] ?? '' }
}

async function comeBack(back: URL, cookie: string | undefined) {
  const answer = await api.app.inject({
    url: back.pathname + back.search,
    headers: { 'sec-fetch-site': 'cross-site', ...(cookie !== undefined && { cookie }) },
  })
  expect(answer.statusCode, answer.body).toBe(302)
  const location = String(answer.headers.location)
  const { pathname: path, searchParams } = new URL(location, publicUrl)
  const setCookies = cookiesOf(answer)
  return {
    ...{ location, setCookies },
    landed: { path, next: searchParams.get('next'), problem: searchParams.get('problem') },
    cookie: setCookies.find((one) => one.startsWith('__Host-liftwatt='))?.split(';')[0],
  }
}

async function signInAs(person: Person | undefined, next?: string) {
  const { back, errand } = await goThere(person, next)
  return comeBack(back, errand)
}

function me(cookie: string | undefined) {
  return api.send('GET', '/me', undefined, { cookie: cookie ?? '' })
}

function changed(url: URL, name: string, value: string | null): URL {
  const other = new URL(url)
  if (value === null) other.searchParams.delete(name)
  else other.searchParams.set(name, value)
  return other
}

function cookiesOf(answer: LightMyRequestResponse): string[] {
  return [answer.headers['set-cookie'] ?? []].flat()
}

async function auditOf(subject: string, order: 'asc' | 'desc' = 'asc') {
  const { rows } = await sql.query<{ actor: string; action: string; data: object }>(
    `select actor, action, data from audit where subject = $1 order by id ${order}`,
    [subject],
  )
  return rows
}
