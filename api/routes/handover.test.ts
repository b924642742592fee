import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler } from 'fastify-type-provider-zod'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { releaseSuppressed } from '../../analytics/release.ts'
import { createSuppressions } from '../../analytics/suppress.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../../core/clock.ts'
import type { Incident } from '../../core/incident.ts'
import { silentLog } from '../../core/log.ts'
import { metricCatalogue } from '../../devices/index.ts'
import { memoryEvidence } from '../../stores/evidence/memory.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { memoryReadings } from '../../stores/readings/memory.ts'
import { testMember, testRoster, testShift, testTeam } from '../../test/fixtures/people.ts'
import { testDevice } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { verifyAll } from '../../workorders/evidence/verify.ts'
import { createWorkOrders, type Done } from '../../workorders/life/act.ts'
import { upgradeOrder } from '../../workorders/life/open.ts'
import { createMaintenance } from '../../workorders/maintenance/maintenance.ts'
import { importOrders } from '../../workorders/past/import-orders.ts'
import { requireToken } from '../auth.ts'
import { createPhoneRecord } from '../by-phone.ts'
import { acceptJsonOnly } from '../json-body.ts'
import { createLiftCodes } from '../lift-codes.ts'
import { createErrorHandler } from '../problem.ts'
import { limitSight } from '../scope.ts'
import { validatorCompiler } from '../validate.ts'
import { handoverRoutes } from './handover.ts'
import { maintenanceRoutes } from './maintenance.ts'
import { workOrderRoutes } from './work-orders.ts'

const start = Date.UTC(2026, 10, 24, 8)
const operatorToken = 'an-operator-token-of-more-than-32-characters'
let now = start
let database: TestDatabase
let app: FastifyInstance
const alertsAtOnce = 5
let done: (Done & { state: string })[] = []

/** Without which an action is refused. */
const whatIsSaid: Readonly<Record<string, object>> = {
  close: { outcome: 'repaired', causeClass: 'equipment' },
  cancel: { reason: 'x' },
}

beforeAll(async () => {
  database = await startTestDatabase()
  const { operations } = database
  app = await createApp()
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: start, revokedAt: null })
  const site = { parentId: null, use: null, address: null, entrance: null, emergencyPlan: null, contacts: [] }
  const nowhere = { latitude: null, longitude: null, createdAt: start }
  await operations.insertSite({ id: 'estate-1', type: 'estate', name: 'Garden', ...site, ...nowhere })
  await operations.insertSite({ id: 'b-1', type: 'building', name: '1', ...site, ...nowhere, parentId: 'estate-1' })
  const team = { areas: [], skills: [], addresses: [], phone: null, createdAt: start, removedAt: null }
  await operations.insertTeam({ id: 'crew-a', type: 'crew', name: 'A', ...team })
  await operations.insertTeam({ id: 'crew-b', type: 'crew', name: 'B', ...team })
})
afterAll(async () => {
  await app.close()
  await database.remove()
})
beforeEach(() => {
  now = start
  done = []
})

async function createApp(): Promise<FastifyInstance> {
  const clock = () => now
  const { operations } = database
  const workOrders = createWorkOrders({
    operations,
    clock,
    afterChange: async (_unit, { state }, _now, what) => void done.push({ ...what, state }),
  })
  const made = Fastify()
  made.setValidatorCompiler(validatorCompiler)
  made.setSerializerCompiler(serializerCompiler)
  acceptJsonOnly(made)
  requireToken(made, { operatorToken, clock })
  limitSight(made, { operations })
  made.decorateRequest('keyed')
  made.addHook('preHandler', async (request) => {
    // without the answers that are kept: as when the first one was lost with its process
    const key = request.headers['idempotency-key']
    if (typeof key !== 'string') return
    request.keyed = { id: key, actor: request.actor, route: request.url, fingerprint: '', claimedAt: now }
  })
  made.setErrorHandler(createErrorHandler(silentLog))
  const recordPhone = createPhoneRecord({ operations, codes: createLiftCodes(Buffer.alloc(32)), clock })
  await made.register(workOrderRoutes, { operations, workOrders, recordPhone })
  await made.register(handoverRoutes, { operations, workOrders, alertsAtOnce })
  const readings = memoryReadings({ catalogue: metricCatalogue })
  await made.register(maintenanceRoutes, {
    operations,
    maintenance: createMaintenance({ operations, readings, clock }),
  })
  return made
}

// By hand

test('a citizen calls: an order with a clock, once per key, that ends its incident when it ends', async () => {
  await device('elv-call')
  const call = {
    ...{ deviceId: 'elv-call', summary: 'Somebody is stuck', severity: 'critical', finding: 'elevator/entrapment' },
    reportedBy: { name: 'Ms Chen', phone: '138 0000 0000', words: 'My mother is in there' },
  }
  const opened = await post('/work-orders', call, 'call-1')
  expect(opened.statusCode).toBe(201)
  expect(opened.json()).toMatchObject({
    ...{ type: 'manual', state: 'raised', severity: 'critical', deviceId: 'elv-call', siteId: 'b-1' },
    ...{ arriveBy: iso(start + 30 * minuteMs), reportedBy: call.reportedBy },
  })
  now += minuteMs
  const again = await post('/work-orders', call, 'call-1')
  expect([again.statusCode, again.json()]).toEqual([200, opened.json()])
  const another = await post('/work-orders', { ...call, summary: 'Another one is stuck' }, 'call-1')
  expect([another.statusCode, another.json().code]).toEqual([409, 'already-done'])
  const { id, incidentId } = opened.json()
  expect(await database.operations.incident(incidentId)).toMatchObject({ source: 'manual', place: { siteId: 'b-1' } })

  const shown = (await get(`/work-orders/${id}`)).json()
  expect(JSON.stringify(shown.events)).not.toContain('Chen')
  await post(`/work-orders/${id}/cancel`, { reason: 'She walked out' })
  expect(await database.operations.incident(incidentId)).toMatchObject({ state: 'cleared', clearedAt: now })
})

test('what the phone of a crew that signed in says stands beside each action, once, and moves no time of the order', async () => {
  const { id } = await order({ severity: 'urgent' })
  const said = (doneAt: number) => ({ phone: { doneAt: iso(doneAt), offline: true } })
  now = start + 10 * minuteMs
  for (let times = 0; times < 2; times += 1) {
    const accept = await post(`/work-orders/${id}/accept`, { technicianId: 'zhang', ...said(start + minuteMs) }, 'a-1')
    expect(accept.json().acceptedAt).toBe(iso(now))
    await post(`/work-orders/${id}/note`, { note: '门机皮带断', ...said(start + 3 * minuteMs) }, 'n-1')
  }
  const { events } = (await get(`/work-orders/${id}`)).json()
  const beside = events.filter(({ data }: { data: { action?: string } }) => data.action === 'by-phone')
  expect(beside.map(({ data }: { data: { of: string } }) => data)).toMatchObject([
    { of: 'accept', doneAt: iso(start + minuteMs), receivedAt: iso(now), offline: true },
    { of: 'note', doneAt: iso(start + 3 * minuteMs), receivedAt: iso(now), offline: true },
  ])
  expect((await post(`/work-orders/${id}/note`, { note: 'x', phone: { doneAt: 'soon' } })).statusCode).toBe(400)
})

const trapped = { severity: 'critical', finding: 'elevator/entrapment' } as const

test('whoever calls about an entrapment that somebody is on the way to joins it: one order, each call told once', async () => {
  await device('elv-stuck')
  const call = { ...trapped, deviceId: 'elv-stuck', summary: 'A woman is stuck' }
  const first = await post('/work-orders', { ...call, severity: 'urgent', reportedBy: { name: 'Ms Chen' } }, 'chen')
  const { id, incidentId, arriveBy } = first.json()
  await post(`/work-orders/${id}/accept`)
  now += 5 * minuteMs
  const words = 'It is dark in here'
  const second = await post(
    '/work-orders',
    { ...call, summary: 'Two of them', reportedBy: { name: 'Li', words } },
    'li',
  )
  expect([second.statusCode, second.headers.location]).toEqual([200, `/api/v1/work-orders/${id}`])
  const joined = { id, state: 'accepted', severity: 'critical', summary: 'A woman is stuck', arriveBy }
  expect(second.json()).toMatchObject({
    ...joined,
    reportedBy: { name: 'Ms Chen', 'name 2': 'Li', 'words 2': `Two of them; ${words}` },
  })

  const again = await post('/work-orders', { ...call, summary: 'Two of them', reportedBy: { name: 'Li', words } }, 'li')
  expect([again.statusCode, again.json()]).toEqual([200, second.json()])
  expect((await post('/work-orders', { ...call, summary: 'Three' }, 'li')).json().code).toBe('already-done')
  expect((await post('/work-orders', { ...call, severity: 'urgent' }, 'chen')).json().id).toBe(id)
  expect(await database.operations.incident(incidentId)).toMatchObject({ count: 2, severity: 'critical' })

  const { events } = (await get(`/work-orders/${id}`)).json()
  const heard = events.filter(({ data }: { data: { action?: string } }) => data.action === 'report')
  expect(heard).toMatchObject([{ type: 'noted', data: { source: 'manual', summary: 'Two of them' } }])
  expect(JSON.stringify(events)).not.toContain('dark')
  expect((await get('/work-orders?deviceId=elv-stuck')).json().items).toHaveLength(1)
})

test('who is trapped is in danger, however mildly it is told', async () => {
  for (const id of ['elv-mild', 'elv-call-mild', 'elv-words-mild']) await device(id)
  const report = { source: 'camera-9', deviceId: 'elv-mild', finding: 'camera/entrapment', summary: 'Shut in' }
  for (const severity of ['info', 'warning']) {
    const told = (await post('/incidents', { ...report, externalId: 'mild', severity })).json()
    expect(told).toMatchObject({ severity: 'critical', orderId: expect.any(String) })
  }
  const calls = [{ deviceId: 'elv-call-mild', finding: 'elevator/entrapment' }, { deviceId: 'elv-words-mild' }]
  for (const call of calls) await post('/work-orders', { ...call, summary: '有人被困电梯', severity: 'warning' })
  for (const deviceId of ['elv-mild', 'elv-call-mild', 'elv-words-mild']) {
    const { items } = (await get(`/work-orders?deviceId=${deviceId}`)).json()
    expect(items).toMatchObject([{ severity: 'critical', arriveBy: iso(now + 30 * minuteMs) }])
  }
})

test('ten calls about one entrapment at the same moment are one order', async () => {
  await device('elv-calls')
  const call = { ...trapped, deviceId: 'elv-calls', summary: 'Stuck' }
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => post('/work-orders', call, `at-once-${n}`)))
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([...Array(9).fill(200), 201])
  const { items } = (await get('/work-orders?deviceId=elv-calls')).json()
  expect(items).toHaveLength(1)
  expect(await database.operations.incident(items[0].incidentId)).toMatchObject({ count: 10 })
})

test.each<[string, { deviceId?: string; severity: string; finding: string; type?: string }]>([
  ['something else', { severity: 'urgent', finding: 'elevator/noise' }],
  ['another elevator', { ...trapped, deviceId: 'elv-other' }],
  ['an inspection after it', { ...trapped, severity: 'warning', type: 'inspection' }],
])('a call about %s gets an order of its own', async (_, about) => {
  if (about.deviceId !== undefined) await device(about.deviceId)
  const { id, deviceId } = await order(trapped)
  const answer = await post('/work-orders', { deviceId, summary: 'Something', ...about })
  expect(answer.statusCode).toBe(201)
  expect(answer.json().id).not.toBe(id)
})

test.each([
  ['all were out', ['accept', 'arrive', 'restore'], 0],
  ['the order is void', ['cancel'], 0],
  ['an order of this morning was forgotten', ['accept', 'arrive'], 3 * hourMs],
])('who is trapped when %s gets an order with a clock of its own', async (_, actions, laterMs) => {
  const { id, deviceId } = await order(trapped)
  for (const action of actions) await post(`/work-orders/${id}/${action}`, whatIsSaid[action] ?? {})
  now += laterMs
  const call = await post('/work-orders', { ...trapped, deviceId, summary: 'Stuck' })
  expect([call.statusCode, call.json().arriveBy]).toEqual([201, iso(now + 30 * minuteMs)])
})

test.each([
  ['a planned order about an earlier entrapment', { ...trapped, severity: 'warning', type: 'planned' }],
  ['a crew that comes for something else', { severity: 'critical', finding: 'elevator/noise' }],
])('%s is not on its way to who is trapped', async (_, about) => {
  const { deviceId } = await order(about)
  const call = await post('/work-orders', { ...trapped, deviceId, summary: 'Stuck' })
  expect([call.statusCode, call.json().arriveBy]).toEqual([201, iso(now + 30 * minuteMs)])
})

test('what is planned has a date and no clock, and cannot be urgent', async () => {
  const work = { siteId: 'b-1', summary: 'Quarterly inspection', severity: 'warning', type: 'inspection' }
  const opened = await post('/work-orders', { ...work, dueAt: iso(start + dayMs) })
  expect(opened.json()).toMatchObject({ type: 'inspection', arriveBy: null, dueAt: iso(start + dayMs), deviceId: null })
  expect(await post('/work-orders', { ...work, severity: 'urgent' })).toMatchObject({ statusCode: 400 })
  const over = await post('/work-orders', { ...work, dueAt: iso(start - dayMs) })
  expect([over.statusCode, over.json().detail]).toEqual([400, 'dueAt: that day is over'])
  const slip = await post('/work-orders', { ...work, dueAt: '2206-11-24T00:00:00Z' })
  expect([slip.statusCode, slip.json().detail]).toEqual([400, 'dueAt: that day is more than two years ahead'])
})

test.each([
  ['no place', { summary: 'x', severity: 'warning' }],
  ['two places', { summary: 'x', severity: 'warning', deviceId: 'elv-call', siteId: 'b-1' }],
  ['an unknown device', { summary: 'x', severity: 'warning', deviceId: 'elv-none' }],
  ['an unknown site', { summary: 'x', severity: 'warning', siteId: 'b-none' }],
  ['nothing but information', { summary: 'x', severity: 'info', siteId: 'b-1' }],
  ['no words', { summary: ' ', severity: 'warning', siteId: 'b-1' }],
])('an order by hand with %s is refused, naming what is wrong', async (_, body) => {
  const answer = await post('/work-orders', body)
  expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid'])
})

test('two calls about one thing in one millisecond are two orders; one key at the same moment is one', async () => {
  const call = { siteId: 'b-1', summary: 'Sparks', severity: 'urgent' }
  const both = await Promise.all([post('/work-orders', call), post('/work-orders', call)])
  expect(both.map(({ statusCode }) => statusCode)).toEqual([201, 201])
  expect(both[0]?.json().id).not.toBe(both[1]?.json().id)

  const once = await Promise.all([1, 2, 3].map(() => post('/work-orders', call, 'same')))
  expect(once.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 201])
  expect(new Set(once.map((answer) => answer.json().id)).size).toBe(1)
})

// What else people do

test('an accepted order that is reassigned keeps its times, and the next crew takes it', async () => {
  const { id, arriveBy } = await order({ severity: 'urgent' })
  await post(`/work-orders/${id}/accept`, { technicianId: 'li', teamId: 'crew-a' })
  now += minuteMs
  const second = await post(`/work-orders/${id}/accept`, { technicianId: 'wang', teamId: 'crew-b' })
  expect([second.statusCode, second.json().code]).toEqual([409, 'already-done'])
  expect(second.json().detail).toBe('The order is accepted already, by li of crew-a')

  const moved = await post(`/work-orders/${id}/reassign`, { teamId: 'crew-b', reason: 'flat tyre' })
  expect(moved.json()).toMatchObject({
    ...{ state: 'accepted', acceptedAt: iso(start), teamId: 'crew-b', technicianId: null, arriveBy },
    assignedBecause: 'Assigned by operator: flat tyre',
  })
  expect(await post(`/work-orders/${id}/reassign`, { teamId: 'crew-b' })).toMatchObject({ statusCode: 409 })
  expect(await post(`/work-orders/${id}/reassign`, { teamId: 'crew-none' })).toMatchObject({ statusCode: 400 })
  const taken = await post(`/work-orders/${id}/accept`, { technicianId: 'wang' })
  expect(taken.json()).toMatchObject({ state: 'accepted', acceptedAt: iso(start), technicianId: 'wang', arriveBy })
  expect(done.map(({ action }) => action)).toEqual(['accept', 'reassign', 'accept'])
})

test('an order is given to those who go, and not to those who only decide or insure', async () => {
  const types = { 'room-r': 'duty-room', 'insp-r': 'insurer-inspector' } as const
  const [call, inspection] = [await order(trapped), await order({ severity: 'warning', type: 'inspection' })]
  for (const [id, type] of Object.entries(types)) await database.operations.insertTeam(testTeam(id, { type }))
  for (const teamId of Object.keys(types)) {
    for (const action of ['reassign', 'accept']) {
      const refused = await post(`/work-orders/${call.id}/${action}`, { teamId })
      expect([refused.statusCode, refused.json().detail]).toEqual([400, expect.stringContaining(`teamId: ${teamId}`)])
    }
  }
  expect((await post(`/work-orders/${call.id}/reassign`, { teamId: 'crew-b' })).statusCode).toBe(200)
  expect((await post(`/work-orders/${inspection.id}/reassign`, { teamId: 'insp-r' })).statusCode).toBe(200)
})

test('who accepts is of the crew that is named with them', async () => {
  await database.operations.insertMember(testMember('zhou', 'crew-a'))
  const { id } = await order(trapped)
  const refused = await post(`/work-orders/${id}/accept`, { teamId: 'crew-b', technicianId: 'zhou' })
  const detail = 'technicianId: zhou is of crew-a, not of crew-b'
  expect([refused.statusCode, refused.json().detail]).toEqual([400, expect.stringContaining(detail)])
  expect((await post(`/work-orders/${id}/accept`, { technicianId: 'zhou' })).json().teamId).toBe('crew-a')
})

test('who gives an order to a crew that is off duty or lacks the skill may do so, and is told what speaks against it', async () => {
  const { operations } = database
  for (const id of ['crew-off', 'crew-meters']) {
    await operations.insertTeam(testTeam(id, { ...(id === 'crew-meters' && { skills: ['electricity-meter'] }) }))
  }
  await operations.putRoster(testRoster('crew-off', [testShift('00:00', '06:00', [])]))
  const { id } = await order(trapped)
  const give = async (teamId: string) => (await post(`/work-orders/${id}/reassign`, { teamId })).json()
  expect(await give('crew-off')).toMatchObject({ teamId: 'crew-off', warnings: ['off-duty'] })
  expect(await give('crew-meters')).toMatchObject({ teamId: 'crew-meters', warnings: ['lacks-skill'] })
  expect(await give('crew-b')).toMatchObject({ teamId: 'crew-b', warnings: [] })
  const takes = await post(`/work-orders/${(await order(trapped)).id}/accept`, { teamId: 'crew-meters' })
  expect(takes.json()).toMatchObject({ teamId: 'crew-meters', warnings: ['lacks-skill'] })
  const { events } = (await get(`/work-orders/${id}`)).json()
  const given = events.filter(({ type }: { type: string }) => type === 'reassigned')
  expect(given.map(({ data }: { data: { warnings?: string[] } }) => data.warnings)).toEqual([
    ['off-duty'],
    ['lacks-skill'],
    undefined,
  ])
})

test('the passenger is told, help is asked for, the inspector comes after the end: each is noted, the state stays', async () => {
  const { id } = await order({ severity: 'critical', finding: 'elevator/entrapment' })
  await post(`/work-orders/${id}/acknowledge`, { verified: true })
  expect((await post(`/work-orders/${id}/tell-passenger`)).json()).toMatchObject({ passengerToldAt: iso(now) })
  expect((await post(`/work-orders/${id}/tell-passenger`)).json().code).toBe('already-done')
  expect((await post(`/work-orders/${id}/dealt-with`, { by: 'the tenant' })).json().code).toBe('order-state')
  for (const action of ['accept', 'arrive', 'ask-for-help', 'restore']) await post(`/work-orders/${id}/${action}`)
  const parts = [{ name: 'Door roller', quantity: 2, partNumber: 'DR-7' }, { name: 'Belt' }]
  const closed = await post(`/work-orders/${id}/close`, {
    causeClass: 'equipment',
    outcome: 'repaired',
    parts,
    note: 'Worn',
  })
  expect(closed.json()).toMatchObject({
    note: 'Worn',
    parts: [parts[0], { ...parts[1], quantity: 1, partNumber: null }],
  })
  now += hourMs
  expect((await post(`/work-orders/${id}/inspect`)).json()).toMatchObject({ state: 'closed', inspectedAt: iso(now) })
  expect((await post(`/work-orders/${id}/note`, { note: 'Ordered spares' })).statusCode).toBe(200)

  const { events, note } = (await get(`/work-orders/${id}`)).json()
  expect(note).toBe('Worn')
  expect(events.map(({ type, data }: { type: string; data: { action?: string } }) => data.action ?? type)).toEqual([
    ...['raised', 'open-by-hand', 'acknowledged', 'tell-passenger', 'accepted', 'arrived', 'ask-for-help'],
    ...['restored', 'closed', 'inspect', 'note'],
  ])
  expect(events[2].data).toEqual({ verified: true, from: 'raised' })
})

test('a tenant who dealt with it suggests the outcome; the clock runs until the duty room decides', async () => {
  const { id, arriveBy } = await order({ severity: 'urgent' })
  const said = await post(`/work-orders/${id}/dealt-with`, { by: 'the tenant', note: 'Unplugged it' }, 'link-1')
  expect(said.json()).toMatchObject({ state: 'raised', outcome: 'self-corrected', arriveBy })
  expect((await post(`/work-orders/${id}/dealt-with`, {}, 'link-1')).statusCode).toBe(200)
  expect((await post(`/work-orders/${id}/dealt-with`)).json().code).toBe('already-done')
  const ended = await post(`/work-orders/${id}/cancel`, { reason: 'Seen on the camera' })
  expect(ended.json()).toMatchObject({ state: 'cancelled', outcome: 'self-corrected' })
})

test.each(['warning', 'urgent'])(
  'nobody comes by an order that is restored: no emergency ends in one that was %s',
  async (severity) => {
    const into = await order({ severity })
    for (const action of ['accept', 'arrive', 'restore']) await post(`/work-orders/${into.id}/${action}`)
    now += minuteMs
    const urgent = await order({ severity: 'urgent' })
    const refused = await post(`/work-orders/${urgent.id}/merge`, { intoId: into.id, reason: 'same smoke' })
    expect([refused.statusCode, refused.json().detail]).toEqual([409, expect.stringContaining('its crew has left')])
  },
)

test('a duplicate is merged, unless something promised for it would be lost', async () => {
  const first = await order({ severity: 'urgent' })
  now += minuteMs
  const later = await order({ severity: 'critical' })
  const trapped = await order({ severity: 'critical', finding: 'elevator/entrapment' })
  const merge = (id: string, intoId: string) => post(`/work-orders/${id}/merge`, { intoId, reason: 'same smoke' })

  expect((await merge(first.id, later.id)).json()).toMatchObject({ code: 'order-state' })
  expect((await merge(trapped.id, first.id)).json()).toMatchObject({ code: 'order-state' })
  expect((await merge(first.id, first.id)).statusCode).toBe(400)
  expect((await merge(later.id, randomUUID())).statusCode).toBe(400)

  const merged = await merge(later.id, first.id)
  expect(merged.json()).toMatchObject({ state: 'cancelled', mergedIntoId: first.id })
  const { severity, arriveBy, events } = (await get(`/work-orders/${first.id}`)).json()
  expect([severity, arriveBy]).toEqual(['critical', first.arriveBy])
  expect(events.at(-1)).toMatchObject({ type: 'upgraded', data: { mergedOrderId: later.id, to: 'critical' } })
  expect((await merge(trapped.id, later.id)).json()).toMatchObject({ code: 'order-state' })

  expect(await incidentState(later.incidentId)).toBe('open')
  await post(`/work-orders/${first.id}/close`, { outcome: 'false-alarm' })
  expect([await incidentState(first.incidentId), await incidentState(later.incidentId)]).toEqual(['cleared', 'cleared'])
})

test('what ends an order or gives it to another says why, and each field that is missing is named', async () => {
  const { id } = await order({ severity: 'urgent' })
  const other = await order({ severity: 'urgent' })
  const missing = async (action: string, said?: object) => {
    const answer = await post(`/work-orders/${id}/${action}`, said)
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([400, 'application/problem+json'])
    return (answer.json().errors ?? []).map(
      ({ path, message }: { path: string; message: string }) => `${path} ${message}`,
    )
  }
  expect(await missing('cancel', {})).toEqual(['reason is missing'])
  expect(await missing('cancel', { reason: ' ' })).toEqual(['reason must not be empty'])
  expect(await missing('merge', { intoId: other.id })).toEqual(['reason is missing'])
  expect(await missing('close', {})).toEqual(['outcome is missing', 'causeClass is missing'])
  expect(await missing('close', { outcome: 'repaired' })).toEqual(['causeClass is missing'])
  for (const action of ['cancel', 'close']) await missing(action)
  expect((await get(`/work-orders/${id}`)).json().state).toBe('raised')
})

test('whoever is trapped after the crew has left is not merged away', async () => {
  const restored = await order({ severity: 'critical', finding: 'elevator/entrapment' })
  for (const action of ['accept', 'arrive', 'restore']) await post(`/work-orders/${restored.id}/${action}`)
  const { deviceId } = restored
  const call = { deviceId, severity: 'critical', finding: 'elevator/entrapment', summary: 'Again' }
  const again = (await post('/work-orders', call)).json()
  const refused = await post(`/work-orders/${again.id}/merge`, { intoId: restored.id, reason: 'The same lift' })
  expect([refused.statusCode, refused.json().code]).toEqual([409, 'order-state'])
})

test.each([
  ['有人被困在电梯', 'manual/entrapment'],
  ['Two people are trapped in the lift', 'manual/entrapment'],
  ['有人被困在房间里', 'manual/report'],
])('a call about a building: "%s"', async (summary, finding) => {
  const called = (await post('/work-orders', { siteId: 'b-1', severity: 'critical', summary })).json()
  expect([called.finding, called.plan.id]).toEqual([
    finding,
    finding === 'manual/entrapment' ? 'elevator-emergency' : 'emergency',
  ])
  const steps = (await database.operations.deadlinesOf(called.id)).map(({ step }) => step.goal)
  expect(steps.includes('passenger-told')).toBe(finding === 'manual/entrapment')
  await post(`/work-orders/${called.id}/cancel`, { reason: 'x' })
})

test('two orders that are merged into each other at once: one goes on', async () => {
  for (let round = 0; round < 5; round++) {
    const [a, b] = [await order({ severity: 'urgent' }), await order({ severity: 'urgent' })]
    const merge = (id: string, intoId: string) => post(`/work-orders/${id}/merge`, { intoId, reason: 'x' })
    const both = await Promise.all([merge(a.id, b.id), merge(b.id, a.id)])
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409])
  }
})

test('what comes back gets an order of its own, with a clock of its own', async () => {
  const { id } = await order({ severity: 'urgent' })
  expect((await post(`/work-orders/${id}/follow-up`)).json().code).toBe('order-state')
  await post(`/work-orders/${id}/close`, { outcome: 'false-alarm' })
  expect((await post(`/work-orders/${id}/restore`)).json().code).toBe('order-state')
  now += dayMs
  const next = await post(`/work-orders/${id}/follow-up`, { reason: 'it smokes again' }, 'again')
  expect([next.statusCode, next.json().followsId]).toEqual([201, id])
  expect(next.json()).toMatchObject({ type: 'emergency', state: 'raised', arriveBy: iso(now + 30 * minuteMs) })
  const repeated = await post(`/work-orders/${id}/follow-up`, {}, 'again')
  expect([repeated.statusCode, repeated.json().id]).toEqual([200, next.json().id])
  expect((await get(`/work-orders/${id}`)).json()).toMatchObject({ state: 'closed' })
})

test('a follow-up is as severe as whoever asks for it says', async () => {
  const { id } = await order({ severity: 'critical' })
  await post(`/work-orders/${id}/cancel`, { reason: 'x' })
  const lighter = await post(`/work-orders/${id}/follow-up`, { severity: 'warning', summary: 'Oil it' })
  expect(lighter.json()).toMatchObject({ severity: 'warning', type: 'planned', arriveBy: null, summary: 'Oil it' })
  const { id: lighterId } = lighter.json()
  expect((await post(`/work-orders/${lighterId}/cancel`, { reason: 'x' })).statusCode).toBe(200)
  const worse = await post(`/work-orders/${lighterId}/follow-up`, { severity: 'urgent' })
  expect(worse.json()).toMatchObject({ severity: 'urgent', type: 'emergency', arriveBy: iso(now + 30 * minuteMs) })
  for (const severity of ['info', 'terrible', 3]) {
    const refused = await post(`/work-orders/${id}/follow-up`, { severity })
    expect([severity, refused.statusCode]).toEqual([severity, 400])
    expect(refused.json().errors).toMatchObject([{ path: 'severity' }])
  }
})

test('orders are found by everything that people ask for', async () => {
  await device('elv-found')
  const body = { deviceId: 'elv-found', severity: 'urgent', finding: 'elevator/smoke', summary: 'Smoke' }
  const { id } = (await post('/work-orders', body)).json()
  await post(`/work-orders/${id}/accept`, { teamId: 'crew-a' })
  const idsOf = async (query: string) =>
    (await get(`/work-orders?finding=elevator/smoke&${query}`)).json().items.map((item: { id: string }) => item.id)

  for (const query of ['state=open', 'state=accepted', 'type=manual', 'severity=urgent', 'teamId=crew-a']) {
    expect(await idsOf(query), query).toEqual([id])
  }
  for (const query of ['siteId=b-1', 'siteId=estate-1', 'deviceId=elv-found', `from=${iso(start)}`]) {
    expect(await idsOf(query), query).toEqual([id])
  }
  for (const query of ['state=closed', 'type=planned', 'teamId=crew-b', 'siteId=b-2', `to=${iso(start)}`]) {
    expect(await idsOf(query), query).toEqual([])
  }
  await post(`/work-orders/${id}/cancel`, { reason: 'x' })
  expect(await idsOf('state=open')).toEqual([])
})

// Other systems

test('another system reports once: opened, counted, worsened, cleared, whatever is sent twice', async () => {
  await device('elv-camera')
  const report = {
    ...{ source: 'camera-7', externalId: 'ev-1', deviceId: 'elv-camera', finding: 'camera/e-bike-in-car' },
    ...{
      severity: 'warning',
      summary: 'An e-bike in the car',
      occurredAt: iso(start + hourMs),
      evidence: { score: 0.9 },
    },
  }
  const opened = await post('/incidents', report)
  expect(opened.statusCode).toBe(201)
  // its clock is an hour ahead of ours: no deadline and no time of ours follows it
  expect(opened.json()).toMatchObject({ state: 'open', count: 1, occurredAt: iso(start), detectedAt: iso(start) })
  const orderId = opened.json().orderId
  expect((await get(`/work-orders/${orderId}`)).json()).toMatchObject({ type: 'planned', arriveBy: null })

  now += 10 * minuteMs
  const worse = await post('/incidents', { ...report, severity: 'urgent' })
  expect([worse.statusCode, worse.json().count, worse.json().orderId]).toEqual([200, 2, orderId])
  const arriveBy = iso(now + 30 * minuteMs)
  expect((await get(`/work-orders/${orderId}`)).json()).toMatchObject({ type: 'emergency', arriveBy })

  for (let n = 0; n < 2; n++) {
    expect((await post('/incidents', { ...report, state: 'cleared' })).json()).toMatchObject({
      state: 'cleared',
      count: 2,
    })
  }
  expect((await post('/incidents', report)).json()).toMatchObject({ state: 'open', count: 3, severity: 'urgent' })
  expect((await get('/work-orders?deviceId=elv-camera')).json().items).toHaveLength(1)
})

test('a report that is told again after its end is old; one that became worse meanwhile is followed up', async () => {
  await device('elv-old')
  const about = { source: 'hotline', deviceId: 'elv-old', finding: 'hotline/noise', summary: 'It grinds' }
  const report = { ...about, externalId: 'h-1', severity: 'warning' }
  const { orderId } = (await post('/incidents', report)).json()
  await post(`/work-orders/${orderId}/close`, { outcome: 'false-alarm' })
  expect((await post('/incidents', { ...report, severity: 'critical' })).json()).toMatchObject({ severity: 'critical' })
  const { items } = (await get('/work-orders?deviceId=elv-old')).json()
  expect(items).toMatchObject([{ followsId: orderId, type: 'emergency', severity: 'critical' }, { id: orderId }])

  await post('/incidents', { ...report, state: 'cleared' })
  await post('/incidents', { ...report, severity: 'critical' })
  expect((await get('/work-orders?deviceId=elv-old')).json().items).toHaveLength(2)
})

test('what turns out to be an entrapment is one from then on: its passenger is to be told', async () => {
  await device('elv-turns')
  const about = { source: 'camera-8', externalId: 'turns', deviceId: 'elv-turns', summary: 'An e-bike in the car' }
  const { orderId } = (await post('/incidents', { ...about, finding: 'camera/e-bike', severity: 'urgent' })).json()
  const worse = { ...about, finding: 'camera/entrapment', severity: 'critical', summary: 'Somebody is shut in with it' }
  for (const count of [2, 3]) {
    expect((await post('/incidents', worse)).json()).toMatchObject({ orderId, count, summary: worse.summary })
  }
  const order = (await get(`/work-orders/${orderId}`)).json()
  expect(order).toMatchObject({ finding: 'elevator/entrapment', severity: 'critical' })
  const told = order.events.filter(({ data }: { data: { findingBefore?: string } }) => data.findingBefore !== undefined)
  expect(told).toMatchObject([{ type: 'noted', data: { findingBefore: 'camera/e-bike', summary: worse.summary } }])
  const goals = (await database.operations.deadlinesOf(orderId)).map(({ step }) => step.goal)
  expect(goals).toContain('passenger-told')
  expect((await get('/work-orders?deviceId=elv-turns')).json().items).toHaveLength(1)
})

test('what comes again under an old id, after its end, is a new thing; what occurred before that is told late', async () => {
  await device('elv-again')
  const about = {
    source: 'camera-8',
    deviceId: 'elv-again',
    finding: 'camera/entrapment',
    summary: 'Somebody is shut in',
  }
  const report = { ...about, externalId: 'again', severity: 'critical' }
  const first = (await post('/incidents', report)).json()
  await post(`/work-orders/${first.orderId}/cancel`, { reason: 'The camera was wrong' })
  await post('/incidents', { ...report, state: 'cleared' })

  const late = await post('/incidents', { ...report, occurredAt: iso(now - minuteMs) })
  expect([late.statusCode, late.json().id, late.json().state]).toEqual([200, first.id, 'cleared'])
  now += minuteMs
  const answers = await Promise.all(
    Array.from({ length: 3 }, () => post('/incidents', { ...report, occurredAt: iso(now) })),
  )
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 201])
  const [{ id, orderId }] = answers.map((answer) => answer.json())
  expect([id, orderId]).not.toContain(first.id)
  expect((await get('/work-orders?deviceId=elv-again')).json().items).toMatchObject([
    { id: orderId },
    { id: first.orderId },
  ])

  now += minuteMs
  expect((await post('/incidents', { ...report, state: 'cleared' })).json()).toMatchObject({ id, state: 'cleared' })
})

test.each([
  ['closed', ['accept', 'arrive', 'restore', 'close'], {}],
  ['restored and forgotten', ['accept', 'arrive', 'restore'], {}],
  ['cancelled, by a system that says when it began', ['cancel'], { occurredAt: new Date(start).toISOString() }],
])('a danger that another system still tells of when its order was %s is sent again', async (how, actions, when) => {
  const deviceId = `elv-${how.slice(0, 9)}`.replaceAll(/\W/g, '-')
  await device(deviceId)
  const about = { source: 'camera-9', externalId: `cam ${how}`, deviceId, finding: 'camera/entrapment', ...when }
  const report = { ...about, severity: 'critical', summary: 'Somebody is shut in' }
  const sent = async () => (await get(`/work-orders?deviceId=${deviceId}`)).json().items
  const first = (await post('/incidents', report)).json()
  for (const action of actions) await post(`/work-orders/${first.orderId}/${action}`, whatIsSaid[action] ?? {})

  now += 5 * minuteMs - 1
  expect((await post('/incidents', report)).json()).toMatchObject({ id: first.id, count: 2 })
  now += 1
  const again = await post('/incidents', report)
  expect([again.statusCode, again.json().state]).toEqual([201, 'open'])
  expect((await post('/incidents', report)).json()).toMatchObject({ id: again.json().id, count: 2 })
  expect(await sent()).toMatchObject([
    { id: again.json().orderId, state: 'raised', arriveBy: iso(now + 30 * minuteMs) },
    { id: first.orderId },
  ])
})

test.each([
  ['warning', ['accept', 'arrive', 'restore'], 0],
  ['urgent', ['accept', 'arrive', 'restore'], 0],
  ['warning', ['accept', 'arrive'], 11],
] as const)(
  'what was %s, is critical now, and whose crew has left or may have (%s), begins anew',
  async (severity, actions, minutes) => {
    const deviceId = `elv-worse-${severity}-${minutes}`
    await device(deviceId)
    const report = { source: 'camera-9', externalId: deviceId, deviceId, finding: 'camera/smoke', summary: 'Smoke' }
    const first = (await post('/incidents', { ...report, severity })).json()
    for (const action of actions) await post(`/work-orders/${first.orderId}/${action}`, whatIsSaid[action] ?? {})
    now += minutes * minuteMs
    const again = await post('/incidents', { ...report, severity: 'critical' })
    expect([again.statusCode, again.json().state]).toEqual([201, 'open'])
    const { items } = (await get(`/work-orders?deviceId=${deviceId}`)).json()
    const begun = { id: again.json().orderId, state: 'raised', arrivedAt: null, arriveBy: iso(now + 30 * minuteMs) }
    expect(items).toMatchObject([begun, { id: first.orderId, severity }])
  },
)

test('a slow clock swallows nobody who is trapped; the very same told again late is the same', async () => {
  await device('elv-slow')
  const about = { source: 'camera-9', externalId: 'slow', deviceId: 'elv-slow', finding: 'camera/entrapment' }
  const at = (slowMinutes: number) => ({
    ...about,
    ...{ severity: 'critical', summary: 'Somebody is shut in', occurredAt: iso(now - slowMinutes * minuteMs) },
  })
  const report = at(10)
  const first = (await post('/incidents', report)).json()
  await post('/incidents', { ...report, state: 'cleared' })
  for (const action of ['accept', 'arrive', 'restore', 'close']) {
    await post(`/work-orders/${first.orderId}/${action}`, whatIsSaid[action] ?? {})
  }
  now += 30 * secondMs
  expect((await post('/incidents', report)).json()).toMatchObject({ id: first.id, state: 'cleared' })
  const second = await post('/incidents', at(10))
  expect([second.statusCode, second.json().state]).toEqual([201, 'open'])
  expect(second.json().orderId).not.toBe(first.orderId)
})

test('a known id about another elevator is another incident, and its crew goes there', async () => {
  for (const id of ['elv-one', 'elv-two']) await device(id)
  const about = { source: 'camera-9', externalId: 'both', severity: 'urgent', summary: 'x' }
  const smoke = { ...about, deviceId: 'elv-one', finding: 'camera/smoke' }
  const people = { ...about, deviceId: 'elv-two', finding: 'camera/entrapment' }
  const first = (await post('/incidents', smoke)).json()
  const second = await post('/incidents', people)
  expect([second.statusCode, second.json().deviceId]).toEqual([201, 'elv-two'])
  for (const [report, { id }] of [
    [smoke, first],
    [people, second.json()],
  ] as const) {
    expect((await post('/incidents', report)).json()).toMatchObject({ id, count: 2, finding: report.finding })
  }
  await post('/incidents', { ...people, state: 'cleared' })
  expect(await incidentState(first.id)).toBe('open')
  expect(await incidentState(second.json().id)).toBe('cleared')
})

test('ten of the same report at once are one incident with one order', async () => {
  await device('elv-ten')
  const report = { source: 'camera-7', externalId: 'ten', deviceId: 'elv-ten', finding: 'camera/fire', summary: 'Fire' }
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => post('/incidents', { ...report, severity: 'urgent' })),
  )
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([...Array(9).fill(200), 201])
  expect((await get('/work-orders?deviceId=elv-ten')).json().items).toHaveLength(1)
})

test('another system that sees the same entrapment joins it; it goes on when that system looks away', async () => {
  await device('elv-seen')
  const { id, incidentId } = (
    await post('/work-orders', { ...trapped, severity: 'urgent', deviceId: 'elv-seen', summary: 'Stuck' })
  ).json()
  const report = {
    ...{ source: 'camera-7', externalId: 'e-1', deviceId: 'elv-seen', finding: 'camera/entrapment' },
    ...{ severity: 'urgent', summary: 'Two people, one lies down', evidence: { score: 0.8 } },
  }
  const joined = await post('/incidents', report)
  expect([joined.statusCode, joined.headers.location]).toEqual([200, `/api/v1/incidents/${incidentId}`])
  expect(joined.json()).toMatchObject({ id: incidentId, orderId: id, count: 2, summary: 'Stuck', source: 'manual' })
  expect((await post('/incidents', { ...report, severity: 'critical' })).json()).toMatchObject({
    id: incidentId,
    count: 3,
  })
  for (let n = 0; n < 2; n++) {
    const over = await post('/incidents', { ...report, state: 'cleared' })
    expect(over.json()).toMatchObject({ id: incidentId, state: 'open', count: 3 })
  }
  const { events, severity, state } = (await get(`/work-orders/${id}`)).json()
  expect([severity, state]).toEqual(['critical', 'raised'])
  const told = events.filter(({ data }: { data: { action?: string } }) => data.action === 'report')
  expect(told).toMatchObject([
    { type: 'noted', data: { source: 'camera-7', summary: report.summary, evidence: { score: 0.8 } } },
    { type: 'noted', data: { source: 'camera-7', state: 'cleared' } },
  ])

  await post(`/work-orders/${id}/cancel`, { reason: 'x' })
  expect((await post('/incidents', report)).json()).toMatchObject({ id: incidentId, count: 3 })
  expect((await get('/work-orders?deviceId=elv-seen')).json().items).toHaveLength(1)
  expect((await post('/incidents', { ...report, externalId: 'e-2' })).statusCode).toBe(201)

  now += 5 * minuteMs
  expect((await post('/incidents', report)).json()).toMatchObject({ count: 2 }) // that order is on its way
})

test('what is shelved by its name sends nobody, whichever system sees it; critical it does, and when the shelf ends', async () => {
  for (const id of ['elv-shelf', 'elv-off', 'elv-shut', 'elv-works']) await device(id)
  const { operations } = database
  const { begin } = createSuppressions({ operations, clock: () => now })
  const said = { finding: 'camera/smoke', reason: 'Incense', startsAt: null, endsAt: now + hourMs } as const
  for (const id of ['elv-shelf', 'elv-off', 'elv-shut']) {
    await begin({ ...said, type: 'shelf', scope: { type: 'device', id } }, 'wang')
  }
  await begin({ ...said, type: 'maintenance', scope: { type: 'device', id: 'elv-works' }, finding: null }, 'wang')
  const report = (deviceId: string, given = {}) =>
    post('/incidents', {
      ...{ source: 'camera-9', externalId: deviceId, deviceId, finding: 'camera/smoke', summary: 'Smoke' },
      ...{ severity: 'urgent', ...given },
    })

  const shelved = await report('elv-shelf')
  const { orderId, state, suppressed } = shelved.json()
  expect([shelved.statusCode, state, orderId, suppressed.by]).toEqual([201, 'suppressed', null, 'shelf'])
  expect((await report('elv-shelf')).json()).toMatchObject({ state: 'suppressed', orderId: null, count: 2 })
  await report('elv-off', { severity: 'info' })
  expect((await report('elv-off')).json()).toMatchObject({ state: 'suppressed', orderId: null })
  const critical = (await report('elv-off', { severity: 'critical' })).json()
  expect(critical).toMatchObject({ state: 'open', suppressed: null, orderId: expect.any(String) })
  await report('elv-shut')
  const shutIn = (await report('elv-shut', { finding: 'camera/entrapment', summary: 'Somebody lies in there' })).json()
  expect(shutIn).toMatchObject({ state: 'open', suppressed: null, count: 2 })
  expect(await database.operations.order(shutIn.orderId)).toMatchObject({ finding: 'elevator/entrapment' })
  expect((await report('elv-works')).json()).toMatchObject({ state: 'open', orderId: expect.any(String) })

  now += hourMs
  const onReleased = (unit: Operations, incident: Incident) => upgradeOrder(unit, incident, now, now)
  await releaseSuppressed({ operations, now, onReleased })
  expect((await get('/work-orders?deviceId=elv-shelf')).json().items).toMatchObject([
    { finding: 'camera/smoke', arriveBy: iso(now + 30 * minuteMs) },
  ])
})

test('nobody reports in our own name', async () => {
  const report = { source: 'liftwatt', externalId: 'x', siteId: 'b-1', finding: 'a/b', severity: 'info', summary: 'x' }
  expect((await post('/incidents', report)).statusCode).toBe(400)
})

test('an alert of Alertmanager is one incident from firing to resolved, and another when it fires tomorrow', async () => {
  await device('elv-alert')
  const alert = (status: string, startsAt: number, labels = {}) => ({
    ...{ status, startsAt: iso(startsAt), endsAt: '0001-01-01T00:00:00Z', fingerprint: 'b5a0c1d2e3f40516' },
    labels: { alertname: 'MachineRoomTooHot', severity: 'page', device_id: 'elv-alert', ...labels },
    annotations: { summary: '43 °C in the machine room' },
  })
  const webhook = (...alerts: object[]) =>
    post('/incidents/alertmanager', { version: '4', status: 'firing', receiver: 'liftwatt', groupKey: '{}', alerts })
  const orders = async () => (await get('/work-orders?deviceId=elv-alert')).json().items

  for (let n = 0; n < 3; n++) expect((await webhook(alert('firing', start))).json()).toEqual({ taken: 1 })
  // the second Prometheus of a pair saw it later: still the same alert
  await webhook(alert('firing', start + minuteMs))
  const [order] = await orders()
  expect(await orders()).toHaveLength(1)
  expect(order).toMatchObject({ finding: 'alertmanager/machine-room-too-hot', severity: 'urgent', type: 'emergency' })

  await webhook(alert('resolved', start))
  expect(await incidentState(order.incidentId)).toBe('cleared')
  now += dayMs
  await webhook(alert('firing', start + dayMs))
  expect(await orders()).toHaveLength(2)

  const unknown = { ...alert('firing', now, { device_id: 'elv-none' }), fingerprint: 'c0ffee' }
  const mixed = await webhook(unknown, alert('resolved', now))
  expect([mixed.statusCode, mixed.json().errors]).toEqual([
    400,
    [{ path: 'alerts.0', message: 'MachineRoomTooHot: deviceId: there is no device elv-none' }],
  ])
  expect(await incidentState((await orders())[0].incidentId)).toBe('cleared')
})

test('an alert that cannot be read refuses only itself, and the answer says which and why', async () => {
  await device('elv-beside')
  const fine = { status: 'firing', startsAt: iso(start), fingerprint: 'beef', labels: { device_id: 'elv-beside' } }
  const wrong = { ...fine, fingerprint: 'no hex', startsAt: 'yesterday' }
  const answer = await post('/incidents/alertmanager', { alerts: [wrong, fine, 7] })
  expect([answer.statusCode, answer.json().errors]).toEqual([
    400,
    [
      { path: 'alerts.0.startsAt', message: expect.any(String) },
      { path: 'alerts.0.fingerprint', message: 'must be hexadecimal' },
      { path: 'alerts.2', message: 'must be an object' },
    ],
  ])
  expect(answer.json().detail).toMatch(/; alerts\.0\.fingerprint: must be hexadecimal; alerts\.2: must be an object$/)
  expect((await get('/work-orders?deviceId=elv-beside')).json().items).toHaveLength(1)
  expect((await post('/incidents/alertmanager', { alerts: 'many' })).statusCode).toBe(400)
  expect((await post('/incidents/alertmanager', [])).statusCode).toBe(400)
})

test('nobody is lost in a webhook that is too large: it comes again, and goes on behind what was taken', async () => {
  await device('elv-storm')
  const alert = (n: number, labels: object) => ({
    ...{ status: 'firing', startsAt: iso(start), fingerprint: `5${n}` },
    labels: { severity: 'urgent', ...labels },
  })
  const alerts = [
    ...Array.from({ length: alertsAtOnce }, (_, n) => alert(n, { device_id: 'elv-none' })),
    alert(7, { device_id: 'elv-storm', alertname: 'Noise' }),
    alert(8, { device_id: 'elv-storm', finding: 'elevator/entrapment', severity: 'critical' }),
    {},
  ]
  /** Of `{}`. */
  const wrongFields = 4
  const send = async () => {
    const answer = (await post('/incidents/alertmanager', { groupKey: 'storm', alerts })).json()
    const { items } = (await get('/work-orders?deviceId=elv-storm')).json()
    return [answer.status, answer.errors.length, items.map(({ finding }: { finding: string }) => finding).sort()]
  }
  expect(await send()).toEqual([503, alertsAtOnce - 1 + wrongFields, ['elevator/entrapment']])
  expect(await send()).toEqual([400, alertsAtOnce + wrongFields, ['alertmanager/noise', 'elevator/entrapment']])
  const endless = await post('/incidents/alertmanager', { alerts: Array(40_001).fill({}) })
  expect([endless.statusCode, endless.json().code]).toEqual([413, 'too-large'])
})

// The record

test('A26: the record has the four times, local and in UTC, and runs no formula in a spreadsheet', async () => {
  await device('elv-record')
  const body = { deviceId: 'elv-record', severity: 'urgent', summary: '=HYPERLINK("http://x","电梯")\nline two' }
  const { id, incidentId } = (await post('/work-orders', body)).json()
  for (const action of ['accept', 'arrive', 'restore', 'close']) {
    now += minuteMs
    await post(`/work-orders/${id}/${action}`, whatIsSaid[action] ?? {})
  }
  const csv = await get('/work-orders/export?deviceId=elv-record')
  expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
  const [, ...lines] = csv.body.split('\r\n')
  expect(csv.body.startsWith('\ufefffault_id,order_number,')).toBe(true)
  expect(lines.join('\r\n')).toContain(
    `${incidentId},${id},${id},elv-record,b-1,manual,urgent,manual/report,"'=HYPERLINK(""http://x"",""电梯"")\nline two",`,
  )
  expect(lines[0]).toContain(
    '2026-11-24 16:00:00,2026-11-24T08:00:00.000Z,2026-11-24 16:01:00,2026-11-24T08:01:00.000Z',
  )

  const json = await get('/work-orders/export?deviceId=elv-record&format=json')
  expect(json.json().items).toMatchObject([
    {
      ...{ faultId: incidentId, orderNumber: id, occurredAt: iso(start), respondedAt: iso(start + minuteMs) },
      ...{ arrivedAt: iso(start + 2 * minuteMs), endedAt: iso(start + 3 * minuteMs), status: 'done', state: 'closed' },
    },
  ])
  const none = await get(`/work-orders/export?deviceId=elv-record&format=json&from=${iso(start + dayMs)}`)
  expect(none.json()).toEqual({ items: [] })
})

test('a file that a Chinese Excel wrote in GB 18030 is refused: read as UTF-8 it would lose its words', async () => {
  const gb18030 = Buffer.from([0xba, 0xcf, 0xb8, 0xf1]) // 合格
  const refused = await importCsv(Buffer.concat([Buffer.from('device_id,note\nelv-1,'), gb18030]), true)
  expect(refused.statusCode).toBe(400)
  expect(refused.json()).toMatchObject({ code: 'invalid', detail: 'The file is not UTF-8: save it as "CSV UTF-8"' })
})

test('a record of more than one page has every order once', { timeout: 120_000 }, async () => {
  await device('elv-many')
  const lines = Array.from({ length: 503 }, (_, n) => `m-${n},elv-many,${iso(start - n * hourMs)},${iso(start)}`)
  const file = ['order_number,device_id,occurred_at,ended_at', ...lines].join('\n')
  expect((await importCsv(file, true)).json()).toMatchObject({ created: 503, applied: true, errors: [] })
  const { items } = (await get('/work-orders/export?deviceId=elv-many&format=json')).json()
  expect(new Set(items.map(({ orderNumber }: { orderNumber: string }) => orderNumber)).size).toBe(503)
})

test('past orders: a preview, then all of them once, marked, chained, without deadlines or notices', async () => {
  await device('elv-past')
  const file = [
    'order_number,device_id,fault,severity,occurred_at,responded_at,arrived_at,ended_at,status,cause_class',
    'P-1,elv-past,elevator/entrapment,critical,2026-03-01 08:00,2026-03-01 08:03,2026-03-01 08:21,2026-03-01 09:00,done,people',
    'P-2,elv-past,,,2026-03-02T00:00:00Z,,,2026-03-02T01:00:00Z,false-alarm,',
  ].join('\n')
  const counts = { orders: 2, created: 2, existing: 0, errors: [], errorsInAll: 0 }
  expect((await importCsv(file, false)).json()).toEqual({ ...counts, applied: false })
  expect((await get('/work-orders?deviceId=elv-past')).json().items).toEqual([])
  expect((await importCsv(file, true)).json()).toEqual({ ...counts, applied: true })
  expect((await importCsv(file, false)).json()).toMatchObject({ created: 0, existing: 2, applied: false })
  expect((await importCsv(file, true)).json()).toMatchObject({ created: 0, existing: 2, applied: true })

  const { items } = (await get('/work-orders?deviceId=elv-past')).json()
  expect(items).toMatchObject([
    { state: 'closed', outcome: 'false-alarm', type: 'planned', assignedBecause: 'Imported' },
    {
      state: 'closed',
      causeClass: 'people',
      occurredAt: '2026-03-01T00:00:00.000Z',
      arrivedAt: '2026-03-01T00:21:00.000Z',
    },
  ])
  const { events } = (await get(`/work-orders/${items[1].id}`)).json()
  expect(events.map(({ type }: { type: string }) => type)).toEqual([
    'raised',
    'accepted',
    'arrived',
    'restored',
    'closed',
  ])
  expect(events[0].data).toMatchObject({ imported: true, orderNumber: 'P-1' })
  const chain = await database.operations.chainOf(items[1].id)
  expect(chain.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5])
  expect(await database.operations.deadlinesOf(items[1].id)).toEqual([])
})

test('an order that was cancelled where it comes from is cancelled here, too, and counts as no fault that was handled', async () => {
  await device('elv-cancelled-there')
  const line = (number: string, state: string, status = 'done', cause = '') =>
    `${number},elv-cancelled-there,2026-03-01 08:00,2026-03-01 08:02,2026-03-01 09:00,${status},${state},${cause}`
  const lines = [
    line('C-1', 'cancelled', 'done', 'people'),
    line('C-2', 'closed'),
    line('C-3', '结束'),
    line('C-4', 'closed', 'false-alarm'),
  ]
  const file = ['order_number,device_id,occurred_at,responded_at,ended_at,status,state,cause_class', ...lines].join(
    '\n',
  )
  expect((await importCsv(file, true)).json()).toMatchObject({ created: 4, errors: [] })
  const { items } = (await get('/work-orders/export?deviceId=elv-cancelled-there&format=json')).json()
  const states = items.map(({ orderNumber, state, endedAt }: Record<string, string>) => [orderNumber, state, endedAt])
  const endedAt = '2026-03-01T01:00:00.000Z'
  expect(states.sort()).toEqual([
    ['C-1', 'cancelled', endedAt],
    ['C-2', 'closed', endedAt],
    ['C-3', 'closed', endedAt],
    ['C-4', 'closed', endedAt],
  ])
  const cancelled = items.find(({ orderNumber }: Record<string, string>) => orderNumber === 'C-1')
  const { restoredAt, events } = (await get(`/work-orders/${cancelled.orderId}`)).json()
  const types = events.map(({ type }: { type: string }) => type)
  expect([restoredAt, types]).toEqual([null, ['raised', 'accepted', 'cancelled']])
  expect(await verifyAll(database.operations, memoryEvidence())).toMatchObject({ ok: true })
})

test('an imported order goes out under the number that its books gave it, beside ours', async () => {
  await device('elv-both')
  const { id: ours } = (await post('/work-orders', { deviceId: 'elv-both', severity: 'urgent', summary: 'x' })).json()
  const past = 'order_number,device_id,occurred_at,ended_at\nOLD-1,elv-both,2026-03-01 08:00,2026-03-01 09:00'
  await importCsv(past, true)

  const { items } = (await get('/work-orders/export?deviceId=elv-both&format=json')).json()
  const idOf = new Map(items.map(({ orderNumber, orderId }: Record<string, string>) => [orderNumber, orderId] as const))
  expect([idOf.size, idOf.get(ours)]).toEqual([2, ours])
  const imported = (await get(`/work-orders/${idOf.get('OLD-1')}`)).json()
  expect(imported).toMatchObject({ deviceId: 'elv-both', assignedBecause: 'Imported' })
  const { body } = await get('/work-orders/export?deviceId=elv-both')
  expect(body).toContain(`,OLD-1,${imported.id},elv-both,`)
  expect((await importCsv(body, true)).json()).toMatchObject({ orders: 2, created: 0, existing: 2 })
})

test('our own export changes nothing when it is imported, not even where an order still runs', async () => {
  await device('elv-own')
  const about = { deviceId: 'elv-own', severity: 'urgent', summary: 'Smoke' }
  const { id } = (await post('/work-orders', about)).json()
  await post(`/work-orders/${id}/cancel`, { reason: 'x' })
  await post('/work-orders', about)
  const past = 'order_number,device_id,occurred_at,ended_at\nO-1,elv-own,2026-03-01 08:00,2026-03-01 09:00'
  await importCsv(past, true)

  const { body } = await get('/work-orders/export?deviceId=elv-own')
  const counts = { orders: 3, created: 0, existing: 3, errors: [], errorsInAll: 0 }
  expect((await importCsv(body, false)).json()).toEqual({ ...counts, applied: false })
  expect((await importCsv(body.replaceAll(id, id.toUpperCase()), true)).json()).toEqual({ ...counts, applied: true })
  expect((await get('/work-orders?deviceId=elv-own')).json().items).toHaveLength(3)

  const ofOthers = past.replace('O-1', randomUUID())
  expect((await importCsv(ofOthers, true)).json()).toMatchObject({ created: 1, existing: 0 })
})

test("faults in other books' own words are taken as they are", async () => {
  await device('elv-words')
  const file = [
    'order_number,device_id,fault,description,occurred_at,ended_at',
    'F-1,elv-words,困人,,2026-03-01 08:00,2026-03-01 09:00',
    'F-2,elv-words,门机故障,皮带打滑,2026-03-01 08:00,2026-03-01 09:00',
    'F-3,elv-words,,,2026-03-01 08:00,2026-03-01 09:00',
    'F-4,elv-words,elevator/entrapment,困人,2026-03-01 08:00,2026-03-01 09:00',
    'F-5,elv-words,Door,Door,2026-03-01 08:00,2026-03-01 09:00',
  ].join('\n')
  expect((await importCsv(file, true)).json()).toMatchObject({ created: 5, applied: true, errors: [] })
  const { items } = (await get('/work-orders?deviceId=elv-words')).json()
  const found = items.map((item: { finding: string; summary: string }) => [item.finding, item.summary])
  expect(found.toReversed()).toEqual([
    ['import/report', '困人'],
    ['import/report', '门机故障: 皮带打滑'],
    ['import/report', 'import/report'],
    ['elevator/entrapment', '困人'],
    ['import/report', 'Door'],
  ])
})

test('imported chains are what verification expects of them', async () => {
  await device('elv-chain')
  const times = '2026-03-01 08:00,2026-03-01 08:03:04.567,2026-03-01 08:21,2026-03-01 09:00'
  const header = 'order_number,device_id,occurred_at,responded_at,arrived_at,ended_at'
  const lines = Array.from({ length: 3 }, (_, n) => `V-${n},elv-chain,${times}`)
  expect((await importCsv([header, ...lines].join('\n'), true)).json()).toMatchObject({ created: 3 })
  expect(await verifyAll(database.operations, memoryEvidence())).toMatchObject({ ok: true, breaks: [] })
})

test('a long file asks the database little: what many lines name is looked up once', async () => {
  await device('elv-long')
  const lines = Array.from({ length: 200 }, (_, n) => {
    const place = n % 2 === 0 ? 'elv-long,' : ',b-1'
    return `L-${n},${place},crew-a,${iso(start - (n + 2) * hourMs)},${iso(start - hourMs)}`
  })
  const csv = ['order_number,device_id,site_id,team_id,occurred_at,ended_at', ...lines].join('\n')
  let asked = 0
  const counting = (unit: Operations) =>
    new Proxy(unit, {
      get: (target, name: keyof Operations) => {
        asked += 1
        return target[name]
      },
    })
  const taken = await database.operations.transaction((unit) =>
    importOrders(counting(unit), { csv, apply: true, actor: 'ann' }, start),
  )
  expect(taken).toMatchObject({ created: 200, applied: true })
  expect(asked).toBeLessThan(3.5 * 200)
})

test('a file with wrong lines names each of them, and nothing of it is done', async () => {
  await device('elv-wrong')
  const file = [
    'order_number,device_id,severity,occurred_at,arrived_at,ended_at,status,site_id,team_id',
    'W-1,elv-wrong,urgent,2026-03-01 08:00,,2026-03-01 09:00,done,,',
    'W-2,elv-none,urgent,2026-03-01 08:00,,2026-03-01 09:00,done,,',
    'W-3,elv-wrong,terrible,yesterday,,2026-03-01 09:00,done,,',
    'W-4,elv-wrong,urgent,2026-03-01 08:00,2026-03-01 07:00,2026-03-01 09:00,on-site,,',
    'W-1,elv-wrong,urgent,2026-03-01 08:00,,2031-03-01 09:00,done,,',
    ',elv-wrong,urgent,2026-03-01 08:00,,,done,,',
    'W-5,elv-wrong,urgent,2026-02-30 08:00,,2026-03-01 09:00,done,,',
    'W-6,elv-wrong,urgent,2026-03-01 08:00,,2031-03-01 09:00,done,,no-team',
    'W-7,,urgent,2026-03-01 08:00,,2026-03-01 09:00,done,,',
    'W-8,,urgent,2026-03-01 08:00,,2026-03-01 09:00,done,no-site,',
  ].join('\n')
  const wrongCells = [
    ...['3 device_id', '4 severity', '4 occurred_at', '5 arrived_at', '5 status', '6 order_number'],
    ...[
      '6 ended_at',
      '7 order_number',
      '7 ended_at',
      '8 occurred_at',
      '9 ended_at',
      '9 team_id',
      '10 site_id',
      '11 site_id',
    ],
  ]
  const preview = await importCsv(file, false)
  expect([preview.statusCode, preview.json().applied, preview.json().errorsInAll]).toEqual([200, false, 14])
  const named = preview.json().errors.map(({ line, column }: { line: number; column: string }) => `${line} ${column}`)
  expect(named).toEqual(wrongCells)

  const refused = await importCsv(file, true)
  expect([refused.statusCode, refused.headers['content-type']]).toEqual([400, 'application/problem+json'])
  expect(refused.json()).toMatchObject({ code: 'invalid', detail: 'Nothing was imported: the file has 14 faults' })
  const paths = refused.json().errors.map(({ path }: { path: string }) => path)
  expect(paths).toEqual(wrongCells.map((cell) => `line ${cell.replace(' ', '.')}`))
  expect((await get('/work-orders?deviceId=elv-wrong')).json().items).toEqual([])

  for (const wrong of ['', 'order_number\nx', 'order_number,occurred_at,colour\n', 'order_number,occurred_at\n"x']) {
    expect([wrong, (await importCsv(wrong, true)).statusCode]).toEqual([wrong, 400])
  }
  expect((await post('/work-orders/import', { csv: file })).statusCode).toBe(400)
})

test('past visits with a wrong line are refused in the same way', async () => {
  await device('elv-visits')
  const file = 'device_id,started_at,ended_at,items\nelv-none,2026-02-30 09:00,2036-03-01 10:00,half-month\n'
  const preview = (await importCsv(file, false, '/visits/import')).json()
  const columns = preview.errors.map(({ column }: { column: string }) => column)
  expect([preview.applied, columns]).toEqual([false, ['started_at', 'device_id', 'ended_at']])
  const refused = await importCsv(file, true, '/visits/import')
  expect([refused.statusCode, refused.json().code]).toEqual([400, 'invalid'])
  expect(refused.json().errors).toHaveLength(3)
})

// Helpers

const iso = (ms: number) => new Date(ms).toISOString()

async function device(id: string): Promise<void> {
  await database.operations.insertDevice(testDevice({ id, siteId: 'b-1' }))
}

async function order(given: object): Promise<{ id: string; incidentId: string; deviceId: string; arriveBy: string }> {
  const id = `elv-${randomUUID()}`
  await device(id)
  return (await post('/work-orders', { deviceId: id, summary: 'Something', ...given })).json()
}

async function incidentState(id: string): Promise<string | undefined> {
  return (await database.operations.incident(id))?.state
}

const authorization = `Bearer ${operatorToken}`

function get(url: string) {
  return app.inject({ method: 'GET', url, headers: { authorization } })
}

function post(url: string, payload: object = {}, key?: string) {
  const headers = { authorization, ...(key !== undefined && { 'idempotency-key': key }) }
  return app.inject({ method: 'POST', url, headers, payload })
}

function importCsv(payload: string | Buffer, apply: boolean, path = '/work-orders/import') {
  const headers = { authorization, 'content-type': 'text/csv' }
  return app.inject({ method: 'POST', url: `${path}?apply=${apply}`, headers, payload })
}
