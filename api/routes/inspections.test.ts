import { randomUUID } from 'node:crypto'
import type { LightMyRequestResponse } from 'fastify'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Membership } from '../../core/account.ts'
import { dayMs } from '../../core/clock.ts'
import { shippedSheet } from '../../quality/inspections/shipped-sheet.ts'
import { type Neighbour, settle } from '../../test/neighbour.ts'
import { allRoutes, operatorToken, startTestApi, type TestApi } from '../../test/test-api.ts'

let api: TestApi
let own: Neighbour
let far: Neighbour
const tokens = new Map<string, string>()

beforeAll(async () => {
  api = await startTestApi()
  own = await settle(api.operations, 'own', api.time.now)
  far = await settle(api.operations, 'far', api.time.now)
  const people: Record<string, Membership> = {
    company: { role: 'maintainer', scope: { teamId: own.maintainer } },
    mechanic: { role: 'technician', scope: { teamId: own.crew } },
    insurer: { role: 'insurer', scope: { teamId: own.insurer } },
  }
  for (const [id, membership] of Object.entries(people)) {
    await api.send('POST', '/accounts', { id, name: id, memberships: [membership] })
    const expiresAt = new Date(api.time.now + 300 * dayMs).toISOString()
    tokens.set(id, (await api.send('POST', `/accounts/${id}/tokens`, { name: 'x', expiresAt })).json().secret)
  }
})
afterAll(() => api?.stop())

const as = (id: string) => ({ authorization: `Bearer ${tokens.get(id)}` })
const read = (id: string, path: string) => api.send('GET', path, undefined, as(id))
const post = (id: string, path: string, body: object = {}) => api.send('POST', path, body, as(id))
const planned = async (more: object = {}) =>
  (await post('insurer', '/quality/inspections', { deviceId: own.device, dueOn: '2026-11-30', ...more })).json()
const picture = (path: string, text: string, start = [0xff, 0xd8, 0xff]) =>
  api.app.inject({
    ...{
      method: 'POST',
      url: `/api/v1${path}`,
      payload: Buffer.concat([Buffer.from(start), Buffer.from(text)]),
    },
    headers: { ...as('insurer'), 'content-type': 'image/jpeg' },
  })

/** Every GET that the router knows, with the ids of what is theirs where it names one. */
function askable(): string[] {
  const ids: Readonly<Record<string, string>> = {
    ...{ devices: own.device, sites: own.site, gateways: own.gateway, incidents: own.incident, teams: own.maintainer },
    ...{ 'work-orders': own.order, suppressions: own.suppression, visits: own.visit, notices: own.notice },
    ...{ members: `${own.maintainer}-member`, 'duty-log': own.dutyEntry, inspections: own.inspection },
    ...{ samples: own.sample, templates: 'elevator', 'inspection-plans': own.insurer },
    ...{ contracts: own.maintenance, overhauls: own.overhaul, kpis: 'inspection-score' },
  }
  return allRoutes(api.app)
    .filter(({ method, path }) => method === 'GET' && !/^\/(?:api\/v1\/stream|docs|openapi)|\*/.test(path))
    .map(({ path }) => path.replace(/([a-z-]+)\/:\w+/, (_, word: string) => `${word}/${ids[word] ?? own.device}`))
    .map((path) => path.replace(/:\w+/g, 'x'))
}

/** Without what names the request, and what tells the time. */
const told = ({ statusCode, headers, body }: LightMyRequestResponse) => {
  const { date: _, 'x-request-id': __, ...others } = headers
  return { statusCode, others, body: body.replace(/"requestId":"[^"]*"/, '') }
}

test('of an inspection that has not started no route tells who maintains the elevator, by not a single byte', async () => {
  const paths = askable()
  expect(paths.length).toBeGreaterThan(80)
  const walk = async () => {
    const answers: [string, object][] = []
    for (const account of ['company', 'mechanic']) {
      for (const url of paths) {
        api.time.now += 100 // so that nobody asks too often; set back below
        const said = await api.app.inject({ method: 'GET', url, headers: as(account) })
        answers.push([`${account} ${url}`, told(said)])
      }
    }
    return answers
  }
  const client = new pg.Client(api.connection)
  await client.connect()
  const tables = ['stream_events', 'notices', 'work_orders', 'incidents', 'evidence_links', 'visits', 'history']
  const countRows = async () =>
    (await client.query(tables.map((table) => `select '${table}', count(*) from ${table}`).join(' union '))).rows
  const start = api.time.now
  const without = await walk()
  api.time.now = start
  const before = await countRows()
  const { id } = await planned()
  const second = await planned({ kind: 'quarterly' })
  const givenUp = await post('insurer', `/quality/inspections/${second.id}/not-possible`, {
    reason: 'Closed for works',
  })
  expect(givenUp.statusCode).toBe(200)
  expect(await countRows()).toEqual(before) // neither a stream nor a notice tells, and no number is missing
  await client.end()
  api.time.now = start
  const withThem = await walk()
  expect(withThem).toEqual(without)
  expect(JSON.stringify(withThem)).not.toContain(id)

  const forms = allRoutes(api.app).filter(({ path }) => path.startsWith('/api/v1/quality/inspections/:id'))
  expect(forms.length).toBeGreaterThan(6)
  for (const { method, path } of forms) {
    const ask = (wanted: string) => {
      const url = path.replace(':id', wanted).replace(':photo', 'f'.repeat(64))
      return api.app.inject({ method: method as 'GET', url, headers: as('company') })
    }
    const none = randomUUID()
    const [hidden, missing] = [told(await ask(id)), told(await ask(none))]
    const without = (text: object, wanted: string) => JSON.stringify(text).replaceAll(wanted, '…')
    expect(without(hidden, id), `${method} ${path}`).toBe(without(missing, none))
    expect(hidden.statusCode).toBeGreaterThanOrEqual(403)
  }
  // the insurer of others hears nothing of it either
  expect((await read('insurer', `/quality/inspections?deviceId=${far.device}`)).json().items).toEqual([])

  // given up before anybody went, it stays unknown; begun, it is seen
  expect((await read('company', `/quality/inspections/${second.id}`)).statusCode).toBe(404)
  await post('insurer', `/quality/inspections/${id}/start`, { inspector: 'Sun Li' })
  expect((await read('company', `/quality/inspections/${id}`)).json()).toMatchObject({
    state: 'started',
    inspector: 'Sun Li',
  })
  expect((await read('company', '/quality/inspections')).json().items.map((one: { id: string }) => one.id)).toContain(
    id,
  )
})

const ok = (except: readonly string[]) =>
  shippedSheet.items.filter(({ id }) => !except.includes(id)).map(({ id }) => ({ item: id, result: 'ok' }))

test('from the plan to the re-check: score, pictures, orders for what must be mended', async () => {
  const { id } = await planned()
  const path = `/quality/inspections/${id}`
  const early = await post('insurer', `${path}/score`, { findings: [{ item: 'brake', result: 'ok' }] })
  expect([early.statusCode, early.json().code]).toEqual([409, 'order-state'])
  await post('insurer', `${path}/start`)
  expect((await post('insurer', `${path}/start`)).statusCode).toBe(409)

  const wrong = await post('insurer', `${path}/score`, { findings: [{ item: 'moon', result: 'ok' }] })
  expect(wrong.json()).toMatchObject({ code: 'invalid', errors: [{ path: 'findings.0.item' }] })
  await post('insurer', `${path}/score`, { findings: ok(['car-door', 'pit']) })
  const worn = { item: 'car-door', result: 'defect', defects: 2, note: 'Two rollers are worn' }
  await post('insurer', `${path}/score`, { findings: [worn] })
  const unfinished = await post('insurer', `${path}/finish`)
  expect([unfinished.statusCode, unfinished.json().errors]).toEqual([
    409,
    [
      { path: 'maintenance-record', message: 'needs a picture' },
      { path: 'use-mark', message: 'needs a picture' },
      { path: 'brake', message: 'needs a picture' },
      { path: 'car-door', message: 'needs a picture' },
      { path: 'pit', message: 'nobody has said how it is' },
    ],
  ])
  await post('insurer', `${path}/score`, { findings: [{ item: 'pit', result: 'not-applicable', note: 'No pit' }] })
  for (const item of ['maintenance-record', 'use-mark', 'brake', 'car-door']) {
    expect((await picture(`${path}/photos?item=${item}`, item)).statusCode).toBe(200)
  }
  expect((await picture(`${path}/photos?item=moon`, 'x')).json().detail).toContain('moon')
  expect((await picture(`${path}/photos?item=brake`, 'x', [])).json().errors).toMatchObject([{ path: 'picture' }])
  const [{ sha256 }] = (await read('insurer', path)).json().photos
  expect((await read('company', `${path}/photos/${sha256}`)).headers['content-type']).toBe('image/jpeg')
  expect((await read('company', `${path}/photos/${'f'.repeat(64)}`)).statusCode).toBe(404)

  const early2 = await post('insurer', `${path}/finish`, { remedies: [{ item: 'brake', dueOn: '2026-12-10' }] })
  expect(early2.json()).toMatchObject({ code: 'invalid', errors: [{ path: 'remedies.0.item' }] })
  // the brake is critical: its defect is not left without an order
  await post('insurer', `${path}/score`, { findings: [{ ...worn, item: 'brake', defects: 1 }] })
  const withoutBrake = await post('insurer', `${path}/finish`, {
    remedies: [{ item: 'car-door', dueOn: '2026-12-10' }],
  })
  expect([withoutBrake.statusCode, withoutBrake.json().errors]).toEqual([
    400,
    [{ path: 'remedies', message: 'brake has a critical defect: say by when it is mended' }],
  ])
  await post('insurer', `${path}/score`, { findings: [{ item: 'brake', result: 'ok' }] })
  const done = await post('insurer', `${path}/finish`, { remedies: [{ item: 'car-door', dueOn: '2026-12-10' }] })
  // 8 of the 94 points that apply
  expect(done.json()).toMatchObject({ state: 'done', score: 91.5, passed: true, maintainerId: own.maintainer })
  const [{ orderId }] = done.json().remedies
  expect((await read('company', `/work-orders/${orderId}`)).json()).toMatchObject({
    ...{ type: 'planned', deviceId: own.device, dueAt: '2026-12-10T16:00:00.000Z', finding: 'manual/remedial' },
    summary: '轿门防夹装置、滚轮、皮带 / Car door: protection, rollers, belt: Two rollers are worn',
  })

  const [recheck] = (await read('insurer', `/quality/inspections?recheckOf=${id}`)).json().items
  expect(recheck).toMatchObject({ kind: 're-check', state: 'planned', dueOn: '2026-12-17', sheetVersion: 0 })
  expect((await read('company', `/quality/inspections/${recheck.id}`)).statusCode).toBe(404)
  await post('insurer', `/quality/inspections/${recheck.id}/start`)
  const other = await post('insurer', `/quality/inspections/${recheck.id}/score`, {
    findings: [{ item: 'brake', result: 'ok' }],
  })
  expect(other.json().code).toBe('invalid')
  await post('insurer', `/quality/inspections/${recheck.id}/score`, { findings: [{ item: 'car-door', result: 'ok' }] })
  api.time.now += dayMs
  const mended = await post('insurer', `/quality/inspections/${recheck.id}/finish`)
  expect(mended.json()).toMatchObject({ state: 'done', score: 100, passed: true, recheckOf: id })

  const range = { from: api.time.now - 2 * dayMs, to: api.time.now + dayMs }
  const results = await api.operations.inspectionResults(range)
  expect(results.map(({ kind, passed }) => [kind, passed])).toEqual([
    ['unannounced', true],
    ['re-check', true],
  ])
})

test('a sheet is changed by version; what has started keeps the one that it was started with', async () => {
  const { version: _, id: __, ...content } = shippedSheet
  const { id } = await planned()
  await post('insurer', `/quality/inspections/${id}/start`)
  const short = { ...content, items: content.items.slice(0, 1), passScore: 90 }
  expect((await api.send('PUT', '/quality/templates/elevator', short, as('insurer'))).statusCode).toBe(403)
  const changed = await api.send('PUT', '/quality/templates/elevator', { ...short, version: 0 })
  expect(changed.json()).toMatchObject({ version: 1, passScore: 90 })
  expect((await api.send('PUT', '/quality/templates/elevator', { ...short, version: 0 })).statusCode).toBe(409)
  const twice = { ...short, items: [...short.items, ...short.items] }
  expect((await api.send('PUT', '/quality/templates/elevator', twice)).json().errors).toMatchObject([
    { path: 'items.1.id' },
  ])

  expect((await read('company', '/quality/templates')).json().items).toMatchObject([{ id: 'elevator', version: 1 }])
  const versions = (await read('company', '/quality/templates/elevator/versions')).json().items
  expect(versions.map((one: { version: number }) => one.version)).toEqual([1, 0])
  const { sheet } = (await read('insurer', `/quality/inspections/${id}`)).json()
  expect([sheet.version, sheet.items.length]).toEqual([0, shippedSheet.items.length])
})

test('a clock that was put back leaves no inspection that ends before it began, and no break', async () => {
  const { id } = await planned()
  api.time.now -= 60_000
  await post('insurer', `/quality/inspections/${id}/start`)
  const inspection = (await read('insurer', `/quality/inspections/${id}`)).json()
  expect(inspection.startedAt).toBe(inspection.plannedAt)
  api.time.now += 60_000
})

test('an insurer plans for elevators of its own, in time to come', async () => {
  const ask = (body: object) => post('insurer', '/quality/inspections', { dueOn: '2026-12-01', ...body })
  expect((await ask({ deviceId: far.device })).json()).toMatchObject({
    code: 'invalid',
    errors: [{ path: 'deviceId' }],
  })
  expect((await ask({ deviceId: own.meter })).json().detail).toContain('no elevator')
  expect((await ask({ deviceId: own.device, dueOn: '2026-11-01' })).json().detail).toContain('past')
  const insurance = `/quality/inspection-plans/${own.insurer}`
  const plan = { quarterly: false, monthlyShare: 0.2, unannouncedPerMonth: 0 }
  expect((await api.send('PUT', insurance, plan, as('insurer'))).json()).toMatchObject({
    version: 2,
    monthlyShare: 0.2,
  })
  expect((await api.send('PUT', insurance, { ...plan, version: 1 }, as('insurer'))).statusCode).toBe(409)
  const ofNobody = await api.send('PUT', insurance, { ...plan, monthlyShare: 0.00001, version: 2 }, as('insurer'))
  expect([ofNobody.statusCode, ofNobody.json().errors]).toMatchObject([400, [{ path: 'monthlyShare' }]])
})

test('a sample shows each what is theirs: the cut-off proves who was drawn', async () => {
  const path = `/quality/samples/${own.sample}`
  expect((await read('insurer', path)).json()).toMatchObject({ populationSize: 1, count: 1, seed: 'own' })
  expect((await read('company', path)).json()).toMatchObject({ populationSize: null, count: null, seed: 'own' })
  const { items } = (await read('company', `${path}/elevators`)).json()
  expect(items).toMatchObject([{ deviceId: own.device, drawn: items[0].rank <= 'f' }])
  expect((await read('company', `/quality/samples/${far.sample}`)).statusCode).toBe(404)
})

test('past inspections come as CSV, all or none, and go as CSV without a formula', async () => {
  const send = (csv: string, apply = false) =>
    api.app.inject({
      ...{ method: 'POST', url: `/api/v1/quality/inspections/import?apply=${apply}`, payload: csv },
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'text/csv' },
    })
  const head = 'device_id,ended_at,passed,score,kind,inspector,note,maintainer_id\n'
  const good = `${own.device},2026-11-24 16:00,合格,93.5,monthly,Wang,=1+1,${own.maintainer}\n${own.device},2025-11-02T02:00:00Z,false,,,,,\n`
  const bad = `${head}none,2026-03-01 10:00,true,,,,,\n${own.device},2026-02-30 10:00,maybe,101,,,,\n`
  const refused = await send(bad, true)
  expect([refused.statusCode, refused.json().errors]).toEqual([
    400,
    [
      { path: 'line 2.device_id', message: 'no elevator none' },
      { path: 'line 3.ended_at', message: expect.stringContaining('2026-11-24') },
      { path: 'line 3.score', message: 'must be from 0 to 100, with one decimal at most' },
      { path: 'line 3.passed', message: 'must be true or false, 合格 or 不合格' },
    ],
  ])
  const cannotBe = [
    [`${own.device},0202-08-01 10:00,true,90,,,,`, 'ended_at: is before 1980'],
    [`${own.device},2025-03-01 10:00,true,92.45,,,,`, 'score: must be from 0 to 100, with one decimal at most'],
    [`${own.device},2025-03-02 10:00,true,0x10,,,,`, 'score: must be from 0 to 100, with one decimal at most'],
    [`${own.device},2025-03-03 10:00,true,90,,,,${own.insurer}`, `maintainer_id: ${own.insurer} is an insurer`],
  ]
  const told = (await send(head + cannotBe.map(([line]) => line).join('\n'))).json()
  expect([told.created, told.errors.map((one: ImportError) => `${one.column}: ${one.message}`)]).toEqual([
    0,
    cannotBe.map(([, said]) => said),
  ])
  const preview = (await send(head + good)).json()
  expect(preview).toMatchObject({ inspections: 2, created: 2, applied: false, errorsInAll: 0 })
  expect((await send(head + good, true)).json()).toMatchObject({ created: 2, existing: 0, applied: true })
  expect((await send(head + good, true)).json()).toMatchObject({ created: 0, existing: 2, applied: true })
  const other = (await send(head + good.replace('合格,93.5', '不合格,93.5'))).json()
  expect(other.errors).toMatchObject([{ line: 2, message: expect.stringMatching(/^is there already as passed, 93.5/) }])

  const { body, headers } = await read('company', '/quality/inspections/export?kind=monthly')
  expect(headers['content-disposition']).toContain('inspections.csv')
  const [names, line] = body.replace('\ufeff', '').split('\r\n')
  expect(names).toContain('inspection_id,device_id,kind,state')
  expect(line).toContain(`${own.device},monthly,done,,2026-11-24,2026-11-24 16:00:00,2026-11-24T08:00:00.000Z`)
  expect(line).toContain("93.5,true,,,,,'=1+1")
})

interface ImportError {
  readonly column: string
  readonly message: string
}

test('lists go on by date and id: no cursor counts what is hidden', async () => {
  const first = (await read('company', '/quality/inspections?limit=1')).json()
  expect(first.nextCursor).toMatch(/^\d{4}-\d\d-\d\d_[0-9a-f-]{36}$/)
  const next = (await read('company', `/quality/inspections?limit=1&cursor=${first.nextCursor}`)).json()
  expect(next.items[0].id).not.toBe(first.items[0].id)
  expect((await read('company', '/quality/inspections?cursor=7')).statusCode).toBe(400)
})

test('what was written down is checked with all other chains; a better score, or one out of nothing, is found', async () => {
  const verify = async () => (await api.send('GET', '/verify')).json()
  const ofInspections = async () => {
    const { breaks } = await verify()
    return breaks.filter(
      ({ what, text }: { what: string; text: string }) => what === 'record' && !text.startsWith('It has no event'),
    )
  }
  expect(await ofInspections()).toEqual([])
  expect((await verify()).records).toBeGreaterThan(5)
  const [{ id }] = (await api.send('GET', '/quality/inspections?passed=false')).json().items
  const client = new pg.Client(api.connection)
  await client.connect()
  await client.query('update inspections set passed = true where id = $1', [id])
  await expect(client.query('delete from record_events')).rejects.toThrow('append-only')
  const invented = randomUUID()
  await client.query(
    `insert into inspections select (r).* from (select jsonb_populate_record(i, $2) as r from inspections i where id = $1) x`,
    [id, JSON.stringify({ id: invented })],
  )
  await client.end()
  expect(await ofInspections()).toMatchObject([{ id, text: 'The inspection has another passed than its events say' }])
  expect((await verify()).breaks.map((one: { id: string }) => one.id)).toContain(invented)
})
