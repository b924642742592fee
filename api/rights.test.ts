import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import Fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Membership, type Role, roles } from '../core/account.ts'
import { dayMs } from '../core/clock.ts'
import { testMember } from '../test/fixtures/people.ts'
import { allRoutes, ofOurPages, startTestApi, type TestApi } from '../test/test-api.ts'
import { requireToken } from './auth.ts'

/* Who may call at all: by session or token, from which page, and for how long. Which role may do what: rights-matrix.test.ts. */

type Method = 'GET' | 'POST'
/** For everyone; nobody is asked who they are. */
const open =
  /^\/(docs.*|console.*|healthz|readyz|metrics|openapi\.json|[or]\/:token.*|l\/:code.*|join\/:secret|api\/v1\/sign-in)?$/
/** For everyone who has an account; all but the first with a session only. */
const ofEveryone = /^\/api\/v1\/(me|me\/.*|sign-out)$/

const membershipOf: Readonly<Record<Role, Membership>> = {
  operator: { role: 'operator', scope: { sites: [] } },
  'duty-room': { role: 'duty-room', scope: { sites: [] } },
  installer: { role: 'installer', scope: { sites: [] } },
  district: { role: 'district', scope: { sites: [] } },
  technician: { role: 'technician', scope: { teamId: 'crew' } },
  maintainer: { role: 'maintainer', scope: { teamId: 'company' } },
  insurer: { role: 'insurer', scope: { teamId: 'insurance' } },
}

/** The promise is 5 s. `npm test` shares its machine with whatever else runs there. */
const cutWithinMs = process.env.LIFTWATT_TEST_LONG === undefined ? 30_000 : 5_000

let api: TestApi
let routes: { method: Method; path: string; url: string }[]
const tokens = new Map<string, string>()

beforeAll(async () => {
  api = await startTestApi()
  for (const [id, type] of [
    ['crew', 'crew'],
    ['company', 'maintainer'],
    ['insurance', 'insurer-inspector'],
  ]) {
    await api.send('POST', '/teams', { id, type, name: id })
  }
  await api.send('POST', '/sites', { id: 'xihu', type: 'district', name: 'Xihu' })
  for (const role of roles) await addWithToken(`an-${role}`, membershipOf[role])
  await addWithToken('an-operator-of-xihu', { role: 'operator', scope: { sites: ['xihu'] } })
  routes = allRoutes(api.app).map(({ method, path }) => ({
    ...{ method: method as Method, path },
    url: path.replace(/:keyId/g, 'k'.repeat(22)).replace(/:\w+|\*/g, 'x'),
  }))
})
afterAll(() => api?.stop())

async function addWithToken(id: string, membership: Membership): Promise<void> {
  await api.addAccount(id, [membership])
  const expiresAt = new Date(api.time.now + dayMs).toISOString()
  const made = await api.send('POST', `/accounts/${id}/tokens`, { name: 'walk', expiresAt })
  tokens.set(id, made.json().secret)
}

const asToken = (id: string) => ({ authorization: `Bearer ${tokens.get(id)}` })

test('with a session, everyone reaches what is their own, and no more', async () => {
  for (const role of roles) {
    let cookie = await api.signIn(`an-${role}`)
    for (const { method, path, url } of routes.filter(({ path }) => ofEveryone.test(path))) {
      const { statusCode } = await api.app.inject({ method, url, headers: { cookie, ...ofOurPages } })
      expect([401, 403], `${role} ${method} ${path}`).not.toContain(statusCode)
      const endsIt = statusCode === 204 && /(sign-out|sessions)$/.test(path)
      if (endsIt) cookie = await api.signIn(`an-${role}`)
    }
    const headers = { cookie, ...ofOurPages }
    const listed = await api.send('GET', '/accounts', undefined, headers)
    expect(listed.statusCode).toBe(role === 'operator' ? 200 : 403)
  }
})

test('who sends others and goes nowhere takes no order that no crew has: they say which one goes', async () => {
  const said = { siteId: 'xihu', summary: 'It smokes', severity: 'urgent' }
  const { id } = (await api.send('POST', '/work-orders', said)).json()
  await api.operations.updateOrder(id, 'raised', { teamId: null })
  const accept = (as: string, body: object) => api.send('POST', `/work-orders/${id}/accept`, body, asToken(as))
  for (const as of ['an-operator', 'an-operator-of-xihu', 'an-duty-room']) {
    const refused = await accept(as, {})
    expect([refused.statusCode, refused.json().code]).toEqual([400, 'invalid'])
    expect(refused.json().detail).toContain('teamId: ')
  }
  await api.operations.insertMember(testMember('elsewhere', 'company'))
  const stranger = { teamId: 'crew', technicianId: 'elsewhere' }
  expect((await accept('an-duty-room', stranger)).json().code).toBe('invalid')
  const named = await accept('an-duty-room', { teamId: 'crew' })
  expect([named.statusCode, named.json().teamId]).toEqual([200, 'crew'])

  await api.operations.updateOrder(id, 'accepted', { state: 'cancelled', cancelledAt: api.time.now, teamId: null })
  for (const body of [{}, stranger]) expect((await accept('an-duty-room', body)).json().code).toBe('order-state')
})

test('who called is read by whoever sends somebody and by the crew that has the order or may take it, and by nobody else', async () => {
  await api.send('POST', '/gateways', { id: 'gw-called', name: 'gw-called' })
  const device = { id: 'called', gatewayId: 'gw-called', kind: 'elevator', name: 'Lift', siteId: 'xihu' }
  await api.send('POST', '/devices', device)
  for (const [role, team] of [
    ['maintainer', 'company'],
    ['insurer', 'insurance'],
  ] as const) {
    await api.operations.setDeviceParty('called', role, team, 0)
  }
  const reportedBy = { name: 'Ms Wu', phone: '139 1111 2222' }
  const said = { deviceId: 'called', summary: 'It smokes', severity: 'urgent', reportedBy }
  const { id } = (await api.send('POST', '/work-orders', said)).json()
  await api.operations.updateOrder(id, 'raised', { teamId: 'crew' })
  const readBy = async (as: string) => {
    const read = await api.send('GET', `/work-orders/${id}`, undefined, asToken(as))
    const listed = await api.send('GET', '/work-orders?deviceId=called', undefined, asToken(as))
    const noted = await api.send('POST', `/work-orders/${id}/note`, { note: 'Seen' }, asToken(as))
    const orders = [read.json(), listed.json().items[0], ...(noted.statusCode === 200 ? [noted.json()] : [])]
    return orders.map((order) => order.reportedBy)
  }
  for (const as of ['an-operator', 'an-operator-of-xihu', 'an-duty-room', 'an-technician']) {
    expect(await readBy(as), as).toEqual([reportedBy, reportedBy, reportedBy])
  }
  expect(await readBy('an-district')).toEqual([null, null])
  for (const as of ['an-maintainer', 'an-insurer']) expect(await readBy(as), as).toEqual([null, null, null])

  await api.operations.updateOrder(id, 'raised', { teamId: null })
  expect(await readBy('an-maintainer')).toEqual([reportedBy, reportedBy, reportedBy])
  expect(await readBy('an-insurer')).toEqual([null, null, null])
  const accepted = await api.send('POST', `/work-orders/${id}/accept`, {}, asToken('an-maintainer'))
  expect(accepted.json()).toMatchObject({ teamId: 'company', reportedBy })
})

test('what a technician did without a network on an order that was merged is done to the one of the same device that their crew has', async () => {
  const device = { id: 'merged-lift', gatewayId: 'gw-called', kind: 'elevator', name: 'Lift', siteId: 'xihu' }
  await api.send('POST', '/devices', device)
  const open = async (summary: string) => {
    const { id } = (await api.send('POST', '/work-orders', { deviceId: device.id, summary, severity: 'urgent' })).json()
    await api.operations.updateOrder(id, 'raised', { teamId: 'crew' })
    return id as string
  }
  const [goesOn, merged] = [await open('It smokes'), await open('It hums')]
  const phone = { doneAt: new Date(api.time.now).toISOString() }
  const act = (id: string, action: string, said: object, as = 'an-technician') =>
    api.send('POST', `/work-orders/${id}/${action}`, said, asToken(as))
  await act(merged, 'accept', { phone })
  await act(merged, 'merge', { intoId: goesOn, reason: 'One event' }, 'an-duty-room')
  expect((await act(merged, 'arrive', { phone })).json()).toMatchObject({ id: goesOn, state: 'arrived' })
  expect((await act(merged, 'restore', {})).json().code).toBe('order-state')
})

test('whether it is real says the duty room, or the crew that is there: nobody else lifts what guards who is shut in', async () => {
  const said = { siteId: 'xihu', summary: 'It smokes', severity: 'urgent' }
  const { id } = (await api.send('POST', '/work-orders', said)).json()
  await api.operations.updateOrder(id, 'raised', { teamId: 'crew' })
  const say = async (as: string, verified?: boolean) =>
    (await api.send('POST', `/work-orders/${id}/note`, { note: 'Nobody', verified }, asToken(as))).statusCode
  expect(await say('an-duty-room', true)).toBe(200)
  expect([await say('an-technician', false), await say('an-technician')]).toEqual([403, 200])
  for (const action of ['accept', 'arrive'])
    await api.send('POST', `/work-orders/${id}/${action}`, {}, asToken('an-technician'))
  expect(await say('an-technician', false)).toBe(200)

  await api.operations.updateOrder(id, 'arrived', { teamId: 'insurance' })
  expect([await say('an-insurer', false), await say('an-insurer')]).toEqual([403, 200])
})

test('a new route that says nothing of roles is for operators of all there is, and one that names some is for those', async () => {
  const bare = Fastify()
  const signIn = {
    viewerOfSession: async () => undefined,
    viewerOfApiToken: async (id: string) => {
      const role = roles.find((one) => one === id)
      const memberships = role === undefined ? [] : [membershipOf[role]]
      return { accountId: id, name: id, memberships, sessionId: null }
    },
  }
  requireToken(bare, { operatorToken: 'x'.repeat(32), clock: () => 0, signIn })
  bare.get('/api/v1/new', async () => 'new')
  bare.get('/new', async () => 'new')
  bare.get('/api/v1/some', { config: { roles: ['technician', 'insurer'] } }, async () => 'some')
  bare.get('/api/v1/none', { config: { roles: [] } }, async () => 'none')
  const statuses = async (url: string) => {
    const answers: [string, number][] = []
    for (const id of [...roles, 'nobody']) {
      const { statusCode } = await bare.inject({ url, headers: { authorization: `Bearer ${id}` } })
      answers.push([id, statusCode])
    }
    return answers.filter(([, status]) => status !== 403).map(([id, status]) => `${id} ${status}`)
  }
  expect(await statuses('/api/v1/new')).toEqual(['operator 200'])
  expect(await statuses('/new')).toEqual(['operator 200'])
  expect((await statuses('/api/v1/some')).sort()).toEqual(['insurer 200', 'technician 200'])
  expect(await statuses('/api/v1/none')).toEqual([])
  expect((await bare.inject('/api/v1/new')).statusCode).toBe(401)
  await bare.close()
})

test('A24: with a session, nothing is changed by a page that is not ours, on any route', async () => {
  const cookie = await api.signIn('an-operator')
  const host = { host: 'liftwatt.example' }
  const foreign: [string, Record<string, string>][] = [
    ['a foreign page', { ...host, origin: 'https://evil.example' }],
    [
      'a foreign page, as a new browser says it',
      { ...host, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    ],
    ['a neighbour of our domain', { ...host, origin: 'https://x.liftwatt.example', 'sec-fetch-site': 'same-site' }],
    ['another port of our machine', { ...host, origin: 'http://liftwatt.example:81' }],
    ['a sandboxed frame', { ...host, origin: 'null' }],
    ['nobody says where', host],
    ['a form of our own page', { ...host, ...ofOurPages, 'content-type': 'application/x-www-form-urlencoded' }],
    ['a form with plain text', { ...host, ...ofOurPages, 'content-type': 'text/plain;charset=UTF-8' }],
    ['a form with files', { ...host, ...ofOurPages, 'content-type': 'Multipart/Form-Data; boundary=x' }],
  ]
  const changing = routes.filter(({ method, path }) => !/^(GET|HEAD)$/.test(method) && !open.test(path))
  expect(changing.length).toBeGreaterThan(50)
  const taken: string[] = []
  for (const { method, path, url } of changing) {
    for (const [from, headers] of foreign) {
      const answer = await api.app.inject({ method, url, headers: { cookie, ...headers } })
      if (answer.statusCode !== 403 || answer.json().code !== 'cross-site') taken.push(`${method} ${path} from ${from}`)
    }
  }
  expect(taken).toEqual([])

  const evil = { origin: 'https://evil.example', ...host }
  const changed = api.send('POST', '/teams', { id: 'evil', type: 'crew', name: 'x' }, { cookie, ...evil })
  expect((await changed).json().code).toBe('cross-site')
  const signIn = await api.send('POST', '/sign-in', { id: 'operator', password: 'x' }, evil)
  expect([signIn.statusCode, signIn.json().code]).toEqual([403, 'cross-site'])
})

test('our own pages do change things: by fetch metadata or origin; a token needs neither', async () => {
  const cookie = await api.signIn('an-operator')
  const ways: Record<string, string>[] = [
    { cookie, ...ofOurPages },
    { cookie, host: 'liftwatt.example', origin: 'https://liftwatt.example' },
    asToken('an-operator'),
    { ...asToken('an-operator'), origin: 'https://evil.example' },
  ]
  for (const [n, headers] of ways.entries()) {
    const made = await api.send('POST', '/teams', { id: `way-${n}`, type: 'crew', name: 'x' }, headers)
    expect(made.statusCode, JSON.stringify(headers)).toBe(201)
  }
  // a foreign page may ask; it cannot read the answer, and SameSite keeps the cookie from it
  const read = await api.send('GET', '/teams', undefined, { cookie, origin: 'https://evil.example' })
  expect(read.statusCode).toBe(200)
  expect(read.headers['access-control-allow-origin']).toBeUndefined()
})

test('behind a proxy that asks us by another name, PUBLIC_URL says which pages are ours', async () => {
  const viewer = { accountId: 'x', name: 'x', memberships: [membershipOf.operator], sessionId: 's' }
  const signIn = { viewerOfSession: async () => viewer, viewerOfApiToken: async () => undefined }
  const proxied = Fastify()
  const publicUrl = 'https://liftwatt.example'
  requireToken(proxied, { operatorToken: 'x'.repeat(32), clock: () => 0, signIn, publicUrl })
  proxied.post('/api/v1/new', async () => 'new')
  const from = async (origin: string) => {
    const headers = { cookie: 'liftwatt=x', host: '127.0.0.1:8080', origin }
    return (await proxied.inject({ method: 'POST', url: '/api/v1/new', headers })).statusCode
  }
  expect(await from(publicUrl)).toBe(200)
  for (const other of ['https://evil.example', 'http://liftwatt.example', `${publicUrl}.evil.example`, 'null', '']) {
    expect(await from(other), other).toBe(403)
  }
  await proxied.close()
})

test('the live stream of somebody who signs out, is signed out, loses the role or is removed is cut within 5 seconds', async () => {
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.app.server.address() as AddressInfo
  const ends: Record<string, (cookie: string) => ReturnType<TestApi['send']>> = {
    out: (cookie) => api.send('POST', '/sign-out', undefined, { cookie, ...ofOurPages }),
    'signed-out': (cookie) => api.send('DELETE', '/accounts/signed-out/sessions', undefined, { cookie, ...ofOurPages }),
    'role-lost': () => api.send('PATCH', '/accounts/role-lost', { memberships: [membershipOf.district] }),
    removed: () => api.send('DELETE', '/accounts/removed'),
  }
  const stays = 'stays'
  const streams = new Map<string, { cookie: string; isOpen: () => boolean; close: () => void }>()
  for (const id of [...Object.keys(ends), stays]) {
    await api.addAccount(id, [membershipOf.operator])
    const cookie = await api.signIn(id)
    streams.set(id, { cookie, ...(await openStream(port, cookie)) })
  }
  const openOnes = () => [...streams].filter(([, { isOpen }]) => isOpen()).map(([id]) => id)
  await delay(2_500) // longer than from one look to the next
  expect(openOnes()).toEqual([...streams.keys()])

  for (const [id, end] of Object.entries(ends)) {
    expect((await end(streams.get(id)?.cookie ?? '')).statusCode).toBeLessThan(300)
  }
  await expect.poll(openOnes, { timeout: cutWithinMs }).toEqual([stays])
  streams.get(stays)?.close()
})

test('who ends their own session is answered, however long that takes; what they read beside it is cut', async () => {
  let isOver = false
  const viewer = { accountId: 'x', name: 'x', memberships: [membershipOf.operator], sessionId: 's' }
  const signIn = { viewerOfSession: async () => (isOver ? undefined : viewer), viewerOfApiToken: async () => undefined }
  const app = Fastify()
  requireToken(app, { operatorToken: 'x'.repeat(32), clock: () => 0, signIn })
  let cut = () => {}
  const isCut = new Promise<void>((resolve) => {
    cut = resolve
  })
  app.get('/api/v1/all', () => isCut)
  app.post('/api/v1/end', async () => {
    isOver = true
    await isCut
    return 'ended'
  })
  const headers = { cookie: 'liftwatt=x', ...ofOurPages }
  const reading = app.inject({ url: '/api/v1/all', headers }).catch((cause: Error) => cause.message)
  const ending = app.inject({ method: 'POST', url: '/api/v1/end', headers })
  expect(await reading).toMatch(/destroyed/)
  cut()
  expect((await ending).body).toBe('ended')
  await app.close()
})

function openStream(port: number, cookie: string): Promise<{ isOpen: () => boolean; close: () => void }> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path: '/api/v1/stream', headers: { cookie } }, (response) => {
      let isOpen = response.statusCode === 200
      response
        .on('error', () => {})
        .on('close', () => {
          isOpen = false
        })
      response.resume()
      resolve({ isOpen: () => isOpen, close: () => request.destroy() })
    })
    request.on('error', reject)
  })
}
