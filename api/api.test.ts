import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { createBacktests } from '../analytics/backtests.ts'
import { createHealthWatch } from '../analytics/health.ts'
import { createRules } from '../analytics/rules.ts'
import { hourMs, minuteMs } from '../core/clock.ts'
import { StoreUnavailable } from '../core/errors.ts'
import { silentLog } from '../core/log.ts'
import type { Reading } from '../core/reading.ts'
import { readSettings } from '../core/settings.ts'
import { kinds, metricCatalogue } from '../devices/index.ts'
import { createMappingTrial } from '../ingest/mapping-trial.ts'
import { renderReport } from '../quality/reports/render.ts'
import { createLiveness } from '../registry/liveness.ts'
import { createRegistry } from '../registry/registry.ts'
import { createResponse } from '../response.ts'
import { memoryReadings } from '../stores/readings/memory.ts'
import { testIncident } from '../test/fixtures/rows.ts'
import { type OwnPostgres, startOwnPostgres } from '../test/operations-database.ts'
import { allRoutes } from '../test/test-api.ts'
import { sealOnce } from '../workorders/evidence/seals.ts'
import { openOrder } from '../workorders/life/open.ts'
import { type ApiOptions, createApi } from './api.ts'
import { bodyExamples } from './examples.ts'
import { Problem } from './schemas.ts'

const start = Date.UTC(2026, 10, 24, 8, 0, 0, 7)
const startText = '2026-11-24T08:00:00.007Z'
const operatorToken = 'an-operator-token-of-more-than-32-characters'
const authorization = `Bearer ${operatorToken}`
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

let now = start
let checks: { name: string; ok: boolean; text: string }[] = []
let database: OwnPostgres
let options: ApiOptions
let app: FastifyInstance
let response: Awaited<ReturnType<typeof createResponse>>
let directory: string
const readings = memoryReadings({ catalogue: metricCatalogue })
const noneHeard = async () => new Map()
const errors: object[] = []

beforeAll(async () => {
  database = await startOwnPostgres()
  const { operations } = database
  const clock = () => now
  directory = await mkdtemp(join(tmpdir(), 'liftwatt-api-'))
  response = await createResponse({
    ...{ operations, readings, directory, clock, log: silentLog },
    settings: readSettings({}),
    publish: async () => {},
    lastHeard: async () => undefined,
    renderReport: (report) => renderReport(report),
    metrics: { onSent: () => {}, onFired: () => {} },
  })
  options = {
    ...{ operations, readings, kinds, clock, operatorToken, version: '1.2.3' },
    response,
    registry: createRegistry({ operations, kinds, clock, onChange: () => {} }),
    rules: createRules({ operations, kinds, clock }),
    liveness: createLiveness({ operations, clock, isConnected: () => false, heard: async () => new Map() }),
    tryMapping: createMappingTrial({ operations, kinds, maxAgeDays: 400 }),
    refusedMessages: () => [],
    door: { port: 1883, tlsPort: null },
    healthWatch: createHealthWatch({ operations, statusOf: noneHeard, heardAtOf: noneHeard, clock }),
    backtests: createBacktests({ operations, kinds, run: () => Promise.reject(new Error('not here')), clock }),
    rulesOff: (device) => (device.kind === 'elevator' ? [{ finding: 'elevator/overspeed', missingFacts: ['x'] }] : []),
    health: () => ({ checks }),
    metrics: async () => '# HELP up It runs\nup 1\n',
    log: { ...silentLog, error: (fields) => errors.push(fields) },
  }
  app = await createApi(options)
})
afterAll(async () => {
  await app.close()
  await response.stop()
  await database.remove()
  await rm(directory, { recursive: true, force: true })
})
beforeEach(() => {
  now = start
  checks = []
})

// The contract

test('a gateway lives: added, listed, seen, rotated, revoked', async () => {
  const added = await post('/gateways', { id: 'gw-life', name: 'Cellar', autoRegister: 'elevator' })
  expect(added.statusCode).toBe(201)
  expect(added.headers.location).toBe('/api/v1/gateways/gw-life')
  expect(added.json()).toEqual({ id: 'gw-life', username: 'gw-life', password: expect.stringMatching(/^[\w-]{43}$/) })

  const shown = { id: 'gw-life', name: 'Cellar', autoRegister: 'elevator', siteId: null }
  const gateway = { ...shown, createdAt: startText, revokedAt: null }
  expect((await get('/gateways')).json().items).toContainEqual(expect.objectContaining(gateway))
  await database.operations.insertRefusals([{ gatewayId: 'gw-life', at: start, reason: 'busy', text: 'too many' }])
  const refusals = [{ at: startText, reason: 'busy', text: 'too many' }]
  expect((await get('/gateways/gw-life')).json()).toMatchObject({ ...gateway, devices: 0, refusals })

  const rotated = await post('/gateways/gw-life/rotate')
  expect(rotated.json().password).not.toBe(added.json().password)
  expect(rotated.json().previousValidUntil).toBe('2026-11-25T08:00:00.007Z')

  const revoked = await send('DELETE', '/gateways/gw-life')
  expect([revoked.statusCode, revoked.body]).toEqual([204, ''])
  expect((await get('/gateways/gw-life')).json().revokedAt).toBe(startText)
  expectProblem(await send('DELETE', '/gateways/gw-life'), 409, 'already-done')
  expectProblem(await post('/gateways', { id: 'gw-life' }), 409, 'already-exists')
  expectProblem(await post('/gateways/gw-none/rotate'), 404, 'not-found')
  expectProblem(await get('/gateways/gw-none'), 404, 'not-found')
})

test('a device lives: added, listed, seen with what was last heard and which rules are off, changed', async () => {
  await post('/gateways', { id: 'gw-dev' })
  const facts = { insulationClass: 'F', stops: 9 }
  const added = await post('/devices', { id: 'elv-life', kind: 'elevator', gatewayId: 'gw-dev', facts })
  const rulesOff = [{ finding: 'elevator/overspeed', missingFacts: ['x'] }]
  const fixed = { id: 'elv-life', kind: 'elevator', gatewayId: 'gw-dev', createdAt: startText, rulesOff }
  const nowhere = { siteId: null, feederId: null, contacts: [], maintainerId: null, insurerId: null }
  const device = { ...fixed, ...nowhere, name: null, facts, retiredAt: null }
  expect([added.statusCode, added.json()]).toEqual([201, device])
  expect((await get('/devices?gatewayId=gw-dev')).json()).toEqual({ items: [device], nextCursor: null })
  const listed = { ...device, lastHeardAt: null }
  const asked = '/devices?gatewayId=gw-dev&lastHeard=true&text=LIFE'
  expect((await get(asked)).json()).toEqual({ items: [listed], nextCursor: null })
  expect((await get('/devices/elv-life')).json()).toEqual({ ...device, last: null })

  await write(reading('elv-life', start, { motorCelsius: 40 }), reading('elv-life', start + 1, { floor: 3 }))
  const last = { at: '2026-11-24T08:00:00.008Z', values: { motorCelsius: 40, floor: 3 } }
  expect((await get('/devices/elv-life')).json().last).toEqual(last)

  const changed = await send('PATCH', '/devices/elv-life', { name: 'Lift', facts: { stops: null } })
  expect(changed.json()).toEqual({ ...device, name: 'Lift', facts: { insulationClass: 'F' } })
  const wrong = await send('PATCH', '/devices/elv-life', { facts: { insulationClass: 'Z', colour: 1 } })
  expectProblem(wrong, 400, 'invalid')
  expect(wrong.json().errors.map(({ path }: { path: string }) => path)).toEqual([
    'facts.insulationClass',
    'facts.colour',
  ])
  expectProblem(await send('PATCH', '/devices/elv-life', { kind: 'electricity-meter' }), 400, 'invalid')
  expectProblem(await post('/devices', { id: 'e', kind: 'elevator', gatewayId: 'gw-none' }), 400, 'invalid')
  expectProblem(await get('/devices/elv-none'), 404, 'not-found')
  expectProblem(await send('PATCH', '/devices/elv-none', { name: 'x' }), 404, 'not-found')
})

test('a device is retired with a reason, is listed apart, and comes back when it is added again', async () => {
  await post('/gateways', { id: 'gw-old' })
  const facts = { stops: 9 }
  const device = { id: 'elv-old', kind: 'elevator', gatewayId: 'gw-old' }
  const { createdAt } = (await post('/devices', { ...device, name: 'Lift', facts })).json()
  await write(reading('elv-old', start, { floor: 3 }))
  const retire = (id: string, reason: string) => send('DELETE', `/devices/${id}?${new URLSearchParams({ reason })}`)
  expectProblem(await send('DELETE', '/devices/elv-old'), 400, 'invalid')
  expectProblem(await retire('elv-old', ' '), 400, 'invalid')
  expectProblem(await retire('elv-none', 'gone'), 404, 'not-found')
  expect((await retire('elv-old', 'it is elv-new')).statusCode).toBe(204)

  const ids = async (query: string) =>
    (await get(`/devices?gatewayId=gw-old${query}`)).json().items.map(({ id }: { id: string }) => id)
  expect([await ids(''), await ids('&retired=true')]).toEqual([[], ['elv-old']])
  expect((await get('/gateways/gw-old')).json().devices).toBe(0)
  const { retiredAt, last } = (await get('/devices/elv-old')).json()
  expect([retiredAt, last.values]).toEqual([expect.stringMatching(/^2026-/), { floor: 3 }])
  expect((await get('/devices/elv-old/readings')).json().items).toHaveLength(1)
  const [audited] = (await get('/audit?subject=elv-old')).json().items
  expect(audited).toMatchObject({ action: 'device-retired', data: { reason: 'it is elv-new' } })
  expectProblem(await retire('elv-old', 'gone'), 409, 'already-done')
  expectProblem(await send('PATCH', '/devices/elv-old', { name: 'x' }), 409, 'already-done')

  const back = await post('/devices', device)
  expect(back.json()).toMatchObject({ ...device, name: 'Lift', facts, createdAt, retiredAt: null })
  expect(await ids('')).toEqual(['elv-old'])
  expectProblem(await post('/devices', device), 409, 'already-exists')
})

test('a list is read to its end by its cursor, and an empty cursor is the first page', async () => {
  await post('/gateways', { id: 'gw-list' })
  for (const n of [1, 2, 3, 4, 5]) await post('/devices', { id: `l-${n}`, kind: 'elevator', gatewayId: 'gw-list' })

  const ids: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: { items: { id: string }[]; nextCursor: string | null } = (
      await get(`/devices?gatewayId=gw-list&limit=2&cursor=${cursor}`)
    ).json()
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  }
  expect(ids).toEqual(['l-1', 'l-2', 'l-3', 'l-4', 'l-5'])
})

test('without from and to, a script gets every stored reading, paged, none twice', async () => {
  await addElevator('elv-all')
  const stored = Array.from({ length: 25 }, (_, n) =>
    reading('elv-all', start - 300 * 24 * hourMs + n * 1_000, n % 5 === 0 ? { floor: n } : { motorCelsius: n }),
  )
  await write(...stored, reading('elv-all', start + 4 * minuteMs, { floor: 99 }))

  const all = await allReadings('/devices/elv-all/readings?limit=7')
  expect(all.map(({ at }) => Date.parse(at))).toEqual([...stored.map(({ at }) => at), start + 4 * minuteMs])
  expect(all[1]).toEqual({ at: new Date(stored[1]?.at ?? 0).toISOString(), values: { motorCelsius: 1 } })
  const floors = await allReadings('/devices/elv-all/readings?limit=2&metric=floor')
  expect(floors.map(({ value }) => value)).toEqual([0, 5, 10, 15, 20, 99])
})

test('from is inclusive, to is exclusive, in any ISO 8601 a person would write', async () => {
  await addElevator('elv-range')
  const at = (text: string) => reading('elv-range', Date.parse(text), { floor: 1 })
  await write(at('2026-11-24T00:00:00Z'), at('2026-11-24T06:00:00Z'), at('2026-11-24T06:00:00.001Z'))

  const times = async (query: string) =>
    (await get(`/devices/elv-range/readings?${query}`))
      .json()
      .items.map((item: { at: string }) => item.at.slice(11, 23))
  expect(await times('from=2026-11-24&to=2026-11-24T06:00:00Z')).toEqual(['00:00:00.000'])
  expect(await times('from=2026-11-24T14:00:00%2B08:00')).toEqual(['06:00:00.000', '06:00:00.001'])
  expect(await times('from=2026-11-24T06:00:00.001Z&to=9999-12-31T00:00:00Z')).toEqual(['06:00:00.001'])
  expect(await times('from=0000-01-01&to=1970-01-01')).toEqual([])
  for (const query of ['from=yesterday', 'to=1700000000', 'from=2026-02-30', 'from=2026-11-25&to=2026-11-24']) {
    expectProblem(await get(`/devices/elv-range/readings?${query}`), 400, 'invalid')
  }
  expectProblem(await get('/devices/elv-none/readings'), 404, 'not-found')
})

test('with step come aligned windows of one metric, and a step too small is told the one that fits', async () => {
  await addElevator('elv-step')
  const minute = Date.parse('2026-11-24T07:00:00Z')
  await write(
    reading('elv-step', minute + 1_000, { motorCelsius: 10, mode: 'normal' }),
    reading('elv-step', minute + 59_000, { motorCelsius: 20 }),
    reading('elv-step', minute + 180_000, { motorCelsius: 50 }),
  )
  const url = '/devices/elv-step/readings'

  const range = 'from=2026-11-24T06:59:30Z&to=2026-11-24T07:10:00Z'
  expect((await get(`${url}?metric=motorCelsius&step=60&${range}`)).json()).toEqual({
    items: [
      { at: '2026-11-24T07:00:00.000Z', mean: 15, min: 10, max: 20, last: 20, count: 2 },
      { at: '2026-11-24T07:03:00.000Z', mean: 50, min: 50, max: 50, last: 50, count: 1 },
    ],
    nextCursor: null,
  })
  expect((await get(`${url}?metric=mode&step=60&${range}`)).json().items).toEqual([
    { at: '2026-11-24T07:00:00.000Z', mean: null, min: null, max: null, last: 'normal', count: 1 },
  ])
  expect((await get(`${url}?metric=motorCelsius&step=60`)).json().items).toHaveLength(2)
  expect((await get(`${url}?metric=motorCelsius&step=1`)).json().items).toEqual([])

  expect((await get(`${url}?metric=motorCelsius,mode&step=60&${range}`)).json()).toEqual({
    items: [
      {
        at: '2026-11-24T07:00:00.000Z',
        metrics: {
          motorCelsius: { mean: 15, min: 10, max: 20, last: 20, count: 2 },
          mode: { mean: null, min: null, max: null, last: 'normal', count: 1 },
        },
      },
      { at: '2026-11-24T07:03:00.000Z', metrics: { motorCelsius: { mean: 50, min: 50, max: 50, last: 50, count: 1 } } },
    ],
    nextCursor: null,
  })
  expect((await get(`${url}?metric=mode,doorCloseSeconds&${range}`)).json().items).toEqual([
    { at: '2026-11-24T07:00:01.000Z', values: { mode: 'normal' } },
  ])
  expect((await get(`${url}?metric=mode,mode&${range}`)).json().items).toEqual([
    { at: '2026-11-24T07:00:01.000Z', value: 'normal' },
  ])

  const tooSmall = await get(`${url}?metric=motorCelsius&step=1&from=1976-01-01&to=2026-01-01`)
  expectProblem(tooSmall, 400, 'invalid')
  const fits = /smallest step that fits this range is (\d+)/.exec(tooSmall.json().detail)?.[1]
  const again = (step: number) => get(`${url}?metric=motorCelsius&step=${step}&from=1976-01-01&to=2026-01-01`)
  expect((await again(Number(fits))).statusCode).toBe(200)
  expect((await again(Number(fits) - 1)).statusCode).toBe(400)
  const tooMany = Array.from({ length: 11 }, (_, index) => `m${index}`).join()
  for (const query of [
    ...['step=60', 'metric=nonsense', 'metric=motorCelsius&step=0', 'metric=motorCelsius&step=1.5'],
    ...['metric=motorCelsius,nonsense', 'metric=motorCelsius,', `metric=${tooMany}`],
  ]) {
    expectProblem(await get(`${url}?${query}`), 400, 'invalid')
  }
  expectProblem(await get(`${url}?metric=__proto__`), 400, 'invalid')
  expectProblem(await get(`${url}?metric=constructor`), 400, 'invalid')
})

test('an order is driven to its end over HTTP, with each of its times, events and the evidence', async () => {
  const { incident, order } = await raiseOrder('elv-order')
  const at = startText
  const found = { deviceId: 'elv-order', finding: 'elevator/entrapment', severity: 'critical', summary: 'Inside' }
  const times = { occurredAt: at, receivedAt: at, detectedAt: at }
  const notYet = {
    ...{ upgradedAt: null, acknowledgedAt: null, acceptedAt: null, arrivedAt: null, restoredAt: null, closedAt: null },
    ...{ cancelledAt: null, causeClass: null, outcome: null, passengerToldAt: null, inspectedAt: null, dueAt: null },
  }
  const assigned = {
    ...{
      siteId: null,
      teamId: null,
      technicianId: null,
      technicianName: null,
      assignedBecause: 'nobody is assigned: no team exists',
    },
    ...{ followsId: null, mergedIntoId: null, note: null, parts: [], reportedBy: null },
    plan: expect.objectContaining({ id: 'elevator-emergency', version: 0 }),
  }
  const arriveBy = '2026-11-24T08:30:00.007Z'
  const wire = {
    ...{ id: order.id, incidentId: incident.id, type: 'emergency', state: 'raised', raisedAt: at, arriveBy },
    ...{ ...found, ...times, ...notYet, ...assigned },
  }
  const evidence = { heldSeconds: 31.5, floor: null }
  const plan = { id: 'elevator-emergency', version: 0 }
  const because = assigned.assignedBecause
  const data = { severity: 'critical', plan, teamId: null, because, order: expect.any(Object) }
  const raised = { at, type: 'raised', actor: 'liftwatt', data }
  expect((await get('/work-orders?state=raised&deviceId=elv-order')).json()).toEqual({
    items: [wire],
    nextCursor: null,
  })
  expect((await get(`/work-orders/${order.id}`)).json()).toEqual({ ...wire, events: [raised], evidence })

  const seen = { id: incident.id, state: 'open', scope: { type: 'device', id: 'elv-order' }, count: 1, clearedAt: null }
  const unexplained = { parentId: null, suppressed: null, acknowledgedAt: null, acknowledgedBy: null }
  const place = { gatewayId: null, feederId: null, siteId: null, path: {} }
  const reported = { source: 'liftwatt', externalId: null, ruleVersion: 0 }
  const shown = { ...seen, ...found, ...times, ...unexplained, ...reported, evidence, place, orderId: order.id }
  expect((await get('/incidents?deviceId=elv-order&finding=elevator/entrapment&state=open')).json().items).toEqual([
    shown,
  ])
  expect((await get(`/incidents/${incident.id}`)).json()).toEqual({ ...shown, children: [], childCount: 0 })
  expect((await get(`/incidents/${incident.id}/explanation`)).json()).toEqual({
    ...{ measured: evidence, baseline: {}, limits: {}, rule: null },
  })

  now = start + minuteMs
  const path = `/work-orders/${order.id}`
  const accepted = await post(`${path}/accept`, { technicianId: 'li' })
  const then = '2026-11-24T08:01:00.007Z'
  expect(accepted.json()).toEqual({
    ...wire,
    ...{ state: 'accepted', acknowledgedAt: then, acceptedAt: then, technicianId: 'li', technicianName: 'li' },
    warnings: [],
  })
  expectProblem(await post(`${path}/accept`), 409, 'already-done')
  expectProblem(await post(`${path}/close`, { outcome: 'repaired', causeClass: 'equipment' }), 409, 'order-state')
  expect((await post(`${path}/arrive`, {})).json()).toMatchObject({ state: 'arrived', arrivedAt: then })
  expect((await post(`${path}/restore`)).statusCode).toBe(200)
  const closed = await post(`${path}/close`, { outcome: 'repaired', causeClass: 'equipment', note: 'New roller' })
  expect(closed.json()).toMatchObject({ state: 'closed', closedAt: then, outcome: 'repaired', causeClass: 'equipment' })

  const { events } = (await get(path)).json()
  expect(events.map(({ type }: { type: string }) => type)).toEqual([
    'raised',
    'accepted',
    'arrived',
    'restored',
    'closed',
  ])
  expect(events[1]).toEqual({
    at: then,
    type: 'accepted',
    actor: 'operator',
    data: { technicianId: 'li', from: 'raised' },
  })
})

test('a repeated action is 409, unless it carries the same Idempotency-Key', async () => {
  const { order } = await raiseOrder('elv-twice')
  const accept = (key: string) => send('POST', `/work-orders/${order.id}/accept`, {}, { 'idempotency-key': key })
  const first = await accept('tap-1')
  expect(first.statusCode).toBe(200)
  expect((await accept('tap-1')).json()).toEqual(first.json())
  expectProblem(await accept('tap-2'), 409, 'already-done')
  expectProblem(await accept('x'.repeat(256)), 400, 'invalid')
  await post(`/work-orders/${order.id}/arrive`)
  expect((await accept('tap-1')).json()).toEqual(first.json())
})

test.each([
  ['no body and no content type', {}],
  ['no body under a JSON content type', { headers: { 'content-type': 'application/json' } }],
  ['an empty object', { payload: {} }],
])('an action may have %s', async (_, given) => {
  const { order } = await raiseOrder(`elv-${randomUUID()}`)
  const headers = { authorization, ...('headers' in given ? given.headers : {}) }
  const response = await app.inject({
    method: 'POST',
    url: `/api/v1/work-orders/${order.id}/acknowledge`,
    ...given,
    headers,
  })
  expect(response.statusCode).toBe(200)
})

test('a false alarm is closed from any open state, a mistaken order cancelled', async () => {
  const falseAlarm = await raiseOrder('elv-false')
  expect((await post(`/work-orders/${falseAlarm.order.id}/close`, { outcome: 'false-alarm' })).json().state).toBe(
    'closed',
  )
  const mistaken = await raiseOrder('elv-mistaken')
  expect((await post(`/work-orders/${mistaken.order.id}/cancel`, { reason: 'test' })).json().state).toBe('cancelled')
  expectProblem(await post(`/work-orders/${randomUUID()}/accept`), 404, 'not-found')
  expectProblem(await post('/work-orders/not-a-uuid/accept'), 404, 'not-found')
  expectProblem(await get(`/incidents/${randomUUID()}`), 404, 'not-found')
  expectProblem(await get(`/incidents/${randomUUID()}/explanation`), 404, 'not-found')
  expectProblem(await get('/work-orders?state=lost'), 400, 'invalid')
})

test('a quarantined message is shown with its reason and its bytes', async () => {
  const fault = { path: '$.values.floor', reason: 'wrong-type', text: 'floor must be a number' } as const
  const raw = new Uint8Array([0, 255, 123])
  const fixed = {
    receivedAt: start,
    gatewayId: 'gw-q',
    deviceId: 'elv-q',
    reason: 'wrong-type',
    faults: [fault],
  } as const
  await database.operations.insertQuarantine(randomUUID(), [{ position: 7, raw, ...fixed }])

  const item = { ...fixed, receivedAt: startText, raw: 'AP97', topic: null }
  expect((await get('/quarantine?deviceId=elv-q')).json()).toEqual({ items: [item], nextCursor: null })
  expect((await get('/quarantine?gatewayId=gw-q')).json().items).toEqual([item])
  expect((await get('/quarantine?gatewayId=gw-other')).json().items).toEqual([])
})

test('a page of quarantine stays small however many are asked for, and the cursor still leads through all', async () => {
  const item = {
    receivedAt: start,
    gatewayId: 'gw-full',
    deviceId: 'elv-full',
    reason: 'bad-json',
    faults: [],
  } as const
  const items = Array.from({ length: 250 }, (_, position) => ({ ...item, position, raw: new Uint8Array([position]) }))
  await database.operations.insertQuarantine(randomUUID(), items)

  const seen: string[] = []
  const sizes: number[] = []
  let cursor: string | null = null
  do {
    const page: { items: { raw: string }[]; nextCursor: string | null } = (
      await get(`/quarantine?gatewayId=gw-full&limit=1000${cursor === null ? '' : `&cursor=${cursor}`}`)
    ).json()
    sizes.push(page.items.length)
    seen.push(...page.items.map(({ raw }) => raw))
    cursor = page.nextCursor
  } while (cursor !== null)
  expect(sizes).toEqual([100, 100, 50])
  expect(seen).toEqual(items.toReversed().map(({ raw }) => Buffer.from(raw).toString('base64')))
  expectProblem(await get('/quarantine?limit=1001'), 400, 'invalid')
})

// Rights

test('every route but the open ones asks for the token, unknown ones too', async () => {
  const open =
    /^\/(docs.*|healthz|readyz|metrics|openapi\.json|[or]\/:token.*|l\/:code.*|join\/:secret|console.*|api\/v1\/sign-in)?$/
  const routes = allRoutes(app)
  expect(routes.length).toBeGreaterThan(30)
  expect(routes.filter(({ path }) => path.startsWith('/api/v1/')).length).toBeGreaterThan(24)
  for (const { method, path } of [
    ...routes,
    { method: 'GET', path: '/api/v1/nothing' },
    { method: 'PUT', path: '/api/v1/devices' },
  ]) {
    const response = await app.inject({
      method: method as 'GET',
      url: path.replaceAll(':id', 'x').replaceAll('*', 'x'),
    })
    if (open.test(path)) expect(response.statusCode, path).not.toBe(401)
    else expect([method, path, response.statusCode]).toEqual([method, path, 401])
  }
  expectProblem(await app.inject('/api/v1/devices'), 401, 'unauthenticated')
  expectProblem(await get('/nothing'), 404, 'not-found')
  expectProblem(await app.inject('/nothing'), 404, 'not-found')
})

test('a route below /api/ cannot be declared public', async () => {
  const other = await createApi({ ...options, log: silentLog })
  expect(other.hasRoute({ method: 'GET', url: '/healthz' })).toBe(true)
  await other.close()
  const { default: Fastify } = await import('fastify')
  const { requireToken } = await import('./auth.ts')
  const bare = Fastify()
  requireToken(bare, options)
  expect(() => bare.get('/api/v1/open', { config: { public: true } }, async () => 1)).toThrow(/must not be public/)
})

test('a token that is forged, cut, longer or of another scheme is answered like any other', async () => {
  const wrong = [
    ...['x', operatorToken.slice(0, -1), `${operatorToken}x`, operatorToken.toUpperCase()].map(
      (token) => `Bearer ${token}`,
    ),
    ...['', 'Bearer', 'Bearer ', operatorToken, `Basic ${operatorToken}`, `Bearer ${operatorToken} x`],
  ]
  for (const header of wrong) {
    const response = await app.inject({ url: '/api/v1/gateways', headers: { authorization: header } })
    expectProblem(response, 401, 'unauthenticated')
    expect(response.headers['www-authenticate']).toBe('Bearer')
  }
  expect(
    (await app.inject({ url: '/api/v1/gateways', headers: { authorization: `bearer ${operatorToken}` } })).statusCode,
  ).toBe(200)
})

test('who tries wrong tokens is slowed down, others and the right token are not', async () => {
  const other = await createApi(options)
  const ask = (token: string, remoteAddress: string) =>
    other.inject({ url: '/api/v1/gateways?limit=1', headers: { authorization: `Bearer ${token}` }, remoteAddress })
  for (let n = 0; n < 100; n++) expect((await ask('wrong', '10.0.0.1')).statusCode).toBe(401)
  const limited = await ask('wrong', '10.0.0.1')
  expectProblem(limited, 429, 'too-many-requests')
  expect(limited.headers['retry-after']).toBe('60')
  expect((await ask('wrong', '10.0.0.2')).statusCode).toBe(401)
  expect((await ask(operatorToken, '10.0.0.1')).statusCode).toBe(200)
  now += minuteMs
  expect((await ask('wrong', '10.0.0.1')).statusCode).toBe(401)
  await other.close()
})

// Hostile and clumsy callers

test.each([
  ['an unknown field', { id: 'gw-m', role: 'operator' }, 'role'],
  ['a field that only we set', { id: 'gw-m', revokedAt: null, createdAt: 1 }, 'revokedAt'],
  ['a wrong id', { id: 'gw m/+' }, 'id'],
  ['an id that is too long', { id: 'x'.repeat(65) }, 'id'],
  ['a number for a name', { id: 'gw-m', name: 7 }, 'name'],
  ['no id', {}, 'id'],
])('a gateway with %s is refused, and the field is named', async (_, body, path) => {
  const response = await post('/gateways', body)
  expectProblem(response, 400, 'invalid')
  expect(response.json().errors.map((error: { path: string }) => error.path)).toContain(path)
  expect(await database.operations.gateway('gw-m')).toBeUndefined()
})

test.each([
  ['__proto__', '{"id":"gw-p","__proto__":{"name":"x"}}'],
  ['constructor.prototype', '{"id":"gw-p","constructor":{"prototype":{"name":"x"}}}'],
  ['__proto__ among the facts', '{"id":"e","kind":"elevator","gatewayId":"gw-p","facts":{"__proto__":{"stops":3}}}'],
  ['a key twice', '{"id":"gw-p","id":"gw-q"}'],
  ['a key twice, written differently', '{"id":"gw-p","i\\u0064":"gw-q"}'],
  ['100,000 levels', `{"id":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ['half an object', '{"id":"gw-p"'],
  ['a list', '[]'],
  ['a NUL', '{"id":"gw-p\\u0000"}'],
  ['no JSON', 'id=gw-p'],
])('a body with %s is 400 and changes nothing', async (_, payload) => {
  for (const url of ['/api/v1/gateways', '/api/v1/devices']) {
    const headers = { authorization, 'content-type': 'application/json' }
    expectProblem(await app.inject({ method: 'POST', url, headers, payload }), 400, 'invalid')
  }
  expect(await database.operations.gateway('gw-p')).toBeUndefined()
  expect(Object.hasOwn(Object.prototype, 'name')).toBe(false)
})

test('only JSON of at most 1 MiB is taken', async () => {
  const send = (contentType: string, payload: string) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/gateways',
      headers: { authorization, 'content-type': contentType },
      payload,
    })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json-patch+json', 'text/json']) {
    expectProblem(await send(type, '{"id":"gw-t"}'), 415, 'unsupported-media-type')
  }
  expectProblem(await send('application/json', `{"id":"${'x'.repeat(1024 * 1024)}"}`), 413, 'too-large')
  expect((await send('application/json; charset=utf-8', '{"id":"gw-t"}')).statusCode).toBe(201)
})

test('a route that takes pictures says which', async () => {
  const url = `/api/v1/work-orders/${randomUUID()}/photos`
  const headers = { authorization, 'content-type': 'image/svg+xml' }
  const refused = await app.inject({ method: 'POST', url, headers, payload: '<svg/>' })
  expectProblem(refused, 415, 'unsupported-media-type')
  expect(refused.json().detail).toContain('image/jpeg, image/png, image/webp')
})

test.each([`' or 1=1 --`, `x"; drop`, '\u0000', '\ud800', '../../etc/passwd', 'a b,c=d\\', '|> drop()'])(
  'the hostile word %j finds nothing, breaks nothing, and is answered as it is kept where words are allowed',
  async (word) => {
    const text = encodeURIComponent(word.toWellFormed())
    for (const path of [`/devices/${text}`, `/gateways/${text}`, `/work-orders/${text}`, `/devices/${text}/readings`]) {
      expectProblem(await get(path), 404, 'not-found')
    }
    for (const query of ['devices?gatewayId=', 'incidents?finding=', 'quarantine?deviceId=', 'work-orders?cursor=']) {
      expectProblem(await get(`/${query}${text}`), 400, 'invalid')
    }
    const id = `gw-${randomUUID()}`
    const added = await post('/gateways', { id, name: `n${word}n` })
    if (word === '\0') return expectProblem(added, 400, 'invalid')
    expect(added.statusCode).toBe(201)
    expect((await get(`/gateways/${id}`)).json().name).toBe(`n${word}n`.toWellFormed())
    const site = { id: `site-${id}`, type: 'estate', name: `n${word}n` }
    expect((await post('/sites', site)).json().name).toBe(`n${word}n`.toWellFormed())
  },
)

test.each(['limit=0', 'limit=1001', 'limit=1e9', 'limit=-1', 'limit=x', 'limit=1&limit=2', 'sort=name', '__proto__=1'])(
  'a list asked for with %s is 400',
  async (query) => {
    expectProblem(await get(`/devices?${query}`), 400, 'invalid')
  },
)

test('what is wrong with a request is said in plain words', async () => {
  expect((await get('/devices?limit=5000')).json().detail).toBe(
    'The querystring is wrong: limit: must be at most 1,000',
  )
  const url = '/devices/elv-any/readings?metric=motorCelsius'
  expect((await get(`${url}&step=0`)).json().errors).toEqual([{ path: 'step', message: 'must be at least 1' }])
})

test('what breaks inside stays inside: no message, no stack, no SQL', async () => {
  const secret = 'select * from secrets at /srv/code.ts'
  const broken = await createApi({
    ...options,
    operations: { ...options.operations, gateways: () => Promise.reject(new TypeError(secret)) },
    readings: { ...readings, between: () => Promise.reject(new StoreUnavailable('readings', new Error(secret))) },
  })
  await addElevator('elv-broken')
  const asks = (url: string) => broken.inject({ url: `/api/v1${url}`, headers: { authorization } })

  const internal = await asks('/gateways')
  expectProblem(internal, 500, 'internal')
  const unavailable = await asks('/devices/elv-broken/readings')
  expectProblem(unavailable, 503, 'unavailable')
  expect(unavailable.headers['retry-after']).toBe('5')
  for (const { body } of [internal, unavailable]) expect(body).not.toMatch(/select|srv|TypeError/)
  expect(errors.at(-1)).toMatchObject({ err: { message: secret }, requestId: internal.json().requestId })
  await broken.close()
})

test('every answer carries the headers that keep browsers safe, and a request id of ours', async () => {
  for (const url of ['/api/v1/devices', '/nothing', '/healthz', '/', '/docs/', '/openapi.json']) {
    const { headers } = await app.inject({ url, headers: { 'x-request-id': 'theirs' } })
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/)
  }
  expect((await app.inject('/api/v1/devices')).headers['cache-control']).toBe('no-store')
})

test('what is not even a request is answered as a problem, and the next one is served', async () => {
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as { port: number }
  const head = 'POST /api/v1/gateways HTTP/1.1\r\nHost: x\r\n'
  expect(await raw(port, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(64 * 1024)}\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 431 .*problem\+json/s,
  )
  expect(await raw(port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*"code":"invalid"/s)
  const smuggled = `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n`
  expect(await raw(port, smuggled)).toMatch(/^HTTP\/1.1 400 /)
  expect(await raw(port, 'GET /%E0%A4%A HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1.1 40[04] .*problem\+json/s,
  )
  expect(await raw(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /)
})

// Outside the API

test('alive while the loop answers; ready only when everything works, else it says what does not', async () => {
  checks = [{ name: 'data thread', ok: true, text: 'It keeps up' }]
  expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok', version: '1.2.3' })
  const ready = await app.inject('/readyz')
  expect([ready.statusCode, ready.json().status]).toEqual([200, 'ready'])
  expect(ready.json().checks).toHaveLength(2)

  checks = [{ name: 'journal', ok: false, text: 'The disk is full' }]
  const notReady = await app.inject('/readyz')
  expectProblem(notReady, 503, 'unavailable')
  expect(notReady.json().detail).toBe('journal: The disk is full')
  expect((await app.inject('/healthz')).statusCode).toBe(200)
  const metrics = await app.inject('/metrics')
  expect([metrics.headers['content-type'], metrics.body]).toEqual([
    'text/plain; version=0.0.4; charset=utf-8',
    '# HELP up It runs\nup 1\n',
  ])
})

test('every route is described in OpenAPI 3.1, with a summary, its problems and named components', async () => {
  const response = await app.inject('/openapi.json')
  const document = response.json()
  expect(document.openapi).toMatch(/^3\.1\./)
  const routes = allRoutes(app).filter(
    ({ method, path }) =>
      method !== 'HEAD' && !/^\/(docs.*|openapi\.json|[or]\/:token.*|l\/:code.*|join\/:secret|console.*)?$/.test(path),
  )
  for (const { method, path } of routes) {
    const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
    expect(operation?.summary, `${method} ${path}`).toMatch(/.{8}/)
    if (path.startsWith('/api/'))
      expect(Object.keys(operation.responses), `${method} ${path}`).toEqual(
        expect.arrayContaining(['400', '401', '503']),
      )
    else expect(operation.security).toEqual([])
  }
  const names = Object.keys(document.components.schemas)
  expect(names).toEqual(
    expect.arrayContaining(['Device', 'Gateway', 'Incident', 'Problem', 'WorkOrder', 'WorkOrderDetail']),
  )
  const references = [...response.body.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name)
  expect([...new Set(references)].sort()).toEqual(names.sort())
  expect(document.components.schemas.WorkOrder.properties.detectedAt.$ref ?? '').toContain('Instant')
  expect(document.paths['/api/v1/work-orders/{id}/accept'].post.requestBody.required).toBe(false)
  expect(document.security).toEqual([{ token: [] }, { session: [] }])
})

test('every body has an example in the document, and it is one that its route takes', async () => {
  const { paths, components } = (await app.inject('/openapi.json')).json()
  const wanted: string[] = []
  for (const [path, operations] of Object.entries<Record<string, { requestBody?: { content: object } }>>(paths)) {
    for (const [method, { requestBody }] of Object.entries(operations)) {
      const body = Object.entries(requestBody?.content ?? {}).find(([type]) => type === 'application/json')?.[1]
      const schema = body?.schema.anyOf?.[0] ?? body?.schema
      const named = components.schemas[schema?.$ref?.split('/').at(-1) ?? ''] ?? schema
      if (Object.keys(named?.properties ?? {}).length === 0) continue
      wanted.push(`${method.toUpperCase()} ${path.replace('/api/v1', '')}`)
      expect(body.example, wanted.at(-1)).toBeDefined()
      const isUuid =
        /(work-orders|suppressions|duty-log|inspections|samples|visits|contracts|overhauls|reports)\/{id}/.test(path)
      const url = path.replace('{id}', isUuid ? randomUUID() : 'none').replace(/{kind}\/{name}/, 'elevator/entrapment')
      const answer = await app.inject({
        method: method as 'post',
        url,
        headers: { authorization },
        payload: body.example,
      })
      const { detail = '' } = answer.body === '' ? {} : answer.json()
      expect([wanted.at(-1), detail]).not.toEqual([
        wanted.at(-1),
        expect.stringMatching(/^The body is wrong|at this address/),
      ])
    }
  }
  expect(Object.keys(bodyExamples).sort()).toEqual(wanted.sort())
})

interface Media {
  readonly schema: object & {
    readonly allOf?: readonly { readonly properties?: { readonly code: { enum: string[] } } }[]
  }
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}

/** Each answer of the document, and its schemas by name. */
async function documentedAnswers() {
  type Answers = Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>
  const { paths, components } = (await app.inject('/openapi.json')).json()
  const operations = Object.entries<Record<string, { responses: Answers }>>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({ path, method: method.toUpperCase(), responses })),
  )
  const answers = operations.flatMap(({ path, method, responses }) =>
    Object.entries(responses).map(([status, { content = {} }]) => ({ path, method, status, content })),
  )
  return { answers, schemas: components.schemas as object }
}

test('every answer has an example that its schema takes', async () => {
  const { answers, schemas } = await documentedAnswers()
  const asZod = (schema: object) => {
    const alone = JSON.stringify({ ...schema, $defs: schemas }).replaceAll('#/components/schemas/', '#/$defs/')
    return z.fromJSONSchema(JSON.parse(alone))
  }
  const good = answers.filter(({ status }) => status.startsWith('2'))
  expect(good.length).toBeGreaterThan(150)
  const wrong = good.flatMap(({ path, method, status, content }) => {
    const media = Object.entries(content)
    if (media.length === 0) return status === '204' ? [] : [`${method} ${path} ${status}: no schema`]
    return media.flatMap(([type, { schema, example }]) => {
      if (type === 'application/octet-stream') return [] // bytes
      const read = asZod(schema).safeParse(example)
      if (example !== undefined && read.success) return []
      return [`${method} ${path} ${status}: ${read.error === undefined ? 'no example' : z.prettifyError(read.error)}`]
    })
  })
  expect(wrong).toEqual([])
})

test('every refusal names its codes, and shows each as it comes', async () => {
  const { answers } = await documentedAnswers()
  for (const { path, method, status, content } of answers.filter((answer) => !answer.status.startsWith('2'))) {
    const { schema, examples = {} } = content['application/problem+json'] ?? {}
    const codes = schema?.allOf?.[1]?.properties?.code.enum ?? []
    const shown = Object.values(examples).map(({ value }) => Problem.parse(value))
    expect([method, path, status, codes.length]).not.toEqual([method, path, status, 0])
    expect([method, path, shown.map(({ code }) => code)]).toEqual([method, path, codes])
    expect(shown.every((problem) => String(problem.status) === status)).toBe(true)
  }
})

test('the headings of a CSV file are those of its example', async () => {
  const { answers } = await documentedAnswers()
  const files = answers.filter(({ content }) => content['text/csv'] !== undefined)
  expect(files.length).toBeGreaterThan(3)
  for (const { path, content } of files) {
    const { body } = await app.inject({ url: path, headers: { authorization } })
    const headings = body.replace('\ufeff', '').split('\r\n')[0]
    expect([path, String(content['text/csv']?.example).split('\n')[0]]).toEqual([path, headings])
  }
})

test('the documentation page works without any other host', async () => {
  const page = await app.inject('/docs/')
  expect(page.statusCode).toBe(200)
  const initializer = await app.inject('/docs/static/swagger-initializer.js')
  for (const { body } of [page, initializer])
    expect(body).not.toMatch(/(src|href)="(https?:)?\/\/|validator\.swagger\.io/)
  for (const [, file] of page.body.matchAll(/(?:src|href)="\.?\/?([^"]+)"/g)) {
    expect((await app.inject(new URL(file ?? '', 'http://x/docs/').pathname)).statusCode, file).toBe(200)
  }
})

test('every time that leaves is ISO 8601 in UTC with milliseconds', async () => {
  await raiseOrder('elv-times')
  for (const path of ['/work-orders', '/incidents', '/devices', '/gateways', '/quarantine']) {
    for (const item of (await get(path)).json().items) {
      const times = Object.entries(item).filter(([name, value]) => /(At|arriveBy)$/.test(name) && value !== null)
      expect(times.length).toBeGreaterThan(0)
      for (const [name, value] of times) expect(value, name).toMatch(isoTime)
    }
  }
})

test('when the database is gone, the API says so and comes back by itself', async () => {
  await database.shutDown()
  expectProblem(await get('/devices'), 503, 'unavailable')
  expectProblem(await post('/gateways', { id: 'gw-down' }), 503, 'unavailable')
  expect((await app.inject('/readyz')).json().detail).toMatch(/operations database/)
  expect((await app.inject('/')).statusCode).toBe(200)
  expect((await app.inject('/healthz')).statusCode).toBe(200)
  await database.startAgain()
  expect((await get('/devices')).statusCode).toBe(200)
  expectProblem(await get('/gateways/gw-down'), 404, 'not-found')
})

type Response = Awaited<ReturnType<typeof get>>

function send(method: InjectOptions['method'], path: string, payload?: object, headers: Record<string, string> = {}) {
  return app.inject({
    method: method ?? 'GET',
    url: `/api/v1${path}`,
    headers: { authorization, ...headers },
    ...(payload && { payload }),
  })
}
const get = (path: string) => send('GET', path)
const post = (path: string, body?: object) => send('POST', path, body)

function expectProblem(response: Response, status: number, code: string): void {
  expect({ status: response.statusCode, body: response.json() }).toMatchObject({ status, body: { status, code } })
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/)
  const { type, title, detail, requestId } = response.json()
  expect([type, typeof title, typeof detail]).toEqual(['about:blank', 'string', 'string'])
  expect(requestId).toBe(response.headers['x-request-id'])
}

async function allReadings(url: string): Promise<{ at: string; value?: unknown; values?: unknown }[]> {
  const items = []
  let page = (await get(url)).json()
  for (;;) {
    items.push(...page.items)
    if (page.nextCursor === null) return items
    page = (await get(`${url}&cursor=${page.nextCursor}`)).json()
  }
}

async function addElevator(id: string): Promise<void> {
  await post('/gateways', { id: `gw-${id}` })
  expect((await post('/devices', { id, kind: 'elevator', gatewayId: `gw-${id}` })).statusCode).toBe(201)
}

function reading(deviceId: string, at: number, values: Reading['values']): Reading {
  return { deviceId, kind: 'elevator', at, receivedAt: at, values }
}

async function write(...of: Reading[]): Promise<void> {
  await readings.write(of, { journalId: 'test', position: 1 })
}

test('verify is given seals as they were written down elsewhere, and refuses what is none', async () => {
  await raiseOrder('elv-sealed')
  const seal = await sealOnce(database.operations, start)
  const verify = (...heads: string[]) => {
    const query = heads.map((head) => `head=${head}`).join('&')
    return app.inject({ url: `/api/v1/verify?${query}`, headers: { authorization } })
  }
  const [kept, gone] = [`${seal?.number}:${seal?.hash}`, `999:${'0'.repeat(64)}`]
  const sealBreaks = (await verify(kept, gone)).json().breaks.filter(({ what }: { what: string }) => what === 'seal')
  expect(sealBreaks).toEqual([expect.objectContaining({ id: '999', text: expect.stringContaining('is gone') })])
  const refused = await verify(`${seal?.number}:${seal?.hash.slice(1)}`)
  expect([refused.statusCode, refused.json().errors[0].path]).toEqual([400, 'head'])
})

async function raiseOrder(deviceId: string) {
  const incident = testIncident({
    deviceId,
    summary: 'Inside',
    evidence: { heldSeconds: 31.5, floor: null },
    detectedAt: start,
  })
  const order = await database.operations.transaction(async (unit) => {
    const { orderId: _, ...rest } = incident
    await unit.insertIncident({ ...rest, followed: { journalId: randomUUID(), position: 1 } })
    return openOrder(unit, incident, now)
  })
  if (order === undefined) throw new Error('no order was opened')
  return { incident, order }
}

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')))
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}
