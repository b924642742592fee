import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Membership } from '../../core/account.ts'
import { dayMs, hourMs } from '../../core/clock.ts'
import { testIncident, testOrder } from '../../test/fixtures/rows.ts'
import { type Neighbour, settle } from '../../test/neighbour.ts'
import { operatorToken, startTestApi, type TestApi } from '../../test/test-api.ts'

let api: TestApi
let own: Neighbour
let far: Neighbour
const tokens = new Map<string, string>()

beforeAll(async () => {
  api = await startTestApi()
  own = await settle(api.operations, 'own', api.time.now)
  far = await settle(api.operations, 'far', api.time.now)
  await addAccount('insurer', { role: 'insurer', scope: { teamId: own.insurer } })
  await addAccount('maintainer', { role: 'maintainer', scope: { teamId: own.maintainer } })
  await addAccount('other', { role: 'maintainer', scope: { teamId: far.maintainer } })
  await addAccount('stranger', { role: 'insurer', scope: { teamId: far.insurer } })
  await addAccount('inspector', { role: 'district', scope: { sites: [own.district] } })
  await addAccount('district', { role: 'operator', scope: { sites: [own.district] } })
})
afterAll(() => api?.stop())

async function addAccount(id: string, ...memberships: Membership[]): Promise<void> {
  await api.send('POST', '/accounts', { id, name: id, memberships })
  const expiresAt = new Date(api.time.now + 300 * dayMs).toISOString()
  tokens.set(id, (await api.send('POST', `/accounts/${id}/tokens`, { name: 'x', expiresAt })).json().secret)
}

const as = (id: string, method: 'GET' | 'POST', path: string, body?: object, headers = {}) =>
  api.send(method, path, body, { authorization: `Bearer ${tokens.get(id)}`, ...headers })

test('A19: a contract that covers what is theirs and what is not shows an operator of some sites theirs alone', async () => {
  await api.operations.replaceCoverage(
    [own.policy],
    [own, far].map(({ device, policy }) => {
      return { contractId: own.policy, deviceId: device, validFrom: api.time.now, validUntil: null, policy }
    }),
  )
  const devices = async (id: string) =>
    (await as(id, 'GET', `/contracts/${own.policy}/devices`))
      .json()
      .items.map((one: { deviceId: string }) => one.deviceId)
  expect(await devices('insurer')).toEqual([far.device, own.device].toSorted())
  expect(await devices('district')).toEqual([own.device])
  expect((await as('maintainer', 'GET', `/contracts/${own.policy}`)).statusCode).toBe(404)
  expect((await as('other', 'GET', `/contracts/${own.maintenance}`)).statusCode).toBe(404)
})

test('an operator of some sites takes home what contracts say of theirs alone, and whoever inspects places no contract', async () => {
  const taken = await as('district', 'GET', '/sites/export?kind=contracts')
  expect(taken.body).toContain(own.device)
  expect(taken.body).not.toContain(far.device)
  expect((await api.send('GET', '/sites/export?kind=contracts')).body).toContain(far.device)
  expect((await as('inspector', 'GET', '/sites/export?kind=contracts')).statusCode).toBe(403)
  expect((await as('inspector', 'GET', '/sites/export?kind=sites')).statusCode).toBe(200)
  await addAccount(
    'both',
    { role: 'district', scope: { sites: [] } },
    { role: 'operator', scope: { sites: [own.site] } },
  )
  expect((await as('both', 'GET', '/sites/export?kind=contracts')).body).not.toContain(far.device)
})

test('a company that had one order on an elevator writes nothing about it: no objection, no proposal, no decision', async () => {
  for (const teamId of [far.maintainer, far.insurer]) {
    const { orderId: _, ...incident } = testIncident({ deviceId: own.device, finding: teamId })
    await api.operations.insertIncident({ ...incident, followed: null })
    const order = { incidentId: incident.id, deviceId: own.device, siteId: own.site, teamId }
    await api.operations.insertOrder(testOrder(order))
  }
  const [visit, foreign] = [`/visits/${own.visit}`, `There is no visit ${own.visit}`]
  const objections = [
    ['POST', `${visit}/objection`, { reason: 'x' }, 409],
    ['POST', `${visit}/objection/note`, { note: 'x' }, 200],
    ['GET', `${visit}/objection`, undefined, 200],
  ] as const
  expect((await as('other', 'GET', `/devices/${own.device}`)).statusCode).toBe(200)
  for (const [method, path, body, forTheirs] of objections) {
    expect((await as('other', method, path, body)).json().detail).toBe(foreign)
    expect((await as('maintainer', method, path, body)).statusCode, path).toBe(forTheirs)
  }
  const decision = { decision: 'rejected', reason: 'x' }
  for (const [id, status] of [
    ['stranger', 404],
    ['insurer', 200],
  ] as const) {
    expect((await as(id, 'POST', `${visit}/objection/decide`, decision)).statusCode, id).toBe(status)
  }

  const proposal = { deviceId: own.device, type: 'overhaul', reason: 'old', estimatedFen: 100 }
  expect((await as('other', 'POST', '/overhauls', proposal)).statusCode).toBe(400)
  const { id } = (await as('maintainer', 'POST', '/overhauls', proposal)).json()
  const approval = { decision: 'approved', reason: 'x' }
  expect((await as('other', 'GET', `/overhauls/${id}`)).statusCode).toBe(404)
  expect((await as('stranger', 'POST', `/overhauls/${id}/decide`, approval)).statusCode).toBe(404)
  expect((await as('insurer', 'POST', `/overhauls/${id}/decide`, approval)).statusCode).toBe(200)
  expect((await as('other', 'POST', `/overhauls/${id}/done`)).statusCode).toBe(404)
  expect((await as('maintainer', 'POST', `/overhauls/${id}/done`)).statusCode).toBe(200)
})

test('only whoever maintained an elevator then, or was sent for that, says that it was maintained', async () => {
  await addAccount(
    'mixed',
    { role: 'operator', scope: { sites: [far.district] } },
    { role: 'maintainer', scope: { teamId: far.maintainer } },
  )
  api.time.now += 4 * hourMs
  const claim = (id: string, hoursAgo: number) => {
    const [startedAt, endedAt] = [hoursAgo, hoursAgo - 1].map((hours) =>
      new Date(api.time.now - hours * hourMs).toISOString(),
    )
    return as(id, 'POST', `/devices/${own.device}/visits`, { items: ['half-month'], startedAt, endedAt })
  }
  // each of them has had an order there, which was about something else
  for (const id of ['other', 'mixed']) expect((await claim(id, 3)).statusCode, id).toBe(403)
  expect((await claim('maintainer', 3)).json()).toMatchObject({ teamId: own.maintainer, claimedBy: 'maintainer' })
  expect((await claim('district', 2)).json()).toMatchObject({ teamId: own.maintainer, claimedBy: 'district' })

  const { orderId: _, ...incident } = testIncident({ deviceId: own.device, finding: 'maintenance/half-month' })
  await api.operations.insertIncident({ ...incident, followed: null })
  const order = { incidentId: incident.id, deviceId: own.device, siteId: own.site, teamId: far.maintainer }
  await api.operations.insertOrder(testOrder({ ...order, raisedAt: api.time.now - 2 * hourMs }))
  expect((await claim('other', 3.5)).statusCode).toBe(403)
  expect((await claim('other', 1)).json()).toMatchObject({ teamId: far.maintainer })
})

test('what named two people who were forgotten one after the other is answered without either', async () => {
  const picture = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from('no name left')])
  const added = await api.app.inject({
    ...{ method: 'POST', url: `/api/v1/work-orders/${own.order}/photos`, payload: picture },
    headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'image/jpeg' },
  })
  const [first, second] = ['a'.repeat(64), 'b'.repeat(64)]
  for (const sha256 of [first, second]) {
    await api.operations.insertEvidenceFile({ sha256, bytes: 1, mediaType: 'application/json', createdAt: 0 })
  }
  await api.operations.insertRedactedFile(first, second)
  await api.operations.insertRedactedFile(second, added.json().sha256)
  expect((await api.send('GET', `/evidence/${first}`)).rawPayload).toEqual(picture)
})

test("whoever maintains an elevator now sees nothing of what another company's contract says", async () => {
  await api.operations.setDeviceParty(own.device, 'maintainer', far.maintainer, api.time.now + 1)
  const seen = async (id: string) =>
    (await as(id, 'GET', '/contracts')).json().items.map((one: { id: string }) => one.id)
  expect(await seen('other')).toEqual([far.maintenance])
  expect(await seen('maintainer')).toEqual([own.maintenance])
})

test('whoever insures an elevator sees who did so before, and nothing of what they had agreed on', async () => {
  const before = api.time.now + 20_000
  await api.operations.setDeviceParty(own.device, 'insurer', far.insurer, before)
  const answer = await as('stranger', 'GET', `/devices/${own.device}/parties`)
  const periods = answer.json().items as { role: string; teamId: string; teamName: string; validUntil: string | null }[]
  const insured = periods.filter(({ role }) => role === 'insurer')
  expect(insured.map(({ teamId, teamName, validUntil }) => [teamId, teamName, validUntil])).toEqual([
    [own.insurer, own.insurer, new Date(before).toISOString()],
    [far.insurer, far.insurer, null],
  ])
  expect(Object.keys(periods[0] ?? {}).sort()).toEqual(['role', 'teamId', 'teamName', 'validFrom', 'validUntil'])
  const policies = await as('stranger', 'GET', `/contracts?deviceId=${own.device}`)
  expect(policies.json().items.map(({ teamId }: { teamId: string }) => teamId)).not.toContain(own.insurer)
  expect((await as('insurer', 'GET', `/devices/${own.device}/parties`)).statusCode).toBe(404)
  await api.operations.setDeviceParty(own.device, 'insurer', own.insurer, before + 1)
  expect((await api.send('GET', '/devices/none/parties')).statusCode).toBe(404)
})

test.each([
  ['from=2026-05-01', /to: a period has both/],
  ['at=2026-05-01&from=2026-05-01&to=2026-06-01', /not both/],
  ['from=2026-06-01&to=2026-05-01', /to: is not after from/],
  ['at=yesterday', /ISO 8601/],
])('a portfolio of %s is refused in plain words', async (query, message) => {
  const answer = await api.send('GET', `/teams/${own.insurer}/portfolio?${query}`)
  expect(answer.statusCode).toBe(400)
  expect(answer.body).toMatch(message)
})

test('a company sees its portfolio of the past, too', async () => {
  await api.operations.setDeviceParty(own.meter, 'insurer', null, api.time.now + 1_000)
  const portfolio = async (at: number) =>
    (await as('insurer', 'GET', `/teams/${own.insurer}/portfolio?at=${new Date(at).toISOString()}`))
      .json()
      .items.map((one: { deviceId: string }) => one.deviceId)
  expect(await portfolio(api.time.now)).toEqual([own.device, own.meter])
  expect(await portfolio(api.time.now + 1_000)).toEqual([own.device])
})

test('the same proposal with the same key is made once, and the insurer decides it once', async () => {
  const body = { deviceId: far.device, type: 'part', part: 'Belt', reason: 'worn', estimatedFen: 100 }
  const propose = () => as('other', 'POST', '/overhauls', body, { 'idempotency-key': 'p-1' })
  const [first, again] = [(await propose()).json(), (await propose()).json()]
  expect(again.id).toBe(first.id)
  expect(first).toMatchObject({ state: 'proposed', leadSeconds: null, hints: [], events: [{ number: 1 }] })
  expect(first.events[0].data).toEqual({ reason: 'worn', estimatedFen: 100 })
  expect((await as('insurer', 'GET', `/overhauls/${first.id}`)).statusCode).toBe(404)
  api.time.now += 1_500
  const decide = () => api.send('POST', `/overhauls/${first.id}/decide`, { decision: 'approved', reason: 'x' })
  expect((await decide()).statusCode).toBe(200)
  expect((await decide()).statusCode).toBe(409)
  const done = await as('other', 'POST', `/overhauls/${first.id}/done`)
  expect(done.json()).toMatchObject({ state: 'done', leadSeconds: 1.5 })
  expect((await api.send('GET', '/verify')).json().breaks.filter(({ id }: { id: string }) => id === first.id)).toEqual(
    [],
  )
})

test('what a company has proposed it sees on when another maintains the elevator', async () => {
  const body = { deviceId: far.device, type: 'overhaul', reason: 'old', estimatedFen: 100 }
  const { id } = (await as('other', 'POST', '/overhauls', body)).json()
  await api.operations.setDeviceParty(far.device, 'maintainer', own.maintainer, api.time.now + 10_000)
  expect((await as('other', 'GET', `/overhauls/${id}`)).statusCode).toBe(200)
  expect((await as('maintainer', 'GET', `/overhauls/${id}`)).statusCode).toBe(200)
  expect((await as('insurer', 'GET', `/overhauls/${id}`)).statusCode).toBe(404)
})
