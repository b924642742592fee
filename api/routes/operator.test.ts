import { afterAll, beforeAll, expect, test } from 'vitest'
import { minuteMs } from '../../core/clock.ts'
import { startTestApi, type TestApi } from '../../test/test-api.ts'

/* What operators look at: who did what, whether gateways are heard of, what to enter into one, what a finding asks for. */

let api: TestApi
const get = async (path: string) => (await api.send('GET', path)).json()

beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api?.stop())

test('the audit tells who changed what, from what to what, newest first', async () => {
  await api.send('POST', '/sites', { id: 'garden', type: 'estate', name: 'Garden' })
  api.time.now += minuteMs
  await api.send('PATCH', '/sites/garden', { name: 'East Garden', address: '1 Lake Road' })
  api.time.now += minuteMs
  await api.send('POST', '/gateways', { id: 'gw-1' })

  const { items } = await get('/audit?subject=garden')
  expect(items.map(({ action }: { action: string }) => action)).toEqual(['site-changed', 'site-added'])
  expect(items[0]).toMatchObject({
    ...{ actor: 'operator', at: new Date(api.time.now - minuteMs).toISOString() },
    ...{ before: { name: 'Garden', address: null }, after: { name: 'East Garden', address: '1 Lake Road' } },
  })
  expect(items[1]).toMatchObject({ before: null, after: { name: 'Garden' } })

  const added = await get('/audit?action=gateway-added&actor=operator')
  expect(added.items).toEqual([expect.objectContaining({ subject: 'gw-1', before: null, after: null })])
  expect(JSON.stringify(added)).not.toMatch(/password|hash/)
  const from = new Date(api.time.now - minuteMs).toISOString()
  expect((await get(`/audit?subject=garden&from=${from}`)).items).toHaveLength(1)
  expect((await get(`/audit?subject=garden&to=${from}`)).items).toHaveLength(1)

  const first = await get('/audit?limit=2')
  const second = await get(`/audit?limit=2&cursor=${first.nextCursor}`)
  expect([...first.items, ...second.items].map(({ subject }) => subject)).toEqual(['gw-1', 'garden', 'garden'])
  expect(second.nextCursor).toBeNull()
  expect((await api.send('GET', '/audit?actor=a&actor=b')).statusCode).toBe(400)
})

test('an operator of one site reads no audit: it holds what everybody did everywhere', async () => {
  await api.addAccount('zhang', [{ role: 'operator', scope: { sites: ['garden'] } }])
  const cookie = await api.signIn('zhang')
  const answer = await api.send('GET', '/audit', undefined, { cookie, 'sec-fetch-site': 'same-origin' })
  expect(answer.statusCode).toBe(403)
})

test('a gateway that was never heard of says so, and not 0', async () => {
  const { items } = await get('/gateways')
  const { liveness } = await get('/gateways/gw-1')
  expect(liveness).toMatchObject({ connected: false, lastMessageAt: null, clockAheadMs: null, messages: 0 })
  expect(items[0].liveness).toEqual(liveness)
})

test('what to enter into a gateway is told: the host that was asked, and the ports of the door', async () => {
  const service = await get('/service')
  expect(service).toEqual({ version: '1.2.3', publicUrl: null, mqtt: { host: 'localhost', port: 1883, tlsPort: null } })
})

test('what a finding asks for is told by finding, and of one that nobody knows nothing', async () => {
  const runbook = await get('/runbooks/elevator/entrapment')
  expect(runbook.finding).toBe('elevator/entrapment')
  expect(runbook.texts.en.sections.map((one: { for: string }) => one.for)).toEqual(['duty-room', 'crew', 'false-alarm'])
  for (const path of ['/runbooks/elevator/none', '/runbooks/..%2F..%2Fpackage.json/x']) {
    expect((await api.send('GET', path)).statusCode, path).toBe(404)
  }
})
