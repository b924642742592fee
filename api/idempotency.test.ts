import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { LightMyRequestResponse } from 'fastify'
import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dayMs, hourMs, minuteMs, secondMs } from '../core/clock.ts'
import { shippedSheet } from '../quality/inspections/shipped-sheet.ts'
import { waiting } from '../quality/reports/request.ts'
import { type Receiver, receivers } from '../test/fixtures/receivers.ts'
import { type Neighbour, settle } from '../test/neighbour.ts'
import { goodPassword, ofOurPages, operatorToken, startTestApi, type TestApi } from '../test/test-api.ts'

let api: TestApi
let sql: pg.Client
let own: Neighbour
let hook: Receiver
let cookie: string
const failedReport = randomUUID()

beforeAll(async () => {
  api = await startTestApi()
  sql = new pg.Client(api.connection)
  await sql.connect()
  own = await settle(api.operations, 'own', api.time.now)
  const asked = { type: 'custom', from: 0, to: dayMs, asOf: null, filter: {}, sight: 'everything' } as const
  const failed = { state: 'failed', error: 'x', endedAt: 0 } as const
  await api.operations.insertReport({
    ...waiting(asked, { requestedBy: 'x', requestedAt: 0 }),
    ...{ ...failed, id: failedReport },
  })
  hook = await receivers.webhook()
  await api.addAccount('ann', [{ role: 'operator', scope: { sites: [] } }])
  cookie = await api.signIn('ann')
})
afterAll(async () => {
  await hook?.stop()
  await sql?.end()
  await api?.stop()
})

const iso = (ms: number) => new Date(ms).toISOString()
const csv = (text: string) => ({ type: 'text/csv', payload: text })

interface Case {
  /** As the document names it. */
  readonly path: string
  readonly id?: string
  /** Or what this POST made before. */
  readonly madeBy?: string
  readonly query?: string
  readonly body?: object | { type: string; payload: string | Buffer }
  /** What it does is not in the database: it sends, or it works in memory. */
  readonly leavesNoTrace?: true
  readonly bySession?: true
  /** Something goes on with it afterwards. */
  readonly goesOn?: true
}

interface Post {
  readonly parameters?: readonly { name: string }[]
  readonly responses: object
}

/** Every POST, with a body that is right, in an order in which each can be done. */
function cases(): Case[] {
  const { now } = api.time
  const visit = { startedAt: iso(now - 30 * hourMs), endedAt: iso(now - 29 * hourMs) }
  const swap = { from: iso(now), until: iso(now + hourMs), memberId: own.member }
  const alert = { status: 'firing', labels: { device_id: own.meter, severity: 'info' }, startsAt: iso(now) }
  const report = { source: 'camera', externalId: 'c-1', deviceId: own.meter, severity: 'warning', summary: 'Smoke' }
  const token = { name: 'x', expiresAt: iso(now + dayMs) }
  const order = (action: string, body?: object): Case => ({
    ...{ path: `/work-orders/{id}/${action}`, id: own.order },
    ...(body && { body }),
  })
  const objection = (action: string, body: object): Case => ({
    ...{ path: `/visits/{id}/objection${action}`, madeBy: '/devices/{id}/visits', body },
  })
  const inspection = (action: string, body: object): Case => ({
    ...{ path: `/quality/inspections/{id}/${action}`, madeBy: '/quality/inspections', body },
  })
  const findings = shippedSheet.items.map(({ id: item }) => ({ item, result: 'not-applicable', note: 'x' }))
  const person = { type: 'contact', of: 'site', ofId: 'site-new', role: 'tenant', name: 'Zhou Na' }
  const rule = { topic: '{device}', time: 'receipt', metrics: { watts: { path: '$.p' } } }
  return [
    { path: '/gateways', body: { id: 'gw-new' } },
    { path: '/gateways/{id}/rotate', id: 'gw-new' },
    { path: '/gateways/{id}/mapping/try', id: 'gw-new', body: { mapping: { rules: [rule] } }, leavesNoTrace: true },
    {
      path: '/sites',
      body: { id: 'site-new', type: 'estate', name: 'New', contacts: [{ role: 'tenant', name: 'Zhou Na' }] },
    },
    { path: '/devices', body: { id: 'new', kind: 'elevator', gatewayId: 'gw-new' } },
    { path: '/devices/{id}/visits', id: own.device, body: { items: ['half-month'], ...visit } },
    objection('', { reason: 'The switch is broken' }),
    objection('/note', { note: 'A new one is ordered' }),
    objection('/photos', { type: 'image/jpeg', payload: Buffer.from([0xff, 0xd8, 0xff, 2]) }),
    objection('/decide', { decision: 'accepted', reason: 'Seen' }),
    {
      path: '/contracts',
      body: {
        type: 'policy',
        teamId: own.insurer,
        number: 'P-new',
        validFrom: iso(now),
        devices: [{ deviceId: 'new' }],
      },
    },
    { path: '/overhauls', body: { deviceId: own.device, type: 'overhaul', reason: 'old', estimatedFen: 100 } },
    { path: '/overhauls/{id}/decide', madeBy: '/overhauls', body: { decision: 'approved', reason: 'x' } },
    { path: '/overhauls/{id}/done', madeBy: '/overhauls' },
    { path: '/quality/inspections', body: { deviceId: own.device, dueOn: '2026-12-24' } },
    inspection('start', { inspector: 'Lin' }),
    inspection('photos', { type: 'image/jpeg', payload: Buffer.from([0xff, 0xd8, 0xff, 3]) }),
    inspection('score', { findings }),
    inspection('finish', {}),
    { path: '/quality/inspections/{id}/not-possible', id: own.inspection, body: { reason: 'It is out of service' } },
    {
      ...{ path: '/quality/inspections/import', query: '?apply=true' },
      body: csv(`device_id,ended_at,passed\n${own.device},2026-10-01 10:00,true\n`),
    },
    { path: '/quality/reports', body: { period: '2026-10' }, goesOn: true },
    { path: '/quality/reports/{id}/retry', id: failedReport, goesOn: true },
    {
      path: '/quality/reports/{id}/shares',
      id: own.report,
      body: { name: 'Wu', expiresAt: iso(now + dayMs) },
    },
    { path: '/quality/report-schedules', body: { type: 'monthly' }, goesOn: true },
    {
      ...{ path: '/visits/import', query: '?apply=true' },
      body: csv(`device_id,started_at,ended_at,items\n${own.device},2026-11-01 09:00,2026-11-01 10:00,half-month\n`),
    },
    { path: '/import', query: '?apply=true', body: csv('id,type,name\nfrom-file,district,West\n') },
    { path: '/incidents', body: { ...report, finding: 'camera/smoke' } },
    { path: '/incidents/alertmanager', body: { alerts: [{ ...alert, fingerprint: 'abc1' }] } },
    { path: '/incidents/{id}/acknowledge', id: own.incident },
    { path: '/work-orders', body: { siteId: own.site, summary: 'The light is out', severity: 'warning' } },
    {
      ...{ path: '/work-orders/import', query: '?apply=true' },
      body: csv(
        `order_number,device_id,severity,occurred_at,ended_at,status\nW-1,${own.device},urgent,2026-03-01 08:00,2026-03-01 09:00,done\n`,
      ),
    },
    order('photos', { type: 'image/jpeg', payload: Buffer.from([0xff, 0xd8, 0xff, 1]) }),
    order('note', { note: 'Called back' }),
    order('acknowledge', { verified: true }),
    order('tell-passenger'),
    order('ask-for-help'),
    order('reassign', { teamId: own.maintainer }),
    order('accept'),
    order('arrive'),
    order('restore', {}),
    order('close', { outcome: 'repaired', causeClass: 'equipment' }),
    { path: '/work-orders/{id}/corrections', id: own.order, body: { outcome: 'drill', causeClass: null, reason: 'x' } },
    order('inspect'),
    order('follow-up'),
    { path: '/work-orders/{id}/dealt-with', madeBy: '/work-orders', body: { by: 'The tenant' } },
    { path: '/work-orders/{id}/merge', madeBy: '/work-orders', body: { intoId: own.meterOrder, reason: 'x' } },
    { path: '/work-orders/{id}/cancel', id: own.meterOrder, body: { reason: 'x' } },
    {
      path: '/suppressions',
      body: { type: 'shelf', scope: { type: 'device', id: own.device }, reason: 'x', endsAt: iso(now + dayMs) },
    },
    { path: '/suppressions/{id}/end', id: own.suppression },
    { path: '/duty-log', body: { type: 'handover', text: 'The key is with Wu', name: 'Wu' } },
    { path: '/duty-log/{id}/take-over', madeBy: '/duty-log', body: { name: 'Li' } },
    { path: '/teams', body: { id: 'team-new', type: 'crew', name: 'New' } },
    { path: '/members', body: { id: 'member-new', teamId: 'team-new', name: 'Wu' } },
    { path: '/teams/{id}/roster/swaps', id: own.crew, body: swap },
    { path: '/notices/{id}/retry', id: own.notice, goesOn: true },
    { path: '/channels', body: { id: 'hook', type: 'webhook', name: 'Hook', settings: hook.settings } },
    { path: '/channels/{id}/test', id: 'hook', leavesNoTrace: true },
    {
      path: '/rules/{kind}/{name}/changes',
      body: { scope: { type: 'kind', id: 'elevator' }, settings: { warnBelowLimitKelvin: 20 }, reason: 'Hot summer' },
    },
    {
      ...{ path: '/rules/{kind}/{name}/backtest', leavesNoTrace: true },
      body: { scope: { type: 'kind', id: 'elevator' }, from: iso(now - dayMs), to: iso(now) },
    },
    { path: '/backtests/{id}/cancel', madeBy: '/rules/{kind}/{name}/backtest', leavesNoTrace: true },
    { path: '/accounts', body: { id: 'bo', name: 'Bo', memberships: [{ role: 'duty-room', scope: { sites: [] } }] } },
    { path: '/accounts/{id}/invitation', id: 'bo' },
    { path: '/accounts/{id}/tokens', id: 'bo', body: token },
    { path: '/me/tokens', body: token, bySession: true },
    { path: '/erasures/preview', body: { person }, leavesNoTrace: true },
    { path: '/erasures', body: { person, reason: 'x' } },
  ]
}

/** Why these are not in the list above. */
const apart: Readonly<Record<string, string>> = {
  '/sign-in': 'nobody has signed in yet, so there is nobody whose key it could be',
  '/sign-out': 'afterwards the session is not there to ask again',
  '/me/password': 'ends the session that asked; the same again names a password that is not right any more',
}

function ask({ path, id = '', query = '', body, bySession }: Case, key: string): Promise<LightMyRequestResponse> {
  const isRaw = body !== undefined && 'type' in body && 'payload' in body
  const filled = path.replace('{id}', id).replace('{kind}', 'elevator').replace('{name}', 'motor-over-temperature')
  const headers = {
    ...(bySession ? { cookie, ...ofOurPages } : { authorization: `Bearer ${operatorToken}` }),
    ...{ 'idempotency-key': key, ...(isRaw && { 'content-type': body.type }) },
  }
  const payload = isRaw ? body.payload : body
  return api.app.inject({ method: 'POST', url: `/api/v1${filled}${query}`, headers, ...(payload && { payload }) })
}

/** One hash per table, whatever the table is; without the answers themselves. */
async function everything(): Promise<Record<string, string>> {
  const { rows } = await sql.query(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'idempotency_keys'`,
  )
  const hashes = rows.map(
    ({ name }) => `select '${name}' as name, md5(string_agg(t::text, ' ' order by t::text)) as hash from "${name}" t`,
  )
  const found = await sql.query(hashes.join(' union all '))
  return Object.fromEntries(found.rows.map(({ name, hash }) => [name, hash]))
}

async function atRest(): Promise<Record<string, string>> {
  for (let before = await everything(); ; ) {
    await sleep(200)
    const now = await everything()
    if (isDeepStrictEqual(now, before)) return now
    before = now
  }
}

test('every POST of the document, sent twice with one key, is done once and answered the same', async () => {
  const paths = (await api.app.inject('/openapi.json')).json().paths as Record<string, { post?: Post }>
  const known = Object.keys(paths).filter((path) => paths[path]?.post !== undefined && path.startsWith('/api/v1'))
  const wanted = known.map((path) => path.slice('/api/v1'.length)).filter((path) => apart[path] === undefined)
  expect(
    cases()
      .map(({ path }) => path)
      .sort(),
  ).toEqual(wanted.sort())

  for (const path of wanted) {
    const { parameters = [], responses } = paths[`/api/v1${path}`]?.post ?? {}
    const keys = parameters.filter(({ name }) => /^idempotency-key$/i.test(name))
    expect([path, keys.length, '409' in (responses ?? {})]).toEqual([path, 1, true])
  }

  const shownOnce: string[] = []
  const made = new Map<string, string>()
  let before = await everything()
  for (const [index, wantedCase] of cases().entries()) {
    const { path, leavesNoTrace, goesOn, madeBy = '' } = wantedCase
    api.time.now += 1_000
    const one = { id: made.get(madeBy) ?? '', ...wantedCase }
    const first = await ask(one, `key-${index}`)
    expect([path, first.statusCode, first.statusCode < 300 || first.body]).toEqual([path, first.statusCode, true])
    made.set(path, first.json().id)
    const after = goesOn ? await atRest() : await everything()
    if (leavesNoTrace !== true) expect([path, after]).not.toEqual([path, before])

    api.time.now += 1_000
    const second = await ask(one, `key-${index}`)
    if (second.statusCode === 409 && second.json().code === 'already-done') shownOnce.push(path)
    else {
      const told = ({ statusCode, body, headers: { location } }: LightMyRequestResponse) => [statusCode, body, location]
      expect([path, ...told(second)]).toEqual([path, ...told(first)])
      expect(second.headers['idempotent-replayed']).toBe('true')
    }
    before = await everything()
    expect([path, before]).toEqual([path, after])
  }
  expect(shownOnce).toEqual([
    ...['/gateways', '/gateways/{id}/rotate', '/quality/reports/{id}/shares'],
    ...['/accounts/{id}/invitation', '/accounts/{id}/tokens', '/me/tokens'],
  ])
})

test('no secret of an answer is kept', async () => {
  const made = await api.send('POST', '/gateways', { id: 'gw-secret' }, keyed('secret'))
  const { password } = made.json()
  const { rows } = await sql.query('select t::text as all from idempotency_keys t')
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.filter(({ all }) => all.includes(password))).toEqual([])
  const names = rows.flatMap(({ all }) => /"(?:password|secret|token|url)":"(?!•)[^"]{20,}/.exec(all)?.[0] ?? [])
  expect(names.filter((text) => !text.includes(String(hook.settings.url)))).toEqual([])
})

const keyed = (key: string) => ({ authorization: `Bearer ${operatorToken}`, 'idempotency-key': key })
const note = (text: string, key: string) =>
  api.send('POST', `/work-orders/${own.order}/note`, { note: text }, keyed(key))
const site = (id: string, key: string) => api.send('POST', '/sites', { id, type: 'estate', name: id }, keyed(key))

test('the same key with other words is 409, and what was done stays done', async () => {
  expect((await site('east', 'one')).statusCode).toBe(201)
  const other = await site('north', 'one')
  expect([other.statusCode, other.json().code]).toEqual([409, 'key-reused'])
  expect((await api.send('GET', '/sites/north')).statusCode).toBe(404)
})

test('a key is of one caller and one thing: others may use the same word', async () => {
  expect((await note('First', 'word')).statusCode).toBe(200)
  const elsewhere = await api.send('POST', `/work-orders/${own.meterOrder}/note`, { note: 'First' }, keyed('word'))
  expect([elsewhere.statusCode, elsewhere.json().id]).toEqual([200, own.meterOrder])
  const byAnn = await api.send(
    'POST',
    '/sites',
    { id: 'west', type: 'estate', name: 'west' },
    {
      ...{ cookie, 'idempotency-key': 'one' },
      ...ofOurPages,
    },
  )
  expect([byAnn.statusCode, byAnn.json().id]).toEqual([201, 'west'])
})

test('two duty rooms that number their calls alike get an order each, also where they see the same lift', async () => {
  const call = async (id: string) => {
    await api.addAccount(id, [{ role: 'duty-room', scope: { sites: [own.district] } }])
    const headers = { cookie: await api.signIn(id), ...ofOurPages, 'idempotency-key': 'call-4711' }
    const said = { siteId: own.site, summary: `The light is out, says the caller of ${id}`, severity: 'warning' }
    const made = await api.send('POST', '/work-orders', said, headers)
    const reason = 'The wall is wet'
    const shelf = {
      type: 'shelf',
      scope: { type: 'device', id: own.device },
      finding: `elevator/${id}`, // of one, a second would be refused
      reason,
      endsAt: iso(api.time.now + dayMs),
    }
    const shelved = await api.send('POST', '/suppressions', shelf, headers)
    if (shelved.statusCode !== 201) throw new Error(shelved.body)
    return [made.statusCode, made.json().id, shelved.statusCode, shelved.json().id]
  }
  const [one, two] = [await call('room-a'), await call('room-b')]
  expect([one[0], two[0], one[2], two[2]]).toEqual([201, 201, 201, 201])
  expect([one[1], one[3]]).not.toEqual([two[1], two[3]])
  const { rows } = await sql.query(
    `select count(distinct external_id)::int as n from incidents where external_id = 'call-4711'`,
  )
  expect(rows).toEqual([{ n: 0 }])
})

test('twenty at once have one effect, and all of them the one answer', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => site('twins', 'at-once')))
  expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1)
  expect(answers[0]?.statusCode).toBe(201)
  const { rows } = await sql.query(`select count(*)::int as n from history where subject_id = 'twins'`)
  expect(rows).toEqual([{ n: 1 }])
})

test('what was refused frees its key', async () => {
  const add = () =>
    api.send('POST', '/devices', { id: 'later', kind: 'elevator', gatewayId: 'gw-later' }, keyed('device'))
  expect((await add()).statusCode).toBe(400)
  await api.send('POST', '/gateways', { id: 'gw-later' })
  expect((await add()).statusCode).toBe(201)
})

test('what failed may have been done: it is not done again, but where the key lies in the same transaction it is', async () => {
  const away = async (table: string, work: () => Promise<LightMyRequestResponse>) => {
    await sql.query(`alter table ${table} rename to is_away`)
    try {
      expect((await work()).statusCode).toBeGreaterThanOrEqual(500)
    } finally {
      await sql.query(`alter table is_away rename to ${table}`)
    }
  }
  await away('history', () => site('failed', 'failed'))
  await away('work_order_events', () => note('Failed', 'failed'))
  expect((await note('Failed', 'failed')).statusCode).toBe(200)
  api.time.now += 3 * minuteMs
  const again = await site('failed', 'failed')
  expect([again.statusCode, again.json().code]).toEqual([409, 'already-done'])
})

test('of one caller twenty may wait for what is being done, ever less eagerly; one more is told at once', async () => {
  await site('slow', 'slow')
  await sql.query(`update idempotency_keys set status = null, body = null where route like '%/sites'`)
  const looks = vi.spyOn(api.operations, 'claimKey')
  const begun = performance.now()
  const told: number[] = []
  const answers = Array.from({ length: 25 }, async () => {
    const answer = await site('slow', 'slow')
    told.push(answer.statusCode)
    return `${answer.statusCode} ${answer.body}`
  })
  await expect.poll(() => told).toHaveLength(5)
  await sleep(1_000)
  expect(told).toEqual([503, 503, 503, 503, 503])
  // five in the first second and a half, then one a second
  expect(looks.mock.calls.length).toBeLessThanOrEqual(25 + 20 * (5 + (performance.now() - begun) / secondMs))
  looks.mockRestore()
  await sql.query(`update idempotency_keys set status = 201, body = '{}' where route like '%/sites'`)
  expect((await Promise.all(answers)).filter((answer) => answer === '201 {}')).toHaveLength(20)
})

test('after a day the key means nothing any more', async () => {
  await site('south', 'daily')
  api.time.now += dayMs - 1
  expect((await site('south', 'daily')).statusCode).toBe(201)
  api.time.now += 2
  expect((await site('south', 'daily')).json().code).toBe('already-exists')
})

test('what broke off is not done again, but where the key lies in the same transaction it is', async () => {
  await note('Broken off', 'broken')
  await site('broken', 'broken')
  await sql.query('update idempotency_keys set status = null, body = null')
  expect((await note('Broken off', 'broken')).statusCode).toBe(200)
  api.time.now += 3 * minuteMs
  const again = await site('broken', 'broken')
  expect([again.statusCode, again.json().code]).toEqual([409, 'already-done'])

  const { rows } = await sql.query(
    `select count(*)::int as n from work_order_events where data ->> 'note' = 'Broken off'`,
  )
  expect(rows).toEqual([{ n: 1 }])
})

test('an answer is not given to somebody who lost the rights for it', async () => {
  await api.addAccount('cai', [{ role: 'duty-room', scope: { sites: [own.district] } }])
  const headers = { cookie: await api.signIn('cai'), ...ofOurPages, 'idempotency-key': 'call' }
  const call = () => api.send('POST', '/work-orders', { siteId: own.site, summary: 'x', severity: 'warning' }, headers)
  expect((await call()).statusCode).toBe(201)
  expect((await call()).statusCode).toBe(201)
  await api.send('PATCH', '/accounts/cai', { memberships: [{ role: 'duty-room', scope: { sites: ['east'] } }] })
  const { statusCode, body } = await call()
  expect([statusCode, body.includes(own.site)]).toEqual([409, false])
})

test.each(['with space', 'x'.repeat(256), ' '])('%j is no key', async (key) => {
  expect((await site(`site-${randomUUID()}`, key)).statusCode).toBe(400)
})

test('a password that was said under a key cannot be guessed from what is kept', async () => {
  await api.addAccount('dan', [{ role: 'operator', scope: { sites: [] } }])
  const headers = { cookie: await api.signIn('dan'), ...ofOurPages, 'idempotency-key': 'new-password' }
  const body = { current: goodPassword, password: 'four stones and a lake' }
  expect((await api.send('POST', '/me/password', body, headers)).statusCode).toBe(204)
  const { rows } = await sql.query(`select fingerprint, body from idempotency_keys where actor = 'dan'`)
  expect(rows).toEqual([{ fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/), body: null }])
})
