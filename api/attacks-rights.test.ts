import { randomUUID } from 'node:crypto'
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Membership } from '../core/account.ts'
import { dayMs, hourMs, minuteMs } from '../core/clock.ts'
import { isInSight, sightOf } from '../core/sight.ts'
import { denialsPerMinute } from '../registry/denials.ts'
import { type Neighbour, settle } from '../test/neighbour.ts'
import { allRoutes, operatorToken, startTestApi, type TestApi } from '../test/test-api.ts'

/* People with an account who want to know, or to do, what is not theirs. */

let api: TestApi
let sql: pg.Client
let own: Neighbour
let far: Neighbour
const tokens = new Map<string, string>()
const memberships: Record<string, Membership> = {}

beforeAll(async () => {
  api = await startTestApi()
  sql = new pg.Client(api.connection)
  await sql.connect()
  own = await settle(api.operations, 'own', api.time.now)
  far = await settle(api.operations, 'far', api.time.now)
  const here = { sites: [own.district] }
  Object.assign(memberships, {
    local: { role: 'operator', scope: here },
    duty: { role: 'duty-room', scope: here },
    district: { role: 'district', scope: here },
    fitter: { role: 'installer', scope: here },
    crew: { role: 'technician', scope: { teamId: own.crew } },
    company: { role: 'maintainer', scope: { teamId: own.maintainer } },
    insurer: { role: 'insurer', scope: { teamId: own.insurer } },
    nosy: { role: 'insurer', scope: { teamId: own.insurer } },
  })
  for (const [id, membership] of Object.entries(memberships)) {
    await api.send('POST', '/accounts', { id, name: id, memberships: [membership] })
    const expiresAt = new Date(api.time.now + 300 * dayMs).toISOString()
    const made = await api.send('POST', `/accounts/${id}/tokens`, { name: 'x', expiresAt })
    tokens.set(id, made.json().secret)
  }
})
afterAll(async () => {
  await sql?.end()
  await api?.stop()
})
beforeEach(() => {
  api.time.now += minuteMs
})

const as = (id: string) => ({ authorization: `Bearer ${tokens.get(id)}` })
const read = (id: string, path: string) => api.send('GET', path, undefined, as(id))
const post = (id: string, path: string, body?: object) => api.send('POST', path, body, as(id))
const items = async (id: string, path: string) => (await read(id, path)).json().items

test.each([
  ['by filter of a device', '/work-orders', 'deviceId', 'device'],
  ['by filter of a site', '/work-orders', 'siteId', 'district'],
  ['by filter of a crew', '/work-orders', 'teamId', 'crew'],
  ['by filter of a device', '/incidents', 'deviceId', 'device'],
  ['by the larger incident', '/incidents', 'parentId', 'incident'],
  ['by filter of a device', '/visits', 'deviceId', 'device'],
  ['by filter of a gateway', '/devices', 'gatewayId', 'gateway'],
  ['by search', '/sites', 'text', 'site'],
  ['by parent', '/sites', 'parentId', 'district'],
  ['by scope', '/suppressions', 'scopeId', 'device'],
] as const)(
  "A19: an insurer looks for somebody else's, %s in %s: the list is as empty as for what does not exist",
  async (_, path, field, what) => {
    const page = await read('insurer', `${path}?${field}=${far[what]}`)
    expect(page.json()).toEqual({ items: [], nextCursor: null })
    // the filter does find what is there
    if (field !== 'parentId' || path === '/sites')
      expect(await items('local', `${path}?${field}=${own[what]}`)).not.toEqual([])
  },
)

test('A19: pages of one are as many as there are things of theirs, and no cursor leads further', async () => {
  for (const path of ['/devices', '/work-orders', '/incidents', '/sites', '/visits']) {
    const seen: string[] = []
    let cursor = ''
    do {
      const page = (await read('insurer', `${path}?limit=1${cursor && `&cursor=${cursor}`}`)).json()
      seen.push(...page.items.map(({ id }: { id: string }) => id))
      cursor = page.nextCursor ?? ''
    } while (cursor !== '')
    const whole = await items('insurer', path)
    expect(seen).toEqual(whole.map(({ id }: { id: string }) => id))
    // one visit, three sites one in another, two of all others
    expect([path, seen.length]).toEqual([path, { '/visits': 1, '/sites': 3 }[path] ?? 2])
  }
})

test('A19: figures count what is theirs alone: devices of a house and of a gateway, parts of an incident, health of a site', async () => {
  const { operations } = api
  const shared = 'own-and-far-house'
  await api.send('POST', '/sites', { id: shared, type: 'building', name: 'x', parentId: own.district })
  for (const id of ['own-extra', 'far-extra']) {
    const [gatewayId, insurerId] = id === 'own-extra' ? [own.gateway, own.insurer] : [far.gateway, far.insurer]
    await api.send('POST', '/devices', { id, kind: 'elevator', gatewayId, siteId: shared, insurerId })
  }
  expect((await read('insurer', `/sites/${shared}`)).json().devices).toBe(1)
  expect((await read('duty', `/sites/${shared}`)).json().devices).toBe(2)
  expect((await read('insurer', `/sites/${shared}/health`)).statusCode).toBe(403)
  expect((await read('duty', `/sites/${shared}/health`)).json().devices).toBe(2)
  expect((await read('duty', `/sites/${far.site}/health`)).statusCode).toBe(404)

  await operations.takeIncidents([own.meterIncident, far.meterIncident], own.incident, null)
  const larger = (await read('insurer', `/incidents/${own.incident}`)).json()
  expect([larger.childCount, larger.children.map(({ id }: { id: string }) => id)]).toEqual([1, [own.meterIncident]])
  await sql.query('update incidents set parent_id = null')
})

test("A20: a crew does nothing to another crew's order, and a district reads nothing outside; each try is in the audit", async () => {
  const tries: [string, 'GET' | 'POST', string, string][] = [
    ['crew', 'GET', `/work-orders/${far.order}`, far.order],
    ['crew', 'POST', `/work-orders/${far.order}/accept`, far.order],
    ['crew', 'GET', `/devices/${far.device}/readings`, far.device],
    ['district', 'GET', `/sites/${far.site}`, far.site],
    ['district', 'GET', `/incidents/${far.incident}`, far.incident],
  ]
  for (const [who, method, path, subject] of tries) {
    expect((await api.send(method, path, undefined, as(who))).statusCode).toBe(404)
    const denied = await lastDenial(who, subject)
    expect(denied).toMatchObject({ data: { why: 'foreign', address: '127.0.0.1' } })
  }
  expect((await post('district', `/work-orders/${own.order}/accept`)).statusCode).toBe(403)
  const route = 'POST /api/v1/work-orders/:id/accept'
  expect(await lastDenial('district', route)).toMatchObject({ data: { why: 'role' } })
  const untouched = (await api.send('GET', `/work-orders/${far.order}`)).json()
  expect([untouched.state, untouched.teamId, untouched.technicianId]).toEqual(['raised', far.crew, null])
})

test('A20: what does not exist is no denial; who tries for hours fills no disk, and is counted', async () => {
  for (let n = 0; n < denialsPerMinute + 20; n++) await read('nosy', `/devices/${far.device}`)
  await read('nosy', '/devices/there-is-none')
  api.time.now += minuteMs
  await read('nosy', `/devices/${far.meter}`)
  await expect.poll(() => auditOf('nosy')).toHaveLength(denialsPerMinute + 2)
  const rows = await auditOf('nosy')
  expect(rows.filter(({ action }) => action === 'denials-unlisted').map(({ data }) => data.unlisted)).toEqual([20])
  expect(rows.map(({ subject }) => subject)).not.toContain('there-is-none')
})

test('a crew takes an order for itself and for nobody else, whatever it writes', async () => {
  const accept = (body: object) => post('crew', `/work-orders/${own.order}/accept`, body)
  for (const teamId of [far.crew, 'no-team']) {
    const answer = await accept({ teamId })
    expect([answer.statusCode, answer.json().errors]).toEqual([
      400,
      [{ path: 'teamId', message: `there is no team ${teamId}` }],
    ])
  }
  const taken = await accept({ technicianId: far.member })
  expect([taken.statusCode, taken.json().teamId]).toEqual([200, own.crew])

  // it is given to others: from then on it is not there
  const given = await post('duty', `/work-orders/${own.order}/reassign`, { teamId: own.maintainer })
  expect(given.json().teamId).toBe(own.maintainer)
  expect((await post('crew', `/work-orders/${own.order}/arrive`)).statusCode).toBe(404)
  expect((await post('duty', `/work-orders/${own.order}/reassign`, { teamId: far.crew })).statusCode).toBe(400)
  expect((await post('duty', `/work-orders/${own.order}/merge`, { intoId: far.order, reason: 'x' })).statusCode).toBe(
    400,
  )
  await post('duty', `/work-orders/${own.order}/reassign`, { teamId: own.crew })
})

test('whether somebody was trapped is for the duty room to say, not for a crew that did not go', async () => {
  await api.send('POST', '/devices', { id: 'stuck', kind: 'elevator', gatewayId: own.gateway, siteId: own.site })
  const said = { deviceId: 'stuck', summary: 'Stuck', severity: 'critical', peopleInside: 'yes' }
  const path = `/work-orders/${(await api.send('POST', '/work-orders', said)).json().id}`
  await post('duty', `${path}/reassign`, { teamId: own.crew })
  expect((await post('crew', `${path}/accept`)).statusCode).toBe(200)
  const refused = await post('crew', `${path}/close`, { outcome: 'false-alarm' })
  expect([refused.statusCode, refused.json().detail]).toEqual([
    409,
    expect.stringMatching(/^Whether nobody was trapped/),
  ])
  expect((await post('duty', `${path}/close`, { outcome: 'false-alarm' })).json().state).toBe('closed')
})

test('a company sees what its lifts need, and stops no clock of an order that a crew has', async () => {
  expect((await post('crew', `/work-orders/${own.order}/accept`)).statusCode).toBe(200)
  for (const [step, body] of [['arrive'], ['restore'], ['close', { outcome: 'false-alarm' }]] as const) {
    const refused = await post('company', `/work-orders/${own.order}/${step}`, body)
    expect([refused.statusCode, refused.json().detail]).toEqual([409, `${own.crew} has the order now`])
    const untouched = (await read('duty', `/work-orders/${own.order}`)).json()
    expect([untouched.state, untouched.arrivedAt, untouched.outcome]).toEqual(['accepted', null, null])
  }
  const said = { deviceId: own.device, summary: 'It grinds', severity: 'urgent' }
  const theirs = `/work-orders/${(await api.send('POST', '/work-orders', said)).json().id}`
  await post('duty', `${theirs}/reassign`, { teamId: own.maintainer })
  await post('company', `${theirs}/accept`)
  expect((await post('company', `${theirs}/arrive`)).statusCode).toBe(200)
  await api.send('POST', `${theirs}/cancel`, { reason: 'It was a test' })
})

test('who holds no contract for a lift, and was not sent to maintain it, claims no visit there; the company does', async () => {
  api.time.now += 4 * hourMs // the company has maintained it for as long
  const endedAt = api.time.now - hourMs
  const times = { startedAt: new Date(endedAt - hourMs).toISOString(), endedAt: new Date(endedAt).toISOString() }
  const claim = async (id: string, of: object) => {
    const claimed = await post(id, `/devices/${own.device}/visits`, { items: ['half-month'], ...times, ...of })
    return [claimed.statusCode, claimed.json().teamId]
  }
  expect(await claim('crew', {})).toEqual([403, undefined])
  expect(await claim('crew', { teamId: own.maintainer })).toEqual([400, undefined])
  expect(await claim('local', {})).toEqual([201, own.maintainer])
})

test('a key that opened another order opens none, and does not tell which one', async () => {
  const headers = { 'idempotency-key': 'call-7' }
  const call = (id: string, where: object, summary = 'The light is out') =>
    api.send('POST', '/work-orders', { ...where, summary, severity: 'warning' }, { ...headers, ...as(id) })
  const opened = await call('duty', { siteId: own.site })
  expect(opened.statusCode).toBe(201)
  expect((await call('duty', { siteId: own.site })).json().id).toBe(opened.json().id)
  const detail = 'This Idempotency-Key was used for something else'
  for (const other of [await call('duty', { siteId: own.district }), await call('duty', { siteId: own.site }, 'x')]) {
    expect([other.statusCode, other.json().detail]).toEqual([409, detail])
  }
})

test('who is not of the crew but maintains the lift takes the order for the company', async () => {
  const taken = await post('company', `/work-orders/${own.meterOrder}/accept`)
  expect([taken.statusCode, taken.json().teamId, taken.json().technicianId]).toEqual([200, own.maintainer, 'company'])
  expect((await read('crew', `/work-orders/${own.meterOrder}`)).statusCode).toBe(404)
})

test('A21: an installer brings devices and gateways into service in their own sites alone, and gives nobody rights', async () => {
  const device = { id: 'new-lift', kind: 'elevator', gatewayId: own.gateway, siteId: own.site }
  const wrong: [object, string][] = [
    [{ ...device, siteId: far.site }, 'siteId'],
    [{ ...device, siteId: 'no-site' }, 'siteId'],
    [{ ...device, siteId: undefined }, 'siteId'],
    [{ ...device, gatewayId: far.gateway }, 'gatewayId'],
    [{ ...device, maintainerId: own.maintainer }, 'maintainerId'],
    [{ ...device, insurerId: own.insurer }, 'insurerId'],
    [{ ...device, role: 'operator' }, 'role'],
  ]
  for (const [body, path] of wrong) {
    const answer = await post('fitter', '/devices', body)
    expect([answer.statusCode, answer.json().errors[0].path]).toEqual([400, path])
  }
  await api.send('PATCH', `/devices/${far.device}`, { feederId: 'far-feeder' })
  expect((await post('fitter', '/devices', { ...device, feederId: 'far-feeder' })).json().errors[0].path).toBe(
    'feederId',
  )
  expect((await post('fitter', '/devices', { ...device, feederId: 'new-feeder' })).statusCode).toBe(201)
  const patch = (who: string, body: object) => api.send('PATCH', '/devices/new-lift', body, as(who))
  for (const body of [{ siteId: far.site }, { siteId: null }, { gatewayId: far.gateway }, { insurerId: own.insurer }]) {
    expect((await patch('fitter', body)).statusCode, JSON.stringify(body)).toBe(400)
  }
  expect((await patch('local', { insurerId: far.insurer })).statusCode).toBe(400)
  expect((await patch('local', { insurerId: own.insurer })).statusCode).toBe(200)
  expect((await read('insurer', '/devices/new-lift')).statusCode).toBe(200)

  await api.send('POST', '/devices', { ...device, id: 'far-old', siteId: far.site, gatewayId: far.gateway })
  await api.send('DELETE', '/devices/far-old?reason=gone')
  expect((await post('fitter', '/devices', { ...device, id: 'far-old' })).json().code).toBe('already-exists')
  expect((await api.send('GET', '/devices/far-old')).json()).toMatchObject({ siteId: far.site })

  expect((await post('fitter', '/gateways', { id: 'new-gw' })).statusCode).toBe(400)
  expect((await post('fitter', '/gateways', { id: 'new-gw', siteId: far.site })).statusCode).toBe(400)
  expect((await post('fitter', '/gateways', { id: 'new-gw', siteId: own.site })).statusCode).toBe(201)
  expect((await read('fitter', '/gateways/new-gw')).json()).toMatchObject({ siteId: own.site, devices: 0 })

  expect((await post('fitter', '/sites', { id: 'loose', type: 'building', name: 'x' })).statusCode).toBe(400)
  const within = { id: 'new-unit', type: 'unit', name: 'x', parentId: own.site }
  expect((await post('fitter', '/sites', { ...within, parentId: far.site })).statusCode).toBe(400)
  expect((await post('fitter', '/sites', within)).statusCode).toBe(201)
  for (const parentId of [far.site, null]) {
    expect((await api.send('PATCH', '/sites/new-unit', { parentId }, as('fitter'))).statusCode).toBe(400)
  }
})

test('nobody gets what is elsewhere by making the site that it names: one that is not there yet, or not any more', async () => {
  const far1 = { id: 'far-unplaced', kind: 'elevator', gatewayId: far.gateway, siteId: 'ward-9' }
  await api.send('POST', '/devices', far1)
  await api.send('POST', '/sites', { id: 'ward-8', type: 'unit', name: 'x', parentId: far.site })
  await api.send('DELETE', '/sites/ward-8')
  const make = (id: string) => post('fitter', '/sites', { id, type: 'unit', name: 'x', parentId: own.site })
  await api.send('POST', '/gateways', { id: 'far-unplaced-gw', siteId: far.site })
  await sql.query("update gateways set site_id = 'ward-10' where id = 'far-unplaced-gw'")
  await sql.query("update incidents set site_id = 'ward-11' where id = $1", [far.meterIncident])
  await sql.query("update work_orders set site_id = 'ward-12' where id = $1", [far.meterOrder])
  for (const id of ['ward-9', 'ward-8', 'ward-10', 'ward-11', 'ward-12', far.site]) {
    const { statusCode, body } = await make(id)
    expect([statusCode, JSON.parse(body).detail]).toEqual([409, `A site ${id} exists already`])
  }
  expect((await make('ward-7')).statusCode).toBe(201)
  expect((await read('fitter', '/devices/far-unplaced')).statusCode).toBe(404)
  await sql.query('update incidents set site_id = $2 where id = $1', [far.meterIncident, far.site])
  await sql.query('update work_orders set site_id = $2 where id = $1', [far.meterOrder, far.site])
})

test('a gateway whose devices stand in two districts is for nobody who sees only one of them', async () => {
  await api.send('POST', '/gateways', { id: 'between' })
  for (const [id, siteId] of [
    ['here', own.site],
    ['there', far.site],
  ]) {
    await api.send('POST', '/devices', { id: `${id}-lift`, kind: 'elevator', gatewayId: 'between', siteId })
    expect((await read('fitter', '/gateways/between')).statusCode).toBe(id === 'here' ? 200 : 404)
  }
  expect((await post('fitter', '/gateways/between/rotate')).statusCode).toBe(404)
})

test('A21: fields that are ours to set are refused by name, on every route that takes a body', async () => {
  const smuggled = { role: 'operator', tenantId: 'x', slaDeadline: 1, status: 'closed' }
  const taken: string[] = []
  for (const { method, path } of allRoutes(api.app)) {
    const isForeignFormat = /(alertmanager|import|photos)$/.test(path)
    if (!path.startsWith('/api/v1') || !/^(POST|PUT|PATCH)$/.test(method) || isForeignFormat) continue
    const url = path.replace(/:\w+/g, (name) => (name === ':keyId' ? 'k'.repeat(22) : idFor(path)))
    const authorization = `Bearer ${operatorToken}`
    const answer = await api.app.inject({
      method: method as 'POST',
      url,
      headers: { authorization },
      payload: smuggled,
    })
    const named = (answer.json().errors ?? []).map((one: { path: string }) => one.path)
    const isRefused = answer.statusCode === 400 && Object.keys(smuggled).every((name) => named.includes(name))
    // what takes no body reads none
    if (!isRefused && !withoutBody.test(path)) taken.push(`${method} ${path}: ${answer.statusCode} ${named}`)
  }
  expect(taken).toEqual([])
})
const withoutBody = /\/(sign-out|invitation|me\/.*|cancel|retry)$/
const idFor = (path: string) =>
  /(work-orders|incidents|suppressions|notices|backtests|duty-log|inspections|visits|contracts|overhauls|reports|samples)\//.test(
    path,
  )
    ? randomUUID()
    : 'x'

test('A25: what somebody writes is sent as text: JSON that no browser takes for a page, a file that it saves', async () => {
  const name = '<img src=x onerror="alert(1)">'
  expect((await api.send('PATCH', `/sites/${own.site}`, { name }, as('fitter'))).statusCode).toBe(200)
  for (const [path, type] of [
    [`/sites/${own.site}`, 'application/json; charset=utf-8'],
    ['/sites/export?kind=sites', 'text/csv; charset=utf-8'],
    [`/work-orders?siteId=${encodeURIComponent(name)}`, 'application/problem+json'],
  ]) {
    const { headers } = await read('local', path ?? '')
    expect(headers['content-type']).toContain(type)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
  }
  expect((await read('local', `/sites/${own.site}`)).json().name).toBe(name)
  expect((await read('local', '/sites/export')).headers['content-disposition']).toContain('attachment')
})

test('of every event, those see it live who see the order or the incident', async () => {
  const subjects = [own.incident, own.order, far.incident, far.order, own.meterIncident, far.meterOrder]
  const events = subjects.map((subject, id) => ({ transaction: '1', id, at: 0, type: 'x', subject, data: {} }))
  const concerned = await api.operations.concernedBy(events)
  const order = new Set([own.order, far.order, own.meterOrder, far.meterOrder])
  for (const membership of Object.values(memberships)) {
    const sight = sightOf([membership], [membership.role])
    for (const { id, subject } of events) {
      const sees = await api.operations.sees(sight, order.has(subject) ? 'order' : 'incident', subject)
      expect([membership, subject, isInSight(sight, concerned.get(id))]).toEqual([membership, subject, sees])
    }
  }
})

test('the live stream tells each what is theirs, also what they missed; a crew that loses an order is told that it did', async () => {
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  const crew = await listen('crew')
  const insurer = await listen('insurer')
  const everyone = await listen(null)
  await expect.poll(() => [crew, insurer, everyone].every(({ isOpen }) => isOpen())).toBe(true)
  const note = (order: string) => api.send('POST', `/work-orders/${order}/note`, { note: 'x' })
  await note(far.order)
  await note(own.order)
  await expect.poll(() => crew.types()).toEqual(['order.noted'])
  await post('duty', `/work-orders/${own.order}/reassign`, { teamId: own.maintainer })
  await note(own.order)
  await note(far.order)
  const all = [far.order, own.order, own.order, own.order, far.order]
  await expect.poll(() => everyone.subjects()).toEqual(all)
  await expect.poll(() => insurer.subjects()).toEqual([own.order, own.order, own.order])
  await expect.poll(() => crew.types()).toEqual(['order.noted', 'order.reassigned'])

  const again = await listen('insurer', everyone.ids()[0])
  await expect.poll(() => again.subjects()).toEqual([own.order, own.order, own.order])
})

test('what could not be told for a moment is told a moment later', async () => {
  const crew = await listen('crew')
  const note = () => api.send('POST', `/work-orders/${own.order}/note`, { note: 'x' })
  const told = (...types: string[]) => expect.poll(() => crew.types()).toEqual(types)
  await expect.poll(() => crew.isOpen()).toBe(true)
  await api.send('POST', `/work-orders/${own.order}/reassign`, { teamId: own.crew })
  await told('order.reassigned')
  const concerned = vi.spyOn(api.operations, 'concernedBy').mockRejectedValueOnce(new Error('connection lost'))
  onTestFinished(() => concerned.mockRestore())
  await note()
  await note()
  await told('order.reassigned', 'order.noted', 'order.noted')
  expect(concerned.mock.calls.length).toBeGreaterThan(1)
})

test('one account does not take the room of the others on the live stream', async () => {
  const readers = await Promise.all(Array.from({ length: 20 }, () => listen('insurer')))
  await expect.poll(() => readers.every(({ isOpen }) => isOpen())).toBe(true)
  const refused = await read('insurer', '/stream')
  expect([refused.statusCode, refused.json().code]).toEqual([429, 'too-many-requests'])
  const others = await Promise.all([listen('duty'), ...Array.from({ length: 21 }, () => listen(null))])
  await expect.poll(() => others.every(({ isOpen }) => isOpen())).toBe(true)
})

async function listen(id: string | null, lastEventId?: string) {
  const { port } = api.app.server.address() as AddressInfo
  const authorization = `Bearer ${id === null ? operatorToken : tokens.get(id)}`
  let text = ''
  const headers = { authorization, ...(lastEventId && { 'last-event-id': lastEventId }) }
  const request = get({ host: '127.0.0.1', port, path: '/api/v1/stream', headers }, (response) => {
    response.on('data', (chunk) => {
      text += chunk
    })
  })
  request.on('error', () => {})
  onTestFinished(() => void request.destroy())
  const found = (pattern: RegExp) => () => [...text.matchAll(pattern)].map(([, what = '']) => what)
  return {
    isOpen: () => text.includes('retry'),
    subjects: found(/"subject":"([^"]+)"/g),
    types: found(/^event: (.+)$/gm),
    ids: found(/^id: (.+)$/gm),
  }
}

async function lastDenial(actor: string, subject: string) {
  const query =
    "select data from audit where actor = $1 and subject = $2 and action = 'denied' order by id desc limit 1"
  await expect.poll(async () => (await sql.query(query, [actor, subject])).rowCount).toBe(1)
  return (await sql.query(query, [actor, subject])).rows[0]
}

async function auditOf(actor: string): Promise<{ action: string; subject: string; data: { unlisted?: number } }[]> {
  return (await sql.query('select action, subject, data from audit where actor = $1 order by id', [actor])).rows
}
